"""Reception: what a kiosk asks for (the seed's 3.0 and 4.0).

Each request is one function: gather, decide purely, commit once, then tell. A request is known by
its key, so repeating it (a lost answer, a killed kiosk) finds what it did and does nothing twice.
"""

import logging
from datetime import datetime

from controller import counter, material, merging, permits, printing, tea, telling, webhooks
from controller.appointments import booked_room, invited
from controller.core import Core, Refusal
from controller.scanning import leave
from controller.visits import LEAVES_MATERIAL, admit, view
from controller.whereabouts import away_now
from models import rules, store
from models.messages import (
    Answer,
    AnswerBody,
    AppointmentView,
    CallDesk,
    Department,
    Directory,
    DirectoryView,
    FindAppointment,
    FindVisit,
    GateScans,
    Host,
    Leave,
    LeaveView,
    PrintPass,
    PrintTest,
    Register,
    Request,
    Status,
    TakeNumber,
    TicketView,
    VisitView,
    Withdraw,
)
from models.store import AppointmentRow, VisitRow
from models.terms import (
    Admission,
    AppointmentKind,
    Happening,
    PassState,
    VisitState,
    mask_name,
)

log = logging.getLogger(__name__)

_MOST_WAITING = 100
"""Visitors waiting from one kiosk. More is a child playing, or a fault."""


def answer(core: Core, request: Request, now: datetime) -> Answer:
    """Serve one request of a kiosk or gate. Never raises for what a visitor may send."""
    try:
        if isinstance(request.body, GateScans):
            merging.merge(core, request.device, request.body, now)
            return Answer(device=request.device, key=request.key, ok=True)
        body = _serve(core, request, now)
    except Refusal as refusal:
        if request.gone:
            _tell_desk(core, request, refusal, now)
        return Answer(device=request.device, key=request.key, ok=False, code=refusal.code)
    return Answer(device=request.device, key=request.key, ok=True, body=body)


def _serve(core: Core, request: Request, now: datetime) -> AnswerBody | None:
    device, key = request.device, request.key
    match request.body:
        case Register() as body if body.permit:
            return permits.register(core, request, body, now)
        case Register() as body:
            return register(core, request, body, now)
        case TakeNumber() as body:
            return counter.take_number(core, device, key, body, now)
        case Withdraw(visit=visit):
            return withdraw(core, device, visit, now)
        case Leave(text=text):
            return LeaveView(number=leave(core, device, key, text, request.asked_at(now)))
        case CallDesk(visit=visit):
            call_desk(core, device, key, visit, now)
            return None
        case PrintPass(visit=visit):
            return view(printing.ask_at_kiosk(core, _own_visit(device, visit), device, key, now))
        case PrintTest(test=test):
            return printing.test_at_kiosk(core, device, test or key, now)
    return _look_up(core, request, now)


def _look_up(core: Core, request: Request, now: datetime) -> AnswerBody | None:
    """What only asks, and changes little or nothing."""
    device = request.device
    match request.body:
        case Status(visit=visit):
            return _status(device, visit)
        case FindAppointment() as asked:
            found = _find_appointment(core, device, asked, now, now)
            return AppointmentView(
                name=mask_name(found.name), starts=found.starts, host=found.host, party=found.party
            )
        case FindVisit(code=code):
            return find_visit(core, device, code, now)
        case Directory():
            return directory(core, device, now)
    return None


def _status(device: str, key: str) -> VisitView | TicketView:
    ticket = store.ticket_by_key(key)
    if ticket is not None and ticket.kiosk == device:
        return counter.view(ticket)
    return view(_own_visit(device, key))


# --- what a kiosk asks ---------------------------------------------------------------------------


