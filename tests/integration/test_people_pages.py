"""Accounts in a browser: the first sign-in, one's own account, and who adds whom."""

import pytest
from playwright.sync_api import expect

from controller import users
from models import store
from tests.accounts import CREDENTIALS
from tests.desk_office import served
from tests.integration.conftest import NOW


@pytest.fixture
def page(browser, core):
    with served(core) as address:
        context = browser.new_context(base_url=address, locale="zh-TW")
        yield context.new_page()
        context.close()


def at_the_desk(url):
    return url.endswith("/")


def sign_in(page, name, password):
    page.goto("/signin")
    page.fill("[name=name]", name)
    page.fill("[name=password]", password)
    page.click("button.primary")


def choose(page, old, new):
    page.fill("[name=old]", old)
    page.fill("[name=new]", new)
    page.click("button.primary")


def test_the_printed_password_leads_to_choosing_ones_own_and_then_to_the_desk(page, settings):
    store.change_user(1, password_hash="")
    name, password = users.ensure_administrator(settings, NOW)
    sign_in(page, name, password)
    page.wait_for_url("**/account")
    expect(page.locator("#account")).to_contain_text("只供首次登入")
    choose(page, password, password)
    expect(page.locator("[role=alert]")).to_have_text("新密碼不能與目前的相同。")
    choose(page, password, "my own from now on")
    expect(page.locator("#publish")).to_be_visible()


def test_an_administrator_adds_somebody_who_is_told_their_password_once(page):
    sign_in(page, **CREDENTIALS)
    page.wait_for_url(at_the_desk)
    page.goto("/people")
    form = page.locator("[data-form=user]")
    form.locator("[name=user]").fill("lin")
    form.locator("[name=display]").fill("林<b>志玲</b>")
    form.locator("[name=role]").select_option("guard")
    form.locator("button.primary").click()
    dialog = page.locator("#first-password")
    expect(dialog).to_contain_text("lin")
    password = dialog.locator(".number").inner_text()
    dialog.locator("[data-do=close-dialog]").click()
    row = page.locator("tr[data-user]", has_text="lin")
    expect(row).to_contain_text("待改密碼")
    expect(row.locator("[name=display]")).to_have_value("林<b>志玲</b>")
    lin = page.context.browser.new_page(base_url=page.url)
    sign_in(lin, "lin", password)
    lin.wait_for_url("**/account")
    choose(lin, password, "lin chooses well")
    lin.wait_for_url("**/passes")
    expect(lin.locator("header")).to_contain_text("林<b>志玲</b>")
    expect(lin.locator("nav a")).to_have_count(4)
    # Her row is drawn anew when she has chosen: not under this pointer.
    expect(row).to_contain_text("可登入")
    row.locator("[data-do=disable-user]").dblclick()
    expect(row).to_contain_text("已停用")
    # Asked beside the page, which may be on its way out by itself.
    assert lin.request.get("/passes").url.endswith("/signin")
    lin.close()


def test_signing_out_everywhere_leads_to_the_sign_in(page):
    sign_in(page, **CREDENTIALS)
    page.wait_for_url(at_the_desk)
    page.goto("/account")
    page.click("#everywhere")
    page.wait_for_url("**/signin")
    assert store.sessions(1, NOW) == []
