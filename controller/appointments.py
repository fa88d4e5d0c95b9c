"""Appointments: one guest, a delegation, a series, and their line on the board."""

import random
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NotRequired, TypedDict, Unpack

from controller import duty, publishing
from controller.core import Core, Refusal
from models import invitations, store
from models.store import AppointmentRow, NoticeRow
from models.terms import AppointmentKind, Category, Duty, Section, mask_name
from models.words import say

MOST_DAYS = 100
"""Days of one series. Whoever comes longer is entered again, and so looked at again."""


class Wish(TypedDict):
    """An appointment as somebody wishes it; `phone_last4` may be empty. `names` are the persons of
    the party, as far as known: more of them than `party` make it that many."""

    name: str
    organisation: str
    category: Category
    party: int
    host_id: int | None
    room_id: int | None
    starts: datetime
    ends: datetime
    phone_last4: str
    names: NotRequired[tuple[str, ...]]
    crowded: NotRequired[bool]


def make(
    core: Core,
    *,
    by: str,
    now: datetime,
    kind: AppointmentKind = AppointmentKind.PERSON,
    **wish: Unpack[Wish],
) -> AppointmentRow:
    """Expect a visitor; the four-digit code is theirs to type at the kiosk. Raises Refusal as
    `expect` does."""
    with store.transaction():
        row = expect(core, by=by, now=now, kind=kind, **wish)
    core.committed("visits")
    return row


def expect(
    core: Core,
    *,
    by: str,
    now: datetime,
    source: str = "",
    kind: AppointmentKind = AppointmentKind.PERSON,
    code: str = "",
    invitation: str = "",
    **wish: Unpack[Wish],
) -> AppointmentRow:
    """Make an appointment in the caller's transaction; without a `code` or an `invitation` it gets
    one of its own.

    Raises Refusal: ends_before_start, unknown_host, unknown_room, room_too_small (unless the wish
    says `crowded`), room_taken, no_code_left.
    """
    starts, ends, host, room = wish["starts"], wish["ends"], wish["host_id"], wish["room_id"]
    names = wish.get("names", ())
    if not now < ends or not starts < ends:
        raise Refusal("ends_before_start", "ends")
    if host is not None and store.person(host) is None:
        raise Refusal("unknown_host", "host")
    party = max(wish["party"], len(names))
    _judge_room(room, party, crowded=wish.get("crowded", False))
    try:
        row = store.add_appointment(
            code=code or free_code(core, starts, ends),
            phone_last4=wish["phone_last4"],
            name=wish["name"],
            organisation=wish["organisation"],
            category=wish["category"],
            party=party,
            names=store.lines(names),
            host=host,
            room=room,
            starts=starts,
            ends=ends,
            by=by,
            source=source,
            kind=kind,
            invitation=invitation or _new_invitation(),
        )
    except store.RoomTaken:
        raise Refusal("room_taken", "room") from None
    store.record(now, by, "appointment_made", f"appointment-{row.id}", starts=starts)
    return row


