"""The controller, built in one place and stopped in reverse."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI

from controller import home, restoring, web
from controller.changes import Changes
from controller.core import Core
from controller.keyfiles import KeyringError
from controller.keyring import Keyring
from controller.limits import RateLimit
from controller.sole import sole
from controller.worker import Worker
from models import store
from models.link import Link
from models.messages import Health, Picture, Presence, Request, Resync, Shown, topic_of
from models.procedures import ProceduresError, read_procedures
from models.rules import Policy, PolicyError, read_policy
from models.settings import Settings, SettingsError
from models.terms import Role

log = logging.getLogger(__name__)

DEVICE = "main"
_HEARD = (Request, Shown, Resync, Presence, Health, Picture)
_ROOM_SECONDS = 2
_ASSETS = Path(__file__).parent.parent / "assets"
_POLICY = _ASSETS / "policy.toml"
_PROCEDURES = _ASSETS / "procedures.toml"


@contextmanager
def opened(settings: Settings, version: str) -> Iterator[FastAPI]:
    """A running controller; the value is its web application, for a server to serve.

    Raises SettingsError with one sentence for whatever set-up should have made, and while another
    controller has the data.
    """
    restoring.check_whole(settings)
    _check_procedures()
    worker = Worker()
    changes = Changes()
    core = Core(
        settings=settings,
        policy=_policy(),
        keyring=_keyring(settings),
        changes=changes,
        guesses=RateLimit(count=5, seconds=60),
        wake=worker.wake,
    )
    listening = [topic_of(kind, settings.site) for kind in _HEARD]
    link = Link(settings, Role.CONTROLLER, DEVICE, listening, worker.tell, version)
    with sole(settings):
        _open_database(settings)
        home.begin(core, DEVICE)
        worker.start(core, link)
        link.start()
        try:
            yield web.create_app(core)
        finally:
            changes.close()
            link.stop()
            worker.stop()
            store.close_database()
            log.info("stopped")


def _open_database(settings: Settings) -> None:
    """Open the database, once the disk takes what has to be written for that."""
    said = False
    while True:
        try:
            return store.open_database(settings.database)
        except store.NoRoomError:
            if not said:
                log.critical("The disk of %s takes nothing: make room; it goes on.", settings.data)
            said = True
            time.sleep(_ROOM_SECONDS)


def _policy() -> Policy:
    try:
        return read_policy(_POLICY.read_text("utf-8"))
    except (OSError, PolicyError) as error:
        raise SettingsError(f"The policy {_POLICY.name} cannot be used: {error}") from None


def _check_procedures() -> None:
    """The kiosks show it; a table that they would refuse is said here first."""
    try:
        read_procedures(_PROCEDURES.read_text("utf-8"))
    except (OSError, ProceduresError) as error:
        raise SettingsError(f"The table {_PROCEDURES.name} cannot be used: {error}.") from None


def _keyring(settings: Settings) -> Keyring:
    try:
        return Keyring(settings.keys, settings.site)
    except KeyringError as problem:
        raise SettingsError(str(problem)) from None
