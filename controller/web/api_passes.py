"""The JSON API of taking passes back."""

from fastapi import APIRouter, Depends

from controller import revoking
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import RevokeIn, RowId
from controller.web.moments import now
from controller.web.problems import CONFLICT, RESPONSES, WRITES

router = APIRouter(prefix="/api", responses=RESPONSES, dependencies=[Depends(auth.signed_in)])


@router.post(
    "/passes/{pass_id}/revoke",
    summary="It holds no longer; a repeat changes nothing and says who did it first",
    tags=["passes"],
    responses=WRITES | CONFLICT,
)
def revoke(core: Desk, user: User, pass_id: RowId, body: RevokeIn) -> answers.Pass:
    row = revoking.revoke(core, pass_id, body.reason, user.display, now())
    return answers.Pass.model_validate(row)
