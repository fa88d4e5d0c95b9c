"""The JSON API of where holders are: the days' closings, and what the desk found out."""

from fastapi import APIRouter, Depends

from controller import presence
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import AccountIn, RowId
from controller.web.moments import now
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from models import store

CLOSINGS = 14
"""So many days are looked back on."""

router = APIRouter(
    prefix="/api", tags=["presence"], responses=RESPONSES, dependencies=[Depends(auth.signed_in)]
)


@router.get("/closings", summary="Who was not scanned out by closing time, the latest day first")
def closings() -> list[answers.Closing]:
    return [
        answers.Closing(
            day=row.day,
            at=row.at,
            done_at=row.done_at,
            missed=[answers.Unaccounted.of(line) for line in store.unaccounted(row.id)],
        )
        for row in store.closings(CLOSINGS)
    ]


@router.post(
    "/unaccounted/{line_id}/account",
    summary="Say how it was: has left, as somebody confirms, or is still inside",
    responses=WRITES | CONFLICT,
)
def account(core: Desk, user: User, line_id: RowId, body: AccountIn) -> answers.Unaccounted:
    row = presence.account_for(core, line_id, body.account, body.note, user.display, now())
    return answers.Unaccounted.of(row)
