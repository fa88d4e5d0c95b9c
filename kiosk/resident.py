"""What a resident reads: the pages of papers, the number, and who is called now. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from kiosk import numbers
from kiosk.terms import Screen, State
from models.messages import CalledNumber
from models.procedures import Leaf
from models.terms import Language

Words = Callable[..., str]
_MOST_CALLED = 3
"""Called numbers that one line can name."""
_NUMERALS = "零一二三四五六七八九"


def shown(state: State, tr: Words, now: datetime) -> dict[str, Any]:
    """What the screens show of it, by the names of their properties."""
    calling = called(state, now)
    parts = [tr("call", number=c.number, counter=c.counter) for c in calling[:_MOST_CALLED]]
    values: dict[str, Any] = {"called": tr("called", calls="　".join(parts)) if parts else ""}
    pages = numbers.pages(state)
    if state.screen is Screen.PAPERS and pages:
        place = min(state.leaf, len(pages) - 1)
        values |= _page(pages[place], place, len(pages), state.language, tr)
    if state.screen is Screen.NUMBER:
        values |= _number(state, calling, tr)
    return values


def called(state: State, now: datetime) -> list[CalledNumber]:
    """What is called now, newest first; nothing where the news may be old."""
    if state.calls is None or not state.reachable:
        return []
    return [item for item in state.calls.items if item.until > now]


def numeral(number: int) -> str:
    """1 to 99 as 一 to 九十九."""
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else _NUMERALS[tens] + "十"
    return ten + (_NUMERALS[ones] if ones else "")


def _page(page: Leaf, place: int, count: int, language: Language, tr: Words) -> dict[str, Any]:
    sheet = page.sheet
    counted = range(page.first, page.first + len(page.items))
    said = [str(n) if language is Language.EN else numeral(n) for n in counted]
    marks = [tr("mark", number=n) for n in said] if sheet.numbered else ["•"] * len(page.items)
    word = "page_read" if page.ends_reading else "next"
    if place + 1 == count:
        word = "page_read_take" if page.ends_reading else "page_take"
    return {
        "page_title": sheet.title[language],
        "page_lead": sheet.lead[language] if sheet.lead else "",
        "page_items": [
            (mark, text[language]) for mark, text in zip(marks, page.items, strict=True)
        ],
        "page_count": f"{place + 1} / {count}",
        "page_next": tr(word),
    }


def _number(state: State, calling: list[CalledNumber], tr: Words) -> dict[str, Any]:
    ticket = state.ticket
    if ticket is None:
        return {"number": "", "number_lead": tr("number_coming"), "number_called": False}
    mine = next((call for call in calling if call.number == ticket.number), None)
    if mine:
        lead = tr("number_called", counter=mine.counter)
    else:
        lead = tr("number_ahead", count=ticket.ahead) if ticket.ahead else tr("number_next")
    return {"number": ticket.number, "number_lead": lead, "number_called": mine is not None}
