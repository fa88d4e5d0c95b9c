"""Names written at the kiosk's keyboards, by touch, with the real engines."""

import pytest

from kiosk.ime import Method
from kiosk.terms import Button, PickLanguage, Tap, Tick, Typed
from models.terms import Language
from tests.kiosk_story import TOKEN
from tests.ui.test_kiosk_screens import SIZES, name_of, problems
from tests.unit.test_kiosk_input_methods import KING

WAYS = {
    Method.PINYIN: "wangxiaoming",
    Method.ZHUYIN: "j;6vul3",
    Method.STROKE: "hhsh",
    Method.LATIN: "wang",
}
ENTER, BACKSPACE = 13, 8


def touch(ui, keys):
    for key in keys:
        ui.tap(f"key_{key}")


def press(ui, key):
    """A key of a real keyboard that is no character."""
    from kivy.core.window import Window

    Window.dispatch("on_key_down", key, 0, "", [])
    ui.frames(2)


def draw(ui, strokes):
    """With a finger on the slate; the points of a stroke are counted from its upper left corner."""
    from kivy.tests.common import UnitTestTouch

    slate = ui.widget("slate")
    for (x, y), *others in strokes:
        finger = UnitTestTouch(slate.x + x, slate.top - y)
        finger.touch_down()
        for onward, down in others:
            finger.touch_move(slate.x + onward, slate.top - down)
        finger.touch_up()
        ui.frames(2)


def begun(ui, kiosk, *said, **more):
    """A kiosk that asks for a name."""
    app = kiosk(*said, **more)
    name_of(app, "")
    ui.frames(2)
    return app


def offered(ui):
    """What the candidate bar shows."""
    shown = {n: w for n, w in ui.widgets().items() if n.removeprefix("candidate_").isdecimal()}
    return [ui.widget(name).text for name in sorted(shown, key=lambda n: int(n.split("_")[1]))]


# --- as it is drawn ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", Language)
def test_every_keyboard_is_drawn_whole(ui, kiosk, language, size):
    app = begun(ui, kiosk, size, language)
    wrong = {}
    for method in app.state.methods:
        ui.tap(f"method_{method}")
        wrong[method] = list(problems(app, size))
        for key in WAYS.get(method, ""):
            app.state.key(key)
        if method == Method.HANDWRITING:
            draw(ui, KING)
        ui.frames(3)
        wrong[f"{method}-candidates"] = list(problems(app, size))
        ui.keep(f"kiosk-writing-{method}-{language}-{size[0]}x{size[1]}")
    ui.tap("key_layer")
    wrong["signs"] = list(problems(app, size))
    ui.keep(f"kiosk-writing-signs-{language}-{size[0]}x{size[1]}")
    assert {keyboard: found for keyboard, found in wrong.items() if found} == {}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_candidate_is_as_wide_and_high_as_a_finger_needs(ui, kiosk, size):
    app = begun(ui, kiosk, size)
    touch(ui, "li")
    least = 88 * app.root._ui.u - 1.5
    for name in ("candidate_0", "candidate_1", "candidates_previous", "candidates_next"):
        assert ui.widget(name).height >= least
        assert ui.widget(name).width >= least * (1 if size == SIZES[0] else 0.8)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_forty_characters_and_a_long_preedit_stay_within_the_field(ui, kiosk, size):
    app = begun(ui, kiosk, size)
    app.apply(Typed("歐陽" * 20))
    touch(ui, "zhuang" * 4)
    assert list(problems(app, size)) == []
    ui.keep(f"kiosk-writing-long-{size[0]}x{size[1]}")


# --- as it is written --------------------------------------------------------------------------


def test_a_name_is_composed_in_the_field_and_chosen_from_what_is_offered(ui, kiosk):
    app = begun(ui, kiosk)
    before = {name: found["y"] for name, found in ui.widgets().items() if name.startswith("key_")}
    touch(ui, "wangxiaomingg")
    ui.tap("key_backspace")
    assert (app.flow.text, app.state.preedit) == ("", "wang xiao ming")
    assert offered(ui)[:2] == ["王小明", "汪小明"]
    after = {name: found["y"] for name, found in ui.widgets().items() if name.startswith("key_")}
    assert after == before  # no key moves under a finger
    ui.tap("candidate_1")
    assert (app.flow.text, app.state.preedit, offered(ui)) == ("汪小明", "", [])
    ui.tap("key_backspace")
    assert app.flow.text == "汪小"


