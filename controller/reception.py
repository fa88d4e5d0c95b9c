"""Reception: what a kiosk asks for, and what the desk decides (the seed's 3.0 and 4.0).

Each request is one function: gather, decide purely, commit once, then tell. A request is known by
its key, so repeating it (a lost answer, a killed kiosk) finds what it did and does nothing twice.
"""

import logging
import random
import secrets
from datetime import datetime, time, timedelta
from typing import TypedDict, Unpack

from controller import guests, material, tea
from controller.core import Core, Refusal
from controller.scanning import leave
from controller.whereabouts import away_now
from models import confirming, matching, passes, rules, store
from models.matching import Party
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
    Host,
    Leave,
    LeaveView,
    PassCard,
    Register,
    Request,
    Status,
    VisitStep,
    VisitUpdate,
    VisitView,
    Withdraw,
    encode,
)
from models.store import AppointmentRow, PassRow, VisitRow
from models.terms import (
    Admission,
    AppointmentKind,
    Category,
    DeskDecision,
    Half,
    PassState,
    Reason,
    VisitState,
    mask_name,
)

log = logging.getLogger(__name__)

_MOST_WAITING = 100
"""Visitors waiting from one kiosk. More is a child playing, or a fault."""
_PASS_LETTERS = {Category.CONTRACTOR: "C"}
_LEAVES_MATERIAL = "leave_material"
"""The rules' code for an applicant without appointment (4.4)."""


class Wish(TypedDict):
    """An appointment as somebody wishes it; `phone_last4` may be empty."""

    name: str
    organisation: str
    category: Category
    party: int
    host_id: int | None
    room_id: int | None
    starts: datetime
    ends: datetime
    phone_last4: str


def answer(core: Core, request: Request, now: datetime) -> Answer:
    """Serve one request of a kiosk. Never raises for what a visitor may send."""
    try:
        body = _serve(core, request, now)
    except Refusal as refusal:
        return Answer(device=request.device, key=request.key, ok=False, code=refusal.code)
    return Answer(device=request.device, key=request.key, ok=True, body=body)


def _serve(core: Core, request: Request, now: datetime) -> AnswerBody | None:
    device, key = request.device, request.key
    match request.body:
        case Register() as body:
            return register(core, device, key, body, now)
        case Status(visit=visit):
            return _view(_own_visit(device, visit))
        case Withdraw(visit=visit):
            return withdraw(core, device, visit, now)
        case FindAppointment(code=code):
            found = _find_appointment(core, device, code, now)
            return AppointmentView(
                name=mask_name(found.name), starts=found.starts, host=found.host, party=found.party
            )
        case FindVisit(code=code):
            return find_visit(core, device, code, now)
        case Leave(text=text):
            return LeaveView(number=leave(core, device, key, text, now))
        case CallDesk(visit=visit):
            call_desk(core, device, key, visit, now)
            return None
        case Directory():
            return directory(core, now)


# --- what a kiosk asks ---------------------------------------------------------------------------


def register(core: Core, kiosk: str, key: str, body: Register, now: datetime) -> VisitView:
    """Store a registration and decide it. Raises Refusal: unknown_host, unknown_code,
    ambiguous_code, too_many_tries, too_many_waiting, malformed."""
    with store.transaction():
        if known := store.visit_by_key(key):
            if known.kiosk != kiosk:
                raise Refusal("malformed")
            return _view(known)
        if store.count_waiting(kiosk) >= _MOST_WAITING:
            raise Refusal("too_many_waiting")
        appointment = _find_appointment(core, kiosk, body.code, now) if body.code else None
        visit = _add(core, kiosk, key, body, appointment, now)
        if visit.admission is Admission.ADMIT:
            visit = _admit(core, visit, "rules", now)
        tea.follow(visit, f"kiosk-{kiosk}", now)
    core.committed("visits", "passes")
    return _view(visit)


