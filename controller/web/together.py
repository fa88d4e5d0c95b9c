"""One rendering for all who ask for the same."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

_GOOD = 1.0
"""Seconds for which a text is good: what only the time changes, such as a delay, is no older."""


@dataclass
class _Asked:
    begun: float
    version: int = -1
    text: str = ""
    making: threading.Lock = field(default_factory=threading.Lock)


class Together:
    """A word reaches every open desk at once, and most then ask for the same regions.

    A version of what is shown is taken before it is read, so nobody is given what was read before a
    change that they were told of.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[Hashable, _Asked] = {}

    def made(self, what: Hashable, version: int, now: float, make: Callable[[], str]) -> str:
        """What `make` makes of `what` in this `version` or a later one, here or just now for
        somebody else. Versions only grow; `now` is the monotonic clock's."""
        with self._lock:
            kept = {key: one for key, one in self._asked.items() if now - one.begun < _GOOD}
            asked = kept.setdefault(what, _Asked(now))
            self._asked = kept
        with asked.making:
            if asked.version < version:
                asked.text = make()
                asked.version = version
            return asked.text
