"""All queries: plain values in, plain values out. No other module knows the tables.

Writes are made inside `transaction()`, so that a row, the outbox messages it causes and its event
are committed together or not at all.
"""

import json
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from models import rules
from models.messages import Encoded
from models.tables import (
    ALL,
    Appointment,
    Base,
    Car,
    DeskSession,
    DeskUser,
    Device,
    Event,
    HelpCall,
    Meta,
    Notice,
    Outbox,
    Pass,
    Person,
    Receipt,
    Room,
    Scan,
    SectionRevision,
    Visit,
    database,
)
from models.terms import (
    Admission,
    Category,
    Direction,
    PassState,
    Purpose,
    Role,
    Section,
    VisitState,
)

ROOM_HORIZON = timedelta(hours=1)
"""A room that is booked within this time is not free for a walk-in."""


# --- plain values ------------------------------------------------------------------------------


@dataclass(frozen=True)
class PersonRow:
    id: int
    name: str
    department: str
    title: str
    receives: bool


@dataclass(frozen=True)
class RoomRow:
    id: int
    name: str
    kind: str
    capacity: int
    inside: bool


@dataclass(frozen=True)
class CarRow:
    id: int
    plate: str
    driver: str


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
    arrived: bool


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
    host: str
    party: int
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

    @property
    def number(self) -> str:
        return f"V-{self.id:04d}"


@dataclass(frozen=True)
class PassRow:
    id: int
    number: str
    visit_id: int
    name: str
    category: Category
    party: int
    host: str
    destination: str
    original: str
    state: PassState
    issued_at: datetime
    entered_at: datetime | None
    left_at: datetime | None
    valid_from: datetime
    valid_until: datetime

    def overdue(self, now: datetime) -> bool:
        return self.state is PassState.INSIDE and now > self.valid_until


@dataclass(frozen=True)
class ScanRow:
    """One scan as it was answered."""

    ok: bool
    code: str
    direction: Direction | None
    pass_id: int | None
    at: datetime


@dataclass(frozen=True)
class NoticeRow:
    id: int
    group: str
    section: Section
    content: dict[str, Any]
    day: date
    starts: datetime | None
    ends: datetime | None
    by: str
    at: datetime


@dataclass(frozen=True)
class SectionRow:
    section: Section
    rev: int
    day: date
    items: int
    published_at: datetime


@dataclass(frozen=True)
class ReceiptRow:
    board: str
    section: Section
    epoch: int
    rev: int
    seconds: float | None
    at: datetime


@dataclass(frozen=True)
class DeviceRow:
    role: Role
    device: str
    online: bool
    session: int
    version: str
    since: datetime


@dataclass(frozen=True)
class HelpCallRow:
    id: int
    kiosk: str
    visit_name: str
    at: datetime


@dataclass(frozen=True)
class UserRow:
    id: int
    name: str
    display: str
    password_hash: str


@dataclass(frozen=True)
class OutboxRow:
    id: int
    message: Encoded


# --- the database ------------------------------------------------------------------------------


def open_database(path: Path) -> None:
    """Open the database of this process, made on first use. Its epoch is drawn at creation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not database.is_closed():
        database.close()
    database.init(str(path))
    with transaction():
        database.create_tables(ALL, safe=True)
        Meta.insert(
            name="epoch", value=str(time.time_ns() // 1_000_000)
        ).on_conflict_ignore().execute()


def close_database() -> None:
    """Close this thread's connection."""
    database.close()


def transaction() -> AbstractContextManager[Any]:
    """Everything inside is committed together, or nothing is. Writers queue up for their turn."""
    atomic: AbstractContextManager[Any] = database.atomic("IMMEDIATE")
    return atomic


def epoch() -> int:
    return int(Meta.get_by_id("epoch").value)


