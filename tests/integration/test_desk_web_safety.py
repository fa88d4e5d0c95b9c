"""What the page must not trust: markup, forged origins, long bodies; and what no log may have."""

import re

import pytest

from controller.web import rights
from controller.web.guard import MAX_BODY, MAX_UPLOAD
from controller.web.pages import PAGES
from models import store, tables
from models.terms import Purpose
from tests.desk_office import CREDENTIALS, a_full_day, arrived, clerk_of, page_of, served, went_in
from tests.e2e.browser import chromium
from tests.integration.conftest import NOW

NAME = "<img src=x onerror=alert(1)>"
FOREIGN = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}
WRITES = sorted(route for route in rights.RIGHTS if not route.startswith("GET "))


@pytest.fixture
def clerk(core):
    return clerk_of(core)


def test_markup_in_every_name_is_text_on_every_page(core):
    a_full_day(core)
    arrived(core, NAME, Purpose.WORKS, organisation=NAME)
    went_in(core, arrived(core, NAME, Purpose.BUSINESS, organisation=NAME, host=7), NOW)
    store.change_user(1, display=NAME)
    with served(core) as address, chromium() as browser:
        context = browser.new_context(base_url=address)
        assert context.request.post("/api/session", data=CREDENTIALS).ok
        page, wrong = context.new_page(), []
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        for path in [*PAGES.values(), "/account", "/rollcall"]:
            page.goto(path)
            assert page.locator("img[src=x]").count() == 0, path
            if path in ("/", "/passes"):
                assert page.get_by_text(NAME).count() > 0
        context.close()
    assert wrong == []


def test_no_page_has_a_script_or_a_style_within(clerk):
    for path in [*PAGES.values(), "/account", "/rollcall", "/nothing", "/c/nobodys", "/w/nobodys"]:
        page = clerk.get(path, headers={"accept": "text/html"}).text
        scripts = set(re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page))
        assert scripts <= {' type="application/json" id="words"'}, path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), path


def test_every_write_from_another_site_is_refused(clerk):
    for route in WRITES:
        method, path = route.split(" ")
        answer = clerk.request(method, re.sub(r"\{\w+\}", "1", path), json={}, headers=FOREIGN)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin"), route


@pytest.mark.parametrize(
    ("path", "size", "refused"),
    [
        ("/api/imports/preview", MAX_UPLOAD + 1, True),
        ("/api/imports/preview", MAX_BODY * 2, False),
        ("/api/tea", MAX_BODY + 1, True),
        ("/w/nobodys", MAX_BODY + 1, True),
    ],
)
def test_what_is_sent_has_an_end(clerk, path, size, refused):
    answer = clerk.post(path, content=b" " * size, headers={"content-type": "application/json"})
    assert (answer.status_code == 413) == refused


def test_no_first_password_no_code_and_no_link_reaches_the_log(core, clerk, caplog):
    caplog.set_level("DEBUG")
    caplog.set_level("WARNING", logger="httpx")
    wish = {"user": "mei", "display": "王小美", "role": "clerk"}
    made = clerk.post("/api/users", json=wish).json()
    again = clerk.post(f"/api/users/{store.user('mei').id}/password").json()
    device = clerk.post("/api/devices", json={"role": "kiosk", "name": "側門"}).json()
    link = clerk.post("/api/colleagues/3/link").json()["url"].rpartition("/w/")[2]
    stranger = page_of(core)
    stranger.post("/api/session", json={"name": "mei", "password": again["password"]})
    stranger.post(f"/w/{link}", headers=FOREIGN)
    for _ in range(11):
        stranger.post(f"/w/{link}", data={"state": "in"})
    stranger.post("/enrol", json={"role": "board", "code": device["code"]})
    tables.database.execute_sql("DROP TABLE whereaboutslink")
    assert stranger.get(f"/w/{link}").status_code == 500
    assert "POST '/w/…' refused with 429" in caplog.text
    assert "GET '/w/…' failed" in caplog.text
    for secret in (made["password"], again["password"], device["code"], link):
        assert secret not in caplog.text
    kept = str(list(tables.Event.select().dicts()))
    for secret in (made["password"], again["password"], device["code"], link):
        assert secret not in kept