def _add(
    core: Core,
    kiosk: str,
    key: str,
    body: Register,
    appointment: AppointmentRow | None,
    now: datetime,
) -> VisitRow:
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
        booked_room=_booked_room(appointment, now),
    )
    decision = rules.decide(application, core.policy, store.rooms_now(now))
    no_entry = decision.admission is Admission.NO_ENTRY
    visit = store.add_visit(
        decision,
        key=key,
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
        registered_at=now,
        consent_at=now,
        decided_at=now if no_entry else None,
        decided_by="rules" if no_entry else "",
    )
    store.record(now, f"kiosk-{kiosk}", "registered", visit.number, category=category)
    if visit.code == _LEAVES_MATERIAL:
        material.expect(visit, f"kiosk-{kiosk}", now)
    return visit


def withdraw(core: Core, kiosk: str, key: str, now: datetime) -> VisitView:
    """The visitor cancels. A visit that was decided first stays decided."""
    with store.transaction():
        visit = _own_visit(kiosk, key)
        if visit.state is VisitState.WAITING:
            visit = store.change_visit(
                visit.id, state=VisitState.WITHDRAWN, decided_at=now, decided_by="visitor"
            )
            store.record(now, f"kiosk-{kiosk}", "withdrawn", visit.number)
            tea.follow(visit, f"kiosk-{kiosk}", now)
    core.committed("visits")
    return _view(visit)


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
    present = [v for v in store.present_visits(*day_of(core, now)) if not _is_over(v)]
    mine = [v for v in present if v.phone_last4 == code]
    if len(mine) > 1:
        raise Refusal("ambiguous_code", "code")
    if mine:
        return _view(_moved(mine[0], kiosk, now))
    core.guesses.note(counted, tries)
    if numbered := [v for v in present if v.number.endswith(code)]:
        waits = numbered[0].state is VisitState.WAITING
        raise Refusal("found_waiting" if waits else "found_admitted")
    raise Refusal("unknown_code", "code")


def _is_over(visit: VisitRow) -> bool:
    held = store.pass_of_visit(visit.id)
    return held is not None and held.state in (PassState.RETURNED, PassState.REVOKED)


def _moved(visit: VisitRow, kiosk: str, now: datetime) -> VisitRow:
    if visit.kiosk == kiosk:
        return visit
    with store.transaction():
        visit = store.change_visit(visit.id, kiosk=kiosk)
        store.record(now, f"kiosk-{kiosk}", "found_again", visit.number)
    return visit


def call_desk(core: Core, kiosk: str, key: str, visit_key: str | None, now: datetime) -> None:
    """呼叫前台: put a call on the desk's page."""
    with store.transaction():
        visit = store.visit_by_key(visit_key) if visit_key else None
        store.add_help_call(key, kiosk, visit.id if visit else None, now)
        store.record(now, f"kiosk-{kiosk}", "called_desk")
    core.committed("help")


def directory(core: Core, now: datetime) -> DirectoryView:
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
        departments=tuple(Department(name=n, hosts=tuple(h)) for n, h in departments.items())
    )


def _own_visit(kiosk: str, key: str) -> VisitRow:
    visit = store.visit_by_key(key)
    if visit is None or visit.kiosk != kiosk:
        raise Refusal("unknown_visit")
    return visit


def _find_appointment(core: Core, kiosk: str, code: str, now: datetime) -> AppointmentRow:
    """Today's appointment under a code. Codes are short, so wrong ones are counted and logged."""
    tries = now.timestamp()
    if not core.guesses.allows(kiosk, tries):
        raise Refusal("too_many_tries")
    start, end = day_of(core, now)
    found = store.appointments_by_code(code, start, end)
    if not found:
        core.guesses.note(kiosk, tries)
        log.warning("kiosk %s asked for a code that nobody has today", kiosk)
        raise Refusal("unknown_code", "code")
    if len(found) > 1:
        raise Refusal("ambiguous_code", "code")
    return found[0]


