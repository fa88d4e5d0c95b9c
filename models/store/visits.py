"""Appointments, visits, and calls for the desk."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from models import rules
from models.store.confirmations import ConfirmationRow, confirmations, steps_of
from models.store.office import NAMED, host_label
from models.store.prepared import insert, prepared, update
from models.store.rooms import book, unbook
from models.tables import (
    Appointment,
    HelpCall,
    Person,
    Room,
    Visit,
    database,
)
from models.terms import (
    Admission,
    AppointmentKind,
    Category,
    Language,
    Purpose,
    VisitState,
    visit_number,
)


@dataclass(frozen=True)
class AppointmentRow:
    id: int
    code: str
    phone_last4: str
    name: str
    organisation: str
    category: Category
    party: int
    host_id: int | None
    host: str
    department: str
    room: str
    starts: datetime
    ends: datetime
    kind: AppointmentKind
    notice_id: int | None
    arrived: bool
    names: tuple[str, ...]
    invitation: str
    cancelled_by: str
    cancel_reason: str

    @property
    def cancelled(self) -> bool:
        return bool(self.cancelled_by)


@dataclass(frozen=True)
class VisitRow:
    """A visit with everything a screen may need of it."""

    id: int
    key: str
    seq: int
    kiosk: str
    purpose: Purpose
    category: Category
    name: str
    organisation: str
    department: str
    host_id: int | None
    host: str
    party: int
    appointment_id: int | None
    appointment_at: datetime | None
    admission: Admission
    reasons: tuple[str, ...]
    wait_at: str
    destination: str
    state: VisitState
    code: str
    asked_to_wait: bool
    registered_at: datetime
    decided_at: datetime | None
    decided_by: str
    language: Language
    steps: tuple[ConfirmationRow, ...]
    phone_last4: str
    refusal: str
    tea: int
    permit_id: int | None
    worker_id: int | None
    told: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def number(self) -> str:
        return visit_number(self.id)


@dataclass(frozen=True)
class HelpCallRow:
    """A kiosk calls the desk: for whoever presses the button, or, with the `code` of a refusal, for
    somebody whose registration came late and could not be taken."""

    id: int
    kiosk: str
    visit_name: str
    at: datetime
    code: str


def add_appointment(**fields: Any) -> AppointmentRow:
    """Insert an appointment and book its room, both or neither. Raises RoomTaken."""
    with database.atomic("IMMEDIATE"):
        row = Appointment.create(**fields)
        if row.room_id:
            book(row.room_id, row.starts, row.ends, appointment=row.id)
    return _appointment(*_appointment_by_id(row.id))


def note_announced(appointment_id: int, notice_id: int) -> None:
    Appointment.update(notice=notice_id).where(Appointment.id == appointment_id).execute()


def cancel_appointment(appointment_id: int, by: str, reason: str, at: datetime) -> None:
    """Nobody is expected any more; its room is free."""
    fields = {"cancelled_at": at, "cancelled_by": by, "cancel_reason": reason}
    Appointment.update(**fields).where(Appointment.id == appointment_id).execute()
    unbook(appointment_id)


def imported_keys() -> set[str]:
    """What was imported so far, as `models.importing.Entry.key` says it."""
    query = Appointment.select(Appointment.source).where(Appointment.source != "")
    return {row.source for row in query}


def appointment(appointment_id: int) -> AppointmentRow | None:
    return next(map(_appointment, _appointment_by_id(appointment_id)), None)


def appointments(start: datetime, end: datetime) -> list[AppointmentRow]:
    """Those that overlap a span of time, soonest first."""
    found = appointments_kept(start, end)
    return [appointment for appointment in found if not appointment.cancelled]


def appointments_kept(start: datetime, end: datetime) -> list[AppointmentRow]:
    """The same with those that were cancelled."""
    within = _appointments().where(Appointment.starts < end, Appointment.ends > start)
    return [_appointment(a) for a in within.order_by(Appointment.starts)]


def appointments_in(states: Iterable[VisitState], ids: Iterable[int]) -> set[int]:
    """Of these appointments, those whose visit has come to one of these states."""
    chosen = Visit.state.in_(list(states)) & Visit.appointment.in_(list(ids))
    return {row.appointment_id for row in Visit.select(Visit.appointment).where(chosen)}


def appointments_by_code(code: str, start: datetime, end: datetime) -> list[AppointmentRow]:
    """Those not yet arrived under a short code or the last four digits of a phone."""
    found = map(_appointment, _appointments_by_code(code, start, end))
    return [one for one in found if not (one.arrived or one.cancelled)]


def invited(invitation: str) -> list[AppointmentRow]:
    """The appointments of one invitation that stand, soonest first."""
    stands = Appointment.cancelled_at.is_null()
    query = _appointments().where(Appointment.invitation == invitation, stands)
    return [_appointment(row) for row in query.order_by(Appointment.starts)]


def keep_invitation(appointment_id: int, invitation: str) -> None:
    """For an appointment of a database from before there were invitations."""
    Appointment.update(invitation=invitation).where(Appointment.id == appointment_id).execute()


def codes_in_use(start: datetime, end: datetime) -> set[str]:
    """The digits by which somebody is found in a span of time."""
    within = Appointment.select(Appointment.code, Appointment.phone_last4).where(
        Appointment.starts < end, Appointment.ends > start
    )
    return {digits for a in within for digits in (a.code, a.phone_last4)}


def _appointments() -> Any:
    """With what belongs to them, so that it is not asked for one by one."""
    arrived = fn.EXISTS(Visit.select(Visit.id).where(Visit.appointment == Appointment.id))
    return (
        Appointment.select(Appointment, *NAMED, Room.id, Room.name, arrived.alias("arrived"))
        .join(Person, JOIN.LEFT_OUTER)
        .switch(Appointment)
        .join(Room, JOIN.LEFT_OUTER)
    )


@prepared
def _appointment_by_id(appointment_id: int) -> Any:
    return _appointments().where(Appointment.id == appointment_id)


@prepared
def _appointments_by_code(code: str, start: datetime, end: datetime) -> Any:
    return (
        _appointments()
        .where(
            (Appointment.code == code) | (Appointment.phone_last4 == code),
            Appointment.starts < end,
            Appointment.ends > start,
        )
        .order_by(Appointment.starts)
    )


def _appointment(row: Any) -> AppointmentRow:
    department = row.host.department if row.host else ""
    return AppointmentRow(
        id=row.id,
        code=row.code,
        phone_last4=row.phone_last4,
        name=row.name,
        organisation=row.organisation,
        category=Category(row.category),
        party=row.party,
        host_id=row.host_id,
        host=host_label(department, row.host),
        department=department,
        room=row.room.name if row.room else "",
        starts=row.starts,
        ends=row.ends,
        kind=AppointmentKind(row.kind),
        notice_id=row.notice,
        arrived=bool(row.arrived),
        names=tuple(row.names.split("\n")) if row.names else (),
        invitation=row.invitation,
        cancelled_by=row.cancelled_by,
        cancel_reason=row.cancel_reason,
    )


def add_visit(decision: rules.Decision, **fields: Any) -> VisitRow:
    """Insert a visit. Raises peewee's IntegrityError if its key or appointment is taken."""
    visit_id = insert(
        Visit,
        decision=json.dumps(asdict(decision), ensure_ascii=False),
        admission=decision.admission,
        wait_at=decision.wait_at,
        destination=decision.destination,
        **fields,
    )
    return _visit(*_visit_by_id(visit_id))


