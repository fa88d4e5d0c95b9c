"""The part of the JSON API for the devices: enrolled, placed, looked at, revoked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from controller import devices
from controller.devices import Credentials, Invitation, Wish
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import DeviceIn, DeviceWish, EnrolIn
from controller.web.problems import CONFLICT, RESPONSES, WRITES, Problem, Refused
from controller.web.times import now
from models import store
from models.terms import ID_PATTERN, Role

public = APIRouter(responses=RESPONSES, tags=["devices"])
router = APIRouter(
    prefix="/api/devices",
    tags=["devices"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)
DeviceId = Annotated[str, Path(pattern=ID_PATTERN)]


@public.post(
    "/enrol",
    summary="A device fetches its credentials with its code, once",
    responses=WRITES | CONFLICT | {429: {"model": Problem, "description": "Too many wrong codes"}},
)
def enrol(core: Desk, body: EnrolIn, request: Request) -> answers.Credentials:
    address = request.client.host if request.client else ""
    found: Credentials = devices.enrol(
        core, body.role, body.code, address, request.url.hostname or "", now()
    )
    return answers.Credentials.model_validate(found)


@router.post("", summary="Make room for a device; its code is told once", responses=WRITES)
def invite(core: Desk, user: User, request: Request, body: DeviceIn) -> answers.Invitation:
    return _told(request, core, devices.invite(core, body.role, _wish(body), user.display, now()))


@router.post(
    "/{role}/{device}/code",
    summary="A new code for a device whose machine was exchanged",
    responses=WRITES | CONFLICT,
)
def invite_again(
    core: Desk, user: User, request: Request, role: Role, device: DeviceId
) -> answers.Invitation:
    return _told(request, core, devices.invite_again(core, role, device, user.display, now()))


@router.put(
    "/{role}/{device}",
    summary="Rename or move a device, or set how a board presents itself",
    responses=WRITES | CONFLICT,
)
def change(
    core: Desk, user: User, role: Role, device: DeviceId, body: DeviceWish
) -> answers.Device:
    row = devices.change(core, role, device, _wish(body), user.display, now())
    return answers.Device.model_validate(row)


@router.delete(
    "/{role}/{device}",
    summary="Take a device's credential away and cut its connection",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def revoke(core: Desk, user: User, role: Role, device: DeviceId) -> None:
    devices.revoke(core, role, device, user.display, now())


@router.post(
    "/board/{device}/picture",
    summary="Ask a board for a picture of its glass, and how it does",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def ask(core: Desk, user: User, device: DeviceId) -> None:
    devices.ask(core, device, user.display, now())


@router.get(
    "/board/{device}/picture",
    summary="The newest picture of a board's glass, a JPEG",
    response_class=Response,
    responses={404: {"model": Problem, "description": "There is none"}},
)
def picture(device: DeviceId) -> Response:
    if (jpeg := store.picture(device)) is None:
        raise Refused(404, "not_found")
    return Response(jpeg, media_type="image/jpeg")


def _wish(body: DeviceWish) -> Wish:
    return Wish(**body.model_dump(exclude={"role"}))


def _told(request: Request, core: Desk, invitation: Invitation) -> answers.Invitation:
    row = invitation.device
    # Unlike `link_base`, which without a setting is where this machine listens.
    address = core.settings.desk.address or str(request.base_url).rstrip("/")
    fingerprint = request.app.state.fingerprint
    pinned = f" --fingerprint {fingerprint}" if fingerprint else ""
    program = "models.enrolment gate" if row.role is Role.GATE else str(row.role)
    return answers.Invitation(
        role=row.role,
        device=row.device,
        code=invitation.code,
        ends=row.code_ends or now(),
        command=f"python -m {program} --enrol {address} {invitation.code}{pinned}",
    )
