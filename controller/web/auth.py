"""Signing in to the desk's page: argon2, a random token in a cookie, only its hash in the store."""

import hashlib
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Request, Response, Security
from fastapi.security import APIKeyCookie

from controller.limits import RateLimit
from controller.web.problems import Refused
from models import store
from models.settings import Settings
from models.store import UserRow

COOKIE = "lobby_desk"
_WINDOW = 60
"""Seconds in which wrong attempts are counted."""
_TRIES_OF_A_USER = 5
_TRIES_OF_AN_ADDRESS = 30
"""Names are the attacker's to invent, so an address has a limit across all of them."""

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_urlsafe())
"""Checked for a name that nobody has: a wrong name must not answer faster than a wrong password."""


class Doorman:
    """Checks passwords, one at a time, and remembers who guesses; a restart forgives."""

    def __init__(self) -> None:
        # A check takes 64 MB on purpose; many at once would take the machine.
        self._lock = threading.Lock()
        self._of_user = RateLimit(_TRIES_OF_A_USER, _WINDOW)
        self._of_address = RateLimit(_TRIES_OF_AN_ADDRESS, _WINDOW)

    def check(self, name: str, password: str, address: str) -> UserRow:
        """The user of this name and password. Raises Refused: `too_many_attempts`, or
        `wrong_password` for a wrong name just as for a wrong password."""
        with self._lock:
            now = time.monotonic()
            if not (
                self._of_user.allows((address, name), now) and self._of_address.allows(address, now)
            ):
                raise Refused(429, "too_many_attempts", seconds=_WINDOW)
            user = store.user(name)
            right = _matches(user.password_hash if user else _nobody, password)
            if user is None or not right:
                self._of_user.note((address, name), now)
                self._of_address.note(address, now)
                raise Refused(401, "wrong_password")
        return user


def sign_in(
    request: Request, response: Response, settings: Settings, name: str, password: str
) -> UserRow:
    """Check a password and open a session; its cookie is set on `response`. Raises Refused."""
    address = request.client.host if request.client else ""
    doorman: Doorman = request.app.state.doorman
    user = doorman.check(name, password, address)
    life = timedelta(hours=settings.desk.session_hours)
    token = secrets.token_urlsafe(32)
    store.open_session(_hash(token), user.id, datetime.now(UTC) + life)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(life.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return user


def sign_out(request: Request, response: Response) -> None:
    """End the session, here and in the store. Harmless without one."""
    if token := request.cookies.get(COOKIE):
        store.close_session(_hash(token))
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


def user_of(request: Request) -> UserRow | None:
    """Who is signed in, by the request's cookie."""
    token = request.cookies.get(COOKIE)
    return store.session(_hash(token), datetime.now(UTC)) if token else None


_in_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="From POST /api/session")
"""For the description at /openapi.json; what the cookie is worth, `user_of` says."""


def signed_in(request: Request, _token: Annotated[str | None, Security(_in_cookie)]) -> UserRow:
    """Who is signed in. Raises Refused where nobody is."""
    if (user := user_of(request)) is None:
        raise Refused(401, "sign_in_first")
    return user


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
