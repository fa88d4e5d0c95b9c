"""How a visit stands: what the rules say of it, its pass, and what its visitor is told."""

import secrets
from datetime import datetime, timedelta

from controller import webhooks
from controller.appointments import booked_room
from controller.core import Core, Refusal
from models import confirming, passes, permits, rules, store
from models.messages import MOST_CARDS, PassCard, VisitStep, VisitUpdate, VisitView, encode
from models.store import PassRow, PermitRow, VisitRow, WorkerRow
from models.terms import Category, Half, Happening, PassState, VisitState, mask_name

_PASS_LETTERS = {Category.CONTRACTOR: "C"}
LEAVES_MATERIAL = "leave_material"
"""The rules' code for an applicant without appointment (4.4)."""
REVOKED = "revoked"
"""Told to a visitor who was let in and whose pass holds no longer."""


def decide_anew(core: Core, visit: VisitRow, category: Category, now: datetime) -> VisitRow:
    """What the rules say of a waiting visit as things stand now."""
    permit, worker = visit_permit(visit)
    if permit and worker and category is Category.CONTRACTOR:
        decision = rules.decide(works(core, permit, worker, now), core.policy, store.rooms_now(now))
        return store.reclass_visit(visit.id, category, decision)
    appointment = store.appointment(visit.appointment_id) if visit.appointment_id else None
    application = rules.Application(
        category=category,
        expected=appointment is not None,
        party=visit.party,
        department=visit.department,
        booked_room=booked_room(appointment, now),
    )
    decision = rules.decide(application, core.policy, store.rooms_now(now))
    return store.reclass_visit(visit.id, category, decision)


def visit_permit(visit: VisitRow) -> tuple[PermitRow | None, WorkerRow | None]:
    """The works permit and the worker that a visit is of."""
    if visit.permit_id is None or visit.worker_id is None:
        return None, None
    return store.permit(visit.permit_id), store.worker(visit.worker_id)


def works(core: Core, permit: PermitRow, worker: WorkerRow, now: datetime) -> rules.Application:
    """What the rules are told of a worker with a permit."""
    why = "permit_worker_removed" if worker.removed else permits.flaw(permit.days, core.local(now))
    return rules.Application(
        category=Category.CONTRACTOR,
        expected=not why,
        party=1,
        department=permit.site,
        flaw=why,
        identified=worker.checked_at is not None,
    )


def _span(core: Core, visit: VisitRow, now: datetime) -> tuple[datetime, datetime]:
    """From when until when a pass holds that is issued now: a worker's for the day's hours."""
    starts = now.replace(microsecond=0)
    permit, _ = visit_permit(visit)
    if permit and visit.category is Category.CONTRACTOR:
        return permits.working_hours(permit.days, starts, core.settings.zone)
    return starts, starts + timedelta(hours=core.settings.passes.hours)


def admit(core: Core, visit: VisitRow, by: str, now: datetime) -> VisitRow:
    """Let a visit in: its state, a pass for each person (一人一證) and its room, in the caller's
    transaction."""
    starts, ends = _span(core, visit, now)
    holders = [*visit.names, *[""] * visit.party]
    for place in range(1, visit.party + 1):
        _issue(core, visit, place, holders[place - 1], starts, ends)
    appointment = store.appointment(visit.appointment_id) if visit.appointment_id else None
    if not (appointment and visit.destination == appointment.room and now < appointment.ends):
        store.occupy(visit.destination, visit.id, now, ends)
    visit = store.change_visit(
        visit.id, state=VisitState.ADMITTED, code="", decided_at=now, decided_by=by
    )
    webhooks.visit(Happening.VISIT_DECIDED, visit.id, by, now)
    core.committed("passes")
    return visit


def _issue(
    core: Core, visit: VisitRow, place: int, holder: str, starts: datetime, ends: datetime
) -> None:
    """Mint both halves of one person's pass."""
    ring, token_id = core.ring, secrets.token_bytes(passes.ID_LENGTH)
    life = int(starts.timestamp()), int(ends.timestamp())
    store.add_pass(
        _PASS_LETTERS.get(visit.category, "A"),
        token_id=token_id,
        visit=visit.id,
        place=place,
        holder=holder,
        original=ring.mint(token_id, Half.ORIGINAL, *life),
        duplicate=ring.mint(token_id, Half.DUPLICATE, *life),
        valid_from=starts,
        valid_until=ends,
        state=PassState.ISSUED,
        issued_at=starts,
    )


def name_holder(core: Core, pass_id: int, holder: str, by: str, now: datetime) -> PassRow:
    """Whose pass it is, told later; an empty name takes it back. Raises Refusal: not_found."""
    with store.transaction():
        row = store.pass_by_id(pass_id)
        if row is None:
            raise Refusal("not_found")
        if row.holder != holder:
            store.change_pass(pass_id, holder=holder)
            store.record(now, by, "holder_named", row.number)
    core.committed("passes")
    return store.pass_by_id(pass_id) or row


def printer_at(kiosk: str) -> str:
    """The name of a kiosk's own printer, where it has one."""
    return f"kiosk-{kiosk}"


def tell_kiosk(core: Core, visit: VisitRow) -> None:
    """Queue how the visit stands for the kiosk it was registered at."""
    update = VisitUpdate(device=visit.kiosk, visit=view(visit))
    store.queue([encode(update, core.settings.site)])


def view(visit: VisitRow) -> VisitView:
    admitted = store.passes_of_visit(visit.id) if visit.state is VisitState.ADMITTED else []
    held = [row for row in admitted if row.state not in (PassState.REVOKED, PassState.LOST)]
    printed, why = store.print_standing(visit.id, printer_at(visit.kiosk))
    left = store.material_of_visit(visit.id) if visit.code == LEAVES_MATERIAL else None
    return VisitView(
        visit=visit.key,
        seq=visit.seq,
        state=visit.state,
        code=REVOKED if admitted and not held else visit.code,
        name=visit.name,
        host=visit.host,
        wait_at=visit.wait_at,
        destination=visit.destination,
        asked_to_wait=visit.asked_to_wait,
        steps=tuple(
            VisitStep(step=row.step, who=row.who, state=state, at=row.asked_at)
            for row, state in zip(visit.steps, confirming.states(visit.steps), strict=True)
        ),
        party=visit.party,
        passes=tuple(map(_card, held[:MOST_CARDS])),
        receipt=left.number if left else "",
        number=visit.number,
        print_state=printed,
        print_code=why,
    )


def _card(row: PassRow) -> PassCard:
    return PassCard(
        number=row.number,
        place=row.place,
        holder=mask_name(row.holder),
        token=row.original,
        valid_until=row.valid_until,
    )
