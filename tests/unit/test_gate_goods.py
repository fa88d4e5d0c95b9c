"""Goods at a gate that is alone: no broker, no controller, its own disk and its own clock."""

import sqlite3

import pytest

from controller.gate.journal import Journal, Slip
from models import goods
from models.passes import SKEW
from models.terms import Direction, GoodsState
from tests.gates import NOON, Mint, enrolled, fresh_key, opened

ID = bytes(range(7))
LIST = (("冰箱", 1, "雙門"), ("紙箱", 12, ""))
APPROVED = Slip(ID, "G-0012", GoodsState.APPROVED, "粵B·12345", LIST)


@pytest.fixture
def gate(file, mint, wall):
    gate = enrolled(file, mint, wall)
    assert gate.journal.hear_goods((1, 1), [APPROVED], NOON)
    return gate


def scan(gate, text, direction=None, key=None):
    return gate.scan(key or fresh_key(), text, direction, "page")


def slip(mint, slip_id=ID, since=NOON, hours=3.0, kid=1):
    claims = goods.Claims(slip_id, int(since), int(since + hours * 3600), kid)
    return goods.mint(mint.key, mint.site, claims)


def test_goods_leave_once_whichever_way_the_page_scans(gate, mint):
    token = slip(mint)
    first = scan(gate, token, Direction.IN)
    assert (first.ok, first.code, first.direction) == (True, "goods_out", Direction.OUT)
    assert (first.number, first.goods) == ("G-0012", True)
    again = scan(gate, token)
    assert (again.ok, again.code) == (False, "already_released")
    assert gate.journal.count_inside() == 0


def test_a_scan_repeated_under_its_key_is_answered_the_same(gate, mint):
    key = fresh_key()
    assert [scan(gate, slip(mint), key=key).code for _ in range(2)] == ["goods_out"] * 2


def test_the_release_is_on_the_disk_before_it_is_green(gate, mint, file, wall):
    gate.journal._database.execute("PRAGMA query_only = 1")
    assert scan(gate, slip(mint)).code == "not_kept"
    gate.journal._database.execute("PRAGMA query_only = 0")
    assert scan(gate, slip(mint)).code == "goods_out"
    gate.journal.close()
    reopened = opened(file, mint, wall)
    assert scan(reopened, slip(mint)).code == "already_released"
    assert reopened.journal.slip(ID).lines == LIST


def test_a_slip_of_which_the_gate_was_never_told_goes_out_by_its_signature_once(gate, mint):
    other = slip(mint, b"another")
    assert [scan(gate, other).code for _ in range(2)] == ["goods_out", "already_released"]
    assert gate.journal.slip(b"another").lines == ()


@pytest.mark.parametrize(
    ("code", "token"),
    [
        ("expired", lambda mint: slip(mint, since=NOON - 3600 - SKEW, hours=1)),
        ("goods_out", lambda mint: slip(mint, since=NOON - 3600 - SKEW + 1, hours=1)),
        ("not_yet", lambda mint: slip(mint, since=NOON + SKEW + 1)),
        ("forged", lambda _: slip(Mint())),
        ("forged", lambda mint: "VG1:" + mint.token(ID)[4:]),
        ("forged", lambda mint: "VP1:" + slip(mint)[4:]),
        ("unknown_key", lambda mint: slip(mint, kid=9)),
        ("incomplete", lambda mint: slip(mint)[:-1]),
        ("malformed", lambda mint: slip(mint) + "A"),
        ("number_only", lambda _: "G-0012"),
        ("number_only", lambda _: "g-9999"),
    ],
)
def test_each_text_has_its_code_and_is_kept(gate, mint, code, token):
    entry = scan(gate, token(mint))
    assert (entry.code, entry.ok) == (code, code == "goods_out")
    assert gate.journal.last(1)[0].code == code


def test_what_was_revoked_released_or_retired_elsewhere_stays_here(gate, mint):
    gate.trust.take_list(mint.revoked(ID, seq=2))
    assert scan(gate, slip(mint)).code == "revoked"
    used = Slip(b"another", "G-0013", GoodsState.RELEASED)
    gate.journal.hear_goods((1, 2), [used], NOON)
    assert scan(gate, slip(mint, b"another")).code == "already_released"
    assert gate.trust.take_keys(mint.keys(seq=2, retired=True)) == ""
    assert scan(gate, slip(mint, b"a third")).code == "retired_key"


def test_what_the_gate_has_still_to_tell_is_not_overruled_by_older_news(gate, mint):
    released = scan(gate, slip(mint))
    assert gate.journal.hear_goods((1, 2), [APPROVED], NOON)
    assert gate.journal.slip(ID).state is GoodsState.RELEASED
    gate.journal.merged([released.key])
    gate.journal.hear_goods((1, 3), [APPROVED], NOON)  # the desk has called that scan wrong
    assert scan(gate, slip(mint)).code == "goods_out"


def test_older_news_is_left_and_a_list_once_told_is_kept(gate):
    bare = Slip(ID, "G-0012", GoodsState.RELEASED)
    assert not gate.journal.hear_goods((1, 1), [bare], NOON)
    assert gate.journal.hear_goods((1, 2), [bare], NOON)
    assert gate.journal.slip(ID).lines == LIST


def test_two_gates_cut_off_from_each_other_each_let_the_goods_out_once(gate, tmp_path, mint, wall):
    other = enrolled(tmp_path / "g2.sqlite3", mint, wall)
    codes = [scan(one, slip(mint)).code for one in (gate, other, gate)]
    assert codes == ["goods_out", "goods_out", "already_released"]


def test_a_pass_and_a_slip_with_the_same_bytes_do_not_touch_each_other(gate, mint):
    assert scan(gate, mint.token(ID)).code == "ok_in"
    assert scan(gate, slip(mint)).code == "goods_out"
    assert scan(gate, mint.token(ID), Direction.OUT).code == "ok_out"


def test_a_journal_of_a_version_without_goods_is_taken_over(tmp_path, mint, wall):
    file = tmp_path / "old.sqlite3"
    Journal(file).close()
    with sqlite3.connect(file) as old:
        old.execute("ALTER TABLE scan DROP COLUMN goods")
        old.execute("DROP TABLE goods")
    assert scan(enrolled(file, mint, wall), slip(mint)).code == "goods_out"
