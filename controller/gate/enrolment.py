"""Enrolling a gate: the office's root key is pinned, and a PIN opens its page.

In `<data>/gates/<id>`: root.pub and journal.sqlite3. The PIN is a credential like the broker's
password: `<data>/credentials/gate-<id>.pin`, readable by its owner alone. There is no default.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from models.files import private_folder, replacing
from models.settings import Settings, SettingsError
from models.terms import Role

PIN_LENGTH = 6
"""Digits at least. Wrong ones are counted, and a page that is guessed at is shut for a minute."""


def folder(settings: Settings) -> Path:
    return settings.data / "gates" / settings.gate.id


def journal_file(settings: Settings) -> Path:
    return folder(settings) / "journal.sqlite3"


def enrol(settings: Settings, root: Path) -> Iterator[str]:
    """Pin the root key in a file such as root.pub, and draw a PIN where there is none; one line
    for each thing made. Raises SettingsError."""
    pinned, fresh = folder(settings) / "root.pub", _public_key(root)
    if not pinned.exists() or _public_key(pinned) != fresh:
        private_folder(settings.data)
        private_folder(pinned.parent.parent)
        private_folder(pinned.parent)
        _write(pinned, root.read_bytes())
        yield f"The root key that gate {settings.gate.id} believes: {pinned}"
    file = _pin_file(settings)
    if not file.exists():
        private_folder(file.parent)
        drawn = f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}d}\n"
        _write(file, drawn.encode())
        yield f"The PIN of gate {settings.gate.id}'s page: {file}"


def pinned_root(settings: Settings) -> Ed25519PublicKey:
    """The root key of an enrolled gate. Raises SettingsError."""
    return _public_key(folder(settings) / "root.pub")


def pin(settings: Settings) -> str:
    """What opens the page. Raises SettingsError for one that is missing or too short."""
    file = _pin_file(settings)
    try:
        said = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        said = ""
    if len(said) < PIN_LENGTH:
        raise SettingsError(
            f"The PIN of gate {settings.gate.id} in {file} is missing or shorter than "
            f"{PIN_LENGTH}: enrol the gate, or write one."
        )
    return said


def _pin_file(settings: Settings) -> Path:
    return settings.credential(Role.GATE, settings.gate.id).with_suffix(".pin")


def _public_key(file: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The root key {file} cannot be read ({error}): copy the office's root.pub here, "
            "and run python -m controller gate --enrol root.pub."
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise SettingsError(f"The root key {file} is not an Ed25519 key.")
    return key


def _write(file: Path, content: bytes) -> None:
    with replacing(file) as scratch:
        scratch.write_bytes(content)
