"""The roll call's page (疏散點名), and what it sends and is sent.

The page itself holds nobody's data, so that a browser may keep it; the list comes beside it, and
the page keeps that for the day only.
"""

from datetime import datetime
from typing import Annotated

from fastapi.responses import FileResponse, HTMLResponse, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from controller.web.view import HERE, View
from models import rollcall
from models.messages import Key
from models.settings import Settings
from models.terms import Mark, Presence
from models.words import catalogue

_TABLE = "rollcall."
MOST_MARKS = 100
"""Of one request: so many are within the longest body."""


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class RollPerson(_Answer):
    number: str = Field(description="of the pass", examples=["A-0137"])
    name: str
    destination: str
    host: str
    presence: Presence
    since: datetime
    left_at: datetime | None = None
    overdue: bool = False


class RollMark(_Answer):
    id: Key = Field(validation_alias="key")
    number: str
    mark: Mark
    undoes: tuple[str, ...]
    by: str
    at: datetime


class Roll(_Answer):
    id: int
    opened_at: datetime
    opened_by: str


class RollCall(_Answer):
    """The list as it stands. `marks` are all that were made at this roll call, also those that were
    taken back; who is found follows from them, see models.rollcall."""

    now: datetime
    kept_until: datetime = Field(description="a phone forgets the list by then")
    roll: Roll | None
    people: list[RollPerson]
    marks: list[RollMark]


class MarkIn(BaseModel):
    """One mark as a phone made it, perhaps long ago."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Key
    number: Annotated[str, Field(pattern=r"^[A-Z]-[0-9]{4,9}$")]
    mark: Mark
    undoes: Annotated[tuple[Key, ...], Field(max_length=40)] = ()
    at: AwareDatetime
    roll: Annotated[int, Field(ge=0)] = 0

    def as_mark(self) -> rollcall.RollMark:
        """Whose it is, the session says."""
        return rollcall.RollMark(
            key=self.id,
            number=self.number,
            mark=self.mark,
            undoes=self.undoes,
            by="",
            at=self.at,
            roll=self.roll,
        )


class MarksIn(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    marks: Annotated[tuple[MarkIn, ...], Field(min_length=1, max_length=MOST_MARKS)]


def page(view: View, settings: Settings, place: str) -> Response:
    """The page without anybody on it."""
    texts = catalogue(view.language)
    words = {
        key.removeprefix(_TABLE): text for key, text in texts.items() if key.startswith(_TABLE)
    }
    text = view.render("rollcall.html", settings=settings, words=words, place=place)
    return HTMLResponse(text)


def worker() -> Response:
    """What keeps the page on the phone. From the root, so that it may serve the page's path."""
    return FileResponse(HERE / "static" / "rollcall-worker.js", media_type="text/javascript")
