"""The JSON API of the duty log (值班記錄表)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from controller import duty
from controller.checking import Finding
from controller.core import Core
from controller.web import answers, auth
from controller.web.api import Desk, Speaks, User
from controller.web.bodies import (
    DeferralIn,
    EntryIn,
    Fields,
    FollowsIn,
    LogCorrectionIn,
    LogVoidIn,
    RowId,
    StageIn,
)
from controller.web.moments import Day
from controller.web.problems import CONFLICT, RESPONSES, WRITES, BadField, LookFirst
from controller.web.times import at, now
from controller.web.view import View
from models import store
from models.duty import FORMS, Asked
from models.terms import Duty, Language, clean

router = APIRouter(
    prefix="/api/log", tags=["log"], responses=RESPONSES, dependencies=[Depends(auth.signed_in)]
)
_MOST = 500


@router.get("", summary="What the log did on a day, the latest first, 500 threads at most")
def log_of_day(
    core: Desk,
    day: Day | None = None,
    kind: Duty | None = None,
    before: Annotated[int, Query(ge=0, le=2**53, description="to turn the page")] = 0,
) -> list[answers.LogThread]:
    on = day or core.local(now()).date()
    start = datetime.combine(on, time(), core.settings.zone)
    found = store.log_of(start, start + timedelta(days=1), _MOST, kind, before)
    return [answers.LogThread.of(thread) for thread in found]


@router.get("/open", summary="What is still to be seen to, the first to fall due first")
def open_log() -> list[answers.LogThread]:
    return [answers.LogThread.of(thread) for thread in store.open_log()]


@router.post(
    "",
    summary="Append what happened; a repeat of the id is not a second entry",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def record(core: Desk, user: User, body: EntryIn) -> answers.LogThread:
    if body.kind is Duty.SHIFT:
        raise BadField("kind", "wrong", table="duty")
    moment = now()
    thread = duty.record(
        core,
        body.kind,
        said_in(FORMS[body.kind].asks, body.fields),
        body.id,
        user.display,
        moment,
        due=at(core, "deadline", body.deadline, moment) if body.deadline else None,
        owner=body.owner,
    )
    return answers.LogThread.of(thread)


@router.post(
    "/{root_id}/stages",
    summary="Take the next stage: passed on, done, called back, handed out, returned",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def advance(
    core: Desk, user: User, language: Speaks, root_id: RowId, body: StageIn
) -> answers.LogThread:
    said = said_in(duty.asked_at(root_id, body.act), body.fields)
    args = (body.act, said, body.id, user.display, now())
    with _as_it_was_seen(core, language, root_id, body):
        return answers.LogThread.of(duty.advance(core, root_id, *args))


@router.post(
    "/{root_id}/deferral",
    summary="Another moment, or another owner, for the next stage",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def defer(
    core: Desk, user: User, language: Speaks, root_id: RowId, body: DeferralIn
) -> answers.LogThread:
    moment = now()
    due = at(core, "deadline", body.deadline, moment)
    args = (due, body.owner, body.reason, body.id, user.display, moment)
    with _as_it_was_seen(core, language, root_id, body):
        return answers.LogThread.of(duty.defer(core, root_id, *args))


@router.post(
    "/{entry_id}/correction",
    summary="Counter-enter what an entry should have said; the entry itself stays",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def correct(
    core: Desk, user: User, language: Speaks, entry_id: RowId, body: LogCorrectionIn
) -> answers.LogThread:
    said = said_in(duty.asked_in(entry_id), body.fields)
    args = (body.reason, body.id, user.display, now())
    with _as_it_was_seen(core, language, entry_id, body):
        return answers.LogThread.of(duty.correct(core, entry_id, said, *args))


@router.post(
    "/{entry_id}/void",
    summary="Counter-enter that an entry should not be; the entry itself stays",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def void(
    core: Desk, user: User, language: Speaks, entry_id: RowId, body: LogVoidIn
) -> answers.LogThread:
    args = (body.reason, body.id, user.display, now())
    with _as_it_was_seen(core, language, entry_id, body):
        return answers.LogThread.of(duty.correct(core, entry_id, None, *args))


@contextmanager
def _as_it_was_seen(
    core: Core, language: Language, entry_id: int, body: FollowsIn
) -> Iterator[None]:
    """What follows an entry, with nothing between looking and writing. Raises LookFirst where its
    thread has gone on since somebody looked at it."""
    with store.transaction():
        entry = store.entry(entry_id)
        known = body.anyway or body.seen is None or store.entry_by_key(body.id)
        if entry and not known:
            thread = duty.thread_of(entry)
            last = thread.entries[-1]
            if last.id != body.seen:
                view = View(language, core.settings.zone, now())
                places = {
                    "by": last.by,
                    "clock": view.clock(last.at),
                    "what": view.duty(f"act_{last.act}"),
                    "said": view.log_fields(duty.asked_of(thread, entry), thread.said(entry)),
                }
                raise LookFirst([Finding("log_changed", places=places)])
        yield


def said_in(asks: Iterable[Asked], fields: Fields) -> dict[str, str]:
    """The fields of a form, cleaned. Raises BadField as any form does."""
    known = {asked.name: asked for asked in asks}
    if unknown := fields.keys() - known.keys():
        raise BadField(min(unknown), "wrong", table="duty")
    said = {}
    for name, asked in known.items():
        text = clean(fields.get(name, ""))
        if asked.needed and not text:
            written = bool(fields.get(name))
            raise BadField(name, "nothing_left" if written else "missing", table="duty")
        if len(text) > asked.longest:
            raise BadField(name, "too_long", table="duty", most=asked.longest)
        said[name] = text
    return said
