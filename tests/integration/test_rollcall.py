"""A roll call (疏散點名): several phones, some of them without a network, and not a tick lost."""

import json
import random
import secrets
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from controller import rollcall
from models import store, tables
from models.rollcall import RollMark, standing
from models.terms import Direction, Language, Mark
from tests.desk_office import CREDENTIALS, a_full_day, clerk_of, page_of, served
from tests.parts import ROOT

PICTURES = ROOT / "out" / "ui"


@pytest.fixture
def clerk(core):
    a_full_day(core)
    return clerk_of(core)


def a_mark(number, mark="found", roll=0, undoes=(), ago=0):
    at = (datetime.now(UTC) - timedelta(minutes=ago)).isoformat()
    return {
        "id": secrets.token_hex(16),
        "number": number,
        "mark": mark,
        "undoes": list(undoes),
        "at": at,
        "roll": roll,
    }


def hand_in(clerk, *marks):
    return clerk.post("/api/rollcall/marks", json={"marks": list(marks)})


def numbers(answer):
    return [person["number"] for person in answer["people"]]


def events(what):
    return tables.Event.select().where(tables.Event.what == what).count()


# --- what is kept ---------------------------------------------------------------------------------


def test_everybody_inside_is_on_the_list_with_where_they_went(clerk):
    answer = clerk.get("/api/rollcall").json()
    assert [person["name"] for person in answer["people"]] == ["趙先生", "孫小姐", "鄭大強"]
    assert all(person["destination"] or person["host"] for person in answer["people"])
    assert (answer["roll"], answer["marks"]) == (None, [])


def test_a_roll_call_is_begun_once_however_many_tap_at_the_same_time(clerk):
    first, second = clerk.post("/api/rollcall").json(), clerk.post("/api/rollcall").json()
    assert first["roll"] == second["roll"]
    assert events("roll_begun") == 1


def test_the_same_mark_handed_in_twice_is_one_mark_and_one_line_in_the_log(clerk):
    roll = clerk.post("/api/rollcall").json()
    mark = a_mark(numbers(roll)[0], roll=roll["roll"]["id"])
    for _ in range(3):
        answer = hand_in(clerk, mark).json()
    assert [(m["id"], m["by"]) for m in answer["marks"]] == [(mark["id"], "王美玲")]
    assert events("roll_found") == 1


def test_two_phones_that_hear_nothing_of_each_other_lose_nothing(core, clerk):
    roll = clerk.post("/api/rollcall").json()
    first, second, third = numbers(roll)
    other = clerk_of(core)
    hand_in(other, a_mark(second, roll=1, ago=3), a_mark(first, roll=1, ago=2))
    answer = hand_in(clerk, a_mark(first, "not_found", roll=1), a_mark(third, roll=1)).json()
    assert len(answer["marks"]) == 4
    now = rollcall.roll_now(datetime.now(UTC))
    assert {number for number, m in standing(now.marks).items() if m.mark is Mark.FOUND} == {
        first,
        second,
        third,
    }
    assert now.figures.missing == 0


def test_who_left_since_it_began_is_still_on_the_list_and_no_longer_missing(clerk):
    roll = clerk.post("/api/rollcall").json()
    gone = numbers(roll)[0]
    body = {"id": secrets.token_hex(16), "text": gone, "direction": Direction.OUT}
    assert clerk.post("/api/scans", json=body).json()["ok"]
    answer = clerk.get("/api/rollcall").json()
    assert numbers(answer) == numbers(roll)
    person = next(p for p in answer["people"] if p["number"] == gone)
    assert (person["presence"], person["left_at"] is None) == ("out", False)
    assert rollcall.roll_now(datetime.now(UTC)).figures.missing == 2


def test_a_mark_of_a_phone_that_heard_of_no_roll_call_begins_one(clerk):
    number = numbers(clerk.get("/api/rollcall").json())[0]
    answer = hand_in(clerk, a_mark(number, ago=10)).json()
    assert answer["roll"]["opened_by"] == "王美玲"
    assert len(answer["marks"]) == 1


def test_a_mark_that_comes_after_the_end_is_kept_with_the_roll_call_it_was_made_at(core, clerk):
    roll = clerk.post("/api/rollcall").json()
    late = a_mark(numbers(roll)[0], roll=roll["roll"]["id"])
    assert clerk.post("/api/rollcall/end").json()["roll"] is None
    answer = hand_in(clerk, late).json()
    assert answer["roll"] is None
    assert [mark.key for mark in store.marks(roll["roll"]["id"])] == [late["id"]]


def test_the_end_keeps_the_figures_in_the_log_and_a_second_end_is_refused_in_words(clerk):
    roll = clerk.post("/api/rollcall").json()
    hand_in(clerk, a_mark(numbers(roll)[0], roll=roll["roll"]["id"]))
    clerk.post("/api/rollcall/end").raise_for_status()
    [ended] = tables.Event.select().where(tables.Event.what == "roll_ended")
    assert json.loads(ended.detail) == {"inside": 3, "unknown": 0, "found": 1, "missing": 2}
    again = clerk.post("/api/rollcall/end")
    assert (again.status_code, again.json()["words"]) == (404, "現在沒有進行中的點名。")


def test_a_clock_that_is_ahead_dates_no_mark_into_the_future(clerk):
    roll = clerk.post("/api/rollcall").json()
    hand_in(clerk, a_mark(numbers(roll)[0], roll=roll["roll"]["id"], ago=-600))
    [mark] = store.marks(roll["roll"]["id"])
    assert mark.at <= datetime.now(UTC)


