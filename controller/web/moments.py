"""Times as people at the desk write them, read in the site's zone. Pure.

`11:30` or `1130` is today, `11-24 09:00` the nearest such day, `2026-11-24 09:00` says it all; a
program sends ISO 8601 with an offset. What a form shows again is written the same way.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema

_LOCAL = re.compile(
    r"(?:(?:(?P<year>\d{4})[-/.])?(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[ T]+)?"
    r"(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::\d{2})?",
    re.ASCII,
)
_NARROW = {ord("："): ":", ord("　"): " "} | {ord("０") + n: str(n) for n in range(10)}
_HALF_A_YEAR = 6
FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)
"""The days of this office. At the calendar's ends, arithmetic with days and zones overflows."""


class NoSuchTime(ValueError):
    """A wall-clock time that the zone skips, in the night the clocks go forward, or no date."""


@dataclass(frozen=True)
class Written:
    """A time as it was written: a moment, or a wall clock still to be placed in the zone."""

    moment: datetime | None
    clock: time = time()
    month_day: tuple[int, int] | None = None
    year: int | None = None

    def at(self, zone: ZoneInfo, now: datetime) -> datetime:
        """The moment meant. Raises NoSuchTime."""
        if self.moment is not None:
            return self.moment
        today = now.astimezone(zone).date()
        month, day = self.month_day or (today.month, today.day)
        year = self.year or today.year
        # In December, January is next month and not eleven months ago.
        if self.year is None and today.month - month > _HALF_A_YEAR:
            year += 1
        try:
            meant = datetime.combine(date(year, month, day), self.clock, zone)
        except ValueError:
            raise NoSuchTime from None
        # The hour that the zone repeats in autumn means its first; the one it skips is nothing.
        there_and_back = datetime.fromtimestamp(meant.timestamp(), zone)
        if there_and_back.replace(tzinfo=None) != meant.replace(tzinfo=None):
            raise NoSuchTime
        return meant


def read(text: object) -> Written:
    """What somebody wrote as a time. Raises ValueError where it is none."""
    if isinstance(text, Written):
        return text
    if not isinstance(text, str) or len(text) > 40:
        raise ValueError("not a time")
    # Full-width digits and the colon of a Chinese keyboard are the same to a reader.
    plain = " ".join(text.translate(_NARROW).split())
    if match := _LOCAL.fullmatch(plain):
        part = {name: int(digits) for name, digits in match.groupdict().items() if digits}
        on = (part["month"], part["day"]) if "month" in part else None
        year = part.get("year")
        return Written(None, time(part["hour"], part["minute"]), on, year and _sane(year))
    moment = datetime.fromisoformat(plain)
    if moment.tzinfo is None:
        raise ValueError("a time of day is missing, or its offset")
    _sane(moment.year)
    return Written(moment)


def _sane(year: int) -> int:
    if not FIRST.year <= year <= LAST.year:
        raise ValueError(f"{year} is not a year of this office")
    return year


When = Annotated[
    Written,
    BeforeValidator(read),
    WithJsonSchema(
        {
            "type": "string",
            "description": "ISO 8601 with an offset, or a local time of the site: HH:MM (today), "
            "MM-DD HH:MM (the nearest), YYYY-MM-DD HH:MM",
            "examples": ["11:30", "2026-11-24 09:00", "2026-11-24T09:00:00+08:00"],
        }
    ),
]
"""A pydantic field that reads times."""

Day = Annotated[date, Field(ge=FIRST, le=LAST)]
"""A pydantic field that reads days."""


def written(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A moment as `read` understands it: today's as HH:MM, another day's with its date."""
    local = moment.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"{local:%H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


def now() -> datetime:
    """The moment, to the millisecond that the store keeps: what is answered now reads the same
    later."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
