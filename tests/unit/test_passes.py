"""The pass token: small, signed, and refused for one reason at a time."""

import base45
import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cwt import COSE, COSEKey
from hypothesis import given, settings
from hypothesis import strategies as st

from models.passes import (
    LONGEST_LIFE,
    PREFIX,
    SKEW,
    TOKEN_LENGTH,
    Claims,
    RefusedToken,
    mint,
    out_of_force,
    verify,
)
from models.terms import Half

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {1: KEY.public_key()}
CLAIMS = Claims(
    id=bytes(range(7)),
    half=Half.ORIGINAL,
    not_before=1_795_430_000,
    expires=1_795_440_800,
    kid=1,
)
TOKEN = mint(KEY, "hq", CLAIMS)


def refusal(text: str, site: str = "hq") -> str:
    with pytest.raises(RefusedToken) as refused:
        verify(text, KEYS, site)
    return refused.value.code


def retold(message: object) -> str:
    return PREFIX + base45.b45encode(cbor2.dumps(message)).decode()


def parts() -> list[object]:
    return list(cbor2.loads(base45.b45decode(TOKEN[len(PREFIX) :].encode())).value)


def test_what_was_minted_verifies():
    assert verify(TOKEN, KEYS, "hq") == CLAIMS


def test_a_token_fills_a_version_6_qr_code_exactly():
    assert len(TOKEN) == TOKEN_LENGTH


def test_the_same_claims_make_the_same_token_for_ever():
    assert mint(KEY, "hq", CLAIMS) == TOKEN
    assert TOKEN.startswith("VP1:RRQ$-8P609O0B90P3BFN0")


def test_both_halves_share_their_id():
    duplicate = Claims(CLAIMS.id, Half.DUPLICATE, CLAIMS.not_before, CLAIMS.expires, 1)
    read = verify(mint(KEY, "hq", duplicate), KEYS, "hq")
    assert (read.id, read.half) == (CLAIMS.id, Half.DUPLICATE)


def test_an_independent_implementation_accepts_our_token():
    key = COSEKey.new({1: 1, -1: 6, 2: b"\x01", 3: -8, -2: KEY.public_key().public_bytes_raw()})
    raw = base45.b45decode(TOKEN[len(PREFIX) :].encode())
    aad = b"lobby-pass/1\0hq"
    _, _, payload = COSE.new(verify_kid=True).decode_with_headers(raw, [key], external_aad=aad)
    assert cbor2.loads(payload) == {4: CLAIMS.expires, 5: CLAIMS.not_before, 7: CLAIMS.id + b"\0"}


def test_we_accept_the_token_of_an_independent_implementation():
    key = COSEKey.new(
        {
            1: 1,
            -1: 6,
            2: b"\x01",
            3: -8,
            -2: KEY.public_key().public_bytes_raw(),
            -4: KEY.private_bytes_raw(),
        }
    )
    payload = cbor2.dumps({4: CLAIMS.expires, 5: CLAIMS.not_before, 7: CLAIMS.id + b"\0"})
    raw = COSE.new().encode_and_sign(
        payload, key, protected={1: -8, 4: b"\x01"}, external_aad=b"lobby-pass/1\0hq"
    )
    assert verify(PREFIX + base45.b45encode(raw).decode(), KEYS, "hq") == CLAIMS


def test_another_sites_pass_is_forged_here():
    assert refusal(TOKEN, site="elsewhere") == "forged"


def test_a_key_that_is_not_known_is_named():
    claims = Claims(CLAIMS.id, CLAIMS.half, CLAIMS.not_before, CLAIMS.expires, kid=9)
    assert refusal(mint(KEY, "hq", claims)) == "unknown_key"


def test_another_persons_signature_is_forged():
    other = Ed25519PrivateKey.generate()
    assert refusal(mint(other, "hq", CLAIMS)) == "forged"


def test_an_unsigned_message_is_malformed():
    assert refusal(retold({4: CLAIMS.expires, 5: CLAIMS.not_before, 7: CLAIMS.id + b"\0"})) == (
        "malformed"
    )


def test_a_life_longer_than_we_ever_grant_is_malformed():
    claims = Claims(b"7 bytes", Half.ORIGINAL, 0, LONGEST_LIFE + 1, 1)
    assert refusal(mint(KEY, "hq", claims).ljust(TOKEN_LENGTH, "0")[:TOKEN_LENGTH]) == "malformed"


def test_an_unprotected_header_is_malformed():
    head, _, payload, signature = parts()
    assert refusal(retold(cbor2.CBORTag(18, [head, {4: b"\1"}, payload, signature]))) == "malformed"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "VP1:",
        "https://example.org/" + "A" * 134,
        TOKEN[:-1],
        TOKEN + "0",
        TOKEN.lower(),
        "VP2:" + TOKEN[4:],
        "VP1:" + "Ω" * 150,
        "VP1:" + ":" * 150,
    ],
)
def test_text_that_is_not_a_pass_is_malformed(text):
    assert refusal(text) == "malformed"


@pytest.mark.parametrize(
    ("now", "word"),
    [
        (CLAIMS.not_before - SKEW - 1, "not_yet"),
        (CLAIMS.not_before - SKEW, ""),
        (CLAIMS.expires + SKEW - 1, ""),
        (CLAIMS.expires + SKEW, "expired"),
    ],
)
def test_a_pass_is_in_force_for_its_time_and_the_skew(now, word):
    assert out_of_force(CLAIMS, now) == word


@settings(max_examples=2000)
@given(st.integers(0, 99), st.integers(1, 255))
def test_no_changed_byte_is_accepted(place, change):
    raw = bytearray(base45.b45decode(TOKEN[len(PREFIX) :].encode()))
    raw[place] ^= change
    assert refusal(PREFIX + base45.b45encode(bytes(raw)).decode()) in (
        "malformed",
        "forged",
        "unknown_key",
    )


@given(st.binary(min_size=100, max_size=100))
def test_no_hundred_bytes_raise_anything_but_a_refusal(raw):
    refusal(PREFIX + base45.b45encode(raw).decode())
