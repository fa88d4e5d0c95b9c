"""Every message on the wire and its topic; the only place that knows a topic string.

A message is a small frozen value. `encode` turns it into bytes for the broker, `decode` turns what
arrived back into a message or refuses it with a reason. The same bytes work on a 3.1.1 broker:
nothing that matters travels in MQTT 5 properties. Unknown fields are dropped, wrong types refused.
"""

import re
from datetime import date
from typing import Annotated, Any, Generic, Literal, NamedTuple, Self, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json, to_json

from models.terms import (
    ID_PATTERN,
    ConfirmStep,
    Language,
    PersonState,
    Purpose,
    Role,
    Section,
    StepState,
    VehicleState,
    VisitState,
    clean,
)

MAX_PAYLOAD = 120_000
"""Bytes. Below the broker's `max_packet_size`: a larger QoS 1 message would be re-sent for ever."""

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
_KEY = r"^[0-9a-f]{32}$"
Key = Annotated[str, StringConstraints(pattern=_KEY)]
"""A request's unique key, chosen by the device: `uuid4().hex`."""


def _cleaned(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


_clean = BeforeValidator(_cleaned)
Name = Annotated[str, _clean, StringConstraints(min_length=1, max_length=60)]
"""One cleaned line that must say something: a person, a place, a delegation."""
Label = Annotated[str, _clean, StringConstraints(max_length=60)]
"""One cleaned line that may be empty."""
Text = Annotated[str, _clean, StringConstraints(min_length=1, max_length=200)]
"""A sentence or two on one cleaned line."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,40}$")]
"""A reason for machines; the words are in the catalogues."""


class BadMessage(ValueError):
    """What arrived is not one of ours; the text says why, for the operator's log.

    Where it was a request whose `device` and `key` could still be read, they are kept, so that it
    can be answered with a refusal instead of being retried for ever.
    """

    def __init__(self, reason: str, device: str = "", key: str = "") -> None:
        super().__init__(reason[:300])
        self.device = device
        self.key = key


class TooLarge(ValueError):
    """A message that the broker would never accept."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Message(_Frozen):
    """Base of all messages. Fields that stand in the topic are not repeated in the payload."""

    v: Literal[1] = 1


# --- the board ---------------------------------------------------------------------------------


class Row(_Frozen):
    """One line of the board. `by`, `at`: who said it and when; `until`: how long it holds."""

    id: int = Field(ge=1)
    by: Label = ""
    at: AwareDatetime
    until: AwareDatetime | None = None


class VehicleRow(Row):
    """車輛出行方向: one trip of one car."""

    plate: Name
    driver: Label = ""
    departs: AwareDatetime
    to: Name
    state: VehicleState


class WhereaboutsRow(Row):
    """總經理、各部門人員去向: one person."""

    department: Label = ""
    name: Name
    state: PersonState
    place: Label = ""
    back: AwareDatetime | None = None


class VisitRow(Row):
    """參觀提示: one expected delegation."""

    starts: AwareDatetime
    delegation: Name
    headcount: int = Field(ge=1, le=999)
    room: Label = ""


class ReminderRow(Row):
    """其他需要提示職員的事項."""

    text: Text


R = TypeVar("R", bound=Row)
ROWS: dict[Section, type[Row]] = {
    Section.VEHICLES: VehicleRow,
    Section.WHEREABOUTS: WhereaboutsRow,
    Section.VISITS: VisitRow,
    Section.REMINDERS: ReminderRow,
}


class Snapshot(Message, Generic[R]):
    """One board section, whole. Ordered by (epoch, rev); taken down with `deleted`, never by an
    empty payload. `day` is the site's calendar day for which it was published."""

    group: Id = Field(exclude=True)
    section: Section = Field(exclude=True)
    epoch: int = Field(ge=0)
    rev: int = Field(ge=1)
    deleted: bool = False
    day: date
    published_at: AwareDatetime
    items: tuple[R, ...] = Field(default=(), max_length=500)


class Manifest(Message):
    """The revision that each section of a group stands at, tombstones included."""

    group: Id = Field(exclude=True)
    epoch: int = Field(ge=0)
    sections: dict[Section, Annotated[int, Field(ge=1)]]


class Canary(Message):
    """Every 5 s: the path from controller to glass is alive."""

    epoch: int = Field(ge=0)
    seq: int = Field(ge=0)
    at: AwareDatetime


class Shown(Message):
    """Glass receipt: the frame that shows this revision has been flipped, `ms` milliseconds after
    the snapshot arrived at the board."""

    board: Id = Field(exclude=True)
    section: Section
    epoch: int = Field(ge=0)
    rev: int = Field(ge=1)
    ms: float = Field(ge=0, le=86_400_000)


class Resync(Message):
    """Republish, please."""

    board: Id = Field(exclude=True)


# --- presence ----------------------------------------------------------------------------------


class Presence(Message):
    """Birth and will of a device. `session` grows with every start of its process, so that a late
    will of a former session is told apart."""

    role: Role = Field(exclude=True)
    id: Id = Field(exclude=True)
    state: Literal["online", "offline"]
    session: int = Field(ge=0)
    version: Label = ""


# --- requests of a kiosk or gate, and their answers ----------------------------------------------


class Register(_Frozen):
    """A visitor registers: a walk-in by name, an expected one by the `code` of the appointment
    (its short code, or the last four digits of the phone)."""

    kind: Literal["register"] = "register"
    purpose: Purpose = Purpose.BUSINESS
    name: Label = ""
    organisation: Label = ""
    phone: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9]{4,15})?$")] = ""
    department: Label = ""
    host: int | None = Field(default=None, ge=1)
    party: int = Field(default=1, ge=1, le=500)
    code: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")] = ""
    language: Language = Language.ZH_HANT

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.name or self.code):
            raise ValueError("a registration needs a name or an appointment's code")
        return self


