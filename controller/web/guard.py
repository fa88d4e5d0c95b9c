"""What holds for every request, before any route: who may be addressed, who may write, how much.

A plain ASGI layer around the application, so that an event stream passes through unbuffered and
even a fault of ours answers in words and with the security headers.
"""

import logging
import re
import socket
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from anyio import BrokenResourceError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.web.language import language_of
from controller.web.problems import loggable, problem
from models.settings import Settings

log = logging.getLogger(__name__)

API_VERSION = "1"
"""Of what a program may call: within a version routes and fields are added, never taken away. Each
answer says it in a header, and a caller can ask for it in the same."""
_VERSION = "lobby-api"
MAX_BODY = 64 * 1024
"""Bytes. The longest form of the page is a fiftieth of this."""
MAX_UPLOAD = 1024 * 1024
"""Bytes of a list of appointments, or of a camera's picture. A year's calendar is a third."""
_UPLOADS = ("/api/imports", "/api/frames")
_SAFE = {"GET", "HEAD", "OPTIONS"}
_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Refuses foreign hosts, cross-origin writes and oversize bodies; adds the headers."""

    def __init__(
        self, app: ASGIApp, settings: Settings, names: Iterable[str], *, camera: bool = False
    ) -> None:
        """`names` are those under which this page may be asked for, besides this machine's own."""
        self._app = app
        self._settings = settings
        self._names = {"localhost", *(name.lower() for name in names), *_names_of_this_machine()}
        self._camera = "camera=(self)" if camera else "camera=()"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                _protect(scope, headers)
                headers["permissions-policy"] = f"{self._camera}, geolocation=(), microphone=()"
            await send(message)

        try:
            await self._judged(scope, receive, send_guarded)
        except Exception as error:
            if started and _has_gone(error):
                return
            log.exception("%s %r failed", scope["method"], loggable(scope["path"]))
            if started:
                raise
            await self._refuse(scope, send_guarded, 500, "fault")

    async def _judged(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if not self._is_our_name(headers.get("host", "")):
            await self._refuse(scope, send, 400, "wrong_host")
        elif headers.get(_VERSION, API_VERSION) != API_VERSION:
            await self._refuse(scope, send, 400, "wrong_version")
        elif scope["method"] in _SAFE:
            await self._app(scope, receive, send)
        elif not is_same_origin(headers):
            await self._refuse(scope, send, 403, "cross_origin")
        elif (body := await _read(headers, receive, _most(scope))) is None:
            await self._refuse(scope, send, 413, "too_large")
        else:
            await self._app(scope, _replayed(body, receive), send)

    async def _refuse(self, scope: Scope, send: Send, status: int, code: str) -> None:
        log.warning("refused %s %r: %s", scope["method"], loggable(scope["path"]), code)
        language = language_of(Request(scope), self._settings)
        await problem(language, status, code)(scope, _nothing, send)

    def _is_our_name(self, host: str) -> bool:
        """Only a name of this machine or an address: another name may have been bent to us (DNS
        rebinding), and its page would count as ours."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or _is_address(name)


def is_same_origin(headers: Headers) -> bool:
    """Does this write come from our own page, or from a program that is no browser?

    Browsers say where a write comes from and a page cannot change it; one that says neither is no
    browser, and carries nobody's cookie by itself.
    """
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False


def _has_gone(error: Exception) -> bool:
    """Whether an event stream found its reader gone while it handed on an event: a page that was
    left, and no fault of ours."""
    return isinstance(error, ExceptionGroup) and error.split(BrokenResourceError)[1] is None


def _names_of_this_machine() -> set[str]:
    name = socket.gethostname().lower()
    return {name, f"{name}.local", socket.getfqdn().lower()}


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _protect(scope: Scope, headers: MutableHeaders) -> None:
    headers.update(_HEADERS)
    if scope["path"].startswith(("/c/", "/w/")):
        # Under no-referrer a browser says `Origin: null` with a plain form, which is nobody's.
        headers["referrer-policy"] = "same-origin"
    if scope["path"].startswith("/api/"):
        headers[_VERSION] = API_VERSION
    # Visitors' names stay off the browser's disk; our own files are revalidated after an update.
    static = scope["path"].startswith("/static/")
    headers["cache-control"] = "no-cache" if static else "no-store"
    if scope["path"].startswith("/f/"):
        # A calendar keeps what it has read anyway, and asks whether it still holds.
        headers["cache-control"] = "private, no-cache"


def _most(scope: Scope) -> int:
    return MAX_UPLOAD if scope["path"].startswith(_UPLOADS) else MAX_BODY


async def _read(headers: Headers, receive: Receive, most: int) -> bytes | None:
    """The whole body, or None where it is longer than `most` bytes."""
    declared = headers.get("content-length", "0")
    if not re.fullmatch("[0-9]{1,9}", declared) or int(declared) > most:
        return None
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None  # the client has hung up
        body += bytes(message.get("body", b""))
        if len(body) > most:
            return None
        if not message.get("more_body"):
            return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return whole.pop() if whole else await receive()

    return replay


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
