"""The JSON API of what visitors leave and need besides being let in."""

from fastapi import APIRouter, Depends

from controller import material
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import HandedOn, MaterialIn, RowId
from controller.web.moments import now
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from models import store
from models.terms import MaterialStep

router = APIRouter(prefix="/api", responses=RESPONSES, dependencies=[Depends(auth.signed_in)])


@router.get("/material", summary="Applicants' material to be handed on", tags=["material"])
def open_material() -> list[answers.Material]:
    return [answers.Material.model_validate(row) for row in store.open_material()]


@router.put(
    "/material/{material_id}",
    summary="What the material is, and for whom",
    tags=["material"],
    responses=WRITES | CONFLICT,
)
def describe_material(
    core: Desk, user: User, material_id: RowId, body: MaterialIn
) -> answers.Material:
    row = material.describe(core, material_id, body.what, body.to, user.display, now())
    return answers.Material.model_validate(row)


@router.post(
    "/material/{material_id}/{step}",
    summary="Received, HR told, handed on, or nothing was left; a repeat changes nothing",
    tags=["material"],
    responses=WRITES | CONFLICT,
)
def step_material(
    core: Desk, user: User, material_id: RowId, step: MaterialStep, body: HandedOn
) -> answers.Material:
    row = material.step(core, material_id, step, user.display, now(), body.handed_to)
    return answers.Material.model_validate(row)
