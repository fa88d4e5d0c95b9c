"""What the JSON API gives, as it is described at /openapi.json. All times are UTC."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.terms import (
    Admission,
    AppointmentKind,
    Category,
    Channel,
    ConfirmStep,
    Direction,
    PassState,
    Purpose,
    Role,
    Section,
)


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Health(_Answer):
    status: Literal["ok"] = "ok"


class SignedIn(_Answer):
    display: str = Field(description="the name the colleagues know, shown as on duty")


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
    name: str
    category: Category
    party: int
    host: str
    destination: str
    state: PassState
    issued_at: datetime
    entered_at: datetime | None
    valid_until: datetime


class Decided(_Answer):
    visit: Visit
    pass_: Pass | None = Field(serialization_alias="pass", description="where one was issued")


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


class HelpCall(_Answer):
    id: int
    kiosk: str
    visit_name: str
    at: datetime


class Notice(_Answer):
    """A line of the board that stands or is still to begin."""

    id: int
    section: Section
    content: dict[str, Any] = Field(description="the section's own fields, see Publication")
    starts: datetime | None
    ends: datetime | None
    by: str
    at: datetime


class Shown(_Answer):
    rev: int
    seconds: float | None = Field(description="from publishing to the glass")


class Screen(_Answer):
    """One board and what is on its glass."""

    board: str
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
    role: Role
    device: str
    online: bool
    since: datetime
    version: str


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
