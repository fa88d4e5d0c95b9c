"""One's own calendar of expected visits: its address is made on one's account, and read by any
calendar that subscribes to it, without signing in."""

import hashlib

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from controller import feeds
from controller.web import answers, auth, links, rights
from controller.web.api import Desk, Person
from controller.web.problems import CONFLICT, RESPONSES, WRITES, Refused
from controller.web.times import now

router = APIRouter(
    prefix="/api/account",
    tags=["people"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)
page_router = APIRouter(include_in_schema=False)


@router.post(
    "/calendar",
    summary="A new address for one's own calendar of expected visits; told only now",
    status_code=201,
    responses=WRITES,
)
def make(core: Desk, user: Person) -> answers.CalendarLink:
    return answers.CalendarLink(url=feeds.make_link(core, user, now()))


@router.delete(
    "/calendar",
    summary="One's own calendar's address leads nowhere from now on",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def revoke(user: Person) -> None:
    feeds.revoke_link(user, now())


@page_router.get("/f/{token}.ics")
def read(core: Desk, request: Request, token: str) -> Response:
    user = feeds.owner(token, now())
    # Who has another role by now sees no more by this than on the page.
    if user is None or not rights.may(user, "GET /api/appointments"):
        links.count_unknown(request)
        raise Refused(404, "not_found")
    text = feeds.calendar(core, now())
    tag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"etag": tag})
    return Response(text, media_type="text/calendar", headers={"etag": tag})
