"""How the page says no: always `{"code", "words"}`, the words in the reader's language.

A form's field that is wrong is named in the words and, for the page to point at, in `field`. What
was typed is never repeated, neither in the answer nor in the log.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from controller.checking import Finding
from controller.core import Refusal
from controller.web.language import language_of
from models.store import NoRoomError
from models.terms import Language
from models.words import catalogue, say

log = logging.getLogger(__name__)


class Warned(BaseModel):
    """Something to know about a line, or an entry of the log, before it is sent."""

    code: str
    words: str
    field: str | None = None
    asks: bool = Field(description="worth a second look: `anyway` publishes all the same")


class Problem(BaseModel):
    """Why a request was not done."""

    code: str = Field(description="for machines", examples=["already_decided"])
    words: str = Field(description="for people, in the language of the request's cookie")
    field: str | None = Field(default=None, description="the field that is wrong, where it is one")
    warnings: list[Warned] | None = Field(default=None, description="with look_first: of what")


class Refused(Exception):
    """A request that the web side itself refuses; `places` fill the words of its code."""

    def __init__(self, status: int, code: str, **places: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.places = places


class Elsewhere(Exception):
    """A page that somebody cannot see now; they are led to another."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class LookFirst(Exception):
    """What can be done, once somebody has seen these findings."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("look_first")
        self.findings = findings


class BadField(Exception):
    """One field is wrong; the words are `desk.problem_<kind>`, with the field's name filled in:
    `<table>.field_<field>`."""

    def __init__(self, field: str, kind: str, *, table: str = "desk", **places: object) -> None:
        super().__init__(f"{field}: {kind}")
        self.field = field
        self.kind = kind
        self.table = table
        self.places = places


_STATUS = {
    "not_found": 404,
    "bad_content": 422,
    "unknown_host": 422,
    "unknown_room": 422,
    "unknown_deputy": 422,
    "bad_channel": 422,
    "bad_address": 422,
    "address_open": 422,
    "address_inside": 422,
    "too_many_channels": 422,
    "unknown_department": 422,
    "in_the_past": 422,
    "no_such_day": 422,
    "too_many_days": 422,
    "ends_before_start": 422,
    "unknown_group": 422,
    "over_by_now": 409,
    "review_past": 422,
    "permit_past": 422,
    "permit_too_long": 422,
    "no_weekday": 422,
    "hours_wrong": 422,
    "workers_repeated": 422,
    "workers_too_many": 422,
    "note_missing": 422,
    "goods_too_long": 422,
    "no_roll_call": 404,
    "confirmer_missing": 422,
    "count_differs": 422,
    "time_past": 422,
    "unknown_code": 404,
    "too_many_codes": 429,
    "too_many_pictures": 429,
    "password_short": 422,
    "password_same": 422,
    "reason_missing": 422,
    "unknown_list": 422,
    "points_missing": 422,
    "stand_in_self": 422,
    "unknown_clerk": 422,
}
"""Of a refusal by the office's rules; any other is a conflict with how things stand."""
_CODES = {404: "not_found", 405: "method_not_allowed"}


def _described(description: str) -> dict[str, Any]:
    return {"model": Problem, "description": description}


RESPONSES: dict[int | str, dict[str, Any]] = {
    400: _described("Addressed to another host"),
    401: _described("Nobody is signed in, and no token that is good"),
    403: _described("Not this caller's to see or do"),
    422: _described("A field is wrong; the words name it"),
    500: _described("A fault of ours; the log has it"),
}
WRITES: dict[int | str, dict[str, Any]] = {
    403: _described("Not this caller's to do, or a write from another site's page"),
    413: _described("More than 64 kB"),
    507: _described("The disk is full, broken or only to be read; nothing was done"),
}
CONFLICT: dict[int | str, dict[str, Any]] = {
    404: _described("There is none, or no longer"),
    409: _described("Things stand differently by now; nothing was done"),
}
"""What routes may answer besides their result, for the description at /openapi.json."""


NothingHere = Callable[[Request, str, int], Response]
"""A page in place of the one asked for, given the name of what to say and the status."""


def problem(language: Language, status: int, code: str, **places: object) -> JSONResponse:
    """The response that says `code` in words."""
    words = say(language, f"desk.code_{code}", **places)
    return _response(status, Problem(code=code, words=words))


