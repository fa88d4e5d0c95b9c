"""Publishing to the board (電子信息欄, the seed's 8.1): notices in, whole sections out.

A section is always published whole, under a new revision, together with the manifest and in the
transaction that changed it. What has begun or ended by itself is published by `refresh`.
"""

import logging
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from controller.core import Core, Refusal
from models import store
from models.messages import ROWS, Manifest, Row, Shown, Snapshot, TooLarge, encode
from models.store import NoticeRow, ReceiptRow
from models.terms import Section

log = logging.getLogger(__name__)

MOST_ROWS = 60
"""Rows in a section. At eight rows a page, more would take minutes to come round."""
_ROW_FACTS = {"id", "by", "at", "until"}


def publish(
    core: Core,
    section: Section,
    content: dict[str, Any],
    by: str,
    now: datetime,
    *,
    starts: datetime | None = None,
    ends: datetime | None = None,
    group: str | None = None,
) -> NoticeRow:
    """Put a new line on the board. Raises Refusal: bad_content (with its field),
    ends_before_start, section_full."""
    group = group or core.settings.board.group
    fields = _fields(core, section, content, by, now, starts, ends)
    with store.transaction():
        if len(standing(core, section, now, group)) >= MOST_ROWS:
            raise Refusal("section_full")
        notice = store.save_notice(None, group=group, section=section, **fields)
        store.record(now, by, "published", section, notice=notice.id)
        _put_section(core, group, section, now)
    core.committed("board")
    return notice


def edit(
    core: Core,
    notice_id: int,
    content: dict[str, Any],
    by: str,
    now: datetime,
    *,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> NoticeRow:
    """Change a line. Raises Refusal: not_found, bad_content, ends_before_start."""
    with store.transaction():
        old = _standing(notice_id)
        fields = _fields(core, old.section, content, by, now, starts, ends)
        notice = store.save_notice(notice_id, **fields)
        store.record(now, by, "edited", old.section, notice=notice_id)
        _put_section(core, old.group, old.section, now)
    core.committed("board")
    return notice


def take_down(core: Core, notice_id: int, by: str, now: datetime) -> None:
    """Take a line off the board. Raises Refusal: not_found."""
    with store.transaction():
        old = _standing(notice_id)
        store.end_notice(notice_id, now)
        store.record(now, by, "taken_down", old.section, notice=notice_id)
        _put_section(core, old.group, old.section, now)
    core.committed("board")


def standing(
    core: Core, section: Section, now: datetime, group: str | None = None
) -> list[NoticeRow]:
    """The lines of a section that the desk can still change: today's, and those yet to begin."""
    today = core.local(now).date()
    return [
        notice
        for notice in store.notices(group or core.settings.board.group, section)
        if (notice.day >= today or section is Section.REMINDERS) and not _over(notice, now)
    ]


def begin(core: Core) -> None:
    """Have a manifest, if only an empty one: without it a board asks for everything again."""
    group = core.settings.board.group
    if not store.sections(group):
        manifest = Manifest(group=group, epoch=store.epoch(), sections={})
        with store.transaction():
            store.queue([encode(manifest, core.settings.site)])


def refresh(core: Core, now: datetime) -> None:
    """Publish again what a notice has entered or left by its own times."""
    overtaken = store.overtaken_sections(now)
    if not overtaken:
        return
    with store.transaction():
        for group, section in overtaken:
            _put_section(core, group, section, now)
    core.committed("board")


def renew(core: Core, section: Section, before: date, now: datetime) -> None:
    """Replace snapshots of days before `before`, which the broker still holds, by what stands now;
    in the caller's transaction."""
    for group in store.groups():
        last = store.sections(group).get(section)
        if last and last.day < before and last.items:
            _put_section(core, group, section, now)


def shown(core: Core, receipt: Shown, now: datetime) -> None:
    """A glass receipt. One for a revision that we have not reached yet proves that this database
    was restored from a backup, so a new epoch begins and everything is published anew."""
    current = store.sections(core.settings.board.group).get(receipt.section)
    with store.transaction():
        ahead = receipt.epoch == store.epoch() and receipt.rev > (current.rev if current else 0)
        if ahead:
            log.warning("board %s is ahead of us: this database was restored", receipt.board)
            _publish_anew(core, now)
        up_to_date = current and (receipt.epoch, receipt.rev) == (store.epoch(), current.rev)
        seconds = (now - current.published_at).total_seconds() if current and up_to_date else None
        # The first receipt of a revision tells how long it took; a board repeats itself after a
        # reconnect.
        store.keep_first_receipt(
            ReceiptRow(receipt.board, receipt.section, receipt.epoch, receipt.rev, seconds, now)
        )
    core.committed("screens")
    if ahead:
        core.committed("board")


def _publish_anew(core: Core, now: datetime) -> None:
    store.new_epoch()
    for group in store.groups():
        for section in store.sections(group):
            _put_section(core, group, section, now)


def _standing(notice_id: int) -> NoticeRow:
    if (notice := store.notice(notice_id)) is None:
        raise Refusal("not_found")
    return notice


def _fields(
    core: Core,
    section: Section,
    content: dict[str, Any],
    by: str,
    now: datetime,
    starts: datetime | None,
    ends: datetime | None,
) -> dict[str, Any]:
    if ends is not None and (ends <= now or (starts is not None and ends <= starts)):
        raise Refusal("ends_before_start", "ends")
    row = _row(section, content, notice_id=1, by=by, at=now, until=None)
    return {
        "content": row.model_dump(mode="json", exclude=_ROW_FACTS),
        "day": core.local(starts or now).date(),
        "starts": starts,
        "ends": ends,
        "by": by,
        "at": now,
    }


def _row(
    section: Section,
    content: dict[str, Any],
    *,
    notice_id: int,
    by: str,
    at: datetime,
    until: datetime | None,
) -> Row:
    facts = {"id": notice_id, "by": by, "at": at, "until": until}
    try:
        return ROWS[section].model_validate_json(to_json(content | facts))
    except (ValidationError, ValueError) as error:
        first = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ()
        raise Refusal("bad_content", str(first[0]) if first else "") from None


def _put_section(core: Core, group: str, section: Section, now: datetime) -> None:
    """Queue a section whole, and the manifest, in the caller's transaction."""
    today = core.local(now).date()
    rows = [
        _row(
            section,
            notice.content,
            notice_id=notice.id,
            by=notice.by,
            at=notice.at,
            until=notice.ends,
        )
        for notice in store.notices(group, section)
        if _visible(notice, today, now)
    ]
    rev = store.next_revision(group, section, today, len(rows), now)
    snapshot = Snapshot[Any](
        group=group,
        section=section,
        epoch=store.epoch(),
        rev=rev,
        day=today,
        published_at=now,
        items=tuple(rows),
    )
    manifest = Manifest(
        group=group,
        epoch=store.epoch(),
        sections={name: row.rev for name, row in store.sections(group).items()},
    )
    try:
        store.queue(encode(message, core.settings.site) for message in (snapshot, manifest))
    except TooLarge:
        raise Refusal("section_full") from None


def _visible(notice: NoticeRow, today: date, now: datetime) -> bool:
    if notice.starts is not None and notice.starts > now:
        return False
    of_today = notice.day == today or notice.section is Section.REMINDERS
    return of_today and not _over(notice, now)


def _over(notice: NoticeRow, now: datetime) -> bool:
    # Whereabouts that ran out stay, marked unconfirmed by the board: blank would be a guess.
    if notice.section is Section.WHEREABOUTS or notice.ends is None:
        return False
    return notice.ends <= now
