"""An office's keys, and a gate that was enrolled there, on a journal of its own."""

import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.gate.clock import Clock
from controller.gate.gate import Gate
from controller.gate.journal import Journal
from controller.gate.trust import Trust
from models import keysets, passes, revocations
from models.keysets import KeySet
from models.passes import Claims
from models.revocations import RevocationList
from models.terms import Half

SITE = "test"
NOON = 1_795_406_400.0


class Hand:
    """A clock that is set by hand."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Mint:
    """The office's side: the root key, one pass key, and what it signs with them."""

    def __init__(self, site: str = SITE) -> None:
        self.site = site
        self.root, self.key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()

    def keys(self, seq: int = 1, *, retired: bool = False) -> bytes:
        mine = {1: self.key.public_key()}
        held = {"keys": {}, "retired": mine} if retired else {"keys": mine}
        return keysets.sign(self.root, self.site, KeySet(seq=seq, issued=int(NOON), **held))

    def revoked(self, *ids: bytes, seq: int = 1, issued: float = NOON) -> bytes:
        listed = RevocationList(seq, int(issued), int(issued) + revocations.LIFE, frozenset(ids))
        return revocations.sign(self.key, self.site, 1, listed)

    def token(
        self,
        pass_id: bytes = b"",
        half: Half = Half.ORIGINAL,
        since: float = NOON,
        hours: float = 3,
        kid: int = 1,
    ) -> str:
        claims = Claims(
            id=pass_id or secrets.token_bytes(passes.ID_LENGTH),
            half=half,
            not_before=int(since),
            expires=int(since + hours * 3600),
            kid=kid,
        )
        return passes.mint(self.key, self.site, claims)


def opened(
    file: Path, mint: Mint, wall: Hand, steady: Hand | None = None, name: str = "g1"
) -> Gate:
    """The gate as its process opens it."""
    journal = Journal(file)
    trust = Trust(journal, mint.root.public_key(), mint.site)
    floor = max(journal.floor(), trust.revoked.issued if trust.revoked else 0)
    return Gate(name, mint.site, journal, trust, Clock(floor, wall, steady or wall))


def enrolled(file: Path, mint: Mint, wall: Hand, *revoked: bytes) -> Gate:
    """A gate that has heard of the keys, and of the passes that were revoked."""
    gate = opened(file, mint, wall)
    assert gate.trust.take_keys(mint.keys()) == ""
    assert gate.trust.take_list(mint.revoked(*revoked)) == ""
    return gate


def fresh_key() -> str:
    return secrets.token_hex(16)
