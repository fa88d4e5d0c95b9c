"""Every message on the wire and its topic; the only place that knows a topic string.

A message is a small frozen value. `encode` turns it into bytes for the broker, `decode` turns what
arrived back into a message or refuses it with a reason. The same bytes work on a 3.1.1 broker:
nothing that matters travels in MQTT 5 properties. Unknown fields are dropped, wrong types refused.
All are JSON but for signed documents, which travel as they are.
"""

import re
from datetime import date, datetime, timedelta
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

from models import invitations
from models.terms import (
    ID_PATTERN,
    ConfirmStep,
    Direction,
    Emergency,
    GoodsState,
    Half,
    Language,
    PassState,
    PersonState,
    PrintState,
    Procedure,
    Purpose,
    Role,
    Section,
    StepState,
    TicketState,
    VehicleState,
    VisitState,
    clean,
)

MAX_PAYLOAD = 120_000
"""Bytes. Below the broker's `max_packet_size`: a larger QoS 1 message would be re-sent for ever."""
LONGEST_EMERGENCY = timedelta(hours=4)
"""For which one notice may take the screen; longer ones are said again."""

MOST_IN_PARTY = 500
MOST_CARDS = 99
"""Passes that one message carries, about 300 bytes each. The rest of a larger party gets theirs at
the desk."""

LONGEST_NAME = 60

MAX_PICTURE = 84_000
"""Bytes of a picture, which in base64 is four thirds of that."""

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]
"""A clock time such as 22:00; empty for none."""
_KEY = r"^[0-9a-f]{32}$"
Key = Annotated[str, StringConstraints(pattern=_KEY)]
"""A request's unique key, chosen by the device: `uuid4().hex`."""


