"""Who may use a gate's page: whoever knows its PIN, until the sign-in ends.

Sessions are in the gate's own journal, so that a restart in the rush does not ask for the PIN.
"""

import secrets
import threading
import time
from typing import Annotated

from fastapi import Depends, Request, Response

from controller import bearer
from controller.gate.compose import Station
from controller.limits import RateLimit
from controller.web.problems import Refused

COOKIE = "lobby_gate"
_WINDOW = 60
"""Seconds in which wrong attempts are counted."""
_TRIES_OF_AN_ADDRESS, _TRIES = 5, 20
"""At 20 a minute from wherever, six digits take five weeks."""


class Door:
    """Checks PINs, one at a time, and remembers who guesses; a restart forgives."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._lock = threading.Lock()
        self._of_address = RateLimit(_TRIES_OF_AN_ADDRESS, _WINDOW)
        self._of_all = RateLimit(_TRIES, _WINDOW)

    def open(self, said: str, request: Request, response: Response) -> None:
        """Begin a session; its cookie is set on `response`. Raises Refused: wrong_pin,
        too_many_attempts."""
        address = request.client.host if request.client else ""
        with self._lock:
            now = time.monotonic()
            if not (self._of_address.allows(address, now) and self._of_all.allows("", now)):
                raise Refused(429, "too_many_attempts", seconds=_WINDOW)
            if not self._station.is_pin(said):
                self._of_address.note(address, now)
                self._of_all.note("", now)
                raise Refused(401, "wrong_pin")
        token = secrets.token_urlsafe(32)
        life = int(self._station.settings.gate.session_hours * 3600)
        self._station.gate.journal.open_session(bearer.hash_of(token), self._now() + life)
        response.set_cookie(
            COOKIE,
            token,
            max_age=life,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )

    def is_open(self, request: Request) -> bool:
        token = request.cookies.get(COOKIE)
        ends = self._station.gate.journal.session_ends(bearer.hash_of(token)) if token else 0.0
        return self._now() < ends

    def close(self, request: Request, response: Response) -> None:
        """End the session. Harmless without one."""
        if token := request.cookies.get(COOKIE):
            self._station.gate.journal.close_session(bearer.hash_of(token))
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")

    def _now(self) -> float:
        return self._station.gate.clock.read().at


def station_of(request: Request) -> Station:
    station: Station = request.app.state.station
    return station


def door_of(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


def signed_in(request: Request) -> None:
    """Raises Refused where nobody is signed in."""
    if not door_of(request).is_open(request):
        raise Refused(401, "sign_in_first")


AtGate = Annotated[Station, Depends(station_of)]
