"""Appointments, visits, and calls for the desk."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from models import rules
from models.store.confirmations import ConfirmationRow, confirmations
from models.store.office import host_label
from models.store.rooms import book
from models.tables import (
    Appointment,
    HelpCall,
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
        return f"V-{self.id:04d}"


@dataclass(frozen=True)
class HelpCallRow:
    id: int
    kiosk: str
    visit_name: str
    at: datetime


def add_appointment(**fields: Any) -> AppointmentRow:
    """Insert an appointment and book its room, both or neither. Raises RoomTaken."""
    with database.atomic("IMMEDIATE"):
        row = Appointment.create(**fields)
        if row.room_id:
            book(row.room_id, row.starts, row.ends, appointment=row.id)
    return _appointment(row)


def note_announced(appointment_id: int, notice_id: int) -> None:
    Appointment.update(notice=notice_id).where(Appointment.id == appointment_id).execute()


def imported_keys() -> set[str]:
    """What was imported so far, as `models.importing.Entry.key` says it."""
    query = Appointment.select(Appointment.source).where(Appointment.source != "")
    return {row.source for row in query}


def appointment(appointment_id: int) -> AppointmentRow | None:
    found = Appointment.get_or_none(Appointment.id == appointment_id)
    return _appointment(found) if found else None


def appointments(start: datetime, end: datetime) -> list[AppointmentRow]:
    """Those that overlap a span of time, soonest first."""
    within = Appointment.select().where(Appointment.starts < end, Appointment.ends > start)
    return [_appointment(a) for a in within.order_by(Appointment.starts)]


def appointments_by_code(code: str, start: datetime, end: datetime) -> list[AppointmentRow]:
    """Those not yet arrived under a short code or the last four digits of a phone."""
    named = Appointment.select().where(
        (Appointment.code == code) | (Appointment.phone_last4 == code),
        Appointment.starts < end,
        Appointment.ends > start,
    )
    return [a for a in map(_appointment, named.order_by(Appointment.starts)) if not a.arrived]


def invited(invitation: str) -> list[AppointmentRow]:
    """The appointments of one invitation, soonest first."""
    query = Appointment.select().where(Appointment.invitation == invitation)
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
        arrived=Visit.select().where(Visit.appointment == row.id).exists(),
        names=tuple(row.names.split("\n")) if row.names else (),
        invitation=row.invitation,
    )


def add_visit(decision: rules.Decision, **fields: Any) -> VisitRow:
    """Insert a visit. Raises peewee's IntegrityError if its key or appointment is taken."""
    visit = Visit.create(
        decision=json.dumps(asdict(decision), ensure_ascii=False),
        admission=decision.admission,
        wait_at=decision.wait_at,
        destination=decision.destination,
        **fields,
    )
    return _visit(visit)


def visit(visit_id: int) -> VisitRow | None:
    found = Visit.get_or_none(Visit.id == visit_id)
    return _visit(found) if found else None


def visit_by_key(key: str) -> VisitRow | None:
    found = Visit.get_or_none(Visit.key == key)
    return _visit(found) if found else None


def change_visit(visit_id: int, **fields: Any) -> VisitRow:
    """Change a visit; its sequence number grows, so that every screen takes the newer word."""
    Visit.update(seq=Visit.seq + 1, **fields).where(Visit.id == visit_id).execute()
    return _visit(Visit.get_by_id(visit_id))


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
    query = Visit.select().where(Visit.state == VisitState.WAITING).order_by(Visit.registered_at)
    rows = list(query)
    steps = confirmations(row.id for row in rows)
    return [_visit(row, steps.get(row.id, ())) for row in rows]


def refused_visits(start: datetime, end: datetime) -> list[VisitRow]:
    """Whom the desk itself has turned away in a span of time, the latest first."""
    query = (
        Visit.select()
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
    query = Visit.select().where(
        Visit.registered_at >= start,
        Visit.registered_at < end,
        Visit.state.in_([VisitState.WAITING, VisitState.ADMITTED]),
    )
    return [_visit(v) for v in query.order_by(Visit.id)]


def visits_of_worker(worker_id: int, start: datetime, end: datetime) -> list[VisitRow]:
    """A worker's visits that were registered in a span of time."""
    query = Visit.select().where(
        Visit.worker == worker_id, Visit.registered_at >= start, Visit.registered_at < end
    )
    return [_visit(v) for v in query.order_by(Visit.id)]


def works_visits(start: datetime, end: datetime) -> list[VisitRow]:
    """Whoever came with a permit in a span of time, the latest first."""
    query = Visit.select().where(
        Visit.worker.is_null(False), Visit.registered_at >= start, Visit.registered_at < end
    )
    return [_visit(v) for v in query.order_by(Visit.id.desc())]


def count_waiting(kiosk: str) -> int:
    count: int = (
        Visit.select().where(Visit.state == VisitState.WAITING, Visit.kiosk == kiosk).count()
    )
    return count


def _visit(row: Any, steps: tuple[ConfirmationRow, ...] | None = None) -> VisitRow:
    if steps is None:
        steps = confirmations([row.id]).get(row.id, ())
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


def add_help_call(key: str, kiosk: str, visit_id: int | None, at: datetime) -> None:
    """Note a call once, however often its request is repeated."""
    HelpCall.insert(key=key, kiosk=kiosk, visit=visit_id, at=at).on_conflict_ignore().execute()


def help_calls() -> list[HelpCallRow]:
    """Calls for a human that nobody has answered, oldest first."""
    query = HelpCall.select().where(HelpCall.answered_at.is_null()).order_by(HelpCall.at)
    return [HelpCallRow(c.id, c.kiosk, c.visit.name if c.visit else "", c.at) for c in query]


def answer_help_call(call_id: int, by: str, at: datetime) -> bool:
    changed: int = (
        HelpCall.update(answered_at=at, answered_by=by)
        .where(HelpCall.id == call_id, HelpCall.answered_at.is_null())
        .execute()
    )
    return changed == 1