def day_of(core: Core, now: datetime) -> tuple[datetime, datetime]:
    """The site's calendar day around a moment, as two moments."""
    midnight = datetime.combine(core.local(now).date(), time(), core.settings.zone)
    return midnight, midnight + timedelta(days=1)


# --- what the desk decides -----------------------------------------------------------------------


def decide(
    core: Core,
    visit_id: int,
    decision: DeskDecision,
    by: str,
    now: datetime,
    category: Category | None = None,
    reason: Reason | None = None,
    *,
    to_leader: bool = False,
) -> VisitRow:
    """放行, 請再等候 or 婉拒, where wanted after re-classing the visit.

    The `reason` of a refusal is for the desk and the guard; the visitor's screen is the same.
    With `to_leader` an honoured guest goes straight to the host's office (4.1).

    Raises Refusal: not_found, already_decided, no_entry (the rules keep this category outside).
    """
    with store.transaction():
        visit = store.visit(visit_id)
        if visit is None:
            raise Refusal("not_found")
        if visit.state is not VisitState.WAITING:
            raise Refusal("already_decided")
        if category is not None and category is not visit.category:
            visit = _decide_anew(core, visit, category, now)
        visit = settle(core, visit, decision, by, now, reason=reason, to_leader=to_leader)
        store.record(now, by, f"desk_{decision}", visit.number, category=visit.category)
    core.committed("visits", "passes")
    return visit


def settle(
    core: Core,
    visit: VisitRow,
    decision: DeskDecision,
    by: str,
    now: datetime,
    *,
    code: str = "desk_refused",
    reason: Reason | None = None,
    to_leader: bool = False,
) -> VisitRow:
    """Do what was decided of a waiting visit and tell its kiosk, in the caller's transaction.
    `code` is what the visitor is told of a refusal, `reason` what the desk and the guard are.
    Raises Refusal: no_entry."""
    if decision is DeskDecision.ADMIT:
        visit = _let_in(core, visit, by, now, to_leader=to_leader)
    elif decision is DeskDecision.REFUSE:
        visit = _refuse(visit, code, reason, by, now)
    else:
        visit = store.change_visit(visit.id, asked_to_wait=True)
    tea.follow(visit, by, now)
    tell_kiosk(core, visit)
    return visit


def _let_in(core: Core, visit: VisitRow, by: str, now: datetime, *, to_leader: bool) -> VisitRow:
    # The room that was free when they registered may be somebody else's by now.
    visit = _decide_anew(core, visit, visit.category, now)
    if visit.admission is Admission.NO_ENTRY:
        raise Refusal("no_entry")
    if to_leader and visit.category in guests.HONOURED and visit.host:
        visit = store.change_visit(visit.id, destination=visit.host)
    if missing := guests.missing(visit):
        store.record(now, by, "admitted_unready", visit.number, missing=missing)
    return _admit(core, visit, by, now)


def suggestions(
    core: Core, visits: list[VisitRow], now: datetime
) -> dict[int, list[AppointmentRow]]:
    """For each waiting visit's id, whose appointment of today they may have come for."""
    open_today = {a.id: a for a in store.appointments(*day_of(core, now)) if not a.arrived}
    expected = [Party(a.id, a.name, a.organisation, a.host_id) for a in open_today.values()]
    return {
        visit.id: [open_today[found] for found in matching.suggest(_as_party(visit), expected)]
        for visit in visits
        if visit.appointment_id is None
    }


def _as_party(visit: VisitRow) -> Party:
    return Party(visit.id, visit.name, visit.organisation, visit.host_id)


