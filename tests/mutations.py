"""Spoilt passes: cut, lengthened, changed, framed otherwise and signed by others. Seeded.

They are made of five hundred passes, so that what comes out is hardly ever the same text twice.
"""

import random
import secrets
from collections.abc import Callable, Iterator, Sequence

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from models import cose, passes
from models.passes import PREFIX, TOKEN_LENGTH, Claims
from models.terms import Half

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {1: KEY.public_key()}
SITE = "hq"
CLAIMS = Claims(bytes(range(7)), Half.ORIGINAL, 1_795_430_000, 1_795_440_800, kid=1)
TOKEN = passes.mint(KEY, SITE, CLAIMS)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_OTHER = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
_CONTEXT = b"lobby-pass/1\0hq"


def _minted(number: int) -> str:
    chance = random.Random(number)
    begins = CLAIMS.not_before + chance.randrange(10**6)
    life = chance.randrange(1, passes.LONGEST_LIFE)
    half = chance.choice(list(Half))
    return passes.mint(KEY, SITE, Claims(chance.randbytes(7), half, begins, begins + life, kid=1))


TOKENS = (TOKEN, *map(_minted, range(500)))
"""What the spoilt ones were before; of all texts only these are passes."""


def token_of(raw: bytes) -> str:
    return PREFIX + str(base45.b45encode(raw).decode())


def raw_of(token: str) -> bytes:
    return bytes(base45.b45decode(token[len(PREFIX) :].encode()))


def mutants(seed: int, tokens: Sequence[str] = TOKENS) -> Iterator[str]:
    """Without end, none of them a pass; most of them are cheap to refuse, as in life."""
    chance = random.Random(seed)
    kinds, weights = zip(*_KINDS.items(), strict=True)
    while True:
        [kind] = chance.choices(kinds, weights)
        token = chance.choice(tokens)
        if (mutant := kind(chance, token)) != token:
            yield mutant


def _cut(chance: random.Random, token: str) -> str:
    end = chance.randrange(len(token))
    return chance.choice([token[:end], token[end:]])


def _lengthened(chance: random.Random, token: str) -> str:
    more = "".join(chance.choices(_ALPHABET, k=chance.randrange(1, 40)))
    place = chance.choice([0, len(PREFIX), chance.randrange(len(token)), len(token)])
    return token[:place] + more + token[place:]


def _other_characters(chance: random.Random, token: str) -> str:
    characters = list(token)
    for _ in range(chance.randrange(1, 4)):
        characters[chance.randrange(len(token))] = chr(chance.choice([10, 35, 97, 960, 0x4E2D]))
    return "".join(characters)


def _changed_frame(chance: random.Random, token: str) -> str:
    place = chance.randrange(18)
    return token[:place] + chance.choice(_ALPHABET) + token[place + 1 :]


def _random_text(chance: random.Random, _token: str) -> str:
    return PREFIX + "".join(chance.choices(_ALPHABET, k=TOKEN_LENGTH - len(PREFIX)))


def _changed_bits(chance: random.Random, token: str) -> str:
    raw = bytearray(raw_of(token))
    for _ in range(chance.randrange(1, 4)):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return token_of(bytes(raw))


def _exchanged_characters(chance: random.Random, token: str) -> str:
    characters = list(token)
    one, other = (chance.randrange(len(PREFIX), len(token)) for _ in range(2))
    characters[one], characters[other] = characters[other], characters[one]
    return "".join(characters)


def _framed_otherwise(chance: random.Random, token: str) -> str:
    """The same signed parts in another CBOR."""
    parts = head, _, payload, signature = cbor2.loads(raw_of(token)).value
    tagged = [*parts, chance.choice([None, 0, b"", {}])]
    wrapped: list[object] = [
        parts,
        tagged,
        parts[:3],
        cbor2.CBORTag(chance.choice([16, 17, 61, 96, 98]), parts),
        cbor2.CBORTag(61, cbor2.CBORTag(18, parts)),
        cbor2.CBORTag(18, [head, {4: b"\1"}, payload, signature]),
        cbor2.CBORTag(18, [b"", {1: -8, 4: b"\1"}, payload, signature]),
        cbor2.CBORTag(18, [head, {}, None, signature]),
        cbor2.CBORTag(18, [head, {}, payload.hex(), signature]),
        cbor2.CBORTag(18, {0: head, 1: {}, 2: payload, 3: signature}),
        cbor2.loads(payload),
    ]
    raw = cbor2.dumps(chance.choice(wrapped))
    if chance.random() < 0.5:
        raw = raw[:100].ljust(100, bytes([chance.randrange(256)]))
    return token_of(raw)


def _signed_by_another(chance: random.Random, _token: str) -> str:
    claims = Claims(
        chance.randbytes(7), chance.choice(list(Half)), 0, 3600, chance.choice([0, 1, 9])
    )
    return passes.mint(_OTHER, chance.choice([SITE, "other", ""]), claims)


def _signed_for_something_else(chance: random.Random, token: str) -> str:
    payload = cbor2.loads(raw_of(token)).value[2]
    context = chance.choice(
        [b"lobby-keys/1\0hq", b"lobby-revoked/1\0hq", b"lobby-pass/1\0hq2", b""]
    )
    return token_of(cose.signed(KEY, 1, payload, context))


def _signed_with_other_claims(chance: random.Random, _token: str) -> str:
    """Signed by us, and still no pass."""
    claims = {4: CLAIMS.expires, 5: CLAIMS.not_before, 7: chance.randbytes(7) + b"\0"}
    spoilt: list[object] = [
        claims | {4: CLAIMS.not_before + passes.LONGEST_LIFE + chance.randrange(1, 10**9)},
        claims | {4: CLAIMS.not_before - chance.randrange(1000)},
        claims | {4: float(CLAIMS.expires)},
        claims | {5: True},
        claims | {7: CLAIMS.id + bytes([chance.randrange(2, 256)])},
        claims | {7: CLAIMS.id},
        claims | {7: "7 bytes0"},
        claims | {1: "somebody"},
        {4: CLAIMS.expires, 5: CLAIMS.not_before},
        [claims],
        {},
    ]
    payload = cbor2.dumps(chance.choice(spoilt))
    return token_of(cose.signed(KEY, 1, payload, _CONTEXT))


_KINDS: dict[Callable[[random.Random, str], str], float] = {
    _cut: 30,
    _lengthened: 25,
    _other_characters: 15,
    _changed_frame: 12,
    _random_text: 6,
    _framed_otherwise: 5,
    _exchanged_characters: 2,
    _changed_bits: 3,
    _signed_by_another: 0.7,
    _signed_for_something_else: 0.3,
    _signed_with_other_claims: 1,
}


def fresh_seed() -> int:
    return secrets.randbits(32)
