"""Real parts for tests: settings of their own, and a device that listens."""

import itertools
import os
import random
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from models.link import Acked, Event, Link, Received, Up
from models.messages import Encoded, Message
from models.settings import Settings
from models.terms import Role

M = TypeVar("M", bound=Message)
ROOT = Path(__file__).parent.parent
PATIENCE = 60
"""Seconds until a test gives up waiting: a slow machine is no fault."""


@contextmanager
def fresh_settings(**more: Any) -> Iterator[Settings]:
    """Settings with a data folder and ports of their own, at the site `test`.

    `more` is what a settings file would say besides, such as `board={"id": "b7"}`. The folder's
    path is short, for the probes' sockets in it may have no more than 107 bytes.
    """
    ports = free_ports(2)
    folder = Path(tempfile.mkdtemp(prefix="lobby-"))
    try:
        # These are the same for everybody; the fonts have 60 MB.
        (folder / "fonts").symlink_to(ROOT / Settings().fonts)
        (folder / "rime").symlink_to(ROOT / Settings().rime)
        said: dict[str, Any] = {
            "site": "test",
            "data": folder,
            "broker": {"port": ports[0], **more.pop("broker", {})},
            "desk": {"port": ports[1], **more.pop("desk", {})},
        }
        yield Settings(**(said | more))
    finally:
        # A forgotten connection to the database takes two files along once it is collected.
        shutil.rmtree(folder, ignore_errors=True)


def morning_zone() -> str:
    """A time zone in which it is nine in the morning now: no story is cut in two by midnight."""
    east = (9 - datetime.now(UTC).hour) % 24
    # POSIX counts the hours to the west, from 12 to -14.
    return f"Etc/GMT{24 - east if east > 14 else -east:+d}"


_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_FIRST = 20_000 + _WORKER % 12 * 1000
_PORTS = itertools.cycle(random.sample(range(_FIRST, _FIRST + 1000), 1000))
"""Of this process alone, and each but once in a thousand times: between asking for a free port and
listening on it, another may."""


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on.

    They are not those that the system gives away: one of those may be taken by anybody's outgoing
    connection before its listener comes.
    """
    with ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            port = next(_PORTS)
            with suppress(OSError):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
                found.append(port)
        return found


class Ear:
    """A listener for a Link: keeps every event in `heard`, and waits for one."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self._news = threading.Condition()
        self._told = 0

    def __call__(self, event: Event) -> None:
        with self._news:
            self.heard.append(event)
            self._news.notify_all()

    def until(self, fits: Callable[[Event], bool]) -> Any:
        """The first event that fits, after the one that was returned last."""
        place = self.place_of(fits, self._told)
        self._told = place + 1
        return self.heard[place]

    def place_of(self, fits: Callable[[Event], bool], start: int) -> int:
        """The place in `heard`, not before `start`, of the first event that fits."""

        def place() -> int | None:
            return next((i for i in range(start, len(self.heard)) if fits(self.heard[i])), None)

        with self._news:
            self._news.wait_for(lambda: place() is not None, PATIENCE)
            found = place()
        assert found is not None, f"waited in vain; heard {self.heard[start:]}"
        return found

    @property
    def messages(self) -> list[Message]:
        """All messages heard so far."""
        return [event.message for event in list(self.heard) if isinstance(event, Received)]


class Signed:
    """A device that is signed in to the broker, with its ear."""

    def __init__(self, link: Link, ear: Ear) -> None:
        self.link, self.ear = link, ear
        self._told = 0

    def publish(self, message: Message | Encoded) -> Acked:
        """Publish, and wait for the broker's answer (QoS 1 only)."""
        start = len(self.ear.heard)
        if isinstance(message, Encoded):
            ticket = self.link.publish_encoded(message)
        else:
            ticket = self.link.publish(message)
        assert ticket is not None, "not connected"
        place = self.ear.place_of(lambda e: isinstance(e, Acked) and e.ticket == ticket, start)
        answer = self.ear.heard[place]
        assert isinstance(answer, Acked)
        return answer

    def until_message(self, kind: type[M], fits: Callable[[M], bool] = lambda _: True) -> M:
        """The next message of a kind, and one that fits, since the one that was returned last."""
        place = self.ear.place_of(
            lambda e: isinstance(e, Received) and isinstance(e.message, kind) and fits(e.message),
            self._told,
        )
        self._told = place + 1
        event = self.ear.heard[place]
        assert isinstance(event, Received)
        assert isinstance(event.message, kind)
        return event.message


@contextmanager
def signed_in(
    settings: Settings, role: Role, device: str, subscriptions: list[str] | None = None
) -> Iterator[Signed]:
    """A device on the broker; its subscriptions are in force."""
    ear = Ear()
    link = Link(settings, role, device, subscriptions or [], ear)
    link.start()
    try:
        up = ear.place_of(lambda event: isinstance(event, Up), 0)
        # The birth follows the subscriptions, and the broker answers in order.
        ear.place_of(lambda event: isinstance(event, Acked), up)
        yield Signed(link, ear)
    finally:
        link.stop()
