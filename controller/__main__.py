"""`python -m controller`: decides, publishes, and serves the desk's page.

`python -m controller gate` is a gate and its page; `… gate --enrol root.pub` enrols it first.
`python -m controller verify-log` proves that nobody has changed the duty log.
`python -m controller backup FILE` backs everything up while it runs; `… restore FILE` puts it back.
"""

import argparse
import logging
import signal
import socket
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI

from controller import backup, compose, verify_log
from controller.gate import enrolment
from controller.web.server import Server
from models import settings as settings_module
from models.settings import Desk, Gate, Settings, SettingsError


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
        elif asked.what == "verify-log":
            return verify_log.main(settings, asked.hash, datetime.now(UTC))
        elif asked.what in ("backup", "restore"):
            return backup.main(settings, asked.what, asked.file)
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
    parts = parser.add_subparsers(dest="what")
    proof = parts.add_parser("verify-log", help="prove the duty log, name what is broken")
    proof.add_argument("hash", nargs="?", default="", help="noted down earlier: is it still there?")
    for what, help_ in (("backup", "back up into a new file"), ("restore", "put a backup back")):
        parts.add_parser(what, help=help_).add_argument("file", metavar="FILE", type=Path)
    gate = parts.add_parser("gate", help="be a gate")
    root = "pin the office's root key first, draw a PIN, and end"
    gate.add_argument("--enrol", metavar="root.pub", type=Path, help=root)
    return parser


def _desk(settings: Settings) -> None:
    listener = _listener("desk", settings.desk)
    with compose.opened(settings, version("lobby")) as app:
        _serve(app, "desk", settings.desk, listener)


def _gate(settings: Settings) -> None:
    # Its scanners and pictures are no business of the desk's process.
    from controller.gate import compose as gate_compose
    from controller.web.gate import create_app

    listener = _listener("gate", settings.gate)
    with gate_compose.opened(settings, version("lobby")) as station:
        _serve(create_app(station), "gate", settings.gate, listener)


def _serve(app: FastAPI, whose: str, own: Desk | Gate, listener: socket.socket) -> None:
    """Until SIGTERM or Ctrl-C; over HTTPS where there is a certificate."""
    _patient()
    try:
        Server(app, own.certificate, own.certificate_key).run(sockets=[listener])
    except (OSError, ValueError) as error:
        raise SettingsError(f"The {whose}'s certificate cannot be used: {error}.") from None


def _patient() -> None:
    # uvicorn raises the signal that stopped it once more; the rest is to be stopped first.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def _listener(whose: str, own: Desk | Gate) -> socket.socket:
    if own.certificate and not own.certificate_key:
        raise SettingsError(f"{whose}.certificate needs {whose}.certificate_key beside it.")
    try:
        return socket.create_server((own.host, own.port), backlog=128)
    except OSError as error:
        raise SettingsError(
            f"The {whose}'s page cannot listen on {own.host}:{own.port} ({error.strerror}): "
            f"change {whose}.host or {whose}.port."
        ) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
