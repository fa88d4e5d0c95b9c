"""The goods slip's token: made like a pass's, never taken for one; and what a scan of it means."""

from itertools import islice

import base45
import pytest
from cwt import COSE, COSEKey
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.gate import judging
from models import cose, goods, passes, tokens
from models.goods import Claims
from models.keysets import KeySet
from models.merging import Conflict, Passing, release
from models.terms import Direction, GoodsState, Half
from tests.integration.conftest import NOW
from tests.mutations import KEY, KEYS, SITE, mutants
from tests.mutations import TOKEN as PASS

CLAIMS = Claims(bytes(range(7)), 1_795_430_000, 1_795_440_800, kid=1)
TOKEN = goods.mint(KEY, SITE, CLAIMS)
SET = KeySet(5, 1_795_430_000, KEYS)
GOLDEN = {
    ("hq", CLAIMS): (
        "VG1:RRQ$-8P609O0B90P3BFN0 NDT781T0 NDT$2J-0100KB0*M08Y027B3/U$%7U07Q7N$FL2DO:V5ASM1KKY2F"
        " $S3 SQ25093+T2128/ZDL/IJBSZUA:ALV HQ7I3.VE5UEOB9J4Y+2C24QCC4USV.5"
    ),
    ("sz-02", Claims(b"\xff" * 7, 1_900_000_000, 1_900_600_000, 255)): (
        "VG1:RRQ$-8P609O0AEWP3BFN0KEEKTR1T0BEEESMJ-0FGWFGWFGWWAW27BV:MG9I-A5C1R LPI G38LK11NY080K"
        ":7NTAPVFQDT76KS8+0R1N:LJ5-MMZ2 +3SY5UH1D-UR5GLPFGX25FQ %S8NNO*PKMA"
    ),
}


def refusal(read, text, site=SITE):
    with pytest.raises(tokens.RefusedToken) as refused:
        read(text, KEYS, site)
    return refused.value.code


@pytest.mark.parametrize(("site", "claims"), GOLDEN)
def test_a_slip_is_the_same_for_ever(site, claims):
    assert goods.mint(KEY, site, claims) == GOLDEN[site, claims]
    assert goods.verify(GOLDEN[site, claims], {claims.kid: KEY.public_key()}, site) == claims


def test_a_slip_fills_a_version_6_qr_code_exactly():
    assert len(TOKEN) == tokens.LENGTH


def test_an_independent_implementation_accepts_our_slip_and_only_as_one():
    public = KEY.public_key().public_bytes_raw()
    key = COSEKey.new({1: 1, -1: 6, 2: b"\x01", 3: -8, -2: public})
    raw = base45.b45decode(TOKEN[len(goods.PREFIX) :].encode())
    reader = COSE.new(verify_kid=True)
    reader.decode_with_headers(raw, [key], external_aad=b"lobby-goods/1\0hq")
    with pytest.raises(Exception, match="verify"):
        reader.decode_with_headers(raw, [key], external_aad=b"lobby-pass/1\0hq")


def test_another_sites_slip_is_forged_here():
    assert refusal(goods.verify, TOKEN, site="elsewhere") == "forged"


def test_a_slip_lives_a_week_at_most():
    begins = CLAIMS.not_before
    longest = Claims(CLAIMS.id, begins, begins + goods.LONGEST_LIFE, 1)
    assert goods.verify(goods.mint(KEY, SITE, longest), KEYS, SITE) == longest
    longer = Claims(CLAIMS.id, begins, begins + goods.LONGEST_LIFE + 1, 1)
    assert refusal(goods.verify, goods.mint(KEY, SITE, longer)) == "malformed"


# --- neither is ever taken for the other ---------------------------------------------------------

IDS = st.binary(min_size=7, max_size=7)
BEGINS = st.integers(2**28, 2**31)
LIVES = st.integers(1, passes.LONGEST_LIFE)


def dressed_as(prefix, token):
    return prefix + token[len(prefix) :]


