"""Scans on a real database: in once, out always, and every one kept."""

import secrets
from datetime import timedelta

import pytest

from controller import reception, scanning
from models import passes, store, tables
from models.messages import Leave, Register
from models.terms import Category, Direction, Half, PassState
from tests.integration.conftest import NOW, fresh_key


@pytest.fixture
def card(core, ask):
    reception.make_appointment(
        core,
        name="趙先生",
        organisation="",
        category=Category.ORDINARY,
        party=1,
        host_id=1,
        room_id=None,
        starts=NOW,
        ends=NOW + timedelta(hours=1),
        phone_last4="8888",
        by="desk",
        now=NOW,
    )
    return ask(Register(code="8888")).body.pass_


@pytest.fixture
def scan(core):
    def scanning_(text, direction=None, minutes=0, key=None):
        at = NOW + timedelta(minutes=minutes)
        return scanning.scan(core, key or fresh_key(), text, direction, "王美玲", at)

    return scanning_


def test_a_pass_goes_in_and_out_once(scan, card):
    codes = [scan(card.token, minutes=minute).code for minute in (1, 30, 31)]
    assert codes == ["ok_in", "ok_out", "already_returned"]


def test_a_token_with_two_spaces_in_a_row_is_read_as_it_is(core, scan, card, ask):
    [row] = store.passes_about(NOW)
    token = ""
    while "  " not in token:  # about one in fourteen
        claims = passes.Claims(
            id=secrets.token_bytes(7),
            half=Half.ORIGINAL,
            not_before=int(NOW.timestamp()),
            expires=int(NOW.timestamp()) + 3600,
            kid=1,
        )
        token = passes.mint(core.signing_key, "test", claims)
    tables.Pass.update(token_id=claims.id).where(tables.Pass.id == row.id).execute()
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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://example.org/", "malformed"),
        ("", "malformed"),
        ("VP1:" + "0" * 150, "malformed"),
        ("A-9999", "unknown_pass"),
        ("A-0001\u202e'; DROP TABLE pass", "malformed"),
        ("x" * 10_000, "malformed"),
    ],
)
def test_what_is_no_pass_is_refused_and_kept(scan, text, code):
    key = fresh_key()
    result = scan(text, key=key)
    assert (result.ok, result.code) == (False, code)
    assert store.scan(key).code == code


def test_a_visitor_leaves_at_the_kiosk_and_a_repeat_is_not_a_second_exit(scan, ask, card):
    scan(card.token)
    key = fresh_key()
    first = ask(Leave(text=card.token), key, NOW + timedelta(minutes=30))
    again = ask(Leave(text=card.token), key, NOW + timedelta(minutes=31))
    assert first == again
    assert first.body.number == card.number
    assert ask(Leave(text=card.token)).code == "already_returned"
