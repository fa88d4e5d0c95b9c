"""Expected visits as an iCalendar file (RFC 5545), for other calendars to subscribe to. Pure.

An event's id stays the same for as long as the visit is known, so that a calendar follows a change
instead of showing it twice; and what has not changed reads the same, byte for byte.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vText

_REFRESH = timedelta(minutes=15)
"""How often a calendar may well ask again."""


@dataclass(frozen=True)
class Expected:
    """One visit that is expected. `uid` is its alone among all calendars of the world; `says` is
    its description."""

    uid: str
    starts: datetime
    ends: datetime
    title: str
    place: str
    says: str
    cancelled: bool


def written(name: str, visits: Iterable[Expected], zone: ZoneInfo) -> bytes:
    """The file, its times in `zone`."""
    calendar = Calendar()
    calendar.add("prodid", "-//lobby//expected visits//")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _REFRESH, parameters={"value": "DURATION"})
    for visit in visits:
        calendar.add_component(_event(visit, zone))
    calendar.add_missing_timezones()
    text: bytes = calendar.to_ical()
    return text


def _event(visit: Expected, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", visit.uid)
    # Not now, or the same visit would never read the same.
    event.add("dtstamp", visit.starts)
    event.add("dtstart", visit.starts.astimezone(zone))
    event.add("dtend", visit.ends.astimezone(zone))
    event.add("summary", vText(visit.title))
    if visit.place:
        event.add("location", vText(visit.place))
    event.add("description", vText(visit.says))
    event.add("status", "CANCELLED" if visit.cancelled else "CONFIRMED")
    return event
