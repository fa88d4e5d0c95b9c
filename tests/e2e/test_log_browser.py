"""The duty log in a real browser: two keystrokes to every form, and what falls due by itself."""

import re

from playwright.sync_api import expect

from models.duty import FORMS
from tests.e2e.browser import sign_in, stranger_at


def press(desk, letter):
    """L, and a letter once the menu is there."""
    desk.keyboard.press("l")
    expect(desk.locator("#log-menu")).to_be_visible()
    desk.keyboard.press(letter)


def open_thread(desk, text):
    return desk.locator("[data-log]", has_text=text)


def test_two_keystrokes_lead_from_any_page_to_a_form_ready_to_be_typed_into(desk):
    for path, kind in (("/", "phone"), ("/passes", "complaint"), ("/devices", "key")):
        desk.goto(path)
        press(desk, FORMS[kind].letter)
        desk.wait_for_url(f"**/log?new={kind}")
        expect(desk.locator("#paper :is(input, textarea)").first).to_be_focused()


def test_the_letters_are_only_letters_while_something_is_being_typed(desk):
    desk.goto("/log?new=phone")
    message = desk.locator("#paper [name=message]")
    message.press_sequentially("lp", delay=150)
    expect(message).to_have_value("lp")
    expect(desk.locator("#log-menu")).to_be_hidden()


def test_an_entry_whose_answer_was_lost_is_sent_by_the_page_loaded_again_and_stands_once(desk):
    def lose(route):
        route.fetch()
        route.abort()

    desk.goto("/log?new=other")
    message, said = desk.locator("#paper [name=message]"), desk.locator("#paper .said[role]")
    message.fill("只記一次")
    desk.route("**/api/log", lose)
    desk.click("#paper .primary")
    expect(said).to_contain_text("未能連線")
    desk.unroute("**/api/log")
    desk.reload()
    expect(message).to_have_value("只記一次")
    desk.click("#paper .primary")
    expect(said).to_contain_text("已記錄")
    expect(desk.locator("[data-thread]", has_text="只記一次")).to_have_count(1)
    message.fill("只記一次")
    desk.click("#paper .primary")
    expect(desk.locator("[data-thread]", has_text="只記一次")).to_have_count(2)


def test_a_complaint_is_recorded_passed_on_done_and_called_back(desk):
    press(desk, "c")
    form = desk.locator("#paper")
    form.locator("[name=message]").fill("七樓走廊有異味")
    form.locator(".primary").click()
    expect(form.locator(".said.bad")).to_have_text("請填寫「轉告／交由」。")
    expect(form.locator("[name=to]")).to_be_focused()
    form.locator("[name=to]").fill("工程部")
    form.locator(".primary").click()
    expect(form.locator(".said.good")).to_contain_text("已記錄")
    thread = open_thread(desk, "七樓走廊有異味")
    thread.locator("[name=receiver]").fill("李志強")
    thread.get_by_role("button", name="已轉達").click()
    expect(thread).to_contain_text("待辦結")
    thread.get_by_role("button", name="已辦結").click()
    thread.get_by_role("button", name="已回訪").click()
    expect(desk.locator("#toast.bad")).to_contain_text("回訪結果")
    thread.locator("[name=answer]").fill("滿意")
    thread.get_by_role("button", name="已回訪").click()
    expect(thread).to_have_count(0)
    closed = desk.locator("[data-thread]", has_text="七樓走廊有異味")
    expect(closed).to_contain_text("全程")
    expect(closed).to_contain_text("接收人：李志強")


def test_another_desk_sees_an_entry_at_once_and_what_was_being_typed_there_stays(
    browser, office, desk
):
    desk.goto("/log?new=key")
    with stranger_at(browser, office) as other:
        sign_in(other)
        other.goto("/log?new=other")
        other.fill("#paper [name=message]", "尚未寫完")
        desk.fill("#paper [name=key]", "A 座天台")
        desk.fill("#paper [name=holder]", "何工")
        desk.click("#paper .primary")
        lent = open_thread(other, "A 座天台")
        expect(lent).to_contain_text("待歸還")
        expect(other.locator("#paper [name=message]")).to_have_value("尚未寫完")
        other.reload()
        expect(other.locator("#paper [name=message]")).to_have_value("尚未寫完")
        lent.get_by_role("button", name="已歸還").click()
        expect(open_thread(desk, "A 座天台")).to_have_count(0)


