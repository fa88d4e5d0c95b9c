"""A real program at a real address, which is told of what happens here."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.parts import PATIENCE


@dataclass(frozen=True)
class Told:
    """One request: its headers, and the body as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said


@dataclass
class Receiver:
    """What it was told. `answers` are given one after the other, the last of them for ever."""

    port: int
    answers: list[int] = field(default_factory=lambda: [204])
    told: list[Told] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def until(self, count: int) -> list[Told]:
        """All requests, once there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.told) >= count, PATIENCE), self.told
            return list(self.told)


HANGS = 0
"""An answer that does not come before the receiver is closed."""


@contextmanager
def receiver(*answers: int, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with there.news:
                there.told.append(Told(headers, body))
                answer = there.answers[min(len(there.told), len(there.answers)) - 1]
                there.news.notify_all()
            if answer == HANGS:
                there.released.wait(PATIENCE)
                return
            self.send_response(answer)
            if 300 <= answer < 400:
                self.send_header("location", there.address + "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    there = Receiver(server.server_address[1], list(answers) or [204])
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield there
    finally:
        there.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
