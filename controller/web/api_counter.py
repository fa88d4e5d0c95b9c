"""The JSON API of the counter: residents' queue numbers."""

from fastapi import APIRouter, Depends

from controller import counter
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import CallIn, RowId
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from controller.web.times import now
from models import store
from models.terms import TicketState

router = APIRouter(
    prefix="/api/queue",
    tags=["queue"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)


@router.get("", summary="Today's numbers that wait or are called, oldest first")
def queue(core: Desk) -> list[answers.Ticket]:
    return [
        answers.Ticket.model_validate(row) for row in store.open_tickets(core.local(now()).date())
    ]


@router.post(
    "/{ticket_id}/call",
    summary="Call a number to a counter, on every board and kiosk",
    responses=WRITES | CONFLICT,
)
def call(core: Desk, user: User, ticket_id: RowId, body: CallIn) -> answers.Ticket:
    row = counter.call(core, ticket_id, body.counter, user.display, now(), again=body.again)
    return answers.Ticket.model_validate(row)


@router.post("/{ticket_id}/done", summary="Served", responses=WRITES | CONFLICT)
def done(core: Desk, user: User, ticket_id: RowId) -> answers.Ticket:
    row = counter.close(core, ticket_id, TicketState.DONE, user.display, now())
    return answers.Ticket.model_validate(row)


@router.post("/{ticket_id}/absent", summary="Nobody came", responses=WRITES | CONFLICT)
def absent(core: Desk, user: User, ticket_id: RowId) -> answers.Ticket:
    row = counter.close(core, ticket_id, TicketState.ABSENT, user.display, now())
    return answers.Ticket.model_validate(row)
