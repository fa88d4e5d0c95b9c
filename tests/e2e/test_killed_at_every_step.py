"""Kiosk and controller are killed at each state of a registration, and around each change of it.

Whatever the moment, the visit is there once or not at all, its pass at most once, and the screen
that comes back says which: nothing is waited for that nobody has, nothing is had unawares.
"""

import sqlite3
import threading
from contextlib import closing

import pytest

from controller.lobby import Lobby
from controller.preflight import Part
from tests.e2e.test_nothing_lost import again
from tests.e2e.visitor import Visitor

MOMENTS = {"at once": 0, "later": 60}
"""Milliseconds after the change was asked for."""
SCREENS = {
    "welcome": "welcome_register",
    "waiting": "stage_1",
    "pass": "pass_qr",
    "answer": "answer_text",
}


def kept(running: Lobby, name: str) -> list[tuple[str, int]]:
    """The visits under a name in the database: state, and how many passes each has."""
    query = (
        "SELECT state, (SELECT count(*) FROM pass WHERE visit_id = visit.id) FROM visit"
        " WHERE name = ?"
    )
    with closing(sqlite3.connect(running.settings.database)) as database:
        return database.execute(query, (name,)).fetchall()


def shown(widgets: dict) -> str | None:
    return next((screen for screen, there in SCREENS.items() if there in widgets), None)


def owes(running: Lobby) -> bool:
    """Has the kiosk asked for something that nobody has answered yet?"""
    settings = running.settings
    with closing(sqlite3.connect(settings.data / f"kiosk-{settings.kiosk.id}.sqlite3")) as outbox:
        return outbox.execute("SELECT count(*) FROM request").fetchone() != (0,)


def settled(running, kiosk, name, possible):
    """What screen and database have come to agree on: one of the possible (screen, visits)."""

    def agree(widgets):
        # Asked first: what is still on its way would change both a moment later.
        if owes(running):
            return None
        state = (shown(widgets), kept(running, name))
        offline = widgets.get("offline", {}).get("text")
        return state if state in possible and not offline else None

    return kiosk.wait(agree, f"one of {possible}; kept {kept(running, name)}")


def leave(running, kiosk, name):
    """To the welcome, whatever stands on the screen."""
    screen = kiosk.wait(shown, "a screen")
    if screen == "waiting":
        kiosk.tap("cancel")
        kiosk.tap("confirm_yes")
        kiosk.wait_for("answer_text")
    if screen != "welcome":
        kiosk.tap("done")
    kiosk.wait_for("welcome_register")


NOTHING = ("welcome", [])
WAITS = ("waiting", [("waiting", 0)])
WITHDRAWN = [("welcome", [("withdrawn", 0)]), ("answer", [("withdrawn", 0)])]
ADMITTED = ("pass", [("admitted", 1)])


@pytest.fixture(params=[Part.KIOSK, Part.CONTROLLER], ids=str)
def victim(request):
    return request.param


@pytest.fixture
def killed(running, victim):
    """Kill the victim so many milliseconds from now, and start it again."""

    def kill(milliseconds=0.0):
        threading.Event().wait(milliseconds / 1000)  # the moment is the test
        running.kill(victim)
        again(running, victim)

    return kill


# --- in each state -----------------------------------------------------------------------------


def test_in_every_state_of_one_registration(running, kiosk, clerk, victim, killed):
    name = f"all {victim[0]}"
    visitor = Visitor(kiosk, name, "colleague")
    killed()
    settled(running, kiosk, name, [NOTHING])
    visitor.fill_in()
    killed()
    if victim is Part.KIOSK:  # nothing was sent, nothing is kept: the form is begun anew
        settled(running, kiosk, name, [NOTHING])
        visitor.fill_in()
    visitor.submit()
    settled(running, kiosk, name, [WAITS])
    killed()
    settled(running, kiosk, name, [WAITS])
    clerk.decide(clerk.waiting(name), "admit")
    settled(running, kiosk, name, [ADMITTED])
    killed()
    settled(running, kiosk, name, [ADMITTED])
    assert kiosk.qr_text().startswith("VP1:")
    leave(running, kiosk, name)
    killed()
    settled(running, kiosk, name, [("welcome", ADMITTED[1])])


# --- around each change ------------------------------------------------------------------------


@pytest.mark.parametrize("moment", MOMENTS)
def test_around_the_submit(running, kiosk, victim, killed, moment):
    name = f"s{victim[0]} {moment}"
    Visitor(kiosk, name, "colleague").fill_in()
    kiosk.tap("submit")
    killed(MOMENTS[moment])
    settled(running, kiosk, name, [NOTHING, WAITS])
    leave(running, kiosk, name)


@pytest.mark.parametrize("moment", MOMENTS)
def test_around_the_decision(running, kiosk, clerk, victim, killed, moment):
    name = f"d{victim[0]} {moment}"
    Visitor(kiosk, name, "colleague").register()
    clerk.decide(clerk.waiting(name), "admit")
    killed(MOMENTS[moment])
    settled(running, kiosk, name, [ADMITTED])
    leave(running, kiosk, name)


@pytest.mark.parametrize("moment", MOMENTS)
def test_around_the_withdrawal(running, kiosk, clerk, victim, killed, moment):
    name = f"w{victim[0]} {moment}"
    Visitor(kiosk, name, "colleague").register()
    settled(running, kiosk, name, [WAITS])
    kiosk.tap("cancel")
    kiosk.tap("confirm_yes")
    killed(MOMENTS[moment])
    settled(running, kiosk, name, [WAITS, *WITHDRAWN])
    leave(running, kiosk, name)
    assert kept(running, name) == [("withdrawn", 0)]
