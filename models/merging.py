"""One pass's accepted scans from all gates and desks, in the order in which they happened. Pure.

Gates that were cut off hand in late, so a pass's state follows from its whole history and not from
the order of arrival. What does not fit together is a conflict, for the desk to clear up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.terms import Direction, PassState


class Conflict(StrEnum):
    """Why somebody was let in who should not have been, or cannot be accounted for."""

    IN_TWICE = "in_twice"  # let in while the pass was inside already, elsewhere
    IN_AFTER_RETURN = "in_after_return"
    REVOKED_IN = "revoked_in"
    UNKNOWN_PASS = "unknown_pass"  # noqa: S105 - the name of a conflict
    RELEASED_TWICE = "released_twice"  # goods let out on a slip that had been used elsewhere
    REVOKED_RELEASED = "revoked_released"


class Resolution(StrEnum):
    """What the desk has found out."""

    STILL_INSIDE = "still_inside"
    HAS_LEFT = "has_left"
    IGNORED = "ignored"  # the record is wrong


@dataclass(frozen=True)
class Passing:
    """One scan by which the pass went in or out. `key` is the scan's."""

    key: str
    direction: Direction
    at: datetime


@dataclass(frozen=True)
class History:
    """Where a pass stands after all of its passings, and which of them do not fit."""

    state: PassState
    entered_at: datetime | None = None
    left_at: datetime | None = None
    conflicts: dict[str, Conflict] = field(default_factory=dict)


def history(passings: Iterable[Passing], revoked_at: datetime | None = None) -> History:
    """Put the passings in order. Going out without having come in is odd, and allowed."""
    entered = left = None
    inside = returned = False
    conflicts: dict[str, Conflict] = {}
    for one in sorted(passings, key=lambda passing: (passing.at, passing.key)):
        if one.direction is Direction.OUT:
            # The first way out is when they left; what comes after it only says so again.
            left = left if returned else one.at
            inside, returned = False, True
            continue
        if revoked_at is not None and one.at >= revoked_at:
            conflicts[one.key] = Conflict.REVOKED_IN
        elif inside:
            conflicts[one.key] = Conflict.IN_TWICE
        elif returned:
            conflicts[one.key] = Conflict.IN_AFTER_RETURN
        entered = entered if inside else one.at
        inside, returned, left = True, False, None
    if returned:
        state = PassState.RETURNED
    elif revoked_at is not None:
        # Whether its holder is inside is said by the moments.
        state = PassState.REVOKED
    else:
        state = PassState.INSIDE if inside else PassState.ISSUED
    return History(state, entered, left, conflicts)


@dataclass(frozen=True)
class Release:
    """By which scan a goods slip was used up, and which others let goods out on it."""

    scan: str = ""
    at: datetime | None = None
    conflicts: dict[str, Conflict] = field(default_factory=dict)


def release(passings: Iterable[Passing], revoked_at: datetime | None = None) -> Release:
    """Goods leave once: the first scan uses the slip up, and every later one is a conflict."""
    first: Passing | None = None
    conflicts: dict[str, Conflict] = {}
    for one in sorted(passings, key=lambda passing: (passing.at, passing.key)):
        if revoked_at is not None and one.at >= revoked_at:
            conflicts[one.key] = Conflict.REVOKED_RELEASED
        elif first is not None:
            conflicts[one.key] = Conflict.RELEASED_TWICE
        first = first or one
    return Release(first.key, first.at, conflicts) if first else Release()
