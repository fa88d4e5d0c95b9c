"""`python -m controller`: decides, publishes, and serves the desk's page.

`python -m controller gate` is a gate and its page; `… gate --enrol root.pub` enrols it first.
"""

import argparse
import logging
import signal
import socket
import sys
from importlib.metadata import version
from pathlib import Path

from controller import compose
from controller.gate import enrolment
from controller.web.server import Server
from models import settings as settings_module
from models.settings import Settings, SettingsError


def main(arguments: list[str]) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        settings = settings_module.load()
        if asked.what is None:
            _desk(settings)
        elif asked.enrol is None:
            _gate(settings)
        else:
            for made in enrolment.enrol(settings, asked.enrol):
                print(made)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m controller", description=__doc__)
    gate = parser.add_subparsers(dest="what").add_parser("gate", help="be a gate")
    root = "pin the office's root key first, draw a PIN, and end"
    gate.add_argument("--enrol", metavar="root.pub", type=Path, help=root)
    return parser


def _desk(settings: Settings) -> None:
    listener = _listener("desk", settings.desk.host, settings.desk.port)
    with compose.opened(settings, version("lobby")) as app:
        _patient()
        Server(app).run(sockets=[listener])


def _gate(settings: Settings) -> None:
    # Its scanners and pictures are no business of the desk's process.
    from controller.gate import compose as gate_compose
    from controller.web.gate import create_app

    own = settings.gate
    if own.certificate and not own.certificate_key:
        raise SettingsError("gate.certificate needs gate.certificate_key beside it.")
    listener = _listener("gate", own.host, own.port)
    with gate_compose.opened(settings, version("lobby")) as station:
        _patient()
        try:
            server = Server(create_app(station), own.certificate, own.certificate_key)
            server.run(sockets=[listener])
        except OSError as error:
            raise SettingsError(f"The gate's certificate cannot be used: {error}.") from None


def _patient() -> None:
    # uvicorn raises the signal that stopped it once more; the rest is to be stopped first.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def _listener(whose: str, host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise SettingsError(
            f"The {whose}'s page cannot listen on {host}:{port} ({error.strerror}): "
            f"change {whose}.host or {whose}.port."
        ) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
