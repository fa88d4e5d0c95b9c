"""Which line of the board holds on which day, and at which moment it is shown. Pure.

A day section's line holds on its own day; yesterday's are never taken for today's. A reminder holds
from its day on. A line with an `until_day` holds on each of its days anew, with its times moved
there.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.notices import DAILY
from models.store import NoticeRow
from models.terms import Section

MOMENTS = {
    Section.VEHICLES: ("departs",),
    Section.WHEREABOUTS: ("back",),
    Section.VISITS: ("starts",),
}
"""The fields of a line that are moments."""


def shown(notice: NoticeRow, now: datetime, zone: ZoneInfo) -> NoticeRow | None:
    """The line as it is shown at `now`; None where it is not."""
    if notice.draft:
        return None
    today = now.astimezone(zone).date()
    if (line := on(notice, today, zone)) and _lasts(line, now):
        return line
    # The reminder of last night, which goes on past midnight.
    night = on(notice, today - timedelta(days=1), zone) if notice.until_day else None
    if night and notice.section not in DAILY and night.ends and _lasts(night, now):
        return night
    return None


def on(notice: NoticeRow, day: date, zone: ZoneInfo) -> NoticeRow | None:
    """The line as it holds on `day`; None where it does not."""
    if notice.until_day is not None:
        return moved(notice, day, zone) if _is_one_of_its_days(notice, day) else None
    if notice.day == day or (notice.section not in DAILY and notice.day < day):
        return notice
    return None


def moved(notice: NoticeRow, day: date, zone: ZoneInfo) -> NoticeRow:
    """The line with all its times at the same wall clock, so many days later or earlier."""
    by = day - notice.day

    def move(moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        local = moment.astimezone(zone)
        return datetime.combine(local.date() + by, local.time(), zone)

    content = dict(notice.content)
    for name in MOMENTS.get(notice.section, ()):
        if content.get(name):
            moment = move(datetime.fromisoformat(content[name]))
            content[name] = moment.isoformat() if moment else None
    return replace(
        notice, content=content, day=day, starts=move(notice.starts), ends=move(notice.ends)
    )


def is_over(notice: NoticeRow, now: datetime, zone: ZoneInfo) -> bool:
    """Will the line never be shown again?"""
    today = now.astimezone(zone).date()
    if (last := notice.until_day) is not None:
        ended = moved(notice, last, zone).ends
        return last < today and (ended is None or ended <= now)
    return _ended(notice, now) or (notice.section in DAILY and notice.day < today)


def overtaken(notice: NoticeRow, since: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Has the line begun or ended by itself since then? A day that is over is no news: the board
    itself says that the new one was not published."""
    then, at_last = shown(notice, since, zone), shown(notice, now, zone)
    if at_last is not None:
        return then is None or then.day != at_last.day
    same_day = since.astimezone(zone).date() == now.astimezone(zone).date()
    return then is not None and (same_day or notice.section not in DAILY)


def _is_one_of_its_days(notice: NoticeRow, day: date) -> bool:
    if notice.until_day is None or not notice.day <= day <= notice.until_day:
        return False
    return not notice.weekdays or day.weekday() in notice.weekdays


def _lasts(line: NoticeRow, now: datetime) -> bool:
    return (line.starts is None or line.starts <= now) and not _ended(line, now)


def _ended(line: NoticeRow, now: datetime) -> bool:
    # Whereabouts that ran out stay, marked unconfirmed by the board: blank would be a guess.
    if line.section is Section.WHEREABOUTS or line.ends is None:
        return False
    return line.ends <= now
