"""The duty log: appended to, read, and proved. The database itself refuses everything else."""

import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from peewee import fn

from models import chain
from models.chain import GENESIS, Sealed
from models.duty import Entry, Thread, threads
from models.tables import DutyEntry, DutyOpen, database
from models.terms import Act, Duty

_SALT = 16
_AT_ONCE = 500
"""Threads in one question; SQLite allows so and so many values in one."""
_TABLE = "dutyentry"
_TRIGGERS = {
    f"{_TABLE}_appended": "INSERT",
    f"{_TABLE}_changed": "UPDATE",
    f"{_TABLE}_deleted": "DELETE",
}
_LOOSE = {"personal", "salt"}
"""Columns that may be forgotten, and in no other way changed."""


def unlock_log() -> None:
    """Take the triggers away, for columns to be added; in the caller's transaction."""
    for trigger in _TRIGGERS:
        _execute(f"DROP TRIGGER IF EXISTS {trigger}")


def lock_log() -> None:
    """Let the log only grow: SQLite itself refuses to change or delete an entry, but to forget its
    personal fields."""
    columns = [field.column_name for field in DutyEntry._meta.sorted_fields]  # noqa: SLF001
    fixed = [f"NEW.{name} IS NOT OLD.{name}" for name in columns if name not in _LOOSE]
    loose = [f"NEW.{name} IS NOT NULL" for name in sorted(_LOOSE)]
    # Replacing deletes without asking the trigger on DELETE.
    there = "id = NEW.id OR key = NEW.key OR previous = NEW.previous"
    whens = {
        "INSERT": f"EXISTS (SELECT 1 FROM {_TABLE} WHERE {there})",  # noqa: S608 - ours alone
        "UPDATE": " OR ".join([*fixed, *loose]),
        "DELETE": "1",
    }
    for trigger, event in _TRIGGERS.items():
        _execute(
            f"CREATE TRIGGER {trigger} BEFORE {event} ON {_TABLE} WHEN {whens[event]} "
            "BEGIN SELECT RAISE(ABORT, 'the duty log only grows'); END"
        )


def append_entry(
    kind: Duty,
    act: Act,
    facts: Mapping[str, str],
    personal: Mapping[str, str],
    *,
    key: str,
    at: datetime,
    by: str,
    root_id: int | None = None,
    corrects_id: int | None = None,
    due: datetime | None = None,
    owner: str = "",
) -> Entry:
    """Append to the chain, in the caller's transaction: writers take turns, so nobody forks it."""
    last = DutyEntry.select().order_by(DutyEntry.id.desc()).first()
    text, salt = _text(personal), secrets.token_bytes(_SALT)
    row: Any = DutyEntry(
        id=last.id + 1 if last else 1,
        key=key,
        kind=kind,
        act=act,
        root=root_id,
        corrects=corrects_id,
        at=at,
        by=by,
        due=due,
        owner=owner,
        facts=_text(facts),
        personal=text,
        salt=salt,
        previous=last.hash if last else GENESIS,
    )
    sealed = chain.seal(bytes(row.previous), row.id, _public(row), text, salt)
    row.personal_hash, row.hash = sealed.personal_hash, sealed.hash
    row.save(force_insert=True)
    _follow(root_id or row.id)
    return _entry(DutyEntry.get_by_id(row.id))


def _follow(root_id: int) -> None:
    """Bring the list of what is open to where the log stands."""
    found = log_thread(root_id)
    known = DutyOpen.get_or_none(DutyOpen.entry == root_id)
    if found is None or found.next is None:
        DutyOpen.delete().where(DutyOpen.entry == root_id).execute()
    elif known is None:
        DutyOpen.create(entry=root_id, due=found.due)
    elif known.due != found.due:
        DutyOpen.update(due=found.due, reminded_at=None).where(DutyOpen.entry == root_id).execute()


def entry(entry_id: int) -> Entry | None:
    return _found(DutyEntry.id == entry_id)


def entry_by_key(key: str) -> Entry | None:
    return _found(DutyEntry.key == key)


def last_entry() -> Entry | None:
    """The head of the chain."""
    found = DutyEntry.select().order_by(DutyEntry.id.desc()).first()
    return _entry(found) if found else None


def log_thread(root_id: int) -> Thread | None:
    """Everything that began with an entry."""
    found = _threads([root_id])
    return found[0] if found else None


def log_of(
    start: datetime, end: datetime, most: int, kind: Duty | None = None, before: int = 0
) -> list[Thread]:
    """What the log did in a span of time, the latest first: no more than `most` threads, and only
    those whose last entry then came before the one numbered `before`, to turn the page."""
    root, last = fn.COALESCE(DutyEntry.root, DutyEntry.id), fn.MAX(DutyEntry.id)
    query = (
        DutyEntry.select(root.alias("began"), last.alias("last"))
        .where(DutyEntry.at >= start, DutyEntry.at < end)
        .group_by(root)
        .order_by(last.desc())
        .limit(most)
    )
    if kind:
        query = query.where(DutyEntry.kind == kind)
    if before:
        query = query.having(last < before)
    rows: Any = query.tuples()
    order = [began for began, _ in rows]
    return sorted(_threads(order), key=lambda one: order.index(one.first.id))


