"""Who calls: somebody who has signed in at the desk's page, or a program with a token of its own.

Passwords are argon2; a session is a random token in a cookie, only its hash is in the store.
"""

import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

from argon2 import PasswordHasher
from fastapi import Request, Response, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from controller import bearer, clients, users
from controller.core import Core
from controller.limits import RateLimit
from controller.web.problems import Refused
from models import store
from models.settings import Settings
from models.store import ClientRow, SessionRow, UserRow

COOKIE = "lobby_desk"
_WINDOW = 60
"""Seconds in which wrong attempts are counted."""
_TRIES_OF_A_USER = 5
_TRIES_OF_AN_ADDRESS = 30
"""Names are the attacker's to invent, so an address has a limit across all of them."""
CALLS_OF_A_PROGRAM = 600
"""In the same time. A script in an endless loop must leave the desk its page."""
_BEARER = "bearer "

Caller = UserRow | ClientRow
"""Who may do what the table of rights says: a person, or a program."""

_nobody = PasswordHasher().hash(secrets.token_urlsafe())
"""Checked for a name that nobody has: a wrong name must not answer faster than a wrong password."""


class Doorman:
    """Checks passwords, one at a time, and remembers who guesses; a restart forgives."""

    def __init__(self, calls: int = CALLS_OF_A_PROGRAM) -> None:
        # A check takes 64 MB on purpose; many at once would take the machine.
        self._lock = threading.Lock()
        self._of_user = RateLimit(_TRIES_OF_A_USER, _WINDOW)
        self._of_address = RateLimit(_TRIES_OF_AN_ADDRESS, _WINDOW)
        self._tokens = RateLimit(_TRIES_OF_AN_ADDRESS, _WINDOW)
        self._of_client = RateLimit(calls, _WINDOW)

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
            # One without a password is nobody as well; one who is disabled is told no more.
            right = users.matches((user and user.password_hash) or _nobody, password)
            if user is None or user.disabled or not right:
                self._of_user.note((address, name), now)
                self._of_address.note(address, now)
                raise Refused(401, "wrong_password")
        return user

    def hear(self, client: ClientRow) -> None:
        """A program calls once more. Raises Refused: `too_many_calls`."""
        now = time.monotonic()
        if not self._of_client.allows(client.id, now):
            raise Refused(429, "too_many_calls", seconds=_WINDOW)
        self._of_client.note(client.id, now)

    def wrong_token(self, address: str) -> Refused:
        """What a wrong token is told. They are counted for the machine's sake: nobody guesses 256
        bits, so a right one behind the same address is never held up."""
        now = time.monotonic()
        if not self._tokens.allows(address, now):
            return Refused(429, "too_many_attempts", seconds=_WINDOW)
        self._tokens.note(address, now)
        return Refused(401, "wrong_token")


def sign_in(
    request: Request, response: Response, settings: Settings, name: str, password: str
) -> UserRow:
    """Check a password and open a session. Raises Refused."""
    user = check(request, name, password)
    open_session(request, response, settings, user)
    return user


def check(request: Request, name: str, password: str) -> UserRow:
    """Whose name and password these are; see Doorman."""
    doorman: Doorman = request.app.state.doorman
    return doorman.check(name, password, _address(request))


def open_session(request: Request, response: Response, settings: Settings, user: UserRow) -> None:
    """A session of its own for this browser; its cookie is set on `response`."""
    life = timedelta(hours=settings.desk.session_hours)
    token = secrets.token_urlsafe(32)
    since = datetime.now(UTC)
    session = SessionRow(bearer.hash_of(token), since, since + life, _address(request))
    store.open_session(session, user.id)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(life.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def sign_out(request: Request, response: Response) -> None:
    """End the session, here and in the store. Harmless without one."""
    if token := request.cookies.get(COOKIE):
        store.close_session(bearer.hash_of(token))
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


def user_of(request: Request) -> UserRow | None:
    """Who is signed in, by the request's cookie. Looked up once a request."""
    if not hasattr(request.state, "desk_user"):
        token = request.cookies.get(COOKIE)
        user = store.session(bearer.hash_of(token), datetime.now(UTC)) if token else None
        request.state.desk_user = user
    found: UserRow | None = request.state.desk_user
    return found


def caller_of(request: Request) -> Caller | None:
    """Who calls: the program whose token the request bears, else whoever is signed in. Raises
    Refused for a token that is nobody's, and for a program that calls too often."""
    if not request.headers.get("authorization", "").lower().startswith(_BEARER):
        return user_of(request)
    if not hasattr(request.state, "client"):
        core: Core = request.app.state.core
        doorman: Doorman = request.app.state.doorman
        token = request.headers["authorization"][len(_BEARER) :].strip()
        client = clients.of_token(core, token, datetime.now(UTC))
        if client is None:
            raise doorman.wrong_token(_address(request))
        doorman.hear(client)
        request.state.client = client
    found: ClientRow = request.state.client
    return found


_in_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="From POST /api/session")
_in_header = HTTPBearer(auto_error=False, description="A token from the page Integrations")
"""Both for the description at /openapi.json; what they are worth, `caller_of` says."""


def signed_in(
    request: Request,
    _cookie: Annotated[str | None, Security(_in_cookie)],
    _token: Annotated[HTTPAuthorizationCredentials | None, Security(_in_header)],
) -> Caller:
    """Who calls. Raises Refused where it is nobody we know."""
    if (caller := caller_of(request)) is None:
        raise Refused(401, "sign_in_first")
    return caller


def person(request: Request) -> UserRow:
    """Who is signed in, for what no program can do. Raises Refused where nobody is."""
    if (user := user_of(request)) is None:
        raise Refused(401, "sign_in_first")
    return user


def sessions(request: Request, user: UserRow) -> list[tuple[SessionRow, bool]]:
    """Where they are signed in, and whether that is this browser."""
    here = bearer.hash_of(request.cookies.get(COOKIE, ""))
    rows = store.sessions(user.id, datetime.now(UTC))
    return [(row, row.token_hash == here) for row in rows]


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
