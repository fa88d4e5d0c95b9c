"""Today's expected visits (參觀提示) on the welcome, in coarse words that name no person. Pure."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from kiosk.moves import stay
from kiosk.terms import Awaited, State, Step
from models.messages import ExpectedVisit
from models.notices import in_zone, turn

Words = Callable[..., str]
LINES = 3
"""Visits that the welcome has room for at a time."""
DWELL = 12.0
"""Seconds a page of them stays, as on the board: each turn draws one frame."""


def told(state: State, event: Awaited) -> Step:
    """News of them; an older word changes nothing."""
    new, old = event.expected, state.expected
    if old is not None and (new.epoch, new.rev) <= (old.epoch, old.rev):
        return stay(state)
    return stay(state, expected=new)


def shown(state: State, tr: Words, now: datetime) -> dict[str, Any]:
    """What the welcome shows of them at `now`, in the site's zone, by the names of its properties;
    nothing on a day for which nothing was published. Without a connection it is said how old the
    news is."""
    news = state.expected
    if news is None or news.day != now.date():
        return {"expected_title": "", "expected": []}
    visits = [visit for visit in news.items if visit.until is None or visit.until > now]
    if not visits:
        return {"expected_title": tr("expected_none") if state.reachable else "", "expected": []}
    pages = -(-len(visits) // LINES)
    page, _ = turn(pages, 0, state.now, DWELL)
    title = tr("expected_title")
    if not state.reachable:
        title = tr("expected_as_of", time=time_of(news.published_at, tr, now.tzinfo))
    elif pages > 1:
        title = tr("expected_page", page=page + 1, pages=pages)
    lines = visits[page * LINES : (page + 1) * LINES]
    return {"expected_title": title, "expected": [_line(visit, tr, now) for visit in lines]}


def _line(visit: ExpectedVisit, tr: Words, now: datetime) -> tuple[str, str, str]:
    """When, who in coarse words, how many."""
    count = tr("people_one" if visit.headcount == 1 else "people", count=visit.headcount)
    return time_of(visit.starts, tr, now.tzinfo), visit.body or tr("expected_guests"), count


def time_of(moment: datetime, tr: Words, zone: tzinfo | None) -> str:
    """Hour and minute of a moment off the wire, in the site's zone."""
    local = in_zone(moment, zone)
    return f"{local:%H:%M}" if local else tr("no_time")
