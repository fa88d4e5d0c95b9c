"""Search: the JSON API, and what the page of it shows. A question is never logged or kept."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from controller import duty, searching
from controller.core import Core
from controller.searching import GROUPS, Found, Group
from controller.web import answers, auth, rights
from controller.web.api import Desk, Speaks, User
from controller.web.problems import RESPONSES
from controller.web.times import now
from models import finding, store
from models.store import AppointmentRow, GoodsRow, VisitRow
from models.words import say

ASKS = ("q", "group", "before")
"""What the page's address can say."""

_READ_ELSEWHERE: dict[Group, str] = {
    "visits": "GET /api/today",
    "passes": "GET /api/today",
    "appointments": "GET /api/appointments",
    "log": "GET /api/log",
    "goods": "GET /api/goods",
    "queue": "GET /api/queue",
}
"""Whoever may read a group's rows where they are at home may find them."""

router = APIRouter(
    prefix="/api/search",
    tags=["search"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)


@router.get("", summary="Find visits, passes, appointments, the log, goods slips, queue numbers")
def search(
    core: Desk,
    user: User,
    language: Speaks,
    q: Annotated[str, Query(description="a part of a name in any writing, its pinyin, a number")],
    group: Annotated[Group | None, Query(description="only this one")] = None,
    before: Annotated[int, Query(ge=0, le=2**53, description="a group's `more`")] = 0,
) -> answers.Found:
    found = _found(core, partial(rights.may, user), now(), q, group, before)
    pages = {name: _answered(name, page) for name, page in found.pages.items()}
    words = say(language, f"desk.{_said(found)}", count=found.count)
    return answers.Found.model_validate({"words": words, **pages})


def region(
    core: Core, moment: datetime, q: str = "", group: str = "", before: str = ""
) -> dict[str, Any]:
    """What the page shows of a question; what makes no sense in its address is left aside."""
    one = next((name for name in GROUPS if name == group), None)
    last = int(before) if one and before.isdecimal() and len(before) < 16 else 0
    today = core.day_of(moment)

    def find(may: Callable[[str], bool]) -> Found | None:
        return _found(core, may, moment, q, one, last) if q.strip() else None

    return {
        "find": find,
        "said": _said,
        "q": q,
        "group": one,
        "pieces": finding.pieces,
        "phone_found": _by_phone,
        "asked_of": duty.asked_of,
        "passes_of": store.passes_of_visit,
        "is_today": lambda at: today[0] <= at < today[1],
        "day_of": lambda at: core.local(at).date(),
    }


def _found(
    core: Core,
    may: Callable[[str], bool],
    moment: datetime,
    question: str,
    group: Group | None,
    before: int,
) -> Found:
    wanted = (group,) if group else GROUPS
    readable = [name for name in wanted if may(_READ_ELSEWHERE[name])]
    return searching.search(core, question, readable, moment, before if group else 0)


def _said(found: Found) -> str:
    """The name of the words for how a search went."""
    if not found.asked:
        return "search_nothing_asked"
    return "search_found" if found.count else "search_nothing_found"


def _by_phone(row: VisitRow | AppointmentRow | GoodsRow, words: Iterable[str]) -> bool:
    """Was it the telephone's last digits, which no list shows?"""
    last = row.phone_last4
    return bool(last) and any(
        word.isdigit() and (word in last or word.endswith(last)) for word in words
    )


def _answered(group: Group, page: searching.Page) -> dict[str, object]:
    rows: Sequence[object] = page.rows
    if group == "visits":
        rows = [answers.FoundVisit.of(row, store.passes_of_visit(row.id)) for row in page.rows]
    elif group == "log":
        rows = [answers.LogThread.of(thread) for thread in page.rows]
    return {"rows": rows, "more": page.more}
