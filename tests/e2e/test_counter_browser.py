"""The counter in a real browser: numbers appear, are called on the wire, and are dealt with."""

import secrets

import pytest
from playwright.sync_api import expect

from models.messages import Answer, Calls, Request, TakeNumber, TicketView
from models.terms import Procedure


@pytest.fixture
def desk(desk):
    desk.goto("/counter")
    return desk


def take_number(office, procedure=Procedure.FEES):
    key = secrets.token_hex(16)
    office.kiosk.publish(Request(device="k1", key=key, body=TakeNumber(procedure=procedure)))
    told = office.kiosk.until_message(Answer, lambda answer: answer.key == key).body
    assert isinstance(told, TicketView)
    return told.number


def row(desk, number):
    return desk.locator(f"tr[data-ticket='{number}']")


def test_a_number_appears_by_itself_is_called_again_and_served(desk, office):
    number = take_number(office)
    desk.fill("#counter", "二號櫃檯")
    row(desk, number).get_by_text("叫號").click()
    expect(desk.locator("#toast")).to_contain_text(f"已叫號：{number} → 二號櫃檯")
    heard = office.kiosk.until_message(Calls, lambda calls: bool(calls.items))
    assert (heard.items[0].number, heard.items[0].counter) == (number, "二號櫃檯")
    row(desk, number).get_by_text("再叫一次").click()
    expect(row(desk, number)).to_contain_text("第 2 次")
    row(desk, number).get_by_text("已辦理").click()
    expect(row(desk, number)).to_have_count(0)
    office.kiosk.until_message(Calls, lambda calls: not calls.items)


def test_who_does_not_come_takes_two_taps(desk, office):
    number = take_number(office, Procedure.RENOVATION)
    expect(desk.locator("nav .badge")).to_have_text("1")
    row(desk, number).get_by_text("叫號").click()
    missed = row(desk, number).locator("[data-step=absent]")
    missed.click()
    expect(missed).to_have_text("確定未到？")
    missed.click()
    expect(row(desk, number)).to_have_count(0)


def test_the_clerks_own_counter_is_remembered(desk):
    desk.fill("#counter", "三號櫃檯")
    desk.locator("#counter").blur()
    desk.reload()
    expect(desk.locator("#counter")).to_have_value("三號櫃檯")
