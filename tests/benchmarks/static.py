"""What a screen costs that nobody changes: its clock runs, its connection lives, and that is all.

Processor time is that of the window's own processes, user and system, over half a minute after some
time to settle; a Chromium page has a tree of them. Resident memory counts pages that others share,
too; proportional memory shares them out, which is the only fair way to add up a tree.
"""

import time
from collections.abc import Callable, Iterator

import psutil

from controller import lobby
from controller.preflight import Part
from tests.benchmarks import chromium
from tests.benchmarks.report import Row, measured
from tests.benchmarks.stage import ROWS_ON_A_PAGE, Day, again, prepared
from tests.e2e.clerk import at_the_desk

_SETTLE = 5.0
_WATCHED = 30.0
_MB = 1e6


def static() -> Iterator[Row]:
    with prepared() as settings:
        door = chromium.let_in(settings) if chromium.PROGRAM else None
        parts = (Part.BROKER, Part.CONTROLLER, Part.BOARD)
        with lobby.opened(settings, parts, probes=True) as opened:
            with at_the_desk(opened) as clerk:
                Day(clerk, ROWS_ON_A_PAGE)
            # Lines that were just published glow for a while; after a start they do not.
            again(opened, Part.BOARD)
            board = psutil.Process(opened.pid(Part.BOARD))
            share = busy(lambda: [board])
            memory = board.memory_full_info()
            yield measured("Board, static: part of one core", [share], "%", 0.5)
            yield measured("Board, static: resident memory", [memory.rss / _MB], "MB", 140)
            yield measured("Board, static: proportional memory", [memory.pss / _MB], "MB")
            opened.stop(Part.BOARD)
            if door:
                with chromium.page(opened, door):
                    share = busy(chromium.processes)
                    pss = sum(p.memory_full_info().pss for p in chromium.processes()) / _MB
                yield measured("Chromium page, static: part of one core", [share], "%")
                yield measured("Chromium page, static: proportional memory", [pss], "MB")


def busy(processes: Callable[[], list[psutil.Process]]) -> float:
    """Percent of one core that the processes use."""
    time.sleep(_SETTLE)
    before, start = _processor_time(processes()), time.monotonic()
    time.sleep(_WATCHED)
    after, end = _processor_time(processes()), time.monotonic()
    used = sum(seconds - before.get(pid, 0) for pid, seconds in after.items())
    return 100 * used / (end - start)


def _processor_time(processes: list[psutil.Process]) -> dict[int, float]:
    return {p.pid: sum(p.cpu_times()[:2]) for p in processes}
