"""An appointment's invitation at the desk: to show, print, download, or send as text.

The QR code holds a random token and nothing else (models.invitations); everything a guest reads
stands around it, in the language the clerk chooses for the guest.
"""

import io
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from PIL import Image

from controller import appointments
from controller.core import Core
from controller.web import auth
from controller.web.api import Desk
from controller.web.bodies import RowId
from controller.web.language import language_of
from controller.web.problems import CONFLICT, RESPONSES
from controller.web.qr import BORDER, svg
from controller.web.view import View
from models import store
from models.qr import matrix
from models.store import AppointmentRow
from models.terms import Language

_MOST_DAYS = 5
"""Days of a series that are named; a longer list nobody reads."""
_MODULE = 12
"""Pixels of one module of the picture: large enough for any messenger's shrinking."""

router = APIRouter(prefix="/api", responses=RESPONSES, dependencies=[Depends(auth.signed_in)])
page_router = APIRouter(include_in_schema=False)


@router.get(
    "/appointments/{appointment_id}/invitation.svg",
    summary="The invitation's QR code, sharp at any size",
    tags=["visits"],
    response_class=Response,
    responses=CONFLICT | {200: {"content": {"image/svg+xml": {}}}},
)
def invitation_svg(appointment_id: RowId) -> Response:
    row = appointments.invitation_of(appointment_id)
    return Response(svg(row.invitation), media_type="image/svg+xml", headers=_named(row, "svg"))


@router.get(
    "/appointments/{appointment_id}/invitation.png",
    summary="The invitation's QR code, for mail and messengers",
    tags=["visits"],
    response_class=Response,
    responses=CONFLICT | {200: {"content": {"image/png": {}}}},
)
def invitation_png(appointment_id: RowId) -> Response:
    row = appointments.invitation_of(appointment_id)
    return Response(_png(row.invitation), media_type="image/png", headers=_named(row, "png"))


@page_router.get("/appointments/{appointment_id}/invitation")
def invitation(
    core: Desk, request: Request, appointment_id: RowId, to: Annotated[str, Query()] = ""
) -> Response:
    """The page; `to` is the guest's language, else the clerk's."""
    row = appointments.invitation_of(appointment_id)
    mine = language_of(request, core.settings)
    language = Language(to) if to in set(Language) else mine
    now = datetime.now(UTC)
    guest = View(language, core.settings.zone, now)
    facts = _facts(core, guest, row)
    html = View(mine, core.settings.zone, now).render(
        "invitation.html",
        settings=core.settings,
        row=row,
        guest=guest,
        languages=list(Language),
        facts=facts,
        text=guest.t("invitation_text", office=core.settings.name, **facts),
    )
    return HTMLResponse(html)


def _facts(core: Core, view: View, row: AppointmentRow) -> dict[str, str]:
    """What a guest is to know, by the names of its words."""
    others = [other for other in store.invited(row.invitation) if other.ends >= view.now] or [row]
    days = [_when(core, view, other) for other in others[:_MOST_DAYS]]
    if len(others) > _MOST_DAYS:
        days.append(view.t("invitation_more", count=len(others)))
    return {
        "name": row.name,
        "when": view.t("invitation_then").join(days),
        "place": f"{core.settings.name} · {core.settings.board.place}",
        "host": row.host or view.t("desk_person"),
        "code": row.code,
    }


def _when(core: Core, view: View, row: AppointmentRow) -> str:
    starts, ends = core.local(row.starts), core.local(row.ends)
    end = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%Y-%m-%d %H:%M}"
    day = view.t(f"day_{starts.weekday()}")
    return view.t(
        "invitation_day", date=f"{starts:%Y-%m-%d}", day=day, clock=f"{starts:%H:%M}–{end}"
    )


def _named(row: AppointmentRow, ending: str) -> dict[str, Any]:
    return {"content-disposition": f'inline; filename="invitation-{row.code}.{ending}"'}


def _png(text: str) -> bytes:
    rows = matrix(text, "M")
    size = len(rows)
    small = Image.new("1", (size + 2 * BORDER, size + 2 * BORDER), 1)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                small.putpixel((x + BORDER, y + BORDER), 0)
    held = io.BytesIO()
    side = small.width * _MODULE
    small.resize((side, side), Image.Resampling.NEAREST).save(held, "PNG", optimize=True)
    return held.getvalue()
