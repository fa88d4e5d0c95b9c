"""The hash chain of the duty log: what was written cannot be changed without its showing. Pure.

Each entry's hash covers the hash before it, its place, what is public in it, and a salted hash of
its personal fields. The personal fields and their salt can be forgotten together: the chain still
verifies, and nothing can be guessed back from a hash whose salt is gone.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

GENESIS = bytes(32)
"""What the first entry follows."""

Public = tuple[str | int | None, ...]
"""Everything of an entry that stays, as it is stored: texts, numbers, moments in milliseconds."""


@dataclass(frozen=True)
class Sealed:
    """An entry as it is kept. `place` counts from 1; `personal` is a text, and None with its `salt`
    once it has been forgotten."""

    place: int
    public: Public
    personal: str | None
    salt: bytes | None
    personal_hash: bytes
    previous: bytes
    hash: bytes


class Fault(StrEnum):
    """What is wrong with an entry."""

    MISSING = "missing"  # there is none at this place
    UNLINKED = "unlinked"  # it does not follow the one before it
    CHANGED = "changed"  # its hash is not that of what it says
    PERSONAL = "personal"  # the same of its personal fields
    EARLY = "early"  # these were forgotten before their time; not seen by `verify`


@dataclass(frozen=True)
class Broken:
    """The first place at which the chain breaks."""

    place: int
    fault: Fault


@dataclass(frozen=True)
class Verdict:
    """`count` entries hold together, `forgotten` of them without their personal fields; `head` is
    the last one's hash. `known`: an entry with the hash that was asked for is among them."""

    count: int
    forgotten: int
    head: bytes
    known: bool
    broken: Broken | None


def seal(previous: bytes, place: int, public: Public, personal: str, salt: bytes) -> Sealed:
    """Link an entry to the one whose hash is `previous`. `salt` is 16 random bytes of its own."""
    hashed = _hash_personal(personal, salt)
    whole = _hash(previous, place, public, hashed)
    return Sealed(place, public, personal, salt, hashed, previous, whole)


def verify(entries: Iterable[Sealed], wanted: str = "") -> Verdict:
    """Prove a chain, given from its first entry on, up to where it breaks. `wanted` is the hash, or
    its beginning, of an entry that somebody noted down: a chain whose end was cut off holds too."""
    count, forgotten, head, known = 0, 0, GENESIS, not wanted
    for entry in entries:
        if fault := _fault(entry, count + 1, head):
            place = count + 1 if fault is Fault.MISSING else entry.place
            return Verdict(count, forgotten, head, known, Broken(place, fault))
        count, head = count + 1, entry.hash
        forgotten += entry.personal is None
        known = known or head.hex().startswith(wanted)
    return Verdict(count, forgotten, head, known, None)


def _fault(entry: Sealed, place: int, previous: bytes) -> Fault | None:
    if entry.place != place:
        return Fault.MISSING
    if entry.previous != previous:
        return Fault.UNLINKED
    if entry.hash != _hash(previous, place, entry.public, entry.personal_hash):
        return Fault.CHANGED
    if entry.personal is None or entry.salt is None:
        forgotten = entry.personal is None and entry.salt is None
        return None if forgotten else Fault.PERSONAL
    right = entry.personal_hash == _hash_personal(entry.personal, entry.salt)
    return None if right else Fault.PERSONAL


def _hash_personal(personal: str, salt: bytes) -> bytes:
    return hashlib.sha256(salt + personal.encode()).digest()


def _hash(previous: bytes, place: int, public: Public, personal_hash: bytes) -> bytes:
    # As JSON, so that no field's end can be taken for the next one's beginning.
    framed = json.dumps([previous.hex(), place, *public, personal_hash.hex()], ensure_ascii=False)
    return hashlib.sha256(framed.encode()).digest()
