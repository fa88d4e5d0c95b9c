"""Passes and goods slips on paper: who asked for which slip, and what became of it.

A job is a row before anything is printed, and marked `printing` before its first byte goes out. One
that is found so after a crash may lie in somebody's hand: a human decides whether it is printed
again.
"""

import logging
from datetime import datetime, timedelta

from controller import print_test
from controller.core import Core, Refusal
from controller.printroom import Printed, PrintRoom, Sheet, Standing
from controller.slips import GoodsSlip, Slip
from controller.visits import printer_at, tell_kiosk
from models import store
from models.messages import PrintTestView
from models.settings import Printer, PrinterKind, Settings
from models.store import GoodsRow, PassRow, PrintJobRow, VisitRow
from models.terms import GoodsState, PassState, PrintState
from models.words import say

log = logging.getLogger(__name__)

DESK = "desk"
_WORTH_IT = timedelta(minutes=10)
"""After which nobody stands at the printer any more for a slip that it could not print."""
_OVER = {PassState.RETURNED, PassState.REVOKED, PassState.EXPIRED, PassState.LOST}
_NOT_THE_PRINTER = {"pass_over", "too_late", "fault"}
"""Codes that say nothing about the printer's own state."""


def printers_of(settings: Settings) -> dict[str, Printer]:
    """Every printer there is, by its name: `desk`, or `kiosk-` and the kiosk's id."""
    at_kiosks = {printer_at(kiosk): printer for kiosk, printer in settings.printer.kiosks.items()}
    everything = {DESK: settings.printer, **at_kiosks}
    return {name: p for name, p in everything.items() if p.kind is not PrinterKind.NONE}


def has_printer(core: Core, kiosk: str) -> bool:
    return printer_at(kiosk) in printers_of(core.settings)


# --- asking ------------------------------------------------------------------------------------


def ask(core: Core, pass_id: int, key: str, by: str, now: datetime) -> PrintJobRow:
    """The desk wants a pass on paper: on its own printer or, where it has none, on the one of the
    kiosk where the visitor registered. Raises Refusal: not_found, pass_over, no_printer."""
    with store.transaction():
        if known := store.print_job_by_key(key):
            return known
        row = store.pass_by_id(pass_id)
        visit = store.visit(row.visit_id) if row else None
        if row is None or visit is None:
            raise Refusal("not_found")
        if row.state in _OVER:
            raise Refusal("pass_over")
        printer = _first_there(core, DESK, printer_at(visit.kiosk))
        if not printer:
            raise Refusal("no_printer")
        job = _waiting(row, printer) or _add(key, row, printer, by, now)
    core.committed("printing")
    return job


def ask_goods(core: Core, slip_id: int, key: str, by: str, now: datetime) -> PrintJobRow:
    """The desk wants a goods slip on paper. Raises Refusal: not_found, pass_over, no_printer."""
    with store.transaction():
        if known := store.print_job_by_key(key):
            return known
        if (row := store.goods(slip_id)) is None:
            raise Refusal("not_found")
        if row.state is not GoodsState.APPROVED:
            raise Refusal("pass_over")
        if DESK not in printers_of(core.settings):
            raise Refusal("no_printer")
        job = _waiting(row, DESK) or _add(key, row, DESK, by, now)
    core.committed("printing")
    return job


def ask_at_kiosk(core: Core, visit: VisitRow, kiosk: str, key: str, now: datetime) -> VisitRow:
    """A visitor wants their visit's passes on paper. What was printed once is not printed again
    here, and what may have been is the desk's to decide. Raises Refusal: no_printer, pass_over."""
    printer = printer_at(kiosk)
    if not has_printer(core, kiosk):
        raise Refusal("no_printer")
    with store.transaction():
        held = [row for row in store.passes_of_visit(visit.id) if row.state not in _OVER]
        if not held:
            raise Refusal("pass_over")
        for row in held:
            last = store.last_print_job(row.id, printer)
            if last is None:
                _add(f"{key}-{row.place}", row, printer, f"kiosk-{kiosk}", now)
            else:
                _requeue(last.id, now, PrintState.FAILED, PrintState.DISMISSED)
        visit = store.change_visit(visit.id)
    core.committed("printing")
    return visit


