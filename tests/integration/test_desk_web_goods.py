"""Goods slips on the desk's page: what it takes, what it shows, and what it says when it cannot."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image, ImageDraw

from controller.web.qr import svg
from models import store
from models.qr import matrix
from models.terms import Language
from models.words import say
from tests.desk_office import a_full_day, clerk_of
from tests.qr import codes


@pytest.fixture
def clerk(core):
    return clerk_of(core)


def slip(**more):
    ends = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
    said = {"id": secrets.token_hex(16), "name": "王小明", "unit": "3 座 12A", "ends": ends}
    return said | {"goods": [{"item": "冰箱", "pieces": 1, "remark": "雙門"}]} | more


@pytest.fixture
def approved(clerk):
    made = clerk.post("/api/goods", json=slip()).json()
    return clerk.post(f"/api/goods/{made['id']}/approve").json()


def scan(clerk, text, **more):
    body = {"id": secrets.token_hex(16), "text": text} | more
    return clerk.post("/api/scans", json=body).json()


def test_a_slip_is_drafted_approved_and_released_by_its_code(clerk):
    made = clerk.post("/api/goods", json=slip(plate="粵B·12345")).json()
    assert (made["number"], made["state"]) == ("G-0001", "draft")
    assert clerk.get(f"/api/goods/{made['id']}/qr.svg").status_code == 404
    signed = clerk.post(f"/api/goods/{made['id']}/approve").json()
    assert (signed["state"], signed["approved_by"]) == ("approved", "王美玲")
    out = scan(clerk, store.goods(made["id"]).token)
    assert (out["ok"], out["tone"], out["words"]) == (True, "good", "物品放行")
    assert (out["number"], out["name"]) == ("G-0001", "3 座 12A　王小明")
    assert out["lines"] == ["冰箱 × 1（雙門）", "車牌 粵B·12345"]
    again = scan(clerk, store.goods(made["id"]).token)
    assert (again["code"], again["tone"], again["lines"]) == ("already_released", "bad", [])


def test_a_typed_number_asks_to_compare_and_then_releases(clerk, approved):
    asked = scan(clerk, " g-0001 ")
    assert (asked["ok"], asked["asks"], asked["tone"]) == (False, True, "odd")
    assert asked["lines"] == ["冰箱 × 1（雙門）"]
    assert scan(clerk, "G-0001", seen=True)["code"] == "goods_out"


def test_the_code_is_drawn_as_a_reader_reads_it(clerk, approved):
    token = store.goods(approved["id"]).token
    assert clerk.get(f"/api/goods/{approved['id']}/qr.svg").content == svg(token)
    rows = matrix(token, "M")
    image = Image.new("L", ((len(rows) + 8) * 4,) * 2, 255)
    pen = ImageDraw.Draw(image)
    for y, row in enumerate(rows, 4):
        for x, dark in enumerate(row, 4):
            if dark:
                pen.rectangle((x * 4, y * 4, x * 4 + 3, y * 4 + 3), fill=0)
    assert codes(image) == [token]


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"goods": []}, "goods", "物品清單"),
        ({"goods": [{"item": " ", "pieces": 1}]}, "item", "物品"),
        ({"goods": [{"item": "箱", "pieces": 0}]}, "pieces", "數量"),
        ({"goods": [{"item": "箱", "pieces": "很多"}]}, "pieces", "數量"),
        ({"goods": [{"item": "箱" * 41, "pieces": 1}]}, "item", "物品"),
        ({"goods": [{"item": "箱", "pieces": 1}] * 31}, "goods", "物品清單"),
        ({"unit": ""}, "unit", "房號"),
        ({"name": ""}, "name", "姓名"),
        ({"phone_last4": "12"}, "phone_last4", "電話末四位"),
        ({"ends": "昨天"}, "ends", "結束時間"),
        ({"plate": "粵" * 21}, "plate", "車牌"),
    ],
)
def test_a_wrong_field_is_named_in_words(clerk, more, field, words):
    answer = clerk.post("/api/goods", json=slip(**more))
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert words in answer.json()["words"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("", slip(ends="2000-01-01 09:00"), 422, "time_past"),
        ("", slip(ends=(datetime.now(UTC) + timedelta(days=8)).isoformat()), 422, "goods_too_long"),
        ("", slip(permit=77), 404, "not_found"),
        ("/77/approve", {}, 404, "not_found"),
        ("/77/revoke", {}, 404, "not_found"),
        ("/1/revoke", {"reason": ""}, 422, "note_missing"),
        ("/1/print", {"id": "0" * 32}, 409, "no_printer"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(clerk, approved, path, body, status, code):
    answer = clerk.post(f"/api/goods{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    for language in Language:
        assert say(language, f"desk.code_{code}")


def test_a_retried_draft_is_one_slip(clerk):
    body = slip()
    assert clerk.post("/api/goods", json=body).json() == clerk.post("/api/goods", json=body).json()
    assert len(clerk.get("/api/goods").json()) == 1


def test_what_somebody_typed_is_never_markup(clerk):
    wicked = "<script>alert(1)</script>"
    goods = [{"item": wicked, "pieces": 1, "remark": '"><img>'}]
    clerk.post("/api/goods", json=slip(name=wicked, goods=goods)).raise_for_status()
    page = clerk.get("/goods").text
    assert "<script>alert" not in page
    assert "<img>" not in page


def test_the_counter_leads_a_resident_with_goods_to_a_slip_in_their_language(core):
    a_full_day(core)
    clerk = clerk_of(core)
    assert "/goods?ticket=1&amp;number=R-001" in clerk.get("/counter").text
    made = clerk.post("/api/goods", json=slip(ticket=1)).json()
    assert store.goods(made["id"]).language is Language.ZH_HANT


def test_the_page_shows_what_can_be_done_with_each(core):
    a_full_day(core)
    page = clerk_of(core).get("/goods").text
    for words in (
        "核對無誤，核准",
        "在前台放行",
        "已放行",
        "雙門冰箱 × 1（海爾，銀色）",
        "恒信裝修",
    ):
        assert words in page
