"""Where the windows open: on a real display in frames, on a virtual one in full size."""

import pytest

from broker_config import generate
from controller import lobby, plans
from controller.lobby import LobbyError
from controller.preflight import Part
from models.settings import load
from tests.parts import fresh_settings

HEADLESS = {"DISPLAY": "", "SDL_VIDEODRIVER": ""}


def windows(settings, *, virtual):
    settings = plans.placed(settings, virtual=virtual)
    return settings.kiosk.window, settings.board.window


def test_on_a_desktop_both_windows_are_framed_and_side_by_side(settings):
    assert windows(settings, virtual=False) == ("506x900+40+40", "1280x720+590+40")


def test_on_a_virtual_display_both_are_in_full_size_and_side_by_side(settings):
    assert windows(settings, virtual=True) == ("1080x1920+0+0!", "1920x1080+1080+0!")


@pytest.mark.parametrize("virtual", [True, False])
def test_a_window_goes_where_the_settings_say(virtual):
    said = {"window": "1366x768+10+20!"}
    with fresh_settings(kiosk=said, board=said) as settings:
        assert windows(settings, virtual=virtual) == ("1366x768+10+20!", "1366x768+10+20!")


def test_full_screen_is_for_real_displays_only():
    said = {"window": "fullscreen"}
    with fresh_settings(kiosk=said) as settings:
        assert windows(settings, virtual=False)[0] == "fullscreen"
        assert windows(settings, virtual=True)[0] == "1080x1920+0+0!"


def test_without_a_display_a_virtual_one_comes_with_the_windows_and_goes_with_them(settings):
    generate.provision(settings)
    with lobby.opened(settings, [Part.BOARD], env=HEADLESS, probes=True) as running:
        assert running.alive(Part.DISPLAY)
        assert running.display
        assert running.probe(Part.BOARD).is_socket()
    assert not running.alive(Part.DISPLAY)


def test_a_display_that_is_there_is_used(settings):
    generate.provision(settings)
    with lobby.opened(settings, [Part.BOARD], env=HEADLESS) as first:
        display = {"DISPLAY": first.display, "SDL_VIDEODRIVER": ""}
        with fresh_settings() as others:
            generate.provision(others)
            with lobby.opened(others, [Part.BOARD], env=display) as second:
                assert second.display == first.display
                assert not second.alive(Part.DISPLAY)


def test_the_parts_get_the_settings_that_were_checked_and_no_others(settings, monkeypatch):
    generate.provision(settings)
    monkeypatch.setenv("LOBBY_SITE", "elsewhere")
    with lobby.opened(settings, [Part.BROKER]):
        monkeypatch.delenv("LOBBY_SITE")
        in_use = load(settings.data / "in-use.toml")
        assert in_use.site == "test"
        assert in_use.broker.port == settings.broker.port


def test_a_part_that_fails_to_open_is_an_error_and_closes_the_others(settings):
    with (
        pytest.raises(LobbyError, match=r"The board ended while starting: .*run make setup\."),
        lobby.opened(settings, [Part.BOARD], env=HEADLESS),
    ):
        pass
