"""The goods-release slip (物品放行, the seed's VI.11): its token, and what a scan means. Pure.

A token (`models.tokens`) of the same frame and keys as a pass, behind the prefix `VG1:`, bound to a
purpose and a role of its own: neither is ever taken for the other. It lets the listed goods out
once, at a gate or at the desk; the list itself is not inside (it would need a larger code), so a
gate is told it beforehand (`models.messages.KnownGoods`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models import tokens
from models.terms import GoodsState

PREFIX = "VG1:"
LONGEST_LIFE = 7 * 24 * 3600
"""Seconds from the approval to the end: whoever moves out on Sunday asks for it days before."""

_ROLE = 2
_PURPOSE = tokens.Purpose(PREFIX, b"lobby-goods/1", frozenset({_ROLE}), LONGEST_LIFE)


@dataclass(frozen=True)
class Claims:
    """What a token says. Times are whole seconds since 1970 (UTC)."""

    id: bytes
    not_before: int
    expires: int
    kid: int


@dataclass(frozen=True)
class Judgement:
    """What a scan means: `code` is `goods_out`, or the refusal."""

    ok: bool
    code: str


def mint(key: Ed25519PrivateKey, site: str, claims: Claims) -> str:
    """The text of the slip's QR code."""
    token = tokens.Token(claims.id, _ROLE, claims.not_before, claims.expires, claims.kid)
    return tokens.mint(_PURPOSE, key, site, token)


def verify(text: str, keys: Mapping[int, Ed25519PublicKey], site: str) -> Claims:
    """The claims of an authentic token. Raises tokens.RefusedToken, and nothing else."""
    token = tokens.verify(_PURPOSE, text, keys, site)
    return Claims(token.id, token.not_before, token.expires, token.kid)


def out_of_force(claims: Claims, now: float) -> str:
    """`not_yet` or `expired`, or nothing while the slip is in force, the skew allowed."""
    return tokens.out_of_force(claims.not_before, claims.expires, now)


_CLOSED = {
    GoodsState.DRAFT: "not_approved",
    GoodsState.RELEASED: "already_released",
    GoodsState.REVOKED: "revoked",
    GoodsState.EXPIRED: "expired",
}


def judge(state: GoodsState, out_of_force: str) -> Judgement:
    """Whether the goods may leave. Unlike a person, goods can be kept inside."""
    refusal = _CLOSED.get(state) or out_of_force
    return Judgement(ok=not refusal, code=refusal or "goods_out")
