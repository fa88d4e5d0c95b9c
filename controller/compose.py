"""The controller, built in one place and stopped in reverse."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fastapi import FastAPI

from controller import web
from controller.changes import Changes
from controller.core import Core
from controller.limits import RateLimit
from controller.worker import Worker
from models import store
from models.link import Link
from models.messages import Presence, Request, Resync, Shown, topic_of
from models.rules import Policy, PolicyError, read_policy
from models.settings import Settings, SettingsError
from models.terms import Role

log = logging.getLogger(__name__)

DEVICE = "main"
_POLICY = Path(__file__).parent.parent / "assets" / "policy.toml"
_KEY_FILE = re.compile(r"(\d{1,3})\.pem")


@contextmanager
def opened(settings: Settings, version: str) -> Iterator[FastAPI]:
    """A running controller; the value is its web application, for a server to serve.

    Raises SettingsError with one sentence for whatever set-up should have made.
    """
    worker = Worker()
    changes = Changes()
    kid, key = _signing_key(settings.data / "keys")
    core = Core(
        settings=settings,
        policy=_policy(),
        signing_key=key,
        kid=kid,
        changes=changes,
        guesses=RateLimit(count=5, seconds=60),
        wake=worker.wake,
    )
    listening = [topic_of(kind, settings.site) for kind in (Request, Shown, Resync, Presence)]
    link = Link(settings, Role.CONTROLLER, DEVICE, listening, worker.tell, version)
    store.open_database(settings.database)
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


def _policy() -> Policy:
    try:
        return read_policy(_POLICY.read_text("utf-8"))
    except (OSError, PolicyError) as error:
        raise SettingsError(f"The policy {_POLICY.name} cannot be used: {error}") from None


def _signing_key(folder: Path) -> tuple[int, Ed25519PrivateKey]:
    """The newest key and its id: the highest-numbered file `<kid>.pem`."""
    numbered = {
        int(match[1]): file
        for file in (folder.iterdir() if folder.is_dir() else ())
        if (match := _KEY_FILE.fullmatch(file.name))
    }
    if not numbered:
        raise SettingsError(f"There is no pass key in {folder}: run make setup.")
    kid = max(numbered)
    try:
        key = load_pem_private_key(numbered[kid].read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise SettingsError(f"The pass key {numbered[kid]} cannot be read: {error}.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"The pass key {numbered[kid]} is not an Ed25519 key.")
    return kid, key
