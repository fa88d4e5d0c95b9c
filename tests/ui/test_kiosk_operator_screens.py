"""The operator at a real window: let in by knock and PIN, shown the truth, and forgotten."""

import pytest

from kiosk.knock import TIMES
from kiosk.terms import Screen
from models import pins
from models.link import Down, Up
from models.messages import Presence, PrintTestView
from models.terms import PrintState, Role
from tests.kiosk_story import TOKEN, Controller


@pytest.fixture
def settings(repo_settings, tmp_path):
    (tmp_path / "credentials").mkdir()
    return repo_settings.model_copy(update={"data": tmp_path})


@pytest.fixture
def pin(settings):
    return pins.draw(pins.file_of(settings))


@pytest.fixture
def app(ui, steady, tmp_path, settings, repo_settings, monkeypatch):
    from kiosk.app import Kiosk
    from kiosk.outbox import Outbox

    # Only the PIN is the test's own: fonts and input methods are the repository's.
    monkeypatch.setattr(type(settings), "fonts", repo_settings.fonts)
    monkeypatch.setattr(type(settings), "rime", repo_settings.rime)
    app = Kiosk(settings, ui.glass, Outbox(tmp_path / "kiosk.sqlite3"))
    controller = Controller()
    controller.hear = app.hear
    ui.show(app.root)
    app.start(controller)
    ui.frames(2)
    yield app
    app.stop()


def knock(ui, times=TIMES):
    from kivy.core.window import Window
    from kivy.tests.common import UnitTestTouch

    for _ in range(times):
        touch = UnitTestTouch(60, Window.height - 60)
        touch.touch_down()
        touch.touch_up()
    ui.frames(2)


def enter(ui, pin):
    for digit in pin:
        ui.tap(f"digit_{digit}")
    ui.tap("next")


def test_the_knock_and_the_pin_let_the_operator_in(ui, app, pin):
    knock(ui, TIMES - 1)
    assert app.flow.screen is Screen.WELCOME
    knock(ui)
    enter(ui, pin[:5])
    assert app.flow.error == "pin_wrong"
    for digit in pin:
        ui.tap(f"digit_{digit}")
    assert ui.widget("pin_input").text == "•" * pins.LENGTH
    assert pin not in ui.texts()
    ui.tap("next")
    assert app.flow.screen is Screen.OPERATOR
    ui.until(lambda: "0.1.0" in ui.texts())


def test_without_a_pin_on_the_disk_nobody_is_let_in(ui, app, caplog):
    knock(ui)
    enter(ui, "000000")
    assert app.flow.screen is Screen.PIN
    assert "python -m kiosk --pin" in caplog.text


def test_links_are_shown_as_they_come_and_go(ui, app, pin):
    knock(ui)
    enter(ui, pin)
    app._wire.tell(Presence(role=Role.CONTROLLER, id="main", state="online", session=7))
    ui.until(lambda: ui.widgets()["operator_controller"]["text"] == "已連線")
    app.hear(Down("gone"))
    ui.until(lambda: ui.widgets()["operator_broker"]["text"] == "未連線")
    app.hear(Up())
    ui.until(lambda: ui.widgets()["operator_broker"]["text"] == "已連線")


def test_a_slip_and_a_code_are_tried_out(ui, app, pin):
    states = iter([PrintState.QUEUED, PrintState.PRINTED])
    app._wire.says["print_test"] = lambda request: {
        "body": PrintTestView(test=request.body.test or request.key, state=next(states))
    }
    knock(ui)
    enter(ui, pin)
    ui.tap("print_test")
    ui.until(lambda: ui.widgets()["operator_printer"]["text"] == "測試頁已列印")
    app.hold(TOKEN)
    ui.until(lambda: "通行碼" in ui.widgets()["operator_scanner"]["text"])
    assert not [r for r in app._wire.requests if r.body.kind == "leave"]


def test_each_touch_leaves_a_dot_and_fills_its_target_and_the_next_time_none_is_left(ui, app, pin):
    from kivy.tests.common import UnitTestTouch

    knock(ui)
    enter(ui, pin)
    ui.tap("touch_test")
    touches = ui.widget("touches")
    for x, y in touches.targets():
        touch = UnitTestTouch(x, y)
        touch.touch_down()
        touch.touch_up()
    ui.frames(2)
    assert sorted(touches.hit) == list(range(5))
    ui.tap("done")
    ui.tap("touch_test")
    assert (touches.hit, touches._dots) == ([], [])


def test_a_restart_ends_the_loop_with_its_own_code(ui, app, pin):
    knock(ui)
    enter(ui, pin)
    ui.tap("restart")
    assert app.restarting
    assert ui.glass._stopping
    ui.glass._stopping = False


@pytest.mark.parametrize("button", ["right", "middle", "scrollup", "scrolldown"])
def test_a_mouse_s_other_buttons_press_nothing(ui, app, button):
    from kivy.tests.common import UnitTestTouch

    touch = UnitTestTouch(*ui.widget("welcome_register").center)
    touch.profile, touch.button = ["pos", "button"], button
    touch.touch_down()
    touch.touch_up()
    ui.frames(2)
    assert app.flow.screen is Screen.WELCOME


@pytest.mark.parametrize(
    ("window", "closes"), [("fullscreen", False), ("1080x1920+0+0!", False), ("506x900+0+0", True)]
)
def test_only_a_window_with_a_frame_can_be_closed_by_hand(ui, kiosk, window, closes):
    from kivy.core.window import Window

    kiosk(window=window)
    assert bool(Window.dispatch("on_request_close")) is not closes
