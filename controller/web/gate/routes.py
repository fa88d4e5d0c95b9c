"""What the guard's page asks of its gate."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.gate.compose import Station
from controller.gate.journal import Entry
from controller.web.gate.door import AtGate, door_of, signed_in
from controller.web.gate.view import GateView, view_of
from controller.web.problems import RESPONSES, WRITES, Refused
from models.messages import Key
from models.terms import Direction

Tone = Literal["good", "odd", "bad"]
_BY_THE_LIST = {"ok_in", "goods_out"}
"""Codes of a scan that would have been refused if it had been revoked."""

public = APIRouter(responses=RESPONSES)
router = APIRouter(prefix="/api", responses=RESPONSES, dependencies=[Depends(signed_in)])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PinIn(_Body):
    pin: Annotated[str, StringConstraints(max_length=200)]


class GateScanIn(_Body):
    id: Key = Field(description="the scan's own id, so that a retry is recognised")
    # So long that what is no pass at all is kept, and not only refused.
    text: Annotated[str, StringConstraints(max_length=20_000)]
    direction: Direction | None = Field(default=None, description="null: whichever comes next")


class GateScanned(BaseModel):
    """The answer to a scan, in words. `seq` grows with every scan of the gate; 0: not kept."""

    seq: int
    ok: bool
    code: str
    tone: Tone
    words: str
    advice: str
    detail: str
    lines: tuple[str, ...] = Field(default=(), description="goods to compare, or how a pass stands")


@public.get("/health", summary="Is the gate serving?")
def health() -> dict[str, str]:
    return {"status": "ok"}


@public.post("/api/session", summary="Sign in with the gate's PIN", status_code=204)
def sign_in(body: PinIn, request: Request, response: Response) -> None:
    door_of(request).open(body.pin.strip(), request, response)


@public.delete("/api/session", summary="Sign out", status_code=204)
def sign_out(request: Request, response: Response) -> None:
    door_of(request).close(request, response)


@router.post(
    "/scans", summary="Scan a pass; a refused scan is an answer too, and kept", responses=WRITES
)
def scan(station: AtGate, body: GateScanIn, request: Request) -> GateScanned:
    entry = station.scan(body.id, body.text, body.direction, "page")
    return scanned(station, view_of(request), entry)


@router.get("/scans/last", summary="The newest scan, by whatever scanner", response_model=None)
def last(station: AtGate, request: Request) -> GateScanned | Response:
    newest = station.gate.journal.last(1)
    if not newest:
        return Response(status_code=204)
    return scanned(station, view_of(request), newest[0])


@router.post(
    "/frames",
    summary="A camera's picture, JPEG or PNG; 204 where it shows no new code",
    responses=WRITES,
    response_model=None,
)
def frame(
    station: AtGate,
    request: Request,
    key: Annotated[Key, Query(alias="id")],
    picture: Annotated[bytes, Body(media_type="image/jpeg")],
    direction: Direction | None = None,
) -> GateScanned | Response:
    """Rate-limited; a code that stays in the picture is one scan."""
    if not station.camera.is_ready():
        raise Refused(429, "camera_too_fast")
    text = station.camera.new_text(picture)
    if text is None:
        return Response(status_code=204)
    return scanned(station, view_of(request), station.scan(key, text, direction, "camera"))


@router.get(
    "/events",
    summary="What has changed, as server-sent events: passes, devices",
    response_class=EventSourceResponse,
)
async def events(station: AtGate) -> AsyncIterator[ServerSentEvent]:
    async for what in station.changes.listen():
        yield ServerSentEvent(raw_data=" ".join(what))


def scanned(station: Station, view: GateView, entry: Entry) -> GateScanned:
    """An entry as the page says it."""
    # Whoever and whatever was let through by a list too old is worth a call.
    unsure = entry.ok and entry.code in _BY_THE_LIST and station.gate.is_stale()
    lines = view.lines(entry, station.gate.journal)
    return GateScanned(
        seq=entry.seq,
        ok=entry.ok,
        code=entry.code,
        # Nobody can compare what is not there.
        tone="odd" if entry.ok and entry.goods and not lines else view.tone(entry),
        words=view.words(entry),
        advice=view.t("caution_stale") if unsure else view.advice(entry, lines),
        detail=view.detail(entry),
        lines=lines,
    )
