"""Twenty kiosks register visitors at once, in a new office and in one with a million visits.

Each sends the next visitor as soon as the one before has been answered: most are expected and come
with a code, some walk in and wait, some leave material. Every twentieth request is sent twice, as
a kiosk does that has missed the answer.
"""

import sqlite3
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from broker_config import generate
from controller import lobby
from controller.preflight import Part
from models import store
from models.link import Event, Link, Received, Up
from models.messages import Answer, Register, Request, topic_of
from models.settings import Settings
from models.terms import Category, Purpose, Role
from tests.benchmarks.report import Row, UnmeasuredError, at_least, measured, percentile
from tests.benchmarks.stage import prepared
from tests.years import fill

_KIOSKS = 20
_EACH = 100
_TWICE = 20
"""Each so many-th request is sent twice."""
_YEARS_VISITS = 1_000_000
_PATIENCE = 120


class Kiosk:
    """One of those that register at once. Its link's thread does everything."""

    def __init__(self, settings: Settings, device: str, visitors: list[Register]) -> None:
        self.device = device
        self.connected = threading.Event()
        self.done = threading.Event()
        self.sent: dict[str, float] = {}
        self.seconds: dict[str, float] = {}
        self.answers: list[Answer] = []
        self._visitors = iter(visitors)
        self._awaited = 0
        topics = [topic_of(Answer, settings.site, device=device)]
        self.link = Link(settings, Role.KIOSK, device, topics, self._hear)

    def send_next(self) -> None:
        body = next(self._visitors, None)
        if body is None:
            return
        request = Request(device=self.device, key=uuid4().hex, body=body)
        self.sent[request.key] = time.monotonic()
        for _ in range(1 if len(self.sent) % _TWICE else 2):
            self._awaited += 1
            self.link.publish(request)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Up):
            self.connected.set()
        elif isinstance(event, Received) and isinstance(event.message, Answer):
            key = event.message.key
            self.answers.append(event.message)
            if key not in self.seconds:
                self.seconds[key] = event.at - self.sent[key]
                self.send_next()
            if len(self.answers) == self._awaited:
                self.done.set()


def reception() -> Iterator[Row]:
    fresh = yield from _figures("new office", 0)
    full = yield from _figures(f"after {_YEARS_VISITS:,} visits", _YEARS_VISITS)
    yield measured(
        "Registration: p95 after a million visits, of a new office's", [full / fresh], "times", 2
    )


def _figures(where: str, stored: int) -> Generator[Row, None, float]:
    """The rows of one office; returns the p95 in milliseconds."""
    with prepared() as settings:
        if stored:
            fill(settings.database, stored, datetime.now(UTC))
        visitors = _visitors(settings)
        kiosks, seconds = _all_at_once(settings, visitors)
        faults = _faults(settings, kiosks, stored)
    times = [1000 * each for kiosk in kiosks for each in kiosk.seconds.values()]
    name = f"Registration, {_KIOSKS} kiosks at once, {where}"
    yield at_least(f"{name}: rate", len(times) / seconds, "per s", 300)
    yield measured(f"{name}: sent → stored, answered", times, "ms", 100)
    yield measured(f"{name}: lost or doubled", [faults], "visits", 0)
    return percentile(times, 95)


def _visitors(settings: Settings) -> list[list[Register]]:
    """For each kiosk those who come, in the order in which they come."""
    store.open_database(settings.database)
    codes = iter(_expected(_KIOSKS * _EACH))
    with store.transaction():
        found = [[_visitor(n, codes) for n in range(_EACH)] for _ in range(_KIOSKS)]
    store.close_database()
    return found


def _visitor(number: int, codes: Iterator[str]) -> Register:
    if number % 20 == 10:
        return Register(purpose=Purpose.INTERVIEW, name=f"應聘者{number}", phone="13800001234")
    if number % 10 == 5:
        return Register(name=f"陳先生{number}", department="工程部", host=3, phone="13900004321")
    return Register(code=next(codes))


def _expected(count: int) -> Iterator[str]:
    """Appointments of today, and their codes."""
    now = datetime.now(UTC)
    for number in range(count):
        row = store.add_appointment(
            code=f"{number:04d}",
            phone_last4="",
            name=f"王女士{number}",
            category=Category.ORDINARY,
            host=1 + number % 9,
            starts=now,
            ends=now + timedelta(hours=1),
            by="bench",
        )
        yield row.code


def _all_at_once(settings: Settings, visitors: list[list[Register]]) -> tuple[list[Kiosk], float]:
    """The kiosks once everybody has been answered, and the seconds that it took."""
    for number in range(_KIOSKS):
        generate.add_device(settings, Role.KIOSK, f"bench{number}")
    with lobby.opened(settings, (Part.BROKER, Part.CONTROLLER)), ExitStack() as links:
        kiosks = [Kiosk(settings, f"bench{n}", those) for n, those in enumerate(visitors)]
        for kiosk in kiosks:
            kiosk.link.start()
            links.callback(kiosk.link.stop)
        for kiosk in kiosks:
            _until(kiosk.connected)
        start = time.monotonic()
        for kiosk in kiosks:
            kiosk.send_next()
        for kiosk in kiosks:
            _until(kiosk.done)
        return kiosks, time.monotonic() - start


def _until(event: threading.Event) -> None:
    if not event.wait(_PATIENCE):
        raise UnmeasuredError("a kiosk was not answered.")


def _faults(settings: Settings, kiosks: list[Kiosk], stored: int) -> int:
    """Visits that were answered and are not there, or are there more than once."""
    answers = [answer for kiosk in kiosks for answer in kiosk.answers]
    if refused := [answer.code for answer in answers if not answer.ok]:
        raise UnmeasuredError(f"the controller refused {len(refused)}, the first: {refused[0]}.")
    answered = {answer.key for answer in answers}
    with sqlite3.connect(settings.database) as database:
        new = "SELECT id, key, party FROM visit WHERE id > ?"
        visits = {key: (party, row) for row, key, party in database.execute(new, [stored])}
        passes: dict[int, int] = dict(
            database.execute(
                "SELECT visit_id, COUNT(*) FROM pass WHERE visit_id > ? GROUP BY 1", [stored]
            )
        )
    extra = sum(max(0, passes.get(row, 0) - party) for party, row in visits.values())
    return len(answered ^ set(visits)) + extra