def recorded_meanwhile(desk, message):
    """An entry that a program appends while the page stands as it is."""
    desk.evaluate(
        """(message) => fetch("/api/log", {method: "POST",
        headers: {"content-type": "application/json"},
        body: JSON.stringify({id: crypto.randomUUID().replaceAll("-", ""), kind: "other",
        fields: {message}, deadline: "2999-01-01 10:00"})})""",
        message,
    )


def test_a_word_that_an_input_method_is_composing_is_not_torn_by_what_happens_meanwhile(desk):
    recorded_meanwhile(desk, "招牌掉漆")
    desk.goto("/log")
    note = open_thread(desk, "招牌掉漆").locator("[name=note]")
    note.fill("已通知")
    held = []

    def hold(route):
        held.append(route)

    desk.route("**/desk/fragments/*followups*", hold, times=1)
    with desk.expect_request("**/desk/fragments/*followups*"):
        recorded_meanwhile(desk, "來電話了")
    keyboard = desk.context.new_cdp_session(desk)
    word = {"text": "lizhi", "selectionStart": 5, "selectionEnd": 5}
    keyboard.send("Input.imeSetComposition", word)
    expect(note).to_have_value("已通知lizhi")
    with desk.expect_response("**/desk/fragments/*followups*") as answer:
        held[0].continue_()
    answer.value.finished()
    # What the page has done with that answer, it has done before it is given the next.
    desk.evaluate("fetch('/api/screens').then((answer) => answer.text())")
    keyboard.send("Input.insertText", {"text": "李志"})
    expect(note).to_have_value("已通知李志")
    expect(open_thread(desk, "來電話了")).to_be_visible()
    expect(note).to_have_value("已通知李志")
    expect(note).to_be_focused()


def test_the_caret_stays_where_somebody_types_while_the_list_around_it_changes(desk):
    recorded_meanwhile(desk, "門口有紙箱")
    desk.goto("/log")
    note = open_thread(desk, "門口有紙箱").locator("[name=note]")
    note.fill("已請人搬走")
    desk.evaluate("document.activeElement.setSelectionRange(1, 3)")
    recorded_meanwhile(desk, "又有紙箱")
    expect(open_thread(desk, "又有紙箱")).to_be_visible()
    expect(note).to_be_focused()
    assert desk.evaluate("getSelection().toString()") == "請人"


def open_without_its_script(desk, path):
    """A page of the log whose script is held back; the list is to hold its request."""
    held = []

    def hold(route):
        held.append(route)

    desk.route("**/static/log.js", hold, times=1)
    with desk.expect_request("**/static/log.js"):
        desk.goto(path, wait_until="commit")
    return held


def test_who_is_faster_than_the_pages_scripts_loses_nothing(desk):
    held = open_without_its_script(desk, "/log?new=other")
    desk.fill("#paper [name=message]", "門鈴已修好")
    desk.click("#paper .primary")
    held[0].continue_()
    expect(desk.locator("#paper .said")).to_contain_text("已記錄")
    expect(desk.locator("[data-thread]", has_text="門鈴已修好")).to_have_count(1)


def test_whoever_types_before_the_page_is_ready_keeps_the_cursor(desk):
    held = open_without_its_script(desk, "/log?new=phone")
    desk.locator("#paper [name=caller]").fill("何經理")
    held[0].continue_()
    desk.wait_for_load_state()
    expect(desk.locator("#paper [name=caller]")).to_be_focused()


