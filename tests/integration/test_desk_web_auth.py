"""Signing in to the desk's page."""

from datetime import UTC, datetime, timedelta

import pytest

from controller.web import auth
from controller.web.auth import COOKIE
from models import store, tables
from tests.accounts import CREDENTIALS
from tests.desk_office import clerk_of, page_of

WRONG = CREDENTIALS | {"password": "not this one"}


@pytest.fixture
def stranger(core):
    return page_of(core)


def test_a_right_password_signs_in_and_says_who_it_is(stranger):
    answer = stranger.post("/api/session", json=CREDENTIALS)
    assert answer.status_code == 200
    assert answer.json() == {"display": "王美玲"}
    assert stranger.get("/api/today").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(stranger, settings):
    cookie = stranger.post("/api/session", json=CREDENTIALS).headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert f"max-age={settings.desk.session_hours * 3600:.0f}" in parts
    assert "secure" not in parts


def test_the_cookie_is_secure_where_the_page_is(core):
    client = page_of(core)
    client.base_url = "https://localhost"
    cookie = client.post("/api/session", json=CREDENTIALS).headers["set-cookie"]
    assert "; secure" in cookie.lower()


def test_the_store_never_has_the_token_itself(stranger):
    stranger.post("/api/session", json=CREDENTIALS)
    token = stranger.cookies[COOKIE]
    assert len(token) >= 43
    assert store.session(token, datetime.now(UTC)) is None


@pytest.mark.parametrize("name", [CREDENTIALS["name"], "nobody", ""])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(stranger, name):
    answer = stranger.post("/api/session", json=WRONG | {"name": name})
    assert answer.status_code == 401
    assert answer.json() == {"code": "wrong_password", "words": "帳號或密碼不對。"}
    assert COOKIE not in stranger.cookies


def test_after_five_wrong_attempts_even_the_right_password_has_to_wait(stranger):
    for _ in range(5):
        assert stranger.post("/api/session", json=WRONG).status_code == 401
    answer = stranger.post("/api/session", json=CREDENTIALS)
    assert answer.status_code == 429
    assert answer.json()["code"] == "too_many_attempts"
    assert "60" in answer.json()["words"]


def test_somebody_elses_wrong_attempts_do_not_lock_the_clerk_out(stranger):
    for _ in range(6):
        stranger.post("/api/session", json=WRONG | {"name": "guess"})
    assert stranger.post("/api/session", json=CREDENTIALS).status_code == 200


def test_right_passwords_are_not_counted(stranger):
    for _ in range(7):
        assert stranger.post("/api/session", json=CREDENTIALS).status_code == 200


def test_an_address_that_invents_names_has_to_wait_too(core, monkeypatch):
    # A check costs time on purpose: a slow machine needs a minute and more for all of these.
    monkeypatch.setattr(auth, "_WINDOW", 3600)
    stranger = page_of(core)
    answers = [stranger.post("/api/session", json=WRONG | {"name": f"n{n}"}) for n in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]


def test_signing_out_ends_the_session_and_not_only_the_cookie(core):
    clerk = clerk_of(core)
    token = clerk.cookies[COOKIE]
    assert clerk.delete("/api/session").status_code == 204
    assert COOKIE not in clerk.cookies
    clerk.cookies.set(COOKIE, token)
    assert clerk.get("/api/today").status_code == 401


def test_a_session_ends_by_itself(core, stranger):
    user = store.user(CREDENTIALS["name"])
    clerk = clerk_of(core)
    with store.transaction():
        tables.DeskSession.update(expires=datetime.now(UTC) - timedelta(seconds=1)).execute()
    assert clerk.get("/api/today").status_code == 401
    assert user is not None


@pytest.mark.parametrize("token", ["", "x", "A" * 5000, "\u00e9", "a\x01b"])
def test_an_invented_token_is_nobody(stranger, token):
    headers = {"cookie": f"{COOKIE}={token}".encode()}
    assert stranger.get("/api/today", headers=headers).status_code == 401


@pytest.mark.parametrize("page", ["/", "/visits", "/passes", "/board", "/devices"])
def test_a_page_asks_who_is_not_signed_in_to_do_so(stranger, page):
    answer = stranger.get(page, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")


def test_who_is_signed_in_is_not_asked_again(core):
    answer = clerk_of(core).get("/signin", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_no_password_and_no_token_reaches_the_log(core, caplog):
    caplog.set_level("DEBUG")
    clerk = clerk_of(core)
    page_of(core).post("/api/session", json=WRONG)
    clerk.get("/api/today")
    assert CREDENTIALS["password"] not in caplog.text
    assert WRONG["password"] not in caplog.text
    assert clerk.cookies[COOKIE] not in caplog.text
    assert "wrong_password" in caplog.text
