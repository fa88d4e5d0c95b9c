"""A random walk through a real window finds no dead end, no error, and leaves nothing behind.

`pytest tests/ui/test_kiosk_walk.py --walk 20000 --seed 7` walks farther, and another way.
"""

import logging
import random

import pytest

from kiosk import flow
from kiosk.terms import Screen
from tests import remains
from tests.kiosk_walker import SECRET, Walker, finds_home, left_of
from tests.unit.test_kiosk_junk import JUNK

SIZES = {"standing": (506, 900), "lying": (854, 480)}
TEXTS = [*JUNK.values(), "王小明", "Wang ", "0137", "A-0137", "13800138000", "123X", "zhangwei "]
LEG = 1000
"""Steps after which the walker walks away, and everything is looked through."""


def look(ui, app, walker, caplog):
    """What is wrong with the kiosk right now, in words."""
    failed = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    if failed:
        yield f"the log says {failed}"
    if not walker.controls():
        yield "there is nothing to press"
    if not finds_home(app.flow):
        yield "time does not lead home"
    if (
        app.state.screen != app.flow.screen
        or app.root._page is not app.root._pages[app.flow.screen]
    ):
        yield "another screen is shown than the flow is at"


def left(app, tmp_path):
    """What a visitor has left behind at the welcome."""
    fresh = flow.begin(app.flow.times, app.flow.home, app.flow.now, app.flow.procedures)
    if left_of(app.flow) != fresh:
        yield app.flow
    for name in ("text", "preedit", "candidates", "ink", "name", "token", "rows", "card"):
        if value := getattr(app.state, name):
            yield name, value
    app._scanner.silence(float("inf"))
    app._wire.requests.clear()
    yield from remains.in_objects([SECRET])
    yield from remains.in_files(tmp_path, [SECRET])


@pytest.mark.timeout(0)
@pytest.mark.parametrize("size", SIZES)
def test_a_random_visitor_finds_no_dead_end_and_leaves_nothing(
    ui, kiosk, size, tmp_path, caplog, pytestconfig
):
    seed, steps = pytestconfig.getoption("seed"), pytestconfig.getoption("walk")
    app = kiosk(SIZES[size])
    walker = Walker(ui, app, random.Random(f"{seed} {size}"), TEXTS)
    for step in range(1, steps + 1):
        walker.step()
        at = f"--seed {seed}, step {step}, after {[*walker.did]}"
        assert [*look(ui, app, walker, caplog)] == [], at
        if step % LEG == 0 or step == steps:
            walker.walk_away()
            walker.did.clear()
            assert app.flow.screen is Screen.WELCOME, at
            assert [*left(app, tmp_path)] == [], at
