"""One child process: started, heard, and ended for sure.

A child never outlives its launcher. The kernel kills it when the launcher dies, even by `kill -9`,
and whatever a child itself has started goes with it. The kernel watches the launcher's *thread*
that started the child, so children are to be started by a thread that lives as long as they do.
"""

import logging
import os
import pwd
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

_SETPRIV = "/usr/bin/setpriv"
"""Of util-linux, which every Debian has."""
_LOG_BYTES = 2_000_000
_LAST_LINES = 20
_PATIENCE = 5.0
"""Seconds between the request to end and the end."""


@dataclass(frozen=True)
class Plan:
    """How a child is started.

    Its two outputs go to `log`, which stays below 4 MB together with its predecessor. `signal` is
    the pattern of the line by which it says that it is ready, where it says so. `account` is who
    it runs as, where that is not the launcher's own account.
    """

    command: list[str]
    folder: Path
    environment: Mapping[str, str]
    log: Path
    signal: str | None = None
    account: str | None = None


class Child:
    """A running child. `ended` is called, on another thread, when it ends unasked."""

    def __init__(self, plan: Plan, ended: Callable[[], None]) -> None:
        self.plan = plan
        self.lines: deque[str] = deque(maxlen=_LAST_LINES)
        self.signalled: str | None = None
        self._ended = ended
        self._asked_to_end = False
        self._news = threading.Condition()
        self._process = subprocess.Popen(  # noqa: S603 - the commands are the lobby's own
            # The death signal survives exec, but not a change of account: so it comes last.
            [_SETPRIV, "--pdeathsig", "KILL", "--", *plan.command],
            cwd=plan.folder,
            env=dict(plan.environment),
            user=plan.account,
            group=plan.account and _group_of(plan.account),
            extra_groups=[] if plan.account else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal is for the launcher, which ends everything in order.
            start_new_session=True,
        )
        self._hearing = threading.Thread(
            target=self._hear, args=(self._process.stdout,), daemon=True
        )
        self._hearing.start()
        threading.Thread(target=self._outlive, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    @property
    def code(self) -> int | None:
        """The exit code, negative for a signal; None while alive."""
        return self._process.returncode

    def wait_for_signal(self, seconds: float) -> str | None:
        """The line that says it is ready; None when the child or the time is over before."""
        with self._news:
            self._news.wait_for(lambda: self.signalled is not None or not self.alive, seconds)
            return self.signalled

    def wait_for_end(self, seconds: float | None = None) -> bool:
        """Wait for the end; says whether it has come."""
        with self._news:
            return self._news.wait_for(lambda: not self.alive, seconds)

    def stop(self) -> None:
        """Ask the child to end, and see to it that it does."""
        self._send(signal.SIGTERM)
        if not self.wait_for_end(_PATIENCE):
            self.kill()

    def kill(self) -> None:
        """End the child at once, as a crash would."""
        self._send(signal.SIGKILL)
        self.wait_for_end()

    def _send(self, number: signal.Signals) -> None:
        with self._news:
            self._asked_to_end = True
            if self.alive:
                os.kill(self.pid, number)

    def _hear(self, output: IO[bytes]) -> None:
        log = RotatingFileHandler(self.plan.log, maxBytes=_LOG_BYTES, backupCount=1, delay=True)
        for raw in output:
            line = raw.decode("utf-8", "replace").rstrip()
            log.emit(logging.makeLogRecord({"msg": line}))
            with self._news:
                self.lines.append(line)
                if self.plan.signal and re.fullmatch(self.plan.signal, line):
                    self.signalled = line
                    self._news.notify_all()
        log.close()

    def _outlive(self) -> None:
        # Until it is reaped, its pid cannot become anybody else's: so its group goes first.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._hearing.join(timeout=1)
        with self._news:
            self._process.wait()
            self._news.notify_all()
        if not self._asked_to_end:
            self._ended()


def _group_of(account: str) -> int:
    return pwd.getpwnam(account).pw_gid
