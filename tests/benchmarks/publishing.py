"""From the desk's click to the glass: the board, and a Chromium page on the same messages.

The clock starts before the desk's HTTP request is sent (its connection is open already) and stops
at the board when the frame that shows the new revision has been flipped, at the page when the
second animation frame after the change begins, which is when the frame with the change has been
handed over.

The two take turns, a block of publications each, and the other one is closed meanwhile: both at
once would compete for the cores, and all of one before all of the other would let the machine's
moods pass for a difference. Both start each block afresh, get the same time to settle and one
publication that is not counted. Of 24 lines one changes at random, 0.25 to 0.45 s apart; the page
shows all of them, the board turns to the four of its section that the change is among.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from controller import lobby
from controller.lobby import Lobby
from controller.preflight import Part
from tests.benchmarks import chromium
from tests.benchmarks.report import Row, UnmeasuredError, measured
from tests.benchmarks.stage import Day, again, prepared
from tests.e2e.clerk import at_the_desk
from tests.e2e.windows import Window

Flip = tuple[str, int, float]
"""A section, its revision, and when a frame that shows it was flipped."""

_BLOCKS, _IN_A_BLOCK = 4, 25
_ROWS = 6
_SETTLE = 1.5


def publish() -> Iterator[Row]:
    with ExitStack() as stack:
        settings = stack.enter_context(prepared())
        door = chromium.let_in(settings) if chromium.PROGRAM else None
        parts = (Part.BROKER, Part.CONTROLLER, Part.BOARD)
        opened = stack.enter_context(lobby.opened(settings, parts, probes=True))
        day = Day(stack.enter_context(at_the_desk(opened)), _ROWS)
        at_board: list[float] = []
        at_page: list[float] = []
        for _ in range(_BLOCKS):
            again(opened, Part.BOARD)
            at_board += _block(day, lambda: _board_flips(opened))
            opened.stop(Part.BOARD)
            if door:
                with chromium.page(opened, door) as page:
                    at_page += _block(day, page.flips)
    board = measured("Desk publishes → frame flipped at the board", at_board, "ms", 50)
    yield board
    if door:
        page_row = measured("The same, in a full-screen Chromium page", at_page, "ms")
        yield page_row
        ratios = board.median / page_row.median, board.p95 / page_row.p95
        yield Row("Board : Chromium page", board.n, *ratios, "×")
        yield measured("Their medians", [ratios[0]], "×", 1)


def _block(day: Day, flips: Callable[[], list[Flip]]) -> list[float]:
    """Milliseconds from publication to flip, of each publication in a block."""
    time.sleep(_SETTLE)
    published = []
    for _ in range(1 + _IN_A_BLOCK):
        published.append(day.change())
        time.sleep(random.uniform(0.25, 0.45))
    seen = flips()
    return [_delay(publication, seen) * 1000 for publication in published[1:]]


def _delay(publication: Flip, flips: list[Flip]) -> float:
    section, revision, start = publication
    ends = [end for name, shown, end in flips if name == section and shown >= revision]
    if not ends:
        raise UnmeasuredError(f"revision {revision} of {section} was never shown.")
    return min(ends) - start


def _board_flips(opened: Lobby) -> list[Flip]:
    marks = [(label.split(":"), at) for label, at in Window(opened, Part.BOARD).ask("marks")]
    return [(label[1], int(label[3]), at) for label, at in marks if label[0] == "shown"]
