"""What fingers, keyboards and scanners do to a kiosk that they should not: each ends well."""

import random

import pytest

from kiosk.scanner import Scanner
from kiosk.terms import Screen, Tick, Touched, Typed
from models.messages import VisitUpdate
from models.terms import VisitState
from tests.kiosk_story import CARD, TOKEN, Controller, view
from tests.ui.test_kiosk_path import fill_in, press
from tests.ui.test_kiosk_screens import admitted, problems

VCARD = "BEGIN:VCARD\nN:Li\n\nTEL:138\nEND:VCARD"
ENTER = 13
SIZE = (540, 960)


class Unhurried(Scanner):
    """Hears everything a thousand times faster than it comes, however busy this machine is."""

    def feed(self, text, field, now):
        super().feed(text, field, now / 1000)

    def enter(self, now):
        return super().enter(now / 1000)


def at_the_name(ui, kiosk):
    app = kiosk(SIZE)
    app._wire.says |= Controller().says
    to_the_name(ui)
    return app


def to_the_name(ui):
    ui.tap("welcome_register")
    ui.tap("purpose_colleague")
    ui.tap("method_latin")


def read(ui, app, text):
    """A scanner reads all of it; its keys come faster than any frame."""
    from kivy.core.window import Window

    app._scanner = Unhurried()
    for line in text.splitlines():
        for character in line:
            Window.dispatch("on_textinput", character)
        Window.dispatch("on_key_down", ENTER, 0, "", [])
    ui.frames(2)


# --- names and numbers -------------------------------------------------------------------------

UNUSUAL = {
    "one character": "丁",
    "forty": "歐陽" * 20,
    "two languages": "歐陽Chloé-王小明 Smith",
    "beyond the first plane": "𠮷田",
    "rare": "王㜏",
    "markup": "[b]王[/b]&amp;{name}",
}


def test_an_unusual_name_is_shown_and_stored_as_it_was_typed(ui, kiosk):
    app = at_the_name(ui, kiosk)
    for name in UNUSUAL.values():
        ui.type(name)
        ui.tap("next")
        ui.tap("host_unsure")
        assert name in ui.texts()
        assert list(problems(app, SIZE)) == []
        ui.tap("submit")
        ui.until(lambda: app.flow.screen is Screen.WAITING)
        assert [*app._wire.registrations().values()][-1].name == name
        app.flow = app.at_welcome
        app.apply(Touched())
        to_the_name(ui)


def test_a_name_that_cannot_be_shown_is_asked_for_again(ui, kiosk):
    app = at_the_name(ui, kiosk)
    for name in ("\U00031350", "👩\u200d👧", "🇹🇼"):
        ui.type(name)
        assert "無法顯示" in app.state.error
        ui.tap("next")
        assert (app.flow.screen, app.flow.text) == (Screen.NAME, "")
        assert app.state.error
        assert list(problems(app, SIZE)) == []


def test_letters_are_no_phone_number(ui, kiosk):
    app = at_the_name(ui, kiosk)
    ui.type("王")
    ui.tap("next")
    ui.tap("host_unsure")
    ui.tap("edit_phone")
    ui.type("call me")
    assert (app.flow.text, app.state.error) == ("", "")
    ui.type("13a")
    ui.tap("next")
    assert (app.flow.screen, app.flow.text) == (Screen.PHONE, "13")
    assert app.state.error
    ui.type("8-0013-8000")
    ui.tap("next")
    assert app.flow.form.phone == "13800138000"


@pytest.mark.parametrize("text", [VCARD, "WIFI:T:WPA;S:guest;P:secret;;", "9" * 500])
def test_what_a_scanner_types_into_a_name_is_taken_out_again(ui, kiosk, text):
    app = at_the_name(ui, kiosk)
    ui.tap("method_pinyin")
    app.apply(Typed("王"))
    read(ui, app, text)
    assert (app.flow.screen, app.flow.text) == (Screen.NAME, "王")
    assert (app.state.preedit, app.state.candidates) == ("", [])
    assert ui.widget("notice").text == "這不是本處的通行碼或邀請碼"