class FindAppointment(_Frozen):
    """Is there an appointment today under this short code, or these last digits of a phone?"""

    kind: Literal["find_appointment"] = "find_appointment"
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class FindVisit(_Frozen):
    """Somebody who walked away comes back: the last four digits of the phone they gave, or of the
    number of their visit."""

    kind: Literal["find_visit"] = "find_visit"
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class Status(_Frozen):
    """How does the visit stand that was registered with this key?"""

    kind: Literal["status"] = "status"
    visit: Key


class Withdraw(_Frozen):
    """The visitor cancels while waiting."""

    kind: Literal["withdraw"] = "withdraw"
    visit: Key


class Leave(_Frozen):
    """The visitor leaves: a scanned pass, or its number typed. Not cleaned, for a token may hold
    two spaces in a row."""

    kind: Literal["leave"] = "leave"
    text: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CallDesk(_Frozen):
    """呼叫前台: somebody at the kiosk wants a human."""

    kind: Literal["call_desk"] = "call_desk"
    visit: Key | None = None


class Directory(_Frozen):
    """Which departments and hosts can be visited?"""

    kind: Literal["directory"] = "directory"


RequestBody = Annotated[
    Register | FindAppointment | FindVisit | Status | Withdraw | Leave | CallDesk | Directory,
    Discriminator("kind"),
]


class Request(Message):
    """From a kiosk or gate to the controller. `key` makes a repeat harmless: it is answered again,
    not done again."""

    device: Id = Field(exclude=True)
    key: Key
    body: RequestBody


class PassCard(_Frozen):
    """What the kiosk shows of a pass. `token` is the QR's text, see models.passes."""

    number: Name
    token: Annotated[str, StringConstraints(max_length=200)]
    valid_until: AwareDatetime


class VisitStep(_Frozen):
    """One step of confirming a visit. `who` is empty for the desk."""

    step: ConfirmStep
    who: Label = ""
    state: StepState
    at: AwareDatetime


class VisitView(_Frozen):
    """A visit as its visitor may see it. A greater `seq` replaces a smaller one.

    `code` names the reason where the answer is no (see models.rules); the kiosk has the words.
    `number` is the visit's own, `receipt` that of the material which the visitor leaves.
    """

    kind: Literal["visit"] = "visit"
    visit: Key
    seq: int = Field(ge=1)
    state: VisitState
    code: Code = ""
    name: Name
    host: Label = ""
    wait_at: Label = ""
    destination: Label = ""
    asked_to_wait: bool = False
    steps: tuple[VisitStep, ...] = Field(default=(), max_length=10)
    pass_: PassCard | None = None
    receipt: Label = ""
    number: Label = ""


class AppointmentView(_Frozen):
    """An appointment as the person who knows its code may see it: the name is masked."""

    kind: Literal["appointment"] = "appointment"
    name: Name
    starts: AwareDatetime
    host: Label = ""
    party: int = Field(default=1, ge=1)


class Host(_Frozen):
    """Somebody who can be visited. `away`, `back`: out by today's board, and until when; `deputy`
    is who stands in then."""

    id: int = Field(ge=1)
    name: Name
    away: PersonState | None = None
    back: AwareDatetime | None = None
    deputy: Label = ""


class Department(_Frozen):
    name: Name
    hosts: tuple[Host, ...] = ()


class DirectoryView(_Frozen):
    kind: Literal["directory"] = "directory"
    departments: tuple[Department, ...] = ()


class LeaveView(_Frozen):
    """A pass that was just handed back."""

    kind: Literal["leave"] = "leave"
    number: Label


AnswerBody = Annotated[
    VisitView | AppointmentView | DirectoryView | LeaveView, Discriminator("kind")
]


