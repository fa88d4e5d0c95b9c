"""An emergency on the screen: what it says, for how long, and that everybody can read it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.display import theme
from models.display.layout import flow, lay_out_takeover
from models.display.state import receive, restored
from models.display.theme import Metrics, Tone
from models.display.view import Look, Takeover, view
from models.messages import BadMessage, Canary, decode, encode
from models.terms import Emergency, Language, Section
from tests import board_days as days

LOOK = Look(Language.ZH_HANT, "首層大堂", 15, days.NOW, days.TICK)


def seen(state, **changes):
    return view(state, replace(LOOK, **changes))


def test_it_says_what_to_do_in_the_board_s_language_and_in_one_more():
    assert seen(days.taken_over()).takeover == Takeover(
        "火警",
        "請保持冷靜，立即由最近的樓梯離開，切勿使用電梯。",
        "Fire · Stay calm. Leave now by the nearest stairs. Do not use the lifts.",
        "至 10:30 自動解除",
    )
    english = seen(days.taken_over(), language=Language.EN).takeover
    assert english.title == "Fire"
    assert english.other.startswith("火警 · ")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", Emergency)
def test_every_kind_has_words(language, kind):
    row = days.emergency(1, kind)
    state = days.of(days.snapshot(Section.EMERGENCY, row))
    assert all(vars(seen(state, language=language).takeover).values())


def test_the_desk_s_own_words_stand_in_place_of_the_prepared_ones():
    state = days.of(days.snapshot(Section.EMERGENCY, days.emergency(1, "lift", "B座電梯維修")))
    assert seen(state).takeover.text == "B座電梯維修"


def test_the_newest_one_is_shown():
    early, late = days.emergency(1, "water"), days.emergency(2, "fire", at=days.at(9, 41))
    state = days.of(days.snapshot(Section.EMERGENCY, late, early))
    assert seen(state).takeover.title == "火警"


def test_it_is_over_at_its_end_and_the_board_looks_again_just_then():
    state = restored("main", [days.snapshot(Section.EMERGENCY, days.emergency())], days.TICK)
    last = days.at(10, 29) + timedelta(seconds=59)
    shown = seen(state, now=last)
    assert shown.takeover
    assert shown.lasts == 1
    assert seen(state, now=days.at(10, 30)).takeover is None


@pytest.mark.parametrize("wrong", [timedelta(hours=-3), timedelta(hours=3)])
def test_a_clock_that_is_wrong_neither_hides_nor_keeps_it(wrong):
    state = days.taken_over()  # a canary has said that it is 9:42
    assert seen(state, now=days.NOW + wrong).takeover
    at_its_end = days.TICK + timedelta(minutes=48).total_seconds()
    assert seen(state, now=days.NOW + wrong, tick=at_its_end).takeover is None
    assert seen(state, now=days.NOW + wrong, tick=at_its_end - 1).lasts <= 1


def test_a_canary_at_the_calendar_s_end_leaves_this_machine_s_clock():
    text = b'{"v":1,"epoch":7,"seq":1,"at":"9999-12-31T23:59:59-14:00"}'
    canary = decode("lobby/v1/hq/canary", text, "hq")
    assert isinstance(canary, Canary)
    assert seen(receive(days.taken_over(), canary, days.TICK)).takeover


def test_it_ends_with_the_network_down():
    state = days.taken_over()
    hour_later = {"now": days.at(10, 42), "tick": days.TICK + 3600}
    assert seen(state, **hour_later).takeover is None
    assert seen(state, **hour_later).banner


def test_one_without_an_early_end_is_refused_by_every_board():
    row = days.emergency()
    topic, payload, *_ = encode(days.snapshot(Section.EMERGENCY, row), "hq")
    for end in (b'"until":null', b'"until":"2026-11-23T13:41:00+08:00"'):
        wrong = payload.replace(b'"until":"2026-11-23T10:30:00+08:00"', end)
        assert wrong != payload
        with pytest.raises(BadMessage):
            decode(topic, wrong, "hq")


def contrast(one, other):
    """WCAG 2.2's contrast ratio of two colours such as #0D1522."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_it_has_a_contrast_of_seven_to_one():
    assert contrast(Tone.TEXT, theme.ALERT_GROUND) >= 7


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (1280, 720), (3840, 2160)])
def test_the_longest_text_fits_the_screen_and_is_as_large_as_any(size):
    metrics = Metrics(*size)
    state = days.of(days.snapshot(Section.EMERGENCY, days.emergency(1, "fire", "緊" * 120)))
    for language in Language:
        blocks = lay_out_takeover(seen(state, language=language).takeover, metrics, em_of_han)
        assert blocks[0].y >= metrics.takeover // 2
        assert blocks[-1].y + blocks[-1].height <= size[1] - metrics.takeover // 2
        for above, below in pairwise(blocks):
            assert above.y + above.height <= below.y
        for block in blocks:
            width = max(map(em_of_han(block.size, block.bold), block.lines))
            assert width <= size[0] - 2 * metrics.takeover
            assert block.size >= 0.035 * min(size)


def em_of_han(size, _bold):
    """Han is as wide as high, everything else little more than half of it."""
    return lambda text: sum(size if ord(c) > 0x2E7F else 0.62 * size for c in text)


@given(st.text(alphabet="火警，。（A b", max_size=150), st.integers(3, 40))
def test_what_flows_loses_nothing_and_fits(text, width):
    text = " ".join(text.split())
    lines = flow(text, width, lambda part: float(len(part)))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(len(line) <= width for line in lines)
