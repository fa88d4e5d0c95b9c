"""The JSON API of passes on paper."""

from fastapi import APIRouter, Depends

from controller import printing
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import PrintIn, RowId
from controller.web.moments import now
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from models import store

router = APIRouter(prefix="/api", responses=RESPONSES, dependencies=[Depends(auth.signed_in)])


@router.get("/print-jobs", summary="Slips that failed, or may have", tags=["printing"])
def troubles() -> list[answers.PrintJob]:
    return [answers.PrintJob.model_validate(job) for job in store.print_troubles()]


@router.post(
    "/passes/{pass_id}/print",
    summary="Print a pass's slip; a repeat with the same id prints nothing twice",
    tags=["printing"],
    status_code=201,
    responses=WRITES | CONFLICT,
)
def ask(core: Desk, user: User, pass_id: RowId, body: PrintIn) -> answers.PrintJob:
    job = printing.ask(core, pass_id, body.id, user.display, now())
    return answers.PrintJob.model_validate(job)


@router.post(
    "/print-jobs/{job_id}/again",
    summary="Print a slip once more that failed, or may have",
    tags=["printing"],
    responses=WRITES | CONFLICT,
)
def again(core: Desk, user: User, job_id: RowId) -> answers.PrintJob:
    return answers.PrintJob.model_validate(printing.again(core, job_id, user.display, now()))


@router.post(
    "/print-jobs/{job_id}/dismiss",
    summary="Nothing more is to be done about a slip",
    tags=["printing"],
    responses=WRITES | CONFLICT,
)
def dismiss(core: Desk, user: User, job_id: RowId) -> answers.PrintJob:
    return answers.PrintJob.model_validate(printing.dismiss(core, job_id, user.display, now()))
