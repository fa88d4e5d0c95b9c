"""Publishing to the board (電子信息欄, the seed's 8.1): what the desk does to its lines.

A change, its place in the history and the sections that it changes (see `controller.sections`) are
one transaction.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from controller import days, sections, webhooks
from controller.core import Core, Refusal
from models import store
from models.store import NoticeRow
from models.terms import Happening, Section

MOST_ROWS = 60
"""Rows in a section. At eight rows a page, more would take minutes to come round."""
MOST_DAYS = 366
"""From the first day of a line that comes back until its last."""
_ROW_FACTS = {"id", "by", "at", "until"}
_TOLD = {
    "published": Happening.NOTICE_PUBLISHED,
    "restored": Happening.NOTICE_PUBLISHED,
    "edited": Happening.NOTICE_EDITED,
}
"""What other programs are told of what was done to a line."""


class Plan(TypedDict, total=False):
    """Where and when a line is shown. `groups`: names, none for all of them. `day`: today, or a
    later one to prepare. `starts`, `ends`: moments of that day. `until_day`, `weekdays`: it comes
    back until then, on these (0 is Monday) or on every day. A `draft` is on no board."""

    groups: tuple[str, ...]
    day: date | None
    starts: datetime | None
    ends: datetime | None
    weekdays: tuple[int, ...]
    until_day: date | None
    draft: bool


def publish(
    core: Core,
    section: Section,
    content: dict[str, Any],
    by: str,
    now: datetime,
    **plan: Unpack[Plan],
) -> NoticeRow:
    """Put a new line on the board. Raises Refusal: bad_content (with its field), unknown_group,
    ends_before_start, in_the_past, no_such_day, too_many_days, section_full."""
    with store.transaction():
        line = drawn_up(core, section, content, by, now, **plan)
        if len(standing(core, section, now)) >= MOST_ROWS:
            raise Refusal("section_full")
        what = "drafted" if line.draft else "published"
        notice = _save(core, None, line, what, now)
    core.committed("board")
    return notice


def edit(
    core: Core,
    notice_id: int,
    content: dict[str, Any],
    by: str,
    now: datetime,
    **plan: Unpack[Plan],
) -> NoticeRow:
    """Change a line, or publish a draft. Raises Refusal: not_found, and what `publish` raises."""
    with store.transaction():
        old = _standing(notice_id)
        line = drawn_up(core, old.section, content, by, now, **plan)
        what = "drafted" if line.draft else "published" if old.draft else "edited"
        notice = _save(core, old, line, what, now)
    core.committed("board")
    return notice


def say_state(core: Core, notice_id: int, state: str, by: str, now: datetime) -> NoticeRow:
    """A car or a person is in another state by now: one tap. Where somebody was, and until when,
    was said of the state before. Raises Refusal: not_found, bad_content."""
    with store.transaction():
        old = _standing(notice_id)
        if "state" not in old.content:
            raise Refusal("bad_content", "state")
        content = old.content | {"state": state}
        if old.section is Section.WHEREABOUTS:
            content |= {"place": "", "back": None}
        line = replace(old, content=content, by=by, at=now)
        sections.row_of(line)
        notice = _save(core, old, line, "edited", now)
    core.committed("board")
    return notice


def issue(core: Core, notice_id: int, by: str, now: datetime) -> NoticeRow:
    """Publish a draft; one left over from a former day, for today. Raises Refusal: not_found,
    over_by_now."""
    with store.transaction():
        old = _standing(notice_id)
        line = replace(_for_today(core, old, now), by=by, at=now, draft=False)
        if days.is_over(line, now, core.settings.zone):
            raise Refusal("over_by_now")
        notice = _save(core, old, line, "published", now)
    core.committed("board")
    return notice


def take_down(core: Core, notice_id: int, by: str, now: datetime) -> None:
    """Take a line off the board. Raises Refusal: not_found."""
    with store.transaction():
        old = _standing(notice_id)
        store.end_notice(notice_id, now)
        store.record(now, by, "taken_down", old.section, notice=notice_id)
        store.keep_version(old, "taken_down", by, now)
        if not old.draft:
            webhooks.notice(Happening.NOTICE_TAKEN_DOWN, old, by, now)
        sections.put(core, old.section, _groups(core, old), now)
    core.committed("board")


def restore(core: Core, version_id: int, by: str, now: datetime) -> NoticeRow:
    """Put a line back as it was; one of a former day is put on today's board, at the same times.
    Raises Refusal: not_found, over_by_now, section_full."""
    with store.transaction():
        version = store.version(version_id)
        if version is None:
            raise Refusal("not_found")
        line = replace(_for_today(core, version.line, now), by=by, at=now)
        if days.is_over(line, now, core.settings.zone):
            raise Refusal("over_by_now")
        old = store.notice(line.id)
        if old is None and len(standing(core, line.section, now)) >= MOST_ROWS:
            raise Refusal("section_full")
        notice = _save(core, old, line, "restored", now)
    core.committed("board")
    return notice


def standing(core: Core, section: Section, now: datetime) -> list[NoticeRow]:
    """The lines of a section that the desk can still change: today's, later ones, drafts."""
    zone = core.settings.zone
    return [notice for notice in store.notices(section) if not days.is_over(notice, now, zone)]


