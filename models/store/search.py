"""What rows are found by: an index beside them that SQLite's triggers keep, in one transaction.

So no writer can forget it, and what is forgotten of a row is found no longer. It is no source of
truth: it is made anew wherever it is missing, or was made by other rules (`_VERSION`).
"""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, NamedTuple, get_args

from models import finding
from models.tables import Meta, database

Kind = Literal["visit", "pass", "appointment", "log", "goods"]
"""What is found. Of the log it is threads, by their first entries."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_VERSION = "1"
"""Of the rules by which keys are made, here and in `models.finding`."""
_NAME = "search"
_NEWEST = 2**62
_CODES = {"list", "slot", "fine", "wrong", "open", "counted", "should_be"}
"""Fields of the log that nobody has written in words."""


class _Source(NamedTuple):
    """Where a kind's keys come from: `keys` of the rows `r` that are `kept`, under `found_as`, made
    anew for `changed` when one of `columns` changes."""

    table: str
    columns: str
    keys: str
    kept: str
    found_as: str = "r.id"
    changed: str = "r.id = NEW.id"
    rest: str = ""


_HOST = "(SELECT name FROM person WHERE id = r.host_id)"
_THREAD = "COALESCE(NEW.root, NEW.id)"
_SOURCES: dict[Kind, _Source] = {
    "visit": _Source(
        "visit",
        "name, names, organisation, phone, host_id",
        f"search_keys(r.name, r.names, r.organisation, r.phone, {_HOST})",
        "r.name <> '—'",
    ),
    "pass": _Source("pass", "holder", "search_keys(r.holder)", "r.holder <> ''"),
    "appointment": _Source(
        "appointment",
        "name, names, organisation, phone_last4, host_id",
        f"search_keys(r.name, r.names, r.organisation, r.phone_last4, r.code, {_HOST})",
        "r.name <> '—'",
    ),
    "log": _Source(
        "dutyentry",
        "personal",
        "GROUP_CONCAT(search_log_keys(r.facts, r.personal), ' ')",
        "(r.facts <> '{}' OR r.personal IS NOT NULL)",
        found_as="COALESCE(r.root, r.id)",
        changed=f"(r.id = {_THREAD} OR r.root = {_THREAD})",
        rest="GROUP BY 1",
    ),
    "goods": _Source(
        "goodsslip",
        "name, unit, company, phone_last4, plate",
        "search_keys(r.name, r.unit, r.company, r.phone_last4, r.plate)",
        "r.name <> '—'",
    ),
}


def follow_rows() -> None:
    """Keep the index from now on, and make it first where it is missing; in the caller's
    transaction."""
    made = Meta.get_or_none(Meta.name == _NAME)
    if made is None or made.value != _VERSION:
        for kind in KINDS:
            _make(kind)
        Meta.insert(name=_NAME, value=_VERSION).on_conflict_replace().execute()
    for kind in KINDS:
        _follow(kind)


def _make(kind: Kind) -> None:
    index = _index(kind)
    _execute(f"DROP TABLE IF EXISTS {index}")
    # Keys are letters and digits already, with spaces between: no rules of SQLite's own.
    _execute(f"CREATE VIRTUAL TABLE {index} USING fts5(keys, tokenize = 'ascii', columnsize = 0)")
    _execute(f"INSERT INTO {index} (rowid, keys) {kept_keys(kind)}")


def _follow(kind: Kind) -> None:
    index, source = _index(kind), _SOURCES[kind]
    changed = source.found_as.replace("r.", "NEW.")
    anew = (
        f"DELETE FROM {index} WHERE rowid = {changed}; "  # noqa: S608 - names of ours alone
        f"INSERT INTO {index} (rowid, keys) {kept_keys(kind, source.changed)};"
    )
    for event in ("INSERT", f"UPDATE OF {source.columns}"):
        trigger = f"{_trigger(kind, event)} AFTER {event} ON {source.table}"
        _execute(f"CREATE TRIGGER {trigger} BEGIN {anew} END")


def unfollow_rows() -> None:
    """Take the triggers away, for columns to be added; in the caller's transaction."""
    for kind in KINDS:
        for event in ("INSERT", "UPDATE"):
            _execute(f"DROP TRIGGER IF EXISTS {_trigger(kind, event)}")


def kept_keys(kind: Kind, which: str = "1") -> str:
    """The query for everything that the index of a kind is to hold: numbers and keys."""
    source = _SOURCES[kind]
    return (
        f"SELECT {source.found_as}, {source.keys} FROM {source.table} r "  # noqa: S608 - names of ours alone
        f"WHERE {source.kept} AND {which} {source.rest}"
    )


def found(kind: Kind, words: Sequence[str], most: int, before: int = 0) -> list[int]:
    """The ids of what all the words find, the newest first: no more than `most`, and only those
    before an id, to turn the page. `words` are `finding.words`."""
    if not words:
        return []
    index = _index(kind)
    query = (
        f"SELECT rowid FROM {index} WHERE {index} MATCH ? AND rowid < ? "  # noqa: S608 - names of ours alone
        "ORDER BY rowid DESC LIMIT ?"
    )
    asked = " AND ".join(map(_phrase, words))
    return [row for (row,) in _execute(query, (asked, before or _NEWEST, most))]


def wipe_search() -> None:
    """Write the index anew, for until then it only notes that a row's keys have gone."""
    for index in map(_index, KINDS):
        _execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")  # noqa: S608 - as above


def _phrase(word: str) -> str:
    """A word as FTS5 asks for it: its tokens one after the other, the last one perhaps begun."""
    tokens = finding.tokens(word)
    return f'"{" ".join(tokens)}"{"*" if tokens[-1].isascii() else ""}'


def _index(kind: Kind) -> str:
    return f"{_NAME}_{kind}"


def _trigger(kind: Kind, event: str) -> str:
    return f"{_index(kind)}_{event.partition(' ')[0].lower()}"


def _keys(*texts: str | None) -> str:
    return finding.keys([text for text in texts if text])


def _log_keys(facts: str, personal: str | None) -> str:
    said = {**json.loads(facts), **json.loads(personal or "{}")}
    return finding.keys([text for name, text in said.items() if name not in _CODES])


def _execute(statement: str, values: Sequence[object] = ()) -> Any:
    raw: Any = database
    return raw.execute_sql(statement, values)


_known: Any = partial(database.register_function, deterministic=True)
_known(_keys, "search_keys")
_known(_log_keys, "search_log_keys")
