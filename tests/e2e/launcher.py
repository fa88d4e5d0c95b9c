"""The launcher as an operator meets it: a command, its lines, and the processes it has."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from controller.plans import as_toml
from models.settings import Settings
from tests.parts import PATIENCE, ROOT

COMMAND = (sys.executable, "-m", "controller.lobby")


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The environment of a bare terminal without a display, and `settings` as a file in it."""
    file = settings.data / "lobby.toml"
    file.write_text(as_toml(settings), "utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"LOBBY_SETTINGS": str(file)} | more


class Launcher:
    """A running launcher."""

    def __init__(self, command: tuple[str, ...], env: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A group of its own, as a terminal gives to each command.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until_line(self, part: str, start: int = 0) -> str:
        """The first line, not before number `start`, with `part` in it."""

        def found() -> str | None:
            return next((line for line in self.lines[start:] if part in line), None)

        with self._news:
            self._news.wait_for(lambda: found() or not self._reader.is_alive(), PATIENCE)
            line = found()
        assert line, f"waited in vain for {part!r} in {self.lines}"
        return line

    def press_ctrl_c(self) -> None:
        """The terminal signals everything in its foreground."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self) -> int:
        """The exit code, once it has ended and all its output is in `lines`."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip())
                self._news.notify_all()
        with self._news:
            self._news.notify_all()


@contextmanager
def launched(env: Mapping[str, str], command: tuple[str, ...] = COMMAND) -> Iterator[Launcher]:
    """A launcher that is ended, for sure, with the block."""
    launcher = Launcher(command, env)
    try:
        yield launcher
    finally:
        launcher.process.terminate()
        launcher.wait()


def processes(settings: Settings) -> dict[int, str]:
    """The processes of a lobby's parts: pid and command, found by what the launcher told them."""
    mark = f"LOBBY_SETTINGS={(settings.data / 'in-use.toml').resolve()}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if command:
                    found[int(folder.name)] = command
        except OSError:
            continue
    return found


def pid_of(settings: Settings, words: str) -> int:
    """The process whose command has `words` in it."""
    found = [pid for pid, command in processes(settings).items() if words in command]
    assert len(found) == 1, f"{words!r} is not in exactly one of {processes(settings)}"
    return found[0]