def test_a_scanned_visiting_card_submits_nothing(ui, kiosk):
    app = kiosk(SIZE)
    fill_in(ui)
    read(ui, app, VCARD)
    assert app.flow.screen is Screen.CHECK
    assert not app._wire.registrations()


# --- fingers -----------------------------------------------------------------------------------


def fingers(ui, *test_ids):
    """One finger on each, all down."""
    from kivy.tests.common import UnitTestTouch

    centres = [w.to_window(*w.center) for w in map(ui.widget, test_ids)]
    touches = [UnitTestTouch(*centre) for centre in centres]
    for touch in touches:
        touch.touch_down()
    ui.frames(2)
    return touches


def lift(ui, touches):
    for touch in touches:
        touch.touch_up()
    ui.frames(2)


@pytest.mark.parametrize("seed", range(3))
def test_ten_fingers_at_once_on_the_welcome_take_one_way(ui, kiosk, seed):
    app = kiosk(SIZE)
    buttons = ["welcome_register", "welcome_appointment", "welcome_leave", "call_desk"]
    touches = fingers(ui, *buttons * 2)
    random.Random(seed).shuffle(touches)
    lift(ui, touches)
    assert app.flow.screen in {Screen.PURPOSE, Screen.CODE, Screen.LEAVE}
    assert len({r.key for r in app._wire.requests if r.body.kind == "call_desk"}) == 1
    # A press is seen for a moment, also where frames are faster than that.
    ui.until(lambda: "down" not in {getattr(w, "state", "") for w in app.root.walk(restrict=True)})


def test_ten_fingers_on_the_keyboard_type_ten_letters(ui, kiosk):
    app = at_the_name(ui, kiosk)
    ui.tap("method_latin")
    lift(ui, fingers(ui, *(f"key_{key}" for key in "qwertyuiop")))
    assert app.flow.text == "qwertyuiop"


def test_two_fingers_on_submit_register_once(ui, kiosk):
    app = kiosk(SIZE)
    fill_in(ui)
    lift(ui, fingers(ui, "submit", "submit", "back"))
    assert len(app._wire.registrations()) == 1


def test_a_finger_that_lies_on_the_glass_for_a_minute_keeps_nobodys_name_there(ui, kiosk):
    app = at_the_name(ui, kiosk)
    for held in ("key_q", "next", "call_desk", "back", "key_backspace"):
        app.apply(Typed("王"))
        touches = fingers(ui, held)
        for _ in range(13):
            app.apply(Tick(app.flow.now + 5))
            ui.frames(1)
        assert app.flow.screen is Screen.WELCOME
        lift(ui, touches)
        assert (app.flow.screen, app.flow.text, app.flow.form.name) == (Screen.WELCOME, "", "")
        to_the_name(ui)


# --- the next visitor --------------------------------------------------------------------------


def test_who_comes_while_a_pass_is_up_neither_keeps_nor_spoils_it(ui, kiosk):
    app = kiosk(SIZE)
    admitted(app)
    ui.frames(2)
    dice = random.Random(1)
    for _ in range(40):
        lift(ui, [touch_at(dice.uniform(32, 508), dice.uniform(350, 750))])
    ui.type("李四")
    press(ui, ENTER)
    read(ui, app, TOKEN)
    assert (app.flow.screen, app.flow.text) == (Screen.PASS, "")
    assert ui.widget("pass_qr").token == CARD.token
    app.apply(Tick(app.flow.now + app.flow.times.show + 1))
    ui.frames(2)
    assert app.flow.screen is Screen.WELCOME


def touch_at(x, y):
    from kivy.tests.common import UnitTestTouch

    touch = UnitTestTouch(x, y)
    touch.touch_down()
    return touch


def test_the_next_visitor_never_sees_what_comes_for_the_first(ui, kiosk):
    app = kiosk(SIZE)
    admitted(app)
    first = app.flow.visit_key
    ui.frames(2)
    ui.tap("done")
    fill_in(ui)
    told = {"state": VisitState.ADMITTED, "passes": (CARD,), "name": "王小明"}
    app._wire.tell(VisitUpdate(device="k1", visit=view(first, 9, **told)))
    ui.frames(3)
    assert app.flow.screen is Screen.CHECK
    assert CARD.number not in ui.texts()
