"""A backup: one zip file with all that makes a lobby this one and that set-up cannot make anew.

    manifest.json   of which site and moment it is, and the SHA-256 of everything else in it
    lobby.sqlite3   visits, passes, notices, the duty log, accounts: the truth
    keys/           what signs passes, and what signs the broker's certificate: without them every
                    pass that is out would be void, and every gate and device would be a stranger
    credentials/    the devices' passwords: without them each would have to be enrolled again
    devices.json    which devices there are
    broker/ca.crt   the authority that devices on other machines trust

Fonts, input schemas and the broker's other files are made by set-up from these. What the kiosks,
boards and gates keep is theirs, and their own to send. The settings file is the operator's.

Hashes show damage, not malice: whoever has the file has the keys.
"""

import hashlib
import re
import tempfile
import zlib
from contextlib import suppress
from datetime import datetime
from lzma import LZMAError
from pathlib import Path
from typing import Literal
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from pydantic import AwareDatetime, BaseModel, ConfigDict

from models import store
from models.files import PRIVATE_FILE, replacing
from models.settings import Id, Settings

_MANIFEST = "manifest.json"
_DATABASE = "lobby.sqlite3"
_SMALL = ("devices.json", "broker/ca.crt", "keys/*", "credentials/*")
_NAME = re.compile(
    r"lobby\.sqlite3|devices\.json|broker/ca\.crt|(keys|credentials)/\w[\w.-]*", re.ASCII
)
"""Whatever else a zip file names would be put where it has no business."""
_UNREADABLE = (
    BadZipFile,
    EOFError,
    KeyError,
    LZMAError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zlib.error,
)
"""What comes of a damaged archive: OSError of a place before its beginning, or of bzip2."""


class ArchiveError(Exception):
    """A backup cannot be made or used; the text is one sentence."""


class Manifest(BaseModel):
    """What an archive says of itself; `files` maps the name of each file to its SHA-256 in hex."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lobby_backup: Literal[1] = 1
    site: Id
    made: AwareDatetime
    files: dict[str, str]


def write(settings: Settings, file: Path, now: datetime) -> Manifest:
    """Back up into a file for its owner's eyes only, while everything runs. Where that fails,
    nothing is left. Raises ArchiveError or OSError."""
    if file.exists():
        raise ArchiveError(f"{file} exists already: give the backup a name of its own.")
    if not file.parent.is_dir():
        raise ArchiveError(f"There is no folder {file.parent}.")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
        copy = Path(folder) / _DATABASE
        try:
            store.copy_database(settings.database, copy)
        except store.CopyError as problem:
            raise ArchiveError(f"{settings.database} cannot be backed up: {problem}.") from None
        # After the database: keys that its passes are signed with must be among them.
        small = _together(settings.data)
        files = {name: hashlib.sha256(content).hexdigest() for name, content in small.items()}
        files[_DATABASE] = _hash(copy)
        manifest = Manifest(site=settings.site, made=now, files=files)
        with replacing(file) as scratch:
            with ZipFile(scratch, "w", ZIP_DEFLATED) as archive:
                archive.writestr(_MANIFEST, manifest.model_dump_json(indent=1))
                archive.write(copy, _DATABASE)
                for name, content in small.items():
                    archive.writestr(name, content)
            with ZipFile(scratch) as archive:
                _check(archive, manifest, file)
    return manifest


def unpack(settings: Settings, file: Path, folder: Path) -> Manifest:
    """Unpack a backup, whole and of this site, into a folder as private as its content. Raises
    ArchiveError or OSError."""
    # Opened apart, and unpacked apart: what goes wrong there is the disk's, not the archive's.
    with file.open("rb") as content:
        try:
            archive = ZipFile(content)
            manifest = Manifest.model_validate_json(archive.read(_MANIFEST))
        except _UNREADABLE:
            raise ArchiveError(f"{file} is no backup of a lobby, or its end is missing.") from None
        if manifest.site != settings.site:
            raise ArchiveError(
                f"{file} is a backup of the site {manifest.site}; this is {settings.site}."
            )
        _check(archive, manifest, file)
        archive.extractall(folder, manifest.files)
    for name in manifest.files:
        (folder / name).chmod(PRIVATE_FILE)
    try:
        store.check_database(folder / _DATABASE)
    except store.CopyError as problem:
        raise ArchiveError(f"The database in {file} cannot be used: {problem}.") from None
    return manifest


def _together(data: Path) -> dict[str, bytes]:
    """The small files as they stood at one moment: while keys are exchanged, the one after."""
    found = _small(data)
    while (again := _small(data)) != found:
        found = again
    return found


def _small(data: Path) -> dict[str, bytes]:
    found = {}
    for pattern in _SMALL:
        for path in sorted(data.glob(pattern)):
            name = str(path.relative_to(data))
            if _NAME.fullmatch(name):
                with suppress(FileNotFoundError):
                    found[name] = path.read_bytes()
    return found


def _check(archive: ZipFile, manifest: Manifest, file: Path) -> None:
    """Is everything there that was put in, as it was, and nothing else?"""
    names = sorted(archive.namelist())
    if names != sorted([_MANIFEST, *manifest.files]) or _DATABASE not in names:
        raise ArchiveError(f"{file} is damaged: not everything is in it that its manifest names.")
    for name, wanted in manifest.files.items():
        try:
            with archive.open(name) as packed:
                sound = hashlib.file_digest(packed, "sha256").hexdigest() == wanted  # type: ignore[arg-type]
        except _UNREADABLE:
            sound = False
        if not sound or not _NAME.fullmatch(name):
            raise ArchiveError(f"{file} is damaged: {name} is not what was put into it.")


def _hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
