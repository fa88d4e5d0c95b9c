"""Fixtures for all tests: settings of their own, and a real broker on them."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as properties
from playwright.sync_api import Browser

from broker_config import generate
from controller import lobby, setup
from controller.lobby import Lobby
from controller.preflight import Part
from models.settings import Settings
from tests.e2e.browser import chromium
from tests.parts import ROOT, fresh_settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="keep pictures of screens in out/ui")
    parser.addoption("--walk", type=int, default=250, help="steps of the kiosk's random visitors")
    parser.addoption("--seed", type=int, default=1, help="the way that they take")


def pytest_configure() -> None:
    # What a developer has set for a lobby of their own would override the tests' settings.
    for name in [name for name in os.environ if name.startswith("LOBBY_")]:
        del os.environ[name]
    # A busy machine is no fault of what is tested, and the verdict no matter of luck: the examples
    # are the same in every run, as they are with CI.
    steady = {
        "deadline": None,
        "derandomize": True,
        "suppress_health_check": [HealthCheck.too_slow],
    }
    properties.register_profile("steady", **steady)
    properties.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def _shared() -> None:
    """The tests' settings share the fonts and the Chinese input of the checkout."""
    settings = Settings()
    checkout = settings.model_copy(update={"data": ROOT / settings.data})
    for _ in (*setup.fonts(checkout), *setup.schemas(checkout)):
        pass


@pytest.fixture
def settings() -> Iterator[Settings]:
    """A fresh data folder, free ports, and nothing prepared."""
    with fresh_settings() as fresh:
        yield fresh


@pytest.fixture
def broker(settings: Settings) -> Iterator[Lobby]:
    """The lobby's own Mosquitto on `settings`, all default devices provisioned.

    `broker.kill(Part.BROKER)`, `broker.start(Part.BROKER)` and
    `broker.wait_until_ready(Part.BROKER)` do what they say.
    """
    generate.provision(settings)
    with lobby.opened(settings, [Part.BROKER]) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, opened once for a file of tests."""
    with chromium() as opened:
        yield opened
