"""The revocation list: which passes that have not expired are no longer valid. Pure.

A signed document (`models.cose`) under the pass key, retained on `passes/revoked`, read by gates
that may be cut off from everything else. Its claims: 4 = exp, 6 = iat (RFC 8392), and of our own
-65537 = seq and -65538 = the revoked ids, seven bytes each, sorted, one after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models import cose

ID_LENGTH = 7
"""Bytes that both halves of a pass share, as in `models.passes`."""
MOST_IDS = 16_000
"""So many fit into the largest message of the wire. A list names only passes that have not expired,
so whoever needs more takes the key out of service."""
LIFE = 15 * 60
"""Seconds from `issued` to `expires`: an older list is a sign of being cut off."""

_EXPIRES, _ISSUED, _SEQ, _IDS = 4, 6, -65537, -65538


class RefusedList(cose.RefusedDocument):
    """The one way in which reading fails. `code`: empty, malformed, unknown_key, forged or old."""


@dataclass(frozen=True)
class RevocationList:
    """Times are whole seconds since 1970 (UTC). A greater `seq` replaces a smaller one."""

    seq: int
    issued: int
    expires: int
    ids: frozenset[bytes]

    def age(self, now: float) -> float:
        """Seconds since it was signed."""
        return max(0.0, now - self.issued)

    def stale(self, now: float) -> bool:
        """It still says who is revoked, but somebody may have been revoked since."""
        return now >= self.expires


def sign(key: Ed25519PrivateKey, site: str, kid: int, revoked: RevocationList) -> bytes:
    """The message's payload. Raises ValueError for more than MOST_IDS."""
    if len(revoked.ids) > MOST_IDS or any(len(one) != ID_LENGTH for one in revoked.ids):
        raise ValueError(f"a revocation list has at most {MOST_IDS} ids of {ID_LENGTH} bytes")
    return cose.signed(key, kid, _payload(revoked), _context(site))


def read(
    payload: bytes, keys: Mapping[int, Ed25519PublicKey], site: str, *, newest: int = 0
) -> RevocationList:
    """An authentic list whose `seq` is not below `newest`. Raises RefusedList, and nothing else.

    Whoever is refused keeps what they have: an empty payload never means "no revocations".
    """
    if not payload:
        raise RefusedList("empty")
    try:
        _, content = cose.opened(payload, keys, _context(site))
        revoked = _read(content)
    except cose.RefusedDocument as refused:
        raise RefusedList(refused.code) from None
    if revoked.seq < newest:
        raise RefusedList("old")
    return revoked


def _payload(revoked: RevocationList) -> bytes:
    return cose.encode(
        {
            _EXPIRES: revoked.expires,
            _ISSUED: revoked.issued,
            _SEQ: revoked.seq,
            _IDS: b"".join(sorted(revoked.ids)),
        }
    )


def _read(content: bytes) -> RevocationList:
    said = cose.decode(content)
    seq, issued, expires, joined = (said.get(claim) for claim in (_SEQ, _ISSUED, _EXPIRES, _IDS))
    whole = isinstance(joined, bytes) and len(joined) % ID_LENGTH == 0
    if whole and all(type(number) is int and number >= 0 for number in (seq, issued, expires)):
        ids = frozenset(joined[i : i + ID_LENGTH] for i in range(0, len(joined), ID_LENGTH))
        revoked = RevocationList(seq, issued, expires, ids)
        # Written once more, it is the same: no claim too many, no id twice.
        if _payload(revoked) == content:
            return revoked
    raise cose.RefusedDocument("malformed")


def _context(site: str) -> bytes:
    return b"lobby-revoked/1\0" + site.encode()