def test_at_kiosk(core: Core, kiosk: str, key: str, now: datetime) -> PrintTestView:
    """A kiosk's operator wants a test slip, or asks what became of the one under this key. One that
    was not printed is no work of the desk's: the kiosk tells the operator. Raises Refusal:
    no_printer, malformed."""
    printer = printer_at(kiosk)
    if not has_printer(core, kiosk):
        raise Refusal("no_printer")
    with store.transaction():
        job = store.print_job_by_key(key)
        if job is None:
            store.record(now, printer, "print_asked", print_test.NUMBER, printer=printer)
            job = store.add_print_job(key, None, printer, printer, now)
    if job.printer != printer or not _is_test(job):
        raise Refusal("malformed")
    core.committed("printing")
    return PrintTestView(test=key, state=job.state, code=job.code)


def _is_test(job: PrintJobRow) -> bool:
    return job.pass_id is None and job.goods_id is None


def again(core: Core, job_id: int, by: str, now: datetime) -> PrintJobRow:
    """Print a job once more that failed or may have. Raises Refusal: not_found, already_resolved,
    pass_over, no_printer."""
    with store.transaction():
        job = _job(job_id)
        if _slip_of_job(core, job, now) is None:
            raise Refusal("pass_over")
        if job.printer not in printers_of(core.settings):
            raise Refusal("no_printer")
        if not _requeue(job_id, now, PrintState.FAILED, PrintState.UNKNOWN):
            raise Refusal("already_resolved")
        store.record(now, by, "print_again", job.number, printer=job.printer)
        _tell(core, job)
    core.committed("printing")
    return _job(job_id)


def dismiss(core: Core, job_id: int, by: str, now: datetime) -> PrintJobRow:
    """Nothing more is to be done about a job. Raises Refusal: not_found, already_resolved."""
    with store.transaction():
        job = _job(job_id)
        fields = {"state": PrintState.DISMISSED, "changed_at": now}
        if not store.move_print_job(job_id, PrintState.FAILED, PrintState.UNKNOWN, **fields):
            raise Refusal("already_resolved")
        store.record(now, by, "print_dismissed", job.number, printer=job.printer)
    core.committed("printing")
    return _job(job_id)


def _job(job_id: int) -> PrintJobRow:
    if (job := store.print_job(job_id)) is None:
        raise Refusal("not_found")
    return job


def _first_there(core: Core, *wanted: str) -> str:
    there = printers_of(core.settings)
    return next((name for name in wanted if name in there), "")


def _waiting(row: PassRow | GoodsRow, printer: str) -> PrintJobRow | None:
    """The job that a second tap would only double."""
    if isinstance(row, GoodsRow):
        last = store.last_print_job(None, printer, goods_id=row.id)
    else:
        last = store.last_print_job(row.id, printer)
    return last if last and last.state in {PrintState.QUEUED, PrintState.PRINTING} else None


def _add(key: str, row: PassRow | GoodsRow, printer: str, by: str, now: datetime) -> PrintJobRow:
    store.record(now, by, "print_asked", row.number, printer=printer)
    if isinstance(row, GoodsRow):
        return store.add_print_job(key, None, printer, by, now, goods_id=row.id)
    return store.add_print_job(key, row.id, printer, by, now)


def _requeue(job_id: int, now: datetime, *before: PrintState) -> bool:
    fields = {"state": PrintState.QUEUED, "code": "", "at": now, "changed_at": now}
    return store.move_print_job(job_id, *before, **fields)


# --- printing ----------------------------------------------------------------------------------


def recover(core: Core, now: datetime) -> None:
    """At the start: what was being printed when the controller died may have been printed."""
    with store.transaction():
        for job in store.cut_off_print_jobs():
            _end(core, job, PrintState.UNKNOWN, "restarted", now)


def advance(core: Core, room: PrintRoom, now: datetime) -> None:
    """Queue what is to be printed by itself, and give every idle printer its next slip."""
    if core.settings.printer.auto:
        _queue_new_passes(core, now)
    for printer in room.idle:
        while job := store.next_print_job(printer):
            with store.transaction():
                sheet = _begin(core, job, now)
            core.committed("printing")
            if sheet:
                room.send(printer, sheet)
                break


def _queue_new_passes(core: Core, now: datetime) -> None:
    for pass_id in store.unprinted_passes(now - _WORTH_IT):
        row = store.pass_by_id(pass_id)
        visit = store.visit(row.visit_id) if row else None
        printer = _first_there(core, printer_at(visit.kiosk), DESK) if visit else ""
        if row and visit and printer:
            with store.transaction():
                _add(f"auto-{row.id}", row, printer, "rules", now)
                tell_kiosk(core, store.change_visit(visit.id))
            core.committed("printing")


