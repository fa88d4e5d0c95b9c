"""Expected visitors out of an iCalendar file (RFC 5545). Pure.

An event's summary is the visitor's name, its location the room, its organiser the host, and each
`heading: value` line of its description one more column of a list. Weekly events are written out.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from models.importing import MOST_LINES, Entry, Unreadable, field_of
from models.terms import clean

HORIZON = timedelta(days=60)
"""How far ahead a weekly event is written out."""
_USUAL = timedelta(hours=1)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNDERSTOOD = {"FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL", "WKST"}


class _Problem(Exception):
    """An event that cannot be read; the text is the code."""


def is_calendar(text: str) -> bool:
    return text.lstrip("\ufeff \r\n\t").upper().startswith("BEGIN:VCALENDAR")


def read_calendar(text: str, zone: ZoneInfo, now: datetime) -> list[Entry]:
    """The visits of a calendar from `now` on. A time without a zone is of `zone`. Raises
    Unreadable: not_a_calendar, too_many_lines."""
    try:
        events = Calendar.from_ical(text).walk("VEVENT")
    except (ValueError, IndexError, KeyError, TypeError):
        raise Unreadable("not_a_calendar") from None
    moved = {_instance(event, zone) for event in events if "RECURRENCE-ID" in event}
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "BEGIN:VEVENT"]
    found: list[Entry] = []
    for line, event in zip(lines, events, strict=False):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        try:
            found += _visits(line, event, zone, now, moved)
        except _Problem as problem:
            name = clean(str(event.get("SUMMARY", "")))
            found.append(Entry(line, name=name, problem=str(problem)))
        if len(found) > MOST_LINES:
            raise Unreadable("too_many_lines", most=MOST_LINES)
    return found


def _visits(
    line: int, event: Any, zone: ZoneInfo, now: datetime, moved: set[str]
) -> Iterator[Entry]:
    starts = _moment(event, "DTSTART", zone)
    length = _length(event, starts, zone)
    entry = replace(_said(event), line=line)
    if "RECURRENCE-ID" in event:
        yield replace(entry, key=_instance(event, zone), starts=starts, ends=starts + length)
    elif "RRULE" not in event:
        key = _key(event, None)
        yield replace(entry, key=key, starts=starts, ends=starts + length)
    else:
        for one in _weekly(event, starts, zone, now):
            key = _key(event, one)
            if key not in moved and one + length > now:
                yield replace(entry, key=key, starts=one, ends=one + length)


def _said(event: Any) -> Entry:
    """What an event says besides its times."""
    texts: dict[str, Any] = {}
    for row in str(event.get("DESCRIPTION", "")).splitlines():
        heading, _, value = row.replace("：", ":").partition(":")
        if (field := field_of(heading)) and field not in ("starts", "ends"):
            texts[field] = clean(value)
    organiser = event.get("ORGANIZER")
    attendees = event.get("ATTENDEE", [])
    guests = len(attendees) if isinstance(attendees, list) else 1
    entry = Entry(
        0,
        name=clean(str(event.get("SUMMARY", ""))),
        room=clean(str(event.get("LOCATION", ""))),
        host=clean(str(organiser.params.get("CN", ""))) if organiser is not None else "",
        party=str(guests or 1),
    )
    return replace(entry, **texts)


def _weekly(event: Any, starts: datetime, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """The moments at which a weekly event begins, up to the horizon: at the same wall clock each
    week, as its own zone counts."""
    rule = event["RRULE"]
    if isinstance(rule, list) or set(rule) - _UNDERSTOOD or rule.get("FREQ") != ["WEEKLY"]:
        raise _Problem("recurs_otherwise")
    days = [str(day) for day in rule.get("BYDAY", [_DAYS[starts.weekday()]])]
    if not set(days) <= set(_DAYS):
        raise _Problem("recurs_otherwise")
    every = int(rule.get("INTERVAL", [1])[0])
    count = int(rule.get("COUNT", [MOST_LINES * 20])[0])
    end = min(now + HORIZON, _until(rule, starts, zone))
    left_out = _left_out(event, zone)
    week_starts = starts - timedelta(days=starts.weekday())
    week = 0
    while every > 0 and week_starts + timedelta(weeks=week) <= end:
        for day in sorted(_DAYS.index(day) for day in days):
            one = week_starts + timedelta(weeks=week, days=day)
            if one < starts:
                continue
            if count == 0 or one > end:
                return
            count -= 1
            if one.astimezone(UTC) not in left_out:
                yield one
        week += every


def _until(rule: Any, starts: datetime, zone: ZoneInfo) -> datetime:
    if "UNTIL" not in rule:
        return datetime.max.replace(tzinfo=UTC)
    until = rule["UNTIL"][0]
    if not isinstance(until, datetime):
        return datetime.combine(until, starts.timetz()) + timedelta(hours=1)
    return until if until.tzinfo else until.replace(tzinfo=starts.tzinfo or zone)


def _left_out(event: Any, zone: ZoneInfo) -> set[datetime]:
    said = event.get("EXDATE", [])
    lists = said if isinstance(said, list) else [said]
    moments = [day.dt for dates in lists for day in dates.dts if isinstance(day.dt, datetime)]
    return {(m if m.tzinfo else m.replace(tzinfo=zone)).astimezone(UTC) for m in moments}


def _moment(event: Any, name: str, zone: ZoneInfo) -> datetime:
    try:
        when = event.decoded(name)
    except (KeyError, ValueError):
        raise _Problem("bad_starts") from None
    if not isinstance(when, datetime):
        raise _Problem("all_day" if isinstance(when, date) else "bad_starts")
    if when.tzinfo is None and "TZID" in event[name].params:
        raise _Problem("unknown_zone")
    return when if when.tzinfo else when.replace(tzinfo=zone)


def _length(event: Any, starts: datetime, zone: ZoneInfo) -> timedelta:
    if "DTEND" in event:
        return _moment(event, "DTEND", zone) - starts
    length = event.decoded("DURATION") if "DURATION" in event else _USUAL
    return length if isinstance(length, timedelta) else _USUAL


def _instance(event: Any, zone: ZoneInfo) -> str:
    try:
        return _key(event, _moment(event, "RECURRENCE-ID", zone))
    except _Problem:
        return ""


def _key(event: Any, one: datetime | None) -> str:
    """What recognises an event: its UID, and of a series the moment it was meant to begin."""
    moment = one.astimezone(UTC).isoformat() if one else ""
    return f"ics-{event.get('UID') or event.to_ical().hex()[:200]}-{moment}"[:400]
