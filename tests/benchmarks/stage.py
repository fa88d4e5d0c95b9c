"""What is measured on: a lobby with data of its own, and a day on its board."""

import itertools
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from controller import lobby
from controller.lobby import Lobby
from controller.preflight import Part
from models.settings import Settings
from models.terms import PANELS, Section
from tests.accounts import prepared as prepare
from tests.e2e.clerk import Clerk
from tests.e2e.windows import Window
from tests.parts import fresh_settings, morning_zone

ROWS_ON_A_PAGE = 4
"""Of a section, at 1920 × 1080: with more, its pages turn and the screen is not static."""


@contextmanager
def prepared() -> Iterator[Settings]:
    """Settings of their own, on which everything is made that a lobby needs."""
    with fresh_settings(timezone=morning_zone()) as settings:
        make(settings)
        yield settings


def make(settings: Settings) -> None:
    """All of set-up, as each start of the lobby runs it."""
    prepare(settings)


@contextmanager
def running(*parts: Part) -> Iterator[Lobby]:
    """These parts and no others, on prepared settings; windows answer to their probe."""
    with prepared() as settings, lobby.opened(settings, parts, probes=True) as opened:
        yield opened


def again(running_lobby: Lobby, part: Part) -> float:
    """Stop a window and start it: seconds from its command to its first frame."""
    running_lobby.stop(part)
    start = time.monotonic()
    running_lobby.start(part)
    running_lobby.wait_until_ready(part)
    return first_frame(running_lobby, part) - start


def first_frame(running_lobby: Lobby, part: Part) -> float:
    """When a window's first frame was flipped, on the monotonic clock."""
    window = Window(running_lobby, part)
    mark = window.wait(lambda _: window.marks().get("first_frame"), "a first frame")
    return float(mark)


class Day:
    """Lines on the board, and a clerk who keeps changing them.

    Nobody else publishes here, so the revisions of a section are counted along.
    """

    def __init__(self, clerk: Clerk, rows: int) -> None:
        self._clerk = clerk
        self._numbers = itertools.count()
        self._revisions = dict.fromkeys(PANELS, 0)
        self._lines: list[tuple[Section, int, dict[str, Any]]] = []
        for section, row in itertools.product(PANELS, range(rows)):
            notice = clerk.publish(section, **content(section, row, ""))
            self._revisions[section] += 1
            self._lines.append((section, row, notice))

    def change(self) -> tuple[Section, int, float]:
        """Change a line at random: its section, its new revision, and when the request began."""
        section, row, notice = random.choice(self._lines)
        said = content(section, row, f" 第{next(self._numbers)}次")
        self._revisions[section] += 1
        start = time.monotonic()
        self._clerk.edit(notice, **said)
        return section, self._revisions[section], start


def content(section: Section, row: int, more: str) -> dict[str, Any]:
    """A line of a section as the desk's form sends it."""
    match section:
        case Section.VEHICLES:
            trip = {"plate": f"粵B·{12345 + row}", "departs": f"{8 + row:02}:30", "state": "out"}
            return {**trip, "to": f"龍崗項目{more}"}
        case Section.WHEREABOUTS:
            person = {"department": "工程部", "name": f"李志{'強偉明華文德'[row]}", "state": "out"}
            return {**person, "place": f"B座巡檢{more}"}
        case Section.VISITS:
            visit = {"starts": f"{9 + row:02}:00", "headcount": 8 + row, "room": "多功能廳"}
            return {**visit, "delegation": f"恒信參觀團{more}"}
        case Section.REMINDERS:
            return {"text": f"今日 18:00 起 {'ABCDEF'[row]}座電梯保養{more}"}
        case _:
            raise ValueError(section)
