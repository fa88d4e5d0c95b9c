"""How often the board was started in vain: after some, it starts carefully (see `board.app`)."""

import logging
from pathlib import Path

log = logging.getLogger(__name__)

ENOUGH = 4
"""Starts that did not live for long, after which the next one is careful. The launcher gives up
one later."""


class Starts:
    """Counts in a file. A disk that cannot be written counts nothing, and the board starts as
    usual."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "starts"

    def begin(self) -> bool:
        """Count this start; says whether it is to be a careful one."""
        before = self._read()
        self._write(before + 1)
        return before >= ENOUGH

    def proved(self) -> None:
        """It is no failure: the board has lived, or was asked to end."""
        self._write(0)

    def _read(self) -> int:
        try:
            return int(self._file.read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def _write(self, count: int) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(str(count), "ascii")
        except OSError as problem:
            log.warning("starts cannot be counted: %s", problem)
