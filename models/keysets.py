"""The key set: which keys passes are signed with, as the root key says. Pure.

A signed document (`models.cose`) under the root key, whose kid is 0, retained on `passes/keys`. A
gate pins the root's public key when it is enrolled and learns every other key from here. Its
claims: 6 = iat (RFC 8392), and of our own -65537 = seq and -65539 = {kid: [state, public key,
until]}: state 0 in service, 1 retired; `until` in seconds since 1970, 0 for no end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models import cose

ROOT_KID = 0

_ISSUED, _SEQ, _KEYS = 6, -65537, -65539
_IN_SERVICE, _RETIRED = 0, 1

Keys = Mapping[int, Ed25519PublicKey]
"""Public keys by kid."""


class RefusedKeySet(cose.RefusedDocument):
    """The one way in which reading fails. `code`: empty, malformed, unknown_key, forged or old."""


@dataclass(frozen=True)
class KeySet:
    """Times are whole seconds since 1970 (UTC). A greater `seq` replaces a smaller one.

    `keys` are in service; one that a rotation replaced has an end in `until`. `retired` were taken
    out of service: their passes are void, and are known only so that their holders can leave.
    """

    seq: int
    issued: int
    keys: Keys
    until: Mapping[int, int] = field(default_factory=dict)
    retired: Keys = field(default_factory=dict)

    @property
    def known(self) -> Keys:
        """All that ever signed a pass: for reading one whose holder may be inside."""
        return {**self.retired, **self.keys}

    def in_service(self, now: float) -> Keys:
        """Those by whose passes somebody may enter."""
        return {
            kid: key
            for kid, key in self.keys.items()
            if kid not in self.until or now < self.until[kid]
        }


def sign(root: Ed25519PrivateKey, site: str, keys: KeySet) -> bytes:
    """The message's payload."""
    return cose.signed(root, ROOT_KID, _payload(keys), _context(site))


def read(payload: bytes, root: Ed25519PublicKey, site: str, *, newest: int = 0) -> KeySet:
    """An authentic key set whose `seq` is not below `newest`. Raises RefusedKeySet, and nothing
    else. Whoever is refused keeps what they have."""
    if not payload:
        raise RefusedKeySet("empty")
    try:
        _, content = cose.opened(payload, {ROOT_KID: root}, _context(site))
        keys = _read(content)
    except cose.RefusedDocument as refused:
        raise RefusedKeySet(refused.code) from None
    if keys.seq < newest:
        raise RefusedKeySet("old")
    return keys


def _payload(keys: KeySet) -> bytes:
    rows = {
        kid: [state, key.public_bytes_raw(), keys.until.get(kid, 0)]
        for state, some in ((_IN_SERVICE, keys.keys), (_RETIRED, keys.retired))
        for kid, key in some.items()
    }
    return cose.encode({_ISSUED: keys.issued, _SEQ: keys.seq, _KEYS: rows})


def _read(content: bytes) -> KeySet:
    said = cose.decode(content)
    try:
        keys = _keys(said[_SEQ], said[_ISSUED], said[_KEYS])
        whole = _payload(keys) == content
    except (KeyError, TypeError, ValueError, AttributeError):
        whole = False
    if not whole:
        raise cose.RefusedDocument("malformed")
    return keys


def _keys(seq: int, issued: int, rows: dict[int, list[Any]]) -> KeySet:
    found: tuple[dict[int, Ed25519PublicKey], dict[int, Ed25519PublicKey]] = ({}, {})
    until = {}
    for kid, (state, public, end) in rows.items():
        numbers = (seq, issued, kid, state, end)
        if any(type(number) is not int or number < 0 for number in numbers):
            raise ValueError("a number is none")
        if not ROOT_KID < kid <= cose.LAST_KID or state not in (_IN_SERVICE, _RETIRED):
            raise ValueError("no such kid or state")
        found[state][kid] = Ed25519PublicKey.from_public_bytes(public)
        if end:
            until[kid] = end
    return KeySet(seq, issued, found[_IN_SERVICE], until, found[_RETIRED])


def _context(site: str) -> bytes:
    return b"lobby-keys/1\0" + site.encode()
