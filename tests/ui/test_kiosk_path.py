"""A visitor's whole way by touch and by keyboard, with a controller played by hand."""

import gc
import threading
from datetime import UTC, datetime

import pytest
from PIL import Image

from kiosk.terms import Screen, Tick
from models import invitations
from models.glass import Bed
from models.link import Down, Up
from models.messages import AppointmentView, LeaveView, Presence, VisitUpdate
from models.qr import matrix
from models.terms import Language, Purpose, Role, VisitState
from tests.kiosk_story import CARD, LI, TOKEN, Controller, view
from tests.qr import codes

ENTER, BACKSPACE = 13, 8
NOON = datetime(2031, 5, 6, 4, 0, tzinfo=UTC)


@pytest.fixture
def opened(ui, steady, tmp_path, repo_settings):
    """Opens a kiosk on the test's file with a controller; again, for a restarted process."""
    from kiosk.app import Kiosk
    from kiosk.outbox import Outbox

    kiosks = []

    def open_(controller=None):
        controller = controller or Controller()
        app = Kiosk(repo_settings, ui.glass, Outbox(tmp_path / "kiosk.sqlite3"))
        controller.hear = app.hear
        ui.show(app.root)
        app.start(controller)
        ui.frames(2)
        kiosks.append(app)
        return app, controller

    yield open_
    for app in kiosks:
        app.stop()


@pytest.fixture
def app(opened):
    return opened()[0]


@pytest.fixture
def controller(app):
    return app._wire


def press(ui, key):
    from kivy.core.window import Window

    Window.dispatch("on_key_down", key, 0, "", [])
    ui.frames(2)


def scan(ui, text):
    """As a scanner types: all at once, and Enter."""
    from kivy.core.window import Window

    for character in text:
        Window.dispatch("on_textinput", character)
    press(ui, ENTER)


def fill_in(ui):
    """The shortest way from the welcome to the check."""
    ui.tap("welcome_register")
    ui.tap("purpose_colleague")
    ui.type("王小明")
    ui.tap("next")
    ui.tap("host_unsure")


def admit(controller, seq=2):
    [key] = controller.registrations()
    told = view(key, seq, state=VisitState.ADMITTED, passes=(CARD,))
    controller.tell(VisitUpdate(device="k1", visit=told))


def test_a_visitor_registers_by_touch_waits_and_gets_a_pass(ui, app, controller):
    ui.tap("welcome_register")
    ui.tap("purpose_business")
    ui.tap("method_latin")
    ui.tap("key_shift")
    for key in ("w", "a", "n", "g", "space", "x", "backspace", "y"):
        ui.tap(f"key_{key}")
    ui.tap("next")
    for key in ("layer", "7", "layer", "q"):
        ui.tap(f"key_{key}")
    ui.tap("next")
    ui.tap("department_0")
    ui.tap(f"host_{LI.id}")
    for button in ("party_more", "party_more", "party_less", "next", "later"):
        ui.tap(button)
    assert ui.widget("edit_name").text == "Wang y"
    ui.tap("submit")
    ui.until(lambda: app.flow.screen is Screen.WAITING)
    [body] = controller.registrations().values()
    assert (body.name, body.organisation) == ("Wang y", "7q")
    assert (body.purpose, body.department) == (Purpose.BUSINESS, "工程部")
    assert (body.host, body.party, body.language) == (LI.id, 2, Language.ZH_HANT)
    admit(controller)
    ui.until(lambda: app.flow.screen is Screen.PASS)
    ui.frames(2)
    assert "A-0137" in ui.texts()
    assert ui.widget("pass_qr").token == TOKEN
    ui.tap("done")
    assert "welcome_register" in ui.widgets()


def test_a_visitor_registers_by_keyboard(ui, app, controller):
    ui.tap("welcome_register")
    ui.tap("purpose_colleague")
    ui.type("王大")
    press(ui, BACKSPACE)
    ui.type("小明")
    assert ui.widget("name_input").text == "王小明"
    press(ui, ENTER)
    ui.tap("host_unsure")
    assert app.flow.screen is Screen.CHECK
    press(ui, ENTER)
    ui.until(controller.registrations)
    [body] = controller.registrations().values()
    assert body.name == "王小明"


