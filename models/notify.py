"""Tells systemd that a process is ready, alive or about to end (sd_notify(3)).

Ten lines of datagram instead of a dependency. Without `NOTIFY_SOCKET` nothing happens.
"""

import logging
import os
import socket
from collections.abc import Mapping
from contextlib import suppress

log = logging.getLogger(__name__)


class Watchdog:
    """One process's line to its service manager. `alive` is to be called by whatever proves life;
    it sends at most three times in the period that systemd allows (`WATCHDOG_USEC`)."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        period = environment.get("WATCHDOG_USEC", "")
        for_us = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._period = int(period) / 1e6 if period.isdigit() and for_us else 0.0
        self._sent = float("-inf")
        self._ready = False

    def ready(self) -> None:
        self._ready = True
        self._send("READY=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def is_due(self, now: float) -> bool:
        """Should life be proved now? `now` is in seconds on a steady clock."""
        return self._ready and bool(self._period) and now - self._sent >= self._period / 3

    def alive(self, now: float) -> None:
        """Life is proved."""
        if self.is_due(now):
            self._sent = now
            self._send("WATCHDOG=1", patience=0)

    def _send(self, state: str, patience: float = 0.5) -> None:
        if not self._address:
            return
        # "@" stands for the zero byte with which an abstract address begins.
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            # A manager that does not read has a full queue: whoever waits for it stands still.
            sender.settimeout(patience)
            sender.sendto(state.encode(), name)
