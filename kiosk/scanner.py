"""Tells a barcode scanner, which types like a keyboard, from a person. Pure: time is an argument.

A scanner types a burst and ends it with Enter. The window hears characters once a frame, so the
gap between two of one burst may be as long as a frame or two; a person's whole line is slower.
"""

PREFIXES = ("VP1:", "VI1:", "VG1:")
"""How our passes, invitations and goods slips begin."""
GAP = 0.25
"""Seconds of silence that end a burst."""
_GAP_IN_PASS = 1.0
"""The same once it has begun as one of ours does: a busy machine may hear its rest later."""
_SHORTEST = 10
"""Characters of a foreign code, or of its first line: BEGIN:VCARD. A person types fewer at once."""
_PACE = 0.03
"""Seconds a character, on average; a fast typist needs twice as long."""
_LONGEST = 400
"""Characters kept of one burst; no pass is longer, and a stuck key types for ever."""


class Scanner:
    """Collects characters. `field` is what the field held before the current burst began."""

    def __init__(self) -> None:
        self._burst = ""
        self._first = 0.0
        self._last = 0.0
        self._scanned = -GAP
        self.field = ""

    def feed(self, text: str, field: str, now: float) -> None:
        """Characters arrived while `field` stood in the field."""
        if not self._burst or now - self._last > self._gap():
            self._burst, self._first, self.field = "", now, field
        self._burst = (self._burst + text)[:_LONGEST]
        self._last = now

    def enter(self, now: float) -> str | None:
        """Enter was pressed: the text of a scan, or of its next line; an empty string if a person
        pressed it; None for one that belongs to a scan and says nothing more."""
        if not self._burst and now - self._scanned <= GAP:
            self._scanned = now
            return None
        return self._finish(now) if now - self._last <= self._gap() else self._drop()

    def silence(self, now: float) -> str:
        """No key has come. A scanner that sends no Enter is understood by its prefix; what a person
        has typed is kept no longer."""
        if now - self._last <= self._gap():
            return ""
        if self._burst.startswith(PREFIXES):
            return self._finish(now)
        self.field = ""
        return self._drop()

    def _gap(self) -> float:
        return _GAP_IN_PASS if self._burst.startswith(PREFIXES) else GAP

    def _finish(self, now: float) -> str:
        text = self._burst
        seconds = self._last - self._first
        # The lines of a longer text follow one another, however short they are.
        shortest = 1 if self._first - self._scanned <= GAP else _SHORTEST
        self._drop()
        fast = len(text) >= shortest and seconds / len(text) <= _PACE
        if not (text.startswith(PREFIXES) or fast):
            return ""
        self._scanned = now
        return text

    def _drop(self) -> str:
        self._burst = ""
        return ""
