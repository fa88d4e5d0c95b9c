"""What a gate makes of a scanned text, from what it knows itself. Pure.

A scanner is an open door: whatever is printed on a piece of paper comes in. So a text is a pass, a
goods slip, a number of one, or refused with a code; it is never typed, opened or followed.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from models import goods, passes, rules, tokens
from models.keysets import KeySet
from models.passes import Claims
from models.terms import Direction, GoodsState, Half, PassState

LONGEST = 400
"""Characters. More is no code that anybody of ours has printed."""
NO_PASS = {"too_long", "control_characters", "web_address", "not_a_pass", "incomplete"}
"""Codes of a text that does not even look like a pass."""
_NUMBER = re.compile(r"[A-Za-z]-\d{4,9}", re.ASCII)
_GOODS = "G-"
"""How the number of a goods slip begins; a pass's has another letter."""
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:)?//|www\.|(?:javascript|data|mailto|tel):")
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True)
class Known:
    """What the gate knows of a pass: its own scans, and what the controller has told."""

    state: PassState = PassState.ISSUED
    entered_at: datetime | None = None
    number: str = ""


@dataclass(frozen=True)
class Reading:
    """A scanned text: an authentic pass's claims or goods `slip`'s, or a typed number, or the
    `code` why neither."""

    claims: Claims | None = None
    slip: goods.Claims | None = None
    number: str = ""
    code: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a scan means. `code` is the refusal, `ok_in`, `ok_out`, or what was odd of an exit."""

    ok: bool
    code: str
    direction: Direction | None
    state: PassState | GoodsState | None = None


def is_goods_number(text: str) -> bool:
    """Is this the number of a goods slip, such as G-0012?"""
    return bool(_NUMBER.fullmatch(text)) and text.upper().startswith(_GOODS)


def read(text: str, keys: KeySet, site: str) -> Reading:
    """What a text is. Never raises. Codes: too_long, control_characters, web_address, not_a_pass,
    incomplete, malformed, unknown_key, forged (a pass of another site is that, too)."""
    if len(text) > LONGEST:
        return Reading(code="too_long")
    if any(unicodedata.category(character) in _UNPRINTABLE for character in text):
        return Reading(code="control_characters")
    if _NUMBER.fullmatch(text):
        return Reading(number=text.upper())
    if not text.startswith((passes.PREFIX, goods.PREFIX)):
        address = _ADDRESS.match(text.strip().lower())
        return Reading(code="web_address" if address else "not_a_pass")
    if len(text) < tokens.LENGTH:
        return Reading(code="incomplete")
    try:
        if text.startswith(goods.PREFIX):
            return Reading(slip=goods.verify(text, keys.known, site))
        return Reading(claims=passes.verify(text, keys.known, site))
    except tokens.RefusedToken as refused:
        return Reading(code=refused.code)


def judge(
    reading: Reading,
    known: Known | None,
    direction: Direction | None,
    keys: KeySet,
    now: datetime,
    *,
    revoked: bool,
) -> Verdict:
    """Whether the gate opens. Exit is always allowed, and what was odd about it is kept.

    `known` is None for a pass that the gate has never heard of. A number opens nothing on the way
    in: numbers are counted up, so anybody can guess one.
    """
    if reading.code:
        return Verdict(ok=False, code=reading.code, direction=direction)
    if reading.number:
        return _by_number(known, direction, now)
    claims = reading.claims
    if claims is None:
        raise ValueError("a reading is a token, a number or a code")
    known = known or Known()
    problem = passes.out_of_force(claims, now.timestamp())
    if claims.kid not in keys.in_service(now.timestamp()):
        problem = "retired_key"
    direction = direction or _whichever_comes_next(known, now)
    state = known.state
    if revoked and state is not PassState.RETURNED:
        # Only once the direction is clear: who is inside with a revoked pass wants to leave.
        state = PassState.REVOKED
    return _verdict(state, claims.half, direction, problem, known, now)


def judge_goods(
    reading: Reading, state: GoodsState | None, keys: KeySet, now: datetime, *, revoked: bool
) -> Verdict:
    """Whether goods may leave. `state` is None for a slip of which the gate was never told: its
    signature lets it out, but only the desk can say what is on its list."""
    if reading.number:
        return Verdict(ok=False, code="number_only", direction=Direction.OUT)
    slip = reading.slip
    if slip is None:
        raise ValueError("no goods slip was read")
    problem = goods.out_of_force(slip, now.timestamp())
    if slip.kid not in keys.in_service(now.timestamp()):
        problem = "retired_key"
    stands = state or GoodsState.APPROVED
    if revoked and stands is not GoodsState.RELEASED:
        stands = GoodsState.REVOKED
    said = goods.judge(stands, problem)
    after = GoodsState.RELEASED if said.ok else None
    return Verdict(said.ok, said.code, Direction.OUT, after)


def _by_number(known: Known | None, direction: Direction | None, now: datetime) -> Verdict:
    if direction is not Direction.OUT:
        return Verdict(ok=False, code="number_only", direction=direction)
    if known is None:
        return Verdict(ok=True, code="by_number", direction=direction)
    return _verdict(known.state, Half.ORIGINAL, direction, "", known, now)


def _whichever_comes_next(known: Known, now: datetime) -> Direction:
    if known.state is not PassState.INSIDE or known.entered_at is None:
        return Direction.OUT if known.state is PassState.INSIDE else Direction.IN
    return Direction.IN if now - known.entered_at < rules.BOUNCE else Direction.OUT


def _verdict(
    state: PassState,
    half: Half,
    direction: Direction,
    problem: str,
    known: Known,
    now: datetime,
) -> Verdict:
    said = rules.judge_scan(state, half, direction, problem, known.entered_at, now)
    return Verdict(ok=said.ok, code=said.code, direction=said.direction, state=said.state)
