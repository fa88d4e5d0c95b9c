"""A disk that takes nothing more: what was recorded can be read, what cannot be recorded is said,
and all goes on by itself once there is room."""

import os
import resource
import secrets
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from controller.preflight import Part
from models.messages import Answer, Register, Request
from models.terms import Purpose
from tests.accounts import CREDENTIALS, prepared
from tests.e2e.browser import Office, card, field
from tests.parts import PATIENCE, ROOT, fresh_settings

NO_ROOM = "現在什麼都記不下來"
ANYTHING = 2**40


@pytest.fixture
def full(office: Office) -> Iterator[None]:
    """The controller can write no file any longer than a byte, until `room` is made."""
    process = office.running.pid(Part.CONTROLLER)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (1, -1))
    yield
    make_room(office)
    make_room(office)


def make_room(office):
    process = office.running.pid(Part.CONTROLLER)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (ANYTHING, -1))


def ask(office, request):
    """A kiosk's request, and its answer; asked again with the same key for as long as it is told
    to."""
    office.kiosk.publish(request)
    return office.kiosk.until_message(Answer, lambda told: told.key == request.key)


def test_the_desk_reads_on_and_is_told_in_words_until_there_is_room(desk, office, request):
    office.visitor("滿盤客")
    expect(card(desk, "滿盤客")).to_be_visible()
    banner = desk.locator(".reminders[role=alert]")
    expect(banner).to_have_count(0)

    request.getfixturevalue("full")
    card(desk, "滿盤客").locator("[data-do=admit]").click()
    expect(desk.locator("#toast")).to_contain_text(NO_ROOM)
    expect(banner).to_contain_text(NO_ROOM)
    desk.get_by_label("欄目").select_option("reminders")
    field(desk, "text").fill("電梯保養")
    desk.get_by_role("button", name="發布").click()
    expect(desk.locator("#publish .said[role]")).to_contain_text(NO_ROOM)
    desk.goto("/passes")
    expect(banner).to_be_visible()
    desk.goto("/")
    expect(card(desk, "滿盤客")).to_be_visible()
    expect(field(desk, "text")).to_have_value("電梯保養")

    make_room(office)
    expect(banner).to_have_count(0)
    desk.get_by_role("button", name="發布").click()
    expect(desk.locator("#publish .said.good[role]")).to_contain_text("已發布")
    expect(desk.locator("[data-standing=reminders] li", has_text="電梯保養")).to_have_count(1)
    card(desk, "滿盤客").locator("[data-do=admit]").click()
    expect(desk.locator("#toast")).to_contain_text("已放行：滿盤客")


def test_nobody_can_sign_in_and_is_told_why(stranger, office, full):
    stranger.fill("[name=name]", CREDENTIALS["name"])
    stranger.fill("[name=password]", CREDENTIALS["password"])
    stranger.click("button.primary")
    expect(stranger.get_by_role("alert")).to_contain_text(NO_ROOM)


def test_a_kiosk_is_told_to_ask_again_and_what_it_kept_is_recorded_once(office, full):
    body = Register(purpose=Purpose.SERVICE, name="重試客")
    request = Request(device="k1", key=secrets.token_hex(16), body=body)
    assert ask(office, request).code == "server_error"
    make_room(office)
    views = [ask(office, request).body for _ in range(2)]
    assert {view.visit for view in views} == {request.key}
    assert views[0].number == views[1].number


def test_a_controller_that_is_started_on_a_full_disk_says_so_and_goes_on_once_there_is_room():
    with fresh_settings() as settings:
        prepared(settings)
        own = {
            "LOBBY_SITE": settings.site,
            "LOBBY_DATA": str(settings.data),
            "LOBBY_BROKER__PORT": str(settings.broker.port),
            "LOBBY_DESK__PORT": str(settings.desk.port),
        }
        command = ["prlimit", "--fsize=1:unlimited", sys.executable, "-m", "controller"]
        with subprocess.Popen(
            command, cwd=ROOT, env=os.environ | own, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                said = process.stderr.readline()
                assert f"The disk of {settings.data} takes nothing: make room" in said
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (ANYTHING, -1))
                page = f"http://127.0.0.1:{settings.desk.port}/signin"
                assert httpx.get(page, timeout=PATIENCE).status_code == 200
            finally:
                process.terminate()
                process.stderr.read()
        assert process.returncode == 0
