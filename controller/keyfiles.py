"""Key files: PEM, the private ones for their owner alone; each problem is one sentence."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from models.files import replacing

_PUBLIC_FILE = 0o644


class KeyringError(Exception):
    """The keys cannot be used as they are; the text is one sentence."""


def private_key(file: Path) -> Ed25519PrivateKey:
    content = content_of(file)
    if file.stat().st_mode & 0o077:
        raise KeyringError(f"Others may read the key {file}: run chmod 600 on it.")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyringError(f"The key {file} is damaged: put it back from a backup.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyringError(f"The key {file} is not an Ed25519 key.")
    return key


def public_key(file: Path) -> Ed25519PublicKey:
    content = content_of(file)
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyringError(f"The key {file} is damaged: put it back from a backup.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyringError(f"The key {file} is not an Ed25519 key.")
    return key


def content_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise KeyringError(f"There is no {file}: run make setup.") from None
    except OSError as problem:
        raise KeyringError(f"The file {file} cannot be read: {problem.strerror}.") from None


def write_private(file: Path, key: Ed25519PrivateKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with replacing(file) as scratch:
        scratch.write_bytes(pem)


def write_public_key(file: Path, key: Ed25519PublicKey) -> None:
    write_public(file, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def write_public(file: Path, content: bytes) -> None:
    with replacing(file, _PUBLIC_FILE) as scratch:
        scratch.write_bytes(content)
