"""A full-screen Chromium page as the board's rival: `page.html` with its own MQTT client.

It hears the lobby's own broker as one more board. The broker gets a WebSocket listener for that, in
the bench's own copy of its configuration only: a relay in between would slow the page down, and the
product needs no such listener. With `socket_domain ipv4` it binds to loopback (without, Mosquitto
2.0.11 opens it to the world), and it asks for the same credentials as everywhere.

The page's clock and ours are the same one, read from two places: what they differ by is bracketed.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from broker_config import generate
from controller.lobby import Lobby
from models.messages import Canary, Snapshot, topic_of
from models.settings import Settings
from models.terms import Role, Section
from tests.parts import free_ports

PROGRAM = shutil.which("chromium")

_DEVICE = "page"
_PAGE = Path(__file__).with_name("page.html")
_PLACE = (1080, 0, 1920, 1080)
"""Left, top, width, height: where the board is otherwise."""
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--kiosk",
)
_LISTENER = """
listener {port} 127.0.0.1
protocol websockets
socket_domain ipv4
use_username_as_clientid true
"""


@dataclass(frozen=True)
class Door:
    """All that the page needs to sign in and to listen."""

    url: str
    user: str
    password: str
    topics: tuple[str, ...]
    timezone: str


def let_in(settings: Settings) -> Door:
    """Make the page a board that the broker knows. To be called before the broker is started."""
    group, site = settings.board.group, settings.site
    device = generate.add_device(settings, Role.BOARD, _DEVICE, group)
    port = free_ports(1)[0]
    with (generate.folder(settings) / "mosquitto.conf").open("a") as file:
        file.write(_LISTENER.format(port=port))
    return Door(
        url=f"ws://127.0.0.1:{port}/mqtt",
        user=device.user,
        password=settings.credential(device.role, device.id).read_text("ascii").strip(),
        topics=(
            *(topic_of(Snapshot, site, group=group, section=section) for section in Section),
            topic_of(Canary, site),
        ),
        timezone=settings.timezone,
    )


class BoardPage:
    """The page, connected and with the day on it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def flips(self) -> list[tuple[str, int, float]]:
        """What was shown when: section, revision, and the moment on our monotonic clock."""
        ours = self._clock_difference()
        flips = self._page.evaluate("flips")
        return [(section, rev, at / 1000 + ours) for section, rev, at in flips]

    def _clock_difference(self) -> float:
        """Seconds by which our clock is ahead of the page's, within half a millisecond or so."""
        latest, earliest = -float("inf"), float("inf")
        for _ in range(50):
            before = time.monotonic()
            theirs = self._page.evaluate("performance.now()") / 1000
            after = time.monotonic()
            latest, earliest = max(latest, before - theirs), min(earliest, after - theirs)
        return (latest + earliest) / 2


@contextmanager
def page(opened: Lobby, door: Door) -> Iterator[BoardPage]:
    """The page on the lobby's display, full screen, once it shows all sections."""
    left, top, width, height = _PLACE
    with tempfile.TemporaryDirectory(prefix="lobby-page-") as profile, sync_playwright() as tool:
        context = tool.chromium.launch_persistent_context(
            profile,
            executable_path=PROGRAM,
            headless=False,
            no_viewport=True,
            env={"DISPLAY": str(opened.display), "HOME": profile},
            args=[
                *_ARGUMENTS,
                f"--window-position={left},{top}",
                f"--window-size={width},{height}",
            ],
        )
        try:
            shown = context.pages[0]
            shown.goto(_PAGE.as_uri())
            shown.evaluate("door => start(door)", asdict(door))
            shown.wait_for_function("new Set(flips.map(flip => flip[0])).size === 4")
            yield BoardPage(shown)
        finally:
            context.close()


def processes() -> list[psutil.Process]:
    """Chromium's own processes, without the tool that drives it."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "chrom" in child.name()]
