"""What the controller's words, and the lack of them, do to the kiosk. Pure."""

from collections.abc import Callable
from dataclasses import replace

from kiosk import numbers, operator
from kiosk.moves import conclude, go, notify, stay, wait_for
from kiosk.terms import (
    Answered,
    Ask,
    Form,
    KeepDirectory,
    Listed,
    NotKept,
    Reached,
    Resumed,
    Screen,
    Sent,
    State,
    Step,
    Updated,
)
from models.messages import (
    Answer,
    AppointmentView,
    Directory,
    DirectoryView,
    FindVisit,
    LeaveView,
    Register,
    Status,
    TicketView,
    VisitView,
)
from models.terms import VisitState

_PERMIT_REFUSALS = {"unknown_permit", "too_many_tries"}
_CODE_REFUSALS = {
    *("unknown_code", "ambiguous_code", "too_many_tries"),
    *("invitation_used", "invitation_expired", "invitation_early"),
}


def sent(state: State, event: Sent) -> Step:
    state = replace(state, keys={**state.keys, event.kind: event.key})
    if event.kind == "register" and state.busy == "register":
        state = replace(
            state,
            visit_key=event.key,
            visit=None,
            acknowledged=False,
            waiting_since=state.now,
            status_asked=state.now,
        )
    if event.kind == "take_number" and state.busy == "take_number":
        state = replace(state, ticket_key=event.key, ticket=None)
    if not state.reachable and state.busy == event.kind:
        return unanswered(state)
    return stay(state)


def not_kept(state: State, event: NotKept) -> Step:
    busy = "" if state.busy == event.kind else state.busy
    calling = None if event.kind == "call_desk" else state.calling
    return notify(state, "not_kept", busy=busy, calling=calling)


def unanswered(state: State) -> Step:
    """Patience for `busy` has ended; what was written to the disk will still arrive."""
    match state.busy:
        case "register":
            return go(state, Screen.WAITING)
        case "take_number":
            return go(state, Screen.NUMBER)
        case "leave":
            return conclude(state, "leave_saved")
        case "withdraw":
            return conclude(state, "withdraw_saved")
        case "print_pass":
            return notify(state, "print_no_answer", busy="")
    return stay(state, busy="", error="no_answer")


def reached(state: State, event: Reached) -> Step:
    state = replace(state, reachable=event.up, status_asked=state.now)
    if not event.up:
        return unanswered(state) if state.busy else stay(state)
    ask = Ask(Directory())
    if state.screen is Screen.WAITING and state.acknowledged:
        return stay(state, ask, Ask(Status(visit=state.visit_key)))
    if state.screen is Screen.NUMBER:
        return stay(state, ask, Ask(Status(visit=state.ticket_key)))
    return stay(state, ask)


def listed(state: State, event: Listed) -> Step:
    return stay(state, departments=event.departments)


def resumed(state: State, event: Resumed) -> Step:
    """Back to the waiting screen of the visit that this process was killed on, or to its number."""
    if event.is_number:
        keys = {"take_number": event.key}
        return go(state, Screen.NUMBER, keys=keys, ticket_key=event.key)
    return go(
        state,
        Screen.WAITING,
        keys={"register": event.key},
        visit_key=event.key,
        acknowledged=event.register is None,
        waiting_since=state.now - event.age,
        form=_form(event.register, state) if event.register else Form(),
        code=event.register.code if event.register else "",
        invitation=(event.register.invitation or "") if event.register else "",
    )


def _form(register: Register, state: State) -> Form:
    hosts = (host for department in state.departments for host in department.hosts)
    return Form(
        purpose=register.purpose,
        name=register.name,
        organisation=register.organisation,
        department=register.department,
        host=next((host for host in hosts if host.id == register.host), None),
        party=register.party,
        phone=register.phone,
        others=register.others,
    )


def updated(state: State, event: Updated) -> Step:
    return _see(state, event.visit)


def _see(state: State, view: VisitView) -> Step:
    """How the visit on this screen stands; news of any other visit is not for these eyes."""
    stale = state.visit is not None and view.seq <= state.visit.seq
    if view.visit != state.visit_key or stale:
        return stay(state)
    waiting = view.state is VisitState.WAITING
    state = replace(state, visit=view, acknowledged=True, status_asked=state.now)
    match view.state:
        case VisitState.ADMITTED:
            if not view.passes:
                return conclude(state, view.code or "admitted")
            return go(state, Screen.PASS)
        case VisitState.REFUSED:
            return conclude(state, view.code or "refused")
        case VisitState.WITHDRAWN:
            return conclude(state, "withdrawn")
    # A visitor who was already told that the cancellation is on its way stays told.
    leaving = state.busy == "withdraw" or state.screen is Screen.ANSWER
    if waiting and (leaving or state.screen is Screen.WAITING):
        return stay(state)
    return go(state, Screen.WAITING)


