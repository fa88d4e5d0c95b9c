"""Messages to colleagues, through Apprise: mail, WeCom, DingTalk, Telegram, webhooks and more.

A few threads of their own send, so that a server that never answers holds up nobody but the next
message. What became of a message is told as a code; addresses hold secrets and are never logged.
"""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from apprise import Apprise, NotifyBase, NotifyFormat

log = logging.getLogger(__name__)
# Apprise names the addresses it fails at; what went wrong is told by our own codes.
logging.getLogger("apprise").setLevel(logging.CRITICAL)

_THREADS = 4
_PATIENCE = 4.0
"""Seconds for connecting, and for each answer of a server; an address cannot ask for more."""


Kind = Literal["asked", "told", "gap"]


@dataclass(frozen=True)
class Letter:
    """A message to one person, and the row of its kind that it belongs to: one that asks belongs to
    a step of a confirmation, one that tells to a telling, one about a gap to the log's entry."""

    id: int
    channels: tuple[str, ...]
    title: str
    body: str
    kind: Kind = "asked"


@dataclass(frozen=True)
class Delivered:
    """What became of a letter: no `reason` where at least one channel has taken it."""

    id: int
    reason: str = ""
    kind: Kind = "asked"


class Notifier:
    """`send` only enqueues; `told` is called from another thread with what became of it."""

    def __init__(self, told: Callable[[Delivered], None]) -> None:
        self._told = told
        self._letters: queue.SimpleQueue[Letter | None] = queue.SimpleQueue()
        self._taken: set[tuple[Kind, int]] = set()
        # Daemons: the controller ends without waiting for somebody else's server.
        self._threads = [
            threading.Thread(target=self._run, name=f"notifier-{n}", daemon=True)
            for n in range(_THREADS)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        for _ in self._threads:
            self._letters.put(None)

    def has(self, row: int, kind: Kind = "asked") -> bool:
        """Was the letter of this row already handed over, in the life of this process?"""
        return (kind, row) in self._taken

    def send(self, letter: Letter) -> None:
        self._taken.add((letter.kind, letter.id))
        self._letters.put(letter)

    def _run(self) -> None:
        while letter := self._letters.get():
            reason = deliver(letter.channels, letter.title, letter.body)
            self._told(Delivered(letter.id, reason, letter.kind))


def deliver(channels: tuple[str, ...], title: str, body: str) -> str:
    """Send through every channel, and wait. Returns why nothing was delivered: `bad_channel`,
    `not_taken`, or nothing where at least one channel has taken it."""
    services = [service for channel in channels if (service := service_of(channel))]
    if not services:
        return "bad_channel"
    # Together, so that a dead channel does not keep the others waiting.
    with ThreadPoolExecutor(len(services)) as pool:
        taken = list(pool.map(lambda service: _sent(service, title, body), services))
    return "" if any(taken) else "not_taken"


def service_of(channel: str) -> NotifyBase | None:
    """The service that an Apprise address names, if it names one."""
    service: NotifyBase | None = Apprise.instantiate(channel)
    if service is not None:
        for limit in ("socket_connect_timeout", "socket_read_timeout"):
            setattr(service, limit, min(getattr(service, limit) or _PATIENCE, _PATIENCE))
    return service


def _sent(service: NotifyBase, title: str, body: str) -> bool:
    sender = Apprise()
    sender.add(service)
    try:
        return bool(sender.notify(title=title, body=body, body_format=NotifyFormat.TEXT))
    except Exception as error:  # noqa: BLE001 - any of a hundred services' own faults
        # Its text may hold the address; its kind does not.
        log.warning("a message failed with %s", type(error).__name__)
        return False
