"""Appointments that are more than one guest at one time: series, and delegations on the board."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Unpack

from controller import publishing, reception
from controller.core import Core, Refusal
from controller.reception import Wish
from models import store
from models.store import AppointmentRow, NoticeRow
from models.terms import AppointmentKind, Section, mask_name

MOST_DAYS = 100
"""Days of one series. Whoever comes longer is entered again, and so looked at again."""


def make_series(
    core: Core,
    *,
    weekdays: Iterable[int],
    until: date,
    by: str,
    now: datetime,
    **wish: Unpack[Wish],
) -> list[AppointmentRow]:
    """One appointment a day, from the first day's on, on those weekdays (0 is Monday) until that
    date, all under one code: every one or none.

    Raises Refusal: no_such_day, too_many_days, and what `reception.expect` raises.
    """
    days = _days(core.local(wish["starts"]).date(), set(weekdays), until)
    with store.transaction():
        spans = [_span(core, wish, day) for day in days]
        code = reception.free_code(core, spans[0][0], spans[-1][1])
        rows = []
        for starts, ends in spans:
            one: Wish = {**wish, "starts": starts, "ends": ends}
            kind = AppointmentKind.RECURRING
            rows.append(reception.expect(core, by=by, now=now, kind=kind, code=code, **one))
    core.committed("visits")
    return rows


def _days(first: date, weekdays: set[int], until: date) -> list[date]:
    days: list[date] = []
    for number in range((until - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() in weekdays:
            days.append(day)
        if len(days) > MOST_DAYS:
            raise Refusal("too_many_days", "until")
    if not days:
        raise Refusal("no_such_day", "until")
    return days


def _span(core: Core, wish: Wish, day: date) -> tuple[datetime, datetime]:
    """The same wall clock on another day."""
    starts = datetime.combine(day, core.local(wish["starts"]).time(), core.settings.zone)
    return starts, starts + (wish["ends"] - wish["starts"])


def announce(core: Core, appointment_id: int, by: str, now: datetime) -> NoticeRow:
    """Put an appointment on the board's visits, for its own day and until it ends.

    One person is not named there in full. Raises Refusal: not_found, already_announced,
    and what `publishing.publish` raises.
    """
    with store.transaction():
        row = store.appointment(appointment_id)
        if row is None:
            raise Refusal("not_found")
        if row.notice_id is not None and store.notice(row.notice_id):
            raise Refusal("already_announced")
        midnight, _ = reception.day_of(core, row.starts)
        alone = row.kind is AppointmentKind.PERSON and row.party == 1
        content = {
            "starts": row.starts,
            "delegation": row.organisation or (mask_name(row.name) if alone else row.name),
            "headcount": row.party,
            "room": row.room,
        }
        later = midnight if midnight > now else None
        notice = publishing.publish(
            core, Section.VISITS, content, by, now, starts=later, ends=row.ends
        )
        store.note_announced(row.id, notice.id)
    core.committed("board", "visits")
    return notice
