"""Debian's Chromium at the desk of a real lobby, and a code scanner that types into it."""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from controller import lobby
from controller.lobby import Lobby
from controller.preflight import Part
from models import store, tables
from models.messages import Answer, Calls, Register, Request, topic_of
from models.terms import Purpose, Role
from tests.accounts import CREDENTIALS, prepared
from tests.parts import PATIENCE, Signed, fresh_settings, morning_zone, signed_in

_KEYS = {"\r": ("Enter", 13), " ": (" ", 32), "\t": ("Tab", 9), "\x1b": ("Escape", 27)}
_GAP = 0.005
"""Seconds between two keys of a scanner."""
_BETWEEN = 0.1
"""Seconds after a code, at least; a key that says it came sooner belongs to the code before."""
_NOISE = re.compile(r"Failed to load resource|net::ERR_")
"""What the browser itself says of an answer that is no success, or of a controller that is down."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, without a window and without calling home."""
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        browser.on("context", lambda context: context.set_default_timeout(PATIENCE * 1000))
        yield browser
        browser.close()


def scan_with_a_scanner(page: Page, text: str, end: str = "\r") -> float:
    """Type as a scanner does: each key says it came 5 ms after the last, however busy we are.
    When the last one came, in seconds since 1970."""
    ended = strike(page, text + end, time.time())
    page.wait_for_timeout(max(ended + _BETWEEN - time.time(), 0) * 1000)
    return ended


_HOLD = """() => {
    const [start, stop] = [setTimeout, clearTimeout];
    const held = [];
    window.setTimeout = (...timer) => -held.push(timer);
    window.clearTimeout = (id) => (id < 0 ? delete held[-id - 1] : stop(id));
    window.letGo = () => {
        const begun = held.map((timer) => start(...timer));
        window.setTimeout = start;
        window.clearTimeout = (id) => stop(id < 0 ? begun[-id - 1] : id);
    };
}"""
"""No timer of the page begins before all keys are in: a scanner is quicker than they are, and a
busy machine would bring ours later than their stamps say."""


def strike(page: Page, keys: str, at: float) -> float:
    """Keys that say when they came: the first `at`. Tab and Escape are keys, too."""
    page.evaluate(_HOLD)
    _strike(page, keys, at)
    page.evaluate("letGo()")
    return at + (len(keys) - 1) * _GAP


def _strike(page: Page, keys: str, at: float) -> None:
    keyboard = page.context.new_cdp_session(page)
    for place, character in enumerate(keys):
        key, number = _KEYS.get(character, (character, ord(character.upper())))
        stroke = {
            "key": key,
            "windowsVirtualKeyCode": number,
            "timestamp": at + place * _GAP,
        }
        written = {} if character in "\t\x1b" else {"text": character}
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **written, **stroke})
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **stroke})
    keyboard.detach()


@dataclass(frozen=True)
class Office:
    """A lobby whose broker and controller are real, and a kiosk of which we are the visitor."""

    running: Lobby
    kiosk: Signed

    def visitor(self, name: str, purpose: Purpose = Purpose.SERVICE) -> None:
        """Somebody registers at the kiosk."""
        key = secrets.token_hex(16)
        body = Register(purpose=purpose, name=name)
        self.kiosk.publish(Request(device="k1", key=key, body=body))
        assert self.kiosk.until_message(Answer, lambda told: told.key == key).ok

    def token(self, number: str) -> str:
        """What the code of a pass says."""
        with self._database():
            found = store.pass_by_number(number)
        assert found is not None
        return found.original

    def scans(self) -> list[tuple[str, str]]:
        """Text and code of every scan that was kept."""
        with self._database():
            return [(row.text, row.code) for row in tables.Scan.select()]

    @contextmanager
    def _database(self) -> Iterator[None]:
        store.open_database(self.running.settings.database)
        try:
            yield
        finally:
            store.close_database()


@contextmanager
def opened_office() -> Iterator[Office]:
    with fresh_settings(timezone=morning_zone()) as settings:
        prepared(settings)
        answers = [topic_of(Answer, settings.site, device="k1"), topic_of(Calls, settings.site)]
        with (
            lobby.opened(settings, [Part.BROKER, Part.CONTROLLER]) as running,
            signed_in(settings, Role.KIOSK, "k1", answers) as kiosk,
        ):
            yield Office(running, kiosk)


@contextmanager
def stranger_at(browser: Browser, office: Office) -> Iterator[Page]:
    """The page before signing in. A script's error, or a breach of the page's policy, fails."""
    size: ViewportSize = {"width": 1600, "height": 1000}
    context = browser.new_context(base_url=office.running.desk, viewport=size)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto("/signin")
    yield page
    context.close()
    assert [fault for fault in faults if not _NOISE.search(fault)] == []


def sign_in(page: Page) -> None:
    page.fill("[name=name]", store.DEMO_USER)
    page.fill("[name=password]", CREDENTIALS["password"])
    page.click("button.primary")
    page.wait_for_url("**/")


def card(page: Page, name: str) -> Locator:
    """The card of somebody who waits."""
    return page.locator(".card", has_text=name)


def field(page: Page, name: str) -> Locator:
    """A field of the publishing form, of the section that is chosen."""
    return page.locator(f"#publish [name={name}]:visible")


def admitted(page: Page, office: Office, name: str) -> tuple[str, str]:
    """Somebody registers and is let in: the number of the pass, and what its code says."""
    office.visitor(name)
    card(page, name).locator("[data-do=admit]").click()
    row = page.locator("tr[data-number]", has_text=name)
    expect(row).to_contain_text("尚未入內")
    number = row.get_attribute("data-number")
    assert number is not None
    return number, office.token(number)