def test_a_name_is_put_together_of_its_characters(ui, kiosk):
    app = begun(ui, kiosk)
    touch(ui, "wang")
    ui.tap("candidate_0")
    touch(ui, "jing")
    assert offered(ui)[0] != "荊"  # surnames are for the beginning
    app.state.choose(app.state.candidates.index("靜"))
    assert app.flow.text == "王靜"


def test_the_accented_key_chooses_first_and_then_goes_on(ui, kiosk):
    app = begun(ui, kiosk)
    touch(ui, "wangxiaoming")
    assert ui.widget("next").text == "選定"
    ui.tap("next")
    assert (app.flow.screen, app.flow.text) == ("name", "王小明")
    assert ui.widget("next").text == "下一步"
    ui.tap("next")
    assert app.flow.form.name == "王小明"


def test_the_arrows_lead_to_every_candidate_and_back(ui, kiosk):
    app = begun(ui, kiosk)
    touch(ui, "wang")
    first, seen = offered(ui), offered(ui)
    assert ui.widget("candidates_previous").disabled
    while not ui.widget("candidates_next").disabled:
        ui.tap("candidates_next")
        seen += offered(ui)
    assert seen == app.state.candidates
    while not ui.widget("candidates_previous").disabled:
        ui.tap("candidates_previous")
    assert offered(ui) == first


def test_a_name_is_written_with_a_finger(ui, kiosk):
    app = begun(ui, kiosk)
    ui.tap("method_handwriting")
    draw(ui, KING)
    assert offered(ui)[0] == "王"
    ui.tap("key_backspace")
    assert len(app.state.ink) == 3
    draw(ui, KING[3:])
    ui.tap("candidate_0")
    assert (app.flow.text, app.state.ink, app.state.candidates) == ("王", [], [])


def test_digits_are_digits_whatever_the_method(ui, kiosk):
    app = begun(ui, kiosk)
    ui.tap("method_zhuyin")
    touch(ui, ["j", ";", "6", "layer", "1"])
    assert app.flow.text == "王1"


def test_a_real_keyboard_composes_chooses_and_goes_on(ui, kiosk):
    app = begun(ui, kiosk)
    ui.type("lin ")
    assert app.flow.text == "林"
    ui.type("damu")
    press(ui, BACKSPACE)
    press(ui, ENTER)
    assert (app.flow.screen, app.state.composing) == ("name", False)
    press(ui, ENTER)
    assert app.flow.form.name.startswith("林大")


# --- which method ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "method"),
    [
        (Language.ZH_HANT, Method.PINYIN),
        (Language.ZH_HANS, Method.PINYIN),
        (Language.EN, Method.LATIN),
    ],
)
def test_a_visitor_begins_with_the_method_of_their_language(ui, kiosk, language, method):
    assert begun(ui, kiosk, language=language).state.method == method


def test_what_a_visitor_chose_stays_for_their_visit_and_no_longer(ui, kiosk):
    app = begun(ui, kiosk)
    ui.tap("method_zhuyin")
    app.apply(Typed("王小明"))
    app.apply(Tap(Button.NEXT))
    assert (app.flow.screen, app.state.method) == ("organisation", Method.ZHUYIN)
    app.apply(Tick(app.flow.now + 46))
    app.apply(Tick(app.flow.now + 16))
    assert app.flow.screen == "welcome"
    name_of(app, "")
    assert app.state.method == Method.PINYIN


@pytest.mark.parametrize("method", [Method.PINYIN, Method.ZHUYIN, Method.STROKE])
def test_what_is_being_composed_is_kept_as_text_in_another_language(ui, kiosk, method):
    app = begun(ui, kiosk)
    app.apply(Typed("歐"))
    ui.tap(f"method_{method}")
    for key in WAYS[method]:
        app.state.key(key)
    seen = app.state.candidates[0]
    app.apply(Tap(Button.AIDS))
    app.apply(PickLanguage(Language.EN))
    ui.frames(2)
    assert (app.flow.text, app.state.preedit, app.state.composing) == (f"歐{seen}", "", False)
    assert app.state.method == Method.LATIN


def test_what_is_being_drawn_is_kept_as_text_in_another_language(ui, kiosk):
    app = begun(ui, kiosk)
    ui.tap("method_handwriting")
    draw(ui, KING)
    seen = app.state.candidates[0]
    app.apply(Tap(Button.AIDS))
    app.apply(PickLanguage(Language.ZH_HANS))
    assert (app.flow.text, app.state.ink) == (seen, [])


def test_simplified_characters_are_for_those_who_read_them(ui, kiosk):
    app = begun(ui, kiosk, language=Language.ZH_HANS)
    touch(ui, "zhangwei")
    assert app.state.candidates[0] == "张伟"


