"""What the desk and the host side decide of a waiting visit (the seed's 4.0)."""

from datetime import datetime

from controller import guests, material, permits, tea, telling, webhooks
from controller.core import Core, Refusal
from controller.visits import LEAVES_MATERIAL, admit, decide_anew, tell_kiosk
from models import matching, store
from models.matching import Party
from models.store import AppointmentRow, VisitRow
from models.terms import Admission, Category, DeskDecision, Happening, Reason, VisitState


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

    Raises Refusal: not_found, already_decided (by whom, in words), visit_over, no_entry (the rules
    keep this category outside).
    """
    with store.transaction():
        visit = store.visit(visit_id)
        if visit is None:
            raise Refusal("not_found")
        _check_waiting(core, visit)
        if category is not None and category is not visit.category:
            visit = decide_anew(core, visit, category, now)
        visit = settle(core, visit, decision, by, now, reason=reason, to_leader=to_leader)
        store.record(now, by, f"desk_{decision}", visit.number, category=visit.category)
    core.committed("visits", "passes")
    return visit


def _check_waiting(core: Core, visit: VisitRow) -> None:
    """The second to decide is told who was faster."""
    if visit.state is VisitState.WAITING:
        return
    if visit.state is VisitState.WITHDRAWN or visit.decided_by == "rules":
        raise Refusal("visit_over")
    clock = f"{core.local(visit.decided_at):%H:%M}" if visit.decided_at else ""
    raise Refusal("already_decided", name=visit.decided_by, clock=clock)


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
    tea.follow(core, visit, by, now)
    telling.follow(core, visit, by, now)
    tell_kiosk(core, visit)
    return visit


def _let_in(core: Core, visit: VisitRow, by: str, now: datetime, *, to_leader: bool) -> VisitRow:
    # The room that was free when they registered may be somebody else's by now.
    visit = decide_anew(core, visit, visit.category, now)
    if visit.admission is Admission.NO_ENTRY:
        raise Refusal("no_entry")
    if visit.category is Category.CONTRACTOR:
        permits.clear(core, visit, by, now)
    if to_leader and visit.category in guests.HONOURED and visit.host:
        visit = store.change_visit(visit.id, destination=visit.host)
    if missing := guests.missing(visit):
        store.record(now, by, "admitted_unready", visit.number, missing=missing)
    return admit(core, visit, by, now)


def _refuse(visit: VisitRow, code: str, reason: Reason | None, by: str, now: datetime) -> VisitRow:
    """婉拒. Who was re-classed as an uninvited applicant may still leave material; of anybody else
    the guard's list tells in silence."""
    leaves = visit.category is Category.APPLICANT and visit.admission is Admission.NO_ENTRY
    if leaves:
        material.expect(visit, by, now)
    else:
        store.record(now, by, "guard_told", visit.number, reason=reason or "")
    visit = store.change_visit(
        visit.id,
        state=VisitState.REFUSED,
        code=LEAVES_MATERIAL if leaves else code,
        refusal=reason or "",
        decided_at=now,
        decided_by=by,
    )
    webhooks.visit(Happening.VISIT_DECIDED, visit.id, by, now)
    return visit


def join(core: Core, visit_id: int, appointment_id: int, by: str, now: datetime) -> VisitRow:
    """The desk says that this walk-in is that expected guest: they are decided anew as one.

    Raises Refusal: not_found, already_decided, visit_over, appointment_used,
    already_cancelled.
    """
    with store.transaction():
        visit, appointment = store.visit(visit_id), store.appointment(appointment_id)
        if visit is None or appointment is None:
            raise Refusal("not_found")
        _check_waiting(core, visit)
        if visit.appointment_id is not None:
            raise Refusal("appointment_used")
        if appointment.cancelled:
            raise Refusal("already_cancelled", name=appointment.cancelled_by)
        start, end = core.day_of(now)
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
            names=store.lines(_together(visit, appointment)),
        )
        visit = decide_anew(core, visit, appointment.category, now)
        if visit.admission is Admission.ADMIT:
            visit = admit(core, visit, by, now)
        store.record(now, by, "joined", visit.number, appointment=appointment.id)
        tea.follow(core, visit, by, now)
        telling.follow(core, visit, by, now)
        tell_kiosk(core, visit)
    core.committed("visits", "passes")
    return visit


def _together(visit: VisitRow, appointment: AppointmentRow) -> list[str]:
    """The names of both, the visitor's own first, nobody twice."""
    names = dict.fromkeys([*visit.names, *appointment.names])
    return [name for name in names if name][: max(visit.party, appointment.party)]


def suggestions(
    core: Core, visits: list[VisitRow], now: datetime
) -> dict[int, list[AppointmentRow]]:
    """For each waiting visit's id, whose appointment of today they may have come for."""
    open_today = {a.id: a for a in store.appointments(*core.day_of(now)) if not a.arrived}
    expected = [Party(a.id, a.name, a.organisation, a.host_id) for a in open_today.values()]
    return {
        visit.id: [open_today[found] for found in matching.suggest(_as_party(visit), expected)]
        for visit in visits
        if visit.appointment_id is None
    }


def _as_party(visit: VisitRow) -> Party:
    return Party(visit.id, visit.name, visit.organisation, visit.host_id)


def answer_help_call(core: Core, call_id: int, by: str, now: datetime) -> None:
    """Somebody goes to the kiosk. Raises Refusal: not_found, already_answered (by whom)."""
    with store.transaction():
        if (faster := store.answer_help_call(call_id, by, now)) is None:
            raise Refusal("not_found")
        if faster:
            raise Refusal("already_answered", name=faster)
    core.committed("help")
