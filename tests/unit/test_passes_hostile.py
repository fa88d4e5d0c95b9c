"""Nobody makes a pass but us: two hundred thousand spoilt ones, and the same tokens for ever."""

from collections import Counter
from itertools import islice

import pytest
from cwt import COSE, COSEKey
from hypothesis import given, settings
from hypothesis import strategies as st

from models import passes
from models.passes import Claims, RefusedToken
from models.terms import Half
from tests.fuzz_passes import fuzz_one, inputs
from tests.mutations import CLAIMS, KEY, KEYS, SITE, TOKEN, mutants, raw_of, token_of

HOW_MANY = 200_000
SEED = 1
GOLDEN = {
    ("hq", CLAIMS): (
        "VP1:RRQ$-8P609O0B90P3BFN0 NDT781T0 NDT$2J-0100KB0*M06Y027B6QM%SKKPAQ/8P81*O04Z7QZ3CRGEFD."
        "88GNEIHK/YK%$NUELC-D66EX:5V.89SK3DO.2I/0PD5ST*J4RV7ILG2Q*CN1QJ..6"
    ),
    ("hq", Claims(CLAIMS.id, Half.DUPLICATE, CLAIMS.not_before, CLAIMS.expires, 1)): (
        "VP1:RRQ$-8P609O0B90P3BFN0 NDT781T0 NDT$2J-0100KB0*M07Y027B7Q0$1INHD3K47T9W41G2ONFTHDTL*VB"
        "RR.PO31KGNU9UGMU8N/HKS6QVUP*UC-7/8HQSA:L00PT9TH6A8 BST-G/TT 7VSIE"
    ),
    ("sz-02", Claims(b"\xff" * 7, Half.ORIGINAL, 1_900_000_000, 1_900_086_400, 255)): (
        "VP1:RRQ$-8P609O0AEWP3BFN0DEERP01T0BEEESMJ-0FGWFGWFGWUAW27BDBFBZ223FL2DY7TS43F6IFWPL6KH/KJ"
        "UFEUS/LG%.L:PCW%EBTVOI1%/M*N9N24MSK/F8SY7$7A$QIX$KM1Q7LTUJQ:.F80B"
    ),
}


@pytest.mark.parametrize(("site", "claims"), GOLDEN)
def test_a_token_is_the_same_for_ever(site, claims):
    assert passes.mint(KEY, site, claims) == GOLDEN[site, claims]
    assert passes.verify(GOLDEN[site, claims], {claims.kid: KEY.public_key()}, site) == claims


def test_none_of_two_hundred_thousand_different_spoilt_passes_is_accepted():
    codes: Counter[str] = Counter()
    spoilt = mutants(SEED)
    tried: set[str] = set()
    while len(tried) < HOW_MANY:
        if (text := next(spoilt)) in tried:
            continue
        tried.add(text)
        try:
            passes.verify(text, KEYS, SITE)
        except RefusedToken as refused:
            codes[refused.code] += 1
    assert codes.total() == HOW_MANY
    assert set(codes) == {"malformed", "forged", "unknown_key"}
    # Enough of them get as far as the signature for it to be what stops them.
    assert codes["forged"] > HOW_MANY / 100


@given(st.text())
def test_no_text_raises_anything_but_a_refusal(text):
    with pytest.raises(RefusedToken):
        passes.verify(text, KEYS, SITE)


@given(st.integers(0, len(TOKEN)), st.integers(0, len(TOKEN)), st.text(max_size=8))
@settings(max_examples=300)
def test_no_part_of_a_pass_with_something_else_inside_is_accepted(start, end, between):
    spoilt = TOKEN[:start] + between + TOKEN[end:]
    if spoilt != TOKEN:
        with pytest.raises(RefusedToken):
            passes.verify(spoilt, KEYS, SITE)


CLAIMED = st.builds(
    lambda token_id, half, begins, life, kid: Claims(token_id, half, begins, begins + life, kid),
    st.binary(min_size=7, max_size=7),
    st.sampled_from(Half),
    st.integers(2**28, 2**32 - passes.LONGEST_LIFE - 1),
    st.integers(1, passes.LONGEST_LIFE),
    st.integers(0, 255),
)


@given(CLAIMED)
def test_each_of_two_implementations_verifies_what_the_other_minted(claims):
    token = passes.mint(KEY, SITE, claims)
    assert len(token) == passes.TOKEN_LENGTH
    kid, public, private = bytes([claims.kid]), KEY.public_key(), KEY.private_bytes_raw()
    key = COSEKey.new({1: 1, -1: 6, 2: kid, 3: -8, -2: public.public_bytes_raw(), -4: private})
    aad = b"lobby-pass/1\0hq"
    _, _, payload = COSE.new(verify_kid=True).decode_with_headers(
        raw_of(token), [key], external_aad=aad
    )
    theirs = COSE.new().encode_and_sign(payload, key, {1: -8, 4: kid}, external_aad=aad)
    assert passes.verify(token_of(theirs), {claims.kid: public}, SITE) == claims


def test_the_fuzz_target_finds_nothing_in_its_first_inputs_and_would_see_an_accepted_one():
    for data in islice(inputs(SEED), 3_000):
        fuzz_one(data)
    ours = Claims(b"another", Half.ORIGINAL, CLAIMS.not_before, CLAIMS.expires, kid=1)
    with pytest.raises(AssertionError, match="a spoilt pass was read"):
        fuzz_one(passes.mint(KEY, SITE, ours).encode())
