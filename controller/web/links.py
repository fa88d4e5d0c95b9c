"""The pages behind the two links in a message: somebody who was asked confirms or declines.

Each link carries its answer, and its page asks for one tap on one large button. Following a link
changes nothing, and no script presses the button: mail scanners and link previews follow links too,
some of them in a whole browser that runs scripts, and none of them may let a stranger in. No
sign-in: whoever has the link was given it.
"""

import time
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from controller import confirmation
from controller.core import Core
from controller.limits import RateLimit
from controller.web.api import Desk
from controller.web.language import language_of
from controller.web.problems import Refused
from controller.web.view import View

Asked = Literal["confirm", "decline"]

_WINDOW = 60
_STATUS = {"unknown": 404, "expired": 410}

router = APIRouter(include_in_schema=False)


class LinkLimit(RateLimit):
    """Tries with a token that nobody was given, for each address. A real link always works, even
    when somebody behind the same proxy is guessing."""

    def __init__(self) -> None:
        super().__init__(count=30, seconds=_WINDOW)


@router.get("/c/{token}")
@router.get("/c/{token}/{answer}")
def show(core: Desk, request: Request, token: str, answer: Asked | None = None) -> Response:
    """Without an answer the page offers both: where an answered link leads, and one cut short."""
    standing = confirmation.standing(token, datetime.now(UTC))
    _count(request, standing)
    return _page(core, request, token, standing, answer)


@router.post("/c/{token}/{answer}")
def answer(core: Desk, request: Request, token: str, answer: Asked) -> Response:
    now = datetime.now(UTC)
    standing = confirmation.respond(core, token, now, confirm=answer == "confirm")
    _count(request, standing)
    if standing.code == "unknown":
        return _page(core, request, token, standing)
    # So that reloading shows how things stand instead of answering again.
    return RedirectResponse(f"/c/{token}", 303)


def _count(request: Request, standing: confirmation.Standing) -> None:
    if standing.code == "unknown":
        count_unknown(request)


def count_unknown(request: Request) -> None:
    """Count a token that nobody was given. Raises Refused where there were too many."""
    limit: LinkLimit = request.app.state.links
    address = request.client.host if request.client else ""
    now = time.monotonic()
    if not limit.allows(address, now):
        raise Refused(429, "too_many_attempts", seconds=_WINDOW)
    limit.note(address, now)


def _page(
    core: Core,
    request: Request,
    token: str,
    standing: confirmation.Standing,
    answer: Asked | None = None,
) -> HTMLResponse:
    view = View(language_of(request, core.settings), core.settings.zone, datetime.now(UTC))
    html = view.render(
        "link.html",
        settings=core.settings,
        standing=standing,
        visit=standing.visit,
        step=standing.link.confirmation if standing.link else None,
        token=token,
        answer=answer,
    )
    return HTMLResponse(html, _STATUS.get(standing.code, 200))
