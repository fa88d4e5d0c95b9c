"""The key set: which keys are in service, as the root says, and never an older one."""

import random

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSE, COSEKey

from models import cose
from models.keysets import KeySet, RefusedKeySet, read, sign


def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


ROOT = key(100)
PIN = ROOT.public_key()
KEYS = KeySet(
    seq=5,
    issued=1_795_430_000,
    keys={2: key(2).public_key(), 3: key(3).public_key()},
    until={2: 1_795_520_000},
    retired={1: key(1).public_key()},
)
PAYLOAD = sign(ROOT, "hq", KEYS)
ROWS = {
    1: [1, key(1).public_key().public_bytes_raw(), 0],
    2: [0, key(2).public_key().public_bytes_raw(), 1_795_520_000],
    3: [0, key(3).public_key().public_bytes_raw(), 0],
}
CONTENT = {6: KEYS.issued, -65537: 5, -65539: ROWS}


def refusal(payload: bytes, site: str = "hq", newest: int = 0) -> str:
    with pytest.raises(RefusedKeySet) as refused:
        read(payload, PIN, site, newest=newest)
    return refused.value.code


def resigned(content: object) -> bytes:
    return cose.signed(ROOT, 0, cbor2.dumps(content, canonical=True), b"lobby-keys/1\0hq")


def test_what_was_signed_is_read_again():
    assert read(PAYLOAD, PIN, "hq", newest=5) == KEYS


def test_a_replaced_key_is_in_service_until_its_end_and_a_retired_one_is_not():
    assert list(KEYS.in_service(1_795_520_000 - 1)) == [2, 3]
    assert list(KEYS.in_service(1_795_520_000)) == [3]
    assert sorted(KEYS.known) == [1, 2, 3]


def test_an_older_set_is_refused():
    assert refusal(PAYLOAD, newest=6) == "old"


def test_an_empty_payload_is_refused():
    assert refusal(b"") == "empty"


def test_only_the_pinned_root_of_this_site_is_believed():
    assert refusal(PAYLOAD, site="elsewhere") == "forged"
    assert refusal(sign(key(99), "hq", KEYS)) == "forged"


def test_a_pass_key_cannot_say_which_keys_there_are():
    content = cbor2.dumps(CONTENT, canonical=True)
    assert refusal(cose.signed(key(3), 3, content, b"lobby-keys/1\0hq")) == "unknown_key"
    assert refusal(cose.signed(key(3), 0, content, b"lobby-keys/1\0hq")) == "forged"


def test_an_independent_implementation_reads_our_set_and_we_read_its():
    public, private = PIN.public_bytes_raw(), ROOT.private_bytes_raw()
    root = COSEKey.new({1: 1, -1: 6, 2: b"\x00", 3: -8, -2: public, -4: private})
    aad = b"lobby-keys/1\0hq"
    _, _, content = COSE.new(verify_kid=True).decode_with_headers(PAYLOAD, [root], external_aad=aad)
    assert cbor2.loads(content) == CONTENT
    theirs = COSE.new().encode_and_sign(
        cbor2.dumps(CONTENT, canonical=True), root, {1: -8, 4: b"\x00"}, external_aad=aad
    )
    assert read(theirs, PIN, "hq") == KEYS


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        CONTENT | {9: 1},
        CONTENT | {6: 1.5},
        CONTENT | {-65537: True},
        CONTENT | {-65539: []},
        CONTENT | {-65539: {0: ROWS[1]}},
        CONTENT | {-65539: {256: ROWS[1]}},
        CONTENT | {-65539: {"1": ROWS[1]}},
        CONTENT | {-65539: {1: [2, ROWS[1][1], 0]}},
        CONTENT | {-65539: {1: [-1, ROWS[1][1], 0]}},
        CONTENT | {-65539: {1: [0, b"short", 0]}},
        CONTENT | {-65539: {1: [0, ROWS[1][1]]}},
        CONTENT | {-65539: {1: 7}},
    ],
)
def test_a_signed_content_of_another_shape_is_malformed(content):
    assert refusal(resigned(content)) == "malformed"


def test_no_changed_byte_is_accepted():
    chance = random.Random(3)
    for _ in range(2_000):
        raw = bytearray(PAYLOAD)
        raw[chance.randrange(len(raw))] ^= chance.randrange(1, 256)
        assert refusal(bytes(raw)) in ("malformed", "forged", "unknown_key")
    for end in range(1, len(PAYLOAD)):
        assert refusal(PAYLOAD[:end]) in ("malformed", "forged")