def new_epoch() -> int:
    """Start a new epoch: after a restore, revisions would otherwise repeat with other content."""
    fresh = max(time.time_ns() // 1_000_000, epoch() + 1)
    Meta.update(value=str(fresh)).where(Meta.name == "epoch").execute()
    return fresh


def record(at: datetime, by: str, what: str, subject: str = "", **detail: object) -> None:
    """Append an event to the log."""
    text = json.dumps(detail, ensure_ascii=False, default=str) if detail else ""
    Event.create(at=at, by=by, what=what, subject=subject, detail=text)


# --- the office --------------------------------------------------------------------------------


def people() -> list[PersonRow]:
    return [_person(p) for p in Person.select().order_by(Person.id)]


def person(person_id: int) -> PersonRow | None:
    found = Person.get_or_none(Person.id == person_id)
    return _person(found) if found else None


def rooms() -> list[RoomRow]:
    return [
        RoomRow(r.id, r.name, r.kind, r.capacity, r.inside) for r in Room.select().order_by(Room.id)
    ]


def cars() -> list[CarRow]:
    return [CarRow(c.id, c.plate, c.driver) for c in Car.select().order_by(Car.id)]


def rooms_now(now: datetime) -> tuple[rules.Room, ...]:
    """The rooms as the rules see them: one in use, or booked within the hour, is not free."""
    booked = {
        a.room_id
        for a in Appointment.select(Appointment.room).where(
            Appointment.starts < now + ROOM_HORIZON, Appointment.ends > now
        )
    }
    in_use = {
        p.visit.destination
        for p in Pass.select(Pass, Visit)
        .join(Visit)
        .where(Pass.state.in_([PassState.ISSUED, PassState.INSIDE]), Pass.valid_until > now)
    }
    return tuple(
        rules.Room(
            r.name, r.kind, r.capacity, r.inside, r.id not in booked and r.name not in in_use
        )
        for r in rooms()
    )


def _person(row: Any) -> PersonRow:
    return PersonRow(row.id, row.name, row.department, row.title, row.receives)


def _host_label(department: str, host: Any) -> str:
    return " ".join(part for part in (department, host.name if host else "") if part)


# --- appointments ------------------------------------------------------------------------------


def add_appointment(**fields: Any) -> AppointmentRow:
    return _appointment(Appointment.create(**fields))


def appointments(start: datetime, end: datetime) -> list[AppointmentRow]:
    """Those that overlap a span of time, soonest first."""
    query = (
        Appointment.select()
        .where(Appointment.starts < end, Appointment.ends > start)
        .order_by(Appointment.starts)
    )
    return [_appointment(a) for a in query]


def appointments_by_code(code: str, start: datetime, end: datetime) -> list[AppointmentRow]:
    """Those not yet arrived under a short code or the last four digits of a phone."""
    return [
        a for a in appointments(start, end) if code in (a.code, a.phone_last4) and not a.arrived
    ]


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
        host=_host_label(department, row.host),
        department=department,
        room=row.room.name if row.room else "",
        starts=row.starts,
        ends=row.ends,
        arrived=Visit.select().where(Visit.appointment == row.id).exists(),
    )


# --- visits ------------------------------------------------------------------------------------


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
    return [_visit(v) for v in query]


def count_waiting(kiosk: str) -> int:
    count: int = (
        Visit.select().where(Visit.state == VisitState.WAITING, Visit.kiosk == kiosk).count()
    )
    return count


def _visit(row: Any) -> VisitRow:
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
        host=_host_label(row.department, row.host),
        party=row.party,
        appointment_at=row.appointment.starts if row.appointment else None,
        admission=Admission(row.admission),
        reasons=tuple(json.loads(row.decision)["reasons"]),
        wait_at=row.wait_at,
        destination=row.destination,
        state=VisitState(row.state),
        code=row.code,
        asked_to_wait=row.asked_to_wait,
        registered_at=row.registered_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
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


# --- passes ------------------------------------------------------------------------------------


def add_pass(prefix: str, **fields: Any) -> PassRow:
    """Insert a pass; its number is drawn from its row: A-0137."""
    row = Pass.create(number=f"?{bytes(fields['token_id']).hex()}", **fields)
    row.number = f"{prefix}-{row.id:04d}"
    row.save()
    return _pass(row)


def pass_by_id(pass_id: int) -> PassRow | None:
    found = Pass.get_or_none(Pass.id == pass_id)
    return _pass(found) if found else None


def pass_by_token_id(token_id: bytes) -> PassRow | None:
    found = Pass.get_or_none(Pass.token_id == token_id)
    return _pass(found) if found else None


def pass_by_number(number: str) -> PassRow | None:
    found = Pass.get_or_none(Pass.number == number.upper())
    return _pass(found) if found else None


def pass_of_visit(visit_id: int) -> PassRow | None:
    found = Pass.select().where(Pass.visit == visit_id).order_by(Pass.id.desc()).first()
    return _pass(found) if found else None


def change_pass(pass_id: int, **fields: Any) -> None:
    Pass.update(**fields).where(Pass.id == pass_id).execute()


def passes_about(now: datetime) -> list[PassRow]:
    """Who is inside, longest first, and who holds a pass that can still be used to enter."""
    query = (
        Pass.select()
        .where(
            (Pass.state == PassState.INSIDE)
            | ((Pass.state == PassState.ISSUED) & (Pass.valid_until > now))
        )
        .order_by(Pass.state, Pass.entered_at, Pass.issued_at)
    )
    return [_pass(p) for p in query]


