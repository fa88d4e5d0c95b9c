"""The operator's PIN of a kiosk: drawn where there is none, kept only as a salted hash.

The file stands beside the broker's password, `<data>/credentials/kiosk-<id>.pin`. There is no
default; who has lost the PIN has a new one drawn on the machine: `python -m kiosk --pin`.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from pathlib import Path

from models.files import replacing
from models.settings import Settings
from models.terms import Role

LENGTH = 6
"""Digits. Wrong ones are counted, and a kiosk that is guessed at is shut for longer and longer."""
_COST = {"n": 2**14, "r": 8, "p": 1}
"""Of scrypt (RFC 7914): 16 MB and some 50 ms, which the kiosk's window can spare."""


_LONG = 64
"""Bytes of a hash."""


def file_of(settings: Settings) -> Path:
    return settings.credential(Role.KIOSK, settings.kiosk.id).with_suffix(".pin")


def ensure(file: Path) -> Iterator[str]:
    """Draw a PIN where there is none; the line that says it, which nothing will say again."""
    if not file.exists():
        yield f"The operator's PIN of {file.stem}, said only now: {draw(file)}"


def draw(file: Path) -> str:
    """A new PIN, whose hash replaces what stood in the file. Raises OSError."""
    pin = f"{secrets.randbelow(10**LENGTH):0{LENGTH}d}"
    salt = secrets.token_bytes(16)
    with replacing(file) as scratch:
        scratch.write_text(f"{salt.hex()}:{_hash(pin, salt).hex()}\n", "ascii")
    return pin


def is_right(file: Path, said: str) -> bool:
    """Is this the PIN? Nothing is where there is none. Raises OSError, or ValueError for a file
    that is no hash of ours."""
    salt, kept = map(bytes.fromhex, file.read_text("ascii").strip().partition(":")[::2])
    if len(kept) != _LONG:
        raise ValueError(f"{file} holds no hash of a PIN")
    return hmac.compare_digest(_hash(said, salt), kept)


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, dklen=_LONG, **_COST)
