"""What stands in a QR code of ours: a CWT (RFC 8392) for one purpose at one site. Pure.

A signed document (`models.cose`) in base45 (RFC 9285) behind the prefix of its purpose: 100 bytes,
154 characters, exactly a full QR code of version 6, level M. Purpose and site are bound through the
external data, and the last byte of the id says the token's role, so that what was signed for one
purpose is never read for another. Nothing personal is inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import base45
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models import cose

LENGTH = 154
"""Characters, prefix included."""
ID_LENGTH = 7
"""Random bytes that tell one thing from every other, without the role."""
SKEW = 120
"""Seconds by which a gate's clock may be wrong."""

_EXPIRES, _NOT_BEFORE, _TOKEN_ID = 4, 5, 7


@dataclass(frozen=True)
class Purpose:
    """What tokens are for. `name` goes into the external data, `longest_life` is in seconds: a
    token that claims to live longer was not minted by us."""

    prefix: str
    name: bytes
    roles: frozenset[int]
    longest_life: int

    def context(self, site: str) -> bytes:
        return self.name + b"\0" + site.encode()


@dataclass(frozen=True)
class Token:
    """What a token says. Times are whole seconds since 1970 (UTC)."""

    id: bytes
    role: int
    not_before: int
    expires: int
    kid: int


class RefusedToken(cose.RefusedDocument):
    """The one way in which verifying fails. `code`: malformed, unknown_key or forged."""


def mint(purpose: Purpose, key: Ed25519PrivateKey, site: str, token: Token) -> str:
    """The text of the QR code."""
    raw = cose.signed(key, token.kid, _payload(token), purpose.context(site))
    encoded: bytes = base45.b45encode(raw)
    return purpose.prefix + encoded.decode("ascii")


def verify(purpose: Purpose, text: str, keys: Mapping[int, Ed25519PublicKey], site: str) -> Token:
    """An authentic token. Raises RefusedToken, and nothing else."""
    try:
        kid, payload = cose.opened(_bytes(purpose, text), keys, purpose.context(site))
        return _token(purpose, kid, payload)
    except cose.RefusedDocument as refused:
        raise RefusedToken(refused.code) from None


def out_of_force(not_before: int, expires: int, now: float) -> str:
    """`not_yet` or `expired`, or nothing while it is in force, the skew allowed."""
    if now < not_before - SKEW:
        return "not_yet"
    if now >= expires + SKEW:
        return "expired"
    return ""


def _bytes(purpose: Purpose, text: str) -> bytes:
    if len(text) == LENGTH and text.startswith(purpose.prefix):
        try:
            raw: bytes = base45.b45decode(text[len(purpose.prefix) :].encode("ascii"))
        except ValueError:
            raise cose.RefusedDocument("malformed") from None
        return raw
    raise cose.RefusedDocument("malformed")


def _payload(token: Token) -> bytes:
    return cose.encode(
        {
            _EXPIRES: token.expires,
            _NOT_BEFORE: token.not_before,
            _TOKEN_ID: token.id + bytes([token.role]),
        }
    )


def _token(purpose: Purpose, kid: int, payload: bytes) -> Token:
    said = cose.decode(payload)
    expires, not_before, token_id = (said.get(c) for c in (_EXPIRES, _NOT_BEFORE, _TOKEN_ID))
    typed = isinstance(token_id, bytes) and type(expires) is int and type(not_before) is int
    if (
        not typed
        or len(said) != 3
        or len(token_id) != ID_LENGTH + 1
        or token_id[ID_LENGTH] not in purpose.roles
        or not 0 < expires - not_before <= purpose.longest_life
    ):
        raise cose.RefusedDocument("malformed")
    return Token(token_id[:ID_LENGTH], token_id[ID_LENGTH], not_before, expires, kid)