def test_an_invitation_is_read_off_its_picture_by_the_scanner_and_registers(ui, app, controller):
    given = invitations.text_of(bytes(range(16)))
    modules = matrix(given, "M")
    side = len(modules) + 8
    picture = Image.new("L", (side, side), 255)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            picture.putpixel((x + 4, y + 4), 0 if dark else 255)
    [read] = codes(picture.resize((side * 8, side * 8), 0))
    controller.says["find_appointment"] = lambda request: (
        {"body": AppointmentView(name="劉○任", starts=NOON)}
        if request.body.invitation == given
        else {"ok": False, "code": "unknown_code"}
    )
    scan(ui, read)
    ui.until(lambda: app.flow.screen is Screen.APPOINTMENT)
    ui.frames(2)
    ui.tap("confirm_yes")
    ui.until(controller.registrations)
    [body] = controller.registrations().values()
    assert body.invitation == given


def test_touch_and_keyboard_write_into_the_same_field(ui, app):
    ui.tap("welcome_register")
    ui.tap("purpose_colleague")
    ui.tap("method_latin")
    ui.type("a")
    ui.tap("key_b")
    ui.type("c")
    assert app.flow.text == "abc"


def test_a_shift_is_for_one_letter(ui, app):
    ui.tap("welcome_register")
    ui.tap("purpose_colleague")
    ui.tap("method_latin")
    ui.tap("key_shift")
    assert ui.widget("key_a").text == "A"
    ui.tap("key_a")
    ui.tap("key_a")
    assert app.flow.text == "Aa"


def test_a_pressed_button_shows_it_in_the_next_frame(ui, app):
    from kivy.tests.common import UnitTestTouch

    button = ui.widget("welcome_leave")
    touch = UnitTestTouch(*button.to_window(*button.center))
    touch.touch_down()
    ui.frames(1)
    assert tuple(button._face_color.rgba) == tuple(button.ground_pressed)
    touch.touch_up()
    ui.frames(2)


def test_an_appointment_by_digits(ui, app, controller):
    from models.messages import AppointmentView

    found = AppointmentView(name="王○明", starts=CARD.valid_until, host="李志強")
    controller.says["find_appointment"] = lambda _r: {"body": found}
    controller.says["register"] = lambda r: {
        "body": view(r.key, state=VisitState.ADMITTED, passes=(CARD,))
    }
    ui.tap("welcome_appointment")
    for digit in "0138":
        ui.tap(f"digit_{digit}")
    ui.tap("key_backspace")
    ui.tap("digit_7")
    assert ui.widget("code_input").text == "0137"
    ui.tap("next")
    ui.until(lambda: app.flow.screen is Screen.APPOINTMENT)
    ui.frames(2)
    assert "王○明" in ui.texts()
    ui.tap("confirm_yes")
    ui.until(lambda: app.flow.screen is Screen.PASS)
    [body] = controller.registrations().values()
    assert body.code == "0137"


def test_leaving_by_number_and_by_scan(ui, app, controller):
    controller.says["leave"] = lambda _r: {"body": LeaveView(number="A-0137")}
    ui.tap("welcome_leave")
    for key in "A-0137":
        ui.tap(f"key_{key}")
    ui.tap("next")
    ui.until(lambda: app.flow.outcome == "left")
    ui.frames(2)
    assert "A-0137" in ui.texts()
    ui.tap("done")
    scan(ui, TOKEN)
    ui.until(lambda: app.flow.outcome == "left")
    asked = {r.key: r.body.text for r in controller.requests if r.body.kind == "leave"}
    assert list(asked.values()) == ["A-0137", TOKEN]


def test_a_scan_into_a_field_leaves_no_trace_in_it(ui, app):
    ui.tap("welcome_register")
    ui.tap("purpose_colleague")
    ui.type("王")
    app._scanner._last = 0.0  # a moment later
    scan(ui, TOKEN)
    assert (app.flow.text, app.flow.screen) == ("王", Screen.NAME)
    assert ui.widget("notice").text


@pytest.mark.parametrize("key", [27, 282, 9, 127, 304])
def test_no_other_key_does_anything(ui, app, key):
    press(ui, key)
    assert app.flow.screen is Screen.WELCOME


def test_a_visitor_cancels_and_is_asked_first(ui, app, controller):
    controller.says["withdraw"] = lambda r: {
        "body": view(r.body.visit, 2, state=VisitState.WITHDRAWN)
    }
    fill_in(ui)
    ui.tap("submit")
    ui.until(lambda: app.flow.screen is Screen.WAITING)
    ui.tap("cancel")
    ui.tap("confirm_no")
    ui.tap("cancel")
    ui.tap("confirm_yes")
    ui.until(lambda: app.flow.outcome == "withdrawn")