def test_a_mistake_is_corrected_and_then_voided_and_the_original_stays_legible(desk):
    desk.goto("/log?new=other")
    desk.fill("#paper [name=message]", "大堂海報以更換")
    desk.click("#paper .primary")
    entry = desk.locator("[data-thread]", has_text="大堂海報以更換")
    entry.get_by_role("link", name="更正").click()
    desk.fill("#paper [name=message]", "大堂海報已更換")
    desk.click("#paper .primary")
    expect(desk.locator("#paper .said.bad")).to_have_text("請寫明原因。")
    desk.fill("#paper [name=reason]", "錯字")
    desk.click("#paper .primary")
    desk.wait_for_url("**/log")
    entry = desk.locator("[data-thread]", has_text="大堂海報已更換")
    expect(entry.locator("s")).to_contain_text("大堂海報以更換")
    entry.get_by_role("link", name="更正").click()
    desk.fill("#paper [name=reason]", "記重了")
    desk.click("#void")
    expect(desk.locator("#void")).to_have_text("確定作廢")
    desk.click("#void")
    desk.wait_for_url("**/log")
    expect(entry).to_contain_text("作廢：記重了")


def record(desk, kind, **fields):
    """Record an entry by its form: its thread of the day."""
    desk.goto(f"/log?new={kind}")
    for name, text in fields.items():
        desk.fill(f"#paper [name={name}]", text)
    desk.click("#paper .primary")
    thread = desk.locator("[data-thread]", has_text=next(iter(fields.values())))
    expect(thread).to_be_visible()
    return thread


def follow(desk, thread, words):
    """A link of an entry, until the scripts of its form have run."""
    thread.get_by_role("link", name=words).click()
    desk.wait_for_url(re.compile(r"/log\?(correct|defer)="))


def test_a_correction_outlives_the_session_and_is_never_put_into_another_entrys(desk):
    record(desk, "other", message="甲梯停電")
    record(desk, "other", message="乙梯停電")

    def correct(said):
        desk.goto("/log")
        follow(desk, desk.locator("[data-thread]", has_text=said), "更正")

    correct("甲梯停電")
    desk.fill("#paper [name=message]", "甲梯停電兩小時")
    desk.fill("#paper [name=reason]", "漏記")
    # A region that is due just now would find out first, and leave before the button is met.
    desk.route("**/desk/fragments/**", lambda route: route.abort())
    desk.context.clear_cookies()
    desk.click("#paper .primary")
    desk.wait_for_url("**/signin")
    desk.unroute("**/desk/fragments/**")
    sign_in(desk)
    correct("乙梯停電")
    expect(desk.locator("#paper [name=message]")).to_have_value("乙梯停電")
    expect(desk.locator("#paper [name=reason]")).to_have_value("")
    correct("甲梯停電")
    expect(desk.locator("#paper [name=message]")).to_have_value("甲梯停電兩小時")
    expect(desk.locator("#paper [name=reason]")).to_have_value("漏記")
    desk.click("#paper .primary")
    desk.wait_for_url("**/log")
    correct("甲梯停電兩小時")
    expect(desk.locator("#paper [name=reason]")).to_have_value("")


def test_two_correct_one_entry_and_the_second_sees_both_and_keeps_what_was_typed(
    desk, browser, office
):
    record(desk, "other", message="水塔清洗")
    with stranger_at(browser, office) as other:
        sign_in(other)
        for page, text in ((desk, "水塔清洗至四點"), (other, "水塔清洗至五點")):
            page.goto("/log")
            follow(page, page.locator("[data-thread]", has_text="水塔清洗"), "更正")
            page.fill("#paper [name=message]", text)
            page.fill("#paper [name=reason]", "改期")
        desk.click("#paper .primary")
        desk.wait_for_url("**/log")
        other.click("#paper .primary")
        said = other.locator("#paper .said.bad")
        expect(said).to_contain_text("水塔清洗至四點")
        # What began before the other's correction is not taken for one that has seen it.
        other.reload()
        expect(other.locator("#paper [name=message]")).to_have_value("水塔清洗至五點")
        other.click("#paper .primary")
        expect(said).to_contain_text("水塔清洗至四點")
        expect(other.locator("#paper [name=message]")).to_have_value("水塔清洗至五點")
        said.get_by_role("button", name="仍要記錄").click()
        other.wait_for_url("**/log")
        expect(desk.locator("[data-thread]", has_text="水塔清洗至五點")).to_be_visible()


