"""Two hundred boards without a window: the real link, the board's own state, and its receipts.

A publication counts from the clerk's click until the controller has the glass receipt of every
board. Then the broker is killed for 20 seconds, in which the desk goes on publishing; a board is
exact again once it holds each section as the database does and has heard a canary since. The
boards are spread over a few processes: two hundred threads at one interpreter's lock would mostly
measure that lock, which no board on a machine of its own ever waits for.
"""

import multiprocessing
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from broker_config import devices as registry
from broker_config import generate
from controller import lobby
from controller.lobby import Lobby
from controller.preflight import Part
from models import store
from models.display.state import is_whole, receive, restored, subscriptions
from models.link import Event, Link, Received
from models.messages import Shown, Snapshot
from models.settings import Settings
from models.terms import Role, Section
from tests.benchmarks.report import Row, UnmeasuredError, measured
from tests.benchmarks.stage import ROWS_ON_A_PAGE, Day, prepared
from tests.e2e.clerk import at_the_desk

_BOARDS = 200
_FLEETS = 10
_PUBLICATIONS = 40
_OUTAGES = 2
_AWAY = 20.0
_CHANGES_MEANWHILE = 10
_PATIENCE = 60.0

Revisions = dict[Section, tuple[int, int]]


class Display:
    """A board whose glass is its state. Its link's thread does everything."""

    def __init__(self, settings: Settings, device: str) -> None:
        self.device = device
        self._group = settings.board.group
        self.state = restored(self._group, [], time.monotonic())
        self.faults = 0
        """How often it showed sections of two databases, or something older than before."""
        self.wanted: Revisions = {}
        self.since = 0.0
        self.exact_at: float | None = None
        topics = subscriptions(settings.site, self._group, device)
        self.link = Link(settings, Role.BOARD, device, topics, self._hear)

    def expect(self, wanted: Revisions) -> None:
        """From now on, note in `exact_at` when this is what it shows, and proved to be live."""
        self.wanted, self.since, self.exact_at = wanted, time.monotonic(), None

    def _hear(self, event: Event) -> None:
        if not isinstance(event, Received):
            return
        before = self._shown()
        self.state = receive(self.state, event.message, event.at)
        shown = self._shown()
        went_back = any(shown[name] < before[name] for name in shown.keys() & before.keys())
        self.faults += went_back or len({epoch for epoch, _ in shown.values()}) > 1
        self._note(shown)
        if isinstance(event.message, Snapshot) and event.message.section in shown:
            self._send_receipt(event.message.section, event.at)

    def _shown(self) -> Revisions:
        return {name: held.revision for name, held in self.state.sections.items()}

    def _note(self, shown: Revisions) -> None:
        proved = self.state.proved_at
        live = proved is not None and proved > self.since
        if self.exact_at is None and live and shown == self.wanted and is_whole(self.state):
            self.exact_at = time.monotonic()

    def _send_receipt(self, section: Section, at: float) -> None:
        epoch, rev = self.state.sections[section].revision
        ms = 1000 * (time.monotonic() - at)
        self.link.publish(
            Shown(
                board=self.device, group=self._group, section=section, epoch=epoch, rev=rev, ms=ms
            )
        )


class Fleet:
    """Some of the boards, in a process of their own."""

    def __init__(self, settings: Settings, names: list[str]) -> None:
        processes = multiprocessing.get_context("spawn")
        self._pipe, theirs = processes.Pipe()
        self._process = processes.Process(target=_sail, args=(settings, names, theirs), daemon=True)
        self._process.start()

    def expect(self, wanted: Revisions) -> None:
        self._pipe.send(wanted)

    def exact_at(self) -> list[float]:
        """When each board was exact; waits for the last."""
        return self._answer(list)

    def end(self) -> int:
        """How many faults its boards saw."""
        self._pipe.send(None)
        faults = self._answer(int)
        self._process.join()
        return faults

    def _answer(self, kind: type[Any]) -> Any:
        if not self._pipe.poll(2 * _PATIENCE):
            raise UnmeasuredError("a process with boards is silent.")
        answer = self._pipe.recv()
        if not isinstance(answer, kind):
            raise UnmeasuredError(str(answer))
        return answer