def drawn_up(
    core: Core,
    section: Section,
    content: dict[str, Any],
    by: str,
    now: datetime,
    **plan: Unpack[Plan],
) -> NoticeRow:
    """A line as it would be published, nothing written yet. Raises Refusal as `publish` does."""
    starts, ends = plan.get("starts"), plan.get("ends")
    day = plan.get("day") or core.local(starts or now).date()
    groups = _known(core, plan.get("groups", ()))
    line = NoticeRow(
        id=1,
        groups=groups,
        section=section,
        content=content,
        day=day,
        starts=starts,
        ends=ends,
        weekdays=tuple(sorted(set(plan.get("weekdays", ())))),
        until_day=plan.get("until_day"),
        draft=plan.get("draft", False),
        by=by,
        at=now,
    )
    _check_times(core, line, now)
    # An emergency's row needs its end to be one; what is kept is what the row says, cleaned.
    cleaned = sections.row_of(line).model_dump(mode="json", exclude=_ROW_FACTS)
    return replace(line, content=cleaned)


def _for_today(core: Core, line: NoticeRow, now: datetime) -> NoticeRow:
    today = core.local(now).date()
    if line.until_day is None and line.day < today and line.section in days.MOMENTS:
        return days.moved(line, today, core.settings.zone)
    return line


def _check_times(core: Core, line: NoticeRow, now: datetime) -> None:
    if line.day < core.local(now).date():
        raise Refusal("in_the_past", "day")
    if line.ends is not None and line.ends <= (line.starts or line.at):
        raise Refusal("ends_before_start", "ends")
    if line.until_day is None:
        if line.ends is not None and line.ends <= now:
            raise Refusal("ends_before_start", "ends")
        return
    if line.until_day < line.day:
        raise Refusal("ends_before_start", "until_day")
    if (line.until_day - line.day).days >= MOST_DAYS:
        raise Refusal("too_many_days", "until_day", most=MOST_DAYS)
    first_week = range(min(7, (line.until_day - line.day).days + 1))
    if line.weekdays and not any((line.day.weekday() + n) % 7 in line.weekdays for n in first_week):
        raise Refusal("no_such_day", "weekdays")


def _known(core: Core, groups: tuple[str, ...]) -> tuple[str, ...]:
    names = [group.name for group in sections.groups(core)]
    if not set(groups) <= set(names):
        raise Refusal("unknown_group", "groups")
    return tuple(name for name in names if name in groups)


def _groups(core: Core, *lines: NoticeRow) -> list[str]:
    return [
        group.name
        for group in sections.groups(core)
        if any(line.addresses(group.name) for line in lines)
    ]


def _standing(notice_id: int) -> NoticeRow:
    if (notice := store.notice(notice_id)) is None:
        raise Refusal("not_found")
    return notice


def _save(
    core: Core, old: NoticeRow | None, line: NoticeRow, what: str, now: datetime
) -> NoticeRow:
    """Keep a line, its history, and what it changes of the board; in the caller's transaction."""
    fields = {name: getattr(line, name) for name in NoticeRow.__dataclass_fields__ if name != "id"}
    known = old.id if old else line.id if what == "restored" else None
    notice = store.save_notice(known, **fields)
    store.record(now, line.by, what, line.section, notice=notice.id)
    store.keep_version(notice, what, line.by, now)
    if not notice.draft:
        webhooks.notice(_TOLD[what], notice, line.by, now)
    # A draft that stays one changes no board.
    if not (notice.draft and (old is None or old.draft)):
        sections.put(core, line.section, _groups(core, *filter(None, (old, notice))), now)
    return notice
