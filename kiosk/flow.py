"""The next screen is a returned value: `next(state, event) -> (state, effects)`. Pure.

Nothing here knows Kivy, the network, the disk or the time of day. Timeouts, lost connections and
answers are events like a tap; what has to be done about one is an effect that the app carries out.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from kiosk import aids, expected, numbers, operator, replies, timing, workers
from kiosk.form import (
    MOST_PEOPLE,
    TEXT_SCREENS,
    problem,
    questions,
    registration,
    typed,
    with_other,
)
from kiosk.moves import (
    conclude,
    go,
    home,
    leaves_by_itself,
    may_be_freed,
    may_print,
    notify,
    stay,
    wait_for,
)
from kiosk.terms import (
    Answered,
    Ask,
    Awaited,
    Button,
    Called,
    Dialog,
    Edit,
    Event,
    Form,
    Knocked,
    Listed,
    Looked,
    NotKept,
    Party,
    PickAids,
    PickDepartment,
    PickHost,
    PickLanguage,
    PickProcedure,
    PickPurpose,
    PinChecked,
    Reached,
    Resumed,
    Scanned,
    Screen,
    Send,
    Sent,
    State,
    Step,
    Tap,
    Tick,
    Times,
    Touched,
    Typed,
    Updated,
)
from models import invitations
from models.messages import (
    CallDesk,
    Directory,
    FindAppointment,
    Leave,
    PrintPass,
    Register,
    Withdraw,
)
from models.procedures import NOTHING, Procedures
from models.terms import Language, Purpose, clean

_SCAN_PREFIX = "VP1:"
_LONGEST_SCAN = 200


def begin(times: Times, language: Language, now: float, procedures: Procedures = NOTHING) -> State:
    """The welcome of a kiosk that has just been switched on."""
    return State(
        times=times, home=language, language=language, now=now, touched=now, procedures=procedures
    )


def next(state: State, event: Event) -> Step:  # noqa: A001 - the name of the design
    """What follows. Never raises: whatever cannot be meant on this screen changes nothing."""
    if isinstance(event, _BY_HAND):
        state = replace(state, touched=state.now)
        if state.dialog is Dialog.IDLE and event != Tap(Button.NO):
            state = replace(state, dialog=Dialog.NONE)
            if event == Tap(Button.MORE_TIME):
                state = aids.slower(state)
            event = Touched() if isinstance(event, Tap) else event
    state, effects = _HANDLERS[type(event)](state, event)
    return _with_deadline(state), effects


def _with_deadline(state: State) -> State:
    if not leaves_by_itself(state):
        return replace(state, deadline=None)
    if state.deadline is None:
        return replace(state, deadline=state.now + aids.times(state).show)
    return state


# --- hands -------------------------------------------------------------------------------------


def _touched(state: State, _event: Touched) -> Step:
    return stay(state)


def _tap(state: State, event: Tap) -> Step:
    if state.dialog is Dialog.NONE and event.button is Button.CALL_DESK:
        return _call_desk(state)
    if state.dialog is Dialog.NONE and event.button is Button.AIDS:
        return stay(state, dialog=Dialog.AIDS)
    return _TAPS.get((state.dialog or state.screen, event.button), stay)(state)


def _call_desk(state: State) -> Step:
    if state.calling is not None:
        return stay(state)
    effect = Send(CallDesk(visit=state.visit_key or None))
    notice = "calling" if state.reachable else "call_failed"
    return notify(state, notice, effect, calling=state.now)


def _begin_form(state: State) -> Step:
    # Who is out may have changed since the list was last asked for.
    state, effects = go(state, Screen.PURPOSE, form=Form())
    return state, (*effects, Ask(Directory()))


def _confirm(state: State) -> Step:
    """The text in the field is finished."""
    if wrong := problem(state.screen, state.text):
        return stay(state, error=wrong)
    return _advance(replace(state, form=_with_text(state)))


def _with_text(state: State) -> Form:
    text = clean(state.text)
    match state.screen:
        case Screen.NAME:
            return replace(state.form, name=text)
        case Screen.ORGANISATION:
            return replace(state.form, organisation=text)
        case Screen.PHONE:
            return replace(state.form, phone=text)
        case Screen.NAMES:
            return with_other(state.form, text)
    return state.form


def _advance(state: State) -> Step:
    """To the next question, or back to the check that sent the visitor here."""
    if state.screen is Screen.NAMES and state.form.naming < state.form.party - 2:
        return _ask_name(state, state.form.naming + 1)
    asked = questions(state.form, state.departments)
    picks_host = state.screen is Screen.DEPARTMENT and Screen.HOST in asked
    if state.editing and not picks_host:
        return go(state, Screen.CHECK, editing=False)
    following = dict(pairwise(asked)).get(state.screen, Screen.CHECK)
    return _ask_name(state, 0) if following is Screen.NAMES else go(state, following)


def _ask_name(state: State, naming: int) -> Step:
    """Who is the next of the party?"""
    state = replace(state, form=replace(state.form, naming=naming))
    return go(state, Screen.NAMES)


def _name_later(state: State) -> Step:
    """Nobody need know all names at the door: the rest is told at the desk."""
    return go(state, Screen.CHECK, editing=False)


def _back(state: State) -> Step:
    """To the question before; a good answer that stands in the field is kept."""
    if state.screen in TEXT_SCREENS and not problem(state.screen, state.text):
        state = replace(state, form=_with_text(state))
    if state.screen is Screen.APPOINTMENT:
        return go(state, Screen.CODE)
    if state.screen is Screen.NAMES and state.form.naming:
        return _ask_name(state, state.form.naming - 1)
    asked = questions(state.form, state.departments)
    if state.editing and state.screen is not Screen.HOST:
        return go(state, Screen.CHECK, editing=False)
    before = {following: screen for screen, following in pairwise(asked)}
    if before.get(state.screen) is Screen.NAMES:
        return _ask_name(state, state.form.party - 2)
    return go(state, before[state.screen]) if state.screen in before else home(state)


def _submit(state: State) -> Step:
    """The check is passed: register, by name."""
    if state.busy:
        return stay(state)
    if wrong := problem(Screen.NAME, state.form.name):
        return go(state, Screen.NAME, editing=True, error=wrong)
    try:
        body = registration(state.form, state.departments, state.language)
    except ValidationError:
        return notify(state, "malformed")
    return wait_for(state, "register", Send(body))


def _register_by_code(state: State) -> Step:
    if state.busy:
        return stay(state)
    shown = {"invitation": state.invitation} if state.invitation else {"code": state.code}
    body = Register.model_validate({**shown, "language": state.language})
    return wait_for(state, "register", Send(body))


def _find_appointment(state: State) -> Step:
    if state.busy:
        return stay(state)
    if wrong := problem(Screen.CODE, state.text):
        return stay(state, error=wrong)
    if not state.reachable:
        return stay(state, error="no_answer")
    ask = Ask(FindAppointment(code=state.text))
    return wait_for(state, "find_appointment", ask, code=state.text, invitation="")


def _leave_by_number(state: State) -> Step:
    if state.busy:
        return stay(state)
    if wrong := problem(Screen.LEAVE, state.text):
        return stay(state, error=wrong)
    return wait_for(state, "leave", Send(Leave(text=clean(state.text))))


def _withdraw(state: State) -> Step:
    effect = Send(Withdraw(visit=state.visit_key))
    return wait_for(state, "withdraw", effect, dialog=Dialog.NONE)


def _cancel(state: State) -> Step:
    return stay(state) if state.busy else stay(state, dialog=Dialog.CANCEL)


def _print(state: State) -> Step:
    """The pass on paper. Asked once and not kept: nobody waits for it tomorrow."""
    if state.busy or not may_print(state):
        return stay(state)
    if not state.reachable:
        return notify(state, "print_no_answer")
    # Whoever waits for paper has the screen's whole time again.
    ask = Ask(PrintPass(visit=state.visit_key))
    return wait_for(state, "print_pass", ask, deadline=None)


def _done(state: State) -> Step:
    return home(state) if leaves_by_itself(state) else stay(state)


def _free(state: State) -> Step:
    """The next visitor may use the kiosk; this one waits on, and is told how to come back."""
    if not may_be_freed(state) or state.visit is None:
        return stay(state)
    how = "waiting_on" if state.form.phone else "waiting_on_number"
    return conclude(state, how, number=state.visit.number)


def _close_dialog(state: State) -> Step:
    return stay(state, dialog=Dialog.NONE)


def _turn(by: int) -> Callable[[State], Step]:
    """To the pass of the next person, or the one before; each stays as long as a single one."""

    def turn(state: State) -> Step:
        last = len(state.visit.passes) - 1 if state.visit else 0
        return stay(state, shown=min(max(state.shown + by, 0), last), deadline=None)

    return turn


def _following(state: State) -> Step:
    """To the next worker of a permit, of whom each has one pass, or to a party's next pass."""
    return workers.another(state) if workers.may_follow(state) else _turn(1)(state)


