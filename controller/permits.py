"""Works permits (施工許可, the seed's VI): on file at the desk, and a worker's pass for each day.

A permit says who works where, and when. Every worker identifies with the permit's code and the last
four of the identity card; whose card the desk has never seen goes to the desk first.
"""

import logging
import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta

from controller import revoking, telling, webhooks
from controller.core import Core, Refusal
from controller.visits import admit, view, visit_permit, works
from models import rules, store
from models.messages import Register, Request, VisitView
from models.permits import LONGEST, MOST_WORKERS, Days, flaw
from models.store import PermitRow, VisitRow, WorkerRow
from models.terms import (
    Admission,
    Category,
    Happening,
    Language,
    PassState,
    PermitState,
    Purpose,
    VisitState,
)

log = logging.getLogger(__name__)

_CODES = 10_000
NOT_ON_PERMIT = "worker_not_on_permit"
"""The event: somebody with a permit's code whose digits are on none of its workers."""
DESK = "desk"
"""Where a visit was registered that no kiosk knows."""


# --- on file -------------------------------------------------------------------------------------


def file(
    core: Core,
    company: str,
    site: str,
    days: Days,
    workers: list[tuple[str, str]],
    by: str,
    now: datetime,
) -> PermitRow:
    """Put a permit on file and draw its code. Raises Refusal: ends_before_start, permit_past,
    permit_too_long, no_weekday, hours_wrong, no_code_left."""
    today = core.local(now).date()
    _check(days)
    if days.ends < today:
        raise Refusal("permit_past", "ends")
    with store.transaction():
        code = _free_code(today - timedelta(days=1))
        row = store.add_permit(days, code=code, company=company, site=site, by=by, at=now)
        for name, id_last4 in workers:
            store.add_worker(row.id, name, id_last4)
        store.record(now, by, "permit_filed", row.number, workers=len(workers))
    core.committed("permits")
    return store.permit(row.id) or row


def _check(days: Days) -> None:
    if days.ends < days.starts:
        raise Refusal("ends_before_start", "ends")
    if days.ends - days.starts > LONGEST:
        raise Refusal("permit_too_long", "ends")
    if not days.weekdays:
        raise Refusal("no_weekday", "weekdays")
    if days.opens and days.closes and days.closes <= days.opens:
        raise Refusal("hours_wrong", "closes")


def _free_code(since: date) -> str:
    used = {row.code for row in store.permits_since(since)}
    if len(used) >= _CODES // 2:
        raise Refusal("no_code_left")
    while (code := f"{secrets.randbelow(_CODES):04d}") in used:
        pass
    return code


def put(core: Core, permit_id: int, state: PermitState, by: str, now: datetime) -> PermitRow:
    """Suspend, resume or end a permit; an ended one stays ended. Raises Refusal: not_found."""
    with store.transaction():
        row = _standing(permit_id)
        if row.days.state is not state:
            row = store.change_permit(row.id, replace(row.days, state=state))
            store.record(now, by, f"permit_{state}", row.number)
    core.committed("permits")
    return row


def add_workers(
    core: Core, permit_id: int, workers: list[tuple[str, str]], by: str, now: datetime
) -> PermitRow:
    """More workers. Raises Refusal: not_found, workers_repeated, workers_too_many."""
    with store.transaction():
        row = _standing(permit_id)
        known = {(worker.name, worker.id_last4) for worker in row.workers}
        if known & set(workers):
            raise Refusal("workers_repeated", "workers")
        if len(known) + len(workers) > MOST_WORKERS:
            raise Refusal("workers_too_many", "workers")
        for name, id_last4 in workers:
            store.add_worker(row.id, name, id_last4)
        store.record(now, by, "workers_added", row.number, workers=len(workers))
    core.committed("permits")
    return store.permit(permit_id) or row


def remove_worker(core: Core, worker_id: int, by: str, now: datetime) -> None:
    """Take a worker off the list. Raises Refusal: not_found."""
    with store.transaction():
        row = _on_list(worker_id)
        store.change_worker(row.id, removed_at=now)
        store.record(now, by, "worker_removed", _standing(row.permit_id).number)
    core.committed("permits")


def _standing(permit_id: int) -> PermitRow:
    row = store.permit(permit_id)
    if row is None or row.days.state is PermitState.ENDED:
        raise Refusal("not_found")
    return row


def _on_list(worker_id: int) -> WorkerRow:
    row = store.worker(worker_id)
    permit = store.permit(row.permit_id) if row else None
    if row is None or permit is None or row.id not in {worker.id for worker in permit.workers}:
        raise Refusal("not_found")
    return row


# --- a worker comes ------------------------------------------------------------------------------


