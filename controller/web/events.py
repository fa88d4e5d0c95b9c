"""The stream by which every open page learns what is out of date."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent

from controller.changes import TOPICS
from controller.web import auth
from controller.web.api import Desk
from controller.web.problems import RESPONSES

# A model would be described as another event of the stream; a refusal is JSON here too.
_PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {"description": refusal["description"], "content": _PROBLEM}
    for code, refusal in RESPONSES.items()
}

router = APIRouter(prefix="/api", responses=_RESPONSES, dependencies=[Depends(auth.signed_in)])


@router.get(
    "/events",
    summary="What has changed, as server-sent events",
    description="The data of each event are words with a space between, of these: "
    f"{', '.join(TOPICS)}. All of them come first, so that a page that reconnects misses nothing.",
    tags=["events"],
    response_class=EventSourceResponse,
)
async def events(core: Desk) -> AsyncIterator[ServerSentEvent]:
    async for what in core.changes.listen():
        yield ServerSentEvent(raw_data=" ".join(what))
