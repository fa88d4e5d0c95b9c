"""What of the board is visible when, and how its rows become pages. Pure.

The board draws by these rules and the desk previews by them. Nothing here guesses: a row that is
past its time is said to be unconfirmed, and a day that was not published is said to be so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from models.messages import (
    Expected,
    ExpectedVisit,
    Row,
    Snapshot,
    VehicleRow,
    VisitRow,
    WhereaboutsRow,
)
from models.terms import Audience, Section, mask_name

DAILY = frozenset({Section.VEHICLES, Section.WHEREABOUTS, Section.VISITS})
"""Sections that say something about one day. Reminders live by their own end instead."""


def in_zone(moment: datetime, zone: tzinfo | None) -> datetime | None:
    """`moment` by the clocks of `zone`; None if it is so far off that no calendar there has it."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return None


@dataclass(frozen=True)
class Notice:
    """A visible row. It is `confirmed` until the time for which it was said to hold is over."""

    row: Row
    confirmed: bool = True


@dataclass(frozen=True)
class Showing:
    """What a section shows: was it `published` for this day, and its notices in order."""

    published: bool
    notices: tuple[Notice, ...] = ()


def showing(snapshot: Snapshot[Any] | None, now: datetime) -> Showing:
    """What a section shows at `now`, which must be in the site's time zone: its date is today."""
    if snapshot is None:
        return Showing(published=False)
    daily = snapshot.section in DAILY
    if daily and snapshot.day != now.date():
        return Showing(published=False)
    notices = (Notice(row, confirmed=not is_over(row, now)) for row in _rows(snapshot))
    return Showing(published=True, notices=tuple(n for n in notices if daily or n.confirmed))


def _rows(snapshot: Snapshot[Any]) -> tuple[Row, ...]:
    return () if snapshot.deleted else snapshot.items


def is_over(row: Row, now: datetime) -> bool:
    """Is the time past until which this row was said to hold?"""
    return row.until is not None and row.until <= now


def next_end(snapshot: Snapshot[Any], now: datetime) -> datetime | None:
    """The next moment at which a row of this section is over, if any will be."""
    ends = [row.until for row in _rows(snapshot) if row.until is not None and row.until > now]
    return min(ends, default=None)


def masked(row: Row, audience: Audience) -> Row:
    """A row as this audience may read it. Passers-by learn of a visitor 王○明, of a colleague only
    the state, of a car no driver, and never who of the desk said it."""
    if audience is Audience.STAFF:
        return row
    match row:
        case VisitRow(delegation=name, open=False):
            return row.model_copy(update={"by": "", "delegation": mask_name(name)})
        case WhereaboutsRow():
            return row.model_copy(update={"by": "", "place": "", "back": None})
        case VehicleRow():
            return row.model_copy(update={"by": "", "driver": ""})
    return row.model_copy(update={"by": ""})


def expected(snapshot: Snapshot[VisitRow]) -> Expected:
    """The visits of a section as any passer-by may be told them at a kiosk: when, how many, and the
    name of a body, but of no person and no room."""
    rows = () if snapshot.deleted else snapshot.items
    visits = (
        ExpectedVisit(
            starts=row.starts,
            until=row.until,
            body=row.delegation if row.open else "",
            headcount=row.headcount,
        )
        for row in sorted(rows, key=lambda row: row.starts)
    )
    return Expected(
        group=snapshot.group,
        epoch=snapshot.epoch,
        rev=snapshot.rev,
        day=snapshot.day,
        published_at=snapshot.published_at,
        items=tuple(visits),
    )


def paginate(heights: Sequence[float], room: float) -> list[range]:
    """Which rows stand together: in order, as many to a page as its `room` takes.

    A row that is taller than the room has a page of its own. No rows are no pages.
    """
    pages: list[range] = []
    start, used = 0, 0.0
    for number, height in enumerate(heights):
        if used + height > room and number > start:
            pages.append(range(start, number))
            start, used = number, 0.0
        used += height
    if heights:
        pages.append(range(start, len(heights)))
    return pages


def turn(pages: int, first: int, elapsed: float, dwell: float) -> tuple[int, float]:
    """The page to show and the seconds until the next turn, when page `first` was shown `elapsed`
    seconds ago and each stays for `dwell` seconds."""
    turns, within = divmod(max(elapsed, 0.0), dwell)
    return (first + int(turns)) % pages, dwell - within
