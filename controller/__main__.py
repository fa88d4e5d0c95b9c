"""`python -m controller`: decides, publishes, and serves the desk's page."""

import logging
import signal
import socket
import sys
from importlib.metadata import version

from controller import compose
from controller.web.server import Server
from models import settings as settings_module
from models.settings import Settings, SettingsError


def main() -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        settings = settings_module.load()
        listener = _listener(settings)
        with compose.opened(settings, version("lobby")) as app:
            # uvicorn raises the signal that stopped it once more; the rest is to be stopped first.
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: None)
            Server(app).run(sockets=[listener])
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _listener(settings: Settings) -> socket.socket:
    host, port = settings.desk.host, settings.desk.port
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as error:
        raise SettingsError(
            f"The desk's page cannot listen on {host}:{port} ({error.strerror}): "
            "change desk.host or desk.port."
        ) from None


if __name__ == "__main__":
    sys.exit(main())
