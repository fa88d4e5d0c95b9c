"""Two gates, a broker and a controller, all real processes; the network and the power go away."""

import secrets
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import expect

from controller import lobby
from controller.preflight import Part
from models import store, tables
from models.merging import Conflict
from models.messages import Answer, Register, Request, topic_of
from models.terms import Direction, Role
from tests.accounts import CREDENTIALS, prepared
from tests.e2e.browser import chromium, scan_with_a_scanner
from tests.e2e.clerk import at_the_desk
from tests.e2e.gate import announced, gates_at
from tests.parts import free_ports, fresh_settings, morning_zone, signed_in

CONNECTED, ALONE, HANDED_IN = "已連接控制中心", "獨立核驗中", "全部已上報"


@pytest.fixture(scope="module")
def running():
    with fresh_settings(timezone=morning_zone()) as settings:
        prepared(settings)
        announced(settings, "g2")
        with lobby.opened(settings, [Part.BROKER, Part.CONTROLLER]) as opened:
            yield opened


@pytest.fixture(scope="module")
def gates(running):
    with gates_at(running.settings, "g1", "g2") as opened:
        for gate in opened:
            gate.until_said(CONNECTED)
        yield opened


@pytest.fixture(scope="module")
def clerk(running):
    with at_the_desk(running) as signed:
        yield signed


@pytest.fixture
def token(running, clerk):
    """token(): the code of a fresh pass, as the kiosk shows it."""

    def admitting():
        settings = running.settings
        guest = clerk.expect_guest(name="陳先生", starts=datetime.now(UTC).isoformat(), host=1)
        answers = [topic_of(Answer, settings.site, device="k1")]
        with signed_in(settings, Role.KIOSK, "k1", answers) as kiosk:
            key = secrets.token_hex(16)
            kiosk.publish(Request(device="k1", key=key, body=Register(code=guest["code"])))
            told = kiosk.until_message(Answer, lambda answer: answer.key == key)
        assert told.body
        return told.body.passes[0].token

    return admitting


@pytest.fixture
def kept(running):
    """kept(): what the controller has of all scans, and of its conflicts."""

    def reading():
        store.open_database(running.settings.database)
        try:
            scans = [(row.key, row.by, row.code) for row in tables.Scan.select()]
            return scans, [(one.kind, one.gate) for one in store.open_conflicts()]
        finally:
            store.close_database()

    return reading


def again(running, part):
    running.start(part)
    running.wait_until_ready(part)


def test_who_goes_in_at_one_gate_comes_out_at_the_other(gates, token):
    one, other = gates
    code = token()
    assert one.scan(code)["code"] == "ok_in"
    one.until_said(HANDED_IN)
    other.until_said("1 人")
    assert other.scan(code, Direction.OUT)["code"] == "ok_out"
    other.until_said(HANDED_IN)
    one.until_said("0 人")
    assert one.scan(code)["code"] == "already_returned"


def test_a_revoked_pass_is_refused_at_once_everywhere(gates, token, running, clerk):
    code = token()
    store.open_database(running.settings.database)
    row = tables.Pass.select().order_by(tables.Pass.id.desc()).get()
    store.close_database()
    clerk.revoke({"id": row.id}, "遺失")
    for gate in gates:
        gate.until_said("1 張")
        assert gate.scan(code)["code"] == "revoked"


