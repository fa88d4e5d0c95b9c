"""A worker's way: the works permit's code, the last four of the identity card, the day's pass.
Pure."""

from dataclasses import replace

from kiosk.form import problem
from kiosk.moves import go, home, leaves_by_itself, stay, wait_for
from kiosk.terms import Screen, Send, State, Step
from models.messages import Register
from models.terms import Purpose


def permit_typed(state: State) -> Step:
    if wrong := problem(Screen.PERMIT, state.text):
        return stay(state, error=wrong)
    return go(state, Screen.WORKER, permit=state.text)


def without_permit(state: State) -> State:
    """To the questions of somebody whom the desk will look after."""
    form = replace(state.form, purpose=Purpose.WORKS)
    return replace(state, screen=Screen.PURPOSE, form=form, permit="")


def submit(state: State) -> Step:
    if state.busy:
        return stay(state)
    if wrong := problem(Screen.WORKER, state.text):
        return stay(state, error=wrong)
    if problem(Screen.PERMIT, state.permit):
        return go(state, Screen.PERMIT)
    body = Register(
        purpose=Purpose.WORKS, permit=state.permit, id_last4=state.text, language=state.language
    )
    return wait_for(state, "register", Send(body))


def back(state: State) -> Step:
    return stay(state) if state.busy else go(state, Screen.PERMIT, text=state.permit)


def may_follow(state: State) -> bool:
    """Can the next worker of the same permit go on from here?"""
    return bool(state.permit) and leaves_by_itself(state)


def another(state: State) -> Step:
    """下一位工人: nothing of the one before stays but the permit's code and the language."""
    if not may_follow(state):
        return stay(state)
    fresh, effects = home(state)
    fresh = replace(fresh, permit=state.permit, language=state.language)
    fresh, more = go(fresh, Screen.WORKER)
    return fresh, (*effects, *more)
