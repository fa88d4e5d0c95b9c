"""Works permits in a real browser: filed, used at a kiosk, and worked through."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from models.messages import Answer, Register, Request
from models.terms import Purpose, VisitState
from tests.e2e.browser import card


@pytest.fixture
def desk(desk):
    desk.goto("/permits")
    return desk


def file_permit(desk, workers):
    today = datetime.now(UTC).date()
    desk.fill("[name=company]", "恒信裝修")
    desk.fill("[name=site]", "3 座 12A")
    desk.fill("[name=starts]", str(today - timedelta(days=1)))
    desk.fill("[name=ends]", str(today + timedelta(days=3)))
    desk.fill("textarea[name=workers]", workers)
    desk.click("form[data-form=permit] .primary")


def come(office, code, digits):
    key = secrets.token_hex(16)
    body = Register(purpose=Purpose.WORKS, permit=code, id_last4=digits)
    office.kiosk.publish(Request(device="k1", key=key, body=body))
    return office.kiosk.until_message(Answer, lambda answer: answer.key == key)


def test_a_permit_is_filed_a_worker_comes_and_is_checked(desk, office):
    file_permit(desk, "陳大文")
    expect(desk.locator(".said.bad")).to_contain_text("第 1 行")
    file_permit(desk, "陳大文 1234\n李小明 567X")
    expect(desk.locator(".said.good")).to_contain_text("許可碼")
    permit = desk.locator("[data-permit]").first
    code = permit.locator("strong.number").inner_text()
    assert come(office, code, "1234").body.state is VisitState.WAITING
    expect(desk.locator("tr", has_text="陳大文").last).to_contain_text("在前台")
    desk.goto("/")
    card(desk, "陳大文").get_by_text("身份證已核對，放行").click()
    expect(card(desk, "陳大文")).to_have_count(0)
    desk.goto("/permits")
    permit.locator("summary").click()
    expect(permit.locator("tr", has_text="陳大文")).to_contain_text("已核對")
    # The second one is given the pass by the desk; the list stays open while the page is renewed.
    permit.locator("tr", has_text="李小明").get_by_text("身份證已核對，發證").click()
    expect(desk.locator("#slip .number")).to_contain_text("C-")
    desk.locator("#slip [data-do=close-dialog]").click()
    expect(permit.locator("tr", has_text="李小明")).to_contain_text("已核對")
    permit.locator("[data-step=suspend]").click()
    expect(permit).to_contain_text("已暫停")
    assert come(office, code, "567X").body.code == "permit_suspended"


def test_a_permit_and_its_list_of_workers_survive_a_reload_until_it_is_filed(desk):
    form = desk.locator("form[data-form=permit]")
    form.locator("[name=company]").fill("永固工程")
    form.locator("[name=workers]").fill("陳大文 1234\n李小明 567X")
    form.locator("[name=day6]").uncheck()
    desk.reload()
    expect(form.locator("[name=company]")).to_have_value("永固工程")
    expect(form.locator("[name=workers]")).to_have_value("陳大文 1234\n李小明 567X")
    expect(form.locator("[name=day6]")).not_to_be_checked()
    expect(form.locator("[name=day5]")).to_be_checked()
    file_permit(desk, "陳大文 1234")
    expect(form.locator(".said.good")).to_contain_text("許可碼")
    desk.reload()
    expect(form.locator("[name=company]")).to_have_value("")
    expect(form.locator("[name=day6]")).to_be_checked()
