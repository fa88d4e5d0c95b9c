"""The desk's daily checklists and rounds: when each is due, and which of today's were done. Pure,
apart from reading the table `assets/duties.toml` (the seed's 7.1 to 7.3 and II.3)."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from models.duty import Thread

_TABLE = Path(__file__).parent.parent / "assets" / "duties.toml"
BETWEEN = "、"
"""Stands between the points that an entry names."""
_AHEAD = timedelta(hours=1)
"""A round that was made longer before its time says nothing of how things are then."""


@dataclass(frozen=True)
class Checklist:
    """What is looked at, and by when on each of its `weekdays` (digits, 0 is Monday)."""

    name: str
    due: tuple[time, ...]
    points: tuple[str, ...]
    weekdays: str


@dataclass(frozen=True)
class Round:
    """One going over a list. `slot` is its time as the log has it; `thread` what was recorded."""

    of: Checklist
    slot: str
    due: datetime
    thread: Thread | None

    @property
    def begins(self) -> datetime:
        """From when on it can be made."""
        return self.due - _AHEAD

    def overdue(self, now: datetime) -> bool:
        return self.thread is None and self.due < now


@cache
def checklists() -> tuple[Checklist, ...]:
    """The office's table, read once."""
    table = tomllib.loads(_TABLE.read_text("utf-8"))
    return tuple(
        Checklist(
            name=one["name"],
            due=tuple(time.fromisoformat(due) for due in one["due"]),
            points=tuple(one["points"]),
            weekdays=one.get("weekdays", "0123456"),
        )
        for one in table["checklist"]
    )


def checklist(name: str) -> Checklist | None:
    return next((one for one in checklists() if one.name == name), None)


def rounds(
    lists: Iterable[Checklist], day: date, zone: ZoneInfo, done: Iterable[Thread]
) -> list[Round]:
    """A day's rounds in the order in which they are due, with what was recorded of each that day:
    not what went on that day with an earlier one. What was recorded by mistake counts for nothing.
    """
    recorded: dict[tuple[str, str], Thread] = {}
    for thread in done:
        facts = thread.first.facts
        made = thread.first.at.astimezone(zone).date() == day
        if made and not thread.is_void(thread.first):
            recorded.setdefault((facts["list"], facts["slot"]), thread)
    found = [
        Round(one, f"{due:%H:%M}", datetime.combine(day, due, zone), None)
        for one in lists
        if str(day.weekday()) in one.weekdays
        for due in one.due
    ]
    met = [Round(one.of, one.slot, one.due, recorded.get((one.of.name, one.slot))) for one in found]
    return sorted(met, key=lambda one: (one.due, one.of.name))
