"""What the JSON API gives, as it is described at /openapi.json. All times are UTC."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from controller.web.problems import Warned
from models import duty as duty_log
from models import merging, terms
from models import shift as shift_rules
from models.store import PassRow, PermitRow, UnaccountedRow, VisitRow
from models.terms import (
    About,
    Account,
    Act,
    Admission,
    AppointmentKind,
    Category,
    Channel,
    ConfirmStep,
    DeskRole,
    Direction,
    Duty,
    GoodsState,
    Happening,
    Language,
    PassState,
    PermitState,
    Presence,
    PrintState,
    Procedure,
    Purpose,
    Role,
    Scope,
    Section,
    TicketState,
    VisitState,
)


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Health(_Answer):
    status: Literal["ok"] = "ok"


class SignedIn(_Answer):
    display: str = Field(description="the name the colleagues know, shown as on duty")


class DeskUser(_Answer):
    """Somebody who may sign in."""

    id: int
    name: str = Field(description="what is typed at sign-in")
    display: str
    role: DeskRole
    must_change: bool = Field(description="the first password was not changed yet")
    disabled: bool


class Session(_Answer):
    """One browser in which somebody is signed in."""

    since: datetime | None
    expires: datetime
    address: str
    here: bool = Field(description="the one that asks")


class CalendarLink(_Answer):
    """Where one's own calendar of expected visits is read: told once."""

    url: str


class UserMade(_Answer):
    """A first password: told once, good for choosing another."""

    name: str
    password: str


class Client(_Answer):
    """A program that calls the API."""

    id: int
    name: str
    scopes: list[Scope]
    ends: date | None = Field(description="the last day on which it is let in")
    by: str = Field(description="who let it in")
    at: datetime
    used_at: datetime | None = Field(description="its latest call, to the minute")


class ClientMade(_Answer):
    """Who may call from now on, and the token, which is told once."""

    client: Client
    token: str


class Webhook(_Answer):
    """An address that is told of events."""

    id: int
    address: str = Field(description="without its path, which often is a secret")
    events: list[Happening]
    names: bool = Field(description="it is also told who it was, and what a line says")
    by: str
    at: datetime
    sent_at: datetime | None = Field(description="when it took a message last")
    stopped: str = Field(description="why nothing is sent any more; empty while it is")


class WebhookMade(_Answer):
    """Who is told, and the secret that signs the messages, which is told once."""

    webhook: Webhook
    secret: str


class Confirmation(_Answer):
    """One step of asking whether a visitor may come in."""

    step: ConfirmStep
    who: str = Field(description="empty for the desk")
    asked_at: datetime
    deadline: datetime | None
    channel: Channel = Field(description="what became of the message")
    reason: str = Field(description="a code: why the message did not arrive")
    away: str = Field(description="where the person is instead, who was therefore not asked")
    back: datetime | None
    told_at: datetime | None
    answered_at: datetime | None
    answer: Literal["", "confirmed", "declined"]
    by: str


class Visit(_Answer):
    """A visitor who waits for the desk."""

    id: int
    number: str = Field(examples=["V-0012"])
    name: str
    organisation: str
    category: Category
    purpose: Purpose
    admission: Admission = Field(description="what the rules say before the desk decides")
    reasons: tuple[str, ...]
    host: str
    party: int
    appointment_at: datetime | None
    registered_at: datetime
    wait_at: str
    destination: str
    asked_to_wait: bool
    kiosk: str
    steps: tuple[Confirmation, ...] = Field(description="who was asked to confirm, in order")


class Pass(_Answer):
    """A pass in force, its holder inside or still to enter."""

    id: int
    number: str = Field(examples=["A-0137"])
    visit_id: int
    visit: str = Field(description="the name that the party registered under")
    place: int = Field(description="counts from 1 within the party")
    holder: str = Field(description="whose pass it is; empty while nobody has told")
    name: str = Field(description="the holder's, or else the party's")
    category: Category
    party: int
    host: str
    destination: str
    state: PassState
    issued_at: datetime
    entered_at: datetime | None
    valid_until: datetime
    revoked_at: datetime | None
    revoked_by: str
    presence: Presence | None = Field(
        description="unknown: not scanned out by closing time; null: has not come in yet"
    )


class Unaccounted(_Answer):
    """Somebody who was not scanned out by a day's closing time."""

    id: int
    day: date
    number: str = Field(description="of the pass")
    presence: Presence | None = Field(description="as it is now")
    since: datetime
    seen_at: datetime | None
    seen_by: str = Field(description="where the pass was last scanned", examples=["gate-g1"])
    account: Account | None = Field(description="what the desk found out")
    note: str = Field(description="who knew")
    by: str
    said_at: datetime | None

    @classmethod
    def of(cls, row: UnaccountedRow) -> Self:
        return cls.model_validate(
            asdict(row) | {"number": row.of.number, "presence": row.of.presence}
        )


