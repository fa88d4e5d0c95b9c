"""Ids, enums and the cleaning of typed text: one word for one thing, everywhere. Pure."""

import re
import unicodedata
from enum import StrEnum


class Category(StrEnum):
    """來訪類別, the seed's 3.1 to 3.5 and 4.7, and VI and IV for contractors and residents."""

    VIP = "vip"
    IMPORTANT = "important"
    ORDINARY = "ordinary"
    APPLICANT = "applicant"
    SERVICE = "service"
    STAFF = "staff"
    CONTRACTOR = "contractor"
    RESIDENT = "resident"
    TURNED_AWAY = "turned_away"


class Purpose(StrEnum):
    """What a visitor says they came for. A visitor never picks a category."""

    BUSINESS = "business"
    INTERVIEW = "interview"
    SERVICE = "service"
    WORKS = "works"
    PROCEDURE = "procedure"
    COLLEAGUE = "colleague"


class Admission(StrEnum):
    """What the rules say of a visit before any human decides."""

    ADMIT = "admit"  # at once
    CONFIRM = "confirm"  # once the host side has confirmed
    DESK = "desk"  # served at the desk's counter
    NO_ENTRY = "no_entry"  # stays outside the office area


class VisitState(StrEnum):
    """Where a visit stands. `waiting` is the only state that can still change by a decision."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class AppointmentKind(StrEnum):
    """One guest, a delegation, or somebody who comes on certain weekdays."""

    PERSON = "person"
    DELEGATION = "delegation"
    RECURRING = "recurring"


class DeskDecision(StrEnum):
    """What the desk can say to a waiting visitor: 放行, 請再等候, 婉拒."""

    ADMIT = "admit"
    ASK_TO_WAIT = "ask_to_wait"
    REFUSE = "refuse"


class ConfirmStep(StrEnum):
    """Who is asked to confirm a visit, in this order."""

    HOST = "host"
    DEPUTY = "deputy"
    DEPARTMENT = "department"
    DESK = "desk"


class Channel(StrEnum):
    """What became of the message that asks somebody."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    NONE = "none"  # nothing is configured, or nothing is needed
    AWAY = "away"  # not sent: the person is out


class StepState(StrEnum):
    """Where one step of a confirmation stands, as the visitor and the desk see it."""

    ASKING = "asking"  # the message is on its way
    ASKED = "asked"
    PASSED = "passed"  # no answer in time; the next one is asked
    FAILED = "failed"
    AWAY = "away"  # out, as the board says, and therefore not asked


class Reason(StrEnum):
    """Why the desk refuses. For the desk and the guard only: no visitor is ever shown it."""

    SALES = "sales"
    NUISANCE = "nuisance"
    NO_CONFIRMATION = "no_confirmation"
    NOT_TODAY = "not_today"
    OTHER = "other"


class Ready(StrEnum):
    """What is seen to before a VIP or important guest goes in (4.1, 4.2)."""

    ROOM = "room"
    LEADERS = "leaders"
    ESCORT = "escort"


class MaterialStep(StrEnum):
    """What the desk does with an applicant's material: 已收到, 已通知人力資源部, 已轉交; or nothing
    was left."""

    RECEIVED = "received"
    TOLD = "told"
    HANDED = "handed"
    ABSENT = "absent"


class Procedure(StrEnum):
    """What a resident comes to do (the seed's IV, VI, VII)."""

    MOVE_IN = "move_in"
    RENOVATION = "renovation"
    PARKING = "parking"
    GOODS = "goods"
    FEES = "fees"
    FACILITIES = "facilities"
    TRANSFER = "transfer"
    OTHER = "other"


