"""Makes everything a lobby needs before it can be opened: `python -m controller.setup`.

Folders, fonts, Chinese input, the pass key, the broker's credentials and files, and demonstration
data in an empty database. What is there already is left alone, so it costs next to nothing the
second time.
"""

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from peewee import DatabaseError

from broker_config import BrokerError, generate
from broker_config.files import private_folder, replacing
from controller.gate import enrolment
from models import store
from models.settings import Settings, SettingsError, load

_COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
_FACES = {"TC": "Noto Sans CJK TC", "SC": "Noto Sans CJK SC"}
_WEIGHTS = ("Regular", "Bold")
_SCHEMAS = Path(__file__).parent.parent / "assets" / "rime"
_DICTIONARIES = Path("/usr/share/rime-data")


class SetupError(Exception):
    """Something cannot be made; the text is one sentence."""


def prepare(settings: Settings) -> Iterator[str]:
    """Make what is missing, and say so: one line for each thing made, as soon as it is.

    Raises SetupError, BrokerError or OSError. What was made before stays.
    """
    private_folder(settings.data)
    yield from fonts(settings)
    yield from schemas(settings)
    yield from _keys(settings)
    for device in generate.provision(settings):
        yield f"A broker credential: {settings.credential(device.role, device.id)}"
    yield from enrolment.enrol(settings, settings.keys / "root.pub")
    yield from _demonstration(settings)


def _keys(settings: Settings) -> Iterator[str]:
    # Needed once in a lobby's life, and slow to import.
    from controller import keyring
    from controller.keyfiles import KeyringError

    try:
        yield from keyring.make(settings.keys, settings.site, int(time.time()))
    except KeyringError as problem:
        raise SetupError(str(problem)) from None


def fonts(settings: Settings, collections: Path = _COLLECTIONS) -> Iterator[str]:
    """The faces that the windows use, each in a file of its own; one line for each file made."""
    for weight in _WEIGHTS:
        missing = {
            family: file
            for face, family in _FACES.items()
            if not (file := settings.fonts / f"{face}-{weight}.otf").exists()
        }
        if missing:
            settings.fonts.mkdir(parents=True, exist_ok=True)
            _split(collections / f"NotoSansCJK-{weight}.ttc", missing)
            yield from (f"A font: {file}" for file in missing.values())


def _split(collection: Path, wanted: dict[str, Path]) -> None:
    """Take the faces of the `wanted` families out of a collection. By name: their order is the
    packager's, and face 0, which Kivy would load, is Japanese."""
    from fontTools.ttLib import TTCollection, TTLibError

    try:
        faces = {
            face["name"].getBestFamilyName(): face for face in TTCollection(collection, lazy=True)
        }
        for family, file in wanted.items():
            with replacing(file) as scratch:
                faces[family].save(scratch)
    except FileNotFoundError:
        raise SetupError(
            f"The font {collection} is missing: run sudo apt-get install fonts-noto-cjk."
        ) from None
    except (TTLibError, AssertionError, KeyError) as problem:
        raise SetupError(f"The font {collection} cannot be used: {problem}.") from None


def schemas(settings: Settings) -> Iterator[str]:
    """What Chinese input at a kiosk needs, deployed here so that no visitor waits for it. Where it
    cannot be, visitors write in Latin letters, and a line says so each time."""
    stamp, version = settings.rime / "deployed", _schemas_version()
    if stamp.exists() and stamp.read_text("utf-8") == version:
        return
    shutil.rmtree(settings.rime / "build", ignore_errors=True)
    shutil.copytree(_SCHEMAS, settings.rime, dirs_exist_ok=True)
    # In a process of its own: librime can be started once.
    folder = str(settings.rime.resolve())
    command = [sys.executable, "-m", "kiosk.rime", settings.kiosk.rime, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the kiosk itself
    if done.returncode:
        yield f"No Chinese input at the kiosk: {done.stderr.strip()}"
        return
    with replacing(stamp) as scratch:
        scratch.write_text(version, "utf-8")
    yield f"Chinese input: {settings.rime}"


def _schemas_version() -> str:
    """Changes with our schemas, and with the dictionaries that they are deployed from."""
    ours = [file.read_bytes() for file in sorted(_SCHEMAS.iterdir())]
    theirs = [f"{file.stat().st_mtime_ns}" for file in sorted(_DICTIONARIES.glob("*.yaml"))]
    return hashlib.sha256(b"".join(ours) + ",".join(theirs).encode()).hexdigest()


def _demonstration(settings: Settings) -> Iterator[str]:
    new = not settings.database.exists()
    try:
        store.open_database(settings.database)
        store.seed_demo(datetime.now(UTC))
        store.close_database()
    except DatabaseError as problem:
        raise SetupError(f"The database {settings.database} cannot be used: {problem}.") from None
    if new:
        yield f"A database with demonstration staff, rooms and cars: {settings.database}"


def main() -> int:
    """Prepare for the settings of this process; 0, or 1 or 2 after a sentence on stderr."""
    try:
        for made in prepare(load()):
            sys.stdout.write(made + "\n")
    except SettingsError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except (SetupError, BrokerError, OSError) as problem:
        sys.stderr.write(f"{explain(problem)}\n")
        return 1
    return 0


def explain(problem: Exception) -> str:
    """The sentence for a problem that `prepare` has met."""
    if isinstance(problem, OSError):
        return f"{problem.filename or 'This machine'}: {problem.strerror or problem}."
    return str(problem)


if __name__ == "__main__":
    sys.exit(main())