def visit(visit_id: int) -> VisitRow | None:
    return next(map(_visit, _visit_by_id(visit_id)), None)


def visit_by_key(key: str) -> VisitRow | None:
    return next(map(_visit, _visit_by_key(key)), None)


def change_visit(visit_id: int, **fields: Any) -> VisitRow:
    """Change a visit; its sequence number grows, so that every screen takes the newer word."""
    if not database.in_transaction():
        raise RuntimeError("a visit is changed inside a transaction")
    (before,) = _seq_of(visit_id)
    update(Visit, visit_id, seq=before.seq + 1, **fields)
    return _visit(*_visit_by_id(visit_id))


def reclass_visit(visit_id: int, category: Category, decision: rules.Decision) -> VisitRow:
    """The desk says what kind of visitor this is; what the rules then say replaces the decision."""
    return change_visit(
        visit_id,
        category=category,
        decision=json.dumps(asdict(decision), ensure_ascii=False),
        admission=decision.admission,
        wait_at=decision.wait_at,
        destination=decision.destination,
    )


def waiting_visits() -> list[VisitRow]:
    """Who waits for the desk, longest first."""
    query = _visits().where(Visit.state == VisitState.WAITING).order_by(Visit.registered_at)
    rows = list(query)
    steps = confirmations(row.id for row in rows)
    return [_visit(row, steps.get(row.id, ())) for row in rows]


def refused_visits(start: datetime, end: datetime) -> list[VisitRow]:
    """Whom the desk itself has turned away in a span of time, the latest first."""
    query = (
        _visits()
        .where(
            Visit.state == VisitState.REFUSED,
            Visit.decided_by != "rules",
            Visit.decided_at >= start,
            Visit.decided_at < end,
        )
        .order_by(Visit.decided_at.desc())
    )
    return [_visit(v) for v in query]


