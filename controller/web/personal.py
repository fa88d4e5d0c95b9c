"""A colleague's own page, behind a secret link on their phone: where I am, and until when.

No sign-in: whoever has the link was given it. It works without a script, but for the language.
"""

import time
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import TypeAdapter, ValidationError

from controller import personal
from controller.core import Core, Refusal
from controller.limits import RateLimit
from controller.web import answers, auth, links
from controller.web.api import Desk, User
from controller.web.bodies import RowId, WhereaboutsSaid
from controller.web.language import language_of
from controller.web.problems import CONFLICT, RESPONSES, WRITES, BadField, Refused, first_problem
from controller.web.qr import svg
from controller.web.times import at
from controller.web.times import now as moment
from controller.web.view import View
from models.terms import PersonState

_WINDOW = 60
_body = TypeAdapter(WhereaboutsSaid)

page_router = APIRouter(include_in_schema=False)
router = APIRouter(
    prefix="/api/colleagues",
    tags=["office"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)


class SayingLimit(RateLimit):
    """What one link may say: a person changes their mind, a stuck script does not stop."""

    def __init__(self) -> None:
        super().__init__(count=10, seconds=_WINDOW)


@router.post(
    "/{person_id}/link",
    summary="Make a colleague's own page for their whereabouts; told only now",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def make(core: Desk, user: User, person_id: RowId) -> answers.PersonalLink:
    url = personal.make_link(core, person_id, user.display, moment())
    return answers.PersonalLink(url=url, qr=svg(url).decode())


@router.delete(
    "/{person_id}/link",
    summary="A colleague's own page leads nowhere from now on",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def revoke(core: Desk, user: User, person_id: RowId) -> None:
    personal.revoke_link(core, person_id, user.display, moment())


@page_router.get("/w/{token}")
def show(core: Desk, request: Request, token: str, said: str = "") -> Response:
    return _page(core, request, token, done=said == "1")


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=20))


@page_router.post("/w/{token}")
def say(
    core: Desk, request: Request, token: str, form: Annotated[dict[str, str], Depends(_form)]
) -> Response:
    limit: SayingLimit = request.app.state.sayings
    if personal.owner(token) is None:
        return _page(core, request, token)
    if not limit.allows(token, time.monotonic()):
        raise Refused(429, "too_many_attempts", seconds=_WINDOW)
    limit.note(token, time.monotonic())
    try:
        _say(core, token, form)
    except (BadField, Refusal) as problem:
        return _page(core, request, token, form=form, problem=problem)
    # So that reloading shows how things stand instead of saying it again.
    return RedirectResponse(f"/w/{token}?said=1", 303)


def _say(core: Core, token: str, form: dict[str, str]) -> None:
    now = moment()
    filled = {name: text for name, text in form.items() if text.strip()}
    try:
        body = _body.validate_python(filled)
    except ValidationError as error:
        raise first_problem(error.errors(include_url=False)) from None
    back = at(core, "back", body.back, now) if body.back else None
    personal.say(core, token, body.state, body.place, back, now)


def _page(
    core: Core,
    request: Request,
    token: str,
    *,
    form: dict[str, str] | None = None,
    problem: BadField | Refusal | None = None,
    done: bool = False,
) -> HTMLResponse:
    now = moment()
    person = personal.owner(token)
    if person is None:
        links.count_unknown(request)
    view = View(language_of(request, core.settings), core.settings.zone, now)
    line = personal.line_of(core, person, now) if person else None
    html = view.render(
        "personal.html",
        settings=core.settings,
        person=person,
        token=token,
        states=list(PersonState),
        line=line,
        form=form or _as_it_stands(view, line.content if line else {}),
        problem=_words(view, problem) if problem else "",
        done=done,
    )
    status = 404 if person is None else 422 if problem else 200
    return HTMLResponse(html, status)


def _as_it_stands(view: View, content: dict[str, str]) -> dict[str, str]:
    said = content.get("back")
    back = view.form_time(datetime.fromisoformat(said)) if said else ""
    return {"place": content.get("place", ""), "back": back}


def _words(view: View, problem: BadField | Refusal) -> str:
    if isinstance(problem, BadField):
        field = view.t(f"field_{problem.field}")
        return view.t(f"problem_{problem.kind}", field=field, **problem.places)
    return view.t(f"code_{problem.code}" if problem.code != "ends_before_start" else "back_is_past")