class PermitState(StrEnum):
    """The life of a works permit (施工許可); `ended` is for good."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class TicketState(StrEnum):
    """The life of a queue number: waiting → called → done, or nobody came."""

    WAITING = "waiting"
    CALLED = "called"
    DONE = "done"
    ABSENT = "absent"


class PassState(StrEnum):
    """The life of a pass: issued → inside → returned, or ended early. `expired` was never used in
    its time; of a `lost` one the holder has lost the original."""

    ISSUED = "issued"
    INSIDE = "inside"
    RETURNED = "returned"
    REVOKED = "revoked"
    EXPIRED = "expired"
    LOST = "lost"


class GoodsState(StrEnum):
    """The life of a goods-release slip (物品放行): draft → approved → released, or ended early."""

    DRAFT = "draft"
    APPROVED = "approved"
    RELEASED = "released"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Presence(StrEnum):
    """Where the holder of a pass is, as far as it is known. `unknown` went in and was not scanned
    out by closing time: nobody invents an exit."""

    INSIDE = "inside"
    OUT = "out"
    UNKNOWN = "unknown"


class Account(StrEnum):
    """What the desk has found out about somebody who was not scanned out."""

    LEFT = "left"
    STILL_INSIDE = "still_inside"


class Mark(StrEnum):
    """What is said of somebody at a roll call; `taken_back` takes back what was said before."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    TAKEN_BACK = "taken_back"


class About(StrEnum):
    """What somebody is told of a visit: that it is there, or that it outstays its passes."""

    VISIT = "visit"
    OVERDUE = "overdue"


class Incident(StrEnum):
    """What the duty log is told of the halves: 正本遺失, 副本遺失, 清點不符."""

    ORIGINAL_LOST = "original_lost"
    DUPLICATE_MISSING = "duplicate_missing"
    COUNT_DIFFERS = "count_differs"


class Duty(StrEnum):
    """What an entry of the duty log (值班記錄表, 9.1) is about."""

    PHONE = "phone"  # 5.2
    COMPLAINT = "complaint"  # 5.3, IV
    REPAIR = "repair"  # VI.6
    PAPERS = "papers"  # 6.1
    LETTER = "letter"  # 6.2
    FAX = "fax"  # 6.3
    CLEANING = "cleaning"  # 7.1
    PLANTS = "plants"  # 7.2
    EQUIPMENT = "equipment"  # 7.3
    INCIDENT = "incident"  # II.3
    KEY = "key"  # VI.3
    GOODS = "goods"  # VI.11
    OTHER = "other"  # II.9
    SHIFT = "shift"  # III.3, VI
    CHECK = "check"  # a daily checklist or a round of the lobby: 7.1 to 7.3, II.3


class Act(StrEnum):
    """What an entry of the duty log does: something is recorded, taken a stage further, put off, or
    counter-entered."""

    RECORDED = "recorded"
    PASSED_ON = "passed_on"
    CALLED = "called"
    REPORTED = "reported"
    HANDED = "handed"
    RETURNED = "returned"
    DONE = "done"
    CALLED_BACK = "called_back"
    DEFERRED = "deferred"
    CORRECTED = "corrected"
    VOIDED = "voided"
    SIGNED_ON = "signed_on"  # from here on of a shift
    STOOD_IN = "stood_in"
    BACK = "back"
    HANDED_OVER = "handed_over"
    TAKEN_OVER = "taken_over"
    SIGNED_OFF = "signed_off"
    LEFT_EMPTY = "left_empty"


class Span(StrEnum):
    """What a report is about: a calendar week, which begins on Monday, or a month (II.7, II.8)."""

    WEEK = "week"
    MONTH = "month"


class PrintState(StrEnum):
    """The life of one printing of a pass. Nobody prints a job again by itself that has once been
    `printing`: it may lie in somebody's hand."""

    QUEUED = "queued"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"  # surely not printed
    UNKNOWN = "unknown"  # may have been printed
    DISMISSED = "dismissed"


