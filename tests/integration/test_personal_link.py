"""A colleague says from a phone where they are: by a secret link that the desk gives and takes."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from controller import publishing
from models import store
from models.tables import WhereaboutsLink
from models.terms import Section
from tests.desk_office import clerk_of, page_of, served
from tests.e2e.browser import chromium
from tests.integration.conftest import NOW
from tests.parts import ROOT

PERSON = 3
"""李志強 of 工程部, in the demonstration's office."""


@pytest.fixture
def clerk(core):
    return clerk_of(core)


@pytest.fixture
def link(clerk):
    """The path of the person's page."""
    made = clerk.post(f"/api/colleagues/{PERSON}/link")
    assert made.status_code == 201
    assert made.json()["qr"].startswith("<svg")
    return "/w/" + made.json()["url"].rpartition("/w/")[2]


@pytest.fixture
def phone(core):
    return page_of(core)


def lines(core):
    return publishing.standing(core, Section.WHEREABOUTS, datetime.now(UTC))


def test_what_is_said_is_a_line_of_that_name_and_saying_more_changes_it(core, link, phone):
    first = phone.post(link, data={"state": "out", "place": "B座 巡檢"})
    assert (first.status_code, "已更新" in first.text) == (200, True)
    phone.post(link, data={"state": "in", "place": "", "back": ""})
    [line] = lines(core)
    assert (line.by, line.content["name"], line.content["department"]) == (
        "李志強",
        "李志強",
        "工程部",
    )
    assert (line.content["state"], line.content["place"]) == ("in", "")


def test_a_line_of_the_desk_is_changed_and_not_doubled(core, link, phone, clerk):
    content = {"department": "工程部", "name": "李志強", "state": "in", "place": "辦公室"}
    clerk.post("/api/board/whereabouts", json={"content": content})
    phone.post(link, data={"state": "meeting"})
    assert [(line.by, line.content["state"]) for line in lines(core)] == [("李志強", "meeting")]


def test_it_holds_until_the_time_of_coming_back(core, link, phone):
    soon = core.local(datetime.now(UTC) + timedelta(hours=2))
    phone.post(link, data={"state": "out", "back": f"{soon:%Y-%m-%d %H:%M}"})
    [line] = lines(core)
    assert core.local(line.ends) == soon.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"state": "out", "back": "2020-01-01 09:00"}, "要晚於現在"),
        ({"state": "out", "back": "下午"}, "預計返回"),
        ({"state": "flying"}, "狀態"),
        ({}, "狀態"),
        ({"state": "out", "place": "長" * 61}, "地點"),
        ({"state": "out", "name": "總經理"}, ""),
    ],
)
def test_what_cannot_be_is_said_in_words_and_keeps_what_was_typed(core, link, phone, form, words):
    answer = phone.post(link, data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert form.get("place", "") in answer.text
    assert lines(core) == []


def test_only_the_hash_is_kept(link):
    token = link.removeprefix("/w/")
    [row] = WhereaboutsLink.select()
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_a_link_that_was_revoked_or_replaced_says_so_and_does_nothing(core, link, phone, clerk):
    newer = "/w/" + clerk.post(f"/api/colleagues/{PERSON}/link").json()["url"].rpartition("/w/")[2]
    assert phone.get(link).status_code == 404
    assert phone.post(link, data={"state": "out"}).status_code == 404
    assert phone.get(newer).status_code == 200
    assert clerk.delete(f"/api/colleagues/{PERSON}/link").status_code == 204
    assert "已失效" in phone.get(newer).text
    assert clerk.delete(f"/api/colleagues/{PERSON}/link").json()["code"] == "not_found"
    assert lines(core) == []


def test_links_cannot_be_guessed_at_leisure(phone):
    answers = [phone.get(f"/w/guess-{number}").status_code for number in range(31)]
    assert answers == [404] * 30 + [429]


def test_a_stuck_phone_does_not_flood_the_board(core, link, phone):
    answers = [phone.post(link, data={"state": "out"}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_only_the_desk_makes_links_and_for_people_who_exist(phone, clerk):
    assert phone.post(f"/api/colleagues/{PERSON}/link").status_code == 401
    assert clerk.post("/api/colleagues/999/link").status_code == 404


def test_the_desk_sees_that_there_is_a_link_and_when_it_was_used(link, phone, clerk):
    assert "已有連結" in clerk.get("/colleagues").text
    assert "上次使用" not in clerk.get("/colleagues").text
    phone.post(link, data={"state": "out"})
    assert "上次使用" in clerk.get("/colleagues").text


def test_one_tap_on_a_phone_in_every_language(core):
    with served(core) as address, chromium() as browser:
        url = f"{address}/w/" + _token(core)
        for language in ("zh-Hant", "zh-Hans", "en"):
            context = browser.new_context(viewport={"width": 390, "height": 844})
            context.add_cookies([{"name": "lobby_language", "value": language, "url": address}])
            page = context.new_page()
            page.goto(url)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.fill("[name=place]", "B座 3 樓")
            page.click("button[value=out]")
            page.wait_for_url("**said=1")
            assert page.locator("button[value=out]").bounding_box()["height"] >= 48
            page.screenshot(path=ROOT / "out" / "ui" / f"personal-{language}.png")
            context.close()
    assert [line.content["state"] for line in lines(core)] == ["out"]


def _token(core):
    from controller import personal

    return personal.make_link(core, PERSON, "王美玲", NOW).rpartition("/w/")[2]


def test_a_person_who_is_gone_has_no_page(core, link, phone):
    store.drop_personal_link(PERSON)
    assert phone.get(link).status_code == 404
