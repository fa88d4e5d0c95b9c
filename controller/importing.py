"""Importing lists of expected visitors: judged line by line, made all at once, never twice."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from controller import appointments
from controller.core import Core, Refusal
from models import store
from models.calendars import is_calendar, read_calendar
from models.importing import Entry, ReadTime, decode, read_csv
from models.messages import LONGEST_NAME, MOST_IN_PARTY
from models.terms import Category, Language, names_in
from models.words import catalogue

_USUAL = timedelta(hours=1)
_EXPECTED = [c for c in Category if c is not Category.TURNED_AWAY]


@dataclass(frozen=True)
class Outcome:
    """What an import makes of one line: an appointment, nothing because it is `known`, or nothing
    because of a `problem`, whose words are `desk.line_<problem>` with its `places`."""

    entry: Entry
    host: str = ""
    known: bool = False
    problem: str = ""
    places: dict[str, object] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not (self.known or self.problem)


class _Bad(Exception):
    def __init__(self, problem: str, **places: object) -> None:
        super().__init__(problem)
        self.problem = problem
        self.places = places


def run(
    core: Core, content: bytes, read_time: ReadTime, by: str, now: datetime, *, keep: bool
) -> list[Outcome]:
    """Import a file, in one transaction. Without `keep` all is rolled back: a preview is the import
    itself, so what it promises is what happens. Raises Unreadable."""
    text = decode(content)
    if is_calendar(text):
        entries = read_calendar(text, core.settings.zone, now)
    else:
        entries = read_csv(text, read_time)
    with store.transaction() as transaction:
        outcomes = _make(core, entries, by, now)
        if not keep:
            transaction.rollback()
    if keep:
        core.committed("visits")
    return outcomes


def _make(core: Core, entries: list[Entry], by: str, now: datetime) -> list[Outcome]:
    known = store.imported_keys()
    seen: set[str] = set()
    outcomes = []
    for entry in entries:
        if entry.key in known:
            outcomes.append(Outcome(entry, known=True))
            continue
        try:
            wish = _wish(entry, now, repeated=entry.key in seen)
            row = appointments.expect(core, **wish, source=entry.key, by=by, now=now)
        except _Bad as bad:
            outcomes.append(Outcome(entry, problem=bad.problem, places=bad.places))
        except Refusal as refusal:
            outcomes.append(Outcome(entry, problem=refusal.code))
        else:
            seen.add(entry.key)
            outcomes.append(Outcome(entry, host=row.host))
    return outcomes


def _wish(entry: Entry, now: datetime, *, repeated: bool) -> appointments.Wish:
    if entry.problem or repeated:
        raise _Bad(entry.problem or "repeated")
    if not entry.name:
        raise _Bad("missing_name")
    if max(len(entry.name), len(entry.organisation)) > LONGEST_NAME:
        raise _Bad("too_long", most=LONGEST_NAME)
    if entry.starts is None:
        raise _Bad("missing_starts")
    ends = entry.ends or entry.starts + _USUAL
    if ends <= entry.starts:
        raise _Bad("ends_before_start")
    if ends <= now:
        raise _Bad("past")
    phone = entry.phone[-4:]
    if entry.phone and not (len(phone) == 4 and phone.isascii() and phone.isdigit()):
        raise _Bad("bad_phone")
    return {
        "name": entry.name,
        "organisation": entry.organisation,
        "category": _category(entry.category),
        "party": _party(entry.party),
        "host_id": _host(entry),
        "room_id": _room(entry.room),
        "starts": entry.starts,
        "ends": ends,
        "phone_last4": phone,
        "names": _names(entry.names),
    }


def _names(text: str) -> tuple[str, ...]:
    names = names_in(text)
    if any(len(name) > LONGEST_NAME for name in names):
        raise _Bad("too_long", most=LONGEST_NAME)
    if len(names) > MOST_IN_PARTY:
        raise _Bad("bad_party")
    return names


def _party(text: str) -> int:
    digits = text.removesuffix("人").strip()
    if not digits:
        return 1
    if not (digits.isdecimal() and len(digits) <= 3 and 1 <= int(digits) <= 500):
        raise _Bad("bad_party")
    return int(digits)


def _category(text: str) -> Category:
    if not text:
        return Category.ORDINARY
    for category in _EXPECTED:
        names = {catalogue(language)[f"desk.category_{category}"] for language in Language}
        if text.casefold() in {category.value, *(name.casefold() for name in names)}:
            return category
    raise _Bad("bad_category")


def _host(entry: Entry) -> int | None:
    """The person whom a line names. Of two with one name nobody is guessed."""
    if not entry.host:
        return None
    people = [p for p in store.people() if entry.host in (p.name, f"{p.department} {p.name}")]
    meant = [p for p in people if not entry.department or p.department == entry.department]
    if len(meant) == 1:
        return meant[0].id
    if not meant:
        raise _Bad("unknown_host")
    raise _Bad("ambiguous_host", departments="、".join(p.department for p in meant))


def _room(name: str) -> int | None:
    if not name:
        return None
    found = next((room.id for room in store.rooms() if room.name == name), None)
    if found is None:
        raise _Bad("unknown_room")
    return found
