"""A visitor with an appointment's code at the kiosk: from the last touch to the pass.

Every touch goes through the X server. Between the touch that submits and the pass nobody asks the
window anything, for a question would wake it. Two figures: from the moment the kiosk has understood
the touch (what the design promises), and from before the touch is made, which adds the pointer
tool's own start.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from controller.lobby import Lobby
from controller.preflight import Part
from tests.benchmarks.report import Row, UnmeasuredError, measured
from tests.benchmarks.stage import running
from tests.e2e.clerk import Clerk, at_the_desk
from tests.e2e.windows import Window

_VISITS = 100
_PATIENCE = 5


class Finger(Window):
    """A window that notes when it was last touched."""

    touched = 0.0

    def _x(self, *command: str) -> None:
        self.touched = time.monotonic()
        super()._x(*command)

    def until_shown(self, screen: str) -> float:
        """The moment since the last touch at which a screen was first seen."""
        deadline = time.monotonic() + _PATIENCE
        while (mark := self.marks().get(f"shown:{screen}", 0.0)) < self.touched:
            if time.monotonic() > deadline:
                raise UnmeasuredError(f"the kiosk never showed {screen}: {self.text()!r}.")
            time.sleep(0.02)
        return mark


def submit() -> Iterator[Row]:
    with running(Part.BROKER, Part.CONTROLLER, Part.KIOSK) as opened:
        with at_the_desk(opened) as clerk:
            codes = expect_guests(clerk, 1 + _VISITS)
        finger = at_the_welcome(opened)
        times = [visit(finger, code) for code in codes]
    understood, touched = zip(*times[1:], strict=True)
    yield measured("Kiosk: submit → decision on its screen", understood, "ms", 150)
    yield measured("Kiosk: finger lifted from submit → decision on its screen", touched, "ms")


def expect_guests(clerk: Clerk, count: int) -> list[str]:
    """Appointments of today that need no confirmation, and their codes."""
    starts = datetime.now(UTC).isoformat()
    guests = [clerk.expect_guest(name=f"陳先生{n}", starts=starts, host=1) for n in range(count)]
    return [guest["code"] for guest in guests]


def at_the_welcome(opened: Lobby) -> Finger:
    finger = Finger(opened, Part.KIOSK)
    finger.wait_for("welcome_appointment")
    finger.wait(lambda widgets: not widgets.get("offline", {}).get("text"), "a connection")
    return finger


def visit(finger: Finger, code: str) -> tuple[float, float]:
    """From welcome to welcome. Milliseconds to the pass: since the submit, since the touch."""
    finger.tap("welcome_appointment")
    finger.until_shown("code")
    for digit in code:
        finger.tap(f"digit_{digit}")
    finger.tap("next")
    finger.until_shown("appointment")
    finger.wait_for("confirm_yes")
    time.sleep(random.uniform(0.05, 0.15))
    finger.tap("confirm_yes")
    time.sleep(0.2)
    decided = finger.until_shown("pass")
    since = finger.marks()["submit"], finger.touched
    finger.tap("done")
    finger.until_shown("welcome")
    understood, touched = ((decided - start) * 1000 for start in since)
    return understood, touched
