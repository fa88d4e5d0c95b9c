"""What makes the kiosk easier for one visitor, and ends with the visit. Pure."""

from dataclasses import replace

from kiosk.moves import stay
from kiosk.terms import Dialog, PickAids, State, Step, Times

SLOWER = 4
"""How many times longer everything waits for a visitor who asked for more time."""
SIZES = 3


def pick(state: State, event: PickAids) -> Step:
    """Something was changed on the sheet of aids."""
    if state.dialog is not Dialog.AIDS or not 0 <= event.aids.size < SIZES:
        return stay(state)
    # A countdown that runs already is to be as long as was asked for.
    deadline = state.deadline if event.aids.slow == state.aids.slow else None
    return stay(state, aids=event.aids, deadline=deadline)


def slower(state: State) -> State:
    return replace(state, aids=replace(state.aids, slow=True))


def more_time(state: State) -> Step:
    """The countdown was touched: it begins anew, and lasts longer."""
    return stay(slower(state), deadline=None)


def times(state: State) -> Times:
    """How patient the kiosk is with this visitor."""
    if not state.aids.slow:
        return state.times
    usual = state.times
    return Times(usual.idle_warning * SLOWER, usual.idle_wipe * SLOWER, usual.show * SLOWER)
