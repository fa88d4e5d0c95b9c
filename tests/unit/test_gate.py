"""The gate alone: no broker, no controller, its own disk and its own clock."""

import signal
import subprocess
import sys

import pytest

from controller.gate import gate as gate_module
from controller.gate.journal import Elsewhere
from models.passes import SKEW
from models.terms import Direction, Half, PassState
from tests.gates import NOON, SITE, Hand, Mint, enrolled, fresh_key, opened
from tests.parts import ROOT

ID = bytes(range(7))
HOUR = 3600.0


@pytest.fixture
def gate(file, mint, wall):
    return enrolled(file, mint, wall)


@pytest.fixture
def scan(gate, wall):
    """scan(text, direction, after=seconds) on the gate; the entry."""

    def scanning(text, direction=None, after=0.0, key=None):
        wall.now += after
        return gate.scan(key or fresh_key(), text, direction, "page")

    return scanning


# --- in and out -----------------------------------------------------------------------------------


def test_a_pass_goes_in_and_out_once(scan, mint):
    token = mint.token()
    codes = [scan(token, after=60).code for _ in range(3)]
    assert codes == ["ok_in", "ok_out", "already_returned"]


def test_a_code_read_twice_within_a_moment_is_no_exit(scan, mint):
    token = mint.token()
    assert [scan(token).code, scan(token, after=4).code] == ["ok_in", "already_inside"]
    assert scan(token, after=2).code == "ok_out"


def test_a_scan_repeated_under_its_key_is_answered_the_same(scan, gate, mint):
    token, key = mint.token(), fresh_key()
    first = scan(token, key=key)
    again = scan(token, key=key, after=60)
    assert (again.ok, again.code, again.at) == (first.ok, "ok_in", first.at)
    assert len(gate.journal.last(10)) == 1


def test_the_duplicate_opens_nothing(scan, mint):
    assert scan(mint.token(ID, Half.DUPLICATE)).code == "wrong_half"
    assert scan(mint.token(ID)).code == "ok_in"
    assert scan(mint.token(ID, Half.DUPLICATE), Direction.OUT).code == "ok_out"


def test_nobody_is_held_inside(scan, mint):
    assert scan(mint.token(), Direction.OUT).code == "never_entered"
    late = mint.token(since=NOON - 2 * HOUR, hours=2 + 1 / 60)
    assert scan(late).code == "ok_in"
    assert scan(late, after=HOUR).code == "overdue"


# --- bad input: a code for each, and every one is kept --------------------------------------------


@pytest.mark.parametrize(
    ("code", "token"),
    [
        ("expired", lambda mint: mint.token(since=NOON - HOUR - SKEW, hours=1)),
        ("ok_in", lambda mint: mint.token(since=NOON - HOUR - SKEW + 1, hours=1)),
        ("ok_in", lambda mint: mint.token(since=NOON - HOUR - 1, hours=1)),
        ("not_yet", lambda mint: mint.token(since=NOON + SKEW + 1)),
        ("ok_in", lambda mint: mint.token(since=NOON + SKEW)),
        ("forged", lambda _: Mint().token()),
        ("unknown_key", lambda mint: mint.token(kid=9)),
        ("incomplete", lambda mint: mint.token()[:-1]),
        ("malformed", lambda mint: mint.token() + "A"),
        ("malformed", lambda _: "VP1:" + "é" * 150),
        ("web_address", lambda _: "https://evil.example/VP1:"),
        ("web_address", lambda _: "HTTP://EVIL.EXAMPLE"),
        ("web_address", lambda _: "javascript:alert(1)"),
        ("control_characters", lambda _: "A-0137\x1b[2J"),
        ("control_characters", lambda mint: mint.token()[:80] + "\x00" + mint.token()[81:]),
        ("control_characters", lambda _: "VP1:\u202e" + "0" * 149),
        ("control_characters", lambda _: "\ud800"),
        ("too_long", lambda _: "x" * 10_000),
        ("not_a_pass", lambda _: ""),
        ("not_a_pass", lambda _: "6901234567892"),
        ("not_a_pass", lambda _: "'); DROP TABLE scan; --"),
        ("number_only", lambda _: "A-0137"),
    ],
)
def test_each_text_has_its_code_and_is_kept(scan, gate, mint, code, token):
    text = token(mint)
    entry = scan(text)
    assert (entry.code, entry.ok) == (code, code.startswith("ok_"))
    [kept] = gate.journal.last(10)
    assert kept.code == code
    assert kept.text.isprintable()
    assert len(kept.text) <= 200


