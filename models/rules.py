"""The reception rules: who is let in, where to, and who is told. Pure.

The policy itself is data, `assets/policy.toml`; here it is read, checked and applied. Every
decision carries its reasons as codes; the words are in the catalogue `rules`.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.terms import Admission, Category, Direction, Half, PassState, Purpose

Destination = Literal["booked_room", "fitting_room", "host", "site", "counter", "none"]
WaitPlace = Literal["negotiation_outside", "sofa", "counter"]


class PolicyError(Exception):
    """The policy table cannot be used; the text names the line and the reason."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Table):
    """One row of the policy, for one category, expected or not."""

    category: Category
    expected: bool
    paragraph: str
    admission: Admission
    destination: Destination = "none"
    wait_at: tuple[WaitPlace, ...] = ()
    told: tuple[str, ...] = ()
    escort: bool = False
    tea: bool = False
    code: str = ""


class Confirm(_Table):
    """Seconds for which one person is waited for before the next is asked."""

    host_seconds: float = Field(default=60, ge=5, le=3600)
    deputy_seconds: float = Field(default=60, ge=5, le=3600)


class Policy(_Table):
    version: int
    confirm: Confirm = Confirm()
    purposes: dict[Purpose, Category]
    departments: dict[str, str] = {}
    """Which department is meant by a word of `told`; one without an entry is a department."""
    rule: tuple[Rule, ...]

    def rule_for(self, category: Category, *, expected: bool) -> Rule:
        return next(r for r in self.rule if r.category is category and r.expected is expected)


BOOKABLE = ("meeting", "negotiation")
"""Kinds of rooms that one party has to itself."""


class Room(NamedTuple):
    """A room as the rules see it. `kind`: meeting, negotiation, or waiting for the sofa."""

    name: str
    kind: str
    capacity: int
    inside: bool
    free: bool


@dataclass(frozen=True)
class Application:
    """What is known of a visit when it is decided. `flaw`: why a works permit does not hold now;
    `identified`: the desk has seen the worker's identity card; `absent`: whoever registered has
    left the kiosk before anybody heard of it."""

    category: Category
    expected: bool
    party: int
    department: str = ""
    booked_room: str = ""
    flaw: str = ""
    identified: bool = False
    absent: bool = False


@dataclass(frozen=True)
class Decision:
    """What the rules say. `code` is the reason a visitor is told, empty where there is none."""

    admission: Admission
    destination: str
    wait_at: str
    told: tuple[str, ...]
    tea: int
    escort: bool
    code: str
    reasons: tuple[str, ...]
    policy: int


def read_policy(text: str) -> Policy:
    """The policy of a TOML text. Raises PolicyError with the line and the reason."""
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[rule]]"]
    try:
        policy = Policy.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The policy is not valid TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where, *inside = first["loc"]
        at = f"line {lines[int(inside[0])]}, " if where == "rule" and inside else ""
        field = inside[1:] if where != "confirm" else inside
        name = ".".join(str(part) for part in (field or [where]))
        raise PolicyError(f"The policy's {at}{name} is wrong: {first['msg']}.") from None
    if missing := set(Purpose) - set(policy.purposes):
        raise PolicyError(f"The policy has no category for the purposes {sorted(missing)}.")
    numbered = list(zip(lines, policy.rule, strict=True))
    for category in Category:
        for expected in (True, False):
            mine = [(n, r) for n, r in numbered if (r.category, r.expected) == (category, expected)]
            what = f"category {category}, {'expected' if expected else 'not expected'}"
            if not mine:
                raise PolicyError(f"The policy has no rule for {what}.")
            if len(mine) > 1:
                raise PolicyError(f"Line {mine[1][0]} is a second rule for {what}.")
            line, rule = mine[0]
            if problem := _impossible(rule):
                raise PolicyError(f"The rule at line {line}, for {what}, {problem}.")
    return policy


def _impossible(rule: Rule) -> str:
    """What no office may decide, whatever its table says."""
    outside = rule.category is Category.TURNED_AWAY or (
        rule.category is Category.APPLICANT and not rule.expected
    )
    if outside and rule.admission is not Admission.NO_ENTRY:
        paragraph = "4.7" if rule.category is Category.TURNED_AWAY else "4.4"
        return f"must be no_entry ({paragraph})"
    if rule.category is Category.CONTRACTOR and not rule.expected:
        return "" if rule.admission is not Admission.ADMIT else "needs a permit (VI)"
    if rule.category is Category.SERVICE and rule.admission is Admission.ADMIT:
        return "needs a confirmation (4.4)"
    if rule.admission is Admission.NO_ENTRY and rule.destination != "none":
        return "sends somebody inside whom it does not let in"
    return ""


