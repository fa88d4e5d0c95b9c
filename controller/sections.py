"""Sections as they go out: whole, under a new revision, masked for whoever reads the boards.

Everything here works inside the caller's transaction, so that a line and the sections that it
changes are committed together.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from broker_config import devices as registry
from controller import counter, days
from controller.core import Core, Refusal
from models import store
from models.messages import ROWS, Manifest, Message, Row, Shown, Snapshot, TooLarge, encode
from models.notices import expected, masked
from models.store import GroupRow, NoticeRow, ReceiptRow, SectionRow
from models.terms import Audience, Section

log = logging.getLogger(__name__)


def groups(core: Core) -> list[GroupRow]:
    """Every group of boards. That of this lobby's own board is always there, for the staff until
    somebody says otherwise."""
    known = store.board_groups()
    own = core.settings.board.group
    if own in {group.name for group in known}:
        return known
    return sorted([*known, GroupRow(own, Audience.STAFF)], key=lambda group: group.name)


def staff_group(core: Core) -> GroupRow:
    """The group of this lobby's own board, as its staff would see it."""
    return GroupRow(core.settings.board.group, Audience.STAFF)


def begin(core: Core) -> None:
    """Have a manifest for each group, if only an empty one: without it a board asks for everything
    again."""
    with store.transaction():
        for group in groups(core):
            if not store.sections(group.name):
                store.queue([encode(_manifest(group.name), core.settings.site)])


def save_group(core: Core, name: str, audience: Audience, by: str, now: datetime) -> None:
    """Make a group of boards, or change who reads it; what it shows is published at once."""
    with store.transaction():
        store.save_board_group(name, audience)
        store.record(now, by, "group_saved", name, audience=audience)
        store.queue([encode(_manifest(name), core.settings.site)])
        everywhere = {section for group in store.groups() for section in store.sections(group)}
        for section in sorted(everywhere):
            put(core, section, [name], now)
    core.committed("board", "screens", "devices")


def put(core: Core, section: Section, names: Iterable[str], now: datetime) -> None:
    """Queue a section whole for each of these groups, and their manifests. Raises Refusal:
    section_full."""
    notices = store.notices(section)
    known = {group.name: group for group in groups(core)}
    for name in names:
        if group := known.get(name):
            _put(core, section, group, notices, now)


def refresh(core: Core, now: datetime) -> None:
    """Publish again what a notice has entered or left by its own times."""
    since = store.oldest_publication()
    if since is None:
        return
    candidates = store.changing_notices(since, core.local(since).date())
    due = [
        (group, section)
        for group in store.groups()
        for section, row in store.sections(group).items()
        if any(
            days.overtaken(notice, row.published_at, now, core.settings.zone)
            for notice in candidates
            if notice.section is section and notice.addresses(group)
        )
    ]
    if not due:
        return
    with store.transaction():
        for group, section in due:
            put(core, section, [group], now)
    core.committed("board")


def renew(core: Core, section: Section, before: date, now: datetime) -> None:
    """Replace snapshots of days before `before`, which the broker still has, by what stands now."""
    for group in store.groups():
        last = store.sections(group).get(section)
        if last and last.day < before and last.items:
            put(core, section, [group], now)


def shown(core: Core, receipts: Iterable[Shown], now: datetime) -> None:
    """Glass receipts, as many as came together. One for a revision, or an epoch, that we have not
    reached yet proves that this database is older than what was published, so an epoch beyond it
    begins and everything is published anew. One that a board sends of another group than its own
    is forged, and ignored."""
    groups_of = {d.id: d.group for d in registry.known_devices(core.settings) if d.group}
    with store.transaction():
        epoch = store.epoch()
        published = {group: store.sections(group) for group in set(groups_of.values())}
        beyond, kept = 0, []
        for receipt in receipts:
            if groups_of.get(receipt.board) != receipt.group:
                log.warning("board %s has no business in %s", receipt.board, receipt.group)
                continue
            current = published[receipt.group].get(receipt.section)
            if (receipt.epoch, receipt.rev) > (epoch, current.rev if current else 0):
                log.warning("board %s is ahead of us: this database was restored", receipt.board)
                beyond = max(beyond, receipt.epoch)
            kept.append(_receipt(receipt, current, epoch, now))
        if kept:
            store.keep_first_receipts(kept)
        if beyond:
            publish_anew(core, now, beyond)
    core.committed("screens")
    if beyond:
        core.committed("board")


def _receipt(receipt: Shown, current: SectionRow | None, epoch: int, now: datetime) -> ReceiptRow:
    """With how long it took from the commit, where it is for what is published now."""
    up_to_date = current and (receipt.epoch, receipt.rev) == (epoch, current.rev)
    seconds = (now - current.published_at).total_seconds() if current and up_to_date else None
    facts = (receipt.board, receipt.group, receipt.section, receipt.epoch, receipt.rev)
    return ReceiptRow(*facts, seconds, now)


def publish_anew(core: Core, now: datetime, beyond: int = 0) -> None:
    """Begin a new epoch, later than `beyond`, and queue in it all that boards and kiosks show, in
    the caller's transaction."""
    store.new_epoch(beyond)
    if store.calls_revision():
        counter.put_calls(core, now)
    for group in store.groups():
        for section in store.sections(group):
            put(core, section, [group], now)


def row_of(notice: NoticeRow) -> Row:
    """A line as a row of the wire. Raises Refusal: bad_content, with the field that is wrong."""
    facts = {"id": notice.id, "by": notice.by, "at": notice.at, "until": notice.ends}
    try:
        return ROWS[notice.section].model_validate_json(to_json(notice.content | facts))
    except (ValidationError, ValueError) as error:
        first = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ()
        raise Refusal("bad_content", str(first[0]) if first else "") from None


def snapshot(
    core: Core, section: Section, group: GroupRow, notices: Iterable[NoticeRow], now: datetime
) -> Snapshot[Any]:
    """The section as this group may see it at `now`; its revision is still to be counted."""
    lines = (days.shown(n, now, core.settings.zone) for n in notices if n.addresses(group.name))
    rows = [masked(row_of(line), group.audience) for line in lines if line is not None]
    return Snapshot[Any](
        group=group.name,
        section=section,
        epoch=store.epoch(),
        rev=1,
        day=core.local(now).date(),
        published_at=now,
        items=tuple(rows),
    )


def _put(
    core: Core, section: Section, group: GroupRow, notices: list[NoticeRow], now: datetime
) -> None:
    drawn = snapshot(core, section, group, notices, now)
    rev = store.next_revision(group.name, section, drawn.day, len(drawn.items), now)
    drawn = drawn.model_copy(update={"rev": rev})
    messages: list[Message] = [drawn, _manifest(group.name)]
    if section is Section.VISITS:
        messages.append(expected(drawn))
    try:
        store.queue(encode(message, core.settings.site) for message in messages)
    except TooLarge:
        raise Refusal("section_full") from None


def _manifest(group: str) -> Manifest:
    revisions = {name: row.rev for name, row in store.sections(group).items()}
    return Manifest(group=group, epoch=store.epoch(), sections=revisions)
