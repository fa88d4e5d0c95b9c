"""Putting a backup back: `restore` for the operator, `follow` for the controller that comes after.

What was on the screens is newer than the database then. So the controller begins a new epoch, and
everybody who reads the wire takes what stands now for the truth, however its revisions count.
"""

import tempfile
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path

from controller import archive, devices, goods, keyring, merging, sections
from controller.archive import Manifest
from controller.core import Core
from controller.keyfiles import KeyringError
from controller.sole import sole
from models import store
from models.files import private_folder
from models.settings import Settings, SettingsError
from models.terms import Role

_RESTORED = "restored"
"""A fact of a database that was put back, until a controller has followed."""
_UNDER_WAY = "restoring"
"""A file that is there while things are exchanged; in it, where the former ones go."""
_TRUST = ("keys", "broker/ca.crt", "broker/server.crt", "broker/server.key")
"""Only together do the authority's key, its certificate and what it has issued make sense."""


def restore(settings: Settings, file: Path, now: datetime) -> tuple[Manifest, Path]:
    """Put a backup in the place of this lobby's data; returns what it says of itself, and the
    folder with what was here before. All of it is exchanged, or nothing.

    A key set that is newer here than in the backup stays: a key that was taken out of service since
    shall not sign again, and gates would refuse the older set. Raises SettingsError while a
    controller runs, ArchiveError, KeyringError or OSError.
    """
    private_folder(settings.data)
    with (
        sole(settings),
        tempfile.TemporaryDirectory(dir=settings.data, prefix=".restored-") as scratch,
    ):
        fresh = Path(scratch)
        manifest = archive.unpack(settings, file, fresh)
        _mark(fresh / settings.database.name)
        exchanged = _names(settings.database.name)
        if _is_newer_here(settings, fresh / "keys"):
            exchanged = tuple(name for name in exchanged if name not in _TRUST)
        aside = settings.data / f"before-restore-{now.astimezone(settings.zone):%Y%m%d-%H%M%S}"
        private_folder(aside)
        under_way = settings.data / _UNDER_WAY
        with ExitStack() as undone:
            undone.callback(under_way.unlink, missing_ok=True)
            under_way.write_text(aside.name, "ascii")
            for name in exchanged:
                _move(settings.data / name, aside / name, undone)
            for name in exchanged:
                _move(fresh / name, settings.data / name, undone)
            undone.pop_all()
        under_way.unlink()
    return manifest, aside


def check_whole(settings: Settings) -> None:
    """Raises SettingsError where a restore was killed in the middle of the exchange."""
    with suppress(FileNotFoundError):
        aside = (settings.data / _UNDER_WAY).read_text("ascii")
        raise SettingsError(
            f"A restore was cut off in {settings.data}: run it again (what was there before is in "
            f"{aside})."
        )


def follow(core: Core, now: datetime) -> None:
    """On a database that was put back, begin a new epoch and publish everything anew: for the
    boards, the kiosks and the gates."""
    if not store.fact(_RESTORED):
        return
    with store.transaction():
        store.keep_fact(_RESTORED, 0)
        sections.publish_anew(core, now)
        devices.tell_anew(core)
        if store.knows_any(Role.GATE):
            goods.tell_gates(core, now)
            merging.tell_gates(core, now)
        store.record(now, "restore", "restored")


def _mark(database: Path) -> None:
    """Nobody is signed in by a session that may have been closed since, nor gets a slip by itself
    that may have been printed since."""
    store.open_database(database)
    with store.transaction():
        store.keep_fact(_RESTORED, 1)
        for user in store.users():
            store.close_sessions(user.id)
        store.doubt_print_jobs()
    store.close_database()


def _names(database: str) -> tuple[str, ...]:
    return (*_TRUST, "credentials", "devices.json", database, f"{database}-wal", f"{database}-shm")


def _is_newer_here(settings: Settings, restored: Path) -> bool:
    there = keyring.load(restored, settings.site)
    try:
        here = keyring.load(settings.keys, settings.site)
    except KeyringError:
        return False
    root = "root.pub"
    same = (settings.keys / root).read_bytes() == (restored / root).read_bytes()
    return same and here.keys.seq > there.keys.seq


def _move(source: Path, target: Path, undone: ExitStack) -> None:
    if source.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        source.rename(target)
        undone.callback(target.rename, source)
