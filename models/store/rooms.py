"""Rooms and who holds them when. A room is never held twice at once."""

from datetime import datetime, timedelta
from typing import Any

from models import rules
from models.store.ledger import is_inside
from models.store.office import rooms
from models.store.prepared import insert, prepared
from models.tables import Appointment, Booking, Pass, Visit, database
from models.terms import PassState

ROOM_HORIZON = timedelta(hours=1)
"""A room that is booked within this time is not free for a walk-in."""


class RoomTaken(Exception):
    """Somebody else holds the room in that time. Who, is nobody's business."""


def rooms_now(now: datetime) -> tuple[rules.Room, ...]:
    """The rooms as the rules see them: one that is held now or within the hour is not free."""
    return rooms_between(now, now + ROOM_HORIZON)


def rooms_between(starts: datetime, ends: datetime) -> tuple[rules.Room, ...]:
    """The rooms as the rules see them: free is who nobody holds at any time of the span."""
    held = {booking.room_id for booking in _held(starts, ends)}
    return tuple(
        rules.Room(r.name, r.kind, r.capacity, r.inside, r.id not in held) for r in rooms()
    )


def book(
    room_id: int,
    starts: datetime,
    ends: datetime,
    *,
    appointment: int | None = None,
    visit: int | None = None,
) -> None:
    """Hold a room. Raises RoomTaken.

    Looking and writing are one step only inside a transaction that excludes other writers, so
    this insists on one.
    """
    if not database.in_transaction():
        raise RuntimeError("a room is booked inside a transaction")
    if _overlapping(room_id, starts, ends):
        raise RoomTaken
    insert(Booking, room=room_id, starts=starts, ends=ends, appointment=appointment, visit=visit)


def unbook(appointment_id: int) -> None:
    """Its guests come no more: others can have the room."""
    Booking.delete().where(Booking.appointment == appointment_id).execute()


def occupy(room_name: str, visit_id: int, now: datetime, until: datetime) -> None:
    """A visitor is shown into a room: it is theirs until then, or until it is booked for others.

    A place that is no such room (a department, the counter) is held by nobody. Raises RoomTaken.
    """
    for room in rooms():
        if room.name == room_name and room.kind in rules.BOOKABLE:
            later = [booking.starts for booking in _overlapping(room.id, now, until)]
            ends = min((starts for starts in later if starts > now), default=until)
            book(room.id, now, ends, visit=visit_id)


def used_by_others(appointment_id: int, now: datetime) -> bool:
    """Does somebody else hold the room of this appointment at this moment?"""
    return any(
        booking.appointment_id != appointment_id for booking in _in_its_room(appointment_id, now)
    )


def release(visit_id: int, now: datetime) -> None:
    """Who has left needs the room no longer: it is free once the last pass of the visit is back."""
    about = (Pass.state == PassState.ISSUED) | is_inside()
    if Pass.select().where(Pass.visit == visit_id, about).exists():
        return
    appointment = Visit.select(Visit.appointment).where(Visit.id == visit_id)
    theirs = (Booking.visit == visit_id) | Booking.appointment.in_(appointment)
    Booking.delete().where(theirs, Booking.starts >= now).execute()
    Booking.update(ends=now).where(theirs, Booking.ends > now).execute()


def book_earlier_appointments() -> None:
    """Appointments of a database from before there were bookings get theirs."""
    for appointment in Appointment.select().where(Appointment.room.is_null(False)):
        span = {"starts": appointment.starts, "ends": appointment.ends}
        Booking.create(room=appointment.room_id, appointment=appointment.id, **span)


@prepared
def _held(starts: datetime, ends: datetime) -> Any:
    return Booking.select(Booking.room).where(Booking.starts < ends, Booking.ends > starts)


@prepared
def _overlapping(room_id: int, starts: datetime, ends: datetime) -> Any:
    return Booking.select().where(
        Booking.room == room_id, Booking.starts < ends, Booking.ends > starts
    )


@prepared
def _in_its_room(appointment_id: int, now: datetime) -> Any:
    room = Appointment.select(Appointment.room).where(Appointment.id == appointment_id)
    return Booking.select().where(Booking.room.in_(room), Booking.starts <= now, Booking.ends > now)
