"""The desk on a day that nobody has: two hundred people inside, five thousand entries in the log.

A page is ready when Chromium has loaded it, its scripts and its styles, and has begun to listen. An
event has reached a desk when what it is about stands on the page; it began when the visitor pressed
the button. Fifty desks are open after that, without a browser, and do what the page's script does:
they ask again for the regions that the words are about. What they cost is the controller's own
processor time while a visitor comes every five seconds.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import httpx
import psutil
from playwright.sync_api import Browser, Page

from controller import duty, lobby
from controller.lobby import Lobby
from controller.preflight import Part
from models import store
from models.messages import Answer, Calls, topic_of
from models.settings import Settings
from models.terms import Duty, Purpose, Role
from tests.accounts import CREDENTIALS
from tests.benchmarks.report import Row, UnmeasuredError, measured
from tests.benchmarks.stage import prepared
from tests.desk_office import arrived, core_on, went_in
from tests.e2e.browser import Office, chromium
from tests.parts import signed_in

_INSIDE, _ENTRIES, _DESKS, _BROWSERS = 200, 5_000, 50, 3
_LOADS, _EVENTS, _EVERY = 20, 20, 5.0
_PATIENCE = 20
_PAGES = {"today": "/", "passes": "/passes", "the duty log": "/log"}
_REGION = re.compile(r'data-region="(\w+)" data-on="([\w ]*)"')
_WATCH = """name => {
  window.shown = new Promise((resolve) => new MutationObserver((_, watching) => {
    if (!document.body.textContent.includes(name)) return;
    watching.disconnect();
    resolve(Date.now());
  }).observe(document.body, {childList: true, subtree: true}));
}"""


def desks() -> Iterator[Row]:
    with prepared() as settings:
        _fill(settings)
        hears = [topic_of(Answer, settings.site, device="k1"), topic_of(Calls, settings.site)]
        with (
            lobby.opened(settings, (Part.BROKER, Part.CONTROLLER)) as running,
            signed_in(settings, Role.KIOSK, "k1", hears) as kiosk,
            chromium() as browser,
        ):
            yield from _ready(browser, running)
            yield from _told(browser, Office(running, kiosk))


def _fill(settings: Settings) -> None:
    core, now = core_on(settings), datetime.now(UTC)
    store.open_database(settings.database)
    with store.transaction():
        for number in range(_INSIDE):
            purpose = Purpose.SERVICE if number % 10 else Purpose.BUSINESS
            guest = arrived(core, f"訪客{number}", purpose, organisation="恒信物業", host=7)
            went_in(core, guest, now)
        for number in range(_ENTRIES):
            said = {"message": f"第 {number} 號：大堂燈不亮，請工程部跟進", "caller": "李太太"}
            kind = Duty.OTHER if number % 100 else Duty.COMPLAINT
            at = now - timedelta(seconds=_ENTRIES - number)
            duty.record(core, kind, said, token_hex(16), "王美玲", at)
    store.close_database()


def _ready(browser: Browser, running: Lobby) -> Iterator[Row]:
    with _at_the_desk(browser, running) as page:
        for name, path in _PAGES.items():
            times = []
            for _ in range(_LOADS):
                start = time.monotonic()
                with page.expect_request("**/api/events"):
                    page.goto(path, wait_until="load")
                times.append(1000 * (time.monotonic() - start))
            title = f"Desk, {_INSIDE} inside, {_ENTRIES:,} entries: {name} is ready"
            yield measured(title, times, "ms", 1000)


def _told(browser: Browser, office: Office) -> Iterator[Row]:
    controller = psutil.Process(office.running.pid(Part.CONTROLLER))
    with ExitStack() as opened:
        pages = [
            opened.enter_context(_at_the_desk(browser, office.running)) for _ in range(_BROWSERS)
        ]
        yield measured(
            "Desk: visitor's press → on every page, alone", _seen(pages, office), "ms", 200
        )
    with _others(office.running) as others:
        used, start = sum(controller.cpu_times()[:2]), time.monotonic()
        for number in range(_EVENTS):
            office.visitor(f"常客{number}")
            time.sleep(_EVERY)
        used = sum(controller.cpu_times()[:2]) - used
        share = 100 * used / (time.monotonic() - start)
        if any(not desk.renewed for desk in others):
            raise UnmeasuredError("a desk was told nothing.")
    yield measured(
        f"Desk: {_DESKS} open, a visitor each {_EVERY:g} s: part of one core", [share], "%", 25
    )


def _seen(pages: list[Page], office: Office) -> list[float]:
    """Milliseconds until each page shows each visitor."""
    times = []
    for number in range(_EVENTS):
        name = f"新客{token_hex(3)}{number}"
        for page in pages:
            page.evaluate(_WATCH, name)
        start = time.time()
        office.visitor(name)
        times += [page.evaluate("window.shown") - 1000 * start for page in pages]
    return times


@contextmanager
def _at_the_desk(browser: Browser, running: Lobby) -> Iterator[Page]:
    context = browser.new_context(base_url=running.desk)
    if not context.request.post("/api/session", data=CREDENTIALS).ok:
        raise UnmeasuredError("nobody could sign in.")
    page = context.new_page()
    page.goto("/")
    yield page
    context.close()


class _Desk:
    """A page of today that is open, without a browser: a stream, and regions that are asked for."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._regions = _REGION.findall(client.get("/").raise_for_status().text)
        self.renewed = 0
        self.listening, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def end(self) -> None:
        """Soon: at the next word, or at what the stream says to keep itself open."""
        self._ended.set()

    def wait(self) -> None:
        self._thread.join()

    def _listen(self) -> None:
        with self._client.stream("GET", "/api/events", timeout=_PATIENCE) as stream:
            self.listening.set()
            for line in stream.iter_lines():
                if self._ended.is_set():
                    return
                if line.startswith("data: "):
                    self._renew(set(line.removeprefix("data: ").split()))

    def _renew(self, words: set[str]) -> None:
        if names := [name for name, on in self._regions if words.intersection(on.split())]:
            path = f"/desk/fragments/{','.join(names)}?page=today"
            self._client.get(path).raise_for_status()
            self.renewed += 1


@contextmanager
def _others(running: Lobby) -> Iterator[list[_Desk]]:
    with httpx.Client(base_url=running.desk, limits=httpx.Limits(max_connections=None)) as client:
        client.post("/api/session", json=CREDENTIALS).raise_for_status()
        found = [_Desk(client) for _ in range(_DESKS)]
        try:
            if not all(desk.listening.wait(_PATIENCE) for desk in found):
                raise UnmeasuredError("a desk could not listen.")
            time.sleep(2)
            yield found
        finally:
            for desk in found:
                desk.end()
            for desk in found:
                desk.wait()
