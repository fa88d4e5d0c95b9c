"""Scans on a real database: in once, out always, and every one kept."""

import re
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller import scanning
from models import passes, store, tables
from models.messages import Leave, Register
from models.terms import Direction, Half, Language, PassState
from models.words import catalogue
from tests.integration.conftest import NOW, fresh_key


@pytest.fixture
def card(ask, expected):
    return ask(Register(code=expected("8888"))).body.passes[0]


def test_a_pass_goes_in_and_out_once(scan, card):
    codes = [scan(card.token, minutes=minute).code for minute in (1, 30, 31)]
    assert codes == ["ok_in", "ok_out", "already_returned"]


def test_a_token_with_two_spaces_in_a_row_is_read_as_it_is(core, scan, card, ask):
    [row] = store.passes_about(NOW)
    token = ""
    while "  " not in token:  # about one in fourteen
        token_id, begins = secrets.token_bytes(7), int(NOW.timestamp())
        token = core.ring.mint(token_id, Half.ORIGINAL, begins, begins + 3600)
    tables.Pass.update(token_id=token_id).where(tables.Pass.id == row.id).execute()
    assert scan(token).code == "ok_in"
    assert ask(Leave(text=token), now=NOW + timedelta(minutes=5)).ok


def test_its_number_can_be_typed_instead(scan, card):
    assert scan(f" {card.number.lower()} ").code == "ok_in"


def test_a_retried_scan_is_answered_the_same_and_done_once(scan, card):
    key = fresh_key()
    assert scan(card.token, key=key) == scan(card.token, key=key, minutes=10)
    assert store.passes_about(NOW)[0].state is PassState.INSIDE


def test_the_duplicate_alone_opens_nothing(scan, card):
    [row] = store.passes_about(NOW)
    duplicate = tables.Pass.get_by_id(row.id).duplicate
    assert scan(duplicate).code == "wrong_half"


def test_an_expired_pass_does_not_enter_but_always_leaves(scan, card):
    late = 3 * 60 + 3
    assert scan(card.token, Direction.IN, minutes=late).code == "expired"
    assert scan(card.token, Direction.OUT, minutes=late).code == "never_entered"


def test_an_overdue_holder_leaves_and_it_is_noted(scan, card):
    scan(card.token)
    assert store.passes_about(NOW)[0].overdue(NOW + timedelta(hours=4))
    result = scan(card.token, minutes=240)
    assert (result.ok, result.code) == (True, "overdue")


OTHER_KEY = Ed25519PrivateKey.generate()
BEGINS = int(NOW.timestamp())
CLAIMS = passes.Claims(b"7 bytes", Half.ORIGINAL, BEGINS, BEGINS + 3600, kid=1)


def minted(core, **other):
    key, site = other.pop("key", core.ring.key), other.pop("site", "test")
    return passes.mint(key, site, replace(CLAIMS, **other))


BAD = {
    "nothing": (lambda _: "", "not_a_pass"),
    "a web address": (lambda _: "https://example.org/pay", "web_address"),
    "a web address without a scheme": (lambda _: "www.example.org", "web_address"),
    "control characters": (lambda _: "VP1:\x1b[2J" + "0" * 140, "control_characters"),
    "a turned-round text": (lambda _: "A-0001\u202e'; DROP TABLE pass", "control_characters"),
    "ten kilobytes": (lambda _: "x" * 10_000, "too_long"),
    "ten kilobytes of a pass": (lambda core: minted(core) * 65, "too_long"),
    "something else": (lambda _: "6901234567892", "not_a_pass"),
    "half a pass": (lambda core: minted(core)[:90], "incomplete"),
    "a pass and more": (lambda core: minted(core) + "0", "malformed"),
    "no CBOR": (lambda _: "VP1:" + "0" * 150, "malformed"),
    "another key": (lambda core: minted(core, key=OTHER_KEY), "forged"),
    "another site": (lambda core: minted(core, site="elsewhere"), "forged"),
    "a key that never was": (lambda core: minted(core, kid=9), "unknown_key"),
    "a pass that nobody issued": (minted, "unknown_pass"),
    "a number that nobody has": (lambda _: "A-9999", "unknown_pass"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_pass_of_ours_is_refused_with_its_code_and_kept(core, scan, what):
    make, code = BAD[what]
    text, key = make(core), fresh_key()
    result = scan(text, key=key)
    assert (result.ok, result.code, result.number) == (False, code, "")
    kept = tables.Scan.get_by_id(key)
    assert (kept.ok, kept.code, kept.pass__id, len(kept.text) <= 200) == (False, code, None, True)
    assert not re.search(r"[\x00-\x1f\u202e]", kept.text)
    for language in Language:
        assert f"desk.scan_{code}" in catalogue(language)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (-passes.SKEW - 1, "not_yet"),
        (-passes.SKEW, "ok_in"),
        (3 * 3600 + passes.SKEW - 1, "ok_in"),
        (3 * 3600 + passes.SKEW, "expired"),
        (3 * 3600 + passes.SKEW + 1, "expired"),
    ],
)
def test_a_pass_is_in_force_for_its_time_and_the_skew_to_the_second(core, card, seconds, code):
    at = NOW + timedelta(seconds=seconds)
    result = scanning.scan(core, fresh_key(), card.token, Direction.IN, "王美玲", at)
    assert (result.code, result.number) == (code, card.number)


def test_a_pass_is_not_used_again_after_its_holder_has_left(scan, card):
    scan(card.token)
    scan(card.token, minutes=20)
    assert scan(card.token, Direction.IN, minutes=21).code == "already_returned"
    assert scan(card.number, Direction.IN, minutes=22).code == "already_returned"


def test_a_visitor_who_shows_the_kiosk_something_else_is_told_that_it_is_no_pass(ask):
    for text in ("https://example.org/", "VP1:", "hello"):
        assert ask(Leave(text=text)).code == "malformed"


def test_a_visitor_leaves_at_the_kiosk_and_a_repeat_is_not_a_second_exit(scan, ask, card):
    scan(card.token)
    key = fresh_key()
    first = ask(Leave(text=card.token), key, NOW + timedelta(minutes=30))
    again = ask(Leave(text=card.token), key, NOW + timedelta(minutes=31))
    assert first == again
    assert first.body.number == card.number
    assert ask(Leave(text=card.token)).code == "already_returned"
