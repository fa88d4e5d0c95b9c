"""The JSON API of the shift (交接班): who is at the desk, and who takes over."""

from fastapi import APIRouter, Depends

from controller import shift
from controller.web import answers, auth, rights
from controller.web.api import Desk, User
from controller.web.api_log import said_in
from controller.web.bodies import ShiftIn
from controller.web.problems import CONFLICT, RESPONSES, WRITES, BadField
from controller.web.times import at, now

router = APIRouter(
    prefix="/api/shift",
    tags=["shift"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)


@router.get("", summary="Who is at the desk, and which handovers wait to be accepted")
def on_now(core: Desk) -> answers.Shift:
    moment = now()
    return answers.Shift.of(shift.now_on(core.settings, moment), shift.gap(core, moment))


@router.post(
    "",
    summary="Sign on, name a stand-in, come back, hand over, take over, sign off",
    responses=WRITES | CONFLICT,
)
def do(core: Desk, user: User, body: ShiftIn) -> answers.Shift:
    if body.act not in shift.ASKS:
        raise BadField("act", "wrong")
    moment = now()
    until = at(core, "deadline", body.deadline, moment) if body.deadline else None
    said = said_in(shift.ASKS[body.act], body.fields)
    clerks = rights.who_may("POST /api/shift")
    standing = shift.do(
        core, body.act, said, body.id, user.display, moment, until=until, clerks=clerks
    )
    return answers.Shift.of(standing, shift.gap(core, moment))
