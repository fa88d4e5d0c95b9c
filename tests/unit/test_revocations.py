"""The revocation list: believed only from us, for this site, and never an older one."""

import random

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSE, COSEKey

from models import cose, passes, revocations
from models.messages import MAX_PAYLOAD
from models.revocations import LIFE, MOST_IDS, RefusedList, RevocationList, read, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {3: KEY.public_key()}
LIST = RevocationList(7, 1_795_430_000, 1_795_430_000 + LIFE, frozenset({b"seven b", b"another"}))
PAYLOAD = sign(KEY, "hq", 3, LIST)
CONTENT = {4: LIST.expires, 6: LIST.issued, -65537: 7, -65538: b"another" + b"seven b"}


def refusal(payload: bytes, site: str = "hq", newest: int = 0) -> str:
    with pytest.raises(RefusedList) as refused:
        read(payload, KEYS, site, newest=newest)
    return refused.value.code


def resigned(content: object) -> bytes:
    return cose.signed(KEY, 3, cbor2.dumps(content, canonical=True), b"lobby-revoked/1\0hq")


def test_what_was_signed_is_read_again():
    assert read(PAYLOAD, KEYS, "hq") == LIST


def test_the_list_that_is_known_already_is_no_news_and_no_problem():
    assert read(PAYLOAD, KEYS, "hq", newest=7) == LIST


def test_an_older_list_is_refused():
    assert refusal(PAYLOAD, newest=8) == "old"


def test_an_empty_payload_is_refused_and_never_means_that_nobody_is_revoked():
    assert refusal(b"") == "empty"


def test_a_list_that_revokes_nobody_is_one():
    nobody = RevocationList(8, 1, 2, frozenset())
    assert read(sign(KEY, "hq", 3, nobody), KEYS, "hq") == nobody


def test_another_sites_list_and_another_keys_are_forged():
    assert refusal(PAYLOAD, site="elsewhere") == "forged"
    assert refusal(sign(Ed25519PrivateKey.generate(), "hq", 3, LIST)) == "forged"


def test_a_key_that_is_not_known_is_named():
    assert refusal(sign(KEY, "hq", 4, LIST)) == "unknown_key"


def test_a_passs_signature_makes_no_list():
    assert refusal(cose.signed(KEY, 3, cbor2.dumps(CONTENT), b"lobby-pass/1\0hq")) == "forged"


def test_an_independent_implementation_reads_our_list_and_we_read_its():
    public, private = KEY.public_key().public_bytes_raw(), KEY.private_bytes_raw()
    key = COSEKey.new({1: 1, -1: 6, 2: b"\x03", 3: -8, -2: public, -4: private})
    aad = b"lobby-revoked/1\0hq"
    _, _, content = COSE.new(verify_kid=True).decode_with_headers(PAYLOAD, [key], external_aad=aad)
    assert cbor2.loads(content) == CONTENT
    theirs = COSE.new().encode_and_sign(
        cbor2.dumps(CONTENT, canonical=True), key, {1: -8, 4: b"\x03"}, external_aad=aad
    )
    assert read(theirs, KEYS, "hq") == LIST


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        CONTENT | {9: 1},
        CONTENT | {-65538: b"too short"},
        CONTENT | {-65538: b"seven b" + b"another"},
        CONTENT | {-65538: b"another" + b"another"},
        CONTENT | {-65538: "another"},
        CONTENT | {-65537: 7.0},
        CONTENT | {-65537: True},
        CONTENT | {-65537: -7},
        {claim: value for claim, value in CONTENT.items() if claim != 4},
    ],
)
def test_a_signed_content_of_another_shape_is_malformed(content):
    assert refusal(resigned(content)) == "malformed"


def test_no_changed_byte_is_accepted():
    chance = random.Random(2)
    for _ in range(2_000):
        raw = bytearray(PAYLOAD)
        raw[chance.randrange(len(raw))] ^= chance.randrange(1, 256)
        assert refusal(bytes(raw)) in ("malformed", "forged", "unknown_key")
    for end in range(1, len(PAYLOAD)):
        assert refusal(PAYLOAD[:end]) in ("malformed", "forged")
    assert refusal(PAYLOAD + b"\0") in ("malformed", "forged")


def test_the_longest_list_fits_into_a_message():
    ids = frozenset(number.to_bytes(7) for number in range(MOST_IDS))
    payload = sign(KEY, "hq", 3, RevocationList(1, 2, 3, ids))
    assert len(payload) < MAX_PAYLOAD
    assert read(payload, KEYS, "hq").ids == ids
    with pytest.raises(ValueError, match="at most"):
        sign(KEY, "hq", 3, RevocationList(1, 2, 3, ids | {b"onemore"}))


def test_its_age_and_its_end_are_known():
    assert LIST.age(LIST.issued + 90) == 90
    assert LIST.age(LIST.issued - 90) == 0
    assert [LIST.stale(LIST.expires - 1), LIST.stale(LIST.expires)] == [False, True]


def test_it_names_passes_by_the_bytes_that_their_halves_share():
    assert revocations.ID_LENGTH == passes.ID_LENGTH