def test_a_pass_of_another_site_is_not_ours_even_under_our_key(scan, mint):
    elsewhere = Mint("branch-2")
    elsewhere.key = mint.key
    assert scan(elsewhere.token()).code == "forged"


def test_a_number_lets_nobody_in_but_out(scan, gate):
    gate.journal.hear((1, 1), [Elsewhere(ID, "A-0137", PassState.INSIDE, NOON)])
    assert scan("a-0137").code == "number_only"
    assert scan("A-0137", Direction.IN).code == "number_only"
    assert scan("A-0137", Direction.OUT).code == "ok_out"
    assert scan("A-0137", Direction.OUT).code == "already_returned"
    assert scan("A-9999", Direction.OUT).code == "by_number"


def test_the_scanners_enter_is_no_part_of_the_code(scan, mint):
    assert scan(mint.token() + "\r\n").code == "ok_in"


# --- revocation -----------------------------------------------------------------------------------


def test_a_revoked_pass_lets_nobody_in_and_its_holder_out(scan, gate, mint):
    inside = mint.token(ID)
    assert scan(inside).code == "ok_in"
    gate.trust.take_list(mint.revoked(ID, seq=2))
    assert scan(inside, after=60).code == "revoked"
    assert scan(inside, after=60).code == "already_returned"
    other = mint.token()
    gate.trust.take_list(mint.revoked(_id_of(other, gate), seq=3))
    refused = scan(other)
    assert (refused.ok, refused.code) == (False, "revoked")


def test_a_restarted_gate_goes_by_the_list_before_its_first_scan(gate, file, mint, wall):
    gate.trust.take_list(mint.revoked(ID, seq=2))
    reopened = opened(file, mint, wall)
    assert reopened.scan(fresh_key(), mint.token(ID), None, "page").code == "revoked"


def test_a_list_that_was_rolled_back_or_is_empty_changes_nothing(gate, file, mint, wall):
    gate.trust.take_list(mint.revoked(ID, seq=5))
    assert gate.trust.take_list(mint.revoked(seq=4)) == "old"
    assert gate.trust.take_list(b"") == "empty"
    assert gate.trust.take_list(b"\x00" * 90) == "malformed"
    assert gate.trust.take_list(Mint().revoked(seq=9)) == "forged"
    for one in (gate, opened(file, mint, wall)):
        assert one.trust.take_list(mint.revoked(seq=4)) == "old"
        assert one.trust.is_revoked(ID)


def test_a_list_too_old_is_said_with_its_age(gate, wall):
    assert not gate.health().stale
    wall.now += HOUR
    assert gate.health().stale
    assert gate.health().list_age == HOUR


def test_the_list_of_a_retired_key_still_holds_after_a_restart(gate, file, mint, wall):
    gate.trust.take_list(mint.revoked(ID, seq=2))
    assert gate.trust.take_keys(mint.keys(seq=2, retired=True)) == ""
    reopened = opened(file, mint, wall)
    assert reopened.trust.is_revoked(ID)
    entry = reopened.scan(fresh_key(), mint.token(), None, "page")
    assert (entry.ok, entry.code) == (False, "retired_key")


def test_keys_are_believed_by_the_pinned_root_alone(gate, mint):
    assert gate.trust.take_keys(Mint().keys(seq=9)) == "forged"
    assert gate.trust.take_keys(b"") == "empty"


def test_a_gate_that_has_heard_of_no_key_lets_nobody_in(file, mint, wall):
    bare = opened(file, mint, wall)
    assert bare.scan(fresh_key(), mint.token(), None, "page").code == "unknown_key"
    assert not bare.health().keys


# --- the clock ------------------------------------------------------------------------------------


def test_a_clock_set_back_an_hour_does_not_make_an_expired_pass_good(gate, file, mint, wall):
    gate = opened(file, mint, wall, Hand(0))
    token = mint.token(since=NOON - HOUR - SKEW, hours=1)
    wall.now = NOON - HOUR
    entry = gate.scan(fresh_key(), token, None, "page")
    assert (entry.code, entry.at, entry.shown) == ("expired", NOON, NOON - HOUR)
    assert gate.health().clock.is_behind


def test_a_clock_set_back_while_the_gate_was_off_is_noticed_by_its_journal(gate, file, mint, wall):
    gate.scan(fresh_key(), mint.token(), None, "page")
    wall.now = NOON - HOUR
    reopened = opened(file, mint, wall, Hand(0))
    assert reopened.health().clock.is_behind
    assert reopened.scan(fresh_key(), "x", None, "page").at == NOON


