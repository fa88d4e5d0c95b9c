"""The desk's page in a real browser, on a real controller and a real broker."""

from playwright.sync_api import expect

from controller.preflight import Part
from models import store
from models.terms import Purpose
from tests.e2e.browser import admitted, card, field, sign_in, stranger_at


def test_a_wrong_password_is_said_and_the_right_one_opens_the_page(stranger):
    stranger.fill("[name=name]", store.DEMO_USER)
    stranger.fill("[name=password]", "wrong")
    stranger.click("button.primary")
    expect(stranger.get_by_role("alert")).to_have_text("帳號或密碼不對。")
    sign_in(stranger)
    expect(stranger.get_by_text("王美玲 已登入")).to_be_visible()


def test_a_visitor_appears_by_itself_and_is_let_in_with_one_click(desk, office):
    office.visitor("王小明")
    card(desk, "王小明").get_by_text("部門已確認，放行").click()
    expect(desk.locator("#toast")).to_contain_text("已放行：王小明")
    expect(card(desk, "王小明")).to_have_count(0)
    expect(desk.locator("tr[data-number]", has_text="王小明")).to_contain_text("尚未入內")


def test_a_pass_is_revoked_with_a_reason_and_its_holder_stays_on_the_list(desk, office):
    office.visitor("方小姐")
    card(desk, "方小姐").get_by_text("部門已確認，放行").click()
    row = desk.locator("tr[data-number]", has_text="方小姐")
    row.locator("[data-do=sign-visitor-in]").click()
    expect(row.locator("[data-do=sign-visitor-out]")).to_be_visible()
    row.locator("[data-do=revoke-pass]").click()
    dialog = desk.locator("#revoke")
    expect(dialog).to_contain_text("方小姐")
    dialog.locator("button.primary").click()
    expect(dialog.get_by_role("status")).to_contain_text("原因")
    dialog.locator("[name=reason]").fill("證件遺失")
    dialog.locator("button.primary").click()
    expect(dialog).to_be_hidden()
    expect(desk.locator("#toast")).to_contain_text("王美玲")
    expect(row).to_contain_text("已作廢")
    expect(row.locator("[data-do=revoke-pass]")).to_have_count(0)
    row.locator("[data-do=sign-visitor-out]").click()
    expect(desk.locator("#result")).to_contain_text("此證已作廢，請收回")
    expect(row).to_have_count(0)


def test_refusing_takes_a_second_tap(desk, office):
    office.visitor("推銷員")
    refuse = card(desk, "推銷員").locator("[data-do=refuse]")
    refuse.click()
    expect(refuse).to_have_text("確定婉拒")
    expect(card(desk, "推銷員")).to_have_count(1)
    refuse.click()
    expect(card(desk, "推銷員")).to_have_count(0)


def test_a_first_tap_survives_the_arrival_of_somebody_else(desk, office):
    office.visitor("甲先生")
    refuse = card(desk, "甲先生").locator("[data-do=refuse]")
    refuse.click()
    office.visitor("乙先生")
    expect(card(desk, "乙先生")).to_be_visible()
    expect(refuse).to_have_text("確定婉拒")
    refuse.click()
    expect(card(desk, "甲先生")).to_have_count(0)
    card(desk, "乙先生").get_by_text("請再等候").click()
    expect(card(desk, "乙先生")).to_contain_text("已請等候")


def test_a_visitor_can_be_received_as_somebody_else(desk, office):
    office.visitor("趙局長", Purpose.BUSINESS)
    card(desk, "趙局長").get_by_label("按此類別接待").select_option("vip")
    card(desk, "趙局長").locator("[data-do=admit]").click()
    expect(desk.locator("tr[data-number]", has_text="趙局長")).to_contain_text("貴賓")