def test_a_stage_that_comes_after_somebody_elses_says_so_and_is_taken_with_another_press(
    desk, browser, office
):
    recorded_meanwhile(desk, "地毯捲邊")
    desk.goto("/log")
    mine = open_thread(desk, "地毯捲邊")
    mine.locator("[name=note]").fill("已壓平")
    with stranger_at(browser, office) as other:
        sign_in(other)
        other.goto("/log")
        follow(other, open_thread(other, "地毯捲邊"), "改派")
        other.fill("#paper [name=deadline]", "2999-02-01 10:00")
        other.fill("#paper [name=reason]", "等膠水")
        # This desk has not heard yet: what it shows is a moment old.
        desk.route("**/desk/fragments/*", lambda route: route.abort())
        other.click("#paper .primary")
        other.wait_for_url("**/log")
    mine.get_by_role("button", name="已辦結").click()
    expect(desk.locator("#toast.bad")).to_contain_text("改期")
    desk.unroute("**/desk/fragments/*")
    expect(mine).to_contain_text("等膠水")
    expect(mine.locator("[name=note]")).to_have_value("已壓平")
    mine.get_by_role("button", name="已辦結").click()
    expect(mine).to_have_count(0)


def test_a_correction_that_is_given_up_says_again_what_the_entry_says(desk):
    follow(desk, record(desk, "other", message="丙梯停電"), "更正")
    desk.fill("#paper [name=message]", "丁梯停電")
    desk.reload()
    expect(desk.locator("#paper [name=message]")).to_have_value("丁梯停電")
    desk.click("#paper [type=reset]")
    expect(desk.locator("#paper [name=message]")).to_have_value("丙梯停電")
    desk.reload()
    expect(desk.locator("#paper [name=message]")).to_have_value("丙梯停電")


def test_a_deferral_and_a_handover_survive_another_language(desk):
    record(desk, "key", key="水房", holder="何工")
    follow(desk, open_thread(desk, "水房"), "改派")
    desk.fill("#paper [name=reason]", "何工仍在檢修")
    desk.get_by_role("button", name="English").click()
    expect(desk.get_by_role("button", name="English")).to_have_attribute("aria-pressed", "true")
    expect(desk.locator("#paper [name=reason]")).to_have_value("何工仍在檢修")
    desk.goto("/log?shift=handed_over")
    desk.fill("#paper [name=note]", "水房鑰匙未還")
    desk.get_by_role("button", name="繁體中文").click()
    expect(desk.get_by_role("button", name="繁體中文")).to_have_attribute("aria-pressed", "true")
    expect(desk.locator("#paper [name=note]")).to_have_value("水房鑰匙未還")


def test_a_checklist_half_gone_over_survives_a_reload(desk):
    desk.goto("/log")
    links = desk.locator(".rounds li a.btn")
    here, other = (links.nth(place).get_attribute("href") for place in (0, 1))
    desk.goto(here)
    form = desk.locator("#paper")
    form.get_by_role("button", name="全部正常").click()
    form.locator("[value=wrong]").first.check()
    form.locator("[name=note]").fill("燈管待換")
    desk.reload()
    expect(form.locator("[name=note]")).to_have_value("燈管待換")
    expect(form.locator("[value=wrong]").first).to_be_checked()
    expect(form.locator("[value=wrong]:checked")).to_have_count(1)
    expect(form.locator("[value=fine]:not(:checked)")).to_have_count(1)
    desk.goto(other)
    expect(form.locator("[name=note]")).to_have_value("")
    expect(form.locator(":checked")).to_have_count(0)


def test_what_is_typed_for_the_next_stage_survives_a_reload_until_the_stage_is_taken(desk):
    record(desk, "repair", found="水管漏水", to="工程部")
    record(desk, "repair", found="門鎖壞了", to="工程部")
    mine, other = open_thread(desk, "水管漏水"), open_thread(desk, "門鎖壞了")
    mine.locator("[name=receiver]").fill("李志強")
    desk.reload()
    expect(mine.locator("[name=receiver]")).to_have_value("李志強")
    expect(other.locator("[name=receiver]")).to_have_value("")
    mine.locator("[data-do=log-stage]").click()
    expect(mine.locator("[name=signed_by]")).to_be_visible()
    expect(desk.locator("#toast")).not_to_be_empty()
    assert desk.evaluate("Object.values(sessionStorage).join().includes('李志強')") is False


