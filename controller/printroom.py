"""The printers' own threads, one each: whatever a printer takes its time for delays nobody else.

Nothing here touches the database; what became of a slip is told.
"""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from controller import printers, slips
from controller.slips import GoodsSlip, Slip
from models.settings import Printer

log = logging.getLogger(__name__)

_LOOK_EVERY = 60.0
"""Seconds after which an idle printer is asked how it is."""


@dataclass(frozen=True)
class Sheet:
    """A slip to be printed, and the job it belongs to."""

    job: int
    slip: Slip | GoodsSlip


@dataclass(frozen=True)
class Printed:
    """What became of a job: no `code` where it was printed; `sent` where it may have been."""

    job: int
    printer: str
    code: str = ""
    sent: bool = False


@dataclass(frozen=True)
class Standing:
    """How an idle printer is: a `code`, empty where nothing is wrong."""

    printer: str
    code: str


class PrintRoom:
    """`send` only enqueues; `told` is called from a printer's thread."""

    def __init__(self, told: Callable[[Printed | Standing], None]) -> None:
        self._told = told
        self._sheets: dict[str, queue.SimpleQueue[Sheet | None]] = {}
        self._busy: set[str] = set()

    def start(self, printers: Mapping[str, Printer], fonts: Path) -> None:
        for name, printer in printers.items():
            self._sheets[name] = queue.SimpleQueue()
            # A daemon: the controller ends without waiting for a printer.
            threading.Thread(
                target=self._run, args=(name, printer, fonts), name=name, daemon=True
            ).start()

    def stop(self) -> None:
        for sheets in self._sheets.values():
            sheets.put(None)

    @property
    def idle(self) -> list[str]:
        """The printers that have nothing to do."""
        return [name for name in self._sheets if name not in self._busy]

    def send(self, printer: str, sheet: Sheet) -> None:
        self._busy.add(printer)
        self._sheets[printer].put(sheet)

    def _run(self, name: str, printer: Printer, fonts: Path) -> None:
        sheets = self._sheets[name]
        self._look(name, printer)
        while True:
            try:
                sheet = sheets.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                self._look(name, printer)
                continue
            if sheet is None:
                return
            done = _print(name, printer, sheet, fonts)
            self._busy.discard(name)
            self._told(done)

    def _look(self, name: str, printer: Printer) -> None:
        try:
            self._told(Standing(name, printers.standing(printer)))
        except Exception:
            log.exception("the printer %s could not be asked how it is", name)


def _print(name: str, printer: Printer, sheet: Sheet, fonts: Path) -> Printed:
    try:
        picture = slips.draw(sheet.slip, printer.width, fonts)
    except Exception:
        log.exception("a slip could not be drawn")
        return Printed(sheet.job, name, "fault")
    try:
        printers.put(printer, picture, sheet.slip.number)
    except printers.PrinterProblem as problem:
        return Printed(sheet.job, name, problem.code, problem.sent)
    except Exception:
        log.exception("a slip could not be printed at %s", name)
        return Printed(sheet.job, name, "fault", sent=True)
    return Printed(sheet.job, name)
