"""Does a board grow? 10,000 updates and 1,000 reconnects of a real window, its memory watched.

Every update is awaited by its glass receipt, so each one was on the glass. The connection is lost
as a broker takes it away: somebody else signs in under the board's name, and is gone at once.
"""

import itertools
import statistics
from collections.abc import Iterator
from typing import Any

import psutil

from controller.preflight import Part
from models.messages import Presence, Shown, topic_of
from models.messages import Row as Line
from models.settings import Settings
from models.terms import Role, Section
from tests import board_days as days
from tests.benchmarks.report import Row, measured
from tests.benchmarks.stage import running
from tests.board_process import Desk
from tests.parts import Signed, signed_in

_RECONNECTS, _UPDATES_BETWEEN = 1_000, 10
_WARM = 100
"""Reconnects, and with them a thousand updates, after which nothing should grow."""
_MB = 1e6


def soak() -> Iterator[Row]:
    with running(Part.BROKER, Part.BOARD) as opened:
        settings = opened.settings
        heard = [topic_of(kind, settings.site) for kind in (Shown, Presence)]
        with signed_in(settings, Role.CONTROLLER, "main", heard) as signed:
            board = psutil.Process(opened.pid(Part.BOARD))
            session = _session(signed, settings)
            desk, numbers = Desk(signed, settings), itertools.count()
            resident = []
            for _ in range(_RECONNECTS):
                for _ in range(_UPDATES_BETWEEN):
                    desk.receipt(desk.put(*_changed(next(numbers))))
                desk.beat()
                _throw_out(signed, settings, session)
                resident.append(board.memory_info().rss / _MB)
    few = _WARM // 2
    grown = statistics.median(resident[-few:]) - statistics.median(resident[_WARM : _WARM + few])
    name = f"Board: memory grown by {_RECONNECTS * _UPDATES_BETWEEN:,} updates"
    yield measured(f"{name}, {_RECONNECTS:,} reconnects", [grown], "MB", 5)
    yield measured("The same: most resident memory", [max(resident)], "MB")


def _session(signed: Signed, settings: Settings) -> int:
    return signed.until_message(Presence, lambda p: p.id == settings.board.id).session


def _throw_out(signed: Signed, settings: Settings, session: int) -> None:
    """Take the board's connection away, and wait until it is back."""
    with signed_in(settings, Role.BOARD, settings.board.id):
        pass
    back = (Role.BOARD, session, "online")
    signed.until_message(Presence, lambda p: (p.role, p.session, p.state) == back)


def _changed(number: int) -> tuple[Any, ...]:
    """A section, and its lines, each of which reads as never before."""
    section, rows, field = _LINES[number % len(_LINES)]
    return section, *(row.model_copy(update={field: f"第{number}次 {row.id}"}) for row in rows)


_LINES: tuple[tuple[Section, tuple[Line, ...], str], ...] = (
    (Section.VEHICLES, days.CARS, "to"),
    (Section.WHEREABOUTS, days.PEOPLE, "place"),
    (Section.VISITS, days.VISITS, "room"),
    (Section.REMINDERS, days.REMINDERS, "text"),
)
