"""物品放行: goods leave with a slip that the desk has approved, and leave once (VI.11).

A clerk drafts the list, the approval signs it, and the scan at a gate or at the desk uses it up.
Gates are told every list beforehand, for a guard compares what goes out with it, network or not.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller import duty, revoking
from controller.core import Core, Refusal
from controller.gate import judging
from controller.scanning import NUMBER_ONLY
from models import goods, permits, store, tokens
from models.merging import release
from models.messages import (
    MAX_PAYLOAD,
    MOST_SLIPS,
    GoodsLine,
    KnownGoods,
    KnownSlip,
    encode,
)
from models.store import GoodsRow, PermitRow, ScanRow
from models.terms import Direction, GoodsState

log = logging.getLogger(__name__)

_REVISION = "known_goods"
_KEPT_TEXT = 200
_ROOM = MAX_PAYLOAD - 1_000
"""Bytes of slips in one message; the rest is its frame."""
_STILL_GOOD = {"permit_closed", "permit_other_day"}
"""Why nobody may work today; goods may leave all the same."""


@dataclass(frozen=True)
class Wish:
    """What a clerk writes on a slip: of a resident with name and unit, or under a permit."""

    goods: tuple[GoodsLine, ...]
    name: str
    starts: datetime
    ends: datetime
    unit: str = ""
    phone_last4: str = ""
    permit_id: int | None = None
    ticket_id: int | None = None
    plate: str = ""


@dataclass(frozen=True)
class Scanned:
    """What a scan meant: `goods_out`, or the code of the refusal, and which slip it was."""

    ok: bool
    code: str
    slip: GoodsRow | None
    at: datetime


# --- drafted, approved, taken back --------------------------------------------------------------


def draft(core: Core, wish: Wish, key: str, by: str, now: datetime) -> GoodsRow:
    """Write a slip; it lets nothing out yet. A repeat of the key changes nothing. Raises Refusal:
    not_found, ends_before_start, time_past, goods_too_long, and the permit's own reason."""
    with store.transaction():
        if known := store.goods_by_key(key):
            return known
        _check_times(wish.starts, wish.ends, now)
        permit = _permit(core, wish.permit_id, max(wish.starts, now))
        ticket = store.ticket(wish.ticket_id) if wish.ticket_id else None
        row = store.add_goods(
            wish.goods,
            key=key,
            name=wish.name,
            unit=wish.unit or (permit.site if permit else ""),
            phone_last4=wish.phone_last4,
            company=permit.company if permit else "",
            permit=permit.id if permit else None,
            ticket=ticket.id if ticket else None,
            plate=wish.plate,
            language=ticket.language if ticket else core.settings.kiosk.language,
            valid_from=wish.starts,
            valid_until=wish.ends,
            drafted_by=by,
            drafted_at=now,
        )
        store.record(now, by, "goods_drafted", row.number, lines=len(row.goods))
    core.committed("goods")
    return row


def approve(core: Core, slip_id: int, by: str, now: datetime) -> GoodsRow:
    """Sign it: from now on it lets its goods out. One that was approved before stays as it was.
    Raises Refusal: not_found, goods_over, time_past, and the permit's own reason."""
    with store.transaction():
        row = _slip(slip_id)
        if row.state is GoodsState.APPROVED:
            return row
        if row.state is not GoodsState.DRAFT:
            raise Refusal("goods_over")
        begins = max(row.valid_from, now)
        _check_times(begins, row.valid_until, now)
        _permit(core, row.permit_id, begins)
        life = int(begins.timestamp()), int(row.valid_until.timestamp())
        token = core.ring.mint_goods(row.token_id, *life)
        row = store.change_goods(
            row.id, state=GoodsState.APPROVED, token=token, approved_by=by, approved_at=now
        )
        store.record(now, by, "goods_approved", row.number)
        tell_gates(core, now)
    core.committed("goods")
    return row


def revoke(core: Core, slip_id: int, reason: str, by: str, now: datetime) -> GoodsRow:
    """It holds no longer, or the draft is discarded. One that was revoked before stays as it was.
    Raises Refusal: not_found, already_released, goods_over, note_missing."""
    with store.transaction():
        row = _slip(slip_id)
        if row.state is GoodsState.REVOKED:
            return row
        if row.state is GoodsState.RELEASED:
            raise Refusal("already_released")
        if row.state is GoodsState.EXPIRED:
            raise Refusal("goods_over")
        if row.state is GoodsState.APPROVED and not reason:
            raise Refusal("note_missing", "reason")
        row = store.change_goods(
            row.id,
            state=GoodsState.REVOKED,
            revoked_by=by,
            revoked_at=now,
            revoked_reason=reason,
        )
        store.record(now, by, "goods_revoked", row.number)
        if row.token:
            revoking.publish_list(core, now)
            tell_gates(core, now)
    core.committed("goods")
    return row


def expire(core: Core, now: datetime) -> None:
    """Close what was not used in its time. Safe to call at any moment, and again."""
    over = now - timedelta(seconds=tokens.SKEW)
    if not [row for row in store.open_goods() if row.valid_until < over]:
        return
    with store.transaction():
        for row in store.open_goods():
            if row.valid_until < over:
                store.change_goods(row.id, state=GoodsState.EXPIRED)
                store.record(now, "clock", "goods_expired", row.number)
        tell_gates(core, now)
    core.committed("goods")


def _slip(slip_id: int) -> GoodsRow:
    if (row := store.goods(slip_id)) is None:
        raise Refusal("not_found")
    return row


def _check_times(starts: datetime, ends: datetime, now: datetime) -> None:
    if ends <= now:
        raise Refusal("time_past", "ends")
    if ends <= starts:
        raise Refusal("ends_before_start", "ends")
    if ends - now > timedelta(seconds=goods.LONGEST_LIFE):
        raise Refusal("goods_too_long", "ends")


