"""Printers: a picture goes to one, and what became of it comes back. Only this module knows how.

A printer speaks ESC/POS (python-escpos) or takes pages through CUPS. Whatever can be asked is asked
before and after printing (DLE EOT and GS r of Epson's ESC/POS command reference), and every wait
has an end.
"""

import logging
import os
import select
import socket
import subprocess
import time
from io import BytesIO
from typing import Any

from PIL import Image

from controller.slips import DOTS_PER_INCH
from models.settings import USB_DEVICE, Printer, PrinterKind

log = logging.getLogger(__name__)

_ANSWER = 2.0
"""Seconds for a byte of status. A printer that cannot be asked says nothing at all."""
_OFFLINE_CAUSE = b"\x10\x04\x02"
_ONLINE = b"\x10\x04\x01"
_PAPER = b"\x10\x04\x04"
_ALL_PRINTED = b"\x1dr\x01"
"""GS r is answered in turn, after what was sent before it has been printed."""


class PrinterProblem(Exception):
    """Nothing more can be said than `code`, whose words are `desk.print_<code>`. `sent`: some of
    the picture had gone out, so it may have been printed."""

    def __init__(self, code: str, *, sent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.sent = sent


def put(printer: Printer, picture: Image.Image, title: str) -> None:
    """Print a picture of one bit a dot, and wait for its end. `title` is the job's in a queue.

    Raises PrinterProblem.
    """
    if printer.kind is PrinterKind.NONE:
        raise PrinterProblem("no_printer")
    if printer.kind is PrinterKind.CUPS:
        _put_into_queue(printer, picture, title)
    else:
        _put_escpos(printer, picture)


def standing(printer: Printer) -> str:
    """What is wrong with a printer, or nothing. One that cannot be asked has nothing wrong."""
    if printer.kind in {PrinterKind.NONE, PrinterKind.CUPS}:
        return ""
    device = None
    try:
        device = _opened(printer)
        return _asked(device, printer) or ""
    except PrinterProblem as problem:
        return problem.code
    finally:
        _closed(device)


# --- ESC/POS -----------------------------------------------------------------------------------


def _put_escpos(printer: Printer, picture: Image.Image) -> None:
    device = _opened(printer)
    try:
        before = _asked(device, printer)
        if before:
            raise PrinterProblem(before)
        _wait_for(device, printer.patience)
        try:
            # Else the library says on every slip that it does not know how wide the paper is.
            device.profile.profile_data["media"]["width"]["pixels"] = picture.width
            device.hw("INIT")
            device.image(picture)
            device.cut()
        except Exception as error:  # noqa: BLE001 - each transport has its own
            raise _interrupted(error) from None
        if before is not None:
            _see_it_printed(device, printer)
    finally:
        _closed(device)


def _opened(printer: Printer) -> Any:
    try:
        device = _transport(printer)
        device.open()
        if printer.kind is PrinterKind.SERIAL:
            device.device.write_timeout = printer.patience
    except Exception as error:  # noqa: BLE001 - each transport has its own; pyusb's without libusb
        log.warning("the printer cannot be reached: %s: %s", type(error).__name__, error)
        missing = type(error).__name__ == "NoBackendError"
        raise PrinterProblem("no_libusb" if missing else "unreachable") from None
    return device


def _transport(printer: Printer) -> Any:
    # Importing it takes a while, and not every office has a printer.
    from escpos import printer as escpos

    match printer.kind:
        case PrinterKind.NETWORK:
            return escpos.Network(printer.host, printer.port, timeout=printer.patience)
        case PrinterKind.USB if ids := USB_DEVICE.fullmatch(printer.device):
            vendor, product = (int(part, 16) for part in ids.groups())
            return escpos.Usb(vendor, product, timeout=round(printer.patience * 1000))
        case PrinterKind.SERIAL:
            return escpos.Serial(printer.device, timeout=_ANSWER / 4)
    return _device_file(printer)


def _device_file(printer: Printer) -> Any:
    from escpos.escpos import Escpos

    class DeviceFile(Escpos):  # type: ignore[misc]  # untyped
        """A device such as /dev/usb/lp0, which blocks while the printer has no paper."""

        def open(self, raise_not_found: bool = True) -> None:  # noqa: ARG002 - the base's
            flags = os.O_WRONLY | os.O_NONBLOCK | os.O_APPEND | os.O_CREAT
            self._device = os.open(printer.device, flags, 0o600)

        def _raw(self, msg: bytes) -> None:
            left = memoryview(msg)
            deadline = time.monotonic() + printer.patience
            while left:
                patience = max(deadline - time.monotonic(), 0)
                if not select.select([], [self._device], [], patience)[1]:
                    raise TimeoutError
                left = left[os.write(self._device, left) :]

        def _read(self) -> bytes:
            return b""

        def close(self) -> None:
            if self._device:
                os.close(self._device)
                self._device = False

    return DeviceFile()


def _closed(device: Any) -> None:
    if device is not None:
        try:
            device.close()
        except Exception as error:  # noqa: BLE001 - what was to be known is known by now
            log.info("the printer was not closed in order: %s", type(error).__name__)


def _wait_for(device: Any, seconds: float) -> None:
    """How long a socket waits; the others were told when they were opened."""
    if isinstance(device.device, socket.socket):
        device.device.settimeout(seconds)


def _asked(device: Any, printer: Printer) -> str | None:
    """What is wrong, as a code; empty when all is well, None when the printer does not answer."""
    if printer.kind is PrinterKind.FILE:
        return None
    _wait_for(device, min(_ANSWER, printer.patience))
    paper = _status(device, _PAPER)
    if paper is None:
        return None
    if paper & 0x60:
        return "paper_out"
    cause = _status(device, _OFFLINE_CAUSE) or 0
    if cause & 0x04:
        return "cover_open"
    if cause & 0x20:
        return "paper_out"
    if cause & 0x40:
        return "printer_error"
    return "offline" if (_status(device, _ONLINE) or 0) & 0x08 else ""


def _status(device: Any, question: bytes) -> int | None:
    """A byte of status, told by its fixed bits from whatever else a device may say."""
    try:
        said = bytes(device.query_status(question))
    except TimeoutError:
        return None
    except Exception as error:  # noqa: BLE001 - each transport has its own
        if "timed out" in str(error).lower() or "timeout" in str(error).lower():
            return None
        raise PrinterProblem("unreachable") from None
    if not said and isinstance(device.device, socket.socket):
        raise PrinterProblem("unreachable")  # it has hung up
    return next((byte for byte in reversed(said) if byte & 0x93 == 0x12), None)


def _see_it_printed(device: Any, printer: Printer) -> None:
    """The printer answers questions, so it is asked. Raises PrinterProblem."""
    try:
        _wait_for(device, printer.patience)
        device._raw(_ALL_PRINTED)  # noqa: SLF001 - there is no other way to send one command
        if device._read():  # noqa: SLF001
            return
    except Exception as error:  # noqa: BLE001 - each transport has its own
        log.info("the printer did not say that it is done: %s", type(error).__name__)
    try:
        wrong = _asked(device, printer)
    except PrinterProblem:
        wrong = None
    if wrong is None or wrong:
        raise PrinterProblem(wrong or "no_word", sent=True)


def _interrupted(error: Exception) -> PrinterProblem:
    late = "time" in type(error).__name__.lower()
    log.warning("the printer stopped in the middle: %s: %s", type(error).__name__, error)
    return PrinterProblem("slow" if late else "cut_off", sent=True)


# --- CUPS --------------------------------------------------------------------------------------


def pdf(picture: Image.Image) -> bytes:
    """One page of the picture's own size, its dots unscaled."""
    page = BytesIO()
    picture.save(page, "PDF", resolution=float(DOTS_PER_INCH))
    return page.getvalue()


def _put_into_queue(printer: Printer, picture: Image.Image, title: str) -> None:
    """`lp` returns once CUPS has taken the page; from then on it is CUPS that prints it, once."""
    wide, tall = (round(dots / DOTS_PER_INCH * 72) for dots in picture.size)
    media = f"media=Custom.{wide}x{tall}"
    command = ["lp", "-d", printer.queue, "-t", title, "-o", media, "-o", "print-scaling=none"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the queue's name is checked
            command, input=pdf(picture), capture_output=True, timeout=printer.patience, check=False
        )
    except FileNotFoundError:
        raise PrinterProblem("no_cups") from None
    except subprocess.TimeoutExpired:
        raise PrinterProblem("slow", sent=True) from None
    except OSError as error:
        log.warning("lp cannot be run: %s", error)
        raise PrinterProblem("no_cups") from None
    if done.returncode:
        log.warning("CUPS did not take a slip: %s", done.stderr.decode("utf-8", "replace").strip())
        raise PrinterProblem("queue_refused")
