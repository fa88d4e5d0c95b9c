"""Nothing on any page keeps out who cannot see, aim or use a mouse: axe finds no fault."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from controller.web.pages import PAGES
from tests.desk_office import CREDENTIALS, a_full_day, served

OF_THE_DESK = [
    *PAGES.values(),
    "/log?new=complaint",
    "/search?q=xiaom",
    "/account",
    "/rollcall",
    "/appointments/1/invitation",
    "/docs",
    "/nothing",
]
AXE = Axe()


@pytest.fixture
def address(core):
    a_full_day(core)
    with served(core) as opened:
        yield opened


def faults(page):
    """Every rule that is broken, with where; all of its rules, not only the serious ones."""
    return [
        (page.url, broken["id"], [node["html"] for node in broken["nodes"]])
        for broken in AXE.run(page).response["violations"]
    ]


@pytest.mark.timeout(300)  # some fifty pages, each read by a hundred rules
@pytest.mark.parametrize(("width", "language"), [(1600, "zh-Hant"), (390, "en")])
def test_no_page_has_a_fault_of_accessibility(browser, address, width, language):
    size = {"width": width, "height": 900}
    context = browser.new_context(base_url=address, viewport=size)
    context.add_cookies([{"name": "lobby_language", "value": language, "url": address}])
    page, found = context.new_page(), []
    for path in ("/signin", "/c/nobodys", "/w/nobodys"):
        page.goto(path)
        found += faults(page)
    assert context.request.post("/api/session", data=CREDENTIALS).ok
    link = context.request.post("/api/colleagues/3/link").json()["url"]
    for path in (*OF_THE_DESK, f"/w/{link.rpartition('/w/')[2]}"):
        page.goto(path)
        found += faults(page)
    context.close()
    assert found == []


def test_no_dialog_has_a_fault_of_accessibility(browser, address):
    context = browser.new_context(base_url=address)
    assert context.request.post("/api/session", data=CREDENTIALS).ok
    page, found = context.new_page(), []
    page.goto("/")
    for key in ("?", "l"):
        page.keyboard.press(key)
        page.locator("dialog[open]").wait_for()
        found += faults(page)
        page.keyboard.press("Escape")
    context.close()
    assert found == []
