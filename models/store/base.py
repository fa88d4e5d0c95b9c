"""The database itself: opening it, transactions, its epoch, and the log of events."""

import json
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playhouse.migrate import SqliteMigrator, migrate

from models.store.desk import rank_earlier_users
from models.store.duty import lock_log, unlock_log
from models.store.ledger import balance_drawer, fill_drawer
from models.store.prepared import insert, prepared, put
from models.store.rooms import book_earlier_appointments
from models.store.search import follow_rows, unfollow_rows
from models.tables import (
    ALL,
    Booking,
    DeskUser,
    DrawerEntry,
    Event,
    Meta,
    NoRoomError,
    Posted,
    database,
)

_REPEATS_END = timedelta(days=7)


def open_database(path: Path) -> None:
    """Open the database of this process, made on first use. Its epoch is drawn at creation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not database.is_closed():
        database.close()
    database.init(str(path))
    with transaction():
        unledgered = not DrawerEntry.table_exists()  # type: ignore[no-untyped-call]
        unbooked = not Booking.table_exists()  # type: ignore[no-untyped-call]
        # The columns first: SQLite would take the name of one that is missing for a text, and make
        # its index on that.
        unlock_log()
        unfollow_rows()
        added = _add_missing_columns()
        _drop_former_indexes()
        database.create_tables(ALL, safe=True)
        lock_log()
        follow_rows()
        if unbooked:
            book_earlier_appointments()
        if unledgered:
            fill_drawer()
        elif DrawerEntry.balance in added:
            balance_drawer()
        if DeskUser.role in added:
            rank_earlier_users()
        Meta.insert(
            name="epoch", value=str(time.time_ns() // 1_000_000)
        ).on_conflict_ignore().execute()


def _add_missing_columns() -> set[Any]:
    """Bring a database that an earlier version made up to date; returns the fields that it lacked.
    Versions only ever add columns, and a column that is added is nullable or has a default."""
    added = set()
    migrator = SqliteMigrator(database)
    known = set(database.get_tables())
    for meta in (table._meta for table in ALL):  # noqa: SLF001 - peewee's documented way in
        if meta.table_name not in known:
            continue
        there = {column.name for column in database.get_columns(meta.table_name)}
        for field in meta.sorted_fields:
            if field.column_name not in there:
                migrate(migrator.add_column(meta.table_name, field.column_name, field))
                added.add(field)
    return added


def _drop_former_indexes() -> None:
    """One that no table declares any more would only be in the way of better ones."""
    migrator = SqliteMigrator(database)
    known = set(database.get_tables())
    for meta in (table._meta for table in ALL):  # noqa: SLF001
        declared = {index._name for index in meta.fields_to_index()}  # noqa: SLF001
        there = database.get_indexes(meta.table_name) if meta.table_name in known else ()
        for index in there:
            if index.sql and index.name not in declared:
                migrate(migrator.drop_index(meta.table_name, index.name))


def close_database() -> None:
    """Close this thread's connection."""
    database.close()


def transaction() -> AbstractContextManager[Any]:
    """Everything inside is committed together, or nothing is. Writers queue up for their turn."""
    atomic: AbstractContextManager[Any] = database.atomic("IMMEDIATE")
    return atomic


def has_room() -> bool:
    """Whether what is written is kept. After a write that was not, this tries one."""
    if database.full:
        try:
            keep_fact("tried", time.time_ns() // 1_000_000)
        except NoRoomError:
            return False
        database.full = False
    return True


def after_commit(job: Callable[[], None]) -> None:
    """Do something once this thread's transaction is committed, all of it; never if it is not, and
    at once where there is none."""
    database.after_commit(job)


def epoch() -> int:
    return fact("epoch")


def new_epoch(beyond: int = 0) -> int:
    """Start a new epoch, later than `beyond` whatever the clock says: after a restore, revisions
    would otherwise repeat with other content."""
    fresh = max(time.time_ns() // 1_000_000, max(epoch(), beyond) + 1)
    Meta.update(value=str(fresh)).where(Meta.name == "epoch").execute()
    return fresh


def lines(names: Iterable[str]) -> str:
    """Names as a text column keeps them, one a line; they were cleaned and hold no line break."""
    return "\n".join(names)


def fact(name: str) -> int:
    """A number that this database remembers; 0 until `keep_fact`."""
    found = _fact(name)
    return int(found[0].value) if found else 0


@prepared
def _fact(name: str) -> Any:
    return Meta.select().where(Meta.name == name)


def keep_fact(name: str, value: int) -> None:
    put(Meta, ("name",), ("value",), name=name, value=str(value))


def posted(key: str) -> int | None:
    """The id of the row that a form with this key has made; None until `note_posted`."""
    found = Posted.get_or_none(Posted.key == key)
    return int(found.row) if found else None


def note_posted(key: str, row: int, at: datetime) -> None:
    """A form is done. Nobody sends one again after `_REPEATS_END`."""
    Posted.delete().where(Posted.at < at - _REPEATS_END).execute()
    insert(Posted, key=key, row=row, at=at)


def record(at: datetime, by: str, what: str, subject: str = "", **detail: object) -> None:
    """Append an event to the log. It outlives everybody's personal data, so it holds none: a
    subject is a number such as V-0012, and details are codes, counts and moments."""
    text = json.dumps(detail, ensure_ascii=False, default=str) if detail else ""
    insert(Event, at=at, by=by, what=what, subject=subject, detail=text)
