"""What holds for every request to the desk's page: origin, host, size, headers, errors in words."""

import re

import pytest

from models import store, tables
from models.messages import MAX_PAYLOAD
from models.terms import Section
from tests.accounts import CREDENTIALS
from tests.desk_office import clerk_of, page_of

NOTICE = {"content": {"text": "下班前請關閉電源"}}
FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://localhost:9999"},
    {"origin": "http://localhost.evil.example"},
    {"origin": "http://[broken"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "http://localhost", "sec-fetch-site": "cross-site"},
]
OWN = [{}, {"origin": "http://localhost"}, {"sec-fetch-site": "same-origin"}]


@pytest.fixture
def clerk(core):
    return clerk_of(core)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_write_from_another_site_is_refused_and_does_nothing(clerk, core, headers):
    answer = clerk.post("/api/board/reminders", json=NOTICE, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["code"] == "cross_origin"
    assert store.notices(Section.REMINDERS) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/session"),
        ("DELETE", "/api/session"),
        ("PUT", "/api/notices/1"),
        ("DELETE", "/api/notices/1"),
        ("POST", "/api/scans"),
        ("POST", "/api/appointments"),
        ("POST", "/api/visits/1/decision"),
        ("PATCH", "/health"),
    ],
)
def test_every_kind_of_write_is_guarded(clerk, method, path):
    answer = clerk.request(method, path, json={}, headers=FOREIGN[0])
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_a_write_from_our_own_page_or_from_a_program_is_done(clerk, headers):
    answer = clerk.post("/api/board/reminders", json=NOTICE, headers=headers)
    assert answer.status_code == 201


def test_a_form_of_another_page_cannot_be_taken_for_json(clerk):
    answer = clerk.post(
        "/api/board/reminders",
        content='{"content": {"text": "x"}}',
        headers={"content-type": "text/plain"},
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "192.168.1.20", "[::1]:8080", "localhost"])
def test_the_page_answers_to_addresses_and_its_own_name(clerk, host):
    assert clerk.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "[::1", "1.2.3"])
def test_a_name_that_is_not_ours_is_refused(clerk, host):
    answer = clerk.get("/health", headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_host")


def test_a_body_that_is_too_large_is_refused_in_words(clerk):
    answer = clerk.post("/api/board/reminders", json={"content": {"text": "長" * MAX_PAYLOAD}})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_of_undeclared_length_is_cut_off(clerk):
    answer = clerk.post(
        "/api/board/reminders",
        content=(b" " * 10_000 for _ in range(10)),
        headers={"content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "path", ["/", "/signin", "/health", "/api/today", "/static/desk.css", "/x"]
)
def test_every_answer_has_the_security_headers(clerk, path):
    headers = clerk.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_visitors_names_stay_out_of_the_browsers_cache(clerk):
    assert clerk.get("/").headers["cache-control"] == "no-store"
    assert clerk.get("/desk/fragments/inside").headers["cache-control"] == "no-store"


def test_a_fault_of_ours_is_said_in_words_and_logged(core, caplog):
    clerk = clerk_of(core)
    tables.database.execute_sql("DROP TABLE device")
    answer = clerk.get("/api/devices")
    assert answer.status_code == 500
    assert answer.json()["code"] == "fault"
    assert "Traceback" not in answer.text
    assert "no such table" in caplog.text
    assert clerk.get("/api/directory").status_code == 200


def test_health_needs_no_session(core):
    answer = page_of(core).get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_everything_but_health_the_description_and_signing_in_needs_a_session(core):
    stranger = page_of(core)
    paths = stranger.get("/openapi.json").json()["paths"]
    open_to_all = {("get", "/health"), ("post", "/api/session"), ("delete", "/api/session")}
    open_to_all |= {("post", "/enrol")}  # a device has its one-time code instead
    for path, methods in paths.items():
        for method in methods.keys() - {m for m, p in open_to_all if p == path}:
            answer = stranger.request(method, re.sub(r"\{\w+\}", "1", path), json={})
            assert (method, path, answer.status_code) == (method, path, 401)
            assert answer.json()["code"] == "sign_in_first"


def test_an_unknown_address_is_said_in_the_form_it_was_asked_in(clerk):
    page = clerk.get("/nowhere", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "回到今日" in page.text
    assert clerk.get("/api/nowhere", headers={"accept": "text/html"}).json()["code"] == "not_found"
    assert clerk.get("/desk/fragments/nowhere").json()["code"] == "not_found"


def test_a_wrong_method_is_said_in_words(clerk):
    answer = clerk.get("/api/scans")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-Hant", "帳號或密碼不對。"), ("zh-Hans", "账号或密码不对。"), ("en", "The user name")],
)
def test_errors_speak_the_language_of_the_reader(core, language, words):
    stranger = page_of(core)
    stranger.cookies.set("lobby_language", language)
    answer = stranger.post("/api/session", json=CREDENTIALS | {"password": "wrong"})
    assert answer.json()["words"].startswith(words)


def test_an_invented_language_is_the_sites_own(core):
    stranger = page_of(core)
    stranger.cookies.set("lobby_language", "../../etc/passwd")
    assert stranger.get("/api/today").json()["words"] == "請先登入。"
