"""A scanner types at the gate: from the key that ends the code until its page has drawn the answer.

A real gate and its page in Chromium, first with the lobby up, then with broker and controller
killed. The gate's write to its disk, which comes before the answer, is within.
"""

import secrets
import time
from collections.abc import Iterator

from playwright.sync_api import Page, expect

from controller import keyring
from controller.keyring import Ring
from controller.preflight import Part
from models import passes
from models.terms import Half
from tests.benchmarks.report import Row, measured
from tests.benchmarks.stage import running
from tests.e2e.browser import chromium, scan_with_a_scanner
from tests.e2e.gate import GateProcess, gates_at

_SCANS = 40
_APART = 300
"""Milliseconds, after which a page has also heard by itself that somebody scanned."""
_CONNECTED, _ALONE = "已連接控制中心", "獨立核驗中"
_WATCH = """
  let asked = 0;
  addEventListener("keydown", () => { asked = performance.now(); }, true);
  addEventListener("DOMContentLoaded", () => {
    const result = document.getElementById("result");
    const drawn = () => {
      if (asked) document.body.dataset.took = performance.now() - asked;
      asked = 0;
    };
    new MutationObserver(() => requestAnimationFrame(drawn))
      .observe(result ?? document.body, { attributes: true, childList: true, subtree: true });
  });
"""
"""Before the page's own scripts: these let nobody hear the keys of a code."""


def scans() -> Iterator[Row]:
    with (
        running(Part.BROKER, Part.CONTROLLER) as opened,
        gates_at(opened.settings, "g1") as [gate],
        chromium() as browser,
    ):
        gate.until_said(_CONNECTED)
        ring = keyring.load(opened.settings.keys, opened.settings.site)
        page = _at_the_page(browser.new_page(base_url=gate.address), gate)
        yield _scanned("Scan at the gate → answer on its page", page, ring)
        opened.kill(Part.BROKER)
        opened.kill(Part.CONTROLLER)
        gate.until_said(_ALONE)
        yield _scanned("The same with broker and controller down", page, ring)


def _at_the_page(page: Page, gate: GateProcess) -> Page:
    page.add_init_script(_WATCH)
    page.goto("/signin")
    page.fill("[name=pin]", gate.pin)
    page.click("button.primary")
    page.wait_for_url("**/")
    return page


def _scanned(name: str, page: Page, ring: Ring) -> Row:
    times = []
    for _ in range(_SCANS):
        page.evaluate("() => { delete document.body.dataset.took; }")
        scan_with_a_scanner(page, _token(ring))
        took = page.locator("body[data-took]").get_attribute("data-took")
        expect(page.locator("#result")).to_have_class("verdict good")
        times.append(float(took or "nan"))
        page.wait_for_timeout(_APART)
    return measured(name, times, "ms", 150)


def _token(ring: Ring) -> str:
    now = int(time.time())
    return ring.mint(secrets.token_bytes(passes.ID_LENGTH), Half.ORIGINAL, now, now + 3600)
