"""The keys that passes are signed with, on the controller's disk: `<data>/keys`.

    <kid>.pem   the private key that new passes are signed with
    keys.cose   the key set as gates get it, signed by the root: what is in service, what was
    root.pub    the root's public key, which a gate keeps from its enrolment on
    root.pem    the root's private key; needed to rotate and retire, and better kept elsewhere

The signed key set is the only record of the keys' states, so files and gates cannot disagree.
"""

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.keyfiles import (
    KeyringError,
    content_of,
    private_key,
    public_key,
    write_private,
    write_public,
    write_public_key,
)
from models import goods, keysets, passes, revocations, tokens
from models.cose import LAST_KID
from models.files import private_folder
from models.keysets import KeySet, RefusedKeySet
from models.revocations import RevocationList
from models.terms import Half

log = logging.getLogger(__name__)

OVERLAP = max(passes.LONGEST_LIFE, goods.LONGEST_LIFE) + 2 * tokens.SKEW
"""Seconds for which a key that was replaced stays in service: the last pass and the last goods slip
of it end within them."""

_SET, _ROOT, _ROOT_PUBLIC = "keys.cose", "root.pem", "root.pub"


@dataclass(frozen=True)
class Ring:
    """The keys at one moment. `document` is `keys` as gates get them."""

    site: str
    kid: int
    key: Ed25519PrivateKey
    keys: KeySet
    document: bytes

    def mint(self, token_id: bytes, half: Half, not_before: int, expires: int) -> str:
        """The text of one half's QR code; times in whole seconds since 1970."""
        claims = passes.Claims(token_id, half, not_before, expires, self.kid)
        return passes.mint(self.key, self.site, claims)

    def mint_goods(self, token_id: bytes, not_before: int, expires: int) -> str:
        """The text of a goods slip's QR code; times in whole seconds since 1970."""
        return goods.mint(
            self.key, self.site, goods.Claims(token_id, not_before, expires, self.kid)
        )

    def verify(self, text: str) -> passes.Claims:
        """The claims of a token under any key there ever was. Raises RefusedToken."""
        return passes.verify(text, self.keys.known, self.site)

    def verify_goods(self, text: str) -> goods.Claims:
        """The same of a goods slip's token."""
        return goods.verify(text, self.keys.known, self.site)

    def sign(self, revoked: RevocationList) -> bytes:
        """The revocation list as gates get it."""
        return revocations.sign(self.key, self.site, self.kid, revoked)


class Keyring:
    """The ring as it is on the disk now: a rotation is noticed without a restart, at once.

    Raises KeyringError when made. Later, keys that cannot be read are logged once, and those known
    stay in use. For any thread.
    """

    def __init__(self, folder: Path, site: str) -> None:
        self._folder, self._site = folder, site
        self._lock = threading.Lock()
        self._seen = self._stamp()
        self._ring = load(folder, site)

    @property
    def ring(self) -> Ring:
        with self._lock:
            if (stamp := self._stamp()) != self._seen:
                self._seen = stamp
                try:
                    self._ring = load(self._folder, self._site)
                except KeyringError as problem:
                    log.error("the keys changed and cannot be used: %s", problem)  # noqa: TRY400
            return self._ring

    def _stamp(self) -> tuple[int, int]:
        try:
            facts = (self._folder / _SET).stat()
        except OSError:
            return 0, 0
        return facts.st_ino, facts.st_mtime_ns


def load(folder: Path, site: str) -> Ring:
    """The keys of a folder, each checked. Raises KeyringError."""
    keys, document = _key_set(folder, site)
    kid = _minting(keys)
    key = private_key(folder / f"{kid}.pem")
    if (folder / _ROOT).exists():
        private_key(folder / _ROOT)
    if key.public_key() != keys.keys[kid]:
        raise KeyringError(f"The pass key {folder / f'{kid}.pem'} is not the one in the key set.")
    return Ring(site, kid, key, keys, document)


def make(folder: Path, site: str, now: int) -> Iterator[str]:
    """Make what a new lobby needs, one line for each thing made. What is there stays; a pass key
    of a version without key sets is taken over."""
    private_folder(folder)
    if (folder / _SET).exists():
        return
    root = _new_root(folder)
    kid = max(_pass_keys(folder), default=0)
    if kid:
        key = private_key(folder / f"{kid}.pem")
    else:
        kid, key = 1, Ed25519PrivateKey.generate()
        write_private(folder / "1.pem", key)
        yield f"The key that signs passes: {folder / '1.pem'}"
    keys = KeySet(seq=now, issued=now, keys={kid: key.public_key()})
    # Last: from now on the folder is complete.
    write_public(folder / _SET, keysets.sign(root, site, keys))
    yield (
        f"The root key, which says what signs passes: {folder / _ROOT}. "
        "Move it off this machine, to a place you will find again."
    )


