"""How the operator asks to be let in: a corner of the welcome, touched five times. Pure."""

from collections import deque

TIMES = 5
WITHIN = 3.0
"""Seconds from the first touch to the last."""
_CORNER = 0.14
"""Of the shorter side of the window: where the office's name stands, and nothing to press."""


class Knock:
    """Counts the touches of the upper left corner; any other touch begins anew."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque(maxlen=TIMES)

    def heard(self, left: float, top: float, side: float, now: float) -> bool:
        """A touch so many pixels from the left and upper edges of a window, whose shorter side is
        `side`: does it complete the knock?"""
        if max(left, top) > _CORNER * side:
            self._moments.clear()
            return False
        self._moments.append(now)
        if len(self._moments) < TIMES or now - self._moments[0] > WITHIN:
            return False
        self._moments.clear()
        return True
