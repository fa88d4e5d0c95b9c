"""What the passing of time does to the kiosk: patience, countdowns, idleness. Pure."""

from dataclasses import replace

from kiosk import aids
from kiosk.moves import chain, conclude, home, notify, stay
from kiosk.replies import unanswered
from kiosk.terms import Aids, Ask, Dialog, Screen, State, Step, Tick
from models.messages import Status

PATIENCE = {
    "register": 0.5,
    "find_appointment": 5.0,
    "find_visit": 5.0,
    "leave": 5.0,
    "print_pass": 5.0,
    "take_number": 5.0,
    "withdraw": 5.0,
}
"""Seconds a screen holds still for an answer. A registration's is short: most are answered sooner,
and then no screen flashes by in between."""
CALL_PATIENCE = 6.0
WAIT_LIMIT = 600.0
"""Seconds a visitor is kept in front of the screen before the desk takes over."""
STATUS_EVERY = 20.0
"""A backstop only: news of a visit is pushed."""


def tick(state: State, event: Tick) -> Step:
    return chain(
        replace(state, now=event.now), _notices, _calling, _patience, _waiting, _countdown, _idle
    )


def _notices(state: State) -> Step:
    return stay(state, notice="") if state.now >= state.notice_until else stay(state)


def _calling(state: State) -> Step:
    if state.calling is not None and state.now - state.calling >= CALL_PATIENCE:
        return notify(state, "call_failed", calling=None)
    return stay(state)


def _patience(state: State) -> Step:
    if state.busy and state.now - state.busy_since >= PATIENCE[state.busy]:
        return unanswered(state)
    return stay(state)


def _waiting(state: State) -> Step:
    if state.screen is not Screen.WAITING:
        return stay(state)
    if state.now - state.waiting_since >= WAIT_LIMIT:
        return conclude(state, "waited_long")
    due = state.now - state.status_asked >= STATUS_EVERY
    if state.acknowledged and state.reachable and due:
        return stay(state, Ask(Status(visit=state.visit_key)), status_asked=state.now)
    return stay(state)


def _countdown(state: State) -> Step:
    over = state.deadline is not None and state.now >= state.deadline
    return home(state) if over else stay(state)


def _idle(state: State) -> Step:
    idle, times = state.now - state.touched, aids.times(state)
    wiped = idle >= times.idle_warning + times.idle_wipe
    if state.screen is Screen.WELCOME:
        as_found = state.language is state.home and state.aids == Aids() and not state.dialog
        return home(state) if wiped and not as_found else stay(state)
    if state.screen in {Screen.WAITING, Screen.PASS, Screen.ANSWER, Screen.NUMBER} or state.busy:
        return stay(state)
    if wiped:
        return home(state)
    if idle >= times.idle_warning:
        return stay(state, dialog=Dialog.IDLE)
    return stay(state)