def _judge_room(room: int | None, party: int, *, crowded: bool) -> None:
    if room is None:
        return
    capacity = {known.id: known.capacity for known in store.rooms()}
    if room not in capacity:
        raise Refusal("unknown_room", "room")
    if capacity[room] < party and not crowded:
        raise Refusal("room_too_small", "room")


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
    date, all under one code and one invitation: every one or none.

    Raises Refusal: no_such_day, too_many_days, and what `expect` raises.
    """
    days = _days(core.local(wish["starts"]).date(), set(weekdays), until)
    with store.transaction():
        spans = [_span(core, wish, day) for day in days]
        shared = {
            "code": free_code(core, spans[0][0], spans[-1][1]),
            "invitation": _new_invitation(),
        }
        rows = []
        for starts, ends in spans:
            one: Wish = {**wish, "starts": starts, "ends": ends}
            kind = AppointmentKind.RECURRING
            rows.append(expect(core, by=by, now=now, kind=kind, **shared, **one))
    core.committed("visits")
    return rows


def _days(first: date, weekdays: set[int], until: date) -> list[date]:
    days: list[date] = []
    for number in range((until - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() in weekdays:
            days.append(day)
        if len(days) > MOST_DAYS:
            raise Refusal("too_many_days", "until", most=MOST_DAYS)
    if not days:
        raise Refusal("no_such_day", "until")
    return days


def _span(core: Core, wish: Wish, day: date) -> tuple[datetime, datetime]:
    """The same wall clock on another day."""
    starts = datetime.combine(day, core.local(wish["starts"]).time(), core.settings.zone)
    return starts, starts + (wish["ends"] - wish["starts"])


def cancel(
    core: Core, appointment_id: int, reason: str, key: str, by: str, now: datetime
) -> AppointmentRow:
    """Nobody comes any more: the room is free, the code and the invitation let nobody in, the
    board's line goes, and the log has why, to be passed on to the host. A repeat of the key changes
    nothing.

    Raises Refusal: not_found, already_cancelled (by whom, in words), appointment_used.
    """
    with store.transaction():
        row = store.appointment(appointment_id)
        if row is None:
            raise Refusal("not_found")
        if store.entry_by_key(key):
            return row
        if row.cancelled:
            raise Refusal("already_cancelled", name=row.cancelled_by)
        if row.arrived or row.ends <= now:
            raise Refusal("appointment_used")
        store.cancel_appointment(row.id, by, reason, now)
        if row.notice_id is not None and store.notice(row.notice_id):
            publishing.take_down(core, row.notice_id, by, now)
        store.record(now, by, "appointment_cancelled", f"appointment-{row.id}", starts=row.starts)
        _to_be_passed_on(core, row, reason, key, by, now)
        row = store.appointment(row.id) or row
    core.committed("visits")
    return row


def _to_be_passed_on(
    core: Core, row: AppointmentRow, reason: str, key: str, by: str, now: datetime
) -> None:
    when = f"{core.local(row.starts):%m-%d %H:%M}"
    message = say(core.settings.board.language, "desk.cancelled_message", when=when, reason=reason)
    if row.host:
        said = {"message": message, "caller": row.name, "to": row.host}
        duty.record(core, Duty.PHONE, said, key, by, now)
    else:
        said = {"message": f"{row.name}　{message}"}
        duty.record(core, Duty.OTHER, said, key, by, now)


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
        midnight, _ = core.day_of(row.starts)
        alone = row.kind is AppointmentKind.PERSON and row.party == 1
        content = {
            "starts": row.starts,
            "delegation": row.organisation or (mask_name(row.name) if alone else row.name),
            "open": bool(row.organisation),
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


def invitation_of(appointment_id: int) -> AppointmentRow:
    """An appointment that has an invitation; one from before there were any gets one now. Raises
    Refusal: not_found."""
    with store.transaction():
        row = store.appointment(appointment_id)
        if row is None:
            raise Refusal("not_found")
        if not row.invitation:
            store.keep_invitation(row.id, _new_invitation())
            row = store.appointment(row.id) or row
    return row


def invited(core: Core, invitation: str, now: datetime) -> AppointmentRow:
    """Whom an invitation is for today.

    Raises Refusal: unknown_code (nobody was ever given it), invitation_used, invitation_expired,
    invitation_early.
    """
    rows = store.invited(invitation)
    if not rows:
        raise Refusal("unknown_code", "code")
    start, end = core.day_of(now)
    today = [row for row in rows if row.starts < end and row.ends > start]
    if not today:
        early = rows[-1].starts >= end
        raise Refusal("invitation_early" if early else "invitation_expired")
    if all(row.arrived for row in today):
        raise Refusal("invitation_used")
    return next(row for row in today if not row.arrived)


def _new_invitation() -> str:
    return invitations.text_of(secrets.token_bytes(invitations.LENGTH))


def free_code(core: Core, starts: datetime, ends: datetime) -> str:
    """Four digits that nobody else is found by on those days. Raises Refusal: no_code_left."""
    start, _ = core.day_of(starts)
    _, end = core.day_of(ends)
    taken = store.codes_in_use(start, end)
    free = [code for code in (f"{number:04d}" for number in range(10_000)) if code not in taken]
    if not free:
        raise Refusal("no_code_left")
    return random.SystemRandom().choice(free)


def booked_room(appointment: AppointmentRow | None, now: datetime) -> str:
    """The room that waits for an expected guest. Who comes long before or after their time may
    find others in it."""
    if appointment is None or store.used_by_others(appointment.id, now):
        return ""
    return appointment.room
