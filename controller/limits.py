"""How often something may be tried."""

import threading
from collections import defaultdict, deque
from collections.abc import Hashable


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
            self._tries[key].append(now)
