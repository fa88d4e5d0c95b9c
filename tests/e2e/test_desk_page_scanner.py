"""A code scanner at the desk's page: it types wherever the focus is, and must do no harm there."""

import time

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import admitted, card, field, scan_with_a_scanner, strike

_HAND = 0.2
"""Seconds after a scan in which a person has done something, by what their key says."""


def test_a_scan_needs_no_click_into_a_field(desk, office):
    number, code = admitted(desk, office, "掃碼客")
    scan_with_a_scanner(desk, code)
    expect(desk.locator("#result b")).to_have_text("放行，已入內")
    expect(desk.locator("#result")).to_contain_text(f"{number}　掃碼客")
    expect(desk.locator("#result")).to_have_class("result good")
    row = desk.locator("tr[data-number]", has_text="掃碼客")
    row.get_by_role("button", name="為 掃碼客 簽離").click()
    expect(desk.locator("#result b")).to_have_text("已簽離")
    expect(row).to_have_count(0)


def test_nothing_of_a_pass_reaches_the_page_once_it_is_recognised(desk, office):
    _, code = admitted(desk, office, "無痕客")
    desk.evaluate("() => { window.seen = ''; document.onkeydown = e => { seen += e.key; }; }")
    scan_with_a_scanner(desk, code)
    expect(desk.locator("#result b")).to_have_text("放行，已入內")
    assert desk.evaluate("seen") == "VP1"


def test_a_scan_leaves_nothing_in_the_field_that_had_the_focus(desk, office):
    _, code = admitted(desk, office, "打字客")
    place = field(desk, "place")
    place.fill("B座 3 樓")
    place.press("ArrowLeft")
    scan_with_a_scanner(desk, code)
    expect(desk.locator("#result b")).to_have_text("放行，已入內")
    expect(place).to_have_value("B座 3 樓")
    expect(place).to_be_focused()
    place.press("x")
    expect(place).to_have_value("B座 3 x樓")


def test_a_scan_presses_no_button_and_chooses_nothing_that_had_the_focus(desk, office):
    _, code = admitted(desk, office, "按鈕客")
    office.visitor("旁人")
    expect(card(desk, "旁人")).to_be_visible()
    for what in ("[data-do=admit]", "[data-class]"):
        card(desk, "旁人").locator(what).focus()
        ended = scan_with_a_scanner(desk, f"VP1: {code}")
        expect(desk.locator("#result")).to_be_visible()
        expect(desk.locator("#result b")).to_have_text("這不是通行碼")
        strike(desk, "\x1b", ended + _HAND)
        expect(desk.locator("#result")).to_be_hidden()
    expect(card(desk, "旁人").locator("[data-class]")).to_have_value("service")
    expect(card(desk, "旁人")).to_have_count(1)


def test_a_scanned_pass_does_nothing_as_shortcuts(desk, office):
    office.visitor("等候客")
    expect(card(desk, "等候客")).to_be_visible()
    card(desk, "等候客").focus()
    scan_with_a_scanner(desk, "1AAWRRS/")
    expect(desk.locator("#result b")).to_have_text("這不是通行碼")
    expect(card(desk, "等候客")).to_be_focused()
    expect(card(desk, "等候客")).not_to_contain_text("已請等候")


def test_a_scanned_address_is_never_opened(desk):
    before = desk.url
    scan_with_a_scanner(desk, "https://evil.example/?a=1")
    expect(desk.locator("#result b")).to_have_text("這不是通行碼，而是網址；沒有開啟")
    assert desk.url == before


@pytest.mark.parametrize("late", [200, 900])
def test_a_code_of_whose_end_a_busy_machine_hears_late_is_judged_whole(desk, office, late):
    _, code = admitted(desk, office, f"慢機客{late}")
    for text, said in (
        ("https://evil.example/?a=1", "這不是通行碼，而是網址；沒有開啟"),
        (code, "放行，已入內"),
    ):
        heard = strike(desk, text[:6], time.time())
        desk.wait_for_timeout(late)
        strike(desk, text[6:] + "\r", heard + 0.005)
        expect(desk.locator("#result b")).to_have_text(said)


