"""The operator's way as tables: the knock, the PIN, the throttle, what is tested, the way out."""

import re

import pytest

from kiosk import operator
from kiosk.knock import TIMES, WITHIN, Knock
from kiosk.terms import (
    Button,
    CheckPin,
    Knocked,
    Looked,
    PinChecked,
    Reached,
    Restart,
    Scanned,
    Screen,
    Typed,
)
from models import pins
from models.messages import PrintTest, PrintTestView
from models.terms import Language, PrintState
from models.words import say
from tests.kiosk_story import Story

S, B = Screen, Button
KEY = "a" * 32


def entered():
    return Story().tell(Knocked(), Typed("482137")).tap(B.NEXT).tell(PinChecked(good=True))


def rows(story):
    tr = lambda key, **places: say(Language.EN, f"kiosk.{key}", **places)  # noqa: E731
    shown = operator.shown(story.state, tr, "0.1.0", ["pinyin", "latin"])
    return {name: value for name, _label, value in shown["operator_rows"]}


def knock(touches):
    heard = Knock()
    return [heard.heard(left, top, 1000, at) for left, top, at in touches]


def test_five_touches_of_the_corner_are_a_knock():
    assert knock([(50, 140, n * 0.5) for n in range(TIMES)]) == [False] * 4 + [True]


@pytest.mark.parametrize(
    "touches",
    [
        [(50, 50, n * WITHIN / (TIMES - 1.5)) for n in range(TIMES)],
        [(50, 50, 0), (50, 50, 0.1), (500, 50, 0.2), *[(50, 50, 0.3 + n / 10) for n in range(4)]],
        [(50, 141, n / 10) for n in range(TIMES)],
        [(50, 50, 0)] * (TIMES - 1),
    ],
    ids=["too slow", "another touch between", "beside it", "too few"],
)
def test_anything_else_is_none(touches):
    assert not any(knock(touches))


def test_a_knock_elsewhere_than_at_the_welcome_is_not_heard():
    assert Story().tap(B.REGISTER).tell(Knocked()).screen is S.PURPOSE


def test_the_pin_is_handed_over_once_and_leaves_the_screen():
    story = Story().tell(Knocked(), Typed("48a2137"))
    assert story.screen is S.PIN
    story.tap(B.NEXT)
    assert [e for e in story.effects if isinstance(e, CheckPin)] == [CheckPin("482137")]
    assert "482137" not in repr(story.effects)
    assert story.state.text == ""
    assert story.tell(PinChecked(good=True)).screen is S.OPERATOR


def test_three_wrong_pins_shut_the_way_for_longer_each_time_whoever_comes_between():
    story = Story()
    for seconds in (30, 60, 120):
        for left in (2, 1, 0):
            story.tell(Knocked(), Typed("000000")).tap(B.NEXT).tell(PinChecked(good=False))
            assert story.state.error == ("pin_wrong" if left else "pin_shut")
            story.tap(B.BACK)
        assert story.state.operator.shut_until == story.state.now + seconds
        story.effects.clear()
        story.tell(Knocked(), Typed("482137")).tap(B.NEXT)
        assert story.state.error == "pin_shut"
        assert not [e for e in story.effects if isinstance(e, CheckPin)]
        story.tap(B.BACK).at(now=story.state.now + seconds)


def test_the_right_pin_forgives_the_wrong_ones():
    story = Story().tell(Knocked(), PinChecked(good=False), PinChecked(good=True))
    assert story.state.operator.wrong == 0


def test_an_answer_to_a_pin_opens_nothing_elsewhere():
    assert Story().tell(PinChecked(good=True)).screen is S.WELCOME


@pytest.mark.parametrize("screen", [S.PIN, S.OPERATOR, S.TOUCH])
def test_every_screen_of_the_operator_s_is_left_by_itself(screen):
    story = entered().at(screen=screen).wait(61)
    assert story.screen is S.WELCOME
    assert story.state.operator.seen is None


def test_the_links_are_said_as_they_are():
    story = entered()
    assert rows(story)["answer"] == "None yet"
    story.tell(Looked(broker=True, controller=False, answered=12.4, camera="looks"))
    said = rows(story)
    assert (said["broker"], said["controller"]) == ("Connected", "Not connected")
    assert (said["answer"], said["camera"]) == ("12 s ago", "Working")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("VP1:x", "a pass"),
        ("VI1:x", "an invitation"),
        ("VG1:x", "a goods slip"),
        ("69", "another code"),
    ],
)
def test_a_scan_is_named_and_neither_kept_nor_used(text, said):
    story = entered().tell(Scanned(text))
    assert rows(story)["scanner"].endswith(said)
    assert text not in repr(story.state)
    assert not story.sent("leave")


def test_a_test_slip_is_asked_after_until_it_lies_there():
    story = entered().tap(B.PRINT)
    assert story.sent("print_test") == [PrintTest()]
    story.answer("print_test", body=PrintTestView(test=KEY, state=PrintState.PRINTING))
    story.tell(Looked()).wait(1.25).tell(Looked())
    assert story.sent("print_test") == [PrintTest(), PrintTest(test=KEY)]
    story.answer("print_test", body=PrintTestView(test=KEY, state=PrintState.PRINTED))
    assert rows(story)["printer"] == "Test slip printed"
    story.wait(5).tell(Looked())
    assert len(story.sent("print_test")) == 2


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("paper_out", "Out of paper"),
        ("unreachable", "Cannot print; check the printer"),
        ("no_printer", "None at this kiosk"),
    ],
)
def test_why_no_test_slip_came_is_said(code, said):
    story = entered().tap(B.PRINT)
    if code == "no_printer":
        story.answer("print_test", code)
    else:
        told = PrintTestView(test=KEY, state=PrintState.DISMISSED, code=code)
        story.answer("print_test", body=told)
    assert rows(story)["printer"] == said


def test_without_the_controller_no_slip_is_promised():
    story = entered().tell(Reached(up=False)).tap(B.PRINT)
    assert not story.sent("print_test")
    assert rows(story)["printer"] == "The controller does not answer"


def test_a_restart_is_an_effect_and_nothing_stays_open():
    story = entered().tap(B.RESTART)
    assert Restart() in story.effects
    assert story.screen is S.WELCOME


def test_the_screen_test_leads_back():
    assert entered().tap(B.TOUCH, B.DONE).screen is S.OPERATOR


# --- the PIN at rest ---------------------------------------------------------------------------


def test_a_pin_is_drawn_once_said_once_and_kept_as_a_hash(tmp_path):
    file = tmp_path / "kiosk-k1.pin"
    [line] = pins.ensure(file)
    pin = line.rpartition(" ")[2]
    assert list(pins.ensure(file)) == []
    assert (len(pin), pin.isdecimal()) == (pins.LENGTH, True)
    assert re.fullmatch("[0-9a-f]{32}:[0-9a-f]{128}\n", file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert pins.is_right(file, pin)
    assert not pins.is_right(file, pin[::-1] + "0")


def test_a_new_pin_ends_the_old_one(tmp_path):
    file = tmp_path / "kiosk-k1.pin"
    old, new = pins.draw(file), pins.draw(file)
    assert pins.is_right(file, new)
    assert pins.is_right(file, old) is (old == new)


@pytest.mark.parametrize("content", ["", "zz:zz", "482137"])
def test_a_file_that_holds_no_hash_opens_nothing(tmp_path, content):
    file = tmp_path / "kiosk-k1.pin"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"hash|hexadecimal"):
        pins.is_right(file, content)
