"""The desk's page as a clerk uses it: by its buttons, its fields, and the scanner that types."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from controller.lobby import Lobby
from models import store
from tests.accounts import CREDENTIALS
from tests.e2e.browser import chromium, scan_with_a_scanner


class DeskPage:
    """Each method is one thing a clerk does or sees; it fails when the page does not follow."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._address = address

    def sign_in(self) -> None:
        self._page.goto(self._address)
        self._page.fill("#sign-in input[name=name]", store.DEMO_USER)
        self._page.fill("#sign-in input[name=password]", CREDENTIALS["password"])
        self._page.click("#sign-in button.primary")
        expect(self._page.locator("#publish")).to_be_visible()

    def sign_on(self) -> None:
        """To the desk, which is never to be empty; ends on the page of today."""
        self._page.click("[data-region=post] a.btn")
        self._page.click("#shift-on")
        expect(self._page.locator("[data-region=post]")).to_contain_text("在崗")
        self._page.goto(self._address)

    def see_waiting(self, name: str) -> None:
        expect(self._card(name)).to_be_visible()

    def admit(self, name: str) -> None:
        self._card(name).locator("[data-do=admit]").click()
        expect(self._card(name)).to_have_count(0)

    def scan(self, text: str) -> str:
        """Point the scanner; returns the result in words."""
        result = self._page.locator("#result")
        if result.is_visible():
            result.locator("[data-do=close-result]").click()
        scan_with_a_scanner(self._page, text)
        expect(result).to_be_visible()
        return result.inner_text()

    def publish(self, section: str, **fields: str) -> None:
        self._page.select_option("#section", section)
        form = self._page.locator(f"#publish fieldset[data-section={section}]")
        for name, value in fields.items():
            field = form.locator(f"[name={name}]")
            if name == "state":
                field.select_option(value)
            else:
                field.fill(value)
        self._page.click("#publish button.primary")
        standing = self._page.locator(f"[data-standing={section}] li")
        expect(standing.filter(has_text=next(iter(fields.values()))).first).to_be_visible()

    def see_inside(self, number: str) -> None:
        expect(self._row(number)).to_contain_text("簽離")

    def see_gone(self, number: str) -> None:
        expect(self._row(number)).to_have_count(0)

    def status(self) -> str:
        """What the header says of the screens."""
        return self._page.locator("header .status").inner_text()

    def picture(self, file: Path) -> None:
        self._page.screenshot(path=str(file))

    def _card(self, name: str) -> Locator:
        return self._page.locator("article.card", has_text=name)

    def _row(self, number: str) -> Locator:
        return self._page.locator(f"tr[data-number='{number}']")


@contextmanager
def desk_page(lobby: Lobby) -> Iterator[DeskPage]:
    with chromium() as browser:
        viewport = {"width": 1600, "height": 1000}
        yield DeskPage(browser.new_page(viewport=viewport, locale="zh-TW"), lobby.desk)
