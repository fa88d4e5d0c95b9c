"""The JSON API behind the desk's page, described at /openapi.json.

Every answer that is no success is a `Problem`: a code for machines, words for people. Writes need
a session and come from our own page. Times go out in UTC and come in as people write them.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from controller import appointments as appointment_rules
from controller import deciding, goods, scanning, visits
from controller.core import Core, Refusal
from controller.repeats import once
from controller.scanning import NUMBER_ONLY
from controller.web import answers, auth, screens
from controller.web.bodies import (
    AppointmentIn,
    CancelIn,
    Decision,
    HolderIn,
    JoinIn,
    RoomQuery,
    RowId,
    ScanIn,
    SignIn,
)
from controller.web.language import language_of
from controller.web.problems import CONFLICT, RESPONSES, WRITES, BadField, Problem, Refused
from controller.web.qr import svg
from controller.web.times import from_to
from controller.web.times import now as _now
from controller.web.view import View
from models import store
from models.invitations import is_one as is_invitation
from models.messages import LONGEST_NAME, MOST_IN_PARTY
from models.rules import BOOKABLE, fitting_room
from models.store import AppointmentRow, UserRow, VisitRow
from models.terms import AppointmentKind, Direction, Language, names_in

_NOTHING = {"ok": False, "tone": "bad", "number": "", "name": "", "direction": None}
"""A scan that opens no door."""
_ODD = {"never_entered", "overdue", "revoked"}
"""Codes of an exit that was allowed and still deserves a look."""


def core_of(request: Request) -> Core:
    core: Core = request.app.state.core
    return core


Desk = Annotated[Core, Depends(core_of)]
User = Annotated[auth.Caller, Depends(auth.signed_in)]
"""Whoever does it, and in whose name."""
Person = Annotated[UserRow, Depends(auth.person)]
"""The same where it can only be somebody at the page."""


def _speaks(request: Request) -> Language:
    return language_of(request, core_of(request).settings)


Speaks = Annotated[Language, Depends(_speaks)]

public = APIRouter(responses=RESPONSES)
router = APIRouter(prefix="/api", responses=RESPONSES, dependencies=[Depends(auth.signed_in)])


@public.get("/health", summary="Is the controller serving?", tags=["machine"])
def health() -> answers.Health:
    return answers.Health()


@public.post(
    "/api/session",
    summary="Sign in; the session is an HttpOnly cookie",
    tags=["session"],
    responses=WRITES | {429: {"model": Problem, "description": "Too many wrong attempts"}},
)
def sign_in(core: Desk, body: SignIn, request: Request, response: Response) -> answers.SignedIn:
    user = auth.sign_in(request, response, core.settings, body.name, body.password)
    return answers.SignedIn(display=user.display)


@public.delete("/api/session", summary="Sign out", tags=["session"], status_code=204)
def sign_out(request: Request, response: Response) -> None:
    auth.sign_out(request, response)


@router.get("/today", summary="Who waits, who is inside, what the screens show", tags=["visits"])
def today(core: Desk) -> answers.Today:
    return answers.Today.model_validate(
        {
            "waiting": store.waiting_visits(),
            "help": store.help_calls(),
            "passes": store.passes_about(_now()),
            "screens": screens_of(core),
        },
        from_attributes=True,
    )


@router.post(
    "/visits/{visit_id}/decision",
    summary="Admit, ask to wait, or refuse",
    tags=["visits"],
    responses=WRITES | CONFLICT,
)
def decide(core: Desk, user: User, visit_id: RowId, body: Decision) -> answers.Decided:
    visit = deciding.decide(
        core,
        visit_id,
        body.decision,
        user.display,
        _now(),
        category=body.category,
        reason=body.reason,
        to_leader=body.to_leader,
    )
    return _decided(visit)


@router.post(
    "/visits/{visit_id}/appointment",
    summary="This visitor is that expected guest; decided anew",
    tags=["visits"],
    responses=WRITES | CONFLICT,
)
def join(core: Desk, user: User, visit_id: RowId, body: JoinIn) -> answers.Decided:
    visit = deciding.join(core, visit_id, body.appointment, user.display, _now())
    return _decided(visit)


@router.post(
    "/help/{call_id}/answer",
    summary="Somebody goes to the kiosk that called",
    tags=["visits"],
    status_code=204,
    responses=WRITES | CONFLICT,
)
def answer_help(core: Desk, user: User, call_id: RowId) -> None:
    deciding.answer_help_call(core, call_id, user.display, _now())


@router.post(
    "/scans",
    summary="Scan a pass in or out; a refused scan is an answer too",
    tags=["passes"],
    responses=WRITES,
)
def scan(core: Desk, user: User, body: ScanIn, request: Request) -> answers.Scanned:
    view = View(language_of(request, core.settings), core.settings.zone, _now())
    text, by = body.text.strip(), user.display
    if is_invitation(text):
        return _shown(core, text, view)
    if goods.is_one(text):
        return _goods_scanned(goods.scan(core, body.id, text, by, view.now, seen=body.seen), view)
    result = scanning.scan(core, body.id, text, body.direction, by, view.now, seen=body.seen)
    asks = result.code == NUMBER_ONLY
    tone = "odd" if asks or result.code in _ODD else "good" if result.ok else "bad"
    kind = "out" if result.ok and result.code in _ODD else "scan"
    facts = {"words": view.t(f"{kind}_{result.code}"), "tone": tone, "asks": asks}
    return answers.Scanned.model_validate(
        vars(result) | facts | {"lines": _holder(result.number, view) if asks else ()}
    )


@router.put(
    "/passes/{pass_id}/holder",
    summary="Whose pass of a party's it is, told later",
    tags=["passes"],
    responses=WRITES | CONFLICT,
)
def name_holder(core: Desk, user: User, pass_id: RowId, body: HolderIn) -> answers.Pass:
    row = visits.name_holder(core, pass_id, body.holder, user.display, _now())
    return answers.Pass.model_validate(row)


@router.get(
    "/passes/{pass_id}/qr.svg",
    summary="The original half's QR code, to show or print",
    tags=["passes"],
    response_class=Response,
    responses=CONFLICT | {200: {"content": {"image/svg+xml": {}}}},
)
def pass_qr(pass_id: RowId) -> Response:
    row = store.pass_by_id(pass_id)
    if row is None:
        raise Refused(404, "not_found")
    return Response(svg(row.original), media_type="image/svg+xml")


@router.get("/screens", summary="Which screens show which revision", tags=["devices"])
def screens_now(core: Desk) -> answers.Screens:
    return answers.Screens.model_validate(screens_of(core))


@router.get("/devices", summary="Which devices are online, and since when", tags=["devices"])
def devices() -> list[answers.Device]:
    return [answers.Device.model_validate(device) for device in store.devices()]


@router.get("/appointments", summary="Today's appointments", tags=["visits"])
def appointments(core: Desk) -> list[answers.Appointment]:
    rows = store.appointments(*core.day_of(_now()))
    return [answers.Appointment.model_validate(row) for row in rows]


@router.post(
    "/appointments",
    summary="Expect a visitor; the answer has the code for the kiosk",
    tags=["visits"],
    status_code=201,
    responses=WRITES | CONFLICT,
)
def make_appointment(core: Desk, user: User, body: AppointmentIn) -> answers.Appointment:
    now = _now()
    starts, ends = from_to(core, body.starts, body.ends, now)
    wish: appointment_rules.Wish = {
        "name": body.name,
        "organisation": body.organisation,
        "category": body.category,
        "party": body.party,
        "host_id": body.host,
        "room_id": body.room,
        "crowded": body.crowded,
        "starts": starts,
        "ends": ends,
        "phone_last4": body.phone_last4,
        "names": _names(body.names),
    }

    def make() -> AppointmentRow:
        if body.kind is AppointmentKind.RECURRING:
            return _make_series(core, user, body, wish, now)[0]
        return appointment_rules.make(core, by=user.display, now=now, kind=body.kind, **wish)

    row = once(body.id, now, make, store.appointment)
    made = answers.Appointment.model_validate(row)
    return made.model_copy(update={"days": max(len(store.invited(row.invitation)), 1)})


@router.post(
    "/appointments/{appointment_id}/notice",
    summary="Put an appointment on the board",
    tags=["visits"],
    status_code=201,
    responses=WRITES | CONFLICT,
)
def announce(core: Desk, user: User, appointment_id: RowId) -> answers.Notice:
    row = appointment_rules.announce(core, appointment_id, user.display, _now())
    return answers.Notice.model_validate(row)


@router.post(
    "/appointments/{appointment_id}/cancellation",
    summary="Nobody comes any more: its room is free, its code lets nobody in",
    tags=["visits"],
    responses=WRITES | CONFLICT,
)
def cancel(core: Desk, user: User, appointment_id: RowId, body: CancelIn) -> answers.Appointment:
    args = (body.reason, body.id, user.display, _now())
    row = appointment_rules.cancel(core, appointment_id, *args)
    return answers.Appointment.model_validate(row)


@router.get(
    "/rooms", summary="Which rooms are free in a span of time, and which fits", tags=["visits"]
)
def rooms(core: Desk, query: Annotated[RoomQuery, Query()]) -> answers.RoomStates:
    starts, ends = from_to(core, query.starts, query.ends, _now())
    if ends <= starts:
        raise Refusal("ends_before_start", "ends")
    states = store.rooms_between(starts, ends)
    return answers.RoomStates.model_validate(
        {
            "rooms": [
                {"id": room.id, "name": room.name, "capacity": room.capacity, "free": state.free}
                for room, state in zip(store.rooms(), states, strict=True)
                if room.kind in BOOKABLE
            ],
            "proposed": fitting_room(states, query.party),
        }
    )


@router.get("/directory", summary="People, rooms and cars that a form can name", tags=["office"])
def directory() -> answers.Directory:
    return answers.Directory.model_validate(
        {"people": store.people(), "rooms": store.rooms(), "cars": store.cars()},
        from_attributes=True,
    )


def _decided(visit: VisitRow) -> answers.Decided:
    issued = store.passes_of_visit(visit.id)
    return answers.Decided.model_validate({"visit": visit, "passes": issued}, from_attributes=True)


def _shown(core: Core, invitation: str, view: View) -> answers.Scanned:
    """An invitation at the desk: whose it is, and whether it is good for today."""
    try:
        row = appointment_rules.invited(core, invitation, view.now)
    except Refusal as refusal:
        code = "invitation_unknown" if refusal.code == "unknown_code" else refusal.code
        return answers.Scanned.model_validate(
            _NOTHING | {"code": code, "words": view.t(f"code_{code}"), "at": view.now}
        )
    when = view.span(row.starts, row.ends)
    facts = {"code": "invitation", "tone": "good", "name": row.name, "number": row.code}
    words = view.t("scan_invitation", when=when, host=row.host or view.t("desk_person"))
    return answers.Scanned.model_validate(_NOTHING | facts | {"words": words, "at": view.now})


def _goods_scanned(scanned: goods.Scanned, view: View) -> answers.Scanned:
    """A goods slip at the desk, with its list to compare with."""
    asks = scanned.code == NUMBER_ONLY
    slip = scanned.slip
    return answers.Scanned(
        ok=scanned.ok,
        code=scanned.code,
        words=view.t(f"goods_scan_{scanned.code}"),
        tone="odd" if asks else "good" if scanned.ok else "bad",
        number=slip.number if slip else "",
        name=slip.whose if slip else "",
        direction=Direction.OUT,
        at=scanned.at,
        lines=view.goods(slip) if slip and (scanned.ok or asks) else (),
        asks=asks,
    )


def _holder(number: str, view: View) -> tuple[str, ...]:
    """What the desk knows of a pass's holder, for a person to compare."""
    if (row := store.pass_by_number(number)) is None:
        return ()
    whose = row.visit if row.visit != row.name else ""
    until = view.t("valid_until", clock=view.clock(row.valid_until))
    said = (whose, view.t(f"category_{row.category}"), row.host, row.destination, until)
    return tuple(filter(None, said))


def screens_of(core: Core) -> screens.Standing:
    published = {group: store.sections(group) for group in store.groups()}
    usual = core.settings.board.group
    return screens.standing(store.devices(), store.receipts(), published, store.epoch(), usual)


def _make_series(
    core: Core, user: auth.Caller, body: AppointmentIn, wish: appointment_rules.Wish, now: datetime
) -> list[AppointmentRow]:
    if not body.weekdays:
        raise BadField("weekdays", "missing")
    if body.until is None:
        raise BadField("until", "missing")
    return appointment_rules.make_series(
        core, weekdays=body.weekdays, until=body.until, by=user.display, now=now, **wish
    )


def _names(text: str) -> tuple[str, ...]:
    """One name a line. Raises as a form's field does."""
    names = names_in(text)
    if len(names) > MOST_IN_PARTY:
        raise BadField("names", "too_big", most=MOST_IN_PARTY)
    if any(len(name) > LONGEST_NAME for name in names):
        raise BadField("names", "too_long", most=LONGEST_NAME)
    return names