def test_two_codes_one_right_after_the_other_are_both_judged(desk, office):
    codes = {name: admitted(desk, office, name)[1] for name in ("前一位", "後一位")}
    ended = scan_with_a_scanner(desk, codes["前一位"])
    strike(desk, codes["後一位"] + "\r", ended + 0.02)
    for name in codes:
        expect(desk.get_by_role("button", name=f"為 {name} 簽離")).to_be_visible()
    assert {(code, "ok_in") for code in codes.values()} <= set(office.scans())


def test_a_code_without_an_enter_is_judged_though_somebody_types_on(desk):
    ended = scan_with_a_scanner(desk, "ABCDEFG", end="")
    strike(desk, "s", ended + _HAND)
    expect(desk.locator("#result b")).to_have_text("這不是通行碼")
    expect(desk.get_by_label("通行證號")).to_be_focused()


@pytest.mark.parametrize(
    "text", ["\t", "\r\t", " ", "x\t\t", "\x1b\t ", "\rABCDEFG", "ABCDEFG\ra", "a"], ids=repr
)
def test_no_key_inside_a_code_presses_moves_or_closes_anything(desk, office, text):
    office.visitor("鍵盤客")
    expect(card(desk, "鍵盤客").last).to_be_visible()
    button = card(desk, "鍵盤客").last.locator("[data-do=ask_to_wait]")
    waiting = card(desk, "鍵盤客").filter(has_text="已請等候").count()
    button.focus()
    ended = scan_with_a_scanner(desk, text)
    expect(desk.locator("#result")).to_be_visible()
    expect(desk.locator("#result")).to_have_class("result bad")
    expect(card(desk, "鍵盤客").filter(has_text="已請等候")).to_have_count(waiting)
    button.focus()
    expect(button).to_be_focused()
    strike(desk, "\r", ended + _HAND)
    expect(card(desk, "鍵盤客").filter(has_text="已請等候")).to_have_count(waiting + 1)


def test_whoever_sees_the_answer_can_close_it_however_soon(desk):
    ended = scan_with_a_scanner(desk, "ABCDEFG")
    expect(desk.locator("#result b")).to_have_text("這不是通行碼")
    strike(desk, "\x1b", ended + 0.001)
    expect(desk.locator("#result")).to_be_hidden()


def test_an_address_scanned_into_a_field_without_an_enter_leaves_nothing_there(desk):
    place = field(desk, "place")
    place.fill("B座")
    scan_with_a_scanner(desk, "https://evil.example/?a=1", end="")
    expect(desk.locator("#result b")).to_have_text("這不是通行碼，而是網址；沒有開啟")
    expect(place).to_have_value("B座")


def test_a_scanner_without_an_enter_key_works_too(desk, office):
    _, code = admitted(desk, office, "無回車客")
    scan_with_a_scanner(desk, code, end="")
    expect(desk.locator("#result b")).to_have_text("放行，已入內")


def test_a_code_that_breaks_off_is_said_to_be_incomplete_and_kept(desk, office):
    scan_with_a_scanner(desk, "VP1:ABC", end="")
    expect(desk.locator("#result b")).to_have_text("掃描不完整，請再掃一次")
    assert ("VP1:ABC", "incomplete") in office.scans()


def test_a_code_longer_than_any_of_ours_is_refused_as_too_long(desk):
    scan_with_a_scanner(desk, "X" * 500)
    expect(desk.locator("#result b")).to_have_text("這不是通行碼：內容太長")


def test_a_pass_number_can_be_typed_by_hand(desk, office):
    number, _ = admitted(desk, office, "手打客")
    desk.keyboard.press("s")
    expect(desk.get_by_label("通行證號")).to_be_focused()
    desk.get_by_label("通行證號").press_sequentially(number.lower(), delay=120)
    desk.keyboard.press("Enter")
    # A number can be guessed: somebody has to see that it is the holder.
    expect(desk.locator("#result b")).to_have_text("只憑證號不放行：請核對是不是持證人本人")
    expect(desk.locator("#result")).to_contain_text("手打客")
    desk.locator("#confirm-scan").click()
    expect(desk.locator("#result b")).to_have_text("放行，已入內")
    expect(desk.locator("#confirm-scan")).to_be_hidden()


def test_a_pass_is_shown_as_a_code(desk, office):
    number, _ = admitted(desk, office, "要證客")
    desk.get_by_role("button", name="顯示 要證客 的通行證").click()
    slip = desk.locator("#slip")
    expect(slip).to_contain_text(number)
    picture = slip.locator("img")
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") > 0