def decide(application: Application, policy: Policy, rooms: tuple[Room, ...]) -> Decision:
    """What the policy says of this visit, given the rooms as they stand."""
    rule = policy.rule_for(application.category, expected=application.expected)
    reasons = [f"{rule.category}_{'expected' if rule.expected else 'unexpected'}"]
    destination = _destination(rule, application, rooms, reasons)
    wait_at = ""
    admission, code = rule.admission, application.flaw or rule.code
    if application.flaw:
        reasons.append(application.flaw)
    if admission is Admission.ADMIT and _unseen(application):
        admission, code = Admission.DESK, "to_desk"
        reasons.append("identity_unchecked")
    if application.absent and admission is not Admission.NO_ENTRY:
        # No pass for nobody, and no host who is asked for nothing.
        admission, code = Admission.DESK, application.flaw or "to_desk"
        reasons.append("visitor_absent")
    if admission in (Admission.CONFIRM, Admission.DESK):
        wait_at = _wait_place(rule, application.party, rooms)
    return Decision(
        admission=admission,
        destination=destination,
        wait_at=wait_at,
        told=rule.told,
        tea=application.party if rule.tea else 0,
        escort=rule.escort,
        code=code,
        reasons=tuple(reasons),
        policy=policy.version,
    )


def _unseen(application: Application) -> bool:
    """憑本人身份證辦理 (VI): nobody works here whose identity card the desk has not seen."""
    return application.category is Category.CONTRACTOR and not application.identified


def _destination(
    rule: Rule, application: Application, rooms: tuple[Room, ...], reasons: list[str]
) -> str:
    if rule.destination == "booked_room" and application.booked_room:
        reasons.append("room_booked")
        return application.booked_room
    if rule.destination in ("booked_room", "fitting_room"):
        if room := fitting_room(rooms, application.party):
            reasons.append("room_fits")
            return room
        reasons.append("no_room_fits")
        return application.department
    if rule.destination in ("host", "site"):
        return application.department
    return ""


def fitting_room(rooms: tuple[Room, ...], party: int) -> str:
    """The smallest free room inside the office area that holds a party; empty if none does."""
    return _smallest(rooms, party, kinds=BOOKABLE, inside=True)


def _wait_place(rule: Rule, party: int, rooms: tuple[Room, ...]) -> str:
    for place in rule.wait_at:
        if place == "negotiation_outside":
            found = _smallest(rooms, party, kinds=("negotiation",), inside=False)
        else:
            kind = "waiting" if place == "sofa" else "counter"
            found = next((room.name for room in rooms if room.kind == kind), "")
        if found:
            return found
    return ""


def _smallest(rooms: tuple[Room, ...], party: int, *, kinds: tuple[str, ...], inside: bool) -> str:
    fitting = [
        room
        for room in rooms
        if room.free and room.kind in kinds and room.inside is inside and room.capacity >= party
    ]
    return min(fitting, key=lambda room: (room.capacity, room.name)).name if fitting else ""


BOUNCE = timedelta(seconds=5)
"""A scanner may read one showing of a pass twice; so soon after entering, it is not an exit."""


_CLOSED = {PassState.RETURNED: "already_returned", PassState.LOST: "lost"}
_NO_ENTRY = _CLOSED | {
    PassState.INSIDE: "already_inside",
    PassState.REVOKED: "revoked",
    PassState.EXPIRED: "expired",
}


@dataclass(frozen=True)
class ScanJudgement:
    """What a scan means. `code` is `ok_in`, `ok_out`, an odd exit's oddity, or the refusal."""

    ok: bool
    code: str
    direction: Direction
    state: PassState


def judge_scan(
    state: PassState,
    half: Half,
    direction: Direction | None,
    out_of_force: str,
    entered_at: datetime | None,
    now: datetime,
) -> ScanJudgement:
    """Whether a pass opens. No direction means whichever comes next. Exit is always allowed:
    release, and keep what was odd about it."""
    if direction is None:
        recent = entered_at is not None and now - entered_at < BOUNCE
        # A pass that was revoked while its holder is inside has only one way left.
        entered = state is PassState.REVOKED and entered_at is not None
        leaving = (state is PassState.INSIDE or entered) and not recent
        direction = Direction.OUT if leaving else Direction.IN
    inside = state is PassState.INSIDE or (state is PassState.REVOKED and entered_at is not None)
    if half is Half.DUPLICATE and not (inside and direction is Direction.OUT):
        # It never opens; on the way out it is what the holder gets back.
        return ScanJudgement(ok=False, code="wrong_half", direction=direction, state=state)
    if direction is Direction.OUT:
        if closed := _CLOSED.get(state):
            return ScanJudgement(ok=False, code=closed, direction=direction, state=state)
        odd = state.value if state is PassState.REVOKED else ""
        odd = odd or ("never_entered" if state is not PassState.INSIDE else "")
        code = odd or ("overdue" if out_of_force == "expired" else "ok_out")
        return ScanJudgement(ok=True, code=code, direction=direction, state=PassState.RETURNED)
    if refusal := _NO_ENTRY.get(state) or out_of_force:
        return ScanJudgement(ok=False, code=refusal, direction=direction, state=state)
    return ScanJudgement(ok=True, code="ok_in", direction=direction, state=PassState.INSIDE)