def _to(screen: Screen, **changes: Any) -> Callable[[State], Step]:
    return lambda state: go(state, screen, **changes)


def _unless_busy(rule: Callable[[State], Step]) -> Callable[[State], Step]:
    """What was sent is answered on the screen that sent it."""
    return lambda state: stay(state) if state.busy else rule(state)


_FORM_SCREENS = (
    Screen.PURPOSE,
    Screen.NAME,
    Screen.ORGANISATION,
    Screen.DEPARTMENT,
    Screen.HOST,
    Screen.PARTY,
    Screen.NAMES,
    Screen.PHONE,
)
_TAPS: dict[tuple[Screen | Dialog, Button], Callable[[State], Step]] = {
    (Screen.WELCOME, Button.REGISTER): _begin_form,
    (Screen.WELCOME, Button.APPOINTMENT): _to(Screen.CODE),
    (Screen.WELCOME, Button.LEAVE): _to(Screen.LEAVE),
    **{(screen, Button.BACK): _back for screen in _FORM_SCREENS},
    **{
        (screen, Button.NEXT): _confirm
        for screen in (Screen.NAME, Screen.ORGANISATION, Screen.NAMES, Screen.PHONE)
    },
    (Screen.NAMES, Button.LATER): _name_later,
    (Screen.PARTY, Button.NEXT): _advance,
    (Screen.CHECK, Button.SUBMIT): _submit,
    (Screen.CHECK, Button.NEXT): _submit,
    (Screen.CHECK, Button.BACK): _unless_busy(_back),
    (Screen.CODE, Button.NEXT): _find_appointment,
    (Screen.CODE, Button.BACK): home,
    (Screen.APPOINTMENT, Button.YES): _register_by_code,
    (Screen.APPOINTMENT, Button.NO): _unless_busy(_to(Screen.CODE)),
    (Screen.APPOINTMENT, Button.BACK): _unless_busy(_to(Screen.CODE)),
    (Screen.PROCEDURE, Button.BACK): _to(Screen.PURPOSE),
    (Screen.PAPERS, Button.NEXT): numbers.following,
    (Screen.PAPERS, Button.BACK): numbers.before,
    (Screen.NUMBER, Button.DONE): _done,
    (Screen.PERMIT, Button.NEXT): workers.permit_typed,
    (Screen.PERMIT, Button.NO): lambda state: _advance(workers.without_permit(state)),
    (Screen.PERMIT, Button.BACK): _to(Screen.PURPOSE),
    (Screen.WORKER, Button.NEXT): workers.submit,
    (Screen.WORKER, Button.BACK): workers.back,
    (Screen.WAITING, Button.NEXT): workers.another,
    (Screen.ANSWER, Button.NEXT): workers.another,
    (Screen.LEAVE, Button.NEXT): _leave_by_number,
    (Screen.LEAVE, Button.BACK): home,
    (Screen.WAITING, Button.CANCEL): _cancel,
    (Screen.WAITING, Button.DONE): _done,
    (Screen.WAITING, Button.NEXT_VISITOR): _free,
    (Screen.PASS, Button.DONE): _done,
    (Screen.PASS, Button.PRINT): _print,
    (Screen.PASS, Button.NEXT): _following,
    (Screen.PASS, Button.BACK): _turn(-1),
    (Screen.ANSWER, Button.DONE): _done,
    (Screen.PIN, Button.NEXT): operator.pin_typed,
    (Screen.PIN, Button.BACK): home,
    (Screen.OPERATOR, Button.PRINT): operator.print_slip,
    (Screen.OPERATOR, Button.TOUCH): _to(Screen.TOUCH),
    (Screen.OPERATOR, Button.RESTART): operator.restart,
    (Screen.OPERATOR, Button.DONE): home,
    (Screen.TOUCH, Button.DONE): _to(Screen.OPERATOR),
    **{
        (screen, Button.MORE_TIME): aids.more_time
        for screen in (Screen.PASS, Screen.ANSWER, Screen.NUMBER)
    },
    (Dialog.CANCEL, Button.YES): _withdraw,
    (Dialog.CANCEL, Button.NO): _close_dialog,
    (Dialog.IDLE, Button.NO): home,
    (Dialog.AIDS, Button.DONE): _close_dialog,
    (Dialog.AIDS, Button.BACK): _close_dialog,
    (Dialog.CANCEL, Button.BACK): _close_dialog,
}


