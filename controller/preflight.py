"""What must hold before the lobby is opened; each thing that does not is one sentence."""

import os
import re
import shutil
import socket
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from enum import StrEnum

from broker_config import BrokerError, generate
from models.settings import Settings

_LOCAL_DISPLAY = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?")


class LobbyError(Exception):
    """The lobby cannot be opened or kept open; the text is one sentence."""


class Part(StrEnum):
    """What the lobby consists of, in the order it is started."""

    DISPLAY = "display"
    BROKER = "broker"
    CONTROLLER = "controller"
    KIOSK = "kiosk"
    BOARD = "board"


WINDOWS = (Part.KIOSK, Part.BOARD)


def check(settings: Settings, parts: Collection[Part], environment: Mapping[str, str]) -> None:
    """Raises LobbyError for the first thing that would keep one of `parts` from starting."""
    if Part.BROKER in parts:
        try:
            generate.program(settings)
        except BrokerError as problem:
            raise LobbyError(str(problem)) from None
    if needs_virtual_display(parts, environment):
        virtual_display()
    elif set(WINDOWS) & set(parts):
        _display_answers(environment)
    _ports_are_free(settings, parts)


def needs_virtual_display(parts: Collection[Part], environment: Mapping[str, str]) -> bool:
    """Are there windows to open, and nothing to open them on?"""
    somewhere = environment.get("DISPLAY") or environment.get("SDL_VIDEODRIVER")
    return bool(set(WINDOWS) & set(parts)) and not somewhere


def virtual_display() -> str:
    """The path of Xvfb."""
    if found := shutil.which("Xvfb"):
        return found
    raise LobbyError(
        "There is no display, and no Xvfb to make a virtual one: run sudo apt-get install xvfb."
    )


def _display_answers(environment: Mapping[str, str]) -> None:
    # Only a display of this machine can be looked at so cheaply; a window finds out about others.
    if match := _LOCAL_DISPLAY.fullmatch(environment.get("DISPLAY", "")):
        path = f"/tmp/.X11-unix/X{match[1]}"  # noqa: S108 - where X has its sockets
        with socket.socket(socket.AF_UNIX) as door:
            if door.connect_ex(path) and door.connect_ex("\0" + path):
                raise LobbyError(
                    f"The display {match[0]} that DISPLAY names does not answer: "
                    "correct it, or unset it to get a virtual one."
                )


def _ports_are_free(settings: Settings, parts: Collection[Part]) -> None:
    wanted: list[tuple[str, str, int]] = []
    if Part.BROKER in parts:
        wanted.append(("broker.port", "127.0.0.1", settings.broker.port))
        if settings.broker.tls_port:
            wanted.append(("broker.tls_port", settings.broker.tls_host, settings.broker.tls_port))
    if Part.CONTROLLER in parts:
        wanted.append(("desk.port", settings.desk.host, settings.desk.port))
    with ExitStack() as held:
        # All are held until the last is checked, so that two settings cannot mean the same port.
        for name, host, port in wanted:
            held.enter_context(_listening(name, host, port))


def _listening(name: str, host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as problem:
        variable = f"LOBBY_{name.replace('.', '__').upper()}"
        raise LobbyError(
            f"Port {port} of {host} cannot be used ({_reason(problem)}): close what has it, "
            f"or choose another with the setting {name} or the variable {variable}."
        ) from None


def _reason(problem: OSError) -> str:
    # The resolver's errors have negative numbers and texts of their own.
    number = problem.errno or 0
    return os.strerror(number).lower() if number > 0 else str(problem)


def loopback_of(host: str) -> str:
    """The address under which a listener on `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - it is looked for
