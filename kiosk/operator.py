"""The operator's way: a PIN, then how the kiosk is linked and what its devices do. Pure.

It is found by knocking at the welcome (`kiosk/knock.py`) and left like every screen: by hand, or
by itself once nobody touches it any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from kiosk.form import problem
from kiosk.moves import go, home, stay
from kiosk.scanner import PREFIXES
from kiosk.terms import (
    Ask,
    CheckPin,
    Knocked,
    Looked,
    PinChecked,
    Restart,
    Scanned,
    Screen,
    State,
    Step,
)
from models.messages import Answer, PrintTest, PrintTestView
from models.terms import PrintState

Words = Callable[..., str]
TRIES = 3
"""Wrong PINs in a row that shut the way."""
_SHUT, _LONGEST = 30.0, 900.0
"""Seconds for which it is shut, doubled each time."""
POLL = 1.0
"""Seconds between two looks at a test slip."""
_KINDS = dict(zip(PREFIXES, ("pass", "invitation", "goods"), strict=True))


def knocked(state: State, _event: Knocked) -> Step:
    return go(state, Screen.PIN) if state.screen is Screen.WELCOME else stay(state)


def pin_typed(state: State) -> Step:
    if state.now < state.operator.shut_until:
        return stay(state, error="pin_shut", text="")
    if wrong := problem(Screen.PIN, state.text):
        return stay(state, error=wrong)
    # Wrong until it is said to be right.
    return stay(state, CheckPin(state.text), text="", error="pin_wrong")


def pin_checked(state: State, event: PinChecked) -> Step:
    if state.screen is not Screen.PIN:
        return stay(state)
    known = state.operator
    if event.good:
        return go(state, Screen.OPERATOR, operator=replace(known, wrong=0))
    wrong = known.wrong + 1
    if wrong % TRIES:
        return stay(state, error="pin_wrong", operator=replace(known, wrong=wrong))
    shut = min(_SHUT * 2.0 ** (wrong // TRIES - 1), _LONGEST)
    known = replace(known, wrong=wrong, shut_until=state.now + shut)
    return stay(state, error="pin_shut", operator=known)


def looked(state: State, event: Looked) -> Step:
    """How it stands now. A test slip that is under way is asked after."""
    known = replace(state.operator, seen=event)
    waits = known.printed in {PrintState.QUEUED, PrintState.PRINTING}
    if not (waits and known.test and state.now - known.asked >= POLL):
        return stay(state, operator=known)
    ask = Ask(PrintTest(test=known.test))
    return stay(state, ask, operator=replace(known, asked=state.now))


def print_slip(state: State) -> Step:
    """A test slip on the kiosk's own printer."""
    if not state.reachable:
        return stay(state, operator=replace(state.operator, printed=None, problem="no_answer"))
    known = replace(state.operator, test="", printed=PrintState.QUEUED, problem="")
    return stay(state, Ask(PrintTest()), operator=replace(known, asked=state.now))


def printed(state: State, answer: Answer) -> Step:
    """What became of the test slip."""
    known = state.operator
    if state.screen not in {Screen.OPERATOR, Screen.TOUCH}:
        return stay(state)
    if not (answer.ok and isinstance(answer.body, PrintTestView)):
        known = replace(known, printed=None, problem=answer.code)
        return stay(state, operator=known)
    told = answer.body
    known = replace(known, test=told.test, printed=told.state, problem=told.code)
    return stay(state, operator=known)


def scanned(state: State, event: Scanned) -> Step:
    """A code is only named here, and neither kept nor used."""
    kind = next((kind for prefix, kind in _KINDS.items() if event.text.startswith(prefix)), "other")
    return stay(state, operator=replace(state.operator, scanned=kind))


def restart(state: State) -> Step:
    """End the process; its supervisor starts it again."""
    state, effects = home(state)
    return state, (*effects, Restart())


# --- what is shown -----------------------------------------------------------------------------


def shown(state: State, tr: Words, version: str, methods: Sequence[str]) -> dict[str, Any]:
    """The lines of the operator's screen, (name, label, value), by the name of their property."""
    if state.screen is not Screen.OPERATOR:
        return {"operator_rows": []}
    known = state.operator
    seen = known.seen or Looked()
    values = {
        "version": version,
        "broker": tr("operator_up" if seen.broker else "operator_down"),
        "controller": tr("operator_up" if seen.controller else "operator_down"),
        "answer": _age(seen.answered, tr),
        "input": "　".join(tr(f"method_{method}") for method in methods),
        "scanner": tr(f"operator_scanned_{known.scanned or 'nothing'}"),
        "camera": tr(f"operator_camera_{seen.camera or 'none'}"),
        "printer": _printer(state, tr),
    }
    rows = [(name, tr(f"operator_{name}"), value) for name, value in values.items()]
    return {"operator_rows": rows}


def _age(seconds: float | None, tr: Words) -> str:
    if seconds is None:
        return tr("operator_no_answer_yet")
    return tr("operator_seconds_ago", seconds=round(seconds))


def _printer(state: State, tr: Words) -> str:
    known = state.operator
    if known.problem:
        failed = known.problem in {"no_printer", "no_answer", "paper_out"}
        return tr(f"operator_printer_{known.problem if failed else 'failed'}")
    match known.printed:
        case PrintState.PRINTED:
            return tr("operator_printer_printed")
        case PrintState.QUEUED | PrintState.PRINTING:
            return tr("operator_printer_printing")
    return tr("operator_printer_there" if state.prints else "operator_printer_no_printer")
