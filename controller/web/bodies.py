"""What the JSON API takes, as it is described at /openapi.json.

Text is cleaned on arrival as everywhere: one printable line, see `models.terms.clean`.
"""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, SkipValidation, StringConstraints

from controller.web.moments import When
from models.messages import Key, Label, Name, Text
from models.terms import (
    AppointmentKind,
    Category,
    DeskDecision,
    Direction,
    PersonState,
    Reason,
    Section,
    VehicleState,
)

RowId = Annotated[int, Path(ge=1, le=2**53)]
"""The id of a row, within what every JSON reader and the database can hold."""


class _Body(BaseModel):
    """What a page sends. An unknown field is a mistake worth hearing about."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignIn(_Body):
    # An empty one is a wrong one: who tries to sign in is told no more than that.
    name: Label
    password: Annotated[str, StringConstraints(max_length=200)]


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


class VisitContent(_Body):
    """參觀提示: one expected delegation."""

    starts: When
    delegation: Name
    headcount: Annotated[int, Field(ge=1, le=999)]
    room: Label = ""


class ReminderContent(_Body):
    """提示事項."""

    text: Text


CONTENTS: dict[Section, type[_Body]] = {
    Section.VEHICLES: VehicleContent,
    Section.WHEREABOUTS: WhereaboutsContent,
    Section.VISITS: VisitContent,
    Section.REMINDERS: ReminderContent,
}


class Publication(_Body):
    """A line for the board. Which content it needs follows from its section."""

    # Judged by the route, once the section is known: a union would complain four times.
    content: SkipValidation[VehicleContent | WhereaboutsContent | VisitContent | ReminderContent]
    show_from: When | None = Field(default=None, description="shown from then on; else at once")
    show_until: When | None = Field(default=None, description="taken down by itself then")


class ScanIn(_Body):
    id: Key = Field(description="the scan's own id, so that a retry is recognised")
    text: Annotated[str, StringConstraints(min_length=1, max_length=400)] = Field(
        description="what the scanner read, or a pass number such as A-0137"
    )
    direction: Direction | None = Field(default=None, description="null: whichever comes next")


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
    starts: When
    ends: When | None = Field(default=None, description="an hour after the start, if left out")
    party: Annotated[int, Field(ge=1, le=500)] = 1
    phone_last4: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")] = ""
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = Field(
        default=[], description="of a recurring one: 0 is Monday"
    )
    until: date | None = Field(default=None, description="of a recurring one: the last day")


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
    review: date = Field(description="the last day on which it holds")


class Renewal(_Body):
    review: date


class TeaIn(_Body):
    room: Name
    due: When
    count: Annotated[int, Field(ge=1, le=500)] = 1


class ReadyIn(_Body):
    done: bool = True
    name: Label = Field(default="", description="who prepared, was told, or leads the guest")
