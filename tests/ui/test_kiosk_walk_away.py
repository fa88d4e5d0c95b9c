"""Whoever walks away from the kiosk leaves nothing on it: looked for on the glass, in every object
of the process, and on the disk.

Names and numbers that nobody else has are typed, and spelt backwards here: see tests/remains.py.
What was freed is not looked for: no Python program can say when its memory is written over.
"""

from dataclasses import replace

import pytest

from kiosk.ime import Method
from kiosk.terms import Screen, Times
from models.link import Down, Up
from models.messages import PassCard, VisitUpdate
from models.terms import VisitState
from tests import remains
from tests.kiosk_story import CARD, view

NAME, FIRM, PHONE, GUEST = "wvyx7qZ", "wvylx9jQ", "31864200931", "wvytx8kX"
SECRETS = (NAME, FIRM, PHONE, GUEST)
SHORT = Times(idle_warning=0.3, idle_wipe=0.3, show=1)


@pytest.fixture
def app(ui, kiosk):
    """A kiosk that has been standing for a while: all its pages are built."""
    app = kiosk(live=True)
    ui.until(lambda: not app.root.warm())
    return app


@pytest.fixture
def controller(app):
    return app._wire


def type_in(ui, backwards):
    ui.tap("method_latin")
    ui.type(backwards[::-1])


def fill_in(ui):
    """Everything that a visitor on business can be asked, up to the check."""
    ui.tap("welcome_register")
    ui.tap("purpose_business")
    for text in (NAME, FIRM):
        type_in(ui, text)
        ui.tap("next")
    ui.tap("department_0")
    ui.tap("host_unsure")
    ui.tap("party_more")
    ui.tap("next")
    type_in(ui, GUEST)
    ui.tap("next")
    ui.tap("edit_phone")
    ui.type(PHONE[::-1])
    ui.tap("next")


def left_alone(ui, app):
    """Nobody touches it any more, and that does not take a minute here."""
    app.flow = replace(app.flow, times=SHORT, deadline=None)
    ui.until(lambda: app.flow.screen is Screen.WELCOME)
    app.flow = replace(app.flow, times=app.at_welcome.times)
    # Whatever was typed last counts as a scan for a second.
    ui.until(lambda: not app._scanner._burst)
    ui.frames(3)


def test_the_search_finds_what_is_there(ui, app, tmp_path):
    fill_in(ui)
    holders = " ".join(remains.in_objects(SECRETS))
    for holder in ("Form", "PropertyStorage", "LayoutWord"):
        assert holder in holders
    (tmp_path / "note").write_text(f"from {NAME[::-1]}")
    assert remains.in_files(tmp_path, SECRETS) == {"note"}


def test_after_the_idle_end_nothing_that_was_typed_is_left_anywhere(ui, app, tmp_path, caplog):
    before = ui.picture()
    fill_in(ui)
    left_alone(ui, app)
    assert ui.picture().tobytes() == before.tobytes()
    assert remains.in_objects(SECRETS) == set()
    assert remains.in_files(tmp_path, SECRETS) == set()
    assert not [word for word in SECRETS if word[::-1] in caplog.text]


def test_no_picture_of_what_was_typed_outlives_its_screen(ui, app):
    fill_in(ui)
    assert drawn(app) != []
    left_alone(ui, app)
    assert drawn(app) == []


def drawn(app):
    """What of other screens than the welcome there are pictures of: on the widgets, or those from
    which theirs were made."""
    from kiosk.widgets import Text

    pages = [page for name, page in app.root._pages.items() if name != Screen.WELCOME]
    texts = [one for page in pages for one in page.walk(restrict=True) if isinstance(one, Text)]
    return [
        one.text
        for one in texts
        if one.texture or one._label.texture or getattr(one._label, "_surface", None)
    ]


def test_after_the_idle_end_nothing_that_was_being_composed_is_left(ui, app):
    assert Method.PINYIN in app.state.methods
    ui.tap("welcome_register")
    ui.tap("purpose_colleague")
    for key in "zhuangxwq":
        ui.tap(f"key_{key}")
    assert app.state.preedit == "zhuang x w q"
    left_alone(ui, app)
    assert remains.in_objects(["q w x gnauhz"]) == set()


def test_after_the_pass_nothing_is_left_of_who_held_it(ui, app, controller, tmp_path):
    number, place = "7799-X", "wvyq moor"[::-1]
    card = PassCard(number=number[::-1], token=CARD.token, valid_until=CARD.valid_until)
    fill_in(ui)
    ui.tap("submit")
    key = registered(ui, app, controller)
    told = {"state": VisitState.ADMITTED, "name": NAME[::-1], "destination": place}
    news = VisitUpdate(device="k1", visit=view(key, 2, passes=(card,), **told))
    controller.tell(news)
    ui.until(lambda: app.flow.screen is Screen.PASS)
    ui.frames(3)
    del card, place, told, news
    left_alone(ui, app)
    assert remains.in_objects([*SECRETS, number, "wvyq moor"]) == set()
    assert remains.in_files(tmp_path, SECRETS) == set()


def registered(ui, app, controller):
    """The registration has been heard and its answer, too; its key. The wire forgets it."""
    controller.says["register"] = lambda request: {"body": view(request.key)}
    app.hear(Up())  # asks again for what was not answered
    ui.until(lambda: app.flow.acknowledged)
    controller.requests.clear()
    return app.flow.visit_key


def test_a_registration_that_waits_for_the_network_outlives_its_visitor_and_is_then_gone(
    ui, app, controller, tmp_path
):
    app.hear(Down("gone"))
    ui.until(lambda: not app.flow.reachable)
    fill_in(ui)
    ui.tap("submit")
    left_alone(ui, app)
    # As the visitor was told, it is on the disk; in memory it is a message, and on no screen.
    assert remains.in_files(tmp_path, [NAME]) != set()
    assert {found.split(":")[0] for found in remains.in_objects(SECRETS)} <= {"Register", "dict"}
    controller.says["register"] = lambda request: {"body": view(request.key)}
    app.hear(Up())
    ui.until(lambda: remains.in_files(tmp_path, SECRETS) == set())
    [body] = controller.registrations().values()
    assert body.name == NAME[::-1]
    del body
    controller.requests.clear()
    assert app.flow.screen is Screen.WELCOME
    assert remains.in_objects(SECRETS) == set()