class Answer(Message):
    """The controller's answer to a request. `code` is `ok` or the reason of the refusal."""

    device: Id = Field(exclude=True)
    key: Key
    ok: bool
    code: Code = "ok"
    body: AnswerBody | None = None


class VisitUpdate(Message):
    """How a visit stands, told to the kiosk it was registered at, until it is decided."""

    device: Id = Field(exclude=True)
    visit: VisitView


# --- topics ------------------------------------------------------------------------------------


class Encoded(NamedTuple):
    topic: str
    payload: bytes
    retain: bool
    qos: int


_TAILS: dict[type[Message], str] = {
    Manifest: "board/{group}/manifest",
    Snapshot: "board/{group}/{section}",
    Canary: "canary",
    Request: "req/{device}",
    Answer: "rsp/{device}",
    VisitUpdate: "visit/{device}",
    Shown: "shown/{board}",
    Presence: "presence/{role}/{id}",
    Resync: "resync/{board}",
}
_SNAPSHOTS: dict[Section, type[Message]] = {
    Section.VEHICLES: Snapshot[VehicleRow],
    Section.WHEREABOUTS: Snapshot[WhereaboutsRow],
    Section.VISITS: Snapshot[VisitRow],
    Section.REMINDERS: Snapshot[ReminderRow],
}
_RETAINED = (Snapshot, Manifest, Presence)
_FIELD = re.compile(r"\{(\w+)\}")
_REVOKED = "passes/revoked"


def _pattern(tail: str) -> re.Pattern[str]:
    return re.compile(_FIELD.sub(r"(?P<\1>[a-z0-9][a-z0-9-]{0,31})", tail))


_PATTERNS = [(_pattern(tail), kind) for kind, tail in _TAILS.items()]


def topic_of(kind: type[Message], site: str, **fields: str) -> str:
    """The topic of a kind of message; a field left out becomes the wildcard `+`."""
    return f"lobby/v1/{site}/" + _FIELD.sub(lambda m: fields.get(m[1], "+"), _TAILS[kind])


def revoked_topic(site: str) -> str:
    """The retained, signed revocation list that gates read."""
    return f"lobby/v1/{site}/{_REVOKED}"


def topic_shapes() -> list[str]:
    """Every topic with its placeholders, for the documentation."""
    tails = [*_TAILS.values(), _REVOKED]
    return sorted("lobby/v1/<site>/" + _FIELD.sub(r"<\1>", tail) for tail in tails)


def encode(message: Message, site: str) -> Encoded:
    """The bytes of a message for the broker. Raises TooLarge before the broker would choke."""
    kind = next(base for base in type(message).__mro__ if base in _TAILS)
    fields = {name: str(getattr(message, name)) for name in _FIELD.findall(_TAILS[kind])}
    payload = message.model_dump_json().encode()
    if len(payload) > MAX_PAYLOAD:
        raise TooLarge(f"{kind.__name__} of {len(payload)} bytes; at most {MAX_PAYLOAD} are sent")
    return Encoded(
        topic=topic_of(kind, site, **fields),
        payload=payload,
        retain=kind in _RETAINED,
        qos=0 if kind is Canary else 1,
    )


def decode(topic: str, payload: bytes, site: str) -> Message:
    """The message that arrived under `topic`. Raises nothing but BadMessage, with a reason."""
    prefix = f"lobby/v1/{site}/"
    if not topic.startswith(prefix):
        raise BadMessage(f"{topic[:120]!r} is not a topic of site {site!r}")
    tail = topic[len(prefix) :]
    for pattern, kind in _PATTERNS:
        if match := pattern.fullmatch(tail):
            return _decode_as(kind, match.groupdict(), payload)
    raise BadMessage(f"no message travels under {topic[:120]!r}")


def _decode_as(kind: type[Message], topic_fields: dict[str, str], payload: bytes) -> Message:
    if len(payload) > MAX_PAYLOAD:
        raise BadMessage(f"{len(payload)} bytes; at most {MAX_PAYLOAD} are read")
    body: dict[str, Any] = {}
    try:
        body = _object(payload)
        if kind is Snapshot:
            kind = _SNAPSHOTS[Section(topic_fields["section"])]
        # Back to JSON once: strict mode judges JSON's types, and the topic has the last word.
        return kind.model_validate_json(to_json(body | topic_fields))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "payload"
        reason = f"{where}: {first['msg']}"
    except (ValueError, TypeError, RecursionError) as error:
        reason = str(error)
    key = str(body.get("key", ""))
    raise BadMessage(
        reason,
        device=topic_fields.get("device", ""),
        key=key if re.fullmatch(_KEY, key) else "",
    )


def _object(payload: bytes) -> dict[str, Any]:
    body = from_json(payload, allow_inf_nan=False)
    if not isinstance(body, dict):
        raise TypeError("the payload is not a JSON object")
    if "v" not in body:
        raise ValueError("v: the version is missing")
    return body
