"""How the board does, and what it shows, for the desk."""

import logging
import os
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from board import picture
from models.glass import Glass
from models.link import Link
from models.messages import Health, Picture

log = logging.getLogger(__name__)

_BETWEEN = 2.0
"""Seconds between two pictures, whoever asks."""


class Reporter:
    """Answers the desk. Call on the UI thread; a picture is packed on a thread of its own."""

    def __init__(self, board: str, glass: Glass, link: Link) -> None:
        self._board, self._glass, self._link = board, glass, link
        self._started = time.monotonic()
        self._pictured = float("-inf")

    def answer(self, what: Literal["picture", "health"], pages: int, rotation: int) -> None:
        if what == "health":
            self.report(pages)
        elif time.monotonic() - self._pictured >= _BETWEEN:
            self._pictured = time.monotonic()
            pixels = picture.grab()
            threading.Thread(target=self._send, args=(pixels, rotation), daemon=True).start()

    def report(self, pages: int) -> None:
        """Say how this board does."""
        health = Health(
            board=self._board,
            version=version("lobby"),
            frame_ms=round(self._glass.frame_ms, 1),
            memory_mb=round(resident() / 1e6, 1),
            uptime=round(time.monotonic() - self._started, 1),
            pages=pages,
        )
        self._link.publish(health)

    def _send(self, pixels: picture.Pixels, rotation: int) -> None:
        try:
            self._link.publish(Picture(board=self._board, jpeg=picture.pack(pixels, rotation)))
        except Exception:
            log.exception("the picture could not be sent")


def resident() -> int:
    """Bytes of memory that this process holds; 0 where nobody says."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
