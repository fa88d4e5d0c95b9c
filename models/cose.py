"""Signed documents: one tagged COSE_Sign1 (RFC 9052) with Ed25519 around some bytes. Pure.

Passes, revocation lists and key sets share this frame. There is exactly one way to write one:
`tag 18 [h'{1: -8, 4: kid}', {}, payload, signature]`. Reading writes it once more and compares, so
no further header, second encoding or trailing byte is accepted, and no decoder ever sees a byte
that was not signed by us.
"""

from collections.abc import Mapping
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LAST_KID = 255
"""A kid is one byte. 0 is the root key's, passes are signed by the others."""

_TAG, _SIGNATURE_BYTES = 18, 64
_ALGORITHM, _KEY_ID, _EDDSA = 1, 4, -8
_KID_AT, _PAYLOAD_AT = 8, 10
_SIGNATURE_HEAD = 2
_PAYLOAD_HEADS = (1, 2, 3, 5)
"""Bytes that CBOR spends on the length of a byte string, RFC 8949 section 3."""


class RefusedDocument(Exception):
    """The one way in which reading fails. `code`: malformed, unknown_key, forged, or what the
    document's own module adds."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def signed(key: Ed25519PrivateKey, kid: int, payload: bytes, context: bytes) -> bytes:
    """The document. `context` says what it is for and where (the `external_aad`), unsent."""
    return _framed(kid, payload, key.sign(_to_be_signed(kid, payload, context)))


def opened(raw: bytes, keys: Mapping[int, Ed25519PublicKey], context: bytes) -> tuple[int, bytes]:
    """The kid and the payload of an authentic document. Raises RefusedDocument."""
    kid, payload, signature = _parts(raw)
    if kid not in keys:
        raise RefusedDocument("unknown_key")
    try:
        keys[kid].verify(signature, _to_be_signed(kid, payload, context))
    except InvalidSignature:
        raise RefusedDocument("forged") from None
    return kid, payload


def encode(value: object) -> bytes:
    """The deterministic CBOR of a payload (RFC 8949, section 4.2.3: shorter keys first)."""
    return cbor2.dumps(value, canonical=True)


def decode(payload: bytes) -> Any:
    """A payload that was signed: a map, in its one encoding. Raises RefusedDocument."""
    try:
        value = cbor2.loads(payload)
        whole = isinstance(value, dict) and encode(value) == payload
    except Exception:  # noqa: BLE001 - decoders raise anything
        whole = False
    if not whole:
        raise RefusedDocument("malformed")
    return dict(value)


def _parts(raw: bytes) -> tuple[int, bytes, bytes]:
    if raw.startswith(_START) and len(raw) > _PAYLOAD_AT + _SIGNATURE_HEAD + _SIGNATURE_BYTES:
        kid, signature = raw[_KID_AT], raw[-_SIGNATURE_BYTES:]
        for head in _PAYLOAD_HEADS:
            payload = raw[_PAYLOAD_AT + head : -_SIGNATURE_BYTES - _SIGNATURE_HEAD]
            if _framed(kid, payload, signature) == raw:
                return kid, payload, signature
    raise RefusedDocument("malformed")


def _framed(kid: int, payload: bytes, signature: bytes) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(_TAG, [_head(kid), {}, payload, signature]))


def _head(kid: int) -> bytes:
    return cbor2.dumps({_ALGORITHM: _EDDSA, _KEY_ID: bytes([kid])})


def _to_be_signed(kid: int, payload: bytes, context: bytes) -> bytes:
    """The Sig_structure of RFC 9052, section 4.4."""
    return cbor2.dumps(["Signature1", _head(kid), context, payload])


_START = _framed(0, b"", b"")[:_KID_AT]
