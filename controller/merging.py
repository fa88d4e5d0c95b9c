"""What gates hand in: merged once, in the order in which it happened; and what gates are told.

A batch is one transaction, and each scan is known by its id, so a batch that comes again changes
nothing. Gates may have been cut off, so what they say need not fit together: somebody let in at two
gates, or with a pass that had been revoked, is a line on the desk's worklist and never a silent
correction.
"""

import logging
import zlib
from datetime import datetime, timedelta

from controller import goods, webhooks
from controller.core import Core, Refusal
from models import store
from models.merging import Conflict, Resolution, history
from models.messages import GateScan, GateScans, KnownPass, KnownPasses, encode
from models.passes import SKEW
from models.store import ConflictRow, GoodsRow, PassRow
from models.terms import Direction, Happening, PassState, Role

log = logging.getLogger(__name__)

_MOST_TOLD = 1000
_REVISION, _DIGEST = "known_passes", "known_passes_digest"


def merge(core: Core, gate: str, body: GateScans, now: datetime) -> None:
    """Keep a batch of a gate's scans. Raises Refusal: not_a_gate, for a device that is none could
    say that anybody has left."""
    if gate not in {device.device for device in store.devices() if device.role is Role.GATE}:
        raise Refusal("not_a_gate")
    with store.transaction():
        fresh = [scan for scan in body.scans if store.scan(scan.key) is None]
        moved: dict[str, PassRow | GoodsRow] = {}
        for scan in fresh:
            row = _keep(gate, scan, now)
            if row and scan.ok:
                moved[row.number] = row
        for row in moved.values():
            _follow(row, now)
        # In the same transaction, so that no older news overtakes the answer.
        tell_gates(core, now)
        if any(isinstance(row, GoodsRow) for row in moved.values()):
            goods.tell_gates(core, now)
    if fresh:
        log.info("gate %s handed in %d scans", gate, len(fresh))
        core.committed("passes", "visits", "goods", "log")


def resolve(
    core: Core, conflict_id: int, resolution: Resolution, note: str, by: str, now: datetime
) -> ConflictRow:
    """The desk has found out how it was. The note may name people, so it stays out of the log of
    events. Raises Refusal: not_found, already_resolved."""
    with store.transaction():
        found = store.conflict(conflict_id)
        if found is None:
            raise Refusal("not_found")
        if found.resolution is not None:
            raise Refusal("already_resolved")
        store.resolve_conflict(conflict_id, resolution, note, by, now)
        if resolution is Resolution.IGNORED:
            store.void_scan(found.scan)
        if row := store.pass_by_id(found.pass_id) if found.pass_id else None:
            if resolution is Resolution.HAS_LEFT:
                _sign_out(found, row, by, now)
            _follow(row, now)
        if slip := store.goods(found.goods_id) if found.goods_id else None:
            _follow(slip, now)
            goods.tell_gates(core, now)
        store.record(now, by, f"conflict_{resolution}", found.number, kind=found.kind)
        tell_gates(core, now)
    core.committed("passes", "visits", "goods", "log")
    return found


def has_news_for_gates(core: Core, now: datetime) -> bool:  # noqa: ARG001 - as tell_gates
    """Is what they were told last out of date? Nobody is told before a gate has signed in."""
    return store.knows_any(Role.GATE) and _digest(_told(now)) != store.fact(_DIGEST)


def tell_gates(core: Core, now: datetime) -> None:
    """Queue what every gate should know of the passes, in the caller's transaction."""
    told = _told(now)
    rev = store.fact(_REVISION) + 1
    store.keep_fact(_REVISION, rev)
    store.keep_fact(_DIGEST, _digest(told))
    message = KnownPasses(epoch=store.epoch(), rev=rev, passes=told)
    store.queue([encode(message, core.settings.site)])


def _told(now: datetime) -> tuple[KnownPass, ...]:
    return tuple(
        KnownPass(pass_id=row.token_id.hex(), number=row.number, state=row.shown, at=row.since)
        for row in store.passes_for_gates(now - timedelta(seconds=SKEW), _MOST_TOLD)
    )


def _digest(told: tuple[KnownPass, ...]) -> int:
    return zlib.crc32(repr(told).encode())


def _keep(gate: str, scan: GateScan, now: datetime) -> PassRow | GoodsRow | None:
    row = _scanned(scan)
    # A gate whose clock runs ahead cannot have scanned later than now.
    at, by = min(scan.at, now), f"gate-{gate}"
    store.add_scan(
        key=scan.key,
        pass_=row.id if isinstance(row, PassRow) else None,
        goods=row.id if isinstance(row, GoodsRow) else None,
        text=scan.text,
        direction=scan.direction,
        ok=scan.ok,
        code=scan.code,
        by=by,
        at=at,
        shown=scan.shown,
        arrived=now,
        half=scan.half or "",
    )
    behind = abs((scan.at - scan.shown).total_seconds()) > SKEW
    clock = {"shown": scan.shown} if behind else {}
    store.record(now, by, f"scan_{scan.code}", row.number if row else "", happened=at, **clock)
    if scan.ok and row is None:
        store.add_conflict(scan.key, Conflict.UNKNOWN_PASS, None, by, at, now)
        log.warning("gate %s let a pass through that nobody knows", gate)
    return row


def _scanned(scan: GateScan) -> PassRow | GoodsRow | None:
    """Whose code or number it was."""
    token_id = bytes.fromhex(scan.pass_id)
    if scan.goods:
        by_code = store.goods_by_token_id(token_id) if token_id else None
        return by_code or (store.goods_by_number(scan.number) if scan.number else None)
    row = store.pass_by_token_id(token_id) if token_id else None
    return row or (store.pass_by_number(scan.number) if scan.number else None)


def _follow(row: PassRow | GoodsRow, now: datetime) -> None:
    """Bring a pass to where its whole history leads, and note what does not fit."""
    if isinstance(row, GoodsRow):
        goods.follow(row, now)
        return
    path = history(store.passings(row.id), row.revoked_at)
    store.change_pass(
        row.id, state=_ended(row, path.state), entered_at=path.entered_at, left_at=path.left_at
    )
    if path.entered_at and path.entered_at != row.entered_at:
        webhooks.visit(Happening.VISIT_ENTERED, row.visit_id, "gate", now)
    if path.left_at and path.left_at != row.left_at:
        webhooks.visit(Happening.VISIT_LEFT, row.visit_id, "gate", now)
    for key, kind in path.conflicts.items():
        gate, at = store.scan_gate(key)
        if store.add_conflict(key, kind, row.id, gate, at, now):
            store.record(now, gate, f"conflict_{kind}", row.number)
    if path.state is PassState.RETURNED:
        store.release(row.visit_id, now)


def _ended(row: PassRow, state: PassState) -> PassState:
    """A pass whose original was lost, or that ended unused, stays so until scanned otherwise."""
    if row.state is PassState.LOST and state is PassState.RETURNED:
        return row.state
    if row.state is PassState.EXPIRED and state is PassState.ISSUED:
        return row.state
    return state


def _sign_out(found: ConflictRow, row: PassRow, by: str, now: datetime) -> None:
    if not row.inside:
        return
    store.add_scan(
        key=f"conflict-{found.id}",
        pass_=row.id,
        text="",
        direction=Direction.OUT,
        ok=True,
        code="ok_out",
        by=by,
        at=now,
    )
