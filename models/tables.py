"""The peewee tables. Only `models.store` reads and writes them.

SQLite in WAL mode with `synchronous=FULL`: what was committed survives a kill and a power cut.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from peewee import (
    AutoField,
    BlobField,
    BooleanField,
    CharField,
    DateField,
    Field,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
    OperationalError,
    SqliteDatabase,
    TextField,
)

_NO_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
"""Primary result codes (sqlite.org/rescode.html), the lowest eight bits of what SQLite says."""


class NoRoomError(OperationalError):
    """Nothing can be written: the disk is full, broken or only to be read. What was to be committed
    is not, and what was committed before is there to be read."""

    sqlite_errorcode = sqlite3.SQLITE_FULL
    """As on SQLite's own errors: peewee wraps one that comes up while it connects once more."""


class Disk(SqliteDatabase):
    """Tells a disk that takes nothing from faults of ours."""

    full = False
    """Whether the last write found no room; whoever writes again and can, takes it back."""

    def connect(self, reuse_if_open: bool = False) -> bool:
        with self._judged():
            return bool(super().connect(reuse_if_open))

    def begin(self, *args: Any, **more: Any) -> None:
        with self._judged():
            super().begin(*args, **more)

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        with self._judged():
            return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def commit(self) -> None:
        with self._judged():
            super().commit()

    def rollback(self) -> None:
        # After some errors SQLite has undone everything by itself, and knows of no transaction.
        if self.connection().in_transaction:  # type: ignore[no-untyped-call]
            super().rollback()

    @contextmanager
    def _judged(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            said = getattr(error, "orig", error)
            if getattr(said, "sqlite_errorcode", 0) & 0xFF not in _NO_ROOM:
                raise
            self.full = True
            raise NoRoomError(*error.args) from error


database = Disk(
    None,
    pragmas={
        "journal_mode": "wal",
        "synchronous": "full",
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "cache_size": -16_000,
        # What is forgotten shall not be readable in the file either, nor its copy in an index.
        "secure_delete": 1,
    },
)


class MomentField(Field):
    """An aware moment, stored as whole milliseconds since 1970 (UTC): sortable, zone-free."""

    field_type = "INTEGER"

    def db_value(self, value: datetime | None) -> int | None:
        return None if value is None else round(value.timestamp() * 1000)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


def is_set(moment: Any) -> Any:
    """A moment is known: as a range, for SQLite answers no IS NOT NULL from an index."""
    return moment > datetime.fromtimestamp(0, UTC)


class Base(Model):
    # peewee adds these by itself, unseen by the type checker.
    id: Any
    host_id: Any
    room_id: Any
    appointment_id: Any
    pass__id: Any
    deputy_id: Any
    person_id: Any
    visit_id: Any
    permit_id: Any
    worker_id: Any
    goods_id: Any
    closing_id: Any
    roll_id: Any
    webhook_id: Any
    user_id: Any

    class Meta:
        database = database


class Meta(Base):
    """Facts about this database: its epoch and the schema it was made with."""

    name = CharField(primary_key=True)
    value = TextField()


class Posted(Base):
    """A form that was sent and done, by the key that it came with, and the row it has made."""

    key = CharField(primary_key=True)
    row = IntegerField()
    at = MomentField(index=True)


# --- the office --------------------------------------------------------------------------------


class Person(Base):
    name = CharField(index=True)
    department = CharField(index=True)
    title = CharField(default="")
    receives = BooleanField(default=True)
    deputy = ForeignKeyField("self", null=True)
    channels = TextField(default="")


class Room(Base):
    """`kind`: meeting, negotiation, waiting (the sofa) or counter; `inside` the office area."""

    name = CharField(unique=True)
    kind = CharField()
    capacity = IntegerField()
    inside = BooleanField()


class Car(Base):
    plate = CharField(unique=True)
    driver = CharField(default="")


# --- reception ---------------------------------------------------------------------------------


class Appointment(Base):
    """Somebody is expected. `source` recognises what an imported file said, so that it is not made
    twice; empty where the desk made it. `notice` is the board's line about it, if one was made.
    `names` are those of the party as far as they are known, one a line. `invitation` is its QR
    code's text, the same for a series; see models.invitations. One that was cancelled stays, with
    by whom and why."""

    code = CharField()
    phone_last4 = CharField(default="")
    name = CharField()
    organisation = CharField(default="")
    category = CharField()
    party = IntegerField(default=1)
    host = ForeignKeyField(Person, null=True)
    room = ForeignKeyField(Room, null=True)
    starts = MomentField()
    ends = MomentField(index=True)
    by = CharField()
    source = CharField(default="", index=True)
    kind = CharField(default="person")
    notice = IntegerField(null=True)
    names = TextField(default="")
    invitation = CharField(default="", index=True)
    cancelled_at = MomentField(null=True)
    cancelled_by = CharField(default="")
    cancel_reason = CharField(default="")

    class Meta:
        indexes = ((("code", "ends"), False), (("phone_last4", "ends"), False))


class Permit(Base):
    """A works permit on file (施工許可, VI). `weekdays` are digits, 0 is Monday; `opens` and
    `closes` are HH:MM or empty."""

    code = CharField(index=True)
    company = CharField()
    site = CharField()
    state = CharField()
    starts = DateField()
    ends = DateField(index=True)
    weekdays = CharField()
    opens = CharField(default="")
    closes = CharField(default="")
    by = CharField()
    at = MomentField()


class PermitWorker(Base):
    """Somebody who works under a permit. Of the identity card only the last four are kept."""

    permit = ForeignKeyField(Permit, index=True)
    name = CharField()
    id_last4 = CharField()
    checked_at = MomentField(null=True)
    checked_by = CharField(default="")
    removed_at = MomentField(null=True)


class Visit(Base):
    """One registration. `key` is the kiosk's request key: a repeat finds it instead of doubling it.
    `decision` is the rules' answer as JSON, with its reasons and the policy's version. `names` are
    those of the party by place, one a line, empty where unknown."""

    key = CharField(unique=True)
    seq = IntegerField(default=1)
    kiosk = CharField()
    language = CharField()
    purpose = CharField()
    category = CharField()
    name = CharField()
    organisation = CharField(default="")
    phone = CharField(default="")
    department = CharField(default="")
    host = ForeignKeyField(Person, null=True)
    party = IntegerField(default=1)
    appointment = ForeignKeyField(Appointment, null=True, unique=True)
    admission = CharField()
    decision = TextField()
    wait_at = CharField(default="")
    destination = CharField(default="")
    state = CharField()
    code = CharField(default="")
    asked_to_wait = BooleanField(default=False)
    registered_at = MomentField(index=True)
    decided_at = MomentField(null=True)
    decided_by = CharField(default="")
    refusal = CharField(default="")
    consent_at = MomentField(null=True)
    permit = ForeignKeyField(Permit, null=True)
    worker = ForeignKeyField(PermitWorker, null=True, index=True)
    names = TextField(default="")

    class Meta:
        indexes = ((("state", "registered_at"), False), (("state", "decided_at"), False))


class Ban(Base):
    """Somebody to keep an eye on, until the day of its review or until it is lifted."""

    name = CharField()
    organisation = CharField(default="")
    phone_last4 = CharField(default="")
    reason = CharField()
    review = DateField()
    by = CharField()
    at = MomentField()
    lifted_at = MomentField(null=True)
    lifted_by = CharField(default="")


class Confirmation(Base):
    """One step of asking whether a visitor may come in; only the desk's has no deadline. `reason`
    is a code: why the message did not arrive."""

    visit = ForeignKeyField(Visit, index=True)
    step = CharField()
    person = ForeignKeyField(Person, null=True)
    asked_at = MomentField()
    deadline = MomentField(null=True)
    channel = CharField()
    reason = CharField(default="")
    away = CharField(default="")
    back = MomentField(null=True)
    told_at = MomentField(null=True)
    answered_at = MomentField(null=True)
    answer = CharField(default="")
    by = CharField(default="")

    class Meta:
        indexes = ((("visit", "step"), True),)


class AnswerLink(Base):
    """A one-tap link that went out in a message; only the hash of its token is kept."""

    token_hash = CharField(primary_key=True)
    confirmation = ForeignKeyField(Confirmation)
    expires = MomentField()


class Telling(Base):
    """Somebody is to be told of a visit. `role` is the policy's word; without a person it is the
    role at large. `reason` is a code: why no message told them, so that the desk does."""

    visit = ForeignKeyField(Visit, index=True)
    role = CharField()
    person = ForeignKeyField(Person, null=True)
    at = MomentField()
    channel = CharField()
    reason = CharField(default="")
    told_at = MomentField(null=True)
    told_by = CharField(default="")
    about = CharField(default="visit")

    class Meta:
        indexes = ((("channel", "at"), False), (("told_at", "about", "role"), False))


class Booking(Base):
    """A room is held from `starts` until `ends`, for an appointment or for a visit that was let in.
    Two of one room never overlap: `models.store.rooms.book` is the only way in."""

    room = ForeignKeyField(Room, index=False)
    starts = MomentField()
    ends = MomentField(index=True)
    appointment = ForeignKeyField(Appointment, null=True, index=True)
    visit = ForeignKeyField(Visit, null=True, index=True)

    class Meta:
        indexes = ((("room", "ends"), False),)


class Pass(Base):
    """One person's pass (一人一證): both halves' tokens, and where it is in its life. `place`
    counts from 1 within the visit; `holder` is that person's name, empty until it is known."""

    number = CharField(unique=True)
    token_id = BlobField(unique=True)
    visit = ForeignKeyField(Visit, index=True)
    holder = CharField(default="")
    place = IntegerField(default=1)
    original = TextField()
    duplicate = TextField()
    valid_from = MomentField()
    valid_until = MomentField(index=True)
    state = CharField()
    issued_at = MomentField()
    entered_at = MomentField(null=True)
    left_at = MomentField(null=True)
    revoked_at = MomentField(null=True)
    revoked_by = CharField(default="")
    revoked_reason = CharField(default="")
    duplicate_missing_at = MomentField(null=True)
    unknown_at = MomentField(null=True)
    """The closing time by which nobody had scanned its holder out."""
    overdue_at = MomentField(null=True)
    """When it was told that its holder outstays it."""

    class Meta:
        indexes = ((("state", "left_at", "entered_at"), False), (("left_at",), False))


class Closing(Base):
    """One day's closing (關門清點): `at` is closing time, `done_at` when it was gone through, later
    where the controller was down."""

    day = DateField(unique=True)
    at = MomentField()
    done_at = MomentField()


class Unaccounted(Base):
    """Somebody who was not scanned out by a closing: inside since when, where the pass was last
    scanned, and what the desk found out, from whom (`note`). `account` is empty until then."""

    closing = ForeignKeyField(Closing, index=True)
    pass_ = ForeignKeyField(Pass, index=True)
    since = MomentField()
    seen_at = MomentField(null=True)
    seen_by = CharField(default="")
    account = CharField(default="")
    note = CharField(default="")
    by = CharField(default="")
    said_at = MomentField(null=True)

    class Meta:
        indexes = ((("closing", "pass_"), True),)


class RollCall(Base):
    """One roll call (疏散點名), from when it was begun until it was ended."""

    opened_at = MomentField()
    opened_by = CharField()
    closed_at = MomentField(null=True)
    closed_by = CharField(default="")


class RollMark(Base):
    """One mark of a roll call: append-only. `number` is the pass's; `undoes` are the keys, with
    spaces between, of the marks that it takes back. `at` is by the clock of whoever made it."""

    key = CharField(primary_key=True)
    roll = ForeignKeyField(RollCall, index=True)
    number = CharField()
    mark = CharField()
    undoes = TextField(default="")
    by = CharField()
    at = MomentField()
    arrived = MomentField()


class DrawerEntry(Base):
    """The ledger of the duplicates in the gate's drawer: one goes in (+1), one goes out (-1).
    Append-only; `balance` is the sum so far, and what should lie there."""

    pass_ = ForeignKeyField(Pass, index=True)
    change = IntegerField()
    balance = IntegerField(null=True)
    at = MomentField(null=True)


class DrawerCount(Base):
    """Somebody has counted the duplicates, at the end of a shift."""

    counted = IntegerField()
    should_be = IntegerField()
    by = CharField()
    at = MomentField()


class IncidentRow(Base):
    """A half was lost, or a count differed: what somebody says of it."""

    what = CharField()
    pass_ = ForeignKeyField(Pass, null=True)
    note = CharField()
    by = CharField()
    at = MomentField(index=True)

    class Meta:
        table_name = "incident"


class GoodsSlip(Base):
    """物品放行條 (VI.11). `goods` is the list as JSON: what, how many, remarks. A resident is known
    by `name`, `unit` and the last four of the phone, a contractor by the `permit` and `company`.
    `token` is its QR code's text, empty while it is a draft."""

    key = CharField(unique=True)
    number = CharField(unique=True)
    token_id = BlobField(unique=True)
    token = TextField(default="")
    state = CharField(index=True)
    goods = TextField()
    name = CharField()
    unit = CharField(default="")
    phone_last4 = CharField(default="")
    company = CharField(default="")
    permit = ForeignKeyField(Permit, null=True)
    ticket = IntegerField(null=True)
    plate = CharField(default="")
    language = CharField()
    valid_from = MomentField()
    valid_until = MomentField(index=True)
    drafted_by = CharField()
    drafted_at = MomentField(index=True)
    approved_by = CharField(default="")
    approved_at = MomentField(null=True)
    released_by = CharField(default="")
    released_at = MomentField(null=True)
    revoked_by = CharField(default="")
    revoked_at = MomentField(null=True)
    revoked_reason = CharField(default="")


class Scan(Base):
    """Every scan, refused ones too. `key` makes a retry find its first answer. Of a gate's: `at` is
    when it happened, `shown` what the gate's clock showed and `arrived` when it was handed in.
    `void` is one that the desk has called wrong."""

    key = CharField(primary_key=True)
    pass_ = ForeignKeyField(Pass, null=True)
    goods = ForeignKeyField(GoodsSlip, null=True, index=True)
    text = CharField()
    direction = CharField(null=True)
    ok = BooleanField()
    code = CharField()
    by = CharField()
    at = MomentField()
    half = CharField(default="")
    shown = MomentField(null=True)
    arrived = MomentField(null=True)
    void = BooleanField(default=False)


class GateConflict(Base):
    """A gate's scan that does not fit the others, until the desk has cleared it up."""

    scan = CharField(unique=True)
    kind = CharField()
    pass_ = ForeignKeyField(Pass, null=True)
    goods = ForeignKeyField(GoodsSlip, null=True)
    gate = CharField()
    at = MomentField()
    arrived = MomentField()
    resolution = CharField(default="", index=True)
    note = CharField(default="")
    resolved_by = CharField(default="")
    resolved_at = MomentField(null=True)


class PrintJob(Base):
    """One printing of a pass or of a goods slip. `key` makes a repeated request find it; `printer`
    is `desk`, or `kiosk-` and the kiosk's id; `code` says why it was not printed, or may not have
    been."""

    key = CharField(unique=True)
    pass_ = ForeignKeyField(Pass, null=True, index=True)
    goods = ForeignKeyField(GoodsSlip, null=True, index=True)
    printer = CharField()
    state = CharField(index=True)
    code = CharField(default="")
    tries = IntegerField(default=0)
    by = CharField()
    at = MomentField()
    changed_at = MomentField()


class PrinterState(Base):
    """What was last known of a printer: a `code`, empty where nothing is wrong."""

    name = CharField(primary_key=True)
    code = CharField(default="")
    at = MomentField()


class Material(Base):
    """What an applicant without appointment leaves for the personnel department (4.4)."""

    visit = ForeignKeyField(Visit, unique=True)
    what = CharField(default="")
    to = CharField(default="")
    at = MomentField()
    received_at = MomentField(null=True)
    received_by = CharField(default="")
    told_at = MomentField(null=True)
    told_by = CharField(default="")
    handed_at = MomentField(null=True)
    handed_by = CharField(default="")
    handed_to = CharField(default="")
    absent_at = MomentField(null=True)
    absent_by = CharField(default="")

    class Meta:
        indexes = ((("handed_at", "absent_at"), False),)


class ReadyTick(Base):
    """One thing seen to for a VIP or important guest: by or for whom (`name`), and who says so."""

    visit = ForeignKeyField(Visit, index=True)
    item = CharField()
    name = CharField(default="")
    by = CharField()
    at = MomentField()

    class Meta:
        indexes = ((("visit", "item"), True),)


class TeaOrder(Base):
    """Tea for a visit's whole party (4.1 to 4.3), or for an internal meeting in a room (4.6)."""

    visit = ForeignKeyField(Visit, null=True, unique=True)
    room = CharField(default="")
    count = IntegerField()
    due = MomentField(index=True)
    by = CharField()
    served_at = MomentField(null=True)
    served_by = CharField(default="")
    cancelled_at = MomentField(null=True)


class HelpCall(Base):
    key = CharField(unique=True)
    kiosk = CharField()
    visit = ForeignKeyField(Visit, null=True)
    at = MomentField()
    answered_at = MomentField(null=True, index=True)
    answered_by = CharField(default="")
    code = CharField(default="")
    who = CharField(default="")


class Ticket(Base):
    """A resident's queue number of one day. `key` is the kiosk's request key; `shown_until` is set
    while the boards call it. `decision` is the rules' answer as JSON."""

    key = CharField(unique=True)
    kiosk = CharField()
    day = DateField(index=True)
    position = IntegerField()
    procedure = CharField()
    language = CharField()
    decision = TextField()
    state = CharField(index=True)
    taken_at = MomentField()
    called_at = MomentField(null=True)
    calls = IntegerField(default=0)
    counter = CharField(default="")
    shown_until = MomentField(null=True, index=True)
    by = CharField(default="")
    closed_at = MomentField(null=True)

    class Meta:
        indexes = ((("day", "position"), True),)


# --- the board ---------------------------------------------------------------------------------


class BoardGroup(Base):
    """Boards that show the same. A notice addresses groups, a board belongs to one."""

    name = CharField(primary_key=True)
    audience = CharField()


class _Line(Base):
    """What one line of the board says, where and when. `content` holds the section's own fields as
    JSON. `groups` are names with spaces between, none for every group. It belongs to `day`, and
    with an `until_day` also to the days from there until then that are on `weekdays` (digits, 0 is
    Monday; none for every day)."""

    groups = CharField(column_name="group", default="")
    section = CharField()
    content = TextField()
    day = DateField(index=True)
    starts = MomentField(null=True)
    ends = MomentField(null=True)
    weekdays = CharField(default="")
    until_day = DateField(null=True)
    draft = BooleanField(default=False)
    by = CharField()
    at = MomentField()


class Notice(_Line):
    """One line of the board as it stands."""

    taken_down_at = MomentField(null=True)


class NoticeVersion(_Line):
    """One line as it was after something was done to it (`what`): append-only, so that everything
    can be looked up and put back."""

    notice = IntegerField(index=True)
    what = CharField()


class WhereaboutsLink(Base):
    """A colleague's own page for saying where they are; only the hash of its token is kept."""

    token_hash = CharField(primary_key=True)
    person = ForeignKeyField(Person, unique=True)
    by = CharField()
    at = MomentField()
    used_at = MomentField(null=True)


class SectionRevision(Base):
    """The revision each section of a group stands at, and when it was committed."""

    group = CharField()
    section = CharField()
    rev = IntegerField()
    day = DateField()
    items = IntegerField(default=0)
    published_at = MomentField()

    class Meta:
        indexes = ((("group", "section"), True),)


class Receipt(Base):
    """The newest glass receipt of a board for a section. `seconds`: commit to receipt."""

    board = CharField()
    group = CharField(default="main")
    section = CharField()
    epoch = IntegerField()
    rev = IntegerField()
    seconds = FloatField(null=True)
    at = MomentField()

    class Meta:
        indexes = ((("board", "section"), True),)


# --- the duty log ------------------------------------------------------------------------------


class DutyEntry(Base):
    """One entry of the duty log (值班記錄表): append-only and hash-linked, see models.chain.
    Triggers refuse every change but forgetting `personal` and `salt`. What goes on with an earlier
    entry, or `corrects` one, has the first of them as `root`. `facts` and `personal` are JSON;
    `due` and `owner` are of what is to come next."""

    key = CharField(unique=True)
    kind = CharField()
    act = CharField()
    # No foreign keys: a column can only be added to a table that no row refers to.
    root = IntegerField(null=True, index=True)
    corrects = IntegerField(null=True)
    at = MomentField(index=True)
    by = CharField()
    due = MomentField(null=True)
    owner = CharField(default="")
    facts = TextField()
    personal = TextField(null=True)
    salt = BlobField(null=True)
    personal_hash = BlobField()
    previous = BlobField(unique=True)
    hash = BlobField()

    class Meta:
        indexes = ((("kind", "at"), False),)


class DutyOpen(Base):
    """What the duty log still has open, by its first entry: follows from the log, for the desk asks
    it all day. `reminded_at`: the desk was told that it has fallen due."""

    entry = IntegerField(primary_key=True)
    due = MomentField(null=True)
    reminded_at = MomentField(null=True)


# --- the wire ----------------------------------------------------------------------------------


class Outbox(Base):
    """What the broker should have. A retained topic has one row, kept and replaced; any other
    message has a row until the broker has taken it."""

    id = AutoField()
    topic = CharField(index=True)
    payload = BlobField()
    retain = BooleanField()
    qos = IntegerField()
    sent = BooleanField(default=False, index=True)


class Device(Base):
    """A kiosk, board or gate: what the desk set, what it is by its presence, how it does."""

    role = CharField()
    device = CharField()
    online = BooleanField()
    session = IntegerField()
    version = CharField(default="")
    since = MomentField()
    name = CharField(default="")
    place = CharField(default="")
    group = CharField(default="")
    language = CharField(default="")
    rotation = IntegerField(default=0)
    night_from = CharField(default="")
    night_until = CharField(default="")
    night_light = FloatField(default=1.0)
    rev = IntegerField(default=0)
    """Of what the desk set; 0 where the device's own settings hold."""
    code_hash = CharField(default="")
    code_ends = MomentField(null=True)
    enrolled_at = MomentField(null=True)
    revoked_at = MomentField(null=True)
    frame_ms = FloatField(null=True)
    memory_mb = FloatField(null=True)
    uptime = FloatField(null=True)
    pages = IntegerField(null=True)
    reported_at = MomentField(null=True)
    picture_at = MomentField(null=True)

    class Meta:
        indexes = ((("role", "device"), True),)


class DevicePicture(Base):
    """The newest picture of a board's glass; a new one takes its place."""

    device = CharField(primary_key=True)
    jpeg = BlobField()


# --- the desk ----------------------------------------------------------------------------------


class DeskUser(Base):
    """Who signs in. An empty `password_hash` lets nobody in."""

    name = CharField(unique=True)
    display = CharField()
    password_hash = CharField()
    role = CharField(default="")
    must_change = BooleanField(default=False)
    """The password was made for them: they choose one before anything else."""
    disabled = BooleanField(default=False)


class DeskSession(Base):
    token_hash = CharField(primary_key=True)
    user = ForeignKeyField(DeskUser)
    since = MomentField(null=True)
    expires = MomentField()
    address = CharField(default="")


class CalendarFeed(Base):
    """Somebody's own calendar of expected visits; only the hash of its address's token is kept."""

    token_hash = CharField(primary_key=True)
    user = ForeignKeyField(DeskUser, unique=True)
    at = MomentField()
    used_at = MomentField(null=True)


class ApiClient(Base):
    """A program that calls the API. Only the hash of its token is kept; `scopes` are one a line,
    `ends` is the last day on which it is let in."""

    name = CharField(unique=True)
    token_hash = CharField(unique=True)
    scopes = TextField()
    ends = DateField(null=True)
    by = CharField()
    at = MomentField()
    used_at = MomentField(null=True)


class Webhook(Base):
    """An address that is told of events; `events` are one a line. With `names` it is told of
    people. The `former` secret signs too, until `former_until`. `stopped`: a code, where nothing is
    sent any more."""

    address = TextField()
    events = TextField()
    names = BooleanField()
    secret = CharField()
    former = CharField(default="")
    former_until = MomentField(null=True)
    by = CharField()
    at = MomentField()
    sent_at = MomentField(null=True)
    stopped = CharField(default="")


class WebhookMessage(Base):
    """What a webhook is still to be told, committed with what happened; gone once it was taken.
    `key` is the receiver's to know a repeat by; without `due` it was given up, for `reason`."""

    key = CharField(unique=True)
    webhook = ForeignKeyField(Webhook)
    payload = BlobField()
    at = MomentField()
    tries = IntegerField(default=0)
    due = MomentField(null=True)
    reason = CharField(default="")

    class Meta:
        indexes = ((("webhook", "due"), False),)


class Event(Base):
    """What was done, by whom and when: append-only, written with what it records."""

    at = MomentField(index=True)
    by = CharField()
    what = CharField()
    subject = CharField(default="")
    detail = TextField(default="")


ALL: list[Any] = [
    Meta,
    Posted,
    Person,
    Room,
    Car,
    Appointment,
    Permit,
    PermitWorker,
    Visit,
    Confirmation,
    AnswerLink,
    Telling,
    Booking,
    Ban,
    Pass,
    Closing,
    Unaccounted,
    RollCall,
    RollMark,
    DrawerEntry,
    DrawerCount,
    IncidentRow,
    GoodsSlip,
    Scan,
    PrintJob,
    PrinterState,
    GateConflict,
    Material,
    ReadyTick,
    TeaOrder,
    HelpCall,
    Ticket,
    BoardGroup,
    Notice,
    NoticeVersion,
    WhereaboutsLink,
    SectionRevision,
    Receipt,
    DutyEntry,
    DutyOpen,
    Outbox,
    Device,
    DevicePicture,
    DeskUser,
    DeskSession,
    CalendarFeed,
    ApiClient,
    Webhook,
    WebhookMessage,
    Event,
]