def _cleaned(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


_clean = BeforeValidator(_cleaned)
Name = Annotated[str, _clean, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
"""One cleaned line that must say something: a person, a place, a delegation."""
Label = Annotated[str, _clean, StringConstraints(max_length=LONGEST_NAME)]
"""One cleaned line that may be empty."""
Text = Annotated[str, _clean, StringConstraints(min_length=1, max_length=200)]
"""A sentence or two on one cleaned line."""
Invitation = Annotated[str, StringConstraints(pattern=invitations.PATTERN)]
"""A scanned invitation, see models.invitations."""
Alarm = Annotated[str, _clean, StringConstraints(max_length=120)]
"""What an emergency says: large letters, so few of them."""
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
    """參觀提示: one expected delegation. `open`: its name is a body's and no person's, so that a
    public board may show it in full."""

    starts: AwareDatetime
    delegation: Name
    headcount: int = Field(ge=1, le=999)
    room: Label = ""
    open: bool = False


class ReminderRow(Row):
    """其他需要提示職員的事項."""

    text: Text


class EmergencyRow(Row):
    """One notice that takes the whole screen. It always has an end, and an early one: a controller
    that dies in between must not leave it standing. Without `text` the board says its own words
    for the `kind`."""

    until: AwareDatetime
    kind: Emergency
    text: Alarm = ""

    @model_validator(mode="after")
    def _clears(self) -> Self:
        if not self.at < self.until <= self.at + LONGEST_EMERGENCY:
            raise ValueError("an emergency ends within four hours")
        return self


R = TypeVar("R", bound=Row)
ROWS: dict[Section, type[Row]] = {
    Section.VEHICLES: VehicleRow,
    Section.WHEREABOUTS: WhereaboutsRow,
    Section.VISITS: VisitRow,
    Section.REMINDERS: ReminderRow,
    Section.EMERGENCY: EmergencyRow,
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


class CalledNumber(_Frozen):
    """A queue number that is asked to a counter, shown until then. `calls`: how often by now."""

    number: Name
    counter: Name
    at: AwareDatetime
    until: AwareDatetime
    calls: int = Field(default=1, ge=1)


class Calls(Message):
    """Which queue numbers are called now (叫號), newest first. Ordered by (epoch, rev) like a
    section; it names nobody."""

    group: Id = Field(exclude=True)
    epoch: int = Field(ge=0)
    rev: int = Field(ge=1)
    items: tuple[CalledNumber, ...] = Field(default=(), max_length=50)


class ExpectedVisit(_Frozen):
    """One expected delegation in coarse words. `body` is its name where that is a body's and no
    person's; empty otherwise."""

    starts: AwareDatetime
    until: AwareDatetime | None = None
    body: Label = ""
    headcount: int = Field(ge=1, le=999)


class Expected(Message):
    """參觀提示 as a kiosk may have it: the visits of a group, naming nobody, whatever the group's
    boards show. Published with that section, under its epoch and revision."""

    group: Id = Field(exclude=True)
    epoch: int = Field(ge=0)
    rev: int = Field(ge=1)
    day: date
    published_at: AwareDatetime
    items: tuple[ExpectedVisit, ...] = Field(default=(), max_length=500)


class HomeState(Message):
    """The lobby as Home Assistant has it, see models.home: how many visitors are `inside`, cars on
    the road, colleagues out, visits and reminders on the board, when somebody is back next, the
    newest reminder, and whether the `board` is there. Names nobody."""

    inside: int = Field(ge=0)
    vehicles: int = Field(ge=0)
    whereabouts: int = Field(ge=0)
    visits: int = Field(ge=0)
    reminders: int = Field(ge=0)
    next_return: AwareDatetime | None = None
    notice: Text | None = None
    board: bool


class Canary(Message):
    """Every 5 s: the path from controller to glass is alive."""

    epoch: int = Field(ge=0)
    seq: int = Field(ge=0)
    at: AwareDatetime


class Shown(Message):
    """Glass receipt: the frame that shows this revision of the group's section has been flipped,
    `ms` milliseconds after the snapshot arrived at the board."""

    board: Id = Field(exclude=True)
    group: Id = "main"
    section: Section
    epoch: int = Field(ge=0)
    rev: int = Field(ge=1)
    ms: float = Field(ge=0, le=86_400_000)


class Resync(Message):
    """Republish, please."""

    board: Id = Field(exclude=True)


class Config(Message):
    """How a board is to present itself, set at the desk; before what its own settings say. Ordered
    by (epoch, rev) like a section.

    `rotation` is how many degrees clockwise the panel hangs turned. From `night_from` until
    `night_until` (local clock times, both empty for never) it shines with `night_light` of its
    brightness, from 0.7, below which type would lose its contrast.
    """

    board: Id = Field(exclude=True)
    epoch: int = Field(ge=0)
    rev: int = Field(ge=1)
    group: Id
    place: Label = ""
    language: Language = Language.ZH_HANT
    rotation: Literal[0, 90, 180, 270] = 0
    night_from: ClockTime = ""
    night_until: ClockTime = ""
    night_light: Annotated[float, Field(ge=0.7, le=1)] = 1.0


class Ask(Message):
    """The desk would like to see a board's glass, or hear how it does."""

    board: Id = Field(exclude=True)
    what: Literal["picture", "health"]


class Health(Message):
    """How a board does: milliseconds of its last frame, megabytes resident, seconds since its
    start, and how many pages its sections have together."""

    board: Id = Field(exclude=True)
    version: Label = ""
    frame_ms: float = Field(ge=0, le=86_400_000)
    memory_mb: float = Field(ge=0, le=1_000_000)
    uptime: float = Field(ge=0)
    pages: int = Field(ge=0, le=10_000)


class Picture(Message):
    """What a board's glass shows: a JPEG, small enough for one message."""

    board: Id = Field(exclude=True)
    jpeg: Annotated[bytes, Field(min_length=1, max_length=MAX_PICTURE)]

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


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
    (its short code, or the last four digits of the phone) or by the scanned `invitation`. `others`
    are the names of the rest of the party, in order, empty where they are told later."""

    kind: Literal["register"] = "register"
    purpose: Purpose = Purpose.BUSINESS
    name: Label = ""
    organisation: Label = ""
    phone: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9]{4,15})?$")] = ""
    department: Label = ""
    host: int | None = Field(default=None, ge=1)
    party: int = Field(default=1, ge=1, le=MOST_IN_PARTY)
    others: tuple[Label, ...] = Field(default=(), max_length=MOST_CARDS)
    code: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")] = ""
    invitation: Invitation | None = None
    permit: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")] = ""
    id_last4: Annotated[str, StringConstraints(pattern=r"^([0-9]{3}[0-9X])?$")] = ""
    language: Language = Language.ZH_HANT

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.name or self.code or self.invitation or (self.permit and self.id_last4)):
            raise ValueError("a registration needs a name or an appointment's code")
        return self


class FindAppointment(_Frozen):
    """Is there an appointment today under this short code, these last digits of a phone, or this
    scanned invitation?"""

    kind: Literal["find_appointment"] = "find_appointment"
    code: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")] = ""
    invitation: Invitation | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if bool(self.code) == bool(self.invitation):
            raise ValueError("an appointment is found by its code or by its invitation")
        return self


class FindVisit(_Frozen):
    """Somebody who walked away comes back: the last four digits of the phone they gave, or of the
    number of their visit."""

    kind: Literal["find_visit"] = "find_visit"
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class Status(_Frozen):
    """How does the visit stand that was registered with this key, or the queue number taken?"""

    kind: Literal["status"] = "status"
    visit: Key


class Withdraw(_Frozen):
    """The visitor cancels while waiting."""

    kind: Literal["withdraw"] = "withdraw"
    visit: Key


class TakeNumber(_Frozen):
    """A resident who has seen what a procedure needs takes a queue number."""

    kind: Literal["take_number"] = "take_number"
    procedure: Procedure
    language: Language = Language.ZH_HANT


class Leave(_Frozen):
    """The visitor leaves: a scanned pass, or its number typed. Not cleaned, for a token may hold
    two spaces in a row."""

    kind: Literal["leave"] = "leave"
    text: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PrintPass(_Frozen):
    """The visitor wants the passes of their visit on paper, from the kiosk's own printer."""

    kind: Literal["print_pass"] = "print_pass"
    visit: Key


class PrintTest(_Frozen):
    """The operator wants a test slip from the kiosk's own printer or, by the `test` that the first
    answer named, to know what became of it."""

    kind: Literal["print_test"] = "print_test"
    test: Key | None = None


class CallDesk(_Frozen):
    """呼叫前台: somebody at the kiosk wants a human."""

    kind: Literal["call_desk"] = "call_desk"
    visit: Key | None = None


class Directory(_Frozen):
    """Which departments and hosts can be visited?"""

    kind: Literal["directory"] = "directory"


MOST_GATE_SCANS = 50
"""In one request: well below the largest message, whatever their texts are."""


class GateScan(_Frozen):
    """One scan of a gate, as it was answered there. `at` is the moment the gate went by, `shown`
    what its clock showed; `pass_id` are the seven bytes of the token, in hex, which is a goods
    slip's where it says `goods`."""

    key: Key
    text: Annotated[str, StringConstraints(max_length=200)] = ""
    pass_id: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{14})?$")] = ""
    goods: bool = False
    number: Label = ""
    half: Half | None = None
    direction: Direction | None = None
    ok: bool
    code: Code
    at: AwareDatetime
    shown: AwareDatetime


class GateScans(_Frozen):
    """A gate hands in what it has scanned, oldest first. Answered once all are committed."""

    kind: Literal["gate_scans"] = "gate_scans"
    scans: tuple[GateScan, ...] = Field(min_length=1, max_length=MOST_GATE_SCANS)


RequestBody = Annotated[
    Register
    | TakeNumber
    | FindAppointment
    | FindVisit
    | Status
    | Withdraw
    | Leave
    | PrintPass
    | PrintTest
    | CallDesk
    | Directory
    | GateScans,
    Discriminator("kind"),
]


MOST_AGE = 7 * 86_400
"""Seconds. What is older is as late as this."""


class Request(Message):
    """From a kiosk or gate to the controller. `key` makes a repeat harmless: it is answered again,
    not done again. What was kept while nobody listened says how many seconds ago it was asked
    (`age`), and whether whoever asked has left the screen since (`gone`)."""

    device: Id = Field(exclude=True)
    key: Key
    age: float = Field(default=0, ge=0, le=MOST_AGE)
    gone: bool = False
    body: RequestBody

    def asked_at(self, now: datetime) -> datetime:
        """When it was asked, by the clock that says `now`: a device's own may say anything."""
        return now - timedelta(seconds=self.age)


class PassCard(_Frozen):
    """What the kiosk shows of one person's pass. `token` is the QR's text, see models.passes;
    `place` counts from 1 within the party, `holder` is that person's masked name, empty while
    unknown."""

    number: Name
    place: int = Field(default=1, ge=1, le=MOST_IN_PARTY)
    holder: Label = ""
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
    `number` is the visit's own, `receipt` that of the material which the visitor leaves. `passes`
    are those of the first 99 of the party, by place. `print_state`, `print_code`: how far their
    printing at this kiosk is, and why it failed.
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
    party: int = Field(default=1, ge=1, le=MOST_IN_PARTY)
    passes: tuple[PassCard, ...] = Field(default=(), max_length=MOST_CARDS)
    receipt: Label = ""
    number: Label = ""
    print_state: PrintState | None = None
    print_code: Code = ""


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
    prints: bool = Field(default=False, description="this kiosk has a printer")


class TicketView(_Frozen):
    """A queue number, and how many are before it. `ticket` is the key it was taken with."""

    kind: Literal["ticket"] = "ticket"
    ticket: Key
    number: Name
    procedure: Procedure
    state: TicketState
    ahead: int = Field(default=0, ge=0)
    counter: Label = ""


class PrintTestView(_Frozen):
    """How far a test slip is, and why no further."""

    kind: Literal["print_test"] = "print_test"
    test: Key
    state: PrintState
    code: Code = ""


class LeaveView(_Frozen):
    """A pass that was just handed back."""

    kind: Literal["leave"] = "leave"
    number: Label


AnswerBody = Annotated[
    VisitView | TicketView | AppointmentView | DirectoryView | LeaveView | PrintTestView,
    Discriminator("kind"),
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


class KnownPass(_Frozen):
    """Where a pass stands, and since when."""

    pass_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{14}$")]
    number: Label
    state: PassState
    at: AwareDatetime


class KnownPasses(Message):
    """All passes that can still be used, and who is inside, for gates: what was scanned elsewhere.
    Ordered by (epoch, rev). It holds no names."""

    epoch: int = Field(ge=0)
    rev: int = Field(ge=1)
    passes: tuple[KnownPass, ...] = Field(default=(), max_length=1000)


MOST_GOODS, MOST_PIECES = 30, 9999
"""Lines of a slip, and how many there are of one thing."""
LONGEST_GOODS = 40
"""Characters: a full list is below nine kilobytes."""


class GoodsLine(_Frozen):
    """One line of a goods slip: what, how many, and how to tell it."""

    item: Annotated[str, _clean, StringConstraints(min_length=1, max_length=LONGEST_GOODS)]
    pieces: int = Field(ge=1, le=MOST_PIECES)
    remark: Annotated[str, _clean, StringConstraints(max_length=LONGEST_GOODS)] = ""


class KnownSlip(_Frozen):
    """Where a goods slip stands, and what may leave with it. Of one that is closed, or for which
    the message had no room left, the list is empty."""

    slip_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{14}$")]
    number: Label
    state: GoodsState
    plate: Label = ""
    goods: tuple[GoodsLine, ...] = Field(default=(), max_length=MOST_GOODS)


MOST_SLIPS = 300
"""In one message: without their lists they fill a third of it."""


class KnownGoods(Message):
    """The goods slips that could be shown at a gate, with their lists, for the guard to compare.
    Ordered by (epoch, rev). It says neither whose the goods are nor where they come from."""

    epoch: int = Field(ge=0)
    rev: int = Field(ge=1)
    slips: tuple[KnownSlip, ...] = Field(default=(), max_length=MOST_SLIPS)


# --- what gates check by themselves --------------------------------------------------------------


class Document(Message):
    """A document that is signed itself (models.cose): on the wire it is its own bytes, no JSON. Who
    receives one believes its signature, and neither the topic nor the broker."""

    document: bytes


class RevokedPasses(Document):
    """See models.revocations."""


class PassKeys(Document):
    """See models.keysets."""


# --- topics ------------------------------------------------------------------------------------


class Encoded(NamedTuple):
    topic: str
    payload: bytes
    retain: bool
    qos: int


_TAILS: dict[type[Message], str] = {
    Manifest: "board/{group}/manifest",
    Calls: "board/{group}/calls",
    Expected: "board/{group}/expected",
    Snapshot: "board/{group}/{section}",
    Canary: "canary",
    Request: "req/{device}",
    Answer: "rsp/{device}",
    VisitUpdate: "visit/{device}",
    Shown: "shown/{board}",
    Presence: "presence/{role}/{id}",
    Resync: "resync/{board}",
    Config: "config/{board}",
    Ask: "ask/{board}",
    Health: "health/{board}",
    Picture: "picture/{board}",
    RevokedPasses: "passes/revoked",
    PassKeys: "passes/keys",
    KnownPasses: "passes/known",
    KnownGoods: "passes/goods",
    HomeState: "home",
}
_SNAPSHOTS: dict[Section, type[Message]] = {
    Section.VEHICLES: Snapshot[VehicleRow],
    Section.WHEREABOUTS: Snapshot[WhereaboutsRow],
    Section.VISITS: Snapshot[VisitRow],
    Section.REMINDERS: Snapshot[ReminderRow],
    Section.EMERGENCY: Snapshot[EmergencyRow],
}
_RETAINED = (
    *(Snapshot, Manifest, Calls, Expected, Presence, Config),
    *(RevokedPasses, PassKeys, KnownPasses, KnownGoods, HomeState),
)
_FIELD = re.compile(r"\{(\w+)\}")


def _pattern(tail: str) -> re.Pattern[str]:
    return re.compile(_FIELD.sub(r"(?P<\1>[a-z0-9][a-z0-9-]{0,31})", tail))


_PATTERNS = [(_pattern(tail), kind) for kind, tail in _TAILS.items()]


def topic_of(kind: type[Message], site: str, **fields: str) -> str:
    """The topic of a kind of message; a field left out becomes the wildcard `+`."""
    return f"lobby/v1/{site}/" + _FIELD.sub(lambda m: fields.get(m[1], "+"), _TAILS[kind])


def topic_shapes() -> list[str]:
    """Every topic with its placeholders, for the documentation."""
    return sorted("lobby/v1/<site>/" + _FIELD.sub(r"<\1>", tail) for tail in _TAILS.values())


def encode(message: Message, site: str) -> Encoded:
    """The bytes of a message for the broker. Raises TooLarge before the broker would choke."""
    kind = next(base for base in type(message).__mro__ if base in _TAILS)
    fields = {name: str(getattr(message, name)) for name in _FIELD.findall(_TAILS[kind])}
    if isinstance(message, Document):
        payload = message.document
    else:
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
    if issubclass(kind, Document):
        return kind(document=payload)
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
