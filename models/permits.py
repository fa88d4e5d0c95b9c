"""Works permits (施工許可, the seed's VI): on which days they hold, and lists of workers. Pure.

Of a worker's identity card only the last four characters are ever taken: three digits, and a digit
or X, as a mainland card ends.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.terms import PermitState, clean

MOST_WORKERS = 200
"""On one permit. A larger site has several."""
LONGEST = timedelta(days=366)
EVERY_DAY = "0123456"
"""Weekdays as digits, 0 is Monday."""
LAST4 = r"[0-9]{3}[0-9X]"

_LINE = re.compile(rf"(.+?)[\s,，、;；:：\t]+({LAST4})", re.ASCII)


@dataclass(frozen=True)
class Days:
    """When a permit holds: from one day to another, both included, on certain weekdays, and between
    two times of those days where it says so."""

    state: PermitState
    starts: date
    ends: date
    weekdays: str = EVERY_DAY
    opens: time | None = None
    closes: time | None = None


def flaw(days: Days, now: datetime) -> str:
    """Why nobody may work under a permit now, or nothing. `now` must be in the site's time zone."""
    today = now.date()
    if days.state is not PermitState.ACTIVE:
        return f"permit_{days.state}"
    if today < days.starts:
        return "permit_not_yet"
    if today > days.ends:
        return "permit_expired"
    if str(today.weekday()) not in days.weekdays:
        return "permit_other_day"
    if days.closes is not None and now.time() >= days.closes:
        return "permit_closed"
    return ""


def working_hours(days: Days, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when a pass issued now holds: today's hours, never beyond midnight."""
    today = now.astimezone(zone).date()
    midnight = datetime.combine(today + timedelta(days=1), time(), zone)
    closes = datetime.combine(today, days.closes, zone) if days.closes else midnight
    opens = datetime.combine(today, days.opens, zone) if days.opens else now
    return max(opens, now), closes


class BadWorkers(ValueError):
    """A list of workers cannot be taken. `code`: workers_line (with the number of the `line`),
    workers_repeated, workers_none, workers_too_many."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(f"{code}, line {line}")
        self.code = code
        self.line = line


def read_workers(text: str) -> list[tuple[str, str]]:
    """A pasted list, one worker a line: the name, then the last four of the identity card. Raises
    BadWorkers; a list is taken whole or not at all."""
    found: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        # Full-width digits and letters of a Chinese keyboard are the same to a reader.
        plain = unicodedata.normalize("NFKC", line).strip()
        if not plain:
            continue
        match = _LINE.fullmatch(plain[:-1] + plain[-1].upper())
        name = clean(match[1]) if match else ""
        if match is None or not 1 <= len(name) <= 60 or any(c.isdigit() for c in name):
            raise BadWorkers("workers_line", number)
        if (name, match[2]) in found:
            raise BadWorkers("workers_repeated", number)
        found.append((name, match[2]))
        if len(found) > MOST_WORKERS:
            raise BadWorkers("workers_too_many", number)
    if not found:
        raise BadWorkers("workers_none")
    return found