class Closing(_Answer):
    """One day's closing; `done_at` is later where the controller was down."""

    day: date
    at: datetime
    done_at: datetime
    missed: list[Unaccounted]


class DrawerCount(_Answer):
    counted: int
    should_be: int
    by: str
    at: datetime


class Incident(_Answer):
    """A half that was lost, or a count that differed."""

    what: terms.Incident
    number: str = Field(description="of the pass; empty for a count")
    note: str
    by: str
    at: datetime


class Ledger(_Answer):
    """The duplicates in the gate's drawer. It balances: drawer + missing = inside."""

    drawer: int
    inside: int
    missing: int
    balances: bool
    counted: DrawerCount | None
    incidents: list[Incident] = Field(description="today's")


class Decided(_Answer):
    visit: Visit
    passes: list[Pass] = Field(description="one for each person, where they were issued")


class Material(_Answer):
    """What an applicant leaves, and how far it has come."""

    id: int
    number: str = Field(description="the receipt on the kiosk", examples=["M-0007"])
    name: str
    what: str
    to: str
    at: datetime
    received_at: datetime | None
    received_by: str
    told_at: datetime | None
    told_by: str
    handed_at: datetime | None
    handed_by: str
    handed_to: str
    absent_at: datetime | None


class Telling(_Answer):
    """Somebody who is to be told of a visit, and whom no message has told."""

    id: int
    number: str = Field(description="of the visit", examples=["V-0012"])
    name: str
    role: str = Field(examples=["leaders"])
    who: str = Field(description="empty for the role at large")
    at: datetime
    channel: Channel
    reason: str = Field(description="a code: why no message told them")
    told_at: datetime | None
    told_by: str
    about: About = Field(description="overdue: the visit outstays its passes")


class Ban(_Answer):
    """Somebody to keep an eye on until the day of its review."""

    id: int
    name: str
    organisation: str
    reason: str
    review: date
    by: str


class Tea(_Answer):
    """Tea to be served, or served today."""

    id: int
    number: str = Field(examples=["T-0003"])
    name: str = Field(description="of the guest; empty for an internal meeting")
    place: str
    count: int
    due: datetime
    served_at: datetime | None
    served_by: str


class PrintJob(_Answer):
    """One printing of a pass."""

    id: int
    number: str = Field(description="of the pass", examples=["A-0137"])
    printer: str = Field(examples=["desk", "kiosk-k1"])
    state: PrintState = Field(description="unknown: it may have been printed")
    code: str = Field(description="why it was not printed, or may not have been")
    tries: int
    by: str
    changed_at: datetime


class Ticket(_Answer):
    """A resident's queue number of today."""

    id: int
    number: str = Field(examples=["R-012"])
    procedure: Procedure
    reasons: tuple[str, ...] = Field(description="codes: why the rules send residents here")
    state: TicketState
    taken_at: datetime
    called_at: datetime | None
    calls: int
    counter: str
    shown_until: datetime | None = Field(description="while the boards call it")


class Worker(_Answer):
    """Somebody on a permit. The last four of the identity card are never shown again."""

    id: int
    name: str
    checked_at: datetime | None = Field(description="when the desk saw the identity card")
    checked_by: str


class Permit(_Answer):
    """A works permit on file."""

    id: int
    number: str = Field(examples=["P-0003"])
    code: str = Field(description="for the kiosk, with the last four of the ID card")
    company: str
    site: str
    state: PermitState
    starts: date
    ends: date
    weekdays: str = Field(description="digits; 0 is Monday")
    opens: time | None
    closes: time | None
    workers: tuple[Worker, ...]

    @classmethod
    def of(cls, row: PermitRow) -> Self:
        return cls.model_validate(vars(row.days) | vars(row) | {"number": row.number})


class HelpCall(_Answer):
    """`code`: why a registration that came late, its visitor gone, was refused; else empty."""

    id: int
    kiosk: str
    visit_name: str
    at: datetime
    code: str


class Notice(_Answer):
    """A line of the board that stands or is still to begin."""

    id: int
    section: Section
    groups: tuple[str, ...] = Field(description="of boards; none are all of them")
    content: dict[str, Any] = Field(description="the section's own fields, see Publication")
    day: date
    starts: datetime | None
    ends: datetime | None
    weekdays: tuple[int, ...] = Field(description="0 is Monday; none are all of them")
    until_day: date | None = Field(description="it comes back until then")
    draft: bool = Field(description="on no board")
    by: str
    at: datetime
    warnings: list[Warned] = Field(default=[], description="what is worth knowing of it")


class Version(_Answer):
    """A line as it was left by what was done."""

    id: int
    what: Literal["published", "drafted", "edited", "taken_down", "restored"]
    line: Notice
    by: str
    at: datetime


