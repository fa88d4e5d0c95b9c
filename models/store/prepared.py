"""Statements whose text is kept: peewee takes longer to write one than SQLite to run it.

For what every registration, every publication and every glass receipt does. Everything else is
written as peewee queries usually are.
"""

from collections.abc import Callable
from functools import cache, reduce, wraps
from inspect import signature
from operator import or_
from typing import Any, NamedTuple

from peewee import EXCLUDED, Node

from models.tables import database

_Convert = Callable[[Any], Any]


class _Value(NamedTuple):
    """A value that each run brings: its name, and how its column stores it."""

    name: str
    convert: _Convert | None


class _Place(Node):
    """Stands in a query for a value; its column is the one that it is compared with."""

    def __init__(self, name: str, convert: _Convert | None = None) -> None:
        self.name = name
        self.convert = convert

    def __sql__(self, ctx: Any) -> Any:
        ctx._values.append(_Value(self.name, self.convert or ctx.state.converter))  # noqa: SLF001
        return ctx.literal("?")


class _Statement:
    def __init__(self, query: Any) -> None:
        self._query = query
        context: Any = database.get_sql_context()
        self._text, self._values = context.sql(query).query()
        self._row: _Convert | None = None

    def run(self, values: dict[str, Any]) -> Any:
        stored = [_stored(value, values) for value in self._values]
        return database.execute_sql(self._text, stored)

    def rows(self, values: dict[str, Any]) -> list[Any]:
        cursor = self.run(values)
        if cursor.description is None:
            return []
        if self._row is None:
            wrapper = self._query._get_cursor_wrapper(cursor)  # noqa: SLF001 - as peewee does
            wrapper.initialize()
            self._row = wrapper.process_row
        return [self._row(row) for row in cursor]


def prepared(make: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Decorates what makes a query of its arguments, which then runs it: the rows, if any."""
    names = list(signature(make).parameters)

    @cache
    def statement() -> _Statement:
        return _Statement(make(*map(_Place, names)))

    @wraps(make)
    def run(*values: Any) -> list[Any]:
        return statement().rows(dict(zip(names, values, strict=True)))

    return run


def insert(table: Any, **fields: Any) -> int:
    """Insert a row, with its table's defaults; returns its id."""
    row: int = _insertion(table, tuple(fields)).run(fields).lastrowid
    return row


def update(table: Any, row_id: int, **fields: Any) -> None:
    """Change a row."""
    _change(table, tuple(fields)).run(fields | {"id": row_id})


def put(table: Any, key: tuple[str, ...], told: tuple[str, ...], **fields: Any) -> None:
    """Insert a row, or overwrite the one with the same `key` if it differs in one of `told`."""
    _placing(table, key, told, tuple(fields)).run(fields)


@cache
def _placing(
    table: Any, key: tuple[str, ...], told: tuple[str, ...], names: tuple[str, ...]
) -> _Statement:
    columns = table._meta.combined  # noqa: SLF001 - as in _places
    differs = reduce(or_, (columns[name] != getattr(EXCLUDED, name) for name in told))
    query = table.insert(**_places(table, names)).on_conflict(
        conflict_target=[columns[name] for name in key],
        preserve=[columns[name] for name in names if name not in key],
        where=differs,
    )
    return _Statement(query)


@cache
def _insertion(table: Any, names: tuple[str, ...]) -> _Statement:
    return _Statement(table.insert(**_places(table, names)))


@cache
def _change(table: Any, names: tuple[str, ...]) -> _Statement:
    return _Statement(table.update(**_places(table, names)).where(table.id == _Place("id")))


def _places(table: Any, names: tuple[str, ...]) -> dict[str, _Place]:
    fields = table._meta.combined  # noqa: SLF001 - peewee's documented way in
    return {name: _Place(name, fields[name].db_value) for name in names}


def _stored(value: Any, values: dict[str, Any]) -> Any:
    if not isinstance(value, _Value):
        return value
    given = values[value.name]
    return value.convert(given) if value.convert else given