class DeskRole(StrEnum):
    """What somebody who signs in at the desk is there for; `controller/web/rights.py` says who may
    do what."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    GUARD = "guard"
    HOST = "host"
    ADMINISTRATOR = "administrator"


class Scope(StrEnum):
    """What a program may do that calls the API with a token of its own."""

    READ_VISITS = "read_visits"
    MAKE_APPOINTMENTS = "make_appointments"
    SCAN_PASSES = "scan_passes"
    READ_BOARD = "read_board"
    WRITE_BOARD = "write_board"
    READ_LOG = "read_log"
    WRITE_LOG = "write_log"
    READ_DEVICES = "read_devices"


class Happening(StrEnum):
    """What other programs are told of, by the names of the log."""

    VISIT_REGISTERED = "visit.registered"
    VISIT_DECIDED = "visit.decided"
    VISIT_ENTERED = "visit.entered"
    VISIT_LEFT = "visit.left"
    VISIT_OVERDUE = "visit.overdue"
    NOTICE_PUBLISHED = "notice.published"
    NOTICE_EDITED = "notice.edited"
    NOTICE_TAKEN_DOWN = "notice.taken_down"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Half(StrEnum):
    """正本, carried by the holder; 副本, kept at the gate while the holder is inside."""

    ORIGINAL = "original"
    DUPLICATE = "duplicate"


class Section(StrEnum):
    """What the 電子信息欄 is published as: the four sections of the seed's 8.1, and the one notice
    that may take the whole screen."""

    VEHICLES = "vehicles"
    WHEREABOUTS = "whereabouts"
    VISITS = "visits"
    REMINDERS = "reminders"
    EMERGENCY = "emergency"


PANELS = (Section.VEHICLES, Section.WHEREABOUTS, Section.VISITS, Section.REMINDERS)
"""The sections that stand side by side on a board."""


class Audience(StrEnum):
    """Who reads the boards of a group: everybody who passes by, or the office's own."""

    STAFF = "staff"
    PUBLIC = "public"


class Emergency(StrEnum):
    """What the boards have prepared words for."""

    FIRE = "fire"
    EVACUATION = "evacuation"
    LIFT = "lift"
    WATER = "water"
    OTHER = "other"


class VehicleState(StrEnum):
    STANDBY = "standby"
    OUT = "out"
    BACK = "back"


class PersonState(StrEnum):
    IN = "in"
    MEETING = "meeting"
    OUT = "out"
    LEAVE = "leave"


class Role(StrEnum):
    """Who may sign in to the broker."""

    CONTROLLER = "controller"
    KIOSK = "kiosk"
    BOARD = "board"
    GATE = "gate"
    DESK = "desk"
    HOME = "home"


class Language(StrEnum):
    ZH_HANT = "zh-Hant"
    ZH_HANS = "zh-Hans"
    EN = "en"


ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,31}$"
"""Ids of sites, devices and groups: safe inside a topic, an ACL line and a file name."""

_EMOJI = re.compile(
    "[\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\u20e3\U0001f000-\U0001faff\U000e0000-\U000e01ef]"
)
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean(text: str) -> str:
    """One printable line of what somebody typed.

    Control and format characters (right-to-left overrides among them), unassigned code points and
    emoji are dropped, line breaks and runs of white space become one space, and the rest is
    composed (NFC). Letters of every script stay. The result may be empty.
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    kept = "".join(c for c in spaced if unicodedata.category(c) not in _DROPPED)
    return " ".join(unicodedata.normalize("NFC", _EMOJI.sub("", kept)).split())


def names_in(text: str) -> tuple[str, ...]:
    """Names written one a line, or with 、 or ; between them, each cleaned."""
    return tuple(filter(None, map(clean, re.split(r"[\n\r;；、]", text))))


def visit_number(visit_id: int) -> str:
    """What people call a visit by: V-0042."""
    return f"V-{visit_id:04d}"


def mask_name(name: str) -> str:
    """A name that others may see: 王小明 → 王○明, 王明 → 王○, Mary Smith → M. Smith."""
    if not name:
        return name
    words = name.split()
    if len(words) > 1:
        return f"{words[0][0]}. {words[-1]}" if words[0].isascii() else f"{words[0][0]}○"
    if len(name) <= 2:
        return name[0] + "○" if len(name) == 2 else name
    return name[0] + "○" * (len(name) - 2) + name[-1]
