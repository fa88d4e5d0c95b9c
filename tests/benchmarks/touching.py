"""A first-time visitor at the kiosk, by touch: how soon the glass answers, in how many taps it is
done, and what the kiosk costs afterwards.

Every touch is an event of the X server's, told when it is made; the window tells when it flipped
its next frame. Thinking time is no part of it: a touch comes once its target is there.
"""

import ctypes
import random
import statistics
import time
from collections.abc import Iterator
from itertools import chain

import psutil

from controller.lobby import Lobby
from controller.preflight import Part
from models.terms import Language
from tests.benchmarks.report import Row, UnmeasuredError, measured
from tests.benchmarks.stage import running
from tests.benchmarks.static import busy
from tests.benchmarks.submitting import at_the_welcome, expect_guests, visit
from tests.e2e.clerk import at_the_desk
from tests.e2e.windows import Window

_NAME, _CODE = "name", "code"
_PATHS: dict[str, tuple[str, ...]] = {
    "business": (_NAME, "next", "next", "department_0", "host_unsure", "next", "submit"),
    "interview": (_NAME, "next", "department_0", "host_unsure", "submit"),
    "service": (_NAME, "next", "next", "department_0", "host_unsure", "submit"),
    "colleague": (_NAME, "next", "department_0", "host_unsure", "submit"),
    "works": ("no_permit", _NAME, "next", "next", "next", "submit"),
    "procedure": ("procedure_fees", "next"),
}
"""What is touched after a purpose: no more than must be answered."""
_NAMES = {
    Language.ZH_HANT: (*"wangxiaoming", "candidate_0"),
    Language.ZH_HANS: (*"zhangwei", "candidate_0"),
    Language.EN: (*"lee",),
}
_MOST_TAPS = 14
_PATIENCE = 5
_VISITORS = 1_000
_WARM = 100
"""Visitors after whom nothing should grow."""
_MB = 1e6


class Touchscreen(Window):
    """A kiosk whose touches are made without a tool, and counted."""

    def __init__(self, lobby: Lobby) -> None:
        super().__init__(lobby, Part.KIOSK)
        self._x11, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._server = ctypes.c_void_p(self._x11.XOpenDisplay(str(lobby.display).encode()))
        if not self._server:
            raise UnmeasuredError(f"the display {lobby.display} cannot be opened.")
        self.taps = 0

    def touch(self, test_id: str) -> float:
        """Milliseconds from a finger's landing to the first frame that differs."""
        found = self.wait_for(test_id)
        x, y = (
            round(found[at] + found[size] / 2) for at, size in (("x", "width"), ("y", "height"))
        )
        self._test.XTestFakeMotionEvent(
            self._server, -1, self._place.left + x, self._place.top + y, 0
        )
        self._x11.XFlush(self._server)
        time.sleep(random.uniform(0.15, 0.25))  # until nothing moves, and out of step
        start = time.monotonic()
        self._button(down=True)
        time.sleep(0.1)
        frame = self._frame_since(start, test_id)
        self._button(down=False)
        self.taps += 1
        return (frame - start) * 1000

    def _frame_since(self, start: float, test_id: str) -> float:
        while time.monotonic() < start + _PATIENCE:
            if frames := [moment for moment in self.ask("flips") if moment >= start]:
                return frames[0]
            time.sleep(0.02)
        raise UnmeasuredError(f"the glass did not answer a touch on {test_id}.")

    def _button(self, *, down: bool) -> None:
        self._test.XTestFakeButtonEvent(self._server, 1, int(down), 0)
        self._x11.XFlush(self._server)


