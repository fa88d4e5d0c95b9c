"""The pages as people see them: pictures under out/ui, and nothing clipped or out of bounds."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from controller import presence
from controller.web.pages import PAGES
from models.terms import Language, Purpose
from tests.desk_office import CREDENTIALS, a_full_day, arrived, served, went_in
from tests.parts import ROOT

SIZES = {"desk": (1600, 1000), "small": (1366, 768), "phone": (390, 844)}
PICTURES = ROOT / "out" / "ui"

CLIPPED = """() => [...document.querySelectorAll("body *")]
  .filter(e => e.checkVisibility({visibilityProperty: true}))
  .filter(e => !e.closest(".unseen, thead, .preview, dialog, svg"))
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .filter(e => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1)
  .filter(e => !["inline"].includes(getComputedStyle(e).display))
  .filter(e => getComputedStyle(e).textOverflow !== "ellipsis")
  .map(e => e.className + " " + e.textContent.trim().slice(0, 40))"""
OUTSIDE = """() => [...document.querySelectorAll("button, input, select, textarea")]
  .filter(e => e.checkVisibility() && !e.closest("dialog"))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 80))"""
SMALL = """() => [...document.querySelectorAll("main button, main input")]
  .filter(e => e.checkVisibility())
  .filter(e => e.getBoundingClientRect().height < 40)
  .map(e => e.outerHTML.slice(0, 80))"""
STAYS = """{
  const start = setTimeout;
  window.setTimeout = (act, ms, ...more) => ms >= 8_000 ? 0 : start(act, ms, ...more);
}"""
"""What leaves the page by itself, stays: a slow machine may look at it for longer."""


@pytest.fixture
def open_in(browser, core):
    """open_in(language) is a page of a full day, signed in."""
    a_full_day(core)
    contexts = []
    with served(core) as address:

        def opening(language: Language) -> Page:
            context = browser.new_context(base_url=address)
            context.add_cookies([{"name": "lobby_language", "value": language, "url": address}])
            assert context.request.post("/api/session", data=CREDENTIALS).ok
            contexts.append(context)
            return context.new_page()

        yield opening
        for context in contexts:
            context.close()


@pytest.fixture
def keep(pytestconfig):
    """With `pytest --pictures`, keep(page, name) is a picture for a person to look at."""
    wanted = pytestconfig.getoption("pictures")

    def keeping(page: Page, name: str, **more) -> None:
        if wanted:
            page.screenshot(path=PICTURES / f"{name}.png", **more)

    return keeping


def shown(page: Page, path: str) -> None:
    with page.expect_response("**/desk/fragments/*status*"):
        page.goto(path)


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


@pytest.mark.parametrize("language", list(Language))
def test_every_page_fits_every_screen_it_is_made_for(open_in, keep, language):
    page = open_in(language)
    for name, path in PAGES.items():
        shown(page, path)
        for device, size in SIZES.items():
            resize(page, size)
            phone = device == "phone"
            what = f"desk-{name}-{language}-{device}"
            keep(page, what, full_page=phone)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
            assert page.evaluate(CLIPPED) == [], what
            assert page.evaluate(OUTSIDE) == [], what
            assert not phone or page.evaluate(SMALL) == [], what


@pytest.mark.parametrize("language", list(Language))
def test_ones_own_account_fits_every_screen(open_in, keep, language):
    page = open_in(language)
    page.goto("/account")
    for device, size in SIZES.items():
        resize(page, size)
        keep(page, f"desk-account-{language}-{device}", full_page=device == "phone")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), device
        assert page.evaluate(CLIPPED) == [], device
        assert page.evaluate(OUTSIDE) == [], device


@pytest.mark.parametrize("language", list(Language))
def test_who_was_not_scanned_out_stands_on_the_closing_list(core, open_in, keep, language):
    now = datetime.now(UTC)
    went_in(core, arrived(core, "周先生", Purpose.BUSINESS, host=7), now - timedelta(hours=26))
    presence.close(core, now)
    page = open_in(language)
    shown(page, "/closing")
    expect(page.locator("main")).to_contain_text("周先生")
    for device, size in SIZES.items():
        resize(page, size)
        keep(page, f"desk-unknown-{language}-{device}", full_page=device == "phone")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), device
        assert page.evaluate(CLIPPED) == [], device
        assert page.evaluate(OUTSIDE) == [], device


@pytest.mark.parametrize("path", ["/", "/passes"])
@pytest.mark.parametrize(
    ("tone", "number"),
    [
        ("bad", "A-9999"),
        ("odd", "A-0001"),
        ("odd", "G-0002"),
        ("good", "A-0001"),
        ("good", "G-0002"),
    ],
)
def test_a_scan_is_shown_large_and_in_words(open_in, keep, tone, number, path):
    page = open_in(Language.ZH_HANT)
    page.add_init_script(STAYS)
    page.goto(path)
    page.fill("#pass-number", number)
    page.press("#pass-number", "Enter")
    if tone == "good":
        page.click("#confirm-scan")
    result = page.locator(f"#result.{tone}")
    for device, (width, height) in SIZES.items():
        resize(page, (width, height))
        expect(result).to_be_visible()
        keep(page, f"desk-scan-{path[1:] or 'today'}-{number}-{tone}-{device}")
        expect(result.locator(".sign")).to_have_text({"good": "✓", "odd": "!", "bad": "✕"}[tone])
        box = result.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert page.evaluate(CLIPPED) == []


def test_signing_in_and_the_dialogs_have_their_pictures(open_in, keep):
    page = open_in(Language.ZH_HANT)
    resize(page, SIZES["desk"])
    shown(page, "/")
    page.click("[data-do=help]")
    keep(page, "desk-keys")
    page.keyboard.press("Escape")
    with page.expect_response("**/qr.svg"):
        page.locator("[data-do=show-pass]").first.click()
    expect(page.locator("#slip img")).to_have_js_property("complete", value=True)
    keep(page, "desk-pass")
    page.context.clear_cookies()
    page.goto("/signin")
    keep(page, "desk-signin")
    page.goto("/nowhere")
    keep(page, "desk-nothing")
    assert page.evaluate(CLIPPED) == []
