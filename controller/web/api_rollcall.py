"""The JSON API and the page of roll calls at the desk."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from controller import rollcall
from controller.core import Core
from controller.web import auth
from controller.web import rollcall as web
from controller.web.api import Desk, User
from controller.web.language import language_of
from controller.web.moments import now
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from controller.web.view import View
from models.terms import Presence

router = APIRouter(
    prefix="/api/rollcall",
    tags=["roll call"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)
page_router = APIRouter(include_in_schema=False)


@router.get("", summary="Who is inside or unknown, where, and what was marked")
def roll_call(core: Desk) -> web.RollCall:
    return _roll_call(core)


@router.post("", summary="Begin a roll call, or join the one that is going on", responses=WRITES)
def begin(core: Desk, user: User) -> web.RollCall:
    rollcall.begin(core, user.display, now())
    return _roll_call(core)


@router.post(
    "/marks",
    summary="Found, not found, or taken back, as often as a phone likes: a repeat changes nothing",
    responses=WRITES,
)
def mark(core: Desk, user: User, body: web.MarksIn) -> web.RollCall:
    rollcall.mark(core, [one.as_mark() for one in body.marks], user.display, now())
    return _roll_call(core)


@router.post("/end", summary="End it; its figures are kept", responses=WRITES | CONFLICT)
def end(core: Desk, user: User) -> web.RollCall:
    rollcall.end(core, user.display, now())
    return _roll_call(core)


@page_router.get("/rollcall")
def page(core: Desk, request: Request) -> Response:
    view = View(language_of(request, core.settings), core.settings.zone, now())
    return web.page(view, core.settings, core.settings.board.place)


@page_router.get("/rollcall-worker.js")
def worker() -> Response:
    return web.worker()


def _roll_call(core: Core) -> web.RollCall:
    moment = now()
    standing = rollcall.roll_now(moment)
    people = [
        web.RollPerson(
            number=row.number,
            name=row.name,
            destination=row.destination,
            host=row.host,
            presence=row.presence or Presence.OUT,
            since=row.entered_at or row.issued_at,
            left_at=row.left_at,
            overdue=row.overdue(moment),
        )
        for row in standing.people
    ]
    return web.RollCall(
        now=moment,
        kept_until=rollcall.kept_until(core, moment),
        roll=web.Roll.model_validate(standing.roll) if standing.roll else None,
        people=people,
        marks=[web.RollMark.model_validate(one) for one in standing.marks],
    )
