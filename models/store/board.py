"""What stands on the board, its revisions, and what the glass acknowledged."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from models.store.prepared import insert, prepared, put, update
from models.tables import (
    BoardGroup,
    Notice,
    NoticeVersion,
    Receipt,
    SectionRevision,
)
from models.terms import (
    Audience,
    Section,
)


@dataclass(frozen=True)
class GroupRow:
    """Boards that show the same, and who reads them."""

    name: str
    audience: Audience


@dataclass(frozen=True)
class NoticeRow:
    """One line of the board. No `groups` are all of them; no `weekdays` are every day from `day`
    until `until_day`, and without that it belongs to its `day` alone."""

    id: int
    groups: tuple[str, ...]
    section: Section
    content: dict[str, Any]
    day: date
    starts: datetime | None
    ends: datetime | None
    weekdays: tuple[int, ...]
    until_day: date | None
    draft: bool
    by: str
    at: datetime

    def addresses(self, group: str) -> bool:
        return not self.groups or group in self.groups


@dataclass(frozen=True)
class VersionRow:
    """A line as it was left by what was done then, by whom and when."""

    id: int
    what: str
    line: NoticeRow
    by: str
    at: datetime


@dataclass(frozen=True)
class SectionRow:
    section: Section
    rev: int
    day: date
    items: int
    published_at: datetime


@dataclass(frozen=True)
class ReceiptRow:
    board: str
    group: str
    section: Section
    epoch: int
    rev: int
    seconds: float | None
    at: datetime


# --- groups --------------------------------------------------------------------------------------


def board_groups() -> list[GroupRow]:
    """Every group, in the order of their names."""
    return [GroupRow(g.name, Audience(g.audience)) for g in BoardGroup.select().order_by("name")]


def board_group(name: str) -> GroupRow | None:
    found = BoardGroup.get_or_none(BoardGroup.name == name)
    return GroupRow(found.name, Audience(found.audience)) if found else None


def save_board_group(name: str, audience: Audience) -> None:
    """Make a group, or change who reads it."""
    BoardGroup.insert(name=name, audience=audience).on_conflict(
        conflict_target=[BoardGroup.name], preserve=[BoardGroup.audience]
    ).execute()


# --- lines ---------------------------------------------------------------------------------------


def notice(notice_id: int) -> NoticeRow | None:
    """A notice that stands; one that was taken down is not found."""
    found = _standing(notice_id)
    return _notice(found[0]) if found else None


@prepared
def _standing(notice_id: int) -> Any:
    return Notice.select().where(Notice.id == notice_id, Notice.taken_down_at.is_null())


def notices(section: Section) -> list[NoticeRow]:
    """The notices of a section that stand, of any group and any day, drafts too, in the order they
    were written."""
    return [_notice(n) for n in _of_section(section)]


@prepared
def _of_section(section: Section) -> Any:
    stands = Notice.section == section, Notice.taken_down_at.is_null()
    return Notice.select().where(*stands).order_by(Notice.id)


def save_notice(notice_id: int | None, **fields: Any) -> NoticeRow:
    """Insert a notice, or change one; one that was taken down stands again."""
    fields["content"] = json.dumps(fields["content"], ensure_ascii=False)
    fields["groups"] = " ".join(fields["groups"])
    fields["weekdays"] = "".join(str(day) for day in fields["weekdays"])
    if notice_id is None:
        notice_id = insert(Notice, **fields)
    else:
        update(Notice, notice_id, **fields, taken_down_at=None)
    return _notice(_standing(notice_id)[0])


def end_notice(notice_id: int, at: datetime) -> None:
    Notice.update(taken_down_at=at).where(Notice.id == notice_id).execute()


def changing_notices(since: datetime, day: date) -> list[NoticeRow]:
    """The notices that may have begun or ended by themselves since a moment on that `day`."""
    timed = (Notice.starts > since) | (Notice.ends > since)
    of_days = Notice.until_day.is_null(False) | (Notice.day > day)
    query = Notice.select().where(Notice.taken_down_at.is_null(), ~Notice.draft, timed | of_days)
    return [_notice(n) for n in query]


def oldest_publication() -> datetime | None:
    """When the section was published that was published longest ago."""
    oldest = SectionRevision.select().order_by(SectionRevision.published_at).first()
    return oldest.published_at if oldest else None


def keep_version(line: NoticeRow, what: str, by: str, at: datetime) -> None:
    """Append to a line's history how it is left now."""
    fields = asdict(line) | {"notice": line.id, "what": what, "by": by, "at": at}
    del fields["id"]
    fields["content"] = json.dumps(line.content, ensure_ascii=False)
    fields["groups"] = " ".join(line.groups)
    fields["weekdays"] = "".join(str(day) for day in line.weekdays)
    insert(NoticeVersion, **fields)


def version(version_id: int) -> VersionRow | None:
    found = NoticeVersion.get_or_none(NoticeVersion.id == version_id)
    return _version(found) if found else None


def versions(limit: int, notice_id: int | None = None) -> list[VersionRow]:
    """What was done to the board, or to one line of it; the newest first."""
    query = NoticeVersion.select().order_by(NoticeVersion.id.desc()).limit(limit)
    if notice_id is not None:
        query = query.where(NoticeVersion.notice == notice_id)
    return [_version(v) for v in query]


def _version(row: Any) -> VersionRow:
    return VersionRow(row.id, row.what, _notice(row, row.notice), row.by, row.at)


def _notice(row: Any, notice_id: int | None = None) -> NoticeRow:
    return NoticeRow(
        id=row.id if notice_id is None else notice_id,
        groups=tuple(row.groups.split()),
        section=Section(row.section),
        content=json.loads(row.content),
        day=row.day,
        starts=row.starts,
        ends=row.ends,
        weekdays=tuple(int(day) for day in row.weekdays),
        until_day=row.until_day,
        draft=row.draft,
        by=row.by,
        at=row.at,
    )


# --- what was published, and what is on the glass ------------------------------------------------


def sections(group: str) -> dict[Section, SectionRow]:
    """Every section of a group that was ever published."""
    return {
        Section(s.section): SectionRow(Section(s.section), s.rev, s.day, s.items, s.published_at)
        for s in _of_group(group)
    }


@prepared
def _of_group(group: str) -> Any:
    return SectionRevision.select().where(SectionRevision.group == group)


def groups() -> list[str]:
    """The groups that anything was ever published to."""
    query = SectionRevision.select(SectionRevision.group).distinct()
    return [row.group for row in query]


def next_revision(group: str, section: Section, day: date, items: int, at: datetime) -> int:
    """Count a section's revision up, and return it."""
    key = {"group": group, "section": section}
    row, made = SectionRevision.get_or_create(  # type: ignore[no-untyped-call]
        **key, defaults={"rev": 1, "day": day, "items": items, "published_at": at}
    )
    if not made:
        row.rev, row.day, row.items, row.published_at = row.rev + 1, day, items, at
        row.save()
    return int(row.rev)


def keep_first_receipts(receipts: Iterable[ReceiptRow]) -> None:
    """Keep each board's newest receipt of a section; one for the same revision changes nothing."""
    for receipt in receipts:
        put(Receipt, ("board", "section"), ("group", "epoch", "rev"), **vars(receipt))


def receipts() -> list[ReceiptRow]:
    return [
        ReceiptRow(r.board, r.group, Section(r.section), r.epoch, r.rev, r.seconds, r.at)
        for r in Receipt.select().order_by(Receipt.board)
    ]