def _pick_language(state: State, event: PickLanguage) -> Step:
    if state.screen is not Screen.WELCOME and state.dialog is not Dialog.AIDS:
        return stay(state)
    return stay(state, language=event.language)


def _pick_purpose(state: State, event: PickPurpose) -> Step:
    if state.screen is not Screen.PURPOSE:
        return stay(state)
    if event.purpose is Purpose.PROCEDURE:
        # A resident is served at the counter: nobody needs a name for a number.
        return go(state, Screen.PROCEDURE, editing=False)
    if event.purpose is Purpose.WORKS:
        return go(state, Screen.PERMIT, editing=False)
    return _advance(replace(state, form=replace(state.form, purpose=event.purpose)))


def _pick_department(state: State, event: PickDepartment) -> Step:
    if state.screen is not Screen.DEPARTMENT:
        return stay(state)
    form = replace(state.form, department=event.name, host=None)
    return _advance(replace(state, form=form))


def _pick_host(state: State, event: PickHost) -> Step:
    if state.screen is not Screen.HOST:
        return stay(state)
    return _advance(replace(state, form=replace(state.form, host=event.host)))


def _party(state: State, event: Party) -> Step:
    if state.screen is not Screen.PARTY:
        return stay(state)
    people = min(max(state.form.party + event.change, 1), MOST_PEOPLE)
    return stay(state, form=replace(state.form, party=people))


