"""Keys and buttons that a visitor's screen must not know, pressed on the real window."""

import os
from collections.abc import Iterator

import pytest

from controller import lobby, setup
from controller.preflight import Part
from tests.e2e.windows import Window
from tests.parts import fresh_settings


@pytest.fixture(scope="module")
def running() -> Iterator[lobby.Lobby]:
    for name in ("DISPLAY", "SDL_VIDEODRIVER"):
        os.environ.pop(name, None)
    with fresh_settings() as settings:
        list(setup.prepare(settings))
        with lobby.opened(settings, [Part.BROKER, Part.KIOSK], probes=True) as opened:
            yield opened


@pytest.fixture
def kiosk(running) -> Window:
    window = Window(running, Part.KIOSK)
    window.wait_for("welcome_register")
    window.wait_until_gone("offline")  # which the heading makes room for
    return window


KEYS = ["Escape", "F1", "F11", "alt+F4", "ctrl+c", "ctrl+q", "ctrl+w", "ctrl+alt+Delete", "Menu"]


@pytest.mark.parametrize("keys", [*KEYS, "super", "Print", "ctrl+v", "shift+Insert", "Delete"])
def test_no_key_of_the_system_s_leaves_or_changes_the_screen(kiosk, keys):
    before = kiosk.widgets()
    kiosk.press(keys)
    still_answers(kiosk)
    assert kiosk.widgets() == before


@pytest.mark.parametrize("button", ["2", "3", "4", "5"])
def test_a_mouse_s_other_buttons_press_nothing(kiosk, button):
    kiosk.click("welcome_register", button)
    still_answers(kiosk)


def test_control_keys_that_a_scanner_types_do_nothing(kiosk):
    kiosk.press("--delay", "2", "F1", "Escape", "alt+F4", "ctrl+c", "F12", "Delete", "Return")
    still_answers(kiosk)


def still_answers(kiosk):
    """The same process is at its welcome, and a language is still one touch away. The touch comes
    after the keys through the same queue, so whatever those did has been done."""
    kiosk.tap("lang_en")
    kiosk.wait_for_text("Please check in")
    kiosk.tap("lang_zh_hant")
    kiosk.wait_for_text("請自助登記")
    assert "welcome_register" in kiosk.widgets()