def test_a_question_keeps_touches_from_what_is_under_it(ui, app):
    ui.tap("welcome_register")
    app.apply(Tick(app.flow.now + 46))
    ui.frames(2)
    assert "dialog_title" in ui.widgets()
    ui.tap("purpose_business")
    assert app.flow.screen is Screen.PURPOSE


def test_the_desk_is_called(ui, app, controller):
    ui.tap("call_desk")
    ui.until(lambda: app.flow.notice == "desk_called")
    ui.frames(2)
    assert ui.widget("notice").text == "已通知前台，請稍候"
    # Counted by key: a kiosk that waited for long sends again, under the same one.
    assert len({r.key for r in controller.requests if r.body.kind == "call_desk"}) == 1


# --- lost connections --------------------------------------------------------------------------


def test_what_is_submitted_offline_is_sent_once_when_the_link_returns(ui, app, controller):
    app.hear(Down("gone"))
    ui.until(lambda: not app.flow.reachable)
    ui.frames(2)
    assert ui.widget("offline").text
    fill_in(ui)
    ui.tap("submit")
    assert "已保存" in ui.texts()
    assert not controller.registrations()
    app.hear(Up())
    ui.until(lambda: app.flow.acknowledged)
    assert len(controller.registrations()) == 1
    assert "offline" not in ui.widgets()


def test_what_is_sent_after_its_visitor_has_left_says_so(ui, app, controller):
    controller.says["register"] = lambda _r: None
    fill_in(ui)
    ui.tap("submit")
    app.hear(Down("gone"))
    ui.until(lambda: not app.flow.reachable)
    ui.frames(2)
    ui.tap("done")
    assert app.flow.screen is Screen.WELCOME
    app.hear(Up())
    ui.until(lambda: [r.gone for r in controller.requests if r.body.kind == "register"][-1])
    first, *_, last = [r for r in controller.requests if r.body.kind == "register"]
    assert (first.gone, first.key, first.body) == (False, last.key, last.body)


def test_an_unanswered_registration_is_sent_again_under_its_key(ui, app, controller):
    controller.says["register"] = lambda _r: None
    fill_in(ui)
    ui.tap("submit")
    ui.until(lambda: [r.body.kind for r in controller.requests].count("register") >= 2)
    assert len(controller.registrations()) == 1


def test_a_server_error_is_no_answer(ui, app, controller):
    answers = iter([{"ok": False, "code": "server_error"}])
    controller.says["register"] = lambda r: next(answers, {"body": view(r.key)})
    fill_in(ui)
    ui.tap("submit")
    ui.until(lambda: app.flow.acknowledged)
    assert len(controller.registrations()) == 1


def test_a_controller_that_is_reborn_hears_everything_again_at_once(ui, app, controller):
    controller.says["register"] = lambda _r: None
    fill_in(ui)
    ui.tap("submit")
    controller.says["register"] = lambda r: {"body": view(r.key)}
    birth = Presence(role=Role.CONTROLLER, id="main", state="online", session=7)
    controller.tell(birth.model_copy(update={"state": "offline"}))
    ui.until(lambda: not app.flow.reachable)
    controller.tell(birth.model_copy(update={"session": 8}))
    ui.until(lambda: app.flow.acknowledged)
    controller.tell(birth.model_copy(update={"state": "offline"}))  # late, of the former session
    ui.frames(3)
    assert app.flow.reachable
    controller.tell(birth)  # its clock was set back
    controller.tell(birth.model_copy(update={"session": 8, "state": "offline"}))
    ui.frames(3)
    assert app.flow.reachable


def test_a_dead_network_thread_ends_the_process(ui, app, controller):
    controller.alive = False
    ui.until(lambda: app.failed)
    ui.glass._stopping = False


def test_the_kiosk_goes_on_sending_and_counting_after_one_tick_has_failed(ui, app, controller):
    publish = controller.publish

    def fail_once(_message):
        controller.publish = publish
        raise RuntimeError("a tick failed")

    controller.says["register"] = lambda _r: None
    fill_in(ui)
    ui.tap("submit")
    controller.publish = fail_once
    with pytest.raises(RuntimeError):
        ui.until(lambda: False)
    sent, told = len(controller.requests), app.flow.now
    ui.until(lambda: len(controller.requests) > sent and app.flow.now > told)


# --- a killed kiosk ----------------------------------------------------------------------------


def killed(app):
    """As kill -9 leaves it: nothing closed, nothing said."""
    from kivy.core.window import Window

    for end in app._repeating:
        end()
    Window.unbind(on_textinput=app._on_text, on_key_down=app._on_key)


