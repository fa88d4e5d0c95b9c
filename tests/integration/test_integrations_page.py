"""The page Integrations in a browser."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from controller import webhooks
from models import store
from tests.accounts import CREDENTIALS
from tests.desk_office import page_of, served


@pytest.fixture
def page(browser, core):
    with served(core) as address:
        context = browser.new_context(base_url=address, locale="zh-TW")
        page = context.new_page()
        page.goto("/signin")
        page.fill("[name=name]", CREDENTIALS["name"])
        page.fill("[name=password]", CREDENTIALS["password"])
        page.click("button.primary")
        page.wait_for_url(lambda url: url.endswith("/"))
        page.goto("/integrations")
        yield page
        context.close()


def told_once(page):
    """The secret that a dialog shows, which is closed and gone."""
    dialog = page.locator("#secret")
    expect(dialog).to_be_visible()
    secret = dialog.locator(".address").inner_text()
    dialog.locator("[data-do=close-dialog]").click()
    expect(dialog.locator(".address")).to_have_text("")
    return secret


def test_a_program_is_let_in_seen_using_its_token_and_revoked(page, core):
    form = page.locator("[data-form=client]")
    form.locator("button.primary").click()
    expect(form.locator(".said")).to_be_visible()
    form.locator("[name=client]").fill("訂房<b>系統</b>")
    form.get_by_label("查看來訪與預約").check()
    form.locator("button.primary").click()
    token = told_once(page)
    row = page.locator("tr[data-client]")
    expect(row).to_contain_text("訂房<b>系統</b>")
    expect(row.locator("[data-label=最近一次呼叫]")).to_have_text("–")
    program = page_of(core)
    called = program.get("/api/today", headers={"authorization": f"Bearer {token}"})
    assert called.status_code == 200
    expect(row.locator("[data-label=最近一次呼叫]")).not_to_have_text("–")
    row.locator("[data-do=revoke-client]").dblclick()
    expect(row).to_have_count(0)
    again = program.get("/api/today", headers={"authorization": f"Bearer {token}"})
    assert again.status_code == 401


def test_a_program_is_told_by_a_webhook_whose_secret_is_seen_once_and_exchanged(page):
    form = page.locator("[data-form=webhook]")
    form.locator("[name=address]").fill("https://mei:secret@oa.example.com/")
    form.get_by_label("訪客登記").check()
    form.locator("button.primary").click()
    expect(form.locator(".said")).to_contain_text("不含帳號或密碼")
    form.locator("[name=address]").fill("https://oa.example.com/a-secret-path")
    form.locator("button.primary").click()
    first = told_once(page)
    assert first.startswith("whsec_")
    row = page.locator("tr[data-webhook]")
    expect(row).to_contain_text("https://oa.example.com/…")
    assert "a-secret-path" not in page.content()
    row.locator("[data-do=test-webhook]").click()
    expect(row).to_contain_text("1 則待送")
    row.locator("[data-do=rotate-webhook]").dblclick()
    assert told_once(page) != first
    row.locator("[data-do=remove-webhook]").dblclick()
    expect(row).to_have_count(0)


def test_what_was_given_up_is_a_line_on_the_administrators_list_until_it_is_dismissed(page, core):
    now = datetime.now(UTC)
    told = ["visit.registered"]
    hook, _ = webhooks.add(core, "https://oa.example.com/", told, "王美玲", now, names=False)
    webhooks.try_out(core, hook.id, "王美玲", now)
    store.put_off(store.due_message(hook.id, now).id, 11, None, "status_503")
    page.goto("/")
    line = page.locator("[data-region=undelivered]")
    expect(line).to_contain_text("對方回應 503。")
    line.locator("[data-step=dismiss]").dblclick()
    expect(line.locator(".card")).to_have_count(0)


def test_ones_own_calendar_has_an_address_that_is_shown_once_and_taken_back(page):
    page.goto("/account")
    page.click("#feed-make")
    address = page.locator("#feed")
    expect(address).to_contain_text("/f/")
    page.reload()
    expect(address).to_have_text("")
    page.click("#feed-revoke")
    expect(page.locator("#feed-revoke")).to_be_hidden()
    assert store.feed(1) is None
