"""A pass is revoked at the desk: until every one of fifty gates goes by the new list."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

from broker_config import generate
from controller import keyring, lobby
from controller.preflight import Part
from models import revocations
from models.cose import RefusedDocument
from models.keysets import Keys
from models.link import Event, Link, Received, Up
from models.messages import Answer, Register, Request, RevokedPasses, topic_of
from models.settings import Settings
from models.terms import Role
from tests.benchmarks.report import Row, UnmeasuredError, measured
from tests.benchmarks.stage import prepared
from tests.benchmarks.submitting import expect_guests
from tests.e2e.clerk import at_the_desk
from tests.parts import signed_in

_GATES = 50
_REVOKED = 20
_PATIENCE = 10


class Gates:
    """All of them in one process: each verifies every list by itself, as a gate does."""

    def __init__(self, keys: Keys, site: str) -> None:
        self._keys, self._site = keys, site
        self._news = threading.Condition()
        self._up = 0
        self._newest = [0] * _GATES
        self._revoked = [0] * _GATES

    def hear(self, gate: int, event: Event) -> None:
        if isinstance(event, Up):
            with self._news:
                self._up += 1
                self._news.notify_all()
        elif isinstance(event, Received) and isinstance(event.message, RevokedPasses):
            self._believe(gate, event.message.document)

    def _believe(self, gate: int, document: bytes) -> None:
        try:
            found = revocations.read(document, self._keys, self._site, newest=self._newest[gate])
        except RefusedDocument:
            return
        with self._news:
            self._newest[gate], self._revoked[gate] = found.seq, len(found.ids)
            self._news.notify_all()

    def until_connected(self) -> None:
        self._until(lambda: self._up == _GATES)

    def until_all_refuse(self, count: int) -> None:
        """Until each gate's list has so many passes."""
        self._until(lambda: min(self._revoked) >= count)

    def _until(self, there: Callable[[], bool]) -> None:
        with self._news:
            if not self._news.wait_for(there, _PATIENCE):
                raise UnmeasuredError("a gate never heard of it.")


def revocation() -> Iterator[Row]:
    with prepared() as settings:
        for number in range(_GATES):
            generate.add_device(settings, Role.GATE, f"bench{number}")
        with (
            lobby.opened(settings, (Part.BROKER, Part.CONTROLLER)) as opened,
            at_the_desk(opened) as clerk,
            ExitStack() as links,
        ):
            _admit(settings, expect_guests(clerk, _REVOKED))
            gates = _connected(settings, links)
            times = []
            for count, row in enumerate(clerk.today()["passes"], start=1):
                start = time.monotonic()
                clerk.revoke(row, "bench")
                gates.until_all_refuse(count)
                times.append((time.monotonic() - start) * 1000)
    yield measured(f"Pass revoked at the desk → the last of {_GATES} gates", times, "ms", 1000)


def _admit(settings: Settings, codes: list[str]) -> None:
    answers = [topic_of(Answer, settings.site, device=settings.kiosk.id)]
    with signed_in(settings, Role.KIOSK, settings.kiosk.id, answers) as kiosk:
        for code in codes:
            body = Register(code=code)
            kiosk.publish(Request(device=settings.kiosk.id, key=uuid4().hex, body=body))
            kiosk.until_message(Answer)


def _connected(settings: Settings, links: ExitStack) -> Gates:
    ring = keyring.load(settings.keys, settings.site)
    gates = Gates(ring.keys.keys, settings.site)
    topics = [topic_of(RevokedPasses, settings.site)]
    for number in range(_GATES):

        def hear(event: Event, gate: int = number) -> None:
            gates.hear(gate, event)

        link = Link(settings, Role.GATE, f"bench{number}", topics, hear)
        link.start()
        links.callback(link.stop)
    gates.until_connected()
    return gates