def join(core: Core, visit_id: int, appointment_id: int, by: str, now: datetime) -> VisitRow:
    """The desk says that this walk-in is that expected guest: they are decided anew as one.

    Raises Refusal: not_found, already_decided, appointment_used.
    """
    with store.transaction():
        visit, appointment = store.visit(visit_id), store.appointment(appointment_id)
        if visit is None or appointment is None:
            raise Refusal("not_found")
        if visit.state is not VisitState.WAITING or visit.appointment_id is not None:
            raise Refusal("already_decided")
        start, end = day_of(core, now)
        if appointment.arrived or not (appointment.starts < end and appointment.ends > start):
            raise Refusal("appointment_used")
        visit = store.change_visit(
            visit.id,
            appointment=appointment.id,
            organisation=visit.organisation or appointment.organisation,
            host=appointment.host_id or visit.host_id,
            department=appointment.department or visit.department,
            # Whoever registers alone may have left the others at the door.
            party=max(visit.party, appointment.party),
        )
        visit = _decide_anew(core, visit, appointment.category, now)
        if visit.admission is Admission.ADMIT:
            visit = _admit(core, visit, by, now)
        store.record(now, by, "joined", visit.number, appointment=appointment.id)
        tea.follow(visit, by, now)
        tell_kiosk(core, visit)
    core.committed("visits", "passes")
    return visit


def _refuse(visit: VisitRow, code: str, reason: Reason | None, by: str, now: datetime) -> VisitRow:
    """婉拒. Who was re-classed as an uninvited applicant may still leave material; of anybody else
    the guard's list tells in silence."""
    leaves = visit.category is Category.APPLICANT and visit.admission is Admission.NO_ENTRY
    if leaves:
        material.expect(visit, by, now)
    else:
        store.record(now, by, "guard_told", visit.number, reason=reason or "")
    return store.change_visit(
        visit.id,
        state=VisitState.REFUSED,
        code=_LEAVES_MATERIAL if leaves else code,
        refusal=reason or "",
        decided_at=now,
        decided_by=by,
    )


def answer_help_call(core: Core, call_id: int, by: str, now: datetime) -> None:
    """Somebody goes to the kiosk. Raises Refusal: not_found, also when another was faster."""
    with store.transaction():
        if not store.answer_help_call(call_id, by, now):
            raise Refusal("not_found")
    core.committed("help")


def make_appointment(
    core: Core,
    *,
    by: str,
    now: datetime,
    kind: AppointmentKind = AppointmentKind.PERSON,
    **wish: Unpack[Wish],
) -> AppointmentRow:
    """Expect a visitor; the four-digit code is theirs to type at the kiosk. Raises Refusal as
    `expect` does."""
    with store.transaction():
        row = expect(core, by=by, now=now, kind=kind, **wish)
    core.committed("visits")
    return row


def expect(
    core: Core,
    *,
    by: str,
    now: datetime,
    source: str = "",
    kind: AppointmentKind = AppointmentKind.PERSON,
    code: str = "",
    **wish: Unpack[Wish],
) -> AppointmentRow:
    """Make an appointment in the caller's transaction; without a `code` it gets one of its own.

    Raises Refusal: ends_before_start, unknown_host, unknown_room, room_taken, no_code_left.
    """
    starts, ends, host, room = wish["starts"], wish["ends"], wish["host_id"], wish["room_id"]
    if not now < ends or not starts < ends:
        raise Refusal("ends_before_start", "ends")
    if host is not None and store.person(host) is None:
        raise Refusal("unknown_host", "host")
    if room is not None and room not in {room.id for room in store.rooms()}:
        raise Refusal("unknown_room", "room")
    try:
        row = store.add_appointment(
            code=code or free_code(core, starts, ends),
            phone_last4=wish["phone_last4"],
            name=wish["name"],
            organisation=wish["organisation"],
            category=wish["category"],
            party=wish["party"],
            host=host,
            room=room,
            starts=starts,
            ends=ends,
            by=by,
            source=source,
            kind=kind,
        )
    except store.RoomTaken:
        raise Refusal("room_taken", "room") from None
    store.record(now, by, "appointment_made", f"appointment-{row.id}", starts=starts)
    return row