def register(core: Core, request: Request, body: Register, now: datetime) -> VisitView:
    """Store a registration and decide it. One that comes late counts from when it was made, and is
    the desk's where its visitor has left the kiosk. Raises Refusal: unknown_host, unknown_code,
    ambiguous_code, invitation_used, invitation_expired, invitation_early, too_many_tries,
    too_many_waiting, malformed."""
    kiosk = request.device
    with store.transaction():
        if known := store.visit_by_key(request.key):
            if known.kiosk != kiosk:
                raise Refusal("malformed")
            return view(known)
        if store.count_waiting(kiosk) >= _MOST_WAITING:
            raise Refusal("too_many_waiting")
        expected = bool(body.code or body.invitation)
        made = request.asked_at(now)
        appointment = _find_appointment(core, kiosk, body, made, now) if expected else None
        visit = _add(core, request, body, appointment, now)
        if visit.admission is Admission.ADMIT:
            visit = admit(core, visit, "rules", now)
        if not request.gone:  # nobody is called for somebody who may not be there
            tea.follow(core, visit, f"kiosk-{kiosk}", now)
            telling.follow(core, visit, f"kiosk-{kiosk}", now)
    core.committed("visits")
    return view(visit)


def _add(
    core: Core,
    request: Request,
    body: Register,
    appointment: AppointmentRow | None,
    now: datetime,
) -> VisitRow:
    kiosk, made = request.device, request.asked_at(now)
    host_id = appointment.host_id if appointment else body.host
    host = store.person(host_id) if host_id else None
    if host_id and not host:
        raise Refusal("unknown_host", "host")
    department = host.department if host else body.department
    category = appointment.category if appointment else core.policy.purposes[body.purpose]
    application = rules.Application(
        category=category,
        expected=appointment is not None,
        party=appointment.party if appointment else body.party,
        department=department,
        booked_room=booked_room(appointment, now),
        absent=request.gone,
    )
    decision = rules.decide(application, core.policy, store.rooms_now(now))
    no_entry = decision.admission is Admission.NO_ENTRY
    visit = store.add_visit(
        decision,
        key=request.key,
        kiosk=kiosk,
        language=body.language,
        purpose=body.purpose,
        category=category,
        name=appointment.name if appointment else body.name,
        organisation=appointment.organisation if appointment else body.organisation,
        phone=body.phone,
        department=department,
        host=host_id,
        party=application.party,
        appointment=appointment.id if appointment else None,
        state=VisitState.REFUSED if no_entry else VisitState.WAITING,
        code=decision.code,
        registered_at=made,
        consent_at=made,
        names=store.lines(_names(body, appointment, application.party)),
        decided_at=now if no_entry else None,
        decided_by="rules" if no_entry else "",
    )
    store.record(now, f"kiosk-{kiosk}", "registered", visit.number, category=category)
    webhooks.visit(Happening.VISIT_REGISTERED, visit.id, f"kiosk-{kiosk}", now)
    if no_entry:
        webhooks.visit(Happening.VISIT_DECIDED, visit.id, "rules", now)
    if visit.code == LEAVES_MATERIAL:
        material.expect(visit, f"kiosk-{kiosk}", now)
    return visit


def _names(body: Register, appointment: AppointmentRow | None, party: int) -> list[str]:
    """The party's names by place. Who registers by name is the first; a delegation is called by
    its own name, which is nobody's."""
    if appointment is None:
        return [body.name, *body.others][:party]
    if appointment.names:
        return list(appointment.names[:party])
    alone = appointment.party == 1 or appointment.kind is not AppointmentKind.DELEGATION
    return [appointment.name, *body.others][:party] if alone else ["", *body.others][:party]


def withdraw(core: Core, kiosk: str, key: str, now: datetime) -> VisitView:
    """The visitor cancels. A visit that was decided first stays decided."""
    with store.transaction():
        visit = _own_visit(kiosk, key)
        if visit.state is VisitState.WAITING:
            visit = store.change_visit(
                visit.id, state=VisitState.WITHDRAWN, decided_at=now, decided_by="visitor"
            )
            store.record(now, f"kiosk-{kiosk}", "withdrawn", visit.number)
            webhooks.visit(Happening.VISIT_DECIDED, visit.id, f"kiosk-{kiosk}", now)
            tea.follow(core, visit, f"kiosk-{kiosk}", now)
            telling.follow(core, visit, f"kiosk-{kiosk}", now)
    core.committed("visits")
    return view(visit)


