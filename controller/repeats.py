"""A form that is sent twice is done once, after a double press as after an answer that was lost."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from models import store


class _Row(Protocol):
    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=_Row)


def once(
    key: str | None, now: datetime, make: Callable[[], Row], find: Callable[[int], Row | None]
) -> Row:
    """What `make` makes, remembered under `key` in the same transaction; of a repeat, what `find`
    finds of the first one by its id. A form without a key is always done."""
    if key is None:
        return make()
    with store.transaction():
        if (known := store.posted(key)) is not None and (row := find(known)) is not None:
            return row
        made = make()
        store.note_posted(key, made.id, now)
    return made