def _permit(core: Core, permit_id: int | None, at: datetime) -> PermitRow | None:
    """The permit that the goods leave under, which must hold on that day."""
    if permit_id is None:
        return None
    if (permit := store.permit(permit_id)) is None:
        raise Refusal("not_found")
    why = permits.flaw(permit.days, core.local(at))
    if why and why not in _STILL_GOOD:
        raise Refusal(why, "permit")
    return permit


# --- scanned ------------------------------------------------------------------------------------


def is_one(text: str) -> bool:
    """Is this a goods slip's code or number, and none of a pass's?"""
    return text.startswith(goods.PREFIX) or judging.is_goods_number(text)


def scan(core: Core, key: str, text: str, by: str, now: datetime, *, seen: bool = False) -> Scanned:
    """The desk scans a slip, or types its number: let the goods out, once, and keep the scan.

    `key` is the scan's own: a retry gets the first answer. A number can be guessed, so that one
    only shows the list until somebody has `seen` that the goods and their owner are those.
    """
    with store.transaction():
        known = store.scan(key)
        if known is None:
            known = _judge_and_keep(core, key, text, by, now, seen=seen)
    core.committed("goods", "passes", "log")
    slip = store.goods(known.goods_id) if known.goods_id else None
    return Scanned(known.ok, known.code, slip, known.at)


def _judge_and_keep(
    core: Core, key: str, text: str, by: str, now: datetime, *, seen: bool
) -> ScanRow:
    row, problem = _find(core, text, now)
    ok, code = False, problem
    if row is not None:
        judged = goods.judge(row.state, problem)
        ok, code = judged.ok, judged.code
        if ok and judging.is_goods_number(text) and not seen:
            ok, code = False, NUMBER_ONLY
    slip_id = row.id if row else None
    answer = ScanRow(ok, code, Direction.OUT, None, now, slip_id)
    printable = "".join(c for c in text if c.isprintable())
    store.add_scan(
        key=key,
        goods=slip_id,
        text=printable[:_KEPT_TEXT],
        direction=answer.direction,
        ok=ok,
        code=code,
        by=by,
        at=now,
    )
    store.record(now, by, f"scan_{code}", row.number if row else "")
    if ok and row is not None:
        follow(row, now)
        tell_gates(core, now)
    return answer


def _find(core: Core, text: str, now: datetime) -> tuple[GoodsRow | None, str]:
    """The slip that a text names, and why it could not be used now, if so."""
    if judging.is_goods_number(text):
        row = store.goods_by_number(text)
        if row is None:
            return None, "unknown_goods"
        life = int(row.valid_from.timestamp()), int(row.valid_until.timestamp())
        return row, tokens.out_of_force(*life, now.timestamp())
    ring = core.ring
    reading = judging.read(text, ring.keys, core.settings.site)
    if (slip := reading.slip) is None:
        return None, reading.code
    row = store.goods_by_token_id(slip.id)
    if row is None:
        return None, "unknown_goods"
    if slip.kid in ring.keys.retired:
        return row, "retired_key"
    return row, goods.out_of_force(slip, now.timestamp())


def follow(row: GoodsRow, now: datetime) -> None:
    """Bring a slip to where all of its scans lead, and note what does not fit, in the caller's
    transaction. Gates that were cut off hand in late, so the order of arrival decides nothing."""
    used = release(store.releases(row.id), row.revoked_at)
    first = used.scan and used.scan not in used.conflicts
    by = store.scan_gate(used.scan)[0] if used.scan else ""
    state = GoodsState.RELEASED if first else _unused(row)
    store.change_goods(row.id, state=state, released_at=used.at, released_by=by)
    if first:
        duty.goods_released(row.number, by, now)
    for key, kind in used.conflicts.items():
        gate, at = store.scan_gate(key)
        if store.add_conflict(key, kind, None, gate, at, now, goods_id=row.id):
            store.record(now, gate, f"conflict_{kind}", row.number)


def _unused(row: GoodsRow) -> GoodsState:
    if row.revoked_at is not None:
        return GoodsState.REVOKED
    return GoodsState.EXPIRED if row.state is GoodsState.EXPIRED else GoodsState.APPROVED


# --- what gates are told ------------------------------------------------------------------------


def tell_gates(core: Core, now: datetime) -> None:
    """Queue what every gate should know of the slips, in the caller's transaction."""
    rev = store.fact(_REVISION) + 1
    store.keep_fact(_REVISION, rev)
    since = now - timedelta(seconds=tokens.SKEW)
    told = _with_lists(store.goods_for_gates(since, MOST_SLIPS))
    message = KnownGoods(epoch=store.epoch(), rev=rev, slips=told)
    store.queue([encode(message, core.settings.site)])


def _with_lists(rows: list[GoodsRow]) -> tuple[KnownSlip, ...]:
    """Every slip, and the lists of those that can still be used for as long as there is room. A
    gate whose guard has no list asks the desk for it."""
    bare = [
        KnownSlip(slip_id=r.token_id.hex(), number=r.number, state=r.state, plate=r.plate)
        for r in rows
    ]
    room = _ROOM - sum(len(slip.model_dump_json().encode()) + 1 for slip in bare)
    told = []
    for slip, row in zip(bare, rows, strict=True):
        size = sum(len(line.model_dump_json().encode()) + 1 for line in row.goods)
        if row.state is not GoodsState.APPROVED or size > room:
            told.append(slip)
            continue
        room -= size
        told.append(slip.model_copy(update={"goods": row.goods}))
    if any(slip.state is GoodsState.APPROVED and not slip.goods for slip in told):
        log.warning("so many goods slips are open that gates are not told every list")
    return tuple(told)