def _pass(row: Any) -> PassRow:
    of = row.visit
    return PassRow(
        id=row.id,
        number=row.number,
        visit_id=of.id,
        name=of.name,
        category=Category(of.category),
        party=of.party,
        host=_host_label(of.department, of.host),
        destination=of.destination,
        original=row.original,
        state=PassState(row.state),
        issued_at=row.issued_at,
        entered_at=row.entered_at,
        left_at=row.left_at,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def scan(key: str) -> ScanRow | None:
    """The answer already given to a scan with this key."""
    found = Scan.get_or_none(Scan.key == key)
    if found is None:
        return None
    direction = Direction(found.direction) if found.direction else None
    return ScanRow(found.ok, found.code, direction, found.pass__id, found.at)


def add_scan(**fields: Any) -> None:
    Scan.create(**fields)


# --- the board ---------------------------------------------------------------------------------


def notice(notice_id: int) -> NoticeRow | None:
    """A notice that stands; one that was taken down is not found."""
    found = Notice.get_or_none(Notice.id == notice_id, Notice.taken_down_at.is_null())
    return _notice(found) if found else None


def notices(group: str, section: Section) -> list[NoticeRow]:
    """The notices of a section that stand, of any day, in the order they were written."""
    query = (
        Notice.select()
        .where(Notice.group == group, Notice.section == section, Notice.taken_down_at.is_null())
        .order_by(Notice.id)
    )
    return [_notice(n) for n in query]


def save_notice(notice_id: int | None, **fields: Any) -> NoticeRow:
    """Insert a notice, or change one."""
    fields["content"] = json.dumps(fields["content"], ensure_ascii=False)
    if notice_id is None:
        return _notice(Notice.create(**fields))
    Notice.update(**fields).where(Notice.id == notice_id).execute()
    return _notice(Notice.get_by_id(notice_id))


def end_notice(notice_id: int, at: datetime) -> None:
    Notice.update(taken_down_at=at).where(Notice.id == notice_id).execute()


def overtaken_sections(now: datetime) -> list[tuple[str, Section]]:
    """Sections of which a notice has begun or ended since they were last published."""
    since = SectionRevision.published_at
    query = (
        SectionRevision.select(SectionRevision.group, SectionRevision.section)
        .join(
            Notice,
            on=(
                (Notice.group == SectionRevision.group)
                & (Notice.section == SectionRevision.section)
                & Notice.taken_down_at.is_null()
                & (
                    ((Notice.starts > since) & (Notice.starts <= now))
                    | ((Notice.ends > since) & (Notice.ends <= now))
                )
            ),
        )
        .distinct()
    )
    return [(row.group, Section(row.section)) for row in query]


def sections(group: str) -> dict[Section, SectionRow]:
    """Every section of a group that was ever published."""
    query = SectionRevision.select().where(SectionRevision.group == group)
    return {
        Section(s.section): SectionRow(Section(s.section), s.rev, s.day, s.items, s.published_at)
        for s in query
    }


def groups() -> list[str]:
    """The groups that anything was ever published to."""
    query = SectionRevision.select(SectionRevision.group).distinct()
    return [row.group for row in query]


def next_revision(group: str, section: Section, day: date, items: int, at: datetime) -> int:
    """Count a section's revision up, and return it."""
    key = {"group": group, "section": section}
    row, made = SectionRevision.get_or_create(  # type: ignore[no-untyped-call]
        **key, defaults={"rev": 1, "day": day, "items": items, "published_at": at}
    )
    if not made:
        row.rev, row.day, row.items, row.published_at = row.rev + 1, day, items, at
        row.save()
    return int(row.rev)


def _notice(row: Any) -> NoticeRow:
    return NoticeRow(
        id=row.id,
        group=row.group,
        section=Section(row.section),
        content=json.loads(row.content),
        day=row.day,
        starts=row.starts,
        ends=row.ends,
        by=row.by,
        at=row.at,
    )


def keep_receipt(receipt: ReceiptRow) -> None:
    Receipt.insert(**asdict(receipt)).on_conflict(
        conflict_target=[Receipt.board, Receipt.section],
        preserve=[Receipt.epoch, Receipt.rev, Receipt.seconds, Receipt.at],
    ).execute()


def receipts() -> list[ReceiptRow]:
    return [
        ReceiptRow(r.board, Section(r.section), r.epoch, r.rev, r.seconds, r.at)
        for r in Receipt.select().order_by(Receipt.board)
    ]


# --- the wire ----------------------------------------------------------------------------------


def queue(messages: Iterable[Encoded]) -> None:
    """Put messages into the outbox; a retained one replaces what stood under its topic."""
    for message in messages:
        if message.retain:
            Outbox.delete().where(Outbox.topic == message.topic).execute()
        Outbox.create(**message._asdict())


def unsent(limit: int, beyond: int = 0) -> list[OutboxRow]:
    """The oldest messages that the broker has not taken, past the row `beyond`."""
    query = (
        Outbox.select()
        .where(Outbox.sent == False, Outbox.id > beyond)  # noqa: E712 - an SQL expression
        .order_by(Outbox.id)
        .limit(limit)
    )
    return [OutboxRow(o.id, Encoded(o.topic, bytes(o.payload), o.retain, o.qos)) for o in query]


def sent(outbox_ids: list[int]) -> None:
    """The broker has these: retained ones stay for the next connection, the others go."""
    chosen = Outbox.id.in_(outbox_ids)
    Outbox.delete().where(chosen, Outbox.retain == False).execute()  # noqa: E712
    Outbox.update(sent=True).where(chosen).execute()


def unsend_retained() -> None:
    """The broker may have lost what it retained: send all of it again."""
    Outbox.update(sent=False).where(Outbox.retain == True).execute()  # noqa: E712


def devices() -> list[DeviceRow]:
    return [
        DeviceRow(Role(d.role), d.device, d.online, d.session, d.version, d.since)
        for d in Device.select().order_by(Device.role, Device.device)
    ]


def keep_device(device: DeviceRow) -> bool:
    """Note a device's presence; one of a session older than the known is ignored. True if it is
    news."""
    known = Device.get_or_none(Device.role == device.role, Device.device == device.device)
    if known and known.session > device.session:
        return False
    if known and (known.session, known.online) == (device.session, device.online):
        return False
    Device.insert(**asdict(device)).on_conflict(
        conflict_target=[Device.role, Device.device],
        preserve=[Device.online, Device.session, Device.version, Device.since],
    ).execute()
    return True


# --- the desk ----------------------------------------------------------------------------------


def user(name: str) -> UserRow | None:
    found = DeskUser.get_or_none(DeskUser.name == name)
    return UserRow(found.id, found.name, found.display, found.password_hash) if found else None


def add_user(name: str, display: str, password_hash: str) -> None:
    DeskUser.create(name=name, display=display, password_hash=password_hash)


def open_session(token_hash: str, user_id: int, expires: datetime) -> None:
    DeskSession.delete().where(DeskSession.expires < datetime.now(UTC)).execute()
    DeskSession.create(token_hash=token_hash, user=user_id, expires=expires)


def session(token_hash: str, now: datetime) -> UserRow | None:
    found = DeskSession.get_or_none(DeskSession.token_hash == token_hash, DeskSession.expires > now)
    if found is None:
        return None
    of = found.user
    return UserRow(of.id, of.name, of.display, of.password_hash)


def close_session(token_hash: str) -> None:
    DeskSession.delete().where(DeskSession.token_hash == token_hash).execute()


# --- the demonstration -------------------------------------------------------------------------

DEMO_USER = "desk"
DEMO_PASSWORD = "lobby-demo"  # noqa: S105 - printed by make run, for trying the lobby out


def seed_demo(now: datetime) -> None:
    """Fill an empty database with a small office. A database with people in it is left alone."""
    from argon2 import PasswordHasher

    with transaction():
        if Person.select().exists() or DeskUser.select().exists():
            return
        _fill(Person, ("department", "name", "title"), _DEMO_PEOPLE)
        _fill(Room, ("name", "kind", "capacity", "inside"), _DEMO_ROOMS)
        _fill(Car, ("plate", "driver"), _DEMO_CARS)
        add_user(DEMO_USER, "王美玲", PasswordHasher().hash(DEMO_PASSWORD))
        record(now, "setup", "demo_data")


def _fill(table: type[Base], names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    table.insert_many([dict(zip(names, row, strict=True)) for row in rows]).execute()


_DEMO_PEOPLE = [
    ("總經理辦公室", "陳國華", "總經理"),
    ("總經理辦公室", "林佩芬", "行政助理"),
    ("工程部", "李志強", "主管"),
    ("工程部", "何家榮", "工程師"),
    ("客服部", "王美玲", "前台"),
    ("客服部", "許雅婷", "客服專員"),
    ("財務部", "周敏", "會計"),
    ("人力資源部", "黃淑儀", "招聘專員"),
    ("保安部", "張偉", "隊長"),
]
_DEMO_ROOMS = [
    ("三樓第一會議室", "meeting", 12, True),
    ("二樓多功能廳", "meeting", 40, True),
    ("三樓第二洽談室", "negotiation", 4, True),
    ("二樓第一洽談室", "negotiation", 6, True),
    ("大堂洽談室", "negotiation", 4, False),
    ("電梯前廳沙發", "waiting", 6, False),
    ("首層前台", "counter", 10, False),
]
_DEMO_CARS = [("粵B·12345", "劉師傅"), ("粵B·67890", "吳師傅"), ("粵B·24680", "鄭師傅")]
