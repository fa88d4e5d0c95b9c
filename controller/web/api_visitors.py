"""The JSON API of what visitors leave and need besides being let in."""

from fastapi import APIRouter, Depends

from controller import guard, guests, material, tea, telling
from controller.repeats import once
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import BanIn, HandedOn, MaterialIn, ReadyIn, Renewal, RowId, TeaIn
from controller.web.moments import NoSuchTime, now
from controller.web.problems import CONFLICT, RESPONSES, WRITES, BadField
from models import store
from models.store import TeaRow
from models.terms import MaterialStep, Ready

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


@router.get("/tellings", summary="Whom the desk is to tell by word today", tags=["visits"])
def tellings(core: Desk) -> list[answers.Telling]:
    return [answers.Telling.model_validate(row) for row in telling.by_word(core, now())]


@router.post(
    "/tellings/{telling_id}/done",
    summary="They have been told; a repeat changes nothing",
    tags=["visits"],
    responses=WRITES | CONFLICT,
)
def told(core: Desk, user: User, telling_id: RowId) -> answers.Telling:
    row = telling.done(core, telling_id, user.display, now())
    return answers.Telling.model_validate(row)


@router.get("/bans", summary="Who is to be kept an eye on", tags=["guard"])
def bans() -> list[answers.Ban]:
    return [answers.Ban.model_validate(ban) for ban in store.bans()]


@router.post(
    "/visits/{visit_id}/ban",
    summary="Keep an eye on somebody who was turned away",
    tags=["guard"],
    status_code=201,
    responses=WRITES | CONFLICT,
)
def ban(core: Desk, user: User, visit_id: RowId, body: BanIn) -> answers.Ban:
    made = guard.ban(core, visit_id, body.reason, body.review, user.display, now())
    return answers.Ban.model_validate(made)


@router.post(
    "/bans/{ban_id}/renew",
    summary="It was reviewed and stays until another day",
    tags=["guard"],
    responses=WRITES | CONFLICT,
)
def renew_ban(core: Desk, user: User, ban_id: RowId, body: Renewal) -> answers.Ban:
    renewed = guard.renew(core, ban_id, body.review, user.display, now())
    return answers.Ban.model_validate(renewed)


@router.post(
    "/bans/{ban_id}/lift",
    summary="It holds no longer",
    tags=["guard"],
    status_code=204,
    responses=WRITES | CONFLICT,
)
def lift_ban(core: Desk, user: User, ban_id: RowId) -> None:
    guard.lift(core, ban_id, user.display, now())


@router.get("/tea", summary="Tea to be served today, and served", tags=["tea"])
def tea_today(core: Desk) -> list[answers.Tea]:
    orders = store.tea_orders(*core.day_of(now()))
    return [answers.Tea.model_validate(row) for row in orders]


@router.post(
    "/tea",
    summary="Tea for an internal meeting",
    tags=["tea"],
    status_code=201,
    responses=WRITES | CONFLICT,
)
def order_tea(core: Desk, user: User, body: TeaIn) -> answers.Tea:
    moment = now()
    try:
        due = body.due.at(core.settings.zone, moment)
    except NoSuchTime:
        raise BadField("due", "time") from None

    def order() -> TeaRow:
        return tea.order(core, body.room, body.count, due, user.display, moment)

    return answers.Tea.model_validate(once(body.id, moment, order, store.tea))


@router.post(
    "/tea/{tea_id}/served",
    summary="It was brought; a second tick changes nothing",
    tags=["tea"],
    responses=WRITES | CONFLICT,
)
def serve_tea(core: Desk, user: User, tea_id: RowId) -> answers.Tea:
    return answers.Tea.model_validate(tea.serve(core, tea_id, user.display, now()))


@router.post(
    "/visits/{visit_id}/ready/{item}",
    summary="Room ready, leaders told, escort named: before an honoured guest goes in",
    tags=["visits"],
    status_code=204,
    responses=WRITES | CONFLICT,
)
def see_to(core: Desk, user: User, visit_id: RowId, item: Ready, body: ReadyIn) -> None:
    guests.see_to(core, visit_id, item, body.name, user.display, now(), done=body.done)
