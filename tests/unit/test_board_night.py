"""At night the board dims, and can still be read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.display import theme
from models.display.state import BoardState
from models.display.view import Look, Night, view
from models.terms import Language
from tests import board_days as days

NIGHT = Night("22:00", "06:30", 0.7)
LOWEST = 0.7


def luminance(colour: str, light: float = 1.0) -> float:
    def linear(channel: float) -> float:
        part = channel * light / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


@pytest.mark.parametrize("ground", [theme.GROUND, theme.PANEL])
def test_type_keeps_its_contrast_of_seven_to_one_at_the_lowest_light(ground):
    text = luminance(theme.Tone.TEXT, LOWEST) + 0.05
    assert text / (luminance(ground, LOWEST) + 0.05) >= 7


@pytest.mark.parametrize(
    ("clock", "light"),
    [("21:59", 1), ("22:00", 0.7), ("00:00", 0.7), ("06:29", 0.7), ("06:30", 1), ("12:00", 1)],
)
def test_a_night_goes_over_midnight(clock, light):
    hour, minute = map(int, clock.split(":"))
    assert NIGHT.light_at(days.NOW.replace(hour=hour, minute=minute)) == light


def test_a_night_within_a_day_and_none_at_all():
    noon = days.NOW.replace(hour=12, minute=0)
    assert Night("11:00", "13:00", 0.8).light_at(noon) == 0.8
    assert Night("13:00", "14:00", 0.8).light_at(noon) == 1
    for never in (Night(), Night("12:00", "", 0.8), Night("12:00", "12:00", 0.8)):
        assert never.light_at(noon) == 1


def test_what_is_wrong_is_seen_at_night_too():
    look = Look(Language.EN, "", 15, days.NOW.replace(hour=23, minute=0), days.TICK, NIGHT)
    live = BoardState("main", proved_at=days.TICK)
    assert view(live, look).light == 0.7
    silent = replace(look, tick=days.TICK + 60, now=look.now + timedelta(seconds=60))
    assert view(live, silent).banner
    assert view(live, silent).light == 1