def rotate(folder: Path, site: str, now: int, root: Path | None = None) -> Ring:
    """A new key signs from now on; the old one's passes stay good. Raises KeyringError.

    It also helps where the old private key is lost or damaged."""
    keys, _ = _key_set(folder, site)
    return _keep(folder, site, _replaced(folder, keys, now), _root(folder, root))


def retire(folder: Path, site: str, kid: int, now: int, root: Path | None = None) -> Ring:
    """A key is out of service, and its passes are void, at once. Was it the one that signs, then a
    new one does. Raises KeyringError."""
    keys, _ = _key_set(folder, site)
    if kid in keys.retired:
        raise KeyringError(f"The key {kid} is out of service already.")
    if kid not in keys.keys:
        raise KeyringError(f"There is no key {kid}.")
    root_key = _root(folder, root)
    keys = _replaced(folder, keys, now) if kid == _minting(keys) else _next(keys, now)
    in_service = {one: key for one, key in keys.keys.items() if one != kid}
    until = {one: end for one, end in keys.until.items() if one != kid}
    retired = {**keys.retired, kid: keys.keys[kid]}
    keys = replace(keys, keys=in_service, until=until, retired=retired)
    return _keep(folder, site, keys, root_key)


def _replaced(folder: Path, keys: KeySet, now: int) -> KeySet:
    """The set with a new key that signs, whose private half is on the disk already."""
    kid = max(keys.known) + 1
    if kid > LAST_KID:
        raise KeyringError(f"Every kid up to {LAST_KID} has been used: set the keys up anew.")
    fresh = Ed25519PrivateKey.generate()
    write_private(folder / f"{kid}.pem", fresh)
    return replace(
        _next(keys, now),
        keys={**keys.keys, kid: fresh.public_key()},
        until={**keys.until, _minting(keys): now + OVERLAP},
    )


def _next(keys: KeySet, now: int) -> KeySet:
    # In step with the clock, so that it also grows across a backup that is put back.
    return replace(keys, seq=max(now, keys.seq + 1), issued=now)


def _keep(folder: Path, site: str, keys: KeySet, root: Ed25519PrivateKey) -> Ring:
    write_public(folder / _SET, keysets.sign(root, site, keys))
    renewed = load(folder, site)
    for kid in set(_pass_keys(folder)) - {renewed.kid}:
        (folder / f"{kid}.pem").unlink()  # it signs nothing any more: nobody shall find it
    return renewed


def _pass_keys(folder: Path) -> list[int]:
    return [int(file.stem) for file in folder.glob("*.pem") if file.stem.isdecimal()]


def _key_set(folder: Path, site: str) -> tuple[KeySet, bytes]:
    root = public_key(folder / _ROOT_PUBLIC)
    document = content_of(folder / _SET)
    try:
        return keysets.read(document, root, site), document
    except RefusedKeySet as refused:
        raise KeyringError(
            f"The key set {folder / _SET} cannot be used ({refused.code}): it must be the one that "
            f"{_ROOT_PUBLIC} beside it belongs to, for the site {site}."
        ) from None


def _new_root(folder: Path) -> Ed25519PrivateKey:
    """The root of a folder without a key set: one that an interrupted set-up has left, or new."""
    if (folder / _ROOT).exists():
        root = private_key(folder / _ROOT)
    elif (folder / _ROOT_PUBLIC).exists():
        raise KeyringError(f"The key set {folder / _SET} is gone: put it back from a backup.")
    else:
        root = Ed25519PrivateKey.generate()
        write_private(folder / _ROOT, root)
    write_public_key(folder / _ROOT_PUBLIC, root.public_key())
    return root


def _minting(keys: KeySet) -> int:
    """The one key in service that has no end."""
    endless = [kid for kid in keys.keys if kid not in keys.until]
    if len(endless) != 1:
        raise KeyringError("The key set does not say which key signs passes.")
    return endless[0]


def _root(folder: Path, file: Path | None) -> Ed25519PrivateKey:
    place = file or folder / _ROOT
    if not place.exists():
        raise KeyringError(f"The root key is not at {place}: say where it is with --root FILE.")
    key = private_key(place)
    if key.public_key() != public_key(folder / _ROOT_PUBLIC):
        raise KeyringError(f"{place} is not the root key that the gates know ({_ROOT_PUBLIC}).")
    return key
