"""How soon there is something to see: each window by itself, and the whole lobby.

The files have been read once before, as on a machine that was switched on for an earlier day; the
first start of all is not counted. The whole lobby is timed from set-up's look at what is there to
the later of the two first frames; what `make run` takes to start Python itself comes on top.
"""

import time
from collections.abc import Iterator

from controller import lobby
from controller.lobby import Lobby
from controller.preflight import WINDOWS, Part
from tests.benchmarks.report import Row, UnmeasuredError, measured
from tests.benchmarks.stage import (
    ROWS_ON_A_PAGE,
    Day,
    again,
    first_frame,
    make,
    prepared,
    running,
)
from tests.e2e.clerk import at_the_desk
from tests.e2e.windows import Window

_STARTS = 10
_LOBBIES = 4


def windows() -> Iterator[Row]:
    with running(Part.BROKER, Part.CONTROLLER, Part.BOARD) as opened:
        with at_the_desk(opened) as clerk:
            Day(clerk, ROWS_ON_A_PAGE)
        seconds = [again(opened, Part.BOARD) for _ in range(_STARTS)]
        alone = _without_broker(opened)
    yield measured("python -m board → its first frame", seconds, "s", 1.5)
    yield measured("The same without a broker → last good content", alone, "s", 2)
    with running(Part.BROKER, Part.CONTROLLER, Part.KIOSK) as opened:
        seconds = [again(opened, Part.KIOSK) for _ in range(_STARTS)]
    yield measured("python -m kiosk → its first frame", seconds, "s", 2)


def _without_broker(opened: Lobby) -> list[float]:
    """Each first frame shows the lines of before, and the banner that says how old they are."""
    for part in (Part.CONTROLLER, Part.BROKER):
        opened.stop(part)
    seconds = []
    for _ in range(_STARTS):
        seconds.append(again(opened, Part.BOARD))
        shown = Window(opened, Part.BOARD).widgets()
        if not {"row_vehicles_1_plate", "banner"} <= shown.keys():
            raise UnmeasuredError("the board did not show what it had shown before.")
    return seconds


def whole_lobby() -> Iterator[Row]:
    with prepared() as settings:
        seconds = []
        for _ in range(1 + _LOBBIES):
            start = time.monotonic()
            make(settings)
            with lobby.opened(settings, probes=True) as opened:
                frames = [first_frame(opened, part) for part in WINDOWS]
            seconds.append(max(frames) - start)
    yield measured("The whole lobby again → first frames of both windows", seconds[1:], "s", 5)
