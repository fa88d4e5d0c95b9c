"""The kiosk for everybody, at a real window: larger, plainer, aloud, in reach, and by keyboard."""

import pytest

from kiosk.scanner import Scanner
from kiosk.terms import Aids, PickAids, Screen, Tick
from models.messages import VisitUpdate
from models.terms import Language, VisitState
from tests.kiosk_story import CARD, TOKEN, view

TAB, ENTER, ESCAPE, UP, DOWN = 9, 13, 27, 273, 274


@pytest.fixture
def app(kiosk):
    app = kiosk()
    app._wire.says["register"] = lambda request: {"body": view(request.key)}
    return app


def press(ui, key, *modifiers):
    from kivy.core.window import Window

    Window.dispatch("on_key_down", key, 0, "", list(modifiers))
    ui.frames(2)


def tab_to(ui, app, test_id):
    """Tab until this is what Enter would press."""
    for _ in range(20):
        press(ui, TAB)
        if app.root.focus._widget.test_id == test_id:
            return
    raise AssertionError(f"{test_id} is not reached by Tab")


def go(ui, app, test_id):
    tab_to(ui, app, test_id)
    press(ui, ENTER)
    ui.frames(3)


# --- the keyboard ------------------------------------------------------------------------------


def test_a_visitor_goes_the_whole_way_without_touching(ui, app):
    go(ui, app, "aids")
    go(ui, app, "aids_en")
    go(ui, app, "done")
    go(ui, app, "welcome_register")
    go(ui, app, "purpose_colleague")
    ui.type("Mei")
    press(ui, ENTER)
    go(ui, app, "host_unsure")
    go(ui, app, "edit_phone")
    ui.type("0137")
    press(ui, ENTER)
    go(ui, app, "submit")
    ui.until(lambda: app.flow.screen is Screen.WAITING)
    [(key, body)] = app._wire.registrations().items()
    assert (body.name, body.phone, body.language) == ("Mei", "0137", Language.EN)
    told = view(key, 2, state=VisitState.ADMITTED, passes=(CARD,))
    app._wire.tell(VisitUpdate(device="k1", visit=told))
    ui.until(lambda: app.flow.screen is Screen.PASS)
    ui.frames(3)
    go(ui, app, "done")
    assert app.flow.screen is Screen.WELCOME


def test_what_enter_would_press_has_a_ring_and_a_touch_takes_it_away(ui, app):
    plain = ui.picture()
    press(ui, TAB)
    assert ui.picture() != plain
    ui.tap("welcome_leave")
    assert not app.root.focus.shown


def test_tab_goes_as_one_reads_and_shift_and_arrows_go_back(ui, app):
    seen = []
    for _ in range(8):
        press(ui, TAB)
        seen.append(app.root.focus._widget.test_id)
    first = ["lang_zh_hant", "lang_zh_hans", "lang_en", "welcome_register"]
    assert seen == [*first, "welcome_appointment", "welcome_leave", "call_desk", "aids"]
    press(ui, TAB, "shift")
    press(ui, UP)
    assert app.root.focus._widget.test_id == "welcome_leave"
    press(ui, DOWN)
    assert app.root.focus._widget.test_id == "call_desk"


def test_only_the_question_over_a_screen_can_be_answered(ui, app):
    ui.tap("welcome_register")
    app.apply(Tick(app.flow.now + 46))
    ui.frames(3)
    reached = set()
    for _ in range(6):
        press(ui, TAB)
        reached.add(app.root.focus._widget.test_id)
    assert reached == {"confirm_yes", "more_time", "confirm_no"}


def test_escape_goes_back_for_whoever_uses_the_keyboard_and_for_nobody_else(ui, app):
    ui.tap("welcome_register")
    press(ui, ESCAPE)
    assert app.flow.screen is Screen.PURPOSE
    press(ui, TAB)
    press(ui, ESCAPE)
    assert app.flow.screen is Screen.WELCOME


def test_a_scan_stays_a_scan_whatever_has_the_focus_and_however_it_ends(ui, app):
    from kivy.core.window import Window

    for end in (ENTER, TAB):
        tab_to(ui, app, "call_desk")
        for character in TOKEN:
            Window.dispatch("on_textinput", character)
        press(ui, end)
        assert app.flow.screen is Screen.LEAVE
        app.flow = app.at_welcome
        app.apply(Tick(app.flow.now))
        app._scanner = Scanner()  # a moment later: a key at once would belong to the scan
    requests = [request.body for request in app._wire.requests]
    assert {body.text for body in requests if body.kind == "leave"} == {TOKEN}
    assert not [body for body in requests if body.kind == "call_desk"]


def test_system_keys_move_no_focus(ui, app):
    press(ui, TAB, "alt")
    assert not app.root.focus.shown


# --- the sheet ---------------------------------------------------------------------------------