@pytest.mark.parametrize(
    "wrong",
    [{"number": "全部"}, {"mark": "lost"}, {"at": "2026-11-26T10:00:00"}, {"id": "x"}, {"more": 1}],
)
def test_what_no_phone_of_ours_sends_is_refused_and_marks_nobody(clerk, wrong):
    assert hand_in(clerk, a_mark("A-0001") | wrong).status_code == 422
    assert events("roll_begun") == 0


def test_nobody_reads_the_list_without_signing_in(core, clerk):
    stranger = page_of(core)
    assert stranger.get("/api/rollcall").status_code == 401
    assert hand_in(stranger, a_mark("A-0001")).status_code == 401
    assert stranger.get("/rollcall", follow_redirects=False).headers["location"] == "/signin"


# --- on phones ------------------------------------------------------------------------------------


@pytest.fixture
def phones(browser, core, clerk):
    """phones(language) is the roll call on one more phone."""
    with served(core) as address:
        contexts = []

        @contextmanager
        def one(language=Language.ZH_HANT, **more):
            size = {"width": 390, "height": 844}
            context = browser.new_context(base_url=address, viewport=size, **more)
            contexts.append(context)
            context.add_cookies([{"name": "lobby_language", "value": language, "url": address}])
            assert context.request.post("/api/session", data=CREDENTIALS).ok
            page = context.new_page()
            page.goto("/rollcall")
            expect(page.locator("#people li")).to_have_count(3)
            yield page

        yield one
        for context in contexts:
            context.close()


def figure(page, name):
    return page.locator(f"#figure-{name}")


def row(page, name):
    return page.locator("#people li").filter(has_text=name)


def test_ticks_of_two_phones_come_together_on_both(phones):
    with phones() as one, phones() as other:
        one.click("#begin")
        expect(other.locator("#roll")).to_contain_text("點名進行中")
        row(one, "趙先生").get_by_role("button", name="找到").first.click()
        row(other, "孫小姐").get_by_role("button", name="找到").first.click()
        for page in (one, other):
            expect(figure(page, "found")).to_have_text("2")
            expect(figure(page, "missing")).to_have_text("1")
        row(other, "趙先生").get_by_role("button", name="收回").click()
        expect(figure(one, "missing")).to_have_text("2")


def test_a_phone_without_a_network_goes_on_and_hands_in_what_it_has(phones):
    with phones() as here, phones() as below:
        here.click("#begin")
        expect(below.locator("#roll")).to_contain_text("點名進行中")
        expect(below.locator("body")).to_have_attribute("data-kept", "yes")
        below.context.set_offline(True)
        row(below, "趙先生").get_by_role("button", name="找到").first.click()
        expect(figure(below, "found")).to_have_text("1")
        expect(below.locator("#lost")).to_contain_text("連不上")
        row(here, "孫小姐").get_by_role("button", name="找到").first.click()
        below.reload()  # the page comes from the phone, and what was marked is still there
        expect(figure(below, "found")).to_have_text("1")
        expect(below.locator("#roll")).to_contain_text("1 項待上報")
        below.context.set_offline(False)
        for page in (here, below):
            expect(figure(page, "found")).to_have_text("2")
        expect(below.locator("#lost")).to_be_hidden()


def test_signing_out_leaves_no_list_on_the_phone(phones):
    with phones() as page:
        expect(page.locator("body")).to_have_attribute("data-kept", "yes")
        assert page.evaluate("localStorage.getItem('rollcall.list')") is not None
        page.goto("/")
        page.locator("[data-do=sign-out]").first.click()
        expect(page).to_have_url("/signin")
        assert page.evaluate("localStorage.getItem('rollcall.list')") is None


def a_made_up_mark(dice, key, keys):
    at = datetime(2026, 11, 26, 10, dice.randrange(4), tzinfo=UTC)
    number, what = dice.choice(["A-0001", "A-0002"]), dice.choice(list(Mark))
    return RollMark(key, number, what, tuple(dice.sample(keys, 2)), "", at)


def test_the_phones_own_reckoning_is_the_controllers(phones):
    """From the same marks both say the same: a dice of 300, with its seed."""
    dice = random.Random(4)
    keys = [f"{n:032x}" for n in range(12)]
    cases = [
        [a_made_up_mark(dice, key, keys) for key in dice.sample(keys, dice.randrange(1, 9))]
        for _ in range(300)
    ]
    said = [
        [
            {"id": m.key, "number": m.number, "mark": m.mark, "undoes": m.undoes}
            | {"at": m.at.isoformat()}
            for m in case
        ]
        for case in cases
    ]
    with phones() as page:
        there = page.evaluate(
            """async (cases) => {
              const { standing } = await import("/static/rollcall-state.js");
              return cases.map((marks) =>
                Object.fromEntries([...standing(marks)].map(([n, m]) => [n, m.id])));
            }""",
            said,
        )
    assert there == [{n: m.key for n, m in standing(case).items()} for case in cases]


@pytest.mark.parametrize("language", list(Language))
def test_the_list_fits_a_phone_a_desk_and_paper(phones, language, pytestconfig):
    with phones(language) as page:
        page.click("#begin")
        row(page, "趙先生").locator("[data-do=found]").click()
        row(page, "鄭大強").locator("[data-do=not_found]").click()
        expect(figure(page, "missing")).to_have_text("2")
        for device, (width, height) in {"phone": (390, 844), "desk": (1600, 1000)}.items():
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), device
            if pytestconfig.getoption("pictures"):
                page.screenshot(path=PICTURES / f"roll-{language}-{device}.png", full_page=True)
        page.emulate_media(media="print")
        expect(page.locator("#people .acts").first).to_be_hidden()
        expect(page.locator("#people .box").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if pytestconfig.getoption("pictures"):
            page.screenshot(path=PICTURES / f"roll-{language}-print.png", full_page=True)
