"""The JSON API of the halves: what should lie in the drawer, counts, and what was lost."""

from fastapi import APIRouter, Depends

from controller import ledger
from controller.core import Core
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import CountIn, LostIn, RowId
from controller.web.moments import now
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from models import store

router = APIRouter(
    prefix="/api", tags=["ledger"], responses=RESPONSES, dependencies=[Depends(auth.signed_in)]
)


@router.get("/ledger", summary="Duplicates in the drawer, holders inside, today's incidents")
def ledger_now(core: Desk) -> answers.Ledger:
    return answers.Ledger.model_validate(ledger_of(core), from_attributes=True)


@router.post(
    "/ledger/counts",
    summary="Somebody has counted the drawer; a difference needs words",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def count(core: Desk, user: User, body: CountIn) -> answers.DrawerCount:
    row = ledger.count(core, body.counted, body.note, user.display, now())
    return answers.DrawerCount.model_validate(row)


@router.post(
    "/passes/{pass_id}/original-lost",
    summary="The holder has lost it and was identified: the pass is closed",
    responses=WRITES | CONFLICT,
)
def lose_original(core: Desk, user: User, pass_id: RowId, body: LostIn) -> answers.Pass:
    row = ledger.lose_original(core, pass_id, body.note, user.display, now())
    return answers.Pass.model_validate(row)


@router.post(
    "/passes/{pass_id}/duplicate-missing",
    summary="It does not lie in the drawer",
    responses=WRITES | CONFLICT,
)
def miss_duplicate(core: Desk, user: User, pass_id: RowId, body: LostIn) -> answers.Pass:
    row = ledger.miss_duplicate(core, pass_id, body.note, user.display, now())
    return answers.Pass.model_validate(row)


def ledger_of(core: Core) -> dict[str, object]:
    standing = store.ledger()
    return {
        "drawer": standing.drawer,
        "inside": standing.inside,
        "missing": standing.missing,
        "balances": standing.balances,
        "counted": store.last_count(),
        "incidents": store.incidents(*core.day_of(now())),
    }
