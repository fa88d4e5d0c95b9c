"""How often something may be tried."""

import threading
from collections import defaultdict, deque
from collections.abc import Hashable

_MANY = 1_000
"""Keys, from which on those whose time is over are looked for."""


class RateLimit:
    """At most `count` tries in any `seconds`, for each key. Safe from any thread."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        self._tries: defaultdict[Hashable, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def allows(self, key: Hashable, now: float) -> bool:
        """May this key try again? `now` is in seconds on any steady clock."""
        with self._lock:
            tries = self._tries[key]
            while tries and tries[0] <= now - self._seconds:
                tries.popleft()
            if not tries:
                del self._tries[key]
            return len(tries) < self._count

    def note(self, key: Hashable, now: float) -> None:
        """Count a try that failed."""
        with self._lock:
            if len(self._tries) >= _MANY:
                self._forget(now - self._seconds)
            self._tries[key].append(now)

    def _forget(self, before: float) -> None:
        """Keys are the attacker's to invent, and nobody may ask for one again."""
        for key in [key for key, tries in self._tries.items() if tries[-1] <= before]:
            del self._tries[key]
