"""What the kiosk's flow is about: its screens and state, what happens, what is to be done. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from models.messages import (
    Answer,
    AppointmentView,
    CallDesk,
    Calls,
    Department,
    Directory,
    DirectoryView,
    Expected,
    FindAppointment,
    FindVisit,
    Host,
    Leave,
    PrintPass,
    PrintTest,
    Register,
    Status,
    TakeNumber,
    TicketView,
    VisitView,
    Withdraw,
)
from models.procedures import NOTHING, Procedures
from models.terms import Language, PrintState, Procedure, Purpose


class Screen(StrEnum):
    """One question, or one answer, each."""

    WELCOME = "welcome"
    PURPOSE = "purpose"
    NAME = "name"
    ORGANISATION = "organisation"
    DEPARTMENT = "department"
    HOST = "host"
    PARTY = "party"
    NAMES = "names"
    PHONE = "phone"
    CHECK = "check"
    CODE = "code"
    APPOINTMENT = "appointment"
    WAITING = "waiting"
    PASS = "pass"  # noqa: S105 - a visitor's, not a password
    ANSWER = "answer"
    LEAVE = "leave"
    PROCEDURE = "procedure"
    PAPERS = "papers"
    NUMBER = "number"
    PERMIT = "permit"
    WORKER = "worker"
    PIN = "pin"
    OPERATOR = "operator"
    TOUCH = "touch"


class Button(StrEnum):
    """What can be pressed that says nothing more than its name."""

    REGISTER = "register"
    APPOINTMENT = "appointment"
    LEAVE = "leave"
    NEXT = "next"
    LATER = "later"
    BACK = "back"
    SUBMIT = "submit"
    CANCEL = "cancel"
    YES = "yes"
    NO = "no"
    DONE = "done"
    NEXT_VISITOR = "next_visitor"
    CALL_DESK = "call_desk"
    PRINT = "print"
    TOUCH = "touch"
    RESTART = "restart"
    AIDS = "aids"
    MORE_TIME = "more_time"


class Dialog(StrEnum):
    """A question laid over the screen."""

    NONE = ""
    CANCEL = "cancel"
    IDLE = "idle"
    AIDS = "aids"


@dataclass(frozen=True)
class Times:
    """Seconds, from the settings."""

    idle_warning: float
    idle_wipe: float
    show: float
    """How long a pass or an answer stays before the welcome returns."""


@dataclass(frozen=True)
class Aids:
    """What makes the kiosk easier for this visitor: type one or two steps larger (`size`), black on
    white, prompts read aloud, and more time for everything."""

    size: int = 0
    contrast: bool = False
    speech: bool = False
    slow: bool = False


@dataclass(frozen=True)
class Form:
    """What a visitor has answered so far."""

    purpose: Purpose | None = None
    name: str = ""
    organisation: str = ""
    department: str = ""
    host: Host | None = None
    party: int = 1
    phone: str = ""
    others: tuple[str, ...] = ()
    """The rest of the party, in order; empty where the name is told later."""
    naming: int = 0
    """Which of them is being asked for, counted from 0."""


@dataclass(frozen=True)
class Operator:
    """What the operator's screens know. Wrong PINs are remembered beyond a visit: how many in a
    row, and until when no other is looked at. `test` is the key of a test slip, `printed` how far
    that is, `problem` the code of why it is no further, `asked` when it was asked after."""

    wrong: int = 0
    shut_until: float = 0
    seen: "Looked | None" = None
    scanned: str = ""
    test: str = ""
    printed: PrintState | None = None
    problem: str = ""
    asked: float = 0


@dataclass(frozen=True)
class State:
    """Everything the kiosk knows. Moments are seconds on the monotonic clock; `now` is the last
    tick's. `busy` is the kind of the request whose answer the screen waits for, `keys` the key of
    the latest request of each kind. `status_asked` is when the controller was last given cause to
    say how the visit stands."""

    times: Times
    home: Language
    now: float
    language: Language
    screen: Screen = Screen.WELCOME
    reachable: bool = False
    departments: tuple[Department, ...] = ()
    prints: bool = False
    """Has this kiosk a printer?"""
    touched: float = 0
    aids: Aids = Aids()
    form: Form = Form()
    text: str = ""
    error: str = ""
    editing: bool = False
    code: str = ""
    invitation: str = ""
    appointment: AppointmentView | None = None
    dialog: Dialog = Dialog.NONE
    notice: str = ""
    notice_until: float = 0
    calling: float | None = None
    busy: str = ""
    busy_since: float = 0
    keys: Mapping[str, str] = field(default_factory=dict)
    visit_key: str = ""
    visit: VisitView | None = None
    acknowledged: bool = False
    waiting_since: float = 0
    status_asked: float = 0
    outcome: str = ""
    number: str = ""
    shown: int = 0
    """Which of the party's passes, counted from 0."""
    deadline: float | None = None
    permit: str = ""
    procedures: Procedures = NOTHING
    procedure: Procedure | None = None
    leaf: int = 0
    ticket_key: str = ""
    ticket: TicketView | None = None
    calls: Calls | None = None
    expected: Expected | None = None
    operator: Operator = Operator()