def test_a_phone_and_a_pass_number_need_no_chinese(ui, kiosk):
    app = kiosk()
    ui.tap("welcome_leave")
    assert app.state.method == Method.LATIN
    assert not [name for name in ui.widgets() if name.startswith("method_")]
    touch(ui, "A")
    assert app.flow.text == "A"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_without_engines_names_are_written_in_latin_and_the_log_says_why(ui, kiosk, caplog, size):
    app = begun(ui, kiosk, size, rime="librime-of-nobody.so", zinnia="libzinnia-of-nobody.so")
    assert "visitors can only type Latin letters: librime cannot be loaded" in caplog.text
    assert "no Chinese by handwriting: zinnia cannot be loaded" in caplog.text
    assert app.state.methods == [Method.LATIN]
    assert not [name for name in ui.widgets() if name.startswith("method_")]
    ui.tap("key_shift")
    touch(ui, "wu")
    assert app.flow.text == "Wu"
    assert list(problems(app, size)) == []
    ui.keep(f"kiosk-writing-alone-{size[0]}x{size[1]}")


# --- what must not happen ----------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["🙂", "\U00031350"])
def test_a_character_that_cannot_be_shown_is_left_out_and_said(ui, kiosk, lost):
    app = begun(ui, kiosk)
    ui.type(f"王{lost}")
    assert app.flow.text == "王"
    assert "無法顯示" in app.state.error
    assert list(problems(app, SIZES[0])) == []
    ui.type("明")
    assert (app.flow.text, app.state.error) == ("王明", "")


def test_nothing_that_is_offered_is_a_box(ui, kiosk, repo_settings):
    from models.display import measure

    app = begun(ui, kiosk)
    ui.tap("method_stroke")
    touch(ui, "hs")
    face = repo_settings.fonts / "TC-Regular.otf"
    assert len(app.state.candidates) > 100
    assert measure.missing(face, "".join(app.state.candidates)) == ""


def test_leaving_a_screen_drops_what_was_being_composed(ui, kiosk):
    app = begun(ui, kiosk)
    touch(ui, "wang")
    app.apply(Tap(Button.BACK))
    ui.frames(2)
    assert (app.state.preedit, app.state.candidates, app.state.composing) == ("", [], False)
    app.apply(Tap(Button.NEXT))
    name_of(app, "")
    assert app.state.preedit == ""


def test_who_walks_away_leaves_nothing_composed_or_drawn(ui, kiosk):
    app = begun(ui, kiosk)
    for method, write in (
        ("pinyin", lambda: touch(ui, "wang")),
        ("handwriting", lambda: draw(ui, KING)),
    ):
        name_of(app, "")
        ui.tap(f"method_{method}")
        write()
        assert app.state.composing
        app.apply(Tick(app.flow.now + 46))
        app.apply(Tick(app.flow.now + 16))
        ui.frames(2)
        left = (app.state.preedit, app.state.ink, app.state.candidates, app.state.text)
        assert left == ("", [], [], "")
        assert offered(ui) == []


def test_a_pass_scanned_while_somebody_composes_leaves_no_trace(ui, kiosk):
    app = begun(ui, kiosk)
    app.apply(Typed("王"))
    touch(ui, "xiao")
    ui.type(TOKEN)
    press(ui, ENTER)
    assert TOKEN[:4] not in app.flow.text
    assert (app.state.preedit, app.state.candidates) == ("", [])


@pytest.mark.parametrize("code", [TOKEN, "https://example.org/x"])
def test_a_code_before_the_camera_costs_nothing_of_what_is_being_composed(ui, kiosk, code):
    app = begun(ui, kiosk)
    app.apply(Typed("歐"))
    touch(ui, "wang")
    seen = app.state.candidates[0]
    app.hold(code)
    ui.until(lambda: app.flow.notice)
    assert (app.flow.text, app.state.preedit) == ("歐", "wang")
    ui.tap("candidate_0")
    assert app.flow.text == f"歐{seen}"


def test_a_second_finger_on_the_slate_and_one_that_never_lifts_do_no_harm(ui, kiosk):
    from kivy.tests.common import UnitTestTouch

    app = begun(ui, kiosk)
    ui.tap("method_handwriting")
    slate = ui.widget("slate")
    first, second = (UnitTestTouch(*slate.center) for _ in range(2))
    first.touch_down()
    second.touch_down()
    for n in range(2000):
        first.touch_move(slate.center_x + n % 90, slate.center_y)
    second.touch_up()
    assert app.state.ink == []
    first.touch_up()
    ui.frames(2)
    assert len(app.state.ink) == 1
    assert len(app.state.ink[0]) <= 800