def free_code(core: Core, starts: datetime, ends: datetime) -> str:
    """Four digits that nobody else is found by on those days. Raises Refusal: no_code_left."""
    start, _ = day_of(core, starts)
    _, end = day_of(core, ends)
    taken = store.codes_in_use(start, end)
    free = [code for code in (f"{number:04d}" for number in range(10_000)) if code not in taken]
    if not free:
        raise Refusal("no_code_left")
    return random.SystemRandom().choice(free)


def _booked_room(appointment: AppointmentRow | None, now: datetime) -> str:
    """The room that waits for an expected guest. Who comes long before or after their time may
    find others in it."""
    if appointment is None or store.used_by_others(appointment.id, now):
        return ""
    return appointment.room


def _decide_anew(core: Core, visit: VisitRow, category: Category, now: datetime) -> VisitRow:
    """What the rules say of a waiting visit as things stand now."""
    appointment = store.appointment(visit.appointment_id) if visit.appointment_id else None
    application = rules.Application(
        category=category,
        expected=appointment is not None,
        party=visit.party,
        department=visit.department,
        booked_room=_booked_room(appointment, now),
    )
    decision = rules.decide(application, core.policy, store.rooms_now(now))
    return store.reclass_visit(visit.id, category, decision)


def _admit(core: Core, visit: VisitRow, by: str, now: datetime) -> VisitRow:
    """Let a visit in: its state, its pass and its room, in the caller's transaction."""
    starts = now.replace(microsecond=0)
    ends = starts + timedelta(hours=core.settings.passes.hours)
    token_id = secrets.token_bytes(passes.ID_LENGTH)

    def half(which: Half) -> str:
        claims = passes.Claims(
            id=token_id,
            half=which,
            not_before=int(starts.timestamp()),
            expires=int(ends.timestamp()),
            kid=core.kid,
        )
        return passes.mint(core.signing_key, core.settings.site, claims)

    store.add_pass(
        _PASS_LETTERS.get(visit.category, "A"),
        token_id=token_id,
        visit=visit.id,
        original=half(Half.ORIGINAL),
        duplicate=half(Half.DUPLICATE),
        valid_from=starts,
        valid_until=ends,
        state=PassState.ISSUED,
        issued_at=now,
    )
    appointment = store.appointment(visit.appointment_id) if visit.appointment_id else None
    if not (appointment and visit.destination == appointment.room and now < appointment.ends):
        store.occupy(visit.destination, visit.id, now, ends)
    return store.change_visit(
        visit.id, state=VisitState.ADMITTED, code="", decided_at=now, decided_by=by
    )


# --- what the visitor sees -----------------------------------------------------------------------


def tell_kiosk(core: Core, visit: VisitRow) -> None:
    """Queue how the visit stands for the kiosk it was registered at."""
    update = VisitUpdate(device=visit.kiosk, visit=_view(visit))
    store.queue([encode(update, core.settings.site)])


def _view(visit: VisitRow) -> VisitView:
    admitted = store.pass_of_visit(visit.id) if visit.state is VisitState.ADMITTED else None
    left = store.material_of_visit(visit.id) if visit.code == _LEAVES_MATERIAL else None
    return VisitView(
        visit=visit.key,
        seq=visit.seq,
        state=visit.state,
        code=visit.code,
        name=visit.name,
        host=visit.host,
        wait_at=visit.wait_at,
        destination=visit.destination,
        asked_to_wait=visit.asked_to_wait,
        steps=tuple(
            VisitStep(step=row.step, who=row.who, state=state, at=row.asked_at)
            for row, state in zip(visit.steps, confirming.states(visit.steps), strict=True)
        ),
        pass_=_card(admitted) if admitted else None,
        receipt=left.number if left else "",
        number=visit.number,
    )


def _card(row: PassRow) -> PassCard:
    return PassCard(number=row.number, token=row.original, valid_until=row.valid_until)