def _sail(settings: Settings, names: list[str], pipe: Connection) -> None:
    displays = [Display(settings, name) for name in names]
    for display in displays:
        display.link.start()
    while wanted := pipe.recv():
        for display in displays:
            display.expect(wanted)
        try:
            _until(lambda: all(display.exact_at for display in displays))
        except UnmeasuredError as problem:
            pipe.send(str(problem))
        else:
            pipe.send([display.exact_at for display in displays])
    for display in displays:
        display.link.stop()
    pipe.send(sum(display.faults for display in displays))


def boards() -> Iterator[Row]:
    with prepared() as settings, ExitStack() as stack:
        names = [f"bench{number}" for number in range(_BOARDS)]
        new = [registry.Device(Role.BOARD, name, settings.board.group) for name in names]
        registry.keep(settings, [*registry.known_devices(settings), *new])
        generate.provision(settings)
        parts = (Part.BROKER, Part.CONTROLLER)
        opened = stack.enter_context(lobby.opened(settings, parts))
        day = Day(stack.enter_context(at_the_desk(opened)), ROWS_ON_A_PAGE)
        store.open_database(settings.database)
        stack.callback(store.close_database)
        fleets = [Fleet(settings, names[number::_FLEETS]) for number in range(_FLEETS)]
        _all_exact(fleets, _published(settings))
        with closing(sqlite3.connect(settings.database)) as database:
            took = [_acknowledged(day, database) for _ in range(_PUBLICATIONS)]
        yield measured(f"Desk publishes → shown, say all of {_BOARDS} boards", took, "ms", 300)
        back = [seconds for _ in range(_OUTAGES) for seconds in _outage(opened, day, fleets)]
        yield measured(f"Broker back after {_AWAY:g} s → each board exact", back, "s", 3)
        faults = sum([fleet.end() for fleet in fleets])
        yield measured("Boards that showed a mix or went back", [faults], "times", 0)


def _all_exact(fleets: list[Fleet], wanted: Revisions) -> list[float]:
    for fleet in fleets:
        fleet.expect(wanted)
    return [at for fleet in fleets for at in fleet.exact_at()]


def _acknowledged(day: Day, database: sqlite3.Connection) -> float:
    """Milliseconds from a click to the last board's receipt."""
    began = datetime.now().astimezone()
    section, revision, _ = day.change()
    # Not by the store: reading eight hundred receipts again and again would take a core.
    count = "SELECT COUNT(*) FROM receipt WHERE board LIKE 'bench%' AND section = ? AND rev = ?"
    found = (section, revision)
    _until(lambda: database.execute(count, found).fetchone()[0] == _BOARDS)
    last = max(kept.at for kept in store.receipts() if (kept.section, kept.rev) == found)
    time.sleep(random.uniform(0.2, 0.4))
    return (last - began).total_seconds() * 1000


def _outage(opened: Lobby, day: Day, fleets: list[Fleet]) -> list[float]:
    """Seconds from the start of the broker's process until each board is exact."""
    opened.kill(Part.BROKER)
    gone = threading.Event()
    for _ in range(_CHANGES_MEANWHILE):
        gone.wait(_AWAY / _CHANGES_MEANWHILE)
        day.change()
    wanted = _published(opened.settings)
    for fleet in fleets:
        fleet.expect(wanted)
    back = time.monotonic()
    opened.start(Part.BROKER)
    opened.wait_until_ready(Part.BROKER)
    return [at - back for fleet in fleets for at in fleet.exact_at()]


def _published(settings: Settings) -> Revisions:
    epoch = store.epoch()
    rows = store.sections(settings.board.group)
    return {section: (epoch, row.rev) for section, row in rows.items()}


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise UnmeasuredError(f"not all boards were there within {_PATIENCE:g} s.")
        time.sleep(0.05)