def find_visit(core: Core, kiosk: str, code: str, now: datetime) -> VisitView:
    """The visit of somebody who comes back to a kiosk, which from now on is told how it stands.

    Numbers of visits are counted up and so easily guessed: one tells how the visit stands, and
    opens neither the pass nor the way to cancel it. Raises Refusal: unknown_code, ambiguous_code,
    too_many_tries; found_waiting and found_admitted for a visit found by its number.
    """
    # Counted apart from the appointments: the kiosk asks for both with the same digits.
    counted, tries = ("visit", kiosk), now.timestamp()
    if not core.guesses.allows(counted, tries):
        raise Refusal("too_many_tries")
    present = [v for v in store.present_visits(*core.day_of(now)) if not _is_over(v)]
    mine = [v for v in present if v.phone_last4 == code]
    if len(mine) > 1:
        raise Refusal("ambiguous_code", "code")
    if mine:
        return view(_moved(mine[0], kiosk, now))
    core.guesses.note(counted, tries)
    if numbered := [v for v in present if v.number.endswith(code)]:
        waits = numbered[0].state is VisitState.WAITING
        raise Refusal("found_waiting" if waits else "found_admitted")
    raise Refusal("unknown_code", "code")


def _is_over(visit: VisitRow) -> bool:
    held = store.passes_of_visit(visit.id)
    return bool(held) and not any(p.state in (PassState.ISSUED, PassState.INSIDE) for p in held)


def _moved(visit: VisitRow, kiosk: str, now: datetime) -> VisitRow:
    if visit.kiosk == kiosk:
        return visit
    with store.transaction():
        visit = store.change_visit(visit.id, kiosk=kiosk)
        store.record(now, f"kiosk-{kiosk}", "found_again", visit.number)
    return visit


def _tell_desk(core: Core, request: Request, refusal: Refusal, now: datetime) -> None:
    """What a visitor has left behind is refused: nobody reads the answer but the desk."""
    body = request.body
    if not isinstance(body, Register):
        return
    with store.transaction():
        made, who = request.asked_at(now), body.name or body.code
        if store.add_help_call(request.key, request.device, None, made, refusal.code, who):
            store.record(now, f"kiosk-{request.device}", "refused_late", code=refusal.code)
    core.committed("help")


def call_desk(core: Core, kiosk: str, key: str, visit_key: str | None, now: datetime) -> None:
    """呼叫前台: put a call on the desk's page."""
    with store.transaction():
        visit = store.visit_by_key(visit_key) if visit_key else None
        if store.add_help_call(key, kiosk, visit.id if visit else None, now):
            store.record(now, f"kiosk-{kiosk}", "called_desk")
    core.committed("help")


def directory(core: Core, kiosk: str, now: datetime) -> DirectoryView:
    """Who can be visited, by department; of those who are out, until when, and who stands in."""
    people = store.people()
    names = {person.id: person.name for person in people}
    out = away_now(core, now)
    departments: dict[str, list[Host]] = {}
    for person in people:
        if person.receives:
            away = out.get(person.id)
            host = Host(
                id=person.id,
                name=person.name,
                away=away.state if away else None,
                back=away.back if away else None,
                deputy=names.get(person.deputy_id or 0, "") if away else "",
            )
            departments.setdefault(person.department, []).append(host)
    return DirectoryView(
        departments=tuple(Department(name=n, hosts=tuple(h)) for n, h in departments.items()),
        prints=printing.has_printer(core, kiosk),
    )


def _own_visit(kiosk: str, key: str) -> VisitRow:
    visit = store.visit_by_key(key)
    if visit is None or visit.kiosk != kiosk:
        raise Refusal("unknown_visit")
    return visit


def _find_appointment(
    core: Core, kiosk: str, asked: FindAppointment | Register, made: datetime, now: datetime
) -> AppointmentRow:
    """The appointment, under an invitation or a code, of the day on which it was asked for. Codes
    are short, so wrong ones are counted and logged."""
    tries = now.timestamp()
    if not core.guesses.allows(kiosk, tries):
        raise Refusal("too_many_tries")
    try:
        if asked.invitation:
            return invited(core, asked.invitation, made)
        return _under_code(core, asked.code, made)
    except Refusal as refusal:
        if refusal.code == "unknown_code":
            core.guesses.note(kiosk, tries)
            log.warning("kiosk %s asked for a code that nobody has today", kiosk)
        raise


def _under_code(core: Core, code: str, now: datetime) -> AppointmentRow:
    found = store.appointments_by_code(code, *core.day_of(now))
    if not found:
        raise Refusal("unknown_code", "code")
    if len(found) > 1:
        raise Refusal("ambiguous_code", "code")
    return found[0]
