"""Search in a real browser: a key away from anywhere, answered while somebody types."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.e2e.browser import admitted, scan_with_a_scanner


def question(desk):
    return desk.locator("#question")


def asked(desk):
    return parse_qs(urlsplit(desk.url).query).get("q")


def test_a_stroke_leads_from_any_page_to_the_field_and_back_into_it(desk):
    for path in ("/", "/passes", "/log", "/devices"):
        desk.goto(path)
        desk.keyboard.press("/")
        desk.wait_for_url("**/search")
        expect(question(desk)).to_be_focused()
    question(desk).press_sequentially("王/", delay=120)
    expect(question(desk)).to_have_value("王/")
    desk.keyboard.press("Escape")
    expect(question(desk)).not_to_be_focused()
    desk.keyboard.press("/")
    expect(question(desk)).to_be_focused()


def test_a_stroke_in_a_field_is_a_stroke(desk):
    desk.goto("/log?new=phone")
    message = desk.locator("#paper [name=message]")
    message.press_sequentially("1/2", delay=120)
    expect(message).to_have_value("1/2")


def test_it_answers_while_somebody_types_who_keeps_the_field(desk, office):
    office.visitor("王小明")
    office.visitor("陳大文")
    desk.goto("/search")
    question(desk).press_sequentially("xiaom", delay=120)
    visits = desk.locator("#found-visits")
    expect(visits).to_contain_text("王小明")
    expect(visits.locator("mark")).to_have_text("小明")
    expect(visits).not_to_contain_text("陳大文")
    expect(question(desk)).to_be_focused()
    expect(question(desk)).to_have_value("xiaom")
    assert asked(desk) == ["xiaom"]
    question(desk).press_sequentially("x", delay=120)
    expect(desk.locator("[data-region=search] .calm")).to_contain_text("沒有找到")
    question(desk).fill("陈")
    expect(visits).to_contain_text("陳大文")
    visits.get_by_role("link", name="查看").click()
    expect(desk.locator(".card", has_text="陳大文")).to_be_visible()
    desk.go_back()
    expect(desk.locator("#found-visits mark")).to_have_text("陳")


def test_a_pass_that_is_scanned_into_the_field_finds_its_visit_and_signs_nobody_in(desk, office):
    number, token = admitted(desk, office, "孫小姐")
    desk.goto("/search")
    question(desk).fill("王")
    scan_with_a_scanner(desk, token)
    expect(question(desk)).to_have_value(number)
    expect(desk.locator("#found-visits")).to_contain_text("孫小姐")
    expect(desk.locator("#found-passes")).to_contain_text("尚未入內")
    assert asked(desk) == [number]
    assert token not in [text for text, _ in office.scans()]
    desk.keyboard.press("Escape")
    scan_with_a_scanner(desk, token)
    expect(desk.locator("#result")).to_contain_text("孫小姐")


def test_a_code_that_is_nobodys_is_said_so_and_what_was_typed_stays(desk):
    desk.goto("/search")
    question(desk).fill("王")
    scan_with_a_scanner(desk, "VP1:" + "A" * 150)
    expect(desk.locator("#toast.bad")).to_contain_text("沒有找到")
    expect(question(desk)).to_have_value("王")
