"""The JSON API of goods-release slips (物品放行)."""

from fastapi import APIRouter, Depends, Response

from controller import goods, printing
from controller.goods import Wish
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import PrintIn, RowId, SlipIn, WithdrawnIn
from controller.web.problems import CONFLICT, RESPONSES, WRITES, BadField, Refused
from controller.web.qr import svg
from controller.web.times import at, now
from models import store
from models.messages import GoodsLine

router = APIRouter(
    prefix="/api/goods",
    tags=["goods"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)


@router.get("", summary="Slips that are open, and those of today that are closed")
def slips(core: Desk) -> list[answers.GoodsSlip]:
    rows = store.goods_of(*core.day_of(now()))
    return [answers.GoodsSlip.model_validate(row) for row in rows]


@router.post("", summary="Draft a slip", status_code=201, responses=WRITES | CONFLICT)
def draft(core: Desk, user: User, body: SlipIn) -> answers.GoodsSlip:
    if not (body.unit or body.permit):
        raise BadField("unit", "missing")
    moment = now()
    wish = Wish(
        goods=tuple(GoodsLine(**line.model_dump()) for line in body.goods),
        name=body.name,
        starts=at(core, "starts", body.starts, moment) if body.starts else moment,
        ends=at(core, "ends", body.ends, moment),
        unit=body.unit,
        phone_last4=body.phone_last4,
        permit_id=body.permit,
        ticket_id=body.ticket,
        plate=body.plate,
    )
    row = goods.draft(core, wish, body.id, user.display, moment)
    return answers.GoodsSlip.model_validate(row)


@router.post("/{slip_id}/approve", summary="Sign it", responses=WRITES | CONFLICT)
def approve(core: Desk, user: User, slip_id: RowId) -> answers.GoodsSlip:
    return answers.GoodsSlip.model_validate(goods.approve(core, slip_id, user.display, now()))


@router.post(
    "/{slip_id}/revoke",
    summary="It holds no longer; a draft is discarded",
    responses=WRITES | CONFLICT,
)
def revoke(core: Desk, user: User, slip_id: RowId, body: WithdrawnIn) -> answers.GoodsSlip:
    row = goods.revoke(core, slip_id, body.reason, user.display, now())
    return answers.GoodsSlip.model_validate(row)


@router.post(
    "/{slip_id}/print",
    summary="Print a slip; a repeat with the same id prints nothing twice",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def put_on_paper(core: Desk, user: User, slip_id: RowId, body: PrintIn) -> answers.PrintJob:
    job = printing.ask_goods(core, slip_id, body.id, user.display, now())
    return answers.PrintJob.model_validate(job)


@router.get(
    "/{slip_id}/qr.svg",
    summary="An approved slip's QR code, to show or print",
    response_class=Response,
    responses=CONFLICT | {200: {"content": {"image/svg+xml": {}}}},
)
def qr(slip_id: RowId) -> Response:
    row = store.goods(slip_id)
    if row is None or not row.token:
        raise Refused(404, "not_found")
    return Response(svg(row.token), media_type="image/svg+xml")