def entries_of(kind: Duty, since: datetime, most: int) -> list[Entry]:
    """The last entries of a kind since a moment, in their order."""
    query = DutyEntry.select().where(DutyEntry.at >= since, DutyEntry.kind == kind)
    found = list(query.order_by(DutyEntry.id.desc()).limit(most))
    return [_entry(row) for row in reversed(found)]


def open_log(before: datetime | None = None, most: int | None = None) -> list[Thread]:
    """What is still to be seen to, of every day, the first to fall due first; only what falls due
    `before` a moment, and no more than `most`."""
    roots = _open(before).order_by(DutyOpen.due.is_null(), DutyOpen.due, DutyOpen.entry)
    place = {row.entry: number for number, row in enumerate(roots.limit(most))}
    return sorted(_threads(list(place)), key=lambda one: place[one.first.id])


def count_open_log(before: datetime | None = None) -> int:
    return int(_open(before).count())


def _open(before: datetime | None) -> Any:
    query = DutyOpen.select()
    return query.where(DutyOpen.due < before) if before else query


def fallen_due(now: datetime) -> list[int]:
    """The first entries of what is due by now and nobody was reminded of."""
    query = DutyOpen.select().where(DutyOpen.due <= now, DutyOpen.reminded_at.is_null())
    return [row.entry for row in query]


def note_reminded(root_ids: Iterable[int], at: datetime) -> None:
    DutyOpen.update(reminded_at=at).where(DutyOpen.entry.in_(list(root_ids))).execute()


def sealed_log() -> Iterator[Sealed]:
    """The log as it is kept, from its first entry on, for `chain.verify`. What cannot be read is
    not what was written: an entry whose hash is wrong stands for it, and ends the log."""
    place, head = 0, GENESIS
    try:
        for row in DutyEntry.select().order_by(DutyEntry.id).iterator():
            sealed = _sealed(row)
            yield sealed
            place, head = sealed.place, sealed.hash
    except (TypeError, ValueError, OverflowError, sqlite3.OperationalError) as error:
        if isinstance(error, sqlite3.OperationalError) and "decode" not in str(error):
            raise
        yield Sealed(place + 1, (), None, None, b"", head, b"")


def _sealed(row: Any) -> Sealed:
    return Sealed(
        row.id,
        _public(row),
        row.personal,
        None if row.salt is None else _blob(row.salt),
        _blob(row.personal_hash),
        _blob(row.previous),
        _blob(row.hash),
    )


def _blob(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(type(value).__name__)
    return value


def forgotten_early(now: datetime, keep: timedelta) -> list[int]:
    """The entries whose personal fields are gone although they were younger than `keep`, or still
    open. Reads every entry, of a log that holds."""
    began = fn.COALESCE(DutyEntry.root, DutyEntry.id)
    rows = DutyEntry.select().order_by(began, DutyEntry.id).iterator()
    found = []
    for _, of in groupby(rows, key=lambda row: row.root or row.id):
        entries = tuple(_entry(row) for row in of)
        forgotten = [one for one in entries if one.personal is None]
        thread = Thread(entries)
        found += [one.id for one in forgotten if not thread.may_forget(one, now, keep)]
    return sorted(found)


def _execute(statement: str) -> None:
    raw: Any = database
    raw.execute_sql(statement)


def _text(fields: Mapping[str, str]) -> str:
    return json.dumps(dict(fields), ensure_ascii=False)


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _public(row: Any) -> chain.Public:
    return (
        row.key,
        str(row.kind),
        str(row.act),
        row.root,
        row.corrects,
        _milliseconds(row.at),
        row.by,
        _milliseconds(row.due),
        row.owner,
        row.facts,
    )


def threads_of(root_ids: Iterable[int]) -> list[Thread]:
    """Everything that began with some entries, as it began, however many."""
    order = sorted(root_ids)
    parts = (order[first : first + _AT_ONCE] for first in range(0, len(order), _AT_ONCE))
    return [thread for part in parts for thread in _threads(part)]


def _threads(root_ids: list[int]) -> list[Thread]:
    began = DutyEntry.select().where(DutyEntry.id.in_(root_ids))
    went_on = DutyEntry.select().where(DutyEntry.root.in_(root_ids))
    return threads(_entry(row) for row in (*began, *went_on))


def _found(condition: Any) -> Entry | None:
    found = DutyEntry.get_or_none(condition)
    return _entry(found) if found else None


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        key=row.key,
        kind=Duty(row.kind),
        act=Act(row.act),
        root_id=row.root,
        corrects_id=row.corrects,
        at=row.at,
        by=row.by,
        due=row.due,
        owner=row.owner,
        facts=json.loads(row.facts),
        personal=None if row.personal is None else json.loads(row.personal),
        hash=bytes(row.hash).hex(),
    )