# --- what happens ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tick:
    """Time passes."""

    now: float


@dataclass(frozen=True)
class Touched:
    """Somebody is there."""


@dataclass(frozen=True)
class Tap:
    button: Button


@dataclass(frozen=True)
class PickLanguage:
    language: Language


@dataclass(frozen=True)
class PickAids:
    aids: Aids


@dataclass(frozen=True)
class PickPurpose:
    purpose: Purpose


@dataclass(frozen=True)
class PickProcedure:
    procedure: Procedure


@dataclass(frozen=True)
class PickDepartment:
    """`name` is empty for a visitor who does not know."""

    name: str


@dataclass(frozen=True)
class PickHost:
    host: Host | None


@dataclass(frozen=True)
class Party:
    """So many more people, or fewer."""

    change: int


@dataclass(frozen=True)
class Edit:
    """An answer on the check screen is to be changed."""

    screen: Screen


@dataclass(frozen=True)
class Typed:
    """The field's whole text, by whichever keyboard. Characters that this screen has no glyph for
    are `lost`: left out before they get here."""

    text: str
    lost: bool = False


@dataclass(frozen=True)
class Scanned:
    """The scanner read `text`; `field` is what the field held before the scanner typed into it."""

    text: str
    field: str = ""


@dataclass(frozen=True)
class Reached:
    """The controller can be reached (told again at each of its births), or no longer."""

    up: bool


@dataclass(frozen=True)
class Sent:
    """A request is on its way under this key; a durable one is on the disk."""

    kind: str
    key: str


@dataclass(frozen=True)
class NotKept:
    """A durable request could not be written to the disk, so it will not be sent."""

    kind: str


@dataclass(frozen=True)
class Answered:
    answer: Answer


@dataclass(frozen=True)
class Updated:
    visit: VisitView


@dataclass(frozen=True)
class Called:
    """Which queue numbers are called now."""

    calls: Calls


@dataclass(frozen=True)
class Awaited:
    """Which visits are expected today."""

    expected: Expected


@dataclass(frozen=True)
class Knocked:
    """The operator asks to be let in."""


@dataclass(frozen=True)
class PinChecked:
    good: bool


@dataclass(frozen=True)
class Looked:
    """How the kiosk is linked: `answered` seconds ago the controller last answered; `camera` is
    what its camera does, empty where there is none."""

    broker: bool = False
    controller: bool = False
    answered: float | None = None
    camera: str = ""


@dataclass(frozen=True)
class Listed:
    """Who can be visited, as far as the kiosk's own file knows."""

    departments: tuple[Department, ...]


@dataclass(frozen=True)
class Resumed:
    """The process was restarted while a visit registered `age` seconds ago was on the screen, or a
    queue number taken then (`is_number`).

    `register` is its registration where that has not been answered yet.
    """

    key: str
    age: float
    register: Register | None
    is_number: bool = False


Event = (
    Tick
    | Touched
    | Tap
    | PickLanguage
    | PickAids
    | PickPurpose
    | PickProcedure
    | PickDepartment
    | PickHost
    | Party
    | Edit
    | Typed
    | Scanned
    | Reached
    | Sent
    | NotKept
    | Answered
    | Updated
    | Called
    | Awaited
    | Knocked
    | PinChecked
    | Looked
    | Listed
    | Resumed
)

# --- what is to be done ------------------------------------------------------------------------

Durable = Register | TakeNumber | Withdraw | Leave | CallDesk
"""Requests that must survive the kiosk's death."""
Ephemeral = FindAppointment | FindVisit | Status | Directory | PrintPass | PrintTest
"""Requests that are worth nothing once the screen has moved on."""


@dataclass(frozen=True)
class Send:
    """Write to the disk, then send until it is answered."""

    body: Durable


@dataclass(frozen=True)
class Ask:
    """Send once."""

    body: Ephemeral


@dataclass(frozen=True)
class KeepDirectory:
    """Remember who can be visited, for a start without the network."""

    directory: DirectoryView


@dataclass(frozen=True)
class Wipe:
    """Nothing of the last visitor may remain."""


@dataclass(frozen=True)
class CheckPin:
    """Is this the operator's?"""

    pin: str = field(repr=False)


@dataclass(frozen=True)
class Restart:
    """End the process, to be started again."""


Effect = Send | Ask | KeepDirectory | Wipe | CheckPin | Restart
Step = tuple[State, tuple[Effect, ...]]
