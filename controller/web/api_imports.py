"""The part of the JSON API that imports lists of expected visitors."""

from datetime import datetime

from fastapi import APIRouter, Depends, Request

from controller import importing
from controller.core import Core
from controller.importing import Outcome
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import ImportIn
from controller.web.language import language_of
from controller.web.moments import read
from controller.web.problems import CONFLICT, RESPONSES, WRITES, Refused
from controller.web.times import now
from controller.web.view import View
from models.importing import Unreadable

router = APIRouter(
    prefix="/api/imports",
    responses=RESPONSES | WRITES | CONFLICT,
    dependencies=[Depends(auth.signed_in)],
    tags=["visits"],
)


@router.post("/preview", summary="What an import would make of each line; nothing is kept")
def preview(core: Desk, user: User, body: ImportIn, request: Request) -> answers.Imported:
    return _run(core, body, user.display, request, keep=False)


@router.post("", summary="Make the appointments of a list, in one transaction, none of them twice")
def keep(core: Desk, user: User, body: ImportIn, request: Request) -> answers.Imported:
    return _run(core, body, user.display, request, keep=True)


def _run(core: Core, body: ImportIn, by: str, request: Request, *, keep: bool) -> answers.Imported:
    moment = now()
    zone = core.settings.zone

    def read_time(text: str) -> datetime:
        return read(text).at(zone, moment)

    try:
        outcomes = importing.run(core, body.content, read_time, by, moment, keep=keep)
    except Unreadable as unreadable:
        raise Refused(422, f"file_{unreadable.code}", **unreadable.places) from None
    view = View(language_of(request, core.settings), zone, moment)
    return answers.Imported(
        good=sum(outcome.good for outcome in outcomes),
        known=sum(outcome.known for outcome in outcomes),
        bad=sum(bool(outcome.problem) for outcome in outcomes),
        lines=[_line(view, outcome) for outcome in outcomes],
    )


def _line(view: View, outcome: Outcome) -> answers.ImportLine:
    entry = outcome.entry
    words = view.t("line_known") if outcome.known else ""
    if outcome.problem:
        words = view.t(f"line_{outcome.problem}", **outcome.places)
    when = ""
    if entry.starts:
        when = view.span(entry.starts, entry.ends) if entry.ends else view.clock(entry.starts)
    return answers.ImportLine(
        line=entry.line,
        name=entry.name,
        organisation=entry.organisation,
        party=entry.party or "1",
        host=outcome.host or entry.host,
        room=entry.room,
        when=when,
        good=outcome.good,
        known=outcome.known,
        words=words,
    )
