"""Opens the whole lobby and closes it again: `python -m controller.lobby`, or `make run`.

In order: a virtual display where there is no real one, the broker, the controller, and the
windows of the kiosk and the board at once. Closed in reverse, leaving no process behind.

Tests, tour and bench open it, or parts of it, too:

    setup.prepare(settings)
    with lobby.opened(settings) as running:
        running.kill(Part.CONTROLLER)
        running.start(Part.CONTROLLER)
        running.wait_until_ready(Part.CONTROLLER)

What crashes there stays down; only `Lobby.supervise` starts it again.
"""

import os
import queue
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

from broker_config import BrokerError, generate
from controller import plans, preflight, setup, users
from controller.child import Child
from controller.preflight import WINDOWS, LobbyError, Part, loopback_of
from models import store
from models.files import private_folder, replacing
from models.settings import Settings, SettingsError, load

EVERYTHING = (Part.BROKER, Part.CONTROLLER, *WINDOWS)
"""A virtual display comes by itself where the windows need one."""

_READY_WITHIN = 30.0
_LOOK = 0.5
"""Seconds between looks at the broker's files, and at whether the lobby is to be closed."""
_ENDS_ALLOWED, _WITHIN = 5, 60.0
"""The lobby gives up when a part has ended so often within so many seconds."""


class AskedToClose(Exception):
    """Somebody wants the lobby closed."""


class CloseRequests:
    """Notes Ctrl-C, SIGTERM and a terminal's end, for those who look between their steps.

    An exception out of a signal's handler would come up anywhere: in the middle of a library's
    work, too, which makes another one of it or swallows it.
    """

    def __init__(self) -> None:
        self.noted = False

    def listen(self) -> None:
        """Note them from now on."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # `nohup` has asked for hang-ups to be ignored; a shell's `&` does so for Ctrl-C.
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def obey(self) -> None:
        """Raises AskedToClose if there was one."""
        if self.noted:
            raise AskedToClose

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.noted = True


class Lobby:
    """The running parts. One thread uses it, and that thread must outlive them (see `child`)."""

    def __init__(
        self,
        settings: Settings,
        parts: Sequence[Part],
        env: Mapping[str, str],
        requests: CloseRequests,
        *,
        probes: bool,
    ) -> None:
        outer = {k: v for k, v in os.environ.items() if not k.startswith("LOBBY_")} | dict(env)
        virtual = preflight.needs_virtual_display(parts, outer)
        self._parts = (Part.DISPLAY, *parts) if virtual else tuple(parts)
        self.settings = plans.placed(settings, virtual=virtual)
        """As the parts get them."""
        self._requests = requests
        self._probes = probes
        self._settings_file = self.settings.data / "in-use.toml"
        self._environment = outer | {
            "LOBBY_SETTINGS": str(self._settings_file),
            "PYTHONUNBUFFERED": "1",
        }
        self._children: dict[Part, Child] = {}
        self._ended: queue.SimpleQueue[Part] = queue.SimpleQueue()
        self._generation = ""

    def open(self) -> None:
        """Start all parts, each once those before it are ready. Raises LobbyError, AskedToClose."""
        private_folder(self.settings.data / "logs")
        private_folder(self.settings.data / "probes")
        with replacing(self._settings_file) as scratch:
            scratch.write_text(plans.as_toml(self.settings), "utf-8")
        for at_once in ((Part.DISPLAY, Part.BROKER), (Part.CONTROLLER,), WINDOWS):
            self._requests.obey()
            wanted = [part for part in at_once if part in self._parts]
            self.start(*wanted)
            self.wait_until_ready(*wanted)

    def close(self) -> None:
        """Stop all parts in reverse order."""
        for part in reversed(Part):
            self.stop(part)

    def start(self, *parts: Part) -> None:
        """Start parts that are not running, without waiting for them."""
        for part in parts:
            if self.alive(part):
                continue
            environment = dict(self._environment)
            if self._probes and part in WINDOWS:
                environment["LOBBY_PROBE"] = str(self.probe(part))
            plan = plans.plan(part, self.settings, environment)
            if part is Part.BROKER:
                self._generation = generate.generation(self.settings)
            try:
                self._children[part] = Child(plan, partial(self._ended.put, part))
            except OSError as problem:
                raise LobbyError(f"The {part} cannot be started: {problem}.") from None

    def stop(self, part: Part) -> None:
        """End a part as on closing. Harmless when it is not running."""
        if child := self._children.pop(part, None):
            child.stop()

    def kill(self, part: Part) -> None:
        """End a part as a crash or a power cut would (`kill -9`)."""
        self._children.pop(part).kill()

    def pid(self, part: Part) -> int:
        return self._children[part].pid

    def alive(self, part: Part) -> bool:
        return part in self._children and self._children[part].alive

    def probe(self, part: Part) -> Path:
        """The socket of a window's probe (see models.glass), where the lobby has `probes`."""
        return self.settings.data / "probes" / part

    @property
    def display(self) -> str | None:
        """The display that the windows are on; None when they are on none, or not open."""
        return self._environment.get("DISPLAY") or None

    @property
    def desk(self) -> str:
        """The address of the desk's page."""
        host = self.settings.desk.host
        shown = host if loopback_of(host) == host else socket.gethostname()
        return f"{self.settings.desk.scheme}://{shown}:{self.settings.desk.port}/"

    def wait_until_ready(self, *parts: Part) -> None:
        """Wait until each part does its work. Raises LobbyError when one ends or takes too long,
        and AskedToClose."""
        deadline = time.monotonic() + _READY_WITHIN
        for part in parts:
            child = self._children[part]
            while not self._is_ready(part, child, deadline):
                self._requests.obey()
                if child.alive and time.monotonic() < deadline:
                    continue
                said = child.lines[-1] if child.lines else "it said nothing"
                how = "took too long to start" if child.alive else "ended while starting"
                raise LobbyError(f"The {part} {how}: {said} (see {child.plan.log}).")
            if part is Part.DISPLAY:
                self._environment["DISPLAY"] = f":{child.signalled}"

    def _is_ready(self, part: Part, child: Child, deadline: float) -> bool:
        soon = min(deadline, time.monotonic() + _LOOK)
        return plans.is_ready(part, self.settings, child, soon)

    def renew_broker(self) -> bool:
        """Start the broker again if its files have changed since its start; says whether it was."""
        if generate.generation(self.settings) == self._generation or not self.alive(Part.BROKER):
            return False
        self.stop(Part.BROKER)
        self.start(Part.BROKER)
        return True

    def supervise(self) -> None:
        """Start again what ends by itself; returns never. Raises LobbyError when it is hopeless,
        and AskedToClose."""
        ends: dict[Part, deque[float]] = {part: deque(maxlen=_ENDS_ALLOWED) for part in Part}
        due: dict[Part, float] = {}
        while True:
            self._requests.obey()
            now = time.monotonic()
            for part in [part for part, moment in due.items() if moment <= now]:
                del due[part]
                self.start(part)
                announcement = (part, self._children[part])
                threading.Thread(target=self._announce, args=announcement, daemon=True).start()
            try:
                part = self._ended.get(timeout=max(0, min([*due.values(), now + _LOOK]) - now))
            except queue.Empty:
                if self.renew_broker():
                    _say("The broker's devices have changed; it was started again.")
                continue
            ends[part].append(time.monotonic())
            due[part] = ends[part][-1] + self._wait_before_restart(part, ends[part])

    def _wait_before_restart(self, part: Part, ends: deque[float]) -> float:
        child = self._children[part]
        if part is Part.DISPLAY:
            raise LobbyError(f"The virtual display ended (see {child.plan.log}).")
        recent = [moment for moment in ends if ends[-1] - moment < _WITHIN]
        if len(recent) == _ENDS_ALLOWED:
            raise LobbyError(
                f"The {part} ended {_ENDS_ALLOWED} times within a minute (see {child.plan.log})."
            )
        seconds = 2.0 ** (len(recent) - 3)
        _say(f"The {part} ended with code {child.code}; it starts again in {seconds:g} s.")
        return seconds

    def _announce(self, part: Part, child: Child) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        if plans.is_ready(part, self.settings, child, deadline):
            _say(f"The {part} is back.")


