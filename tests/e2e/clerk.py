"""A clerk at the desk, by the JSON API: signed in, patient while the controller starts again."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx

from controller.lobby import Lobby
from tests.accounts import CREDENTIALS
from tests.parts import PATIENCE


class Clerk:
    """Each method is one thing that a clerk does; a refusal raises httpx.HTTPStatusError."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def today(self) -> dict[str, Any]:
        return self._ask("GET", "/api/today")

    def waiting(self, name: str) -> dict[str, Any]:
        """The card of a waiting visitor, once it is on the page."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = [v for v in self.today()["waiting"] if v["name"] == name]
            if found:
                assert len(found) == 1, f"{name} waits {len(found)} times"
                return found[0]
            assert time.monotonic() < deadline, f"{name} never appeared at the desk"
            time.sleep(0.05)

    def decide(self, visit: dict[str, Any], decision: str) -> dict[str, Any]:
        path = f"/api/visits/{visit['id']}/decision"
        return self._ask("POST", path, {"decision": decision})

    def publish(self, section: str, **content: Any) -> dict[str, Any]:
        return self._ask("POST", f"/api/board/{section}", {"content": content, "anyway": True})

    def edit(self, notice: dict[str, Any], **content: Any) -> dict[str, Any]:
        return self._ask(
            "PUT", f"/api/notices/{notice['id']}", {"content": content, "anyway": True}
        )

    def take_down(self, notice: dict[str, Any]) -> None:
        self._ask("DELETE", f"/api/notices/{notice['id']}")

    def scan(self, text: str) -> dict[str, Any]:
        return self._ask("POST", "/api/scans", {"id": secrets.token_hex(16), "text": text})

    def revoke(self, held: dict[str, Any], reason: str) -> dict[str, Any]:
        return self._ask("POST", f"/api/passes/{held['id']}/revoke", {"reason": reason})

    def expect_guest(self, **fields: Any) -> dict[str, Any]:
        return self._ask("POST", "/api/appointments", fields)

    def record(self, kind: str, **fields: str) -> dict[str, Any]:
        """An entry of the duty log."""
        body = {"id": secrets.token_hex(16), "kind": kind, "fields": fields}
        return self._ask("POST", "/api/log", body)

    def search(self, question: str) -> dict[str, Any]:
        return self._ask("GET", f"/api/search?{urlencode({'q': question})}")

    def screens(self) -> dict[str, Any]:
        return self._ask("GET", "/api/screens")

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._client.request(method, path, json=body)
                break
            except httpx.TransportError:
                # The controller is starting again; nothing was accepted, so asking again is safe
                # for what only reads, and a test that writes does so while it runs.
                assert time.monotonic() < deadline, "the controller never came back"
                time.sleep(0.05)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def at_the_desk(lobby: Lobby) -> Iterator[Clerk]:
    """The demonstration's clerk, signed in to a running lobby's desk."""
    with httpx.Client(base_url=lobby.desk.rstrip("/"), timeout=PATIENCE) as client:
        client.post("/api/session", json=CREDENTIALS).raise_for_status()
        yield Clerk(client)
