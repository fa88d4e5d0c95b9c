"""A network printer for tests: a real TCP server that speaks as much ESC/POS as a slip needs."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image

from tests.parts import PATIENCE

READY = 0x12
PAPER_OUT = 0x72
COVER_OPEN = 0x16
OFFLINE = 0x1A


class PaperPrinter(socketserver.ThreadingTCPServer):
    """Answers DLE EOT and GS r. `mute` answers nothing, `stops_after` closes the connection after
    so many bytes, `called` is set once somebody connects, `gate` holds the paper back until it is
    set; the paper may end in the middle."""

    daemon_threads = True
    allow_reuse_address = True
    paper, cause, online = READY, READY, READY
    mute = False
    ends_in_the_middle = False
    stops_after: int | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.jobs: list[bytes] = []
        self.gate = threading.Event()
        self.gate.set()
        self.news = threading.Condition()
        self.called = threading.Event()

    @property
    def settings(self) -> dict[str, Any]:
        port = self.server_address[1]
        return {"kind": "network", "host": "127.0.0.1", "port": port, "patience": PATIENCE}

    @property
    def slips(self) -> list[Image.Image]:
        """What came out, as pictures."""
        return [picture for job in self.jobs if (picture := developed(job))]

    def wait_for(self, jobs: int) -> None:
        with self.news:
            assert self.news.wait_for(lambda: len(self.slips) >= jobs, PATIENCE), "waited in vain"


class _Conversation(socketserver.BaseRequestHandler):
    server: PaperPrinter

    def handle(self) -> None:
        job = bytearray()
        self.server.called.set()
        self._tail = b""
        try:
            while data := self.request.recv(65536):
                if self.server.stops_after is not None and len(job) >= self.server.stops_after:
                    break
                self.server.gate.wait(PATIENCE)
                job += self._commands(data)
        except OSError:
            pass
        with self.server.news:
            self.server.jobs.append(bytes(job))
            self.server.news.notify_all()

    def _commands(self, data: bytes) -> bytes:
        """Answer what is asked; a question always comes alone or at the end."""
        asked = {
            b"\x10\x04\x04": self.server.paper,
            b"\x10\x04\x02": self.server.cause,
            b"\x10\x04\x01": self.server.online,
            b"\x1dr\x01": 0,
        }
        if self.server.ends_in_the_middle and len(data) > len(max(asked, key=len)):
            self.server.paper = PAPER_OUT
        for question, answer in asked.items():
            if data.endswith(question):
                stuck = question == b"\x1dr\x01" and self.server.paper == PAPER_OUT
                if not self.server.mute and not stuck:
                    self.request.sendall(bytes([answer]))
                return data[: -len(question)]
        return data


@contextmanager
def paper_printer() -> Iterator[PaperPrinter]:
    with PaperPrinter() as printer:
        thread = threading.Thread(target=printer.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield printer
        finally:
            printer.gate.set()
            printer.shutdown()


def developed(job: bytes) -> Image.Image | None:
    """The paper that comes out: every raster image (GS v 0) of a job below the other."""
    strips, place = [], 0
    while (place := job.find(b"\x1dv0", place)) >= 0:
        wide, tall = (int.from_bytes(job[place + at : place + at + 2], "little") for at in (4, 6))
        bits = job[place + 8 : place + 8 + wide * tall]
        if len(bits) < wide * tall:
            break
        # In a raster image a set bit is a black dot, in Pillow's a white one.
        inverted = bytes(byte ^ 0xFF for byte in bits)
        strips.append(Image.frombytes("1", (wide * 8, tall), inverted))
        place += 8 + wide * tall
    if not strips:
        return None
    paper = Image.new("1", (strips[0].width, sum(strip.height for strip in strips)), 1)
    top = 0
    for strip in strips:
        paper.paste(strip, (0, top))
        top += strip.height
    return paper
