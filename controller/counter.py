"""The counter: residents' queue numbers, and calling them on the boards (the seed's IV, VI).

What is called is one retained message for each group of boards, committed with the call, so that no
call is lost. It ends by itself, when its number is dealt with, or when its counter calls another.
"""

from datetime import datetime, timedelta

from controller.core import Core, Refusal
from models import rules, store
from models.messages import CalledNumber, Calls, TakeNumber, TicketView, encode
from models.store import TicketRow
from models.terms import Purpose, TicketState

_MOST_FROM_ONE_KIOSK = 100
"""Numbers waiting. More is a child playing, or a fault."""
_MOST_SHOWN = 50


def take_number(core: Core, kiosk: str, key: str, body: TakeNumber, now: datetime) -> TicketView:
    """The day's next number; a repeat of the request gets the same. Raises Refusal:
    too_many_waiting, malformed."""
    day = core.local(now).date()
    with store.transaction():
        known = store.ticket_by_key(key)
        if known is None:
            waiting = [t for t in store.open_tickets(day) if t.kiosk == kiosk]
            if len(waiting) >= _MOST_FROM_ONE_KIOSK:
                raise Refusal("too_many_waiting")
            known = _add(core, kiosk, key, body, now)
        elif known.kiosk != kiosk:
            raise Refusal("malformed")
    core.committed("queue")
    return view(known)


def _add(core: Core, kiosk: str, key: str, body: TakeNumber, now: datetime) -> TicketRow:
    category = core.policy.purposes[Purpose.PROCEDURE]
    application = rules.Application(category=category, expected=False, party=1)
    decision = rules.decide(application, core.policy, store.rooms_now(now))
    row = store.add_ticket(
        core.local(now).date(),
        decision,
        key=key,
        kiosk=kiosk,
        procedure=body.procedure,
        language=body.language,
        state=TicketState.WAITING,
        taken_at=now,
    )
    store.record(now, f"kiosk-{kiosk}", "number_taken", row.number, procedure=row.procedure)
    return row


def view(row: TicketRow) -> TicketView:
    """A number as its resident may see it."""
    return TicketView(
        ticket=row.key,
        number=row.number,
        procedure=row.procedure,
        state=row.state,
        ahead=store.tickets_ahead(row),
        counter=row.counter,
    )


def call(
    core: Core, ticket_id: int, counter: str, by: str, now: datetime, *, again: bool = False
) -> TicketRow:
    """叫號: show a number on every board. Raises Refusal: not_found; already_called, where another
    clerk was faster and this is not said to be a call `again`."""
    until = now + timedelta(seconds=core.settings.queue.call_seconds)
    with store.transaction():
        row = _open(core, ticket_id, now)
        if row.state is TicketState.CALLED and not again:
            raise Refusal("already_called")
        for other in store.shown_tickets():
            if other.counter == counter and other.id != row.id:
                store.change_ticket(other.id, shown_until=None)
        row = store.change_ticket(
            row.id,
            state=TicketState.CALLED,
            counter=counter,
            called_at=now,
            calls=row.calls + 1,
            shown_until=until,
            by=by,
        )
        store.record(now, by, "number_called", row.number, counter=counter, calls=row.calls)
        put_calls(core, now)
    core.committed("queue")
    return row


def close(core: Core, ticket_id: int, state: TicketState, by: str, now: datetime) -> TicketRow:
    """已辦理 (done) or 未到 (absent). Raises Refusal: not_found, not_called."""
    with store.transaction():
        row = _open(core, ticket_id, now)
        if row.state is not TicketState.CALLED:
            raise Refusal("not_called")
        shown = row.shown_until is not None
        row = store.change_ticket(row.id, state=state, shown_until=None, closed_at=now, by=by)
        store.record(now, by, f"number_{state}", row.number)
        if shown:
            put_calls(core, now)
    core.committed("queue")
    return row


def refresh(core: Core, now: datetime) -> None:
    """Take down what has been called for long enough."""
    over = [t for t in store.shown_tickets() if t.shown_until and t.shown_until <= now]
    if not over:
        return
    with store.transaction():
        for row in over:
            store.change_ticket(row.id, shown_until=None)
        put_calls(core, now)
    core.committed("queue")


def put_calls(core: Core, now: datetime) -> None:
    """Queue what is called now for every group of boards, in the caller's transaction."""
    items = tuple(
        CalledNumber(
            number=row.number,
            counter=row.counter,
            at=row.called_at,
            until=row.shown_until,
            calls=row.calls,
        )
        for row in store.shown_tickets()[:_MOST_SHOWN]
        if row.called_at and row.shown_until and row.shown_until > now
    )
    rev, epoch = store.next_calls_revision(), store.epoch()
    for group in {core.settings.board.group, *(known.name for known in store.board_groups())}:
        message = Calls(group=group, epoch=epoch, rev=rev, items=items)
        store.queue([encode(message, core.settings.site)])


def _open(core: Core, ticket_id: int, now: datetime) -> TicketRow:
    row = store.ticket(ticket_id)
    today = core.local(now).date()
    closed = (TicketState.DONE, TicketState.ABSENT)
    if row is None or row.day != today or row.state in closed:
        raise Refusal("not_found")
    return row