def test_a_deadline_that_passes_shows_on_every_page_by_itself(desk, office):
    # The controller's own clock tells: a deadline just ahead, sent as a program would. It is to
    # arrive before it is over, at a controller that may stand still.
    desk.evaluate(
        """() => fetch("/api/log", {method: "POST", headers: {"content-type": "application/json"},
        body: JSON.stringify({id: crypto.randomUUID().replaceAll("-", ""), kind: "other",
        fields: {message: "取回樣品"}, owner: "林佩芬",
        deadline: new Date(Date.now() + 12000).toISOString()})})"""
    )
    desk.goto("/passes")
    expect(desk.locator(".reminders")).to_contain_text("林佩芬")


def test_what_is_due_comes_to_the_page_of_today_and_goes_by_itself(desk, browser, office):
    line = desk.locator("[data-region=due] li", has_text="回電給租戶")
    with stranger_at(browser, office) as other:
        sign_in(other)
        other.goto("/log?new=complaint")
        other.fill("#paper [name=message]", "回電給租戶")
        other.fill("#paper [name=to]", "工程部")
        other.click("#paper .primary")
        expect(line).to_be_visible()
        other.goto(line.get_by_role("link").get_attribute("href"))
        row = open_thread(other, "回電給租戶")
        row.locator("[name=receiver]").fill("李志強")
        for act in ("已轉達", "已辦結"):
            row.get_by_role("button", name=act).click()
        row.locator("[name=answer]").fill("滿意")
        row.get_by_role("button", name="已回訪").click()
        expect(line).to_have_count(0)


def test_tab_goes_from_who_waits_to_what_is_due_and_then_to_publishing(desk, office):
    office.visitor("按鍵客")
    expect(desk.locator(".card", has_text="按鍵客")).to_be_visible()
    desk.fill("[data-form=tea] [name=due]", "23:59")
    desk.locator("[data-form=tea] .primary").click()
    expect(desk.locator("[data-region=tea] button")).to_be_visible()
    where = """() => document.activeElement.closest("[data-region], [data-form]")?.dataset"""
    desk.locator("nav a").last.focus()
    seen = []
    for _ in range(100):
        desk.wait_for_timeout(120)  # as a hand does: what is quicker is a scanner's
        desk.keyboard.press("Tab")
        here = desk.evaluate(where) or {}
        name = here.get("region") or here.get("form")
        seen += [name] if name and name not in seen else []
        if name == "publish":
            break
    order = ["waiting", "due", "tea", "publish"]
    assert [name for name in seen if name in order] == order


def test_a_round_is_gone_over_point_by_point(desk):
    desk.goto("/log")
    todo = desk.locator(".rounds li", has_text="巡視").first
    todo.get_by_role("link").click()
    form = desk.locator("#paper")
    form.locator(".primary").click()
    expect(form.locator(".said.bad")).to_contain_text("逐項")
    form.get_by_role("button", name="全部正常").click()
    form.locator("[value=wrong]").first.check()
    form.locator("[name=note]").fill("燈不亮")
    form.locator(".primary").click()
    desk.wait_for_url("**/log")
    expect(todo).to_contain_text("1 項有問題")
    expect(open_thread(desk, "燈不亮")).to_contain_text("待辦結")


def test_the_day_and_the_kind_are_chosen_and_stay_while_the_page_is_renewed(desk):
    desk.goto("/log")
    desk.select_option("#log-kind", "key")
    desk.get_by_role("button", name="查看").click()
    desk.wait_for_url("**kind=key")
    expect(desk.locator("[data-thread]", has_text="大堂海報")).to_have_count(0)
    with desk.expect_response("**/desk/fragments/*log*?**kind=key"):
        desk.fill("#paper [name=message]", "渠道")
        desk.fill("#paper [name=to]", "何工")
        desk.click("#paper .primary")
    expect(desk.locator("[data-thread]", has_text="渠道")).to_have_count(0)