def register(core: Core, request: Request, body: Register, now: datetime) -> VisitView:
    """A worker at a kiosk: decided by the rules, with the permit's own reason where it does not
    hold now; late ones as in `reception.register`. Raises Refusal: too_many_tries,
    unknown_permit, ambiguous_worker, already_inside, malformed."""
    kiosk, key = request.device, request.key
    with store.transaction():
        known = store.visit_by_key(key)
    if known is None:
        # Before the transaction, whose end by a refusal would take back what is noted of it.
        permit, worker = _identify(core, kiosk, body, now)
        with store.transaction():
            made, absent = request.asked_at(now), request.gone
            visit = _visit(
                core, kiosk, key, permit, worker, now, body.language, made=made, absent=absent
            )
            if visit.admission is Admission.ADMIT:
                visit = admit(core, visit, "rules", now)
            if not absent:
                telling.follow(core, visit, f"kiosk-{kiosk}", now)
    elif known.kiosk != kiosk:
        raise Refusal("malformed")
    else:
        visit = known
    core.committed("visits", "passes", "permits")
    return view(visit)


def at_desk(core: Core, worker_id: int, key: str, by: str, now: datetime) -> VisitRow:
    """The desk has found the worker's permit and seen the identity card: the pass, at once.

    A repeat of the key changes nothing. Raises Refusal: not_found, already_inside, and the permit's
    own reason where it does not hold now.
    """
    with store.transaction():
        if known := store.visit_by_key(key):
            return known
        worker = _on_list(worker_id)
        permit = _standing(worker.permit_id)
        if why := flaw(permit.days, core.local(now)):
            raise Refusal(why)
        check(worker, by, now)
        worker = store.worker(worker_id) or worker
        visit = _visit(core, DESK, key, permit, worker, now, core.settings.kiosk.language)
        visit = admit(core, visit, by, now)
        telling.follow(core, visit, by, now)
    core.committed("visits", "passes", "permits")
    return visit


def clear(core: Core, visit: VisitRow, by: str, now: datetime) -> None:
    """Before the desk lets a worker in: the permit must hold, and the identity card has been seen.
    In the caller's transaction. Raises Refusal with the permit's reason."""
    permit, worker = visit_permit(visit)
    if permit is None or worker is None:
        return
    if why := works(core, permit, worker, now).flaw:
        raise Refusal(why)
    check(worker, by, now)


def check(worker: WorkerRow, by: str, now: datetime) -> None:
    """身份證已核對, once for all days, in the caller's transaction."""
    if worker.checked_at is None:
        store.change_worker(worker.id, checked_at=now, checked_by=by)
        store.record(now, by, "identity_checked", f"P-{worker.permit_id:04d}")


def _identify(core: Core, kiosk: str, body: Register, now: datetime) -> tuple[PermitRow, WorkerRow]:
    """Two things that only a worker knows together. The answer never says which one was wrong."""
    counted, tries = ("permit", kiosk), now.timestamp()
    if not core.guesses.allows(counted, tries):
        raise Refusal("too_many_tries")
    permits = store.permits_by_code(body.permit)
    for permit in permits:
        found = [w for w in permit.workers if w.id_last4 == body.id_last4]
        if len(found) > 1:
            raise Refusal("ambiguous_worker")
        if found:
            return permit, found[0]
    core.guesses.note(counted, tries)
    if permits:
        with store.transaction():
            store.record(now, f"kiosk-{kiosk}", NOT_ON_PERMIT, permits[0].number)
        core.committed("permits")
    log.warning("kiosk %s asked for a worker who is on no such permit", kiosk)
    raise Refusal("unknown_permit")


def _visit(
    core: Core,
    device: str,
    key: str,
    permit: PermitRow,
    worker: WorkerRow,
    now: datetime,
    language: Language,
    *,
    made: datetime | None = None,
    absent: bool = False,
) -> VisitRow:
    _supersede(core, worker, device, now)
    application = replace(works(core, permit, worker, now), absent=absent)
    decision = rules.decide(application, core.policy, store.rooms_now(now))
    visit = store.add_visit(
        decision,
        key=key,
        kiosk=device,
        language=language,
        purpose=Purpose.WORKS,
        category=Category.CONTRACTOR,
        name=worker.name,
        organisation=permit.company,
        permit=permit.id,
        worker=worker.id,
        state=VisitState.WAITING,
        code=decision.code,
        registered_at=made or now,
        consent_at=made or now,
    )
    store.record(now, device, "registered", visit.number, permit=permit.number)
    webhooks.visit(Happening.VISIT_REGISTERED, visit.id, device, now)
    return visit


def _supersede(core: Core, worker: WorkerRow, device: str, now: datetime) -> None:
    """One person, one pass: what this worker was given before today ends. Raises Refusal:
    already_inside."""
    for visit in store.visits_of_worker(worker.id, *core.day_of(now)):
        if visit.state is VisitState.WAITING:
            store.change_visit(
                visit.id, state=VisitState.WITHDRAWN, decided_at=now, decided_by=device
            )
        for held in store.passes_of_visit(visit.id):
            if held.state is PassState.INSIDE:
                raise Refusal("already_inside")
            if held.state is PassState.ISSUED:
                revoking.revoke(core, held.id, "superseded", device, now)
