"""A whole lobby on a virtual display, or the desk's page of an office, for a file of stories."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from controller import lobby
from controller.lobby import Lobby
from controller.preflight import Part
from tests.accounts import prepared
from tests.e2e.browser import Office, opened_office, sign_in, stranger_at
from tests.e2e.clerk import Clerk, at_the_desk
from tests.e2e.windows import Window
from tests.parts import fresh_settings, morning_zone


@pytest.fixture(scope="module")
def running() -> Iterator[Lobby]:
    """Everything, real: broker, controller, and both windows on a display of their own."""
    # Neither somebody's desktop, nor what the window tests of the same run have set.
    for name in ("DISPLAY", "SDL_VIDEODRIVER"):
        os.environ.pop(name, None)
    with fresh_settings(timezone=morning_zone()) as settings:
        prepared(settings)
        with lobby.opened(settings, probes=True) as opened:
            yield opened


@pytest.fixture
def kiosk(running: Lobby) -> Window:
    """The kiosk, back at its welcome after each story."""
    window = Window(running, Part.KIOSK)
    window.wait_for("welcome_register")
    return window


@pytest.fixture
def board(running: Lobby) -> Window:
    return Window(running, Part.BOARD)


@pytest.fixture
def clerk(running: Lobby) -> Iterator[Clerk]:
    with at_the_desk(running) as signed_in:
        yield signed_in


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """A broker, a controller, and a kiosk that is ours: no windows."""
    with opened_office() as opened:
        yield opened


@pytest.fixture
def stranger(browser: Browser, office: Office) -> Iterator[Page]:
    """The desk's page before signing in."""
    with stranger_at(browser, office) as page:
        yield page


@pytest.fixture
def desk(stranger: Page) -> Page:
    """The desk's page, its clerk signed in."""
    sign_in(stranger)
    return stranger
