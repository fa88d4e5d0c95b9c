"""A scanner that is a serial device: text until the end of a line, or until it pauses.

The device may be unplugged at any moment; it is opened again until it is back.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

import serial

from controller.gate.journal import Entry
from models.terms import Direction

log = logging.getLogger(__name__)

_PAUSE = 0.1
"""Seconds of silence that end a code: not every scanner sends an Enter."""
_MOST = 20_000
"""Bytes of one code. What does not end by then is cut, and judged as it is: no pass."""
_AGAIN = 2.0
"""Seconds until a device that is gone is looked for again."""

Scan = Callable[[str, str, Direction | None, str], Entry]


@contextmanager
def reading(device: str, scan: Scan) -> Iterator[threading.Event]:
    """Hand every code that `device` reads to `scan`, on a thread, while the block runs. The value
    is set once the device is open. Nothing happens where none is named."""
    ready, ended = threading.Event(), threading.Event()
    if not device:
        yield ready
        return
    thread = threading.Thread(
        target=_run, args=(device, scan, ready, ended), name="serial", daemon=True
    )
    thread.start()
    try:
        yield ready
    finally:
        ended.set()
        thread.join(5)


def _run(device: str, scan: Scan, ready: threading.Event, ended: threading.Event) -> None:
    said = ""
    while not ended.is_set():
        try:
            with serial.Serial(device, timeout=_PAUSE) as port:
                log.info("the scanner at %s is ready", device)
                said = ""
                ready.set()
                _read(port, scan, ended)
        except (serial.SerialException, OSError) as problem:
            ready.clear()
            if said != (said := str(problem)):
                log.warning("the scanner at %s cannot be read: %s", device, problem)
            ended.wait(_AGAIN)


def _read(port: serial.Serial, scan: Scan, ended: threading.Event) -> None:
    text = b""
    while not ended.is_set():
        more = port.read(max(1, min(port.in_waiting, _MOST)))
        text += more
        whole = not more or len(text) > _MOST
        *lines, text = text.replace(b"\n", b"\r").split(b"\r")
        if whole and text:
            lines, text = [*lines, text], b""
        for line in filter(None, lines):
            with suppress(Exception):
                scan(uuid4().hex, line.decode("utf-8", "replace"), None, "serial")