def test_scans_go_on_without_broker_and_controller_and_are_merged_once(gates, token, running, kept):
    one, other = gates
    codes = [token() for _ in range(6)]
    for gate in gates:
        gate.until_said(HANDED_IN)
    before = len(kept()[0])
    running.kill(Part.BROKER)
    running.kill(Part.CONTROLLER)
    one.until_said(ALONE)
    keys = []
    for code in codes:
        keys += [secrets.token_hex(16), secrets.token_hex(16)]
        assert one.scan(code, key=keys[-2])["code"] == "ok_in"
        # Cut off from each other, each lets the same code in once.
        assert other.scan(code, key=keys[-1])["code"] == "ok_in"
    # The power goes between the write and the answer: the page asks again under the same id.
    one.kill()
    one.start()
    for code, key in zip(codes, keys[::2], strict=True):
        assert one.scan(code, key=key)["code"] == "ok_in"
    assert one.scan(codes[0])["code"] in {"ok_out", "already_inside"}
    again(running, Part.BROKER)
    again(running, Part.CONTROLLER)
    for gate in gates:
        gate.until_said(HANDED_IN)
    scans, conflicts = kept()
    found = [key for key, _, _ in scans]
    assert sorted(set(found)) == sorted(found)
    assert set(keys) <= set(found)
    assert len(found) == before + len(keys) + 1
    assert [kind for kind, _ in conflicts].count(Conflict.IN_TWICE) == len(codes)


def test_a_controller_that_dies_while_merging_has_everything_once(gates, token, running, kept):
    one, _ = gates
    running.kill(Part.CONTROLLER)
    keys = [secrets.token_hex(16) for _ in range(120)]
    for key in keys:
        one.scan("https://evil.example/", key=key)
    for _ in range(3):
        again(running, Part.CONTROLLER)
        running.kill(Part.CONTROLLER)
    again(running, Part.CONTROLLER)
    one.until_said(HANDED_IN)
    scans, _ = kept()
    assert sorted(key for key, _, _ in scans if key in set(keys)) == sorted(keys)


def test_a_conflict_is_cleared_up_at_the_desk(gates, token, running, kept):
    conflicts = kept()[1]
    assert conflicts
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844}, base_url=running.desk)
        page.goto("/signin")
        page.fill("[name=name]", store.DEMO_USER)
        page.fill("[name=password]", CREDENTIALS["password"])
        page.click("button.primary")
        page.wait_for_url("**/")
        page.goto("/passes")
        cards = page.locator("[data-region=conflicts] .card")
        expect(cards).to_have_count(len(conflicts))
        expect(cards.first).to_contain_text("同一張證在兩處進入")
        cards.first.get_by_placeholder("備註（問過誰）").fill("電話問過 g2")
        cards.first.get_by_role("button", name="已經離開").click()
        expect(cards).to_have_count(len(conflicts) - 1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert len(kept()[1]) == len(conflicts) - 1


def test_the_guards_page_shows_it_large_whatever_the_scanner_ends_with(gates, token):
    one, _ = gates
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844}, base_url=one.address)
        faults = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/signin")
        page.fill("[name=pin]", one.pin)
        page.click("button.primary")
        page.wait_for_url("**/")
        result = page.locator("#result")
        for end in ("\r", ""):
            scan_with_a_scanner(page, token(), end)
            expect(result).to_have_class("verdict good")
            expect(result).to_contain_text("放行")
            scan_with_a_scanner(page, "https://evil.example/x", end)
            expect(result).to_have_class("verdict bad")
            expect(result).to_contain_text("這是網址，不是出入證")
        assert page.url == f"{one.address}/"
        scan_with_a_scanner(page, token()[:90], "")
        expect(result).to_contain_text("沒有掃完整")
        page.fill("#number-text", "A-0001")
        page.keyboard.press("Enter")
        expect(result).to_contain_text("簽離")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert faults == []


def test_the_page_is_shut_without_the_pin(gates):
    one, _ = gates
    body = {"id": secrets.token_hex(16), "text": "x"}
    assert httpx.post(f"{one.address}/api/scans", json=body).status_code == 401


def test_a_gate_says_what_keeps_it_from_starting(gates):
    one, _ = gates
    own = one.settings.gate.model_copy(update={"id": "g9", "port": free_ports(1)[0]})
    settings = one.settings.model_copy(update={"gate": own})
    code, said = one.tried(settings)
    assert code == 2
    assert "g9" in said
    assert len(said.splitlines()) == 1
