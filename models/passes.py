"""The temporary pass (臨時出入證, the seed's VI): minting and verifying its token. Pure.

A CWT (RFC 8392) as a signed document (`models.cose`), in base45 (RFC 9285) behind the prefix
`VP1:`: 100 bytes, 154 characters, exactly a full QR code of version 6, level M. The site is bound
through the external data, and nothing personal is inside. Each pass has two halves that share
their first seven bytes: the original (正本) is carried, the duplicate (副本) stays at the gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import base45
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models import cose
from models.terms import Half

PREFIX = "VP1:"
TOKEN_LENGTH = 154
"""Characters, prefix included."""
ID_LENGTH = 7
"""Random bytes that both halves of a pass share."""
SKEW = 120
"""Seconds by which a gate's clock may be wrong."""
LONGEST_LIFE = 24 * 3600
"""Seconds. A token that claims to live longer was not minted by us."""

_ROLES = {Half.ORIGINAL: 0, Half.DUPLICATE: 1}
_HALVES = {number: half for half, number in _ROLES.items()}
_EXPIRES, _NOT_BEFORE, _TOKEN_ID = 4, 5, 7


@dataclass(frozen=True)
class Claims:
    """What a token says. Times are whole seconds since 1970 (UTC)."""

    id: bytes
    half: Half
    not_before: int
    expires: int
    kid: int


class RefusedToken(cose.RefusedDocument):
    """The one way in which verifying fails. `code`: malformed, unknown_key or forged."""


def mint(key: Ed25519PrivateKey, site: str, claims: Claims) -> str:
    """The text of one half's QR code."""
    raw = cose.signed(key, claims.kid, _payload(claims), _context(site))
    encoded: bytes = base45.b45encode(raw)
    return PREFIX + encoded.decode("ascii")


def verify(text: str, keys: Mapping[int, Ed25519PublicKey], site: str) -> Claims:
    """The claims of an authentic token. Raises RefusedToken, and nothing else.

    Whether it is in force now is another question: see `out_of_force`.
    """
    try:
        kid, payload = cose.opened(_bytes(text), keys, _context(site))
        return _claims(kid, payload)
    except cose.RefusedDocument as refused:
        raise RefusedToken(refused.code) from None


def out_of_force(claims: Claims, now: float) -> str:
    """`not_yet` or `expired`, or nothing while the token is in force, the skew allowed."""
    if now < claims.not_before - SKEW:
        return "not_yet"
    if now >= claims.expires + SKEW:
        return "expired"
    return ""


def _bytes(text: str) -> bytes:
    if len(text) == TOKEN_LENGTH and text.startswith(PREFIX):
        try:
            raw: bytes = base45.b45decode(text[len(PREFIX) :].encode("ascii"))
        except ValueError:
            raise cose.RefusedDocument("malformed") from None
        return raw
    raise cose.RefusedDocument("malformed")


def _payload(claims: Claims) -> bytes:
    return cose.encode(
        {
            _EXPIRES: claims.expires,
            _NOT_BEFORE: claims.not_before,
            _TOKEN_ID: claims.id + bytes([_ROLES[claims.half]]),
        }
    )


def _claims(kid: int, payload: bytes) -> Claims:
    said = cose.decode(payload)
    expires, not_before, token_id = (said.get(c) for c in (_EXPIRES, _NOT_BEFORE, _TOKEN_ID))
    typed = isinstance(token_id, bytes) and type(expires) is int and type(not_before) is int
    if (
        not typed
        or len(said) != 3
        or len(token_id) != ID_LENGTH + 1
        or token_id[ID_LENGTH] not in _HALVES
        or not 0 < expires - not_before <= LONGEST_LIFE
    ):
        raise cose.RefusedDocument("malformed")
    return Claims(
        id=token_id[:ID_LENGTH],
        half=_HALVES[token_id[ID_LENGTH]],
        not_before=not_before,
        expires=expires,
        kid=kid,
    )


def _context(site: str) -> bytes:
    return b"lobby-pass/1\0" + site.encode()
