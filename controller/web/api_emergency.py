"""The part of the JSON API that takes the screens over, and gives them back."""

from datetime import timedelta

from fastapi import APIRouter, Depends

from controller import emergency, publishing
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import EmergencyIn, RowId, Span
from controller.web.problems import CONFLICT, RESPONSES, WRITES, Refused
from controller.web.times import now as moment

router = APIRouter(
    prefix="/api/emergencies",
    tags=["board"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)


@router.get("", summary="What has taken the screens, the newest last")
def standing(core: Desk) -> list[answers.Notice]:
    return [answers.Notice.model_validate(notice) for notice in emergency.standing(core, moment())]


@router.post(
    "",
    summary="Take all screens, or those of some groups, at once",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def take_over(core: Desk, user: User, body: EmergencyIn) -> answers.Notice:
    row = emergency.take_over(
        core,
        body.kind,
        body.text,
        timedelta(minutes=body.minutes),
        user.display,
        moment(),
        tuple(body.groups),
    )
    return answers.Notice.model_validate(row)


@router.post("/{notice_id}/extend", summary="Let it last longer", responses=WRITES | CONFLICT)
def extend(core: Desk, user: User, notice_id: RowId, body: Span) -> answers.Notice:
    lasts = timedelta(minutes=body.minutes)
    row = emergency.extend(core, notice_id, lasts, user.display, moment())
    return answers.Notice.model_validate(row)


@router.delete(
    "/{notice_id}",
    summary="Give the screens back at once",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def clear(core: Desk, user: User, notice_id: RowId) -> None:
    now = moment()
    if notice_id not in {notice.id for notice in emergency.standing(core, now)}:
        raise Refused(404, "not_found")
    publishing.take_down(core, notice_id, user.display, now)
