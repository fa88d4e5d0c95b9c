"""Printings of passes and goods slips, and what is known of the printers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from models.store.goods import goods
from models.store.prepared import prepared
from models.tables import Pass, PrinterState, PrintJob
from models.terms import PassState, PrintState

_OPEN = (PrintState.QUEUED, PrintState.PRINTING)
TROUBLES = (PrintState.FAILED, PrintState.UNKNOWN)
"""What the desk is to look at."""
_GRAVEST = (PrintState.FAILED, PrintState.UNKNOWN, PrintState.PRINTING, PrintState.QUEUED)


@dataclass(frozen=True)
class PrintJobRow:
    """Of a pass (`pass_id`, `visit_id`), of a goods slip, or of neither: a test slip. `name` says
    whose it is."""

    id: int
    key: str
    pass_id: int | None
    visit_id: int | None
    goods_id: int | None
    number: str
    name: str
    printer: str
    state: PrintState
    code: str
    tries: int
    by: str
    at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class PrinterRow:
    name: str
    code: str
    at: datetime


def add_print_job(
    key: str,
    pass_id: int | None,
    printer: str,
    by: str,
    at: datetime,
    goods_id: int | None = None,
) -> PrintJobRow:
    row = PrintJob.create(
        key=key,
        pass_=pass_id,
        goods=goods_id,
        printer=printer,
        state=PrintState.QUEUED,
        by=by,
        at=at,
        changed_at=at,
    )
    return _job(row)


def print_job(job_id: int) -> PrintJobRow | None:
    found = PrintJob.get_or_none(PrintJob.id == job_id)
    return _job(found) if found else None


def print_job_by_key(key: str) -> PrintJobRow | None:
    found = PrintJob.get_or_none(PrintJob.key == key)
    return _job(found) if found else None


def last_print_job(
    pass_id: int | None, printer: str, goods_id: int | None = None
) -> PrintJobRow | None:
    """The latest printing of a pass, or of a goods slip, at a printer."""
    of_it = PrintJob.pass_ == pass_id if goods_id is None else PrintJob.goods == goods_id
    there = PrintJob.select().where(of_it, PrintJob.printer == printer)
    found = there.order_by(PrintJob.id.desc()).first()
    return _job(found) if found else None


def next_print_job(printer: str) -> PrintJobRow | None:
    """What a printer is to print next, in the order it was asked for."""
    waiting = PrintJob.select().where(
        PrintJob.printer == printer, PrintJob.state == PrintState.QUEUED
    )
    found = waiting.order_by(PrintJob.at, PrintJob.id).first()
    return _job(found) if found else None


def cut_off_print_jobs() -> list[PrintJobRow]:
    """Those that were being printed."""
    return [_job(j) for j in PrintJob.select().where(PrintJob.state == PrintState.PRINTING)]


def doubt_print_jobs() -> None:
    """Take those that are queued for being printed: the desk is asked about them at the start."""
    queued = PrintJob.state == PrintState.QUEUED
    PrintJob.update(state=PrintState.PRINTING).where(queued).execute()


def print_troubles() -> list[PrintJobRow]:
    """Those that failed or may have, until somebody prints them again or dismisses them."""
    query = PrintJob.select().where(PrintJob.state.in_(TROUBLES)).order_by(PrintJob.id.desc())
    return [_job(j) for j in query]


def move_print_job(job_id: int, *before: PrintState, **fields: Any) -> bool:
    """Change a job that is in one of the states `before`; false where it is no longer."""
    there = (PrintJob.id == job_id) & PrintJob.state.in_(before)
    changed: int = PrintJob.update(**fields).where(there).execute()
    return changed == 1


def unprinted_passes(since: datetime) -> list[int]:
    """The passes issued since then that nobody has asked to print."""
    asked = PrintJob.select(PrintJob.id).where(PrintJob.pass_ == Pass.id)
    query = Pass.select(Pass.id).where(
        Pass.issued_at >= since, Pass.state == PassState.ISSUED, ~fn.EXISTS(asked)
    )
    return [row.id for row in query.order_by(Pass.id)]


def print_standing(visit_id: int, printer: str) -> tuple[PrintState | None, str]:
    """How far the printing of a visit's passes at one printer is: the gravest state, its code."""
    jobs = _jobs_of_visit(visit_id, printer)
    latest = {job.pass__id: (PrintState(job.state), job.code) for job in jobs}
    latest = {of: last for of, last in latest.items() if last[0] is not PrintState.DISMISSED}
    for gravest in _GRAVEST:
        for state, code in latest.values():
            if state is gravest:
                return state, code
    return (PrintState.PRINTED, "") if latest else (None, "")


@prepared
def _jobs_of_visit(visit_id: int, printer: str) -> Any:
    return (
        PrintJob.select()
        .join(Pass)
        .where(Pass.visit == visit_id, PrintJob.printer == printer)
        .order_by(PrintJob.id)
    )


def keep_printer(name: str, code: str, at: datetime) -> bool:
    """Note what is known of a printer; true if it is news."""
    known = PrinterState.get_or_none(PrinterState.name == name)
    PrinterState.insert(name=name, code=code, at=at).on_conflict(
        conflict_target=[PrinterState.name], preserve=[PrinterState.code, PrinterState.at]
    ).execute()
    return known is None or known.code != code


def printers() -> list[PrinterRow]:
    return [PrinterRow(p.name, p.code, p.at) for p in PrinterState.select()]


def _job(row: Any) -> PrintJobRow:
    of, slip = row.pass_, goods(row.goods_id) if row.goods_id else None
    return PrintJobRow(
        id=row.id,
        key=row.key,
        pass_id=of.id if of else None,
        visit_id=of.visit_id if of else None,
        goods_id=slip.id if slip else None,
        number=slip.number if slip else of.number if of else "",
        name=slip.whose if slip else (of.holder or of.visit.name) if of else "",
        printer=row.printer,
        state=PrintState(row.state),
        code=row.code,
        tries=row.tries,
        by=row.by,
        at=row.at,
        changed_at=row.changed_at,
    )
