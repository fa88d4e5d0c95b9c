"""What other programs are told: signatures, pauses, and where nothing is sent."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest

from models import webhooks

# The example of the Standard Webhooks specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def test_a_message_is_signed_as_the_specification_has_it():
    signed = webhooks.signature(SECRET, KEY, 1614265330, BODY)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_exchanged_both_sign():
    other = webhooks.new_secret()
    said = webhooks.headers((other, SECRET), KEY, 1614265330, BODY)
    assert said["webhook-id"] == KEY
    assert said["webhook-timestamp"] == "1614265330"
    by_other, by_secret = said["webhook-signature"].split(" ")
    assert by_secret == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    key = base64.b64decode(other.removeprefix("whsec_"))
    wanted = hmac.new(key, f"{KEY}.1614265330.".encode() + BODY, hashlib.sha256).digest()
    assert by_other == "v1," + base64.b64encode(wanted).decode()


def test_no_secret_and_no_id_comes_twice():
    assert len({webhooks.new_secret() for _ in range(100)}) == 100
    assert len({webhooks.new_key() for _ in range(100)}) == 100


def test_the_pauses_grow_and_last_a_day_in_all():
    assert list(webhooks.PAUSES) == sorted(webhooks.PAUSES)
    total = sum(webhooks.PAUSES, timedelta())
    assert timedelta(hours=23) < total <= timedelta(days=1)
    assert webhooks.pause(1) == timedelta(seconds=5)
    assert webhooks.pause(len(webhooks.PAUSES) + 1) is None


@pytest.mark.parametrize(
    ("address", "flaw", "flaw_local"),
    [
        ("https://oa.example.com/lobby?key=1", "", ""),
        ("https://8.8.8.8/", "", ""),
        ("http://oa.example.com/", "address_open", ""),
        ("http://127.0.0.1:9000/", "address_open", ""),
        ("https://127.0.0.1/", "address_inside", ""),
        ("https://10.1.2.3/", "address_inside", ""),
        ("https://[::1]/", "address_inside", ""),
        ("https://[::ffff:192.168.0.1]/", "address_inside", ""),
        ("https://[64:ff9b::10.0.0.1]/", "address_inside", ""),
        ("https://169.254.169.254/latest/", "address_inside", "address_inside"),
        ("https://[fe80::1]/", "address_inside", "address_inside"),
        ("https://224.0.0.1/", "address_inside", "address_inside"),
        ("https://0.0.0.0/", "address_inside", "address_inside"),
        ("https://mei:secret@example.com/", "bad_address", "bad_address"),
        ("https://@example.com/", "bad_address", "bad_address"),
        ("https://example.com/#part", "bad_address", "bad_address"),
        ("https://example.com:99999/", "bad_address", "bad_address"),
        ("https://ex ample.com/", "bad_address", "bad_address"),
        ("https://example.com/\r\nx: y", "bad_address", "bad_address"),
        ("https://", "bad_address", "bad_address"),
        ("ftp://example.com/", "bad_address", "bad_address"),
        ("file:///etc/passwd", "bad_address", "bad_address"),
        ("https://[::1", "bad_address", "bad_address"),
        ("https://example.com/" + "x" * 500, "bad_address", "bad_address"),
    ],
)
def test_where_nothing_may_be_sent(address, flaw, flaw_local):
    assert webhooks.flaw(address, local=False) == flaw
    assert webhooks.flaw(address, local=True) == flaw_local


def test_an_address_is_shown_without_its_path():
    assert (
        webhooks.shown("https://hooks.example.com/T0/secret?k=1") == "https://hooks.example.com/…"
    )