def present_visits(start: datetime, end: datetime) -> list[VisitRow]:
    """Who registered in a span of time and waits or was let in."""
    query = _visits().where(
        Visit.registered_at >= start,
        Visit.registered_at < end,
        Visit.state.in_([VisitState.WAITING, VisitState.ADMITTED]),
    )
    return [_visit(v) for v in query.order_by(Visit.id)]


def visits_of_worker(worker_id: int, start: datetime, end: datetime) -> list[VisitRow]:
    """A worker's visits that were registered in a span of time."""
    query = _visits().where(
        Visit.worker == worker_id, Visit.registered_at >= start, Visit.registered_at < end
    )
    return [_visit(v) for v in query.order_by(Visit.id)]


def works_visits(start: datetime, end: datetime) -> list[VisitRow]:
    """Whoever came with a permit in a span of time, the latest first."""
    query = _visits().where(
        Visit.worker.is_null(False), Visit.registered_at >= start, Visit.registered_at < end
    )
    return [_visit(v) for v in query.order_by(Visit.id.desc())]


def count_waiting(kiosk: str) -> int:
    return len(_waiting_at(kiosk))


@prepared
def _waiting_at(kiosk: str) -> Any:
    return Visit.select(Visit.id).where(Visit.state == VisitState.WAITING, Visit.kiosk == kiosk)


def _visits() -> Any:
    """With what belongs to them, so that it is not asked for one by one."""
    booked = (Appointment.id, Appointment.starts, Appointment.phone_last4)
    return (
        Visit.select(Visit, *NAMED, *booked)
        .join(Person, JOIN.LEFT_OUTER)
        .switch(Visit)
        .join(Appointment, JOIN.LEFT_OUTER)
    )


@prepared
def _visit_by_id(visit_id: int) -> Any:
    return _visits().where(Visit.id == visit_id)


@prepared
def _seq_of(visit_id: int) -> Any:
    return Visit.select(Visit.seq).where(Visit.id == visit_id)


@prepared
def _visit_by_key(key: str) -> Any:
    return _visits().where(Visit.key == key)


def _visit(row: Any, steps: tuple[ConfirmationRow, ...] | None = None) -> VisitRow:
    if steps is None:
        steps = steps_of(row.id)
    decision = json.loads(row.decision)
    return VisitRow(
        id=row.id,
        key=row.key,
        seq=row.seq,
        kiosk=row.kiosk,
        purpose=Purpose(row.purpose),
        category=Category(row.category),
        name=row.name,
        organisation=row.organisation,
        department=row.department,
        host_id=row.host_id,
        host=host_label(row.department, row.host),
        party=row.party,
        appointment_id=row.appointment_id,
        appointment_at=row.appointment.starts if row.appointment else None,
        admission=Admission(row.admission),
        reasons=tuple(decision["reasons"]),
        wait_at=row.wait_at,
        destination=row.destination,
        state=VisitState(row.state),
        code=row.code,
        asked_to_wait=row.asked_to_wait,
        registered_at=row.registered_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        language=Language(row.language),
        steps=steps,
        phone_last4=row.phone[-4:] or (row.appointment.phone_last4 if row.appointment else ""),
        refusal=row.refusal,
        tea=decision["tea"],
        permit_id=row.permit_id,
        worker_id=row.worker_id,
        told=tuple(decision["told"]),
        names=tuple(row.names.split("\n")) if row.names else (),
    )


def add_help_call(
    key: str, kiosk: str, visit_id: int | None, at: datetime, code: str = "", who: str = ""
) -> bool:
    """Note a call once, however often its request is repeated: True the first time."""
    call = {"key": key, "kiosk": kiosk, "visit": visit_id, "at": at, "code": code, "who": who}
    changed: int = HelpCall.insert(**call).on_conflict_ignore().as_rowcount().execute()
    return bool(changed)


def help_calls() -> list[HelpCallRow]:
    """Calls for a human that nobody has answered, oldest first."""
    query = HelpCall.select().where(HelpCall.answered_at.is_null()).order_by(HelpCall.at)
    return [
        HelpCallRow(c.id, c.kiosk, c.visit.name if c.visit else c.who, c.at, c.code) for c in query
    ]


def answer_help_call(call_id: int, by: str, at: datetime) -> str | None:
    """Empty once it is answered by this; the name of whoever was faster; None for no such call."""
    changed: int = (
        HelpCall.update(answered_at=at, answered_by=by)
        .where(HelpCall.id == call_id, HelpCall.answered_at.is_null())
        .execute()
    )
    known = HelpCall.get_or_none(HelpCall.id == call_id)
    if changed or known is None:
        return "" if changed else None
    return str(known.answered_by)