def _edit(state: State, event: Edit) -> Step:
    if state.screen is not Screen.CHECK or state.busy or event.screen not in _FORM_SCREENS:
        return stay(state)
    if event.screen is Screen.NAMES:
        state = replace(state, editing=True)
        return _ask_name(state, 0) if state.form.party > 1 else stay(state)
    return go(state, event.screen, editing=True)


def _typed(state: State, event: Typed) -> Step:
    if state.screen not in TEXT_SCREENS or state.busy:
        return stay(state)
    text, error = typed(state.screen, event.text)
    return stay(state, text=text, error="glyph" if event.lost else error)


def _scanned(state: State, event: Scanned) -> Step:
    """A pass or an invitation was held under the scanner. What it typed into the field is taken
    back."""
    if state.screen in TEXT_SCREENS:
        state = replace(state, text=event.field, error="")
    if state.screen is Screen.OPERATOR:
        return operator.scanned(state, event)
    if invitations.is_one(event.text):
        return _invited(state, event.text)
    if not event.text.startswith(_SCAN_PREFIX) or len(event.text) > _LONGEST_SCAN:
        return notify(state, "scan_unknown")
    if state.screen not in {Screen.WELCOME, Screen.LEAVE}:
        return notify(state, "scan_elsewhere")
    if state.busy:
        return stay(state)
    state, _ = go(state, Screen.LEAVE)
    return wait_for(state, "leave", Send(Leave(text=event.text)))


def _invited(state: State, text: str) -> Step:
    if state.screen not in {Screen.WELCOME, Screen.CODE}:
        return notify(state, "invitation_elsewhere")
    if state.busy:
        return stay(state)
    state, _ = go(state, Screen.CODE)
    if not state.reachable:
        return stay(state, error="no_answer")
    ask = Ask(FindAppointment(invitation=text))
    return wait_for(state, "find_appointment", ask, code="", invitation=text)


_BY_HAND = (
    Touched,
    Tap,
    PickLanguage,
    PickAids,
    PickPurpose,
    PickProcedure,
    PickDepartment,
    PickHost,
    Party,
    Edit,
    Typed,
    Scanned,
    Knocked,
)
_HANDLERS: dict[type, Callable[[State, Any], Step]] = {
    Tick: timing.tick,
    Touched: _touched,
    Tap: _tap,
    PickLanguage: _pick_language,
    PickAids: aids.pick,
    PickPurpose: _pick_purpose,
    PickProcedure: numbers.pick,
    PickDepartment: _pick_department,
    PickHost: _pick_host,
    Party: _party,
    Edit: _edit,
    Typed: _typed,
    Scanned: _scanned,
    Reached: replies.reached,
    Sent: replies.sent,
    NotKept: replies.not_kept,
    Answered: replies.answered,
    Updated: replies.updated,
    Called: numbers.called,
    Awaited: expected.told,
    Knocked: operator.knocked,
    PinChecked: operator.pin_checked,
    Looked: operator.looked,
    Listed: replies.listed,
    Resumed: replies.resumed,
}
