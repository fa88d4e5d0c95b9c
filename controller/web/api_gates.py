"""What gates handed in that does not fit together, for the desk to clear up."""

from fastapi import APIRouter, Depends

from controller import merging
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import ResolutionIn, RowId
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from controller.web.times import now as _now
from models import store

router = APIRouter(prefix="/api", responses=RESPONSES, dependencies=[Depends(auth.signed_in)])


@router.get("/conflicts", summary="Gates' scans that do not fit together", tags=["passes"])
def conflicts() -> list[answers.Conflict]:
    return [answers.Conflict.model_validate(row) for row in store.open_conflicts()]


@router.post(
    "/conflicts/{conflict_id}/resolution",
    summary="Say how it was: still inside, has left, or a wrong record",
    tags=["passes"],
    responses=WRITES | CONFLICT,
)
def resolve(core: Desk, user: User, conflict_id: RowId, body: ResolutionIn) -> answers.Conflict:
    found = merging.resolve(core, conflict_id, body.resolution, body.note, user.display, _now())
    return answers.Conflict.model_validate(found)
