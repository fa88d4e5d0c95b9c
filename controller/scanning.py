"""Scanning passes in and out, at the desk and at the kiosk (the seed's VI)."""

import re
from dataclasses import dataclass
from datetime import datetime

from controller import webhooks
from controller.core import Core, Refusal
from controller.gate import judging
from models import passes, rules, store
from models.store import PassRow, ScanRow
from models.terms import Direction, Half, Happening, PassState, clean

_NUMBER = re.compile(r"[A-Za-z]-\d{4,9}")
_KEPT_TEXT = 200
NUMBER_ONLY = "number_only"
"""The code of a number that opens once somebody has seen whose it is."""


@dataclass(frozen=True)
class ScanResult:
    """What a scan meant: `ok_in`, `ok_out`, an odd exit (`never_entered`, `overdue`, `revoked`),
    or the code of the refusal."""

    ok: bool
    code: str
    direction: Direction | None
    number: str
    name: str
    state: PassState | None
    at: datetime


def scan(
    core: Core,
    key: str,
    text: str,
    direction: Direction | None,
    by: str,
    now: datetime,
    *,
    seen: bool = True,
) -> ScanResult:
    """Judge a scanned token or a typed pass number, and keep the scan, refused or not.

    `key` is the scan's own: a retry gets the first answer. Without a direction the pass goes
    whichever way comes next. Numbers are counted up, so one lets nobody in until somebody has
    `seen` that it is its holder who stands there. Never raises for what was scanned.
    """
    with store.transaction():
        known = store.scan(key)
        if known is None:
            # Not cleaned: a token may hold two spaces in a row.
            known = _judge_and_keep(core, key, text.strip(), direction, by, now, seen=seen)
    core.committed("passes", "visits")
    return _result(known)


def leave(core: Core, kiosk: str, key: str, text: str, now: datetime) -> str:
    """我要離開: the number of the pass handed back. Raises Refusal with the scan's code."""
    result = scan(core, key, text, Direction.OUT, f"kiosk-{kiosk}", now)
    if not result.ok:
        # A visitor need not know what exactly was held before the scanner.
        raise Refusal("malformed" if result.code in judging.NO_PASS else result.code)
    return result.number


def _judge_and_keep(
    core: Core,
    key: str,
    text: str,
    direction: Direction | None,
    by: str,
    now: datetime,
    *,
    seen: bool,
) -> ScanRow:
    row, half, problem = _find(core, text, now)
    if row is None:
        judged = ScanRow(ok=False, code=problem, direction=direction, pass_id=None, at=now)
    else:
        judgement = rules.judge_scan(row.state, half, direction, problem, row.entered_at, now)
        judged = ScanRow(judgement.ok, judgement.code, judgement.direction, row.id, now)
        entering = judgement.direction is Direction.IN
        if judgement.ok and entering and not seen and _NUMBER.fullmatch(clean(text)):
            judged = ScanRow(
                ok=False, code=NUMBER_ONLY, direction=Direction.IN, pass_id=row.id, at=now
            )
        elif judgement.ok:
            moment = {"entered_at": now} if entering else {"left_at": now}
            store.change_pass(row.id, state=judgement.state, **moment)
            if not entering:
                store.release(row.visit_id, now)
            passed = Happening.VISIT_ENTERED if entering else Happening.VISIT_LEFT
            webhooks.visit(passed, row.visit_id, by, now)
        elif judgement.code == "expired" and row.state is PassState.ISSUED:
            # Once found to be over, it stays so, whatever the clock says later.
            store.change_pass(row.id, state=PassState.EXPIRED)
            store.release(row.visit_id, now)
    store.add_scan(
        key=key,
        pass_=judged.pass_id,
        text=clean(text)[:_KEPT_TEXT],
        direction=judged.direction,
        ok=judged.ok,
        code=judged.code,
        by=by,
        at=now,
    )
    store.record(now, by, f"scan_{judged.code}", row.number if row else "")
    return judged


def _find(core: Core, text: str, now: datetime) -> tuple[PassRow | None, Half, str]:
    """The pass that a text names, which half it is, and why it could not be used now, if so."""
    if _NUMBER.fullmatch(number := clean(text)):
        row = store.pass_by_number(number)
        expired = row is not None and now >= row.valid_until
        return (
            row,
            Half.ORIGINAL,
            "" if row and not expired else "expired" if row else "unknown_pass",
        )
    ring = core.ring
    reading = judging.read(text, ring.keys, core.settings.site)
    if (claims := reading.claims) is None:
        # A goods slip is no person's pass, whoever shows it where.
        return None, Half.ORIGINAL, reading.code or "not_a_pass"
    row = store.pass_by_token_id(claims.id)
    if row is None:
        return None, claims.half, "unknown_pass"
    if claims.kid in ring.keys.retired:
        return row, claims.half, "retired_key"
    return row, claims.half, passes.out_of_force(claims, now.timestamp())


def _result(scanned: ScanRow) -> ScanResult:
    row = store.pass_by_id(scanned.pass_id) if scanned.pass_id else None
    return ScanResult(
        ok=scanned.ok,
        code=scanned.code,
        direction=scanned.direction,
        number=row.number if row else "",
        name=row.name if row else "",
        state=row.state if row else None,
        at=scanned.at,
    )
