"""What stands on the board, its revisions, and what the glass acknowledged."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from models.tables import (
    Notice,
    Receipt,
    SectionRevision,
)
from models.terms import (
    Section,
)


@dataclass(frozen=True)
class NoticeRow:
    id: int
    group: str
    section: Section
    content: dict[str, Any]
    day: date
    starts: datetime | None
    ends: datetime | None
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
    section: Section
    epoch: int
    rev: int
    seconds: float | None
    at: datetime


def notice(notice_id: int) -> NoticeRow | None:
    """A notice that stands; one that was taken down is not found."""
    found = Notice.get_or_none(Notice.id == notice_id, Notice.taken_down_at.is_null())
    return _notice(found) if found else None


def notices(group: str, section: Section) -> list[NoticeRow]:
    """The notices of a section that stand, of any day, in the order they were written."""
    query = (
        Notice.select()
        .where(Notice.group == group, Notice.section == section, Notice.taken_down_at.is_null())
        .order_by(Notice.id)
    )
    return [_notice(n) for n in query]


def save_notice(notice_id: int | None, **fields: Any) -> NoticeRow:
    """Insert a notice, or change one."""
    fields["content"] = json.dumps(fields["content"], ensure_ascii=False)
    if notice_id is None:
        return _notice(Notice.create(**fields))
    Notice.update(**fields).where(Notice.id == notice_id).execute()
    return _notice(Notice.get_by_id(notice_id))


def end_notice(notice_id: int, at: datetime) -> None:
    Notice.update(taken_down_at=at).where(Notice.id == notice_id).execute()


def overtaken_sections(now: datetime) -> list[tuple[str, Section]]:
    """Sections of which a notice has begun or ended since they were last published."""
    since = SectionRevision.published_at
    query = (
        SectionRevision.select(SectionRevision.group, SectionRevision.section)
        .join(
            Notice,
            on=(
                (Notice.group == SectionRevision.group)
                & (Notice.section == SectionRevision.section)
                & Notice.taken_down_at.is_null()
                & (
                    ((Notice.starts > since) & (Notice.starts <= now))
                    | ((Notice.ends > since) & (Notice.ends <= now))
                )
            ),
        )
        .distinct()
    )
    return [(row.group, Section(row.section)) for row in query]


def sections(group: str) -> dict[Section, SectionRow]:
    """Every section of a group that was ever published."""
    query = SectionRevision.select().where(SectionRevision.group == group)
    return {
        Section(s.section): SectionRow(Section(s.section), s.rev, s.day, s.items, s.published_at)
        for s in query
    }


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


def _notice(row: Any) -> NoticeRow:
    return NoticeRow(
        id=row.id,
        group=row.group,
        section=Section(row.section),
        content=json.loads(row.content),
        day=row.day,
        starts=row.starts,
        ends=row.ends,
        by=row.by,
        at=row.at,
    )


def keep_first_receipt(receipt: ReceiptRow) -> None:
    """Keep a board's newest receipt of a section; one for the same revision changes nothing."""
    board_and_section = (Receipt.board == receipt.board) & (Receipt.section == receipt.section)
    known = Receipt.get_or_none(board_and_section)
    if known and (known.epoch, known.rev) == (receipt.epoch, receipt.rev):
        return
    Receipt.insert(**asdict(receipt)).on_conflict(
        conflict_target=[Receipt.board, Receipt.section],
        preserve=[Receipt.epoch, Receipt.rev, Receipt.seconds, Receipt.at],
    ).execute()


def receipts() -> list[ReceiptRow]:
    return [
        ReceiptRow(r.board, Section(r.section), r.epoch, r.rev, r.seconds, r.at)
        for r in Receipt.select().order_by(Receipt.board)
    ]
