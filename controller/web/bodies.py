"""What the JSON API takes, as it is described at /openapi.json.

Text is cleaned on arrival as everywhere: one printable line, see `models.terms.clean`.
"""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import (
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SkipValidation,
    StringConstraints,
)

from controller.web.moments import Day, When
from models.merging import Resolution
from models.messages import (
    LONGEST_EMERGENCY,
    LONGEST_GOODS,
    MOST_GOODS,
    MOST_PIECES,
    Alarm,
    ClockTime,
    Id,
    Key,
    Label,
    Name,
    Text,
)
from models.terms import (
    Account,
    Act,
    AppointmentKind,
    Category,
    DeskDecision,
    DeskRole,
    Direction,
    Duty,
    Emergency,
    Happening,
    Language,
    PersonState,
    Reason,
    Role,
    Scope,
    Section,
    VehicleState,
    clean,
)

RowId = Annotated[int, Path(ge=1, le=2**53)]
"""The id of a row, within what every JSON reader and the database can hold."""


Note = Annotated[str, BeforeValidator(clean), StringConstraints(max_length=200)]
"""What somebody says of it, on one cleaned line; may be empty."""


class _Body(BaseModel):
    """What a page sends. An unknown field is a mistake worth hearing about."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignIn(_Body):
    # An empty one is a wrong one: who tries to sign in is told no more than that.
    name: Label
    password: Annotated[str, StringConstraints(max_length=200)]


class PasswordIn(_Body):
    old: Annotated[str, StringConstraints(max_length=200)]
    new: Annotated[str, StringConstraints(max_length=200)]


class UserWish(_Body):
    display: Name = Field(description="the name that the page and the log show")
    role: DeskRole
    disabled: bool = Field(default=False, description="may not sign in for now")


class UserIn(_Body):
    user: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{1,31}$")] = Field(
        description="what is typed at sign-in: small letters, digits, . _ -"
    )
    display: Name
    role: DeskRole


class ClientIn(_Body):
    client: Name = Field(description="which program it is")
    scopes: Annotated[frozenset[Scope], Field(min_length=1)] = Field(description="what it may do")
    ends_on: Day | None = Field(default=None, description="the last day on which it is let in")


class WebhookIn(_Body):
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = Field(
        description="where to post: https, without a user or a password"
    )
    events: Annotated[frozenset[Happening], Field(min_length=1)]
    names: bool = Field(default=False, description="also who it was, and what a line says")


class Decision(_Body):
    decision: DeskDecision
    category: Category | None = Field(default=None, description="re-class the visit first")
    to_leader: bool = Field(default=False, description="a VIP goes straight to the host's office")
    reason: Reason | None = Field(default=None, description="of a refusal; never shown outside")


class JoinIn(_Body):
    appointment: Annotated[int, Field(ge=1, le=2**53)] = Field(
        description="an appointment of today that nobody has come for"
    )


class VehicleContent(_Body):
    """車輛出行: one trip of one car."""

    plate: Name
    driver: Label = ""
    departs: When
    to: Name
    state: VehicleState


class WhereaboutsContent(_Body):
    """人員去向: one person."""

    department: Label = ""
    name: Name
    state: PersonState
    place: Label = ""
    back: When | None = None


class WhereaboutsSaid(_Body):
    """What somebody says of themselves."""

    state: PersonState
    place: Label = ""
    back: When | None = None


class VisitContent(_Body):
    """參觀提示: one expected delegation."""

    starts: When
    delegation: Name
    headcount: Annotated[int, Field(ge=1, le=999)]
    room: Label = ""
    open: bool = Field(default=False, description="a body's name: public boards show it in full")


class ReminderContent(_Body):
    """提示事項."""

    text: Text


Panel = Literal[Section.VEHICLES, Section.WHEREABOUTS, Section.VISITS, Section.REMINDERS]
"""A section that lines are published to. An emergency goes its own way."""

CONTENTS: dict[Section, type[_Body]] = {
    Section.VEHICLES: VehicleContent,
    Section.WHEREABOUTS: WhereaboutsContent,
    Section.VISITS: VisitContent,
    Section.REMINDERS: ReminderContent,
}


Minutes = Annotated[int, Field(ge=5, le=LONGEST_EMERGENCY.total_seconds() // 60)]
Groups = Annotated[list[Id], Field(max_length=50)]


class Publication(_Body):
    """A line for the board. Which content it needs follows from its section."""

    # Judged by the route, once the section is known: a union would complain four times.
    content: SkipValidation[VehicleContent | WhereaboutsContent | VisitContent | ReminderContent]
    show_from: When | None = Field(default=None, description="shown from then on; else at once")
    show_until: When | None = Field(default=None, description="taken down by itself then")
    day: Day | None = Field(default=None, description="today, or a later one to prepare")
    until_day: Day | None = Field(default=None, description="it comes back until then")
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = Field(
        default=[], description="on which it comes back: 0 is Monday; none are all of them"
    )
    groups: Groups = Field(default=[], description="of boards; none are all of them")
    draft: bool = Field(default=False, description="kept, on no board")
    id: Key | None = Field(
        default=None, description="the form's own, so that a retry is recognised"
    )
    seen: AwareDatetime | None = Field(
        default=None, description="of a change: the `at` of the line that somebody has looked at"
    )
    anyway: bool = Field(default=False, description="publish although something asks for a look")


class Trial(Publication):
    """A line that nobody has published, and the board to look at it on."""

    notice: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        default=None, description="the line that it changes"
    )
    group: Id | None = Field(default=None, description="whose board; the desk's own, if left out")
    portrait: bool = False
    turns: Annotated[int, Field(ge=0, le=1000)] = Field(default=0, description="of the page")


class Anyway(_Body):
    anyway: bool = Field(default=False, description="although something asks for a look")


class StateIn(_Body):
    state: VehicleState | PersonState


class Span(_Body):
    minutes: Minutes = Field(default=30, description="from now")


class EmergencyIn(_Body):
    """One notice for the whole screen. It always has an end."""

    kind: Emergency
    text: Alarm = Field(
        default="", description="the boards' prepared words for its kind, if left out"
    )
    minutes: Minutes = Field(default=30, description="after which it clears by itself")
    groups: Groups = Field(default=[], description="none are all of them")


class ScanIn(_Body):
    id: Key = Field(description="the scan's own id, so that a retry is recognised")
    # So long that what is no pass at all is kept, and not only refused.
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000)] = Field(
        description="what the scanner read, or a number such as A-0137 or G-0012"
    )
    direction: Direction | None = Field(default=None, description="null: whichever comes next")
    seen: bool = Field(
        default=False,
        description="of a number: its holder, or the goods, have been compared with what it shows",
    )


class ResolutionIn(_Body):
    resolution: Resolution
    note: Label = Field(default="", description="what was found out, and from whom")


Expected = Literal[
    Category.ORDINARY,
    Category.IMPORTANT,
    Category.VIP,
    Category.APPLICANT,
    Category.SERVICE,
    Category.CONTRACTOR,
]
"""As what a visitor can be expected."""


class AppointmentIn(_Body):
    id: Key | None = Field(
        default=None, description="the form's own, so that a retry is recognised"
    )
    name: Name
    organisation: Label = ""
    kind: AppointmentKind = AppointmentKind.PERSON
    category: Expected = Category.ORDINARY
    host: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        default=None, description="a person of /api/directory"
    )
    room: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        default=None, description="a room of /api/directory"
    )
    crowded: bool = Field(default=False, description="the room may hold fewer than come")
    starts: When
    ends: When | None = Field(default=None, description="an hour after the start, if left out")
    party: Annotated[int, Field(ge=1, le=500)] = 1
    phone_last4: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")] = ""
    names: Annotated[str, StringConstraints(max_length=40_000)] = Field(
        default="", description="of the party, one a line; more of them than `party` count"
    )
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = Field(
        default=[], description="of a recurring one: 0 is Monday"
    )
    until: Day | None = Field(default=None, description="of a recurring one: the last day")


class CancelIn(_Body):
    id: Key = Field(description="the cancellation's own id, so that a retry is recognised")
    reason: Text


class AccountIn(_Body):
    account: Account
    note: Note = Field(default="", description="who knew; needed for `left`")


class CountIn(_Body):
    counted: Annotated[int, Field(ge=0, le=9999)]
    note: Note = ""


class LostIn(_Body):
    note: Note = Field(default="", description="how the holder was identified, or what is known")


class HolderIn(_Body):
    holder: Label = ""


class ColleagueIn(_Body):
    deputy: Annotated[int, Field(ge=1, le=2**53)] | None = None
    channels: Annotated[str, StringConstraints(max_length=4000)] = Field(
        default="",
        description="Apprise addresses, one a line; a masked one means the one that is kept",
    )


class RoomQuery(_Body):
    """When a room is wanted, and for how many."""

    starts: When
    ends: When | None = Field(default=None, description="an hour after the start, if left out")
    party: Annotated[int, Field(ge=1, le=500)] = 1


class Simulation(_Body):
    """A visitor who has not come."""

    category: Category
    expected: bool = Field(default=False, description="with an appointment")
    party: Annotated[int, Field(ge=1, le=500)] = 1
    department: Label = ""
    at: When | None = Field(default=None, description="now, if left out; not in the past")


class ImportIn(_Body):
    """A list of expected visitors: CSV in UTF-8, Big5 or GB 18030, or iCalendar."""

    content: Base64Bytes = Field(description="the file's bytes, in base64")


class MaterialIn(_Body):
    what: Label = Field(default="", description="such as: a CV, two pages")
    to: Label = Field(default="", description="for whom")


class HandedOn(_Body):
    handed_to: Label = Field(default="", description="who took it, where it is handed on")


class BanIn(_Body):
    reason: Text
    review: Day = Field(description="the last day on which it holds")


class Renewal(_Body):
    review: Day


class RevokeIn(_Body):
    reason: Text


class PrintIn(_Body):
    id: Key = Field(description="the request's own id, so that a retry prints nothing twice")


class TeaIn(_Body):
    id: Key | None = Field(
        default=None, description="the form's own, so that a retry is recognised"
    )
    room: Name
    due: When
    count: Annotated[int, Field(ge=1, le=500)] = 1


Weekday = Annotated[int, Field(ge=0, le=6)]
Clock = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^(\d{1,2}[:：]\d{2})?$")]
Workers = Annotated[str, StringConstraints(max_length=20_000)]


class PermitIn(_Body):
    """A works permit. Its workers come as a list, one a line: name, last four of the ID card."""

    id: Key | None = Field(
        default=None, description="the form's own, so that a retry is recognised"
    )
    company: Name
    site: Name
    starts: Day
    ends: Day
    weekdays: Annotated[list[Weekday], Field(max_length=7)] = [0, 1, 2, 3, 4, 5, 6]
    opens: Clock = ""
    closes: Clock = ""
    workers: Workers = ""


class WorkersIn(_Body):
    workers: Workers


class DeskPassIn(_Body):
    id: Key = Field(description="the request's own id, so that a retry is recognised")


_Words = Annotated[str, BeforeValidator(clean), StringConstraints(max_length=LONGEST_GOODS)]


class GoodsIn(_Body):
    """One line of a goods slip."""

    item: Annotated[_Words, Field(min_length=1)]
    pieces: Annotated[int, Field(ge=1, le=MOST_PIECES)] = 1
    remark: _Words = ""


class SlipIn(_Body):
    """A goods slip: of a resident with name and unit, or under a works permit."""

    id: Key = Field(description="the request's own id, so that a retry is recognised")
    goods: Annotated[list[GoodsIn], Field(min_length=1, max_length=MOST_GOODS)]
    name: Name
    unit: Label = ""
    phone_last4: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")] = ""
    permit: Annotated[int, Field(ge=1, le=2**53)] | None = None
    ticket: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        default=None, description="the queue number it is made for"
    )
    plate: Annotated[Label, Field(max_length=20)] = ""
    starts: When | None = Field(default=None, description="now, if left out")
    ends: When


class WithdrawnIn(_Body):
    reason: Note = Field(default="", description="of a slip that was approved; a draft needs none")


class CallIn(_Body):
    counter: Annotated[Name, Field(max_length=20)]
    again: bool = Field(default=False, description="of a number that has been called before")


class ReadyIn(_Body):
    done: bool = True
    name: Label = Field(default="", description="who prepared, was told, or leads the guest")


class DeviceWish(_Body):
    """How a device is named and placed, and how a board presents itself."""

    name: Label = ""
    place: Annotated[Label, StringConstraints(max_length=40)] = ""
    group: Annotated[str, StringConstraints(max_length=32)] = ""
    language: Language = Language.ZH_HANT
    rotation: Literal[0, 90, 180, 270] = Field(default=0, description="degrees clockwise")
    night_from: ClockTime = ""
    night_until: ClockTime = ""
    night_light: Annotated[float, Field(ge=0.7, le=1)] = 1.0


class DeviceIn(DeviceWish):
    role: Literal[Role.BOARD, Role.KIOSK, Role.GATE]


class EnrolIn(_Body):
    role: Literal[Role.BOARD, Role.KIOSK, Role.GATE]
    code: Annotated[str, StringConstraints(max_length=40)]


Fields = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=20)],
        Annotated[str, StringConstraints(max_length=2000)],
    ],
    Field(max_length=20),
]
"""What a form of the duty log says, by the names of its fields; which it has, its kind says."""


class EntryIn(_Body):
    """Something for the duty log. `fine` and `wrong` of a checklist are points with 、 between."""

    id: Key = Field(description="the entry's own id, so that a retry is recognised")
    kind: Duty
    fields: Fields
    deadline: When | None = Field(default=None, description="as the kind has it, if left out")
    owner: Label = Field(default="", description="who follows it up; whoever records it, if empty")


class FollowsIn(_Body):
    """What follows an entry."""

    id: Key = Field(description="the entry's own id, so that a retry is recognised")
    seen: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        default=None, description="the last entry of its thread that somebody has looked at"
    )
    anyway: bool = Field(default=False, description="although more was recorded since")


class StageIn(FollowsIn):
    act: Act = Field(description="the stage that is next")
    fields: Fields = {}


class DeferralIn(FollowsIn):
    deadline: When
    owner: Label = Field(default="", description="as before, if left out")
    reason: Note = ""


class LogCorrectionIn(FollowsIn):
    fields: Fields = Field(description="all of them, as they should have been")
    reason: Note = ""


class LogVoidIn(FollowsIn):
    reason: Note = ""


class ShiftIn(_Body):
    """One step of the caller's own shift."""

    id: Key = Field(description="the entry's own id, so that a retry is recognised")
    act: Act = Field(description="signed_on, stood_in, back, handed_over, taken_over or signed_off")
    fields: Fields = {}
    deadline: When | None = Field(default=None, description="of stood_in: when the break ends")