def answered(state: State, event: Answered) -> Step:
    """An answer: to whom it belongs is told by its key, what it says by its code and body."""
    answer = event.answer
    if isinstance(answer.body, DirectoryView):
        departments = answer.body.departments
        prints = answer.body.prints
        return stay(state, KeepDirectory(answer.body), departments=departments, prints=prints)
    kind = next((kind for kind, key in state.keys.items() if key == answer.key), "")
    if kind in _ANSWERS:
        return _ANSWERS[kind](state, answer)
    return stay(state)


def _to_register(state: State, answer: Answer) -> Step:
    if answer.ok and isinstance(answer.body, VisitView):
        return _see(state, answer.body)
    if state.acknowledged or state.screen is Screen.ANSWER:
        return stay(state)
    match answer.code:
        case "server_error":
            return notify(state, "server_error")
        case code if code in _PERMIT_REFUSALS and state.permit:
            return go(state, Screen.PERMIT, error=code, text=state.permit)
        case "unknown_host":
            form = replace(state.form, department="", host=None)
            return go(state, Screen.DEPARTMENT, form=form, editing=True, error="unknown_host")
        case code if code in _CODE_REFUSALS and (state.code or state.invitation):
            return go(state, Screen.CODE, error=_unfound(state, code))
    return conclude(state, answer.code)


def _to_status(state: State, answer: Answer) -> Step:
    if answer.ok and isinstance(answer.body, VisitView):
        return _see(state, answer.body)
    if answer.ok and isinstance(answer.body, TicketView):
        return numbers.see(state, answer.body)
    if answer.code == "unknown_visit" and state.screen is Screen.WAITING and state.acknowledged:
        return conclude(state, "unknown_visit")
    return stay(state)


def _to_withdraw(state: State, answer: Answer) -> Step:
    decided = isinstance(answer.body, VisitView) and answer.body.state in {
        VisitState.ADMITTED,
        VisitState.REFUSED,
    }
    if answer.ok and decided and isinstance(answer.body, VisitView):
        return _see(state, answer.body)
    here = state.busy == "withdraw" or state.outcome == "withdraw_saved"
    if answer.code == "server_error" or not here:
        return stay(state)
    return conclude(state, "withdrawn")


def _to_find_appointment(state: State, answer: Answer) -> Step:
    if state.busy != "find_appointment":
        return stay(state)
    if answer.ok and isinstance(answer.body, AppointmentView):
        return go(state, Screen.APPOINTMENT, appointment=answer.body)
    if answer.code == "unknown_code" and state.code:
        # Nobody is expected under these digits; perhaps somebody has registered who gave them.
        return wait_for(state, "find_visit", Ask(FindVisit(code=state.code)))
    error = _unfound(state, answer.code) if answer.code in _CODE_REFUSALS else "no_answer"
    return stay(state, busy="", text="", error=error)


def _unfound(state: State, code: str) -> str:
    """The words' key of why there is no appointment; what was scanned has no digits to check."""
    return "invitation_unknown" if state.invitation and code == "unknown_code" else code


def _to_find_visit(state: State, answer: Answer) -> Step:
    """A visitor who walked away is back."""
    if state.busy != "find_visit":
        return stay(state)
    if answer.ok and isinstance(answer.body, VisitView):
        key = answer.body.visit
        keys = {**state.keys, "register": key}
        state = replace(state, keys=keys, visit_key=key, visit=None, waiting_since=state.now)
        return _see(state, answer.body)
    if answer.code in {"found_waiting", "found_admitted"}:
        return conclude(state, answer.code)
    error = answer.code if answer.code in _CODE_REFUSALS else "unknown_code"
    return stay(state, busy="", text="", error=error)


def _to_leave(state: State, answer: Answer) -> Step:
    here = state.screen is Screen.LEAVE or state.outcome == "leave_saved"
    if answer.code == "server_error" or not here:
        return stay(state)
    if answer.ok:
        number = answer.body.number if isinstance(answer.body, LeaveView) else ""
        return conclude(state, "left", number=number)
    if answer.code in {"unknown_pass", "malformed"}:
        return go(state, Screen.LEAVE, text=state.text, error=f"leave_{answer.code}")
    return conclude(state, answer.code)


def _to_print(state: State, answer: Answer) -> Step:
    if state.busy == "print_pass":
        state = replace(state, busy="")
    if answer.ok and isinstance(answer.body, VisitView):
        return _see(state, answer.body)
    return notify(state, "print_no_answer") if state.screen is Screen.PASS else stay(state)


def _to_call(state: State, answer: Answer) -> Step:
    if answer.code == "server_error":
        return stay(state)
    return notify(state, "desk_called" if answer.ok else "call_failed", calling=None)


_ANSWERS: dict[str, Callable[[State, Answer], Step]] = {
    "register": _to_register,
    "take_number": numbers.answered,
    "status": _to_status,
    "withdraw": _to_withdraw,
    "find_appointment": _to_find_appointment,
    "find_visit": _to_find_visit,
    "leave": _to_leave,
    "call_desk": _to_call,
    "print_pass": _to_print,
    "print_test": operator.printed,
}
