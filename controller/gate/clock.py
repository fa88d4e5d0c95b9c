"""The gate's clock, which anybody can have set back while the power was off.

A pass is judged by the later of what the clock shows and what is known to have been: the moment of
the last scan in the journal, the moment at which the revocation list was signed, and the time that
has passed since on the monotonic clock. The controller's canary puts both right.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from models.passes import SKEW


class Reading(NamedTuple):
    """`at` is what the gate goes by, `shown` what the machine's clock shows; seconds since 1970."""

    at: float
    shown: float

    @property
    def is_behind(self) -> bool:
        """Was the clock set back, by more than clocks differ anyway?"""
        return self.at - self.shown > SKEW

    @property
    def is_ahead(self) -> bool:
        return self.shown - self.at > SKEW


class Clock:
    """`floor` is the latest moment that is known to have been when the process starts."""

    def __init__(
        self,
        floor: float = 0.0,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._steady = wall, steady
        self._ahead = 0.0
        self._set(max(floor, wall()))

    def read(self) -> Reading:
        shown = self._wall()
        # The monotonic clock stands still while a machine sleeps, so the wall may run ahead of it.
        return Reading(max(shown - self._ahead, self._base + self._steady()), shown)

    def at_least(self, moment: float) -> None:
        """Somebody whose signature we believe has said that it is this late already."""
        if moment > self.read().at:
            self._set(moment)

    def learn(self, moment: float) -> bool:
        """The controller says what time it is. True where that put back what we went by."""
        shown, before = self._wall(), self.read().at
        self._ahead = shown - moment if shown - moment > SKEW else 0.0
        self._set(shown if abs(shown - moment) <= SKEW else moment)
        return before - self.read().at > SKEW

    def _set(self, moment: float) -> None:
        self._base = moment - self._steady()
