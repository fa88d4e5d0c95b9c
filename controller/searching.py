"""Looking something up: visits, passes, appointments, the duty log, goods slips, queue numbers.

By words that the store's index finds, by a number, or by a code that was scanned. Each group is
bounded and turned page by page, the newest first; what has the number that was asked for is before
them all. Who asks may not see every group: that is the page's to say.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

from controller.core import Core
from controller.gate import judging
from models import finding, invitations, store

Group = Literal["visits", "passes", "appointments", "log", "goods", "queue"]
GROUPS: tuple[Group, ...] = get_args(Group)

MOST = 20
"""Rows of a group at once."""
_QUEUE_KEPT = timedelta(days=31)
"""Queue numbers begin anew every day; nobody asks for one of last year."""


class _Source(NamedTuple):
    """Where a group's rows come from, and under which kind the index has them, if it has."""

    load: Callable[[int], Any]
    kind: store.Kind | None


_SOURCES: dict[Group, _Source] = {
    "visits": _Source(store.visit, "visit"),
    "passes": _Source(store.pass_by_id, "pass"),
    "appointments": _Source(store.appointment, "appointment"),
    "log": _Source(store.log_thread, "log"),
    "goods": _Source(store.goods, "goods"),
    "queue": _Source(store.ticket, None),
}

_Ids = dict[Group, Collection[int]]


@dataclass(frozen=True)
class Page:
    """Rows as the store has them. `more` is the id before which there are others, else 0."""

    rows: tuple[Any, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class Found:
    """What each group has, and by which `words`. Where nothing was `asked`, there was nothing to
    look for: only blanks, signs, or a letter alone."""

    asked: bool
    words: tuple[str, ...]
    pages: dict[Group, Page]

    @property
    def count(self) -> int:
        return sum(len(page.rows) for page in self.pages.values())


def search(
    core: Core, question: str, groups: Iterable[Group], now: datetime, before: int = 0
) -> Found:
    """Look through groups; `before` turns the page of one. Never raises for what was asked."""
    words = finding.words(question)
    named = _scanned(core, question.strip()) or _numbered(core, question, now)
    pages = {group: _page(group, named.get(group, ()), words, before) for group in groups}
    return Found(bool(words or named), tuple(words), pages)


def _page(group: Group, named: Collection[int], words: list[str], before: int) -> Page:
    load, kind = _SOURCES[group]
    found = store.found(kind, words, MOST + len(named) + 1, before) if kind else []
    others = [row_id for row_id in found if row_id not in named]
    shown = [*(() if before else named), *others[:MOST]]
    rows = tuple(row for row in map(load, shown) if row is not None)
    return Page(rows, others[MOST - 1] if len(others) > MOST else 0)


def _scanned(core: Core, text: str) -> _Ids:
    """What a code says, that of a pass with its visit; nothing for what is no code of ours."""
    if invitations.is_one(text):
        return {"appointments": [row.id for row in store.invited(text)]}
    read = judging.read(text, core.ring.keys, core.settings.site)
    if read.claims and (row := store.pass_by_token_id(read.claims.id)):
        return {"passes": [row.id], "visits": [row.visit_id]}
    if read.slip and (slip := store.goods_by_token_id(read.slip.id)):
        return {"goods": [slip.id]}
    return {}


def _numbered(core: Core, question: str, now: datetime) -> _Ids:
    """What has the number that is asked for: V-0012, A-0137, G-0004, R-012, or 12 of them all."""
    if (asked := finding.number(question)) is None:
        return {}
    letter, number = asked
    match letter:
        case "":
            entry = store.entry(number)
            log = [entry.root_id or entry.id] if entry else []
            return {"visits": [number], "passes": [number], "goods": [number], "log": log}
        case "V":
            return {"visits": [number], "passes": [p.id for p in store.passes_of_visit(number)]}
        case "G":
            return {"goods": [number]}
        case "R":
            since = core.local(now - _QUEUE_KEPT).date()
            return {"queue": [row.id for row in store.tickets_numbered(number, since)]}
        case _:
            row = store.pass_by_id(number)
            if row is None or not row.number.startswith(letter):
                return {}
            return {"passes": [row.id], "visits": [row.visit_id]}