@contextmanager
def opened(
    settings: Settings,
    parts: Sequence[Part] = EVERYTHING,
    *,
    env: Mapping[str, str] | None = None,
    probes: bool = False,
    requests: CloseRequests | None = None,
) -> Iterator[Lobby]:
    """The lobby, or some parts of it, ready; closed when the block ends.

    `settings` must have been prepared (see `setup`). `env` is added to the environment of every
    part. With `probes`, each window answers at `Lobby.probe`. Raises LobbyError; where somebody
    listens for `requests` to close, AskedToClose.
    """
    preflight.check(settings, parts, os.environ | dict(env or {}))
    lobby = Lobby(settings, parts, env or {}, requests or CloseRequests(), probes=probes)
    try:
        lobby.open()
        yield lobby
    finally:
        lobby.close()


def main() -> int:
    """Open the lobby and keep it open until Ctrl-C. Returns the exit code: 0 when it was asked to
    close, 2 for settings that cannot be used, 1 for everything else, after a sentence on stderr."""
    began = time.monotonic()
    requests = CloseRequests()
    requests.listen()
    try:
        settings = load()
        preflight.check(settings, EVERYTHING, os.environ)
        for made in setup.prepare(settings):
            _say(made)
            requests.obey()
        with opened(settings, requests=requests) as lobby:
            _welcome(lobby, time.monotonic() - began)
            lobby.supervise()
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except (AskedToClose, LobbyError, BrokerError, setup.SetupError, OSError) as problem:
        # A terminal's Ctrl-C ends what set-up has called, too: that is no fault.
        if not requests.noted:
            sys.stderr.write(f"{setup.explain(problem)}\n")
            return 1
    _say("The lobby is closed.")
    return 0


def _welcome(lobby: Lobby, seconds: float) -> None:
    settings = lobby.settings
    _say(f"The lobby of {settings.name} is open. First frames of both windows: {seconds:.1f} s.")
    _say(f"  Desk     {lobby.desk}")
    if kept := users.first_password(settings):
        _say(f"  Sign in  {kept[0]}, password {kept[1]}")
        _say("           The page then asks for a password of your own, and this one is over.")
    store.close_database()
    _say(f"  Windows  kiosk {settings.kiosk.id} and board {settings.board.id} on {_where(lobby)}")
    _say(f"  Logs     {settings.data / 'logs'}")
    _say("Ctrl-C closes it.")


def _where(lobby: Lobby) -> str:
    if os.environ.get("DISPLAY"):
        return f"the display {lobby.display}"
    if lobby.display:
        return f"a virtual display (Xvfb {lobby.display}), for there is no real one"
    return f"SDL's {os.environ['SDL_VIDEODRIVER']} driver"


def _say(line: str) -> None:
    # Without its terminal, the lobby still has to be closed in order.
    with suppress(OSError):
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
