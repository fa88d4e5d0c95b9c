"""The small changes of state that the flow is made of. Pure."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kiosk.form import answered
from kiosk.terms import Dialog, Effect, Operator, Screen, State, Step, Wipe
from models.messages import PassCard
from models.terms import PrintState, VisitState

NOTICE_SECONDS = 6.0
SILENCE = 15.0
"""Seconds after which a registration without an answer is no longer on its way but only saved: it
was sent five times by then."""


def stay(state: State, *effects: Effect, **changes: Any) -> Step:
    return replace(state, **changes), effects


def go(state: State, screen: Screen, *effects: Effect, **changes: Any) -> Step:
    """To a screen, with nothing over it and its field as it was last answered."""
    defaults: dict[str, Any] = {
        "screen": screen,
        "text": answered(screen, state.form),
        "error": "",
        "dialog": Dialog.NONE,
        "busy": "",
        "deadline": None,
    }
    return replace(state, **(defaults | changes)), effects


def home(state: State) -> Step:
    """To the welcome, in the office's own language, with nothing of the visitor left."""
    fresh = State(
        times=state.times,
        home=state.home,
        now=state.now,
        language=state.home,
        reachable=state.reachable,
        departments=state.departments,
        prints=state.prints,
        touched=state.now,
        procedures=state.procedures,
        calls=state.calls,
        expected=state.expected,
        operator=Operator(state.operator.wrong, state.operator.shut_until),
    )
    return fresh, (Wipe(),)


def notify(state: State, notice: str, *effects: Effect, **changes: Any) -> Step:
    """Say something for a few seconds, whatever the screen is."""
    until = state.now + NOTICE_SECONDS
    return replace(state, notice=notice, notice_until=until, **changes), effects


def wait_for(state: State, kind: str, *effects: Effect, **changes: Any) -> Step:
    """Hold the screen until a request of this kind is answered, or patience ends."""
    changes = {"busy": kind, "busy_since": state.now, "error": "", **changes}
    return replace(state, **changes), effects


def conclude(state: State, outcome: str, **changes: Any) -> Step:
    """An answer in words, the last thing before the welcome."""
    return go(state, Screen.ANSWER, outcome=outcome, **changes)


def chain(state: State, *rules: Callable[[State], Step]) -> Step:
    """One rule after another, all their effects together."""
    effects: tuple[Effect, ...] = ()
    for rule in rules:
        state, more = rule(state)
        effects += more
    return state, effects


def sent_to_desk(state: State) -> bool:
    """Is the waiting visitor expected at the desk instead of the screen?"""
    visit = state.visit
    if visit is None or visit.state is not VisitState.WAITING:
        return False
    return visit.code == "to_desk" or visit.code.startswith("permit_")


def shown_card(state: State) -> PassCard | None:
    """The pass of the party's that the screen shows."""
    visit = state.visit
    if visit is None or not visit.passes or visit.state is not VisitState.ADMITTED:
        return None
    return visit.passes[min(state.shown, len(visit.passes) - 1)]


def saved_only(state: State) -> bool:
    """Is the registration on the disk while nobody receives it?"""
    silent = state.now - state.status_asked >= SILENCE
    return not state.acknowledged and (silent or not state.reachable)


def may_print(state: State) -> bool:
    """Can the visitor ask for the pass on paper? Once: what may have been printed is not again."""
    view = state.visit
    asked = view.print_state if view else None
    return state.prints and shown_card(state) is not None and asked in {None, PrintState.FAILED}


def may_be_freed(state: State) -> bool:
    """May the waiting visitor hand the kiosk to the next one? Not before the controller has the
    visit, and its number can be told."""
    return (
        state.screen is Screen.WAITING
        and state.visit is not None
        and bool(state.visit.number)
        and not state.busy
        and not sent_to_desk(state)
    )


def leaves_by_itself(state: State) -> bool:
    """Does this screen return to the welcome after a while?"""
    if state.screen is Screen.WAITING:
        return sent_to_desk(state) or saved_only(state)
    return state.screen in {Screen.PASS, Screen.ANSWER, Screen.NUMBER}