@given(IDS, BEGINS, LIVES)
def test_no_slip_is_ever_a_pass(slip_id, begins, life):
    token = goods.mint(KEY, SITE, Claims(slip_id, begins, begins + life, 1))
    assert goods.verify(token, KEYS, SITE).id == slip_id
    assert refusal(passes.verify, token) == "malformed"
    assert refusal(passes.verify, dressed_as(passes.PREFIX, token)) == "forged"


@given(IDS, st.sampled_from(Half), BEGINS, LIVES)
def test_no_pass_is_ever_a_slip(pass_id, half, begins, life):
    token = passes.mint(KEY, SITE, passes.Claims(pass_id, half, begins, begins + life, 1))
    assert refusal(goods.verify, token) == "malformed"
    assert refusal(goods.verify, dressed_as(goods.PREFIX, token)) == "forged"


@pytest.mark.parametrize(
    ("read", "prefix", "context", "role"),
    [
        (passes.verify, passes.PREFIX, b"lobby-pass/1\0hq", 2),
        (goods.verify, goods.PREFIX, b"lobby-goods/1\0hq", 0),
        (goods.verify, goods.PREFIX, b"lobby-goods/1\0hq", 1),
    ],
)
def test_the_role_alone_tells_them_apart_even_under_the_right_signature(
    read, prefix, context, role
):
    said = {4: CLAIMS.expires, 5: CLAIMS.not_before, 7: CLAIMS.id + bytes([role])}
    raw = cose.signed(KEY, 1, cose.encode(said), context)
    assert refusal(read, prefix + base45.b45encode(raw).decode()) == "malformed"


def test_a_gate_reads_each_as_what_it_is():
    slip, person = judging.read(TOKEN, SET, SITE), judging.read(PASS, SET, SITE)
    assert (slip.slip, slip.claims) == (CLAIMS, None)
    assert person.slip is None
    assert person.claims is not None
    assert judging.read(dressed_as(passes.PREFIX, TOKEN), SET, SITE).code == "forged"
    assert judging.read(TOKEN[:-1], SET, SITE).code == "incomplete"


def test_none_of_twenty_thousand_spoilt_slips_is_accepted():
    spoilt = (text.replace(passes.PREFIX, goods.PREFIX, 1) for text in mutants(3, [TOKEN]))
    for text in islice((text for text in spoilt if text != TOKEN), 20_000):
        refusal(goods.verify, text)


@settings(max_examples=500)
@given(st.text())
def test_no_text_raises_anything_but_a_refusal(text):
    refusal(goods.verify, text)


# --- what a scan means ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "problem", "code"),
    [
        (GoodsState.APPROVED, "", "goods_out"),
        (GoodsState.APPROVED, "not_yet", "not_yet"),
        (GoodsState.APPROVED, "expired", "expired"),
        (GoodsState.APPROVED, "retired_key", "retired_key"),
        (GoodsState.DRAFT, "", "not_approved"),
        (GoodsState.RELEASED, "", "already_released"),
        (GoodsState.RELEASED, "expired", "already_released"),
        (GoodsState.REVOKED, "", "revoked"),
        (GoodsState.EXPIRED, "", "expired"),
    ],
)
def test_goods_leave_only_on_an_approved_slip_in_its_time(state, problem, code):
    assert goods.judge(state, problem) == goods.Judgement(ok=code == "goods_out", code=code)


def out(key, minute):
    return Passing(key, Direction.OUT, NOW.replace(minute=minute))


def test_the_first_of_two_releases_counts_and_the_other_is_a_conflict_whatever_comes_first():
    for order in ([out("a", 5), out("b", 9)], [out("b", 9), out("a", 5)]):
        used = release(order)
        assert (used.scan, used.conflicts) == ("a", {"b": Conflict.RELEASED_TWICE})


def test_a_release_after_the_revocation_is_a_conflict_and_one_before_is_none():
    revoked_at = NOW.replace(minute=7)
    assert release([out("a", 5)], revoked_at).conflicts == {}
    assert release([out("b", 9)], revoked_at).conflicts == {"b": Conflict.REVOKED_RELEASED}
    assert release([]).at is None
