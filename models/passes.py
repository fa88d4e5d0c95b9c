"""The temporary pass (臨時出入證, the seed's VI): minting and verifying its token. Pure.

A token (`models.tokens`) behind the prefix `VP1:`. Each pass has two halves that share their first
seven bytes: the original (正本) is carried, the duplicate (副本) stays at the gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models import tokens
from models.terms import Half
from models.tokens import ID_LENGTH, SKEW, RefusedToken

__all__ = [
    "ID_LENGTH",
    "LONGEST_LIFE",
    "PREFIX",
    "SKEW",
    "TOKEN_LENGTH",
    "Claims",
    "RefusedToken",
    "mint",
    "out_of_force",
    "verify",
]

PREFIX = "VP1:"
TOKEN_LENGTH = tokens.LENGTH
"""Characters, prefix included."""
LONGEST_LIFE = 24 * 3600
"""Seconds. A token that claims to live longer was not minted by us."""

_ROLES = {Half.ORIGINAL: 0, Half.DUPLICATE: 1}
_HALVES = {number: half for half, number in _ROLES.items()}
_PURPOSE = tokens.Purpose(PREFIX, b"lobby-pass/1", frozenset(_HALVES), LONGEST_LIFE)


@dataclass(frozen=True)
class Claims:
    """What a token says. Times are whole seconds since 1970 (UTC)."""

    id: bytes
    half: Half
    not_before: int
    expires: int
    kid: int


def mint(key: Ed25519PrivateKey, site: str, claims: Claims) -> str:
    """The text of one half's QR code."""
    role = _ROLES[claims.half]
    token = tokens.Token(claims.id, role, claims.not_before, claims.expires, claims.kid)
    return tokens.mint(_PURPOSE, key, site, token)


def verify(text: str, keys: Mapping[int, Ed25519PublicKey], site: str) -> Claims:
    """The claims of an authentic token. Raises RefusedToken, and nothing else.

    Whether it is in force now is another question: see `out_of_force`.
    """
    token = tokens.verify(_PURPOSE, text, keys, site)
    half = _HALVES[token.role]
    return Claims(token.id, half, token.not_before, token.expires, token.kid)


def out_of_force(claims: Claims, now: float) -> str:
    """`not_yet` or `expired`, or nothing while the token is in force, the skew allowed."""
    return tokens.out_of_force(claims.not_before, claims.expires, now)
