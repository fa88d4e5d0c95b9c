"""A real mail server, and one that accepts and never answers."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.parts import PATIENCE, free_ports

LINKS = re.compile(r"https?://\S+/c/[^/\s]+/(?:confirm|decline)")


class Postbox:
    """What the mail server has taken: (to, subject, text)."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[tuple[str, str, str]] = []
        self._news = threading.Condition()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain",))
        with self._news:
            text = body.get_content() if body else ""
            self.mails.append((envelope.rcpt_tos[0], str(mail["subject"]), text))
            self._news.notify_all()
        return "250 OK"

    def until(self, count: int) -> list[tuple[str, str, str]]:
        """All mails, once there are so many."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.mails) >= count, PATIENCE), self.mails
            return list(self.mails)

    def address(self, name: str) -> str:
        """The channel that reaches `name` here."""
        return channel(name, self.port)


def channel(name: str, port: int) -> str:
    """The address of somebody at a mail server, which may be silent for as long as the notifier
    allows."""
    here = f"mailto://127.0.0.1:{port}/?from=lobby@example.com"
    return f"{here}&to={name}@example.com&cto={PATIENCE}"


@contextmanager
def mail_server() -> Iterator[Postbox]:
    postbox = Postbox(free_ports(1)[0])
    server = Controller(postbox, hostname="127.0.0.1", port=postbox.port, ready_timeout=PATIENCE)
    server.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            # An address can ask for less than the notifier's own patience, but not for more.
            patch.setattr("controller.notifying._PATIENCE", PATIENCE)
            yield postbox
    finally:
        server.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
