"""The duty log's entries: what each kind asks for, its stages, and where it stands. Pure.

A log only grows. What was recorded first, its stages, its deferrals and its counter-entries make
one thread; where that stands follows from its entries alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from models.terms import Act, Duty

Known = Literal["", "departments", "people", "users"]


@dataclass(frozen=True)
class Asked:
    """A field of a form. What is `personal` is forgotten after a time; `known` is the list that is
    proposed. More than a line's length is written in a box of several lines."""

    name: str
    needed: bool = False
    personal: bool = True
    longest: int = 60
    known: Known = ""


@dataclass(frozen=True)
class Stage:
    """What is to come next, within which time, and what is asked then. Without a time it is only
    expected where a moment was set for it."""

    act: Act
    within: timedelta | None
    asks: tuple[Asked, ...] = ()


@dataclass(frozen=True)
class Form:
    """How one kind is recorded. `letter` opens it by keyboard, after L."""

    letter: str
    asks: tuple[Asked, ...]
    stages: tuple[Stage, ...] = ()


_MINUTES = timedelta(minutes=1)
_DAY = timedelta(days=1)
_MESSAGE = Asked("message", needed=True, longest=500)
_NOTE = Asked("note", longest=200)
_CALLER = (Asked("caller"), Asked("phone", longest=30))
_UNIT = Asked("unit")
_PLACE = Asked("place", needed=True, personal=False)
_FOUND = Asked("found", needed=True, longest=200)
_COUNT = Asked("count", personal=False, longest=4)
_SENDER = Asked("sender")
_RECIPIENT = Asked("recipient", needed=True, known="people")
_TO = Asked("to", needed=True, personal=False, known="departments")
_WHOM = Asked("to", needed=True, personal=False, known="people")
_RECEIVER = Asked("receiver", needed=True, known="people")
_HANDED_SOON = Stage(Act.HANDED, 30 * _MINUTES, (_RECEIVER, _NOTE))
_HANDED = Stage(Act.HANDED, 120 * _MINUTES, (_RECEIVER, _NOTE))
_CALLED_BACK = Stage(Act.CALLED_BACK, _DAY, (Asked("answer", needed=True, longest=200),))


def _done(within: timedelta | None) -> Stage:
    return Stage(Act.DONE, within, (_NOTE,))


FORMS = {
    Duty.PHONE: Form(
        "p", (_MESSAGE, *_CALLER, _WHOM), (Stage(Act.PASSED_ON, 30 * _MINUTES, (_NOTE,)),)
    ),
    Duty.COMPLAINT: Form(
        "c",
        (_MESSAGE, *_CALLER, _UNIT, _TO),
        (Stage(Act.PASSED_ON, 15 * _MINUTES, (_RECEIVER,)), _done(_DAY), _CALLED_BACK),
    ),
    Duty.REPAIR: Form(
        "r",
        (_FOUND, _UNIT, *_CALLER, _TO),
        (
            Stage(Act.PASSED_ON, 30 * _MINUTES, (_RECEIVER,)),
            Stage(Act.DONE, _DAY, (Asked("signed_by", needed=True), _NOTE)),
            _CALLED_BACK,
        ),
    ),
    Duty.PAPERS: Form("n", (Asked("title", needed=True, personal=False), _COUNT), (_HANDED,)),
    Duty.LETTER: Form(
        "m", (_RECIPIENT, _SENDER, Asked("post", personal=False), _COUNT), (_HANDED,)
    ),
    Duty.FAX: Form(
        "f", (_RECIPIENT, _SENDER, Asked("pages", personal=False, longest=4)), (_HANDED_SOON,)
    ),
    Duty.CLEANING: Form(
        "s",
        (_PLACE, _FOUND),
        (Stage(Act.CALLED, 15 * _MINUTES, (_RECEIVER,)), _done(60 * _MINUTES)),
    ),
    Duty.PLANTS: Form(
        "g", (_PLACE, _FOUND), (Stage(Act.CALLED, _DAY, (_RECEIVER,)), _done(3 * _DAY))
    ),
    Duty.EQUIPMENT: Form(
        "e",
        (_PLACE, _FOUND),
        (Stage(Act.PASSED_ON, 30 * _MINUTES, (_RECEIVER,)), _done(_DAY)),
    ),
    Duty.INCIDENT: Form(
        "i",
        (_PLACE, _MESSAGE),
        (Stage(Act.REPORTED, 15 * _MINUTES, (_RECEIVER,)), _done(_DAY)),
    ),
    Duty.KEY: Form(
        "k",
        (Asked("key", needed=True, personal=False), Asked("holder", needed=True), _NOTE),
        (Stage(Act.RETURNED, 480 * _MINUTES, (_NOTE,)),),
    ),
    Duty.GOODS: Form("w", (Asked("slip", needed=True, personal=False, longest=20), _NOTE)),
    Duty.OTHER: Form("o", (_MESSAGE,), (_done(None),)),
    Duty.SHIFT: Form(
        "",
        (
            Asked("stand_in", personal=False),
            Asked("successor", personal=False),
            Asked("predecessor", personal=False),
            Asked("open", personal=False),
            Asked("keys", personal=False),
            Asked("counted", personal=False),
            Asked("should_be", personal=False),
            Asked("note", longest=500),
        ),
    ),
    Duty.CHECK: Form(
        "",
        (
            Asked("list", needed=True, personal=False),
            Asked("slot", needed=True, personal=False),
            Asked("fine", personal=False, longest=600),
            Asked("wrong", personal=False, longest=600),
            _NOTE,
        ),
        (_done(None),),
    ),
}
"""Every kind. Those with a letter are recorded by a form, the others from where they stand."""

