"""The JSON API of works permits and the workers on them."""

from datetime import time

from fastapi import APIRouter, Depends

from controller import permits
from controller.repeats import once
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import DeskPassIn, PermitIn, RowId, WorkersIn
from controller.web.problems import CONFLICT, RESPONSES, WRITES, BadField, Refused
from controller.web.times import now
from models import store
from models.permits import BadWorkers, Days, read_workers
from models.store import PermitRow
from models.terms import PermitState

router = APIRouter(
    prefix="/api",
    tags=["permits"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)
STEPS = {
    "suspend": PermitState.SUSPENDED,
    "resume": PermitState.ACTIVE,
    "end": PermitState.ENDED,
}


@router.get("/permits", summary="Works permits that are not over")
def all_permits(core: Desk) -> list[answers.Permit]:
    rows = store.permits_since(core.local(now()).date())
    return [answers.Permit.of(row) for row in rows]


@router.post(
    "/permits",
    summary="Put a permit on file; the answer has the workers' code for the kiosk",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def file(core: Desk, user: User, body: PermitIn) -> answers.Permit:
    days = Days(
        PermitState.ACTIVE,
        body.starts,
        body.ends,
        "".join(str(day) for day in sorted(set(body.weekdays))),
        _clock("opens", body.opens),
        _clock("closes", body.closes),
    )
    workers = _workers(body.workers)
    moment = now()

    def file() -> PermitRow:
        return permits.file(core, body.company, body.site, days, workers, user.display, moment)

    return answers.Permit.of(once(body.id, moment, file, store.permit))


@router.post("/permits/{permit_id}/workers", summary="More workers", responses=WRITES | CONFLICT)
def add_workers(core: Desk, user: User, permit_id: RowId, body: WorkersIn) -> answers.Permit:
    workers = _workers(body.workers)
    return answers.Permit.of(permits.add_workers(core, permit_id, workers, user.display, now()))


@router.post(
    "/permits/{permit_id}/{step}",
    summary="Suspend, resume or end a permit",
    responses=WRITES | CONFLICT,
)
def put(core: Desk, user: User, permit_id: RowId, step: str) -> answers.Permit:
    if step not in STEPS:
        raise Refused(404, "not_found")
    return answers.Permit.of(permits.put(core, permit_id, STEPS[step], user.display, now()))


@router.post(
    "/workers/{worker_id}/pass",
    summary="The identity card has been seen: today's pass",
    responses=WRITES | CONFLICT,
)
def issue(core: Desk, user: User, worker_id: RowId, body: DeskPassIn) -> answers.Decided:
    visit = permits.at_desk(core, worker_id, body.id, user.display, now())
    issued = store.passes_of_visit(visit.id)
    return answers.Decided.model_validate({"visit": visit, "passes": issued}, from_attributes=True)


@router.post(
    "/workers/{worker_id}/remove",
    summary="Take a worker off the list",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def remove(core: Desk, user: User, worker_id: RowId) -> None:
    permits.remove_worker(core, worker_id, user.display, now())


def _workers(text: str) -> list[tuple[str, str]]:
    try:
        return read_workers(text)
    except BadWorkers as bad:
        raise Refused(422, bad.code, line=bad.line) from None


def _clock(field: str, text: str) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text.replace("：", ":").rjust(5, "0"))
    except ValueError:
        raise BadField(field, "time") from None