def install(app: FastAPI, nothing_here: NothingHere) -> None:
    """Answer every kind of refusal in words, and a browser's wrong address with `nothing_here`."""

    def speak(request: Request) -> Language:
        return language_of(request, app.state.settings)

    _install_look_first(app, speak)
    _install_refused(app, speak, nothing_here)

    @app.exception_handler(Refusal)
    async def _(request: Request, refusal: Refusal) -> JSONResponse:
        if refusal.code == "bad_content":
            return _bad_field(request, speak(request), BadField(refusal.field, "wrong"))
        status = _STATUS.get(refusal.code, 409)
        _log(request, status, refusal.code)
        words = say(speak(request), f"desk.code_{refusal.code}", **refusal.places)
        body = Problem(code=refusal.code, words=words, field=refusal.field or None)
        return _response(status, body)

    @app.exception_handler(BadField)
    async def _(request: Request, bad: BadField) -> JSONResponse:
        return _bad_field(request, speak(request), bad)

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> JSONResponse:
        return _bad_field(request, speak(request), first_problem(error.errors()))

    @app.exception_handler(ValidationError)
    async def _(request: Request, error: ValidationError) -> JSONResponse:
        bad = first_problem(error.errors(include_url=False))
        return _bad_field(request, speak(request), bad)

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404 and _is_a_persons(request):
            return nothing_here(request, "nothing_here", 404)
        code = _CODES.get(error.status_code, "bad_request")
        _log(request, error.status_code, code)
        return problem(speak(request), error.status_code, code)


def _install_refused(
    app: FastAPI, speak: Callable[[Request], Language], nothing_here: NothingHere
) -> None:
    @app.exception_handler(Refused)
    async def _(request: Request, refused: Refused) -> Response:
        _log(request, refused.status, refused.code)
        if refused.code == "not_allowed" and _is_a_persons(request):
            return nothing_here(request, "code_not_allowed", 403)
        return problem(speak(request), refused.status, refused.code, **refused.places)

    @app.exception_handler(NoRoomError)
    async def _(request: Request, _error: NoRoomError) -> Response:
        _log(request, 507, "no_room")
        if _is_a_persons(request):
            return nothing_here(request, "code_no_room", 507)
        return problem(speak(request), 507, "no_room")

    @app.exception_handler(Elsewhere)
    async def _(_request: Request, elsewhere: Elsewhere) -> Response:
        return RedirectResponse(elsewhere.path, 303)


def _install_look_first(app: FastAPI, speak: Callable[[Request], Language]) -> None:
    @app.exception_handler(LookFirst)
    async def _(request: Request, doubts: LookFirst) -> JSONResponse:
        _log(request, 409, "look_first")
        language = speak(request)
        body = Problem(
            code="look_first",
            words=say(language, "desk.code_look_first"),
            warnings=in_words(language, doubts.findings),
        )
        return _response(409, body)


def in_words(language: Language, findings: Iterable[Finding]) -> list[Warned]:
    """Findings as people read them."""
    return [
        Warned(
            code=finding.code,
            words=say(
                language,
                f"desk.warn_{finding.code}",
                field=say(language, f"desk.field_{finding.name}") if finding.name else "",
                **finding.places,
            ),
            field=finding.name or None,
            asks=finding.asks,
        )
        for finding in findings
    ]


def _is_a_persons(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(
        ("/api/", "/static/")
    )


def first_problem(errors: Sequence[Mapping[str, Any]]) -> BadField:
    """The first of pydantic's errors, as the kind of problem people know."""
    error = errors[0]
    field = next((part for part in reversed(error["loc"]) if isinstance(part, str)), "")
    bounds = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return BadField(field, "missing")
        case "string_too_short" | "too_short":
            # What was typed had nothing to show: emoji, control characters.
            return BadField(field, "nothing_left" if error.get("input") else "missing")
        case "string_too_long" | "too_long":
            return BadField(field, "too_long", most=bounds["max_length"])
        case "greater_than_equal":
            return BadField(field, "too_small", least=bounds["ge"])
        case "less_than_equal":
            return BadField(field, "too_big", most=bounds["le"])
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return BadField(field, "number")
        case "value_error":
            return BadField(field, "time")
        case _:
            return BadField(field, "wrong")


def _bad_field(request: Request, language: Language, bad: BadField) -> JSONResponse:
    label = catalogue(language).get(f"{bad.table}.field_{bad.field}")
    if label is None:
        # Not a field of any form: no page of ours has sent this.
        _log(request, 422, "bad_request")
        return problem(language, 422, "bad_request")
    _log(request, 422, f"{bad.field} {bad.kind}")
    words = say(language, f"desk.problem_{bad.kind}", field=label, **bad.places)
    return _response(422, Problem(code="bad_field", words=words, field=bad.field))


def _response(status: int, body: Problem) -> JSONResponse:
    asks = {"www-authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body.model_dump(exclude_none=True), status, asks)


def loggable(path: str) -> str:
    """A path as a log may have it: the token of a link is all that whoever follows it needs."""
    return re.sub(r"^/([cfw])/.*", r"/\1/…", path, flags=re.DOTALL)[:80]


def _log(request: Request, status: int, why: str) -> None:
    path = loggable(request.url.path)
    log.warning("%s %r refused with %d: %s", request.method, path, status, why)
