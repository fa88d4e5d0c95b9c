"""Which regions of the desk's page are out of date: from any thread to every open page.

What is told are only words such as `visits`; the page then asks for the regions anew. So a listener
that is slow loses nothing: the same word twice is once, and the words are few. What becomes out of
date together is told together, for a page asks once for all that it is told at once.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from typing import Literal, get_args

What = Literal[
    "visits",
    "passes",
    "goods",
    "board",
    "screens",
    "devices",
    "help",
    "printing",
    "queue",
    "permits",
    "roll",
    "people",
    "log",
    "tea",
    "integrations",
]
TOPICS: tuple[What, ...] = get_args(What)

_GATHER = 0.03
"""Seconds in which more may come: whoever registers has the host told a moment later."""


class _Listener:
    """The words that one page has not been told yet, kept on its event loop's side."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.woken = asyncio.Event()
        self.waiting: dict[What, None] = dict.fromkeys(TOPICS)
        self.woken.set()


class Changes:
    """`publish` from any thread; `listen` on an event loop; `close` ends every listener."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: set[_Listener] = set()
        self._told: Counter[What] = Counter()
        self._closed = False

    def publish(self, *what: What) -> None:
        """Tell every listener that `what` has changed. Never blocks; harmless after `close`."""
        with self._lock:
            self._told.update(what)
            for listener in self._listeners:
                listener.waiting |= dict.fromkeys(what)
                _wake(listener)

    def count(self, topics: Iterable[What]) -> int:
        """How often one of `topics` has changed. As long as that stays, so does what shows them."""
        with self._lock:
            return sum(self._told[topic] for topic in topics)

    async def listen(self) -> AsyncIterator[tuple[What, ...]]:
        """What has changed, as it happens; ends with `close`.

        Begins with every word, because whoever starts to listen knows nothing yet: a change
        between loading the page and listening cannot be missed.
        """
        listener = _Listener()
        with self._lock:
            self._listeners.add(listener)
        try:
            while True:
                await listener.woken.wait()
                await asyncio.sleep(_GATHER)
                with self._lock:
                    listener.woken.clear()
                    words, listener.waiting = listener.waiting, {}
                    closed = self._closed
                if words:
                    yield tuple(words)
                if closed:
                    return
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def close(self) -> None:
        """End every listener, present and future, so that the web server can stop. Idempotent."""
        with self._lock:
            self._closed = True
            for listener in self._listeners:
                _wake(listener)


def _wake(listener: _Listener) -> None:
    # A loop that has been closed has no page left to tell.
    with suppress(RuntimeError):
        listener.loop.call_soon_threadsafe(listener.woken.set)