class Preview(_Answer):
    """A line on a board that does not show it yet."""

    svg: str = Field(description="the whole board, as an SVG")
    at: datetime = Field(description="the moment that it shows: when the line begins")
    warnings: list[Warned]


class Shown(_Answer):
    rev: int
    seconds: float | None = Field(description="from publishing to the glass")


class Screen(_Answer):
    """One board and what is on its glass."""

    board: str
    group: str
    online: bool
    since: datetime
    version: str
    shown: dict[Section, Shown]
    behind: tuple[Section, ...] = Field(description="sections whose newest revision it lacks")
    current: bool


class Screens(_Answer):
    rev: int = Field(description="of the section published last")
    seconds: float | None
    current: int = Field(description="how many screens show the newest of every section")
    behind: list[str] = Field(description="the boards that do not")
    screens: tuple[Screen, ...]


class Today(_Answer):
    """Everything the desk's first page shows."""

    waiting: list[Visit]
    help: list[HelpCall]
    passes: list[Pass]
    screens: Screens


class Scanned(_Answer):
    ok: bool
    code: str
    words: str
    tone: Literal["good", "odd", "bad"] = Field(description="odd: let out, but worth a look")
    number: str
    name: str
    direction: Direction | None
    at: datetime
    lines: tuple[str, ...] = Field(default=(), description="to compare with who or what is there")
    asks: bool = Field(default=False, description="a number: sent again with `seen`, it opens")


class GoodsLine(_Answer):
    item: str
    pieces: int
    remark: str


class GoodsSlip(_Answer):
    """物品放行條: a list of goods that may leave once it is approved."""

    id: int
    number: str = Field(examples=["G-0012"])
    state: GoodsState
    goods: tuple[GoodsLine, ...]
    name: str
    unit: str
    company: str
    plate: str
    valid_from: datetime
    valid_until: datetime
    drafted_by: str
    approved_by: str
    released_by: str
    released_at: datetime | None
    revoked_by: str
    revoked_reason: str


class Conflict(_Answer):
    """A gate's scan that does not fit. `at`: when it happened; `arrived`: when it was handed in."""

    id: int
    kind: merging.Conflict
    gate: str
    at: datetime
    arrived: datetime
    number: str
    name: str


class Appointment(_Answer):
    id: int
    code: str = Field(description="four digits, for the visitor to type at the kiosk")
    name: str
    organisation: str
    category: Category
    party: int
    host: str
    room: str
    starts: datetime
    ends: datetime
    kind: AppointmentKind
    arrived: bool
    names: tuple[str, ...] = Field(description="of the party, as far as known")
    days: int = Field(default=1, description="of a recurring one just made: on how many days")


class Person(_Answer):
    id: int
    name: str
    department: str
    title: str


class Colleague(Person):
    """A person, and how the desk's messages reach them."""

    deputy: int | None = Field(description="who answers in their place")
    channels: list[str] = Field(description="addresses without their secrets")


class PersonalLink(_Answer):
    """A colleague's own page; whoever has the address speaks for them."""

    url: str = Field(description="a secret, told only now")
    qr: str = Field(description="the same as an SVG")


class Room(_Answer):
    id: int
    name: str
    kind: str
    capacity: int
    inside: bool


class RoomState(_Answer):
    id: int
    name: str
    capacity: int
    free: bool = Field(description="nobody else holds it at any time of the span")


class RoomStates(_Answer):
    rooms: list[RoomState]
    proposed: str = Field(description="the smallest free room that holds the party, or empty")


class Car(_Answer):
    id: int
    plate: str
    driver: str


class Directory(_Answer):
    """Who and what a form can name."""

    people: list[Person]
    rooms: list[Room]
    cars: list[Car]


class Device(_Answer):
    """A device as the desk set it, and how a board says it does (`reported_at`)."""

    role: Role
    device: str
    online: bool
    since: datetime
    version: str
    name: str
    place: str
    group: str
    language: Language | None
    rotation: int
    night_from: str
    night_until: str
    night_light: float
    frame_ms: float | None
    memory_mb: float | None
    uptime: float | None = Field(description="seconds since the board's start")
    pages: int | None
    reported_at: datetime | None
    picture_at: datetime | None


class Invitation(_Answer):
    """The code of a device that is to be enrolled; it is never told again."""

    role: Role
    device: str
    code: str
    ends: datetime
    command: str = Field(description="to be run on the device's machine")


class Credentials(_Answer):
    """What a device needs to start, told once."""

    role: Role
    device: str
    password: str
    ca: str = Field(description="PEM; empty on this very machine")
    settings: dict[str, Any] = Field(description="what its settings file must say")


class Line(_Answer):
    """One fact in words, in the language of the request's cookie."""

    label: str
    text: str


