"""Roll calls (疏散點名): begun and ended at the desk, marked on many phones, also with no network.

A phone hands in what it has when it can. Nothing that was marked is refused for coming
late or twice: a mark is known by its key, and one that knows of no roll call begins one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from controller.core import Core, Refusal
from models import rollcall, store
from models.rollcall import Figures, RollMark
from models.store import PassRow, RollRow
from models.terms import Presence

_AT_LEAST = timedelta(hours=4)
"""So long a phone keeps the list, for an evacuation does not end at midnight."""


@dataclass(frozen=True)
class Roll:
    """Who is to be looked for, and what was marked; `roll` is None while none is going on."""

    roll: RollRow | None
    people: list[PassRow]
    marks: list[RollMark]

    @property
    def figures(self) -> Figures:
        there = [(row.number, row.presence or Presence.OUT) for row in self.people]
        return rollcall.figures(there, self.marks)


def roll_now(now: datetime) -> Roll:
    """The roll call that is going on with all who were inside since it began, or who is inside."""
    current = store.open_roll()
    since = current.opened_at if current else now
    marks = store.marks(current.id) if current else []
    return Roll(current, store.passes_inside_since(since), marks)


def kept_until(core: Core, now: datetime) -> datetime:
    """Until when a phone may keep the list: for the day only."""
    return max(core.day_of(now)[1], now + _AT_LEAST)


def begin(core: Core, by: str, now: datetime) -> RollRow:
    """Begin one; while one is going on, it is that one."""
    with store.transaction():
        row = store.open_roll() or _begin(by, now, now)
    core.committed("roll")
    return row


def end(core: Core, by: str, now: datetime) -> Figures:
    """End it, and keep its figures. Raises Refusal: no_roll_call."""
    with store.transaction():
        standing = roll_now(now)
        if standing.roll is None:
            raise Refusal("no_roll_call")
        store.close_roll(standing.roll.id, now, by)
        figures = standing.figures
        store.record(now, by, "roll_ended", _number(standing.roll), **vars(figures))
    core.committed("roll")
    return figures


def mark(core: Core, marks: Iterable[RollMark], by: str, now: datetime) -> None:
    """Append marks; those that are known already change nothing. Each belongs to the roll call it
    was made at, or, where that was over or not known, to the one that is going on."""
    with store.transaction():
        for one in marks:
            made = replace(one, by=by, at=min(one.at, now))
            roll = _roll_of(one.roll, made.at) or _begin(by, made.at, now)
            if store.add_mark(roll.id, made, now):
                store.record(now, by, f"roll_{made.mark}", made.number, happened=made.at)
    core.committed("roll")


def _begin(by: str, at: datetime, now: datetime) -> RollRow:
    row = store.add_roll(at, by)
    store.record(now, by, "roll_begun", _number(row), happened=at)
    return row


def _roll_of(roll_id: int, at: datetime) -> RollRow | None:
    named = store.roll(roll_id) if roll_id else None
    if named and (named.closed_at is None or at <= named.closed_at):
        return named
    return store.open_roll() or named


def _number(row: RollRow) -> str:
    return f"R-{row.id:04d}"
