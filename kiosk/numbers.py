"""A resident's way: procedure, papers, queue number (the seed's IV, VI). Pure."""

from dataclasses import replace

from kiosk.moves import conclude, go, home, notify, stay, wait_for
from kiosk.terms import (
    Called,
    PickProcedure,
    Screen,
    Send,
    State,
    Step,
)
from models.messages import Answer, TakeNumber, TicketView
from models.procedures import Leaf, leaves
from models.terms import TicketState


def pages(state: State) -> tuple[Leaf, ...]:
    """What the resident reads before the number."""
    return leaves(state.procedures, state.procedure) if state.procedure else ()


def pick(state: State, event: PickProcedure) -> Step:
    if state.screen is not Screen.PROCEDURE:
        return stay(state)
    state = replace(state, procedure=event.procedure, leaf=0)
    # A kiosk without the table still gives numbers.
    return go(state, Screen.PAPERS) if pages(state) else take(state)


def following(state: State) -> Step:
    """To the next page; after the last one, a number."""
    if state.busy:
        return stay(state)
    if state.leaf + 1 < len(pages(state)):
        return stay(state, leaf=state.leaf + 1)
    return take(state)


def before(state: State) -> Step:
    if state.busy:
        return stay(state)
    return stay(state, leaf=state.leaf - 1) if state.leaf else go(state, Screen.PROCEDURE)


def take(state: State) -> Step:
    if state.procedure is None:
        return stay(state)
    if not state.reachable:
        # A number that is drawn later would be called for somebody who has long gone.
        return notify(state, "no_number")
    body = TakeNumber(procedure=state.procedure, language=state.language)
    return wait_for(state, "take_number", Send(body))


def answered(state: State, answer: Answer) -> Step:
    """The number, or why there is none."""
    here = state.busy == "take_number" or state.screen is Screen.NUMBER
    if not here:
        return stay(state)
    if answer.ok and isinstance(answer.body, TicketView):
        return see(state, answer.body)
    if answer.code == "server_error":
        return notify(state, "server_error")
    return conclude(state, answer.code)


def see(state: State, ticket: TicketView) -> Step:
    """How the number on this screen stands."""
    if ticket.ticket != state.ticket_key:
        return stay(state)
    if ticket.state in (TicketState.DONE, TicketState.ABSENT):
        return home(state)
    return go(
        state, Screen.NUMBER, ticket=ticket, deadline=state.deadline if state.ticket else None
    )


def called(state: State, event: Called) -> Step:
    """Numbers are called on the boards and on every kiosk; an older word changes nothing."""
    new, old = event.calls, state.calls
    if old is not None and (new.epoch, new.rev) <= (old.epoch, old.rev):
        return stay(state)
    mine = state.ticket.number if state.screen is Screen.NUMBER and state.ticket else ""
    is_mine = any(item.number == mine for item in new.items)
    # Whoever is called has the whole time to read it.
    return stay(state, calls=new, deadline=None if is_mine else state.deadline)