def touches() -> Iterator[Row]:
    with running(Part.BROKER, Part.CONTROLLER, Part.KIOSK) as opened:
        with at_the_desk(opened) as clerk:
            codes = expect_guests(clerk, len(Language))
        kiosk, visitors = Touchscreen(opened), {}
        at_the_welcome(opened)
        process = psutil.Process(opened.pid(Part.KIOSK))
        fresh = _at_rest(process)
        for language, code in zip(Language, codes, strict=True):
            visitors[language] = FirstTimer(kiosk, language, code)
            visitors[language].try_everything()
        used = _at_rest(process)
    taps = chain.from_iterable(visitor.taps for visitor in visitors.values())
    keys = chain.from_iterable(visitor.keys for visitor in visitors.values())
    yield measured("Kiosk: finger lands → first changed frame", [*taps], "ms", 50)
    yield measured("Kiosk: key → frame with its candidates", [*keys], "ms", 30)
    for path in visitors[Language.EN].counts:
        counts = [visitor.counts[path] for visitor in visitors.values()]
        yield measured(f"Kiosk: taps of a first visit, {path}", counts, "taps", _MOST_TAPS)
    for when, (share, memory) in (("before", fresh), ("after", used)):
        yield measured(f"Kiosk, idle {when} these: part of one core", [share], "%", 1)
        yield measured(f"Kiosk, idle {when} these: resident memory", [memory], "MB", 220)


def _at_rest(process: psutil.Process) -> tuple[float, float]:
    """Percent of one core that a process takes when nobody asks anything of it, and MB."""
    return busy(lambda: [process]), process.memory_info().rss / _MB


class FirstTimer:
    """Somebody who goes every way once, in one language. `taps` and `keys` are milliseconds to
    their frames, `counts` the taps of each way without those of the name."""

    def __init__(self, kiosk: Touchscreen, language: Language, code: str) -> None:
        self._kiosk, self._language, self._code = kiosk, language, code
        self.taps: list[float] = []
        self.keys: list[float] = []
        self.counts: dict[str, int] = {}

    def try_everything(self) -> None:
        for purpose, way in _PATHS.items():
            self._go(purpose, ("welcome_register", f"purpose_{purpose}", *way))
            self._finish()
        digits = [f"digit_{digit}" for digit in self._code]
        self._go(_CODE, ("welcome_appointment", *digits, "next", "confirm_yes"))
        number = self._kiosk.wait_for("pass_number")["text"]
        self._finish()
        self._go("leaving", ("welcome_leave", *(f"key_{key}" for key in number), "next"))
        self._finish()

    def _go(self, path: str, way: tuple[str, ...]) -> None:
        before, typed = self._kiosk.taps, 0
        if self._language is not Language.ZH_HANT:
            self.taps.append(self._kiosk.touch(f"lang_{self._language.replace('-', '_').lower()}"))
        for step in way:
            if step == _NAME:
                typed = self._write()
            else:
                self.taps.append(self._take(step))
        self.counts[path] = self._kiosk.taps - before - typed

    def _take(self, step: str) -> float:
        before = self._kiosk.widgets().keys()
        milliseconds = self._kiosk.touch(step)
        if not step.startswith(("digit_", "key_")):
            self._kiosk.wait(lambda widgets: widgets.keys() != before, "another screen")
        return milliseconds

    def _write(self) -> int:
        """The name; how many touches that took."""
        keys = _NAMES[self._language]
        for key in keys:
            target = key if key.startswith("candidate") else f"key_{key}"
            milliseconds = self._kiosk.touch(target)
            if self._language is not Language.EN and target != key:
                self.keys.append(milliseconds)
        return len(keys)

    def _finish(self) -> None:
        """Back to the welcome, for the next."""
        there = self._kiosk.wait(lambda w: {"cancel", "done"} & w.keys(), "an end")
        if "done" not in there:
            self._take("cancel")
            self._take("confirm_yes")
        self._take("done")
        self._kiosk.wait_for("welcome_register")


def many_visitors() -> Iterator[Row]:
    """Not part of the whole: does the kiosk grow with those who use it?"""
    with running(Part.BROKER, Part.CONTROLLER, Part.KIOSK) as opened:
        with at_the_desk(opened) as clerk:
            codes = expect_guests(clerk, _WARM + _VISITORS)
        finger, resident = at_the_welcome(opened), []
        process = psutil.Process(opened.pid(Part.KIOSK))
        for code in codes:
            visit(finger, code)
            resident.append(process.memory_info().rss / _MB)
    few = _WARM // 2
    grown = statistics.median(resident[-few:]) - statistics.median(resident[_WARM - few : _WARM])
    yield measured(f"Kiosk: memory grown by {_VISITORS:,} registrations", [grown], "MB", 10)
    yield measured("The same: most resident memory", [max(resident)], "MB", 220)