def test_larger_type_and_high_contrast_come_by_touch_and_go_with_the_visit(ui, app):
    usual = ui.widget("welcome_register").height, app.root._ui.body, list(app.root._ui.ink)
    ui.tap("aids")
    ui.tap("size_2")
    ui.tap("contrast_on")
    ui.tap("done")
    assert app.root._ui.body > usual[1] * 1.3
    assert list(app.root._ui.ink) == [0, 0, 0, 1]
    ui.tap("welcome_register")
    ui.tap("back")
    now = ui.widget("welcome_register").height, app.root._ui.body, list(app.root._ui.ink)
    assert now == usual


def test_what_was_typed_stays_when_type_grows(ui, app):
    ui.tap("welcome_register")
    ui.tap("purpose_colleague")
    ui.type("王小明")
    app.apply(Tick(app.flow.now))
    ui.tap("aids")
    ui.tap("size_1")
    ui.tap("done")
    assert ui.widget("name_input").text == "王小明"


@pytest.mark.parametrize("contrast", [False, True])
def test_text_stands_out_from_its_ground(ui, app, contrast):
    ui.tap("aids")
    app.apply(PickAids(Aids(contrast=contrast)))
    theme = app.root._ui
    pairs = [
        *((theme.ink, ground) for ground in (theme.paper, theme.surface, theme.shade)),
        *((theme.accent, ground) for ground in (theme.paper, theme.surface)),
        *((theme.stop, ground) for ground in (theme.paper, theme.surface)),
        *((theme.surface, theme.accent), (theme.accent_soft, theme.accent)),
        *((theme.wait, theme.wait_ground), (theme.muted, theme.paper)),
    ]
    least = 7 if contrast else 4.5
    assert [pair for pair in pairs if ratio(*pair) < least] == []
    steps = [(theme.accent, theme.ahead), (theme.muted, theme.ahead)]
    assert [pair for pair in steps if ratio(*pair) < 3] == []


def ratio(one, other):
    """WCAG's contrast of two colours, from 1 to 21."""

    def light(colour):
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_what_every_screen_needs_is_in_reach_of_somebody_who_sits(ui, app):
    """In the lower half of a panel that stands, on every question from welcome to waiting."""
    ui.tap("welcome_register")
    reach = ["back", "call_desk", "aids"]
    in_reach(ui, *reach)
    ui.tap("purpose_colleague")
    in_reach(ui, *reach, "next")
    ui.type("王小明")
    press(ui, ENTER)
    in_reach(ui, *reach, "host_unsure")
    ui.tap("host_unsure")
    in_reach(ui, *reach, "submit")
    ui.tap("submit")
    ui.until(lambda: app.flow.screen is Screen.WAITING)
    ui.frames(2)
    in_reach(ui, "cancel", "call_desk", "aids")
    ui.tap("aids")
    in_reach(ui, "size_2", "contrast_on", "slow_on", "aids_en", "done")


def in_reach(ui, *names):
    found = ui.widgets()
    assert [name for name in names if found[name]["y"] < 1920 * 0.45] == []


# --- the voice ---------------------------------------------------------------------------------


@pytest.fixture
def engine(tmp_path):
    """A program that takes espeak-ng's arguments and writes them down instead."""
    file, said = tmp_path / "speaks", tmp_path / "said"
    file.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {said}\nexec sleep 60\n')
    file.chmod(0o755)
    return file, said


def spoken(said):
    return said.read_text("utf-8").splitlines() if said.exists() else []


def test_prompts_are_read_in_the_language_that_was_chosen_and_the_last_one_wins(ui, kiosk, engine):
    program, said = engine
    app = kiosk(speech=str(program))
    ui.tap("welcome_register")
    assert spoken(said) == []
    ui.tap("aids")
    ui.tap("speech_on")
    ui.until(lambda: len(spoken(said)) == 1)
    assert spoken(said)[-1].startswith("-v cmn-latn-pinyin -s 150 -- ")
    first = app._voice._speaking
    ui.tap("aids_en")
    ui.until(lambda: len(spoken(said)) == 2)
    assert spoken(said)[-1] == "-v en -s 150 -- What would make it easier?"
    assert first.returncode is not None
    ui.tap("done")
    ui.until(lambda: "What brings you here?" in spoken(said)[-1])
    second = app._voice._speaking
    app.stop()
    assert second.returncode is not None


def test_without_an_engine_nothing_is_offered(ui, kiosk):
    kiosk(speech="/nowhere/speaks")
    ui.tap("aids")
    assert "speech_on" not in ui.widgets()
    assert "size_2" in ui.widgets()


def test_an_engine_that_cannot_be_started_holds_nobody_up(ui, kiosk, tmp_path):
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    app = kiosk(speech=str(broken))
    ui.tap("aids")
    ui.tap("speech_on")
    ui.tap("done")
    ui.tap("welcome_register")
    assert app.flow.screen is Screen.PURPOSE
