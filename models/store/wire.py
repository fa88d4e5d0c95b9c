"""What the broker should have."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models.messages import Encoded
from models.store.base import fact, keep_fact
from models.store.prepared import insert, prepared
from models.tables import (
    Outbox,
)

_NUMBER = "outbox"
"""The newest row's id."""


@dataclass(frozen=True)
class OutboxRow:
    id: int
    message: Encoded


def queue(messages: Iterable[Encoded]) -> None:
    """Put messages into the outbox; a retained one replaces what stood under its topic."""
    for message in messages:
        # Never an id again: SQLite gives that of a replaced row to the next, and the broker's
        # acknowledgement of the old message would then be taken for the new one's.
        newest = _newest()
        number = max(newest[0].id if newest else 0, fact(_NUMBER)) + 1
        keep_fact(_NUMBER, number)
        if message.retain:
            _forget(message.topic)
        insert(Outbox, id=number, **message._asdict())


@prepared
def _newest() -> Any:
    return Outbox.select(Outbox.id).order_by(Outbox.id.desc()).limit(1)


@prepared
def _forget(topic: str) -> Any:
    return Outbox.delete().where(Outbox.topic == topic)


def unsent(limit: int) -> list[OutboxRow]:
    """The oldest messages that the broker has not taken."""
    return [
        OutboxRow(o.id, Encoded(o.topic, bytes(o.payload), o.retain, o.qos)) for o in _unsent(limit)
    ]


@prepared
def _unsent(limit: int) -> Any:
    waits = Outbox.sent == False  # noqa: E712 - an SQL expression
    return Outbox.select().where(waits).order_by(Outbox.id).limit(limit)


def sent(outbox_ids: list[int]) -> None:
    """The broker has these: retained ones stay for the next connection, the others go."""
    chosen = Outbox.id.in_(outbox_ids)
    Outbox.delete().where(chosen, Outbox.retain == False).execute()  # noqa: E712
    Outbox.update(sent=True).where(chosen).execute()


def unsend_retained() -> None:
    """The broker may have lost what it retained: send all of it again."""
    Outbox.update(sent=False).where(Outbox.retain == True).execute()  # noqa: E712


def retained(topic: str) -> bytes | None:
    """What the broker is to retain under a topic; None where there is nothing."""
    found = Outbox.get_or_none(Outbox.topic == topic, Outbox.retain == True)  # noqa: E712
    return bytes(found.payload) if found else None


def retained_like(pattern: str) -> list[str]:
    """The topics, with `%` for any text in `pattern`, under which the broker retains something."""
    there = (Outbox.topic**pattern) & (Outbox.retain == True)  # noqa: E712
    return [row.topic for row in Outbox.select().where(there) if bytes(row.payload)]