def _begin(core: Core, job: PrintJobRow, now: datetime) -> Sheet | None:
    """Mark a job before it is sent; one that nobody waits for any more is not."""
    slip = _slip_of_job(core, job, now)
    if slip is None:
        _end(core, job, PrintState.FAILED, "pass_over", now)
        return None
    if now - job.at > _WORTH_IT:
        _end(core, job, PrintState.FAILED, "too_late", now)
        return None
    fields = {"state": PrintState.PRINTING, "tries": job.tries + 1, "changed_at": now}
    if not store.move_print_job(job.id, PrintState.QUEUED, **fields):
        return None
    _tell(core, job)
    return Sheet(job.id, slip)


def told(core: Core, news: Printed | Standing, now: datetime) -> None:
    """What became of a slip, or how a printer is."""
    with store.transaction():
        if isinstance(news, Printed) and (job := store.print_job(news.job)):
            state = PrintState.UNKNOWN if news.sent else PrintState.FAILED
            _end(core, job, state if news.code else PrintState.PRINTED, news.code, now)
        news_of_printer = news.code not in _NOT_THE_PRINTER and store.keep_printer(
            news.printer, news.code, now
        )
        if news_of_printer and news.code:
            log.warning("printer %s: %s", news.printer, news.code)
    if isinstance(news, Printed) or news_of_printer:
        core.committed("printing")


def _end(core: Core, job: PrintJobRow, state: PrintState, code: str, now: datetime) -> None:
    """A job has come to its end. A second word about it, after a human has decided, is none."""
    if _is_test(job) and state is not PrintState.PRINTED:
        state = PrintState.DISMISSED
    before = (PrintState.QUEUED, PrintState.PRINTING)
    if store.move_print_job(job.id, *before, state=state, code=code, changed_at=now):
        store.record(now, job.printer, f"print_{state}", job.number, code=code)
        _tell(core, job)


def _tell(core: Core, job: PrintJobRow) -> None:
    """The kiosk hears what its own printer does."""
    visit = store.visit(job.visit_id) if job.visit_id else None
    if visit and job.printer == printer_at(visit.kiosk):
        tell_kiosk(core, store.change_visit(visit.id))


def _slip_of_job(core: Core, job: PrintJobRow, now: datetime) -> Slip | GoodsSlip | None:
    """What a job is to print; nothing where it lets nobody and nothing through any more."""
    if _is_test(job):
        return print_test.slip(core.settings, now)
    if slip := store.goods(job.goods_id) if job.goods_id else None:
        usable = slip.state is GoodsState.APPROVED and slip.valid_until > now
        return goods_slip_of(core, slip) if usable else None
    row = store.pass_by_id(job.pass_id) if job.pass_id else None
    visit = store.visit(row.visit_id) if row else None
    if row is None or visit is None or row.state in _OVER or row.valid_until <= now:
        return None
    return slip_of(core, row, visit)


def slip_of(core: Core, row: PassRow, visit: VisitRow) -> Slip:
    """What stands on a pass's slip, in its holder's language and the office's time."""
    begins, ends = core.local(row.valid_from), core.local(row.valid_until)
    another_day = "" if begins.date() == ends.date() else f"{ends:%m-%d} "
    day = {"year": f"{begins:%Y}", "month": f"{begins:%m}", "day": f"{begins:%d}"}
    return Slip(
        office=core.settings.name,
        language=visit.language,
        number=row.number if row.party == 1 else f"{row.number}　{row.place}/{row.party}",
        name=row.name,
        organisation=visit.organisation,
        destination=row.destination,
        host=row.host,
        day=say(visit.language, "slip.date", **day),
        until=f"{another_day}{ends:%H:%M}",
        original=row.original,
        duplicate=row.duplicate,
    )


def goods_slip_of(core: Core, row: GoodsRow) -> GoodsSlip:
    """What stands on a goods slip, in its owner's language and the office's time."""
    begins, ends = core.local(row.valid_from), core.local(row.valid_until)
    return GoodsSlip(
        office=core.settings.name,
        language=row.language,
        number=row.number,
        name=row.name,
        place=row.unit,
        company=row.company,
        goods=row.goods,
        plate=row.plate,
        begins=f"{begins:%m-%d %H:%M}",
        until=f"{ends:%m-%d %H:%M}",
        approved_by=row.approved_by,
        token=row.token,
    )