def test_a_kiosk_killed_after_submit_registers_once_and_shows_the_pass(ui, opened):
    silent = Controller()
    silent.says["register"] = lambda _r: None
    first, _ = opened(silent)
    fill_in(ui)
    ui.tap("submit")
    registered = silent.registrations()
    killed(first)
    second, controller = opened()
    ui.until(lambda: second.flow.acknowledged)
    assert controller.registrations() == registered
    assert second.flow.screen is Screen.WAITING
    admit(controller)
    ui.until(lambda: second.flow.screen is Screen.PASS)


def test_a_kiosk_killed_while_waiting_asks_how_the_visit_stands(ui, opened):
    first, _ = opened()
    fill_in(ui)
    ui.tap("submit")
    ui.until(lambda: first.flow.acknowledged)
    killed(first)
    controller = Controller()
    told = {"state": VisitState.ADMITTED, "passes": (CARD,)}
    controller.says["status"] = lambda r: {"body": view(r.body.visit, 3, **told)}
    second, _ = opened(controller)
    ui.until(lambda: second.flow.screen is Screen.PASS)
    assert not controller.registrations()


def test_a_kiosk_killed_on_the_welcome_starts_there_with_the_directory(ui, opened):
    first, _ = opened()
    ui.until(lambda: first.flow.departments)
    killed(first)
    deaf = Controller()
    deaf.start = lambda: None
    second, _ = opened(deaf)
    assert second.flow.screen is Screen.WELCOME
    assert second.flow.departments == first.flow.departments


# --- privacy, and disks ------------------------------------------------------------------------


def test_nothing_of_a_visitor_stays_in_any_page_after_they_leave(ui, app, controller):
    from kiosk.widgets import Text

    while app.root.warm():
        ui.frames(1)
    fill_in(ui)
    ui.tap("submit")
    ui.until(lambda: app.flow.screen is Screen.WAITING)
    admit(controller)
    ui.until(lambda: app.flow.screen is Screen.PASS)
    ui.frames(2)
    ui.tap("done")
    ui.frames(2)
    pages = [*app.root._pages.values()]
    shown = [w.text for page in pages for w in page.walk(restrict=True) if isinstance(w, Text)]
    values = [str(getattr(app.state, name)) for name in app.state.properties()]
    for secret in ("王小明", "A-0137", "電梯前廳沙發", TOKEN):
        assert not any(secret in text for text in [*shown, *values])


def test_a_full_disk_is_said_on_the_glass(ui, app):
    fill_in(ui)
    app._outbox._database.execute("PRAGMA query_only = ON")
    ui.tap("submit")
    assert ui.widget("notice").text == "資料暫時無法保存，請到前台登記"
    app._outbox._database.execute("PRAGMA query_only = OFF")
    ui.tap("submit")
    ui.until(lambda: app.flow.screen is Screen.WAITING)


def test_visitors_leave_no_widgets_behind(ui, app, controller):
    from kivy.uix.widget import Widget

    controller.says["register"] = lambda r: {
        "body": view(r.key, state=VisitState.ADMITTED, passes=(CARD,))
    }
    while app._warm():
        ui.frames(1)
    counts = []
    for _ in range(4):
        fill_in(ui)
        ui.tap("submit")
        ui.until(lambda: app.flow.screen is Screen.PASS)
        ui.frames(1)
        ui.tap("done")
        gc.collect()
        counts.append(sum(isinstance(thing, Widget) for thing in gc.get_objects()))
    assert counts[3] == counts[2]


# --- moments -----------------------------------------------------------------------------------


def test_the_probe_can_read_when_submit_was_tapped_and_when_each_screen_was_shown(
    ui, app, controller
):
    ui.glass.marks.clear()
    controller.says["register"] = lambda r: {
        "body": view(r.key, state=VisitState.ADMITTED, passes=(CARD,))
    }
    fill_in(ui)
    ui.tap("submit")
    ui.until(lambda: "shown:pass" in dict(ui.glass.marks))
    labels = [label for label, _ in ui.glass.marks]
    assert labels.index("submit") < labels.index("shown:pass")


def test_a_window_that_sleeps_is_woken_once_by_another_thread(ui, app):
    bed = Bed()
    ui.frames(3)  # what opening a window brought about is over
    assert not bed.sleep(0)
    threading.Timer(0.05, bed.wake).start()
    assert bed.sleep(60)
    ui.frames()
    assert not bed.sleep(0)