def test_the_keyboard_is_enough(desk, office):
    office.visitor("鍵盤客")
    expect(card(desk, "鍵盤客")).to_be_visible()
    place = desk.locator(".card").evaluate_all(
        "cards => cards.findIndex(c => c.textContent.includes('鍵盤客')) + 1"
    )
    desk.keyboard.press(str(place))
    expect(card(desk, "鍵盤客")).to_be_focused()
    desk.keyboard.press("w")
    expect(card(desk, "鍵盤客")).to_contain_text("已請等候")
    expect(card(desk, "鍵盤客").locator("[data-do=admit]")).to_be_enabled()
    expect(card(desk, "鍵盤客")).to_be_focused()
    desk.keyboard.press("a")
    expect(card(desk, "鍵盤客")).to_have_count(0)
    desk.keyboard.press("?")
    expect(desk.locator("#keys")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#keys")).to_be_hidden()
    desk.keyboard.press("p")
    expect(field(desk, "department")).to_be_focused()


def test_publishing_shows_the_line_while_it_is_typed_and_can_be_undone(desk):
    field(desk, "name").fill("李志強")
    expect(field(desk, "department")).to_have_value("工程部")
    field(desk, "state").select_option("out")
    field(desk, "place").fill("B座 3 樓巡檢")
    field(desk, "back").fill("23:59")
    draft = desk.locator(".draft:visible")
    expect(draft).to_have_text("工程部 李志強 外出 B座 3 樓巡檢 23:59 回")
    desk.get_by_role("button", name="發布").click()
    expect(desk.locator("#publish .said[role]")).to_contain_text("已發布")
    line = desk.locator("[data-standing=whereabouts] li", has_text="李志強")
    expect(line).to_contain_text("工程部 李志強 外出 B座 3 樓巡檢 23:59 回")
    expect(draft).to_have_count(0)
    desk.get_by_role("button", name="撤回").click()
    expect(line).to_have_count(0)


def test_every_section_is_published_edited_and_taken_down(desk):
    filled = {
        "vehicles": {"plate": "粵B·67890", "departs": "23:10", "to": "機場 T3"},
        "whereabouts": {"name": "周敏", "place": "銀行"},
        "visits": {"delegation": "恒信物業", "starts": "23:20", "headcount": "22"},
        "reminders": {"text": "消防演習"},
    }
    desk.goto("/board")
    for section, fields in filled.items():
        desk.get_by_label("欄目").select_option(section)
        within = desk.locator(f"fieldset[data-section={section}]")
        for name, value in fields.items():
            within.locator(f"[name={name}]").fill(value)
        desk.get_by_role("button", name="發布").click()
        first = next(iter(fields.values()))
        row = desk.locator("tr[data-notice]", has_text=first)
        expect(row).to_have_count(1)
        row.get_by_text("修改").click()
        expect(within.locator(f"[name={next(iter(fields))}]")).to_have_value(first)
        within.locator(f"[name={next(iter(fields))}]").fill("改過的")
        desk.get_by_role("button", name="儲存修改").click()
        row = desk.locator("tr[data-notice]", has_text="改過的")
        expect(row).to_have_count(1)
        row.get_by_text("撤下").click()
        row.get_by_text("確定撤下").click()
        expect(row).to_have_count(0)


def test_a_programs_draft_is_marked_changed_and_published_on_purpose(desk):
    sent = {"content": {"text": "週末停水"}, "draft": True}
    assert desk.request.post("/api/board/reminders", data=sent).ok
    desk.get_by_label("欄目").select_option("reminders")
    line = desk.locator("[data-standing=reminders] li", has_text="週末停水")
    expect(line).to_contain_text("草稿")
    expect(desk.locator("[data-panel=reminders] li", has_text="週末停水")).to_have_count(0)
    line.get_by_text("修改").click()
    field(desk, "text").fill("週末停水兩天")
    desk.get_by_role("button", name="儲存修改").click()
    expect(line).to_contain_text("週末停水兩天")
    expect(line).to_contain_text("草稿")
    line.get_by_role("button", name="發布").click()
    expect(line).not_to_contain_text("草稿")
    expect(desk.locator("[data-panel=reminders] li", has_text="週末停水")).to_have_count(1)


def test_a_draft_that_asks_for_a_look_is_published_with_a_second_press(desk):
    here = {"department": "工程部", "name": "沈秋月", "state": "in"}
    for more in ({"anyway": True}, {"draft": True}):
        assert desk.request.post("/api/board/whereabouts", data={"content": here} | more).ok
    draft = desk.locator("[data-standing=whereabouts] li", has_text="草稿")
    draft.get_by_role("button", name="發布").click()
    expect(desk.locator("#toast")).to_contain_text("同一時間不能在兩處")
    draft.get_by_role("button", name="仍要發布").click()
    expect(draft).to_have_count(0)


def test_what_is_refused_says_why_points_at_the_field_and_keeps_what_was_typed(desk):
    field(desk, "place").fill("B座")
    field(desk, "back").fill("下午")
    field(desk, "name").fill("李志強")
    desk.get_by_role("button", name="發布").click()
    expect(desk.locator("#publish .said.bad")).to_contain_text("「預計返回」請填時間")
    expect(field(desk, "back")).to_be_focused()
    expect(field(desk, "back")).to_have_attribute("aria-invalid", "true")
    expect(field(desk, "place")).to_have_value("B座")


def test_markup_in_names_is_shown_as_text(desk, office):
    name = "<img src=x onerror=alert(1)><b>粗"
    office.visitor(name)
    expect(card(desk, name)).to_be_visible()
    assert desk.locator(".card img, .card .title b").count() == 0
    field(desk, "name").fill(name)
    expect(desk.locator(".draft:visible")).to_contain_text(name)
    desk.get_by_role("button", name="發布").click()
    expect(desk.locator("[data-standing=whereabouts] li", has_text=name)).to_be_visible()
    assert desk.locator("aside img").count() == 0


# --- when things fail ----------------------------------------------------------------------------


def test_the_page_says_that_the_controller_is_gone_keeps_what_was_typed_and_recovers(desk, office):
    field(desk, "name").fill("何家榮")
    office.running.kill(Part.CONTROLLER)
    expect(desk.locator("#lost")).to_be_visible()
    desk.get_by_role("button", name="發布").click()
    expect(desk.locator("#publish .said.bad")).to_contain_text("未能連線")
    expect(field(desk, "name")).to_have_value("何家榮")
    office.running.start(Part.CONTROLLER)
    office.running.wait_until_ready(Part.CONTROLLER)
    expect(desk.locator("#lost")).to_be_hidden()
    office.visitor("重連客")
    expect(card(desk, "重連客")).to_be_visible()
    desk.get_by_role("button", name="發布").click()
    expect(desk.locator("[data-standing=whereabouts] li", has_text="何家榮")).to_be_visible()


def test_another_language_keeps_what_was_typed(desk):
    desk.get_by_label("欄目").select_option("reminders")
    field(desk, "text").fill("下班前關燈")
    desk.get_by_role("button", name="English").click()
    expect(desk.get_by_role("heading", name="Waiting for you")).to_be_visible()
    expect(field(desk, "text")).to_have_value("下班前關燈")


def test_a_line_in_change_is_still_in_change_after_a_reload(desk):
    desk.get_by_label("欄目").select_option("reminders")
    field(desk, "text").fill("車庫清洗")
    desk.get_by_role("button", name="發布").click()
    line = desk.locator("[data-standing=reminders] li", has_text="車庫清洗")
    line.get_by_text("修改").click()
    field(desk, "text").fill("車庫清洗至三點")
    desk.reload()
    expect(field(desk, "text")).to_have_value("車庫清洗至三點")
    expect(desk.locator("#section")).to_be_disabled()
    desk.get_by_role("button", name="儲存修改").click()
    expect(line).to_have_count(1)
    expect(line).to_contain_text("車庫清洗至三點")


def test_a_series_of_appointments_keeps_its_days(desk):
    desk.goto("/visits")
    form = desk.locator("form[data-form=appointment]")
    form.locator("[name=kind]").select_option("recurring")
    form.locator("[name=day2]").check()
    desk.reload()
    expect(form.locator("[name=day2]")).to_be_checked()
    expect(form.locator("[name=day1]")).not_to_be_checked()
    form.locator("[type=reset]").click()
    desk.reload()
    expect(form.locator("[name=kind]")).to_have_value("person")


def test_the_reason_in_a_dialog_waits_for_its_own_pass_until_the_dialog_is_closed(desk, office):
    for name in ("陶先生", "溫小姐"):
        admitted(desk, office, name)
    reason = desk.locator("#revoke [name=reason]")

    def ask(name):
        desk.locator("tr[data-number]", has_text=name).locator("[data-do=revoke-pass]").click()
        expect(desk.locator("#revoke")).to_contain_text(name)

    ask("陶先生")
    reason.fill("走錯樓層")
    desk.reload()
    ask("溫小姐")
    expect(reason).to_have_value("")
    desk.locator("#revoke [data-do=close-dialog]").click()
    ask("陶先生")
    expect(reason).to_have_value("走錯樓層")
    desk.locator("#revoke [data-do=close-dialog]").click()
    expect(reason).to_have_value("")
    desk.reload()
    ask("陶先生")
    expect(reason).to_have_value("")


def test_a_session_that_has_ended_leads_to_signing_in_and_back_to_what_was_typed(desk, office):
    field(desk, "name").fill("許雅婷")
    desk.context.clear_cookies()
    office.visitor("下一位")
    desk.wait_for_url("**/signin")
    sign_in(desk)
    expect(field(desk, "name")).to_have_value("許雅婷")


def test_signing_out_forgets_what_was_typed(desk):
    field(desk, "name").fill("許雅婷")
    desk.get_by_role("button", name="登出").click()
    desk.wait_for_url("**/signin")
    sign_in(desk)
    expect(field(desk, "name")).to_have_value("")


# --- two at once ---------------------------------------------------------------------------------


def test_the_second_desk_to_decide_is_told_who_was_faster(desk, browser, office):
    with stranger_at(browser, office) as other:
        sign_in(other)
        office.visitor("兩處客")
        expect(card(other, "兩處客")).to_be_visible()
        # This desk has not heard yet: what it shows is a moment old.
        other.route("**/desk/fragments/*", lambda route: route.abort())
        card(desk, "兩處客").locator("[data-do=admit]").click()
        expect(card(desk, "兩處客")).to_have_count(0)
        card(other, "兩處客").locator("[data-do=admit]").click()
        expect(other.locator("#toast")).to_contain_text("王美玲 已在")
        other.unroute("**/desk/fragments/*")
        expect(card(other, "兩處客")).to_have_count(0)


def test_two_change_one_line_and_the_second_sees_both_and_keeps_what_was_typed(
    desk, browser, office
):
    desk.get_by_label("欄目").select_option("reminders")
    field(desk, "text").fill("電梯保養")
    desk.get_by_role("button", name="發布").click()
    line = "[data-standing=reminders] li"
    with stranger_at(browser, office) as other:
        sign_in(other)
        other.get_by_label("欄目").select_option("reminders")
        for page, text in ((desk, "電梯保養至四點"), (other, "電梯保養至五點")):
            page.locator(line, has_text="電梯保養").get_by_text("修改").click()
            expect(field(page, "text")).to_have_value("電梯保養")
            field(page, "text").fill(text)
        for page in (desk, other):
            page.get_by_role("button", name="儲存修改").click()
            expect(page.locator("#publish .said[role]")).not_to_be_empty()
        said = other.locator("#publish .said.bad")
        expect(said).to_contain_text("電梯保養至四點")
        expect(field(other, "text")).to_have_value("電梯保養至五點")
        said.get_by_role("button").click()
        expect(desk.locator(line, has_text="電梯保養至五點")).to_be_visible()


def test_a_line_whose_answer_was_lost_is_sent_again_and_stands_once(desk):
    def lose(route):
        route.fetch()
        route.abort()

    desk.get_by_label("欄目").select_option("reminders")
    field(desk, "text").fill("只此一行")
    desk.route("**/api/board/reminders", lose)
    desk.get_by_role("button", name="發布").click()
    expect(desk.locator("#publish .said.bad")).to_contain_text("未能連線")
    desk.unroute("**/api/board/reminders")
    desk.get_by_role("button", name="發布").click()
    expect(desk.locator("#publish .said.good[role]")).to_contain_text("已發布")
    expect(desk.locator("[data-standing=reminders] li", has_text="只此一行")).to_have_count(1)


def test_a_session_that_ends_while_a_form_is_filled_in_loses_nothing_and_sends_it_once(
    desk, office
):
    for path, form, said in (("/", "#publish", "已發布"), ("/log?new=other", "#paper", "已記錄")):
        desk.goto(path)
        if path == "/":
            desk.get_by_label("欄目").select_option("reminders")
        message = desk.locator(f"{form} textarea:visible").first
        message.fill("停水通知")
        # A region that is due just now would find out first, and leave before the button is met.
        desk.route("**/desk/fragments/**", lambda route: route.abort())
        desk.context.clear_cookies()
        desk.click(f"{form} .primary")
        desk.wait_for_url("**/signin")
        desk.unroute("**/desk/fragments/**")
        sign_in(desk)
        desk.goto(path)
        expect(message).to_have_value("停水通知")
        desk.click(f"{form} .primary")
        expect(desk.locator(f"{form} .said[role]")).to_contain_text(said)
    desk.goto("/")
    expect(desk.locator("[data-standing=reminders] li", has_text="停水通知")).to_have_count(1)
    desk.goto("/log")
    expect(desk.locator("[data-thread]", has_text="停水通知")).to_have_count(1)


def test_an_appointment_is_cancelled_with_a_reason(desk):
    desk.goto("/visits")
    form = desk.locator("form[data-form=appointment]")
    form.locator("[name=name]").fill("改期客")
    form.locator("[name=starts]").fill("23:00")
    form.locator("[name=ends]").fill("23:59")
    form.locator("button.primary").click()
    row = desk.locator("tr[data-appointment]", has_text="改期客")
    row.get_by_role("button", name="取消").click()
    dialog = desk.locator("#cancelling")
    expect(dialog).to_contain_text("改期客")
    dialog.locator("button.primary").click()
    expect(dialog.get_by_role("status")).to_contain_text("原因")
    dialog.locator("[name=reason]").fill("對方改期")
    dialog.locator("button.primary").click()
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("已取消")
    expect(row.get_by_role("button")).to_have_count(0)
