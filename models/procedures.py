"""What residents' procedures need, read from `assets/procedures.toml`, and its pages. Pure.

The words are the office's own (the seed's IV, VI); the fourteen prohibitions of a renovation are
law, so a table that has more or fewer is refused.
"""

import tomllib
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from models.terms import Language, Procedure

MOST_ITEMS = 5
"""Items on one page: as many as a lying screen shows in large type, three lines each."""
PROHIBITIONS = 14


class ProceduresError(Exception):
    """The table cannot be used; the text says where and why."""


def _whole(texts: dict[Language, str]) -> dict[Language, str]:
    if missing := [language for language in Language if not texts.get(language, "").strip()]:
        raise ValueError(f"has no text in {', '.join(missing)}")
    return texts


Said = Annotated[dict[Language, Annotated[str, Field(max_length=200)]], AfterValidator(_whole)]
"""One text in every language."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sheet(_Table):
    """One list of papers, or of what is forbidden."""

    title: Said
    lead: Said | None = None
    items: Annotated[tuple[Said, ...], Field(min_length=1)]
    numbered: bool = False
    must_read: bool = False


class Needs(_Table):
    """All sheets of one procedure."""

    id: Procedure
    sheet: Annotated[tuple[Sheet, ...], Field(min_length=1)]


class Procedures(_Table):
    version: int
    procedure: tuple[Needs, ...]


@dataclass(frozen=True)
class Leaf:
    """One page: a sheet's items from number `first` on (counted from 1). `ends_reading` is the last
    page of what must be read."""

    sheet: Sheet
    first: int
    items: tuple[Said, ...]
    ends_reading: bool


NOTHING = Procedures(version=0, procedure=())


def read_procedures(text: str) -> Procedures:
    """The table of a TOML text. Raises ProceduresError."""
    try:
        table = Procedures.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProceduresError(f"it is not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise ProceduresError(f"{where} is wrong: {reason}") from None
    ids = [needs.id for needs in table.procedure]
    if sorted(ids) != sorted(Procedure):
        raise ProceduresError(f"it must have each of {', '.join(Procedure)} once")
    renovation = next(n for n in table.procedure if n.id is Procedure.RENOVATION)
    forbidden = [len(sheet.items) for sheet in renovation.sheet if sheet.must_read]
    if forbidden != [PROHIBITIONS]:
        raise ProceduresError(f"a renovation has {PROHIBITIONS} prohibitions, not {forbidden}")
    return table


def leaves(table: Procedures, procedure: Procedure) -> tuple[Leaf, ...]:
    """The pages of a procedure in order, each list spread evenly; none where nothing is known."""
    sheets = [sheet for needs in table.procedure if needs.id is procedure for sheet in needs.sheet]
    return tuple(leaf for sheet in sheets for leaf in _spread(sheet))


def _spread(sheet: Sheet) -> list[Leaf]:
    count = len(sheet.items)
    pages = -(-count // MOST_ITEMS)
    ends = [round(count * (page + 1) / pages) for page in range(pages)]
    starts = [0, *ends[:-1]]
    return [
        Leaf(sheet, start + 1, sheet.items[start:end], sheet.must_read and end == count)
        for start, end in zip(starts, ends, strict=True)
    ]