class Simulated(_Answer):
    """What the rules would say."""

    admission: Admission
    destination: str
    wait_at: str
    told: tuple[str, ...] = Field(description="who is told at once", examples=[["leaders"]])
    tea: int = Field(description="cups")
    escort: bool
    code: str = Field(description="the reason a visitor is told, empty where there is none")
    reasons: tuple[str, ...]
    policy: int = Field(description="the version of the policy that decided")
    lines: list[Line]


class ImportLine(_Answer):
    """One line of a list, and what becomes of it."""

    line: int = Field(description="its number in the file, from 1")
    name: str
    organisation: str
    party: str
    host: str
    room: str
    when: str = Field(description="from when until when, in the site's zone, in words")
    good: bool
    known: bool = Field(description="imported before; nothing is doubled")
    words: str = Field(description="why it is not imported, empty where it is")


class Imported(_Answer):
    good: int = Field(description="how many appointments it makes")
    known: int
    bad: int
    lines: list[ImportLine]


class LogEntry(_Answer):
    """One entry of the duty log, which is never changed."""

    id: int = Field(description="its place in the chain")
    act: Act
    at: datetime
    by: str
    said: dict[str, str] = Field(description="its fields, as they were written")
    forgotten: bool = Field(description="its personal fields have been forgotten")
    corrects: int | None = Field(description="the entry that this one counter-enters")
    hash: str

    @classmethod
    def of(cls, entry: duty_log.Entry) -> Self:
        return cls(
            id=entry.id,
            act=entry.act,
            at=entry.at,
            by=entry.by,
            said=entry.said,
            forgotten=entry.personal is None,
            corrects=entry.corrects_id,
            hash=entry.hash,
        )


class LogThread(_Answer):
    """What was recorded, and everything that followed."""

    id: int = Field(description="of what was recorded first")
    kind: Duty
    said: dict[str, str] = Field(description="as it was corrected last")
    void: bool
    next: Act | None = Field(description="the stage that is to come")
    deadline: datetime | None
    owner: str = Field(description="who sees to it")
    took_seconds: int = Field(description="from what was recorded until the last stage")
    entries: list[LogEntry]

    @classmethod
    def of(cls, thread: duty_log.Thread) -> Self:
        return cls(
            id=thread.first.id,
            kind=thread.first.kind,
            said=thread.said(thread.first),
            void=thread.is_void(thread.first),
            next=thread.next.act if thread.next else None,
            deadline=thread.due,
            owner=thread.owner,
            took_seconds=round(thread.took_in_all.total_seconds()),
            entries=[LogEntry.of(entry) for entry in thread.entries],
        )


class Post(_Answer):
    """Somebody who is at the desk, or for whom a stand-in is."""

    name: str
    since: datetime
    stand_in: str
    until: datetime | None = Field(description="when the break is to end")


class Shift(_Answer):
    """Who is at the desk."""

    on: list[Post]
    handovers: list[LogEntry] = Field(description="that wait to be accepted")
    gap: datetime | None = Field(description="since when nobody has been there although it is open")

    @classmethod
    def of(cls, standing: shift_rules.Shift, gap: datetime | None) -> Self:
        return cls(
            on=[
                Post(
                    name=post.name,
                    since=post.since,
                    stand_in=post.away.facts["stand_in"] if post.away else "",
                    until=post.away.due if post.away else None,
                )
                for post in standing.posts.values()
            ],
            handovers=[LogEntry.of(offer) for offer in standing.offers.values()],
            gap=gap,
        )


Row = TypeVar("Row")


class FoundPage(_Answer, Generic[Row]):
    """What a search has found of one group: by its number first, then the newest first."""

    rows: list[Row]
    more: int = Field(description="the `before` of the next page; 0 where there is none")


class FoundVisit(_Answer):
    """A visit, of whatever day. Whose name is — has been forgotten."""

    id: int
    number: str = Field(examples=["V-0012"])
    name: str
    organisation: str
    category: Category
    host: str
    party: int
    state: VisitState
    registered_at: datetime
    passes: list[str] = Field(description="the numbers of its passes")

    @classmethod
    def of(cls, visit: VisitRow, passes: Iterable[PassRow]) -> Self:
        numbers = [row.number for row in passes]
        return cls.model_validate(vars(visit) | {"number": visit.number, "passes": numbers})


class Found(_Answer):
    """What a search has found. A group that is null is not this person's to see, or was not asked
    for."""

    words: str = Field(description="how it went, for people")
    visits: FoundPage[FoundVisit] | None = None
    passes: FoundPage[Pass] | None = None
    appointments: FoundPage[Appointment] | None = None
    log: FoundPage[LogThread] | None = None
    goods: FoundPage[GoodsSlip] | None = None
    queue: FoundPage[Ticket] | None = None
