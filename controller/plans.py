"""How each part of the lobby is started, and how it is known to do its work."""

import http.client
import json
import socket
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from broker_config import generate
from controller.child import Child, Plan
from controller.preflight import WINDOWS, Part, loopback_of, virtual_display
from models.settings import Settings

_ROOT = Path(__file__).parent.parent
_SCREEN = "3000x1920x24"
_ON_VIRTUAL = {Part.KIOSK: "1080x1920+0+0!", Part.BOARD: "1920x1080+1080+0!"}
_IN_FRAME = {Part.KIOSK: "506x900+40+40", Part.BOARD: "1280x720+590+40"}
_POLL = 0.02


def plan(part: Part, settings: Settings, environment: Mapping[str, str]) -> Plan:
    """How `part` is started."""
    log = settings.data / "logs" / f"{part}.log"
    match part:
        case Part.DISPLAY:
            command = [virtual_display(), "-displayfd", "1", "-nolisten", "tcp", "-noreset"]
            command += ["-screen", "0", _SCREEN]
            return Plan(command, _ROOT, environment, log, signal=r"\d+")
        case Part.BROKER:
            command, folder = generate.command(settings), generate.folder(settings)
            return Plan(command, folder, environment, log, account=generate.account())
        case Part.CONTROLLER | Part.KIOSK | Part.BOARD:
            command = [sys.executable, "-m", part]
            return Plan(command, _ROOT, environment, log, signal="first frame")


def is_ready(part: Part, settings: Settings, child: Child, deadline: float) -> bool:
    """Wait until `part` does its work; False when it ends, or at `deadline`, before it does."""
    match part:
        case Part.BROKER:
            return _poll(lambda: _broker_listens(settings), child, deadline)
        case Part.CONTROLLER:
            return _poll(lambda: _desk_answers(settings), child, deadline)
        case Part.DISPLAY | Part.KIOSK | Part.BOARD:
            return child.wait_for_signal(deadline - time.monotonic()) is not None


def placed(settings: Settings, *, virtual: bool) -> Settings:
    """The settings as the parts get them: the data folder absolute, and each window placed.

    It goes where the settings say; else side by side, in frames on somebody's desktop, and in full
    size on a virtual display, which has no window manager to make anything full screen.
    """
    update: dict[str, object] = {"data": settings.data.resolve()}
    for part in WINDOWS:
        own = settings.kiosk if part is Part.KIOSK else settings.board
        said = "window" in own.model_fields_set and not (virtual and own.window == "fullscreen")
        if not said:
            place = (_ON_VIRTUAL if virtual else _IN_FRAME)[part]
            update[part] = own.model_copy(update={"window": place})
    return settings.model_copy(update=update)


def as_toml(settings: Settings) -> str:
    """The settings as a file that `models.settings.load` reads back to the same values."""

    def value(said: object) -> str:
        if isinstance(said, dict):
            return "{" + ", ".join(f"{k} = {value(v)}" for k, v in said.items()) + "}"
        # A JSON string, number, boolean or list reads the same in TOML.
        return json.dumps(said, ensure_ascii=False)

    def lines(values: Mapping[str, object]) -> str:
        return "".join(f"{k} = {value(v)}\n" for k, v in values.items())

    everything = settings.model_dump(mode="json", exclude_none=True)
    tables = {name: value for name, value in everything.items() if isinstance(value, dict)}
    plain = {name: value for name, value in everything.items() if name not in tables}
    return lines(plain) + "".join(f"\n[{k}]\n{lines(v)}" for k, v in tables.items())


def _broker_listens(settings: Settings) -> bool:
    with socket.create_connection(("127.0.0.1", settings.broker.port), timeout=1):
        return True


def _desk_answers(settings: Settings) -> bool:
    host, port = loopback_of(settings.desk.host), settings.desk.port
    connection = http.client.HTTPConnection(host, port, timeout=1)
    if settings.desk.certificate:
        # Only whether it answers: the certificate is for the name that people call it by.
        anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=1, context=anybody)
    with closing(connection):
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK


def _poll(answers: Callable[[], bool], child: Child, deadline: float) -> bool:
    while time.monotonic() < deadline:
        try:
            if answers():
                return True
        except (OSError, http.client.HTTPException):
            pass
        if child.wait_for_end(_POLL):
            return False
    return False
