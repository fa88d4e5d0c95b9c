"""The part of the JSON API that sets how colleagues are reached."""

from fastapi import APIRouter, Depends

from controller import colleagues
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import ColleagueIn, RowId
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from controller.web.times import now as moment
from models import store
from models.store import PersonRow

router = APIRouter(
    prefix="/api/colleagues",
    tags=["office"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)


@router.get("", summary="Who answers in whose place, and how each is reached")
def people() -> list[answers.Colleague]:
    return [colleague(person) for person in store.people()]


@router.put(
    "/{person_id}", summary="Set a person's deputy and channels", responses=WRITES | CONFLICT
)
def save(core: Desk, user: User, person_id: RowId, body: ColleagueIn) -> answers.Colleague:
    written = body.channels.splitlines()
    return colleague(colleagues.save(core, person_id, body.deputy, written, user.display, moment()))


@router.post(
    "/{person_id}/test",
    summary="Send a test message, and wait for it",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def try_out(core: Desk, user: User, person_id: RowId) -> None:
    colleagues.try_out(core, person_id, user.display, moment())


def colleague(person: PersonRow) -> answers.Colleague:
    """A person as the page may show it: addresses without their secrets."""
    return answers.Colleague(
        id=person.id,
        name=person.name,
        department=person.department,
        title=person.title,
        deputy=person.deputy_id,
        channels=[colleagues.masked(channel) for channel in person.channels],
    )
