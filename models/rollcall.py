"""A roll call (疏散點名): what many people have marked, and where it stands. Pure.

Marks are only ever appended, by phones that may not hear of each other for hours. Where somebody
stands follows from the set of marks alone: neither the order of arrival nor anybody's clock changes
it, and no mark cancels one that its maker had not seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.terms import Mark, Presence


@dataclass(frozen=True)
class RollMark:
    """One mark. `undoes` are the keys of the marks of the same person that it takes back; `roll` is
    the number of the roll call, or 0 where its maker knew of none."""

    key: str
    number: str
    mark: Mark
    undoes: tuple[str, ...]
    by: str
    at: datetime
    roll: int = 0


@dataclass(frozen=True)
class Figures:
    """`missing` are those who are inside or unknown, and not found; `found` may have left since."""

    inside: int
    unknown: int
    found: int
    missing: int


def standing(marks: Iterable[RollMark]) -> dict[str, RollMark]:
    """By the pass's number, the mark that holds of each person of whom one does: the first by which
    they were found, or else the first that says they were looked for in vain. Found outweighs not
    found: whoever saw somebody knows more than whoever did not."""
    every = {mark.key: mark for mark in marks}
    undone = {
        (mark.number, key)
        for mark in every.values()
        if mark.mark is Mark.TAKEN_BACK
        for key in mark.undoes
    }
    found: dict[str, RollMark] = {}
    for mark in sorted(every.values(), key=_weight):
        if mark.mark is not Mark.TAKEN_BACK and (mark.number, mark.key) not in undone:
            found.setdefault(mark.number, mark)
    return found


def _weight(mark: RollMark) -> tuple[bool, datetime, str]:
    return mark.mark is not Mark.FOUND, mark.at, mark.key


def figures(people: Iterable[tuple[str, Presence]], marks: Iterable[RollMark]) -> Figures:
    """The figures of those on the list, each with the pass's number."""
    there = list(people)
    found = {number for number, mark in standing(marks).items() if mark.mark is Mark.FOUND}
    return Figures(
        inside=sum(presence is Presence.INSIDE for _, presence in there),
        unknown=sum(presence is Presence.UNKNOWN for _, presence in there),
        found=sum(number in found for number, _ in there),
        missing=sum(
            presence is not Presence.OUT and number not in found for number, presence in there
        ),
    )
