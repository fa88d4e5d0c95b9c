"""Publishes what was committed, until the broker has it.

The table is the queue: nothing is kept in memory but which rows are on their way. When the
connection drops those are forgotten, and what the broker had not taken is sent again.
"""

import logging
from collections.abc import Callable

from models import store
from models.link import Acked
from models.messages import Encoded

log = logging.getLogger(__name__)

_IN_FLIGHT = 20
"""paho keeps at most so many QoS 1 messages on the way; more would only queue inside it."""


class Outbox:
    """For one thread. `publish` returns a ticket, or None while there is no connection."""

    def __init__(self, publish: Callable[[Encoded], int | None]) -> None:
        self._publish = publish
        self._on_the_way: dict[int, int] = {}

    def send_everything(self) -> None:
        """The broker may have lost everything, or somebody lacks something: send all retained
        messages again, those on their way included. Their acknowledgements say nothing any more."""
        self._on_the_way.clear()
        with store.transaction():
            store.unsend_retained()
        self.drain()

    def disconnected(self) -> None:
        self._on_the_way.clear()

    def drain(self) -> None:
        """Send what is waiting, oldest first, as far as the window allows."""
        room = _IN_FLIGHT - len(self._on_the_way)
        if room <= 0:
            return
        travelling = set(self._on_the_way.values())
        for row in store.unsent(_IN_FLIGHT + room):
            if room == 0:
                return
            if row.id in travelling:
                continue
            if (ticket := self._publish(row.message)) is None:
                return
            self._on_the_way[ticket] = row.id
            room -= 1

    def acked(self, events: list[Acked]) -> None:
        """The broker answered. What it refused would be refused again, so it is dropped, loudly."""
        done = []
        for event in events:
            if (row := self._on_the_way.pop(event.ticket, None)) is None:
                continue
            if not event.taken:
                log.error("the broker refused outbox row %d: %s", row, event.reason)
            done.append(row)
        if done:
            with store.transaction():
                store.sent(done)
        self.drain()
