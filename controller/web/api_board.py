"""The part of the JSON API that publishes: lines with their days and groups, drafts, preview,
history."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from controller import checking, days, previewing, publishing, sections
from controller.checking import Finding
from controller.core import Core, Refusal
from controller.publishing import Plan
from controller.repeats import once
from controller.web import answers, auth
from controller.web.api import Desk, Speaks, User
from controller.web.bodies import CONTENTS, Anyway, Panel, Publication, RowId, StateIn, Trial
from controller.web.moments import Written
from controller.web.problems import CONFLICT, RESPONSES, WRITES, LookFirst, Refused, in_words
from controller.web.times import at
from controller.web.times import now as moment
from controller.web.view import View
from models import store
from models.notices import DAILY
from models.store import GroupRow, NoticeRow
from models.terms import Language, Section

router = APIRouter(
    prefix="/api", tags=["board"], responses=RESPONSES, dependencies=[Depends(auth.signed_in)]
)


@router.get("/board/{section}", summary="The lines of a section, drafts and later ones too")
def lines(core: Desk, section: Panel) -> list[answers.Notice]:
    standing = publishing.standing(core, section, moment())
    return [answers.Notice.model_validate(notice) for notice in standing]


@router.post(
    "/board/{section}",
    summary="Publish a line; every screen of its groups gets it at once",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def publish(
    core: Desk, user: User, language: Speaks, section: Panel, body: Publication
) -> answers.Notice:
    now = moment()
    content, plan = _content(core, section, body, now), _plan(core, body, now)
    line = publishing.drawn_up(core, section, content, user.display, now, **plan)
    found: list[Finding] = []

    def put() -> NoticeRow:
        found.extend(_judged(core, line, previewing.NEW, body, now))
        return publishing.publish(core, section, content, user.display, now, **plan)

    return _said(once(body.id, now, put, _as_it_was_left), language, found)


@router.put(
    "/notices/{notice_id}",
    summary="Change a line; what is left out of its plan stays as it is, and a draft stays one",
    responses=WRITES | CONFLICT,
)
def edit(
    core: Desk, user: User, language: Speaks, notice_id: RowId, body: Publication
) -> answers.Notice:
    now = moment()
    # No other change comes between looking and writing.
    with store.transaction():
        return _edited(core, user, language, notice_id, body, now)


def _edited(
    core: Core, user: auth.Caller, language: Language, notice_id: int, body: Publication,
    now: datetime,
) -> answers.Notice:  # fmt: skip
    old = _standing(notice_id)
    if not body.anyway and body.seen is not None and body.seen != old.at:
        raise LookFirst([_changed(core, old, language, now)])
    body = _with_its_plan(core, old, body, now)
    content, plan = _content(core, old.section, body, now), _plan(core, body, now)
    line = publishing.drawn_up(core, old.section, content, user.display, now, **plan)
    found = _judged(core, line, notice_id, body, now)
    row = publishing.edit(core, notice_id, content, user.display, now, **plan)
    return _said(row, language, found)


@router.delete(
    "/notices/{notice_id}",
    summary="Take a line down",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def take_down(core: Desk, user: User, notice_id: RowId) -> None:
    publishing.take_down(core, notice_id, user.display, moment())


@router.put(
    "/notices/{notice_id}/state",
    summary="A car or a person is in another state: one tap",
    responses=WRITES | CONFLICT,
)
def say_state(core: Desk, user: User, notice_id: RowId, body: StateIn) -> answers.Notice:
    row = publishing.say_state(core, notice_id, body.state, user.display, moment())
    return answers.Notice.model_validate(row)


@router.post("/notices/{notice_id}/publish", summary="Publish a draft", responses=WRITES | CONFLICT)
def issue(
    core: Desk, user: User, language: Speaks, notice_id: RowId, body: Anyway
) -> answers.Notice:
    now, draft = moment(), _standing(notice_id)
    found = checking.look(core, draft, now)
    if not body.anyway:
        _ask(found)
    return _said(publishing.issue(core, notice_id, user.display, now), language, found)


@router.post(
    "/board/{section}/preview",
    summary="How a board would show a line, and what is worth knowing before",
    responses=WRITES,
)
def preview(
    core: Desk, user: User, language: Speaks, section: Panel, body: Trial
) -> answers.Preview:
    now = moment()
    content, plan = _content(core, section, body, now), _plan(core, body, now)
    line = publishing.drawn_up(core, section, content, user.display, now, **plan)
    line = _with_id(line, body.notice or previewing.NEW)
    found = checking.look(core, line, now)
    size = previewing.PORTRAIT if body.portrait else previewing.LANDSCAPE
    return answers.Preview(
        svg=previewing.preview(core, _group(core, body.group), size, now, line, body.turns),
        at=previewing.first_moment(core, line, now),
        warnings=in_words(language, found),
    )


@router.get("/notices/history", summary="What was done to the board, by whom and when")
def history(
    notice: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[answers.Version]:
    return [answers.Version.model_validate(row) for row in store.versions(limit, notice)]


@router.post(
    "/notices/history/{version_id}/restore",
    summary="Put a line back as it was",
    responses=WRITES | CONFLICT,
)
def restore(core: Desk, user: User, version_id: RowId) -> answers.Notice:
    row = publishing.restore(core, version_id, user.display, moment())
    return answers.Notice.model_validate(row)


def _with_its_plan(core: Core, old: NoticeRow, body: Publication, now: datetime) -> Publication:
    """The change with what it leaves out, as the line has it. One that comes back, or is left over
    from a former day, goes on today."""
    today, day = core.local(now).date(), body.day
    # A reminder that stands begins and ends at moments of its own, whatever its day.
    stands = old.section not in DAILY and old.until_day is None
    if day is None and (stands or old.until_day or old.day != today):
        day = max(old.day, today)
    line = days.moved(old, day, core.settings.zone) if day and not stands else old
    kept = {
        "show_from": line.starts and Written(line.starts),
        "show_until": line.ends and Written(line.ends),
        "until_day": line.until_day,
        "weekdays": list(line.weekdays),
        "groups": list(line.groups),
        "draft": line.draft,
    }
    left_out = {name: said for name, said in kept.items() if name not in body.model_fields_set}
    if line.section is Section.VISITS and isinstance(body.content, dict):
        left_out["content"] = {"open": line.content["open"], **body.content}
    return body.model_copy(update=left_out | {"day": day})


def _changed(core: Core, line: NoticeRow, language: Language, now: datetime) -> Finding:
    """Somebody else has changed the line since it was looked at: by whom, when and to what."""
    view = View(language, core.settings.zone, now)
    places = {"by": line.by, "clock": view.clock(line.at), "line": " ".join(view.line(line))}
    return Finding("changed", places=places)


def _as_it_was_left(notice_id: int) -> NoticeRow | None:
    return next((version.line for version in store.versions(1, notice_id)), None)


def _judged(
    core: Core, line: NoticeRow, line_id: int, body: Publication, now: datetime
) -> list[Finding]:
    """What is worth knowing of the line. Raises LookFirst where the desk has not seen it yet."""
    found = checking.look(core, _with_id(line, line_id), now)
    if not (body.anyway or body.draft):
        _ask(found)
    return found


def _ask(found: list[Finding]) -> None:
    if any(finding.asks for finding in found):
        raise LookFirst(found)


def _with_id(line: NoticeRow, line_id: int) -> NoticeRow:
    return replace(line, id=line_id)


def _said(row: NoticeRow, language: Language, found: list[Finding]) -> answers.Notice:
    said = answers.Notice.model_validate(row)
    return said.model_copy(update={"warnings": in_words(language, found)})


def _group(core: Core, name: str | None) -> GroupRow:
    wanted = name or core.settings.board.group
    for group in sections.groups(core):
        if group.name == wanted:
            return group
    raise Refusal("unknown_group", "group")


def _standing(notice_id: int) -> NoticeRow:
    if (notice := store.notice(notice_id)) is None:
        raise Refused(404, "not_found")
    return notice


def _content(core: Core, section: Section, body: Publication, now: datetime) -> dict[str, object]:
    """The section's fields, each time placed in the site's zone and on the line's day. Raises as a
    form's field does."""
    content = CONTENTS[section].model_validate(body.content)
    fields = {name: getattr(content, name) for name in type(content).model_fields}
    base = _on_its_day(core, body, now)
    return {
        name: at(core, name, value, base) if isinstance(value, Written) else value
        for name, value in fields.items()
    }


def _plan(core: Core, body: Publication, now: datetime) -> Plan:
    """Where and when a line is to be shown."""
    base = _on_its_day(core, body, now)
    starts = at(core, "show_from", body.show_from, base) if body.show_from else None
    ends = at(core, "show_until", body.show_until, base) if body.show_until else None
    if ends is not None and ends <= (starts or now) and (starts or not body.until_day):
        raise Refusal("ends_before_start", "show_until")
    return Plan(
        groups=tuple(body.groups),
        day=body.day,
        starts=starts,
        ends=ends,
        weekdays=tuple(body.weekdays),
        until_day=body.until_day,
        draft=body.draft,
    )


def _on_its_day(core: Core, body: Publication, now: datetime) -> datetime:
    if body.day is None:
        return now
    return datetime.combine(body.day, core.local(now).time(), core.settings.zone)