def test_the_time_goes_on_while_the_clock_is_wrong(file, mint, wall):
    steady = Hand(0)
    running = opened(file, mint, wall, steady)
    wall.now, steady.now = NOON - HOUR, 600
    assert running.clock.read().at == NOON + 600


def test_the_controllers_time_puts_a_clock_right_that_was_ahead(file, mint, wall):
    wall.now = NOON + 400 * 24 * HOUR
    gate = opened(file, mint, wall)
    gate.scan(fresh_key(), "x", None, "page")
    assert gate.clock.learn(NOON)
    gate.journal.put_clock_right(NOON)
    assert gate.clock.read().is_ahead
    wall.now = NOON + 60
    assert not opened(file, mint, wall).health().clock.is_behind


# --- the disk -------------------------------------------------------------------------------------


def test_a_scan_outlives_a_kill_between_the_write_and_the_answer(file, mint, wall):
    enrolled(file, mint, wall).journal.close()
    script = """
import os, signal, sys
from pathlib import Path
from controller.gate.journal import Entry, Journal
from models.terms import PassState
entry = Entry(key=sys.argv[2], text="t", ok=True, code="ok_in", direction="in", at=1.0, shown=1.0,
              by="page", pass_id=bytes(7))
Journal(Path(sys.argv[1])).scan(sys.argv[2], lambda: (entry, PassState.INSIDE))
os.kill(os.getpid(), signal.SIGKILL)
"""
    key = fresh_key()
    command = [sys.executable, "-c", script, str(file), key]
    died = subprocess.run(command, cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    again = opened(file, mint, wall)
    assert again.scan(key, "anything", None, "page").code == "ok_in"
    assert again.journal.known(bytes(7)).state is PassState.INSIDE


def test_what_cannot_be_written_does_not_open(gate, mint):
    gate.journal._database.execute("PRAGMA query_only = 1")
    entry = gate.scan(fresh_key(), mint.token(), None, "page")
    assert (entry.ok, entry.code) == (False, "not_kept")
    gate.journal._database.execute("PRAGMA query_only = 0")
    assert gate.scan(fresh_key(), mint.token(), None, "page").code == "ok_in"


def test_what_is_forgotten_was_merged_long_ago(gate, scan, mint):
    merged, waiting = scan("x"), scan("y")
    gate.journal.merged([merged.key])
    gate.journal.forget(NOON + 1)
    assert [entry.key for entry in gate.journal.last(9)] == [waiting.key]


# --- what the others know -------------------------------------------------------------------------


def test_who_came_in_elsewhere_is_inside_here_too(gate, scan, mint):
    gate.journal.hear((1, 1), [Elsewhere(ID, "A-0137", PassState.INSIDE, NOON - 60)])
    entry = scan(mint.token(ID))
    assert (entry.code, entry.number) == ("ok_out", "A-0137")


def test_what_the_gate_has_still_to_tell_is_not_overruled_by_older_news(gate, scan, mint):
    entered = scan(mint.token(ID))
    assert gate.journal.hear((1, 1), [Elsewhere(ID, "A-0137", PassState.ISSUED, NOON)])
    assert gate.journal.known(ID).state is PassState.INSIDE
    gate.journal.merged([entered.key])
    gate.journal.hear((1, 2), [Elsewhere(ID, "A-0137", PassState.RETURNED, NOON + 5)])
    assert gate.journal.known(ID).state is PassState.RETURNED


def test_older_news_than_we_have_is_left(gate):
    gate.journal.hear((2, 5), [Elsewhere(ID, "A-0137", PassState.RETURNED, NOON)])
    assert not gate.journal.hear((2, 5), [Elsewhere(ID, "A-0137", PassState.INSIDE, NOON)])
    assert not gate.journal.hear((1, 9), [Elsewhere(ID, "A-0137", PassState.INSIDE, NOON)])
    assert gate.journal.known(ID).state is PassState.RETURNED


def test_two_gates_cut_off_from_each_other_each_let_a_code_in_once(gate, tmp_path, mint, wall):
    other = enrolled(tmp_path / "g2.sqlite3", mint, wall)
    token = mint.token()
    codes = [one.scan(fresh_key(), token, None, "page").code for one in (gate, other, gate)]
    assert codes == ["ok_in", "ok_in", "already_inside"]


def _id_of(token, gate):
    reading = gate_module.judging.read(token, gate.trust.keys, SITE)
    return reading.claims.id