COUNTER = (Act.CORRECTED, Act.VOIDED)
"""What is said of an earlier entry, which stays as it was."""


@dataclass(frozen=True)
class Entry:
    """One entry. `personal` is None once it has been forgotten; `hash` is its own in the chain."""

    id: int
    key: str
    kind: Duty
    act: Act
    root_id: int | None
    corrects_id: int | None
    at: datetime
    by: str
    due: datetime | None
    owner: str
    facts: Mapping[str, str]
    personal: Mapping[str, str] | None
    hash: str

    @property
    def said(self) -> dict[str, str]:
        """All its fields that are still known."""
        return {**self.facts, **(self.personal or {})}


@dataclass(frozen=True)
class Thread:
    """What was recorded and everything that followed, in the order of the log."""

    entries: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        return self.entries[0]

    @property
    def form(self) -> Form:
        return FORMS[self.first.kind]

    def counters(self, entry: Entry) -> list[Entry]:
        """What was said of an entry afterwards: corrections, and that it is void."""
        return [one for one in self.entries if one.corrects_id == entry.id]

    def is_void(self, entry: Entry) -> bool:
        return any(one.act is Act.VOIDED for one in self.counters(entry))

    def is_corrected(self, entry: Entry) -> bool:
        return any(one.act is Act.CORRECTED for one in self.counters(entry))

    def said(self, entry: Entry) -> dict[str, str]:
        """What an entry says, as it was corrected last."""
        corrected = [one for one in self.counters(entry) if one.act is Act.CORRECTED]
        return corrected[-1].said if corrected else entry.said

    @cached_property
    def standing(self) -> tuple[Entry, ...]:
        """The entries that are no counter-entries, and not voided."""
        return tuple(e for e in self.entries if e.act not in COUNTER and not self.is_void(e))

    @cached_property
    def stages(self) -> tuple[Entry, ...]:
        """The stages that have been taken, what was recorded first among them."""
        return tuple(entry for entry in self.standing if entry.act is not Act.DEFERRED)

    @cached_property
    def next(self) -> Stage | None:
        """The stage that is to come; None where nothing is, or it was recorded by mistake."""
        if self.is_void(self.first):
            return None
        taken = {entry.act for entry in self.stages}
        stage = next((one for one in self.form.stages if one.act not in taken), None)
        return None if stage and stage.within is None and not self._set else stage

    @property
    def _set(self) -> datetime | None:
        return self.standing[-1].due if self.standing else None

    @property
    def due(self) -> datetime | None:
        """By when the next stage is to be taken."""
        return self._set if self.next else None

    @property
    def owner(self) -> str:
        """Who sees to the next stage."""
        return self.standing[-1].owner if self.next else ""

    def may_forget(self, entry: Entry, now: datetime, keep: timedelta) -> bool:
        """Can the personal fields of an entry have been forgotten by law? Only when it was older
        than `keep` and nothing of the thread was open: at some moment until now, for what was
        closed may since have been opened again."""
        ends = [*(one.at for one in self.entries[1:]), now]
        return any(
            end > entry.at + keep and Thread(self.entries[:count]).next is None
            for count, end in enumerate(ends, 1)
        )

    def overdue(self, now: datetime) -> bool:
        return self.due is not None and self.due < now

    def took(self, entry: Entry) -> timedelta:
        """From the stage before until this one; nothing for what was recorded first."""
        before = [one.at for one in self.stages if one.id < entry.id]
        return entry.at - before[-1] if before else timedelta(0)

    @property
    def took_in_all(self) -> timedelta:
        return self.stages[-1].at - self.first.at if self.stages else timedelta(0)


def threads(entries: Iterable[Entry]) -> list[Thread]:
    """Entries of several threads, sorted into them, in the order in which these began."""
    found: dict[int, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.id):
        found.setdefault(entry.root_id or entry.id, []).append(entry)
    return [Thread(tuple(of)) for _, of in sorted(found.items())]


def parted(asks: Iterable[Asked], said: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What was said, as the facts that stay and the personal fields that are forgotten."""
    personal = {asked.name for asked in asks if asked.personal} | {"reason"}
    kept = {name: text for name, text in said.items() if text}
    facts = {name: text for name, text in kept.items() if name not in personal}
    return facts, {name: text for name, text in kept.items() if name in personal}
