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

import uharfbuzz as hb
from peewee import DatabaseError

from broker_config import BrokerError, generate
from controller import users
from controller.gate import enrolment
from models import pins, store
from models.files import private_folder, replacing
from models.settings import Settings, SettingsError, load

_COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
_FACES = {"TC": "Noto Sans CJK TC", "SC": "Noto Sans CJK SC"}
_WEIGHTS = ("Regular", "Bold")
_UNCUT = 60_000
"""Glyphs that only a whole face has: 65,535, of which 45,000 have a character of their own."""
_UNUSED_FEATURES = (b"locl", b"vert", b"vrt2")
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
    yield from pins.ensure(pins.file_of(settings))
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
            if not _is_cut(file := settings.fonts / f"{face}-{weight}.otf")
        }
        if missing:
            settings.fonts.mkdir(parents=True, exist_ok=True)
            yield from _split(collections / f"NotoSansCJK-{weight}.ttc", missing)


def _is_cut(file: Path) -> bool:
    """A face as `_cut` makes it; earlier versions of the lobby left all glyphs in."""
    return file.exists() and _face(file).glyph_count < _UNCUT


def _split(collection: Path, wanted: dict[str, Path]) -> Iterator[str]:
    """Take the faces of the `wanted` families out of a collection. By name: their order is the
    packager's, and face 0, which Kivy would load, is Japanese."""
    if not collection.exists():
        raise SetupError(
            f"The font {collection} is missing: run sudo apt-get install fonts-noto-cjk."
        )
    faces = [_face(collection, number) for number in range(_face(collection).count)]
    known = {face.get_name(hb.OTNameIdPredefined.FONT_FAMILY): face for face in faces}
    for family, file in wanted.items():
        if family not in known:
            raise SetupError(f"The font {collection} cannot be used: it has no {family}.")
        with replacing(file) as scratch:
            scratch.write_bytes(_cut(known[family]))
        yield f"A font: {file}"


def _face(file: Path, number: int = 0) -> hb.Face:
    return hb.Face(hb.Blob.from_file_path(str(file)), number)


def _cut(face: hb.Face) -> bytes:
    """The face with all its characters, but without what a window pays for at each size and never
    draws: the subroutines that outlines share, and glyphs that only other languages or vertical
    lines choose. A size then takes 0.3 MB instead of 2.5."""
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(face.unicodes)
    wanted.unicode_set.update(face.variation_selectors)
    for tag in _UNUSED_FEATURES:
        wanted.layout_feature_tag_set.discard(int.from_bytes(tag, "big"))
    wanted.flags = hb.SubsetFlags.DESUBROUTINIZE
    return bytes(hb.subset(face, wanted).blob.data)


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
        store.seed_demo(now := datetime.now(UTC))
        chosen = users.ensure_administrator(settings, now)
        store.close_database()
    except DatabaseError as problem:
        raise SetupError(f"The database {settings.database} cannot be used: {problem}.") from None
    if new:
        yield f"A database with demonstration staff, rooms and cars: {settings.database}"
    if chosen is not None:
        name, password = chosen
        yield f"First sign-in: {name}, password {password} (kept in {settings.first_password})"


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
