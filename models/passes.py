"""The temporary pass (臨時出入證, the seed's VI): minting and verifying its token. Pure.

A CWT (RFC 8392) as a tagged COSE_Sign1 (RFC 9052) with Ed25519, in base45 (RFC 9285) behind the
prefix `VP1:`: 100 bytes, 154 characters, exactly a full QR code of version 6, level M. The site is
bound through the external data, and nothing personal is inside. Each pass has two halves that share
their first seven bytes: the original (正本) is carried, the duplicate (副本) stays at the gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

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
_ALGORITHM, _KEY_ID = 1, 4
_EDDSA = -8
_EXPIRES, _NOT_BEFORE, _TOKEN_ID = 4, 5, 7
_SIGN1_TAG = 18
_SIGNATURE_LENGTH = 64


@dataclass(frozen=True)
class Claims:
    """What a token says. Times are whole seconds since 1970 (UTC)."""

    id: bytes
    half: Half
    not_before: int
    expires: int
    kid: int


class RefusedToken(Exception):
    """The one way in which verifying fails. `code`: malformed, unknown_key or forged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def mint(key: Ed25519PrivateKey, site: str, claims: Claims) -> str:
    """The text of one half's QR code."""
    head, payload = _encoded(claims)
    signature = key.sign(_to_be_signed(head, payload, site))
    message = cbor2.CBORTag(_SIGN1_TAG, [head, {}, payload, signature])
    encoded: bytes = base45.b45encode(cbor2.dumps(message))
    return PREFIX + encoded.decode("ascii")


def verify(text: str, keys: Mapping[int, Ed25519PublicKey], site: str) -> Claims:
    """The claims of an authentic token. Raises RefusedToken, and nothing else.

    Whether it is in force now is another question: see `out_of_force`.
    """
    if len(text) != TOKEN_LENGTH or not text.startswith(PREFIX):
        _refuse("malformed")
    try:
        raw = base45.b45decode(text[len(PREFIX) :].encode("ascii"))
        message = cbor2.loads(raw)
        head, unprotected, payload, signature = message.value
        claims = _decoded(head, payload)
        again = cbor2.CBORTag(_SIGN1_TAG, [*_parts(claims, unprotected), signature])
        if len(signature) != _SIGNATURE_LENGTH or cbor2.dumps(again) != raw:
            _refuse("malformed")
    except RefusedToken:
        raise
    except Exception:  # noqa: BLE001 - hostile bytes make decoders raise anything
        _refuse("malformed")
    if claims.kid not in keys:
        _refuse("unknown_key")
    try:
        keys[claims.kid].verify(signature, _to_be_signed(head, payload, site))
    except InvalidSignature:
        _refuse("forged")
    return claims


def out_of_force(claims: Claims, now: float) -> str:
    """`not_yet` or `expired`, or nothing while the token is in force, the skew allowed."""
    if now < claims.not_before - SKEW:
        return "not_yet"
    if now >= claims.expires + SKEW:
        return "expired"
    return ""


def _encoded(claims: Claims) -> tuple[bytes, bytes]:
    head = cbor2.dumps({_ALGORITHM: _EDDSA, _KEY_ID: bytes([claims.kid])})
    payload = cbor2.dumps(
        {
            _EXPIRES: claims.expires,
            _NOT_BEFORE: claims.not_before,
            _TOKEN_ID: claims.id + bytes([_ROLES[claims.half]]),
        }
    )
    return head, payload


def _parts(claims: Claims, unprotected: object) -> list[object]:
    """The message as we would have written it; its bytes must equal what arrived, so no second
    encoding of the same claims, no further header and no trailing byte is ever accepted."""
    if unprotected != {}:
        _refuse("malformed")
    head, payload = _encoded(claims)
    return [head, {}, payload]


def _decoded(head: bytes, payload: bytes) -> Claims:
    protected, said = cbor2.loads(head), cbor2.loads(payload)
    if protected[_ALGORITHM] != _EDDSA:
        _refuse("malformed")
    expires, not_before, token_id = said[_EXPIRES], said[_NOT_BEFORE], said[_TOKEN_ID]
    if type(expires) is not int or type(not_before) is not int or len(token_id) != ID_LENGTH + 1:
        _refuse("malformed")
    if not 0 < expires - not_before <= LONGEST_LIFE:
        _refuse("malformed")
    return Claims(
        id=token_id[:ID_LENGTH],
        half=_HALVES[token_id[ID_LENGTH]],
        not_before=not_before,
        expires=expires,
        kid=protected[_KEY_ID][0],
    )


def _to_be_signed(head: bytes, payload: bytes, site: str) -> bytes:
    """The Sig_structure of RFC 9052, section 4.4."""
    external = b"lobby-pass/1\0" + site.encode()
    return cbor2.dumps(["Signature1", head, external, payload])


def _refuse(code: str) -> NoReturn:
    raise RefusedToken(code)
