"""What the page of the duty log (值班記錄表) shows: its day, what is open, and the form in hand."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from controller import duty, shift
from controller.core import Core
from controller.shift import Along
from controller.web.moments import FIRST, LAST
from controller.web.view import FEW
from models import store
from models.checklists import Round, checklist
from models.duty import FORMS, Asked, Entry, Thread
from models.terms import Act, Duty

_MOST = 60
"""Threads on one page of a day; more are a page further."""
_MOST_DUE = 8
"""Lines on the page of today; what is due after those can wait for them."""
_SOON = timedelta(hours=2)
TEA_TAKES = timedelta(minutes=10)
"""Only then is tea late."""
_ACCEPTED = timedelta(minutes=10)
"""In this time a handover is looked through and accepted."""
_WRITTEN = {kind for kind, form in FORMS.items() if form.letter}
"""Kinds that somebody writes by a form of their own."""
ASKS = ("day", "kind", "before")
"""What a link to a day of the log can say."""


@dataclass(frozen=True)
class Paper:
    """The form in hand: what it asks and has filled in, and where it is sent. `of` is the entry
    that it corrects and `thread` what it belongs to or defers, `round` the checklist that it goes
    over, `act` the step of a shift and `along` what is handed over by it."""

    does: str
    path: str
    kind: Duty
    asks: tuple[Asked, ...] = ()
    values: Mapping[str, str] | None = None
    thread: Thread | None = None
    of: Entry | None = None
    round: Round | None = None
    act: Act | None = None
    along: Along | None = None

    @property
    def draft(self) -> str:
        """What is typed into it is kept under this: no two entries, rounds or steps share one."""
        due = f"{self.round.of.name} {self.round.due:%Y-%m-%d %H:%M}" if self.round else ""
        return f"{self.does} {self.kind} {self.path} {self.act or ''} {due}"


def day(
    core: Core, now: datetime, day: str = "", kind: str = "", before: str = ""
) -> dict[str, Any]:
    """A day's threads, the latest first; what makes no sense is taken for today and everything."""
    today = core.local(now).date()
    asked = day_in(day) or today
    start = datetime.combine(asked, time(), core.settings.zone)
    wanted = Duty(kind) if kind in set(Duty) else None
    last = int(before) if before.isdecimal() and len(before) < 16 else 0
    found = store.log_of(start, start + timedelta(days=1), _MOST + 1, wanted, last)
    shown = found[:_MOST]
    end = start + timedelta(days=1)
    more = max(e.id for e in shown[-1].entries if start <= e.at < end) if shown else 0
    return {
        "day": asked,
        "today": today,
        "kind": wanted,
        "threads": shown,
        "more": more if len(found) > _MOST else 0,
        "head": store.last_entry(),
        "forms": FORMS,
        "asked_of": duty.asked_of,
    }


def followups(_core: Core, _now: datetime) -> dict[str, Any]:
    return {
        "threads": store.open_log(most=_MOST),
        "count": store.count_open_log(),
        "asked_of": duty.asked_of,
    }


def rounds(core: Core, now: datetime) -> dict[str, Any]:
    return {"rounds": duty.rounds_today(core, now)}


def reminders(core: Core, now: datetime) -> dict[str, Any]:
    """What has fallen due and waits, on every page; first of all that nothing can be
    recorded, then that nobody is at the desk."""
    posts = shift.now_on(core.settings, now).posts.values()
    gap = shift.gap(core, now)
    return {
        "room": store.has_room(),
        "gap": gap,
        "unheard": shift.unheard(core, gap) if gap else "",
        "away": [one for one in posts if one.away and one.away.due and one.away.due < now],
        "late": store.open_log(now, FEW),
        "count": store.count_open_log(now),
        "missed": [one for one in duty.rounds_today(core, now) if one.overdue(now)],
    }


@dataclass(frozen=True)
class Due:
    """One line of what is due: a thread of the log, a round, all rounds that were missed, a tea
    order, somebody's way back from a break, or a handover that waits to be accepted. `late` is from
    when on it is."""

    kind: Literal["thread", "round", "missed", "tea", "back", "handover"]
    at: datetime
    late: datetime
    one: Any


def due(core: Core, now: datetime) -> dict[str, Any]:
    """What is late, then what soon is due, each the first first; and how much more there is until
    the night."""
    midnight, night = core.day_of(now)
    end = max(night, now + _SOON)
    on = shift.now_on(core.settings, now)
    follow = store.open_log(end, _MOST_DUE)
    todo = [one for one in duty.rounds_today(core, now) if one.thread is None]
    missed = [one for one in todo if one.overdue(now)]
    orders = [one for one in store.tea_orders(midnight, night) if one.served_at is None]
    away = [post for post in on.posts.values() if post.away and post.away.due]
    lines = [
        *(Due("thread", one.due, one.due, one) for one in follow if one.due),
        *(Due("missed", missed[0].due, missed[0].due, missed) for _ in missed[:1]),
        *(Due("round", one.due, one.due, one) for one in todo if one not in missed),
        *(Due("tea", one.due, one.due + TEA_TAKES, one) for one in orders),
        *(Due("back", p.away.due, p.away.due, p) for p in away if p.away and p.away.due),
        *(Due("handover", one.at, one.at + _ACCEPTED, one) for one in on.offers.values()),
    ]
    lines.sort(key=lambda line: (line.late >= now, line.at))
    shown = [line for line in lines if line.at < now + _SOON][:_MOST_DUE]
    more = store.count_open_log(end) - len(follow) + len(lines) - len(shown)
    late = sum(line.late < now for line in lines if line.kind != "thread")
    return {"lines": shown, "more": more, "late": late + store.count_open_log(now)}


def at_desk(core: Core, now: datetime) -> dict[str, Any]:
    return {
        "shift": shift.now_on(core.settings, now),
        "gap": shift.gap(core, now),
        "asked_of": duty.asked_of,
    }


def post(core: Core, now: datetime) -> dict[str, Any]:
    return {"shift": shift.now_on(core.settings, now), "settings": core.settings}


def paper(core: Core, now: datetime, query: Mapping[str, str]) -> Paper:
    """The form that a link asks for; without one, that of a phone message."""
    number = query.get("correct", "")
    if number.isdecimal() and (entry := store.entry(int(number[:15]))):
        thread = duty.thread_of(entry)
        asks = duty.asked_of(thread, entry)
        path = f"/api/log/{entry.id}/correction"
        return Paper("correct", path, entry.kind, asks, thread.said(entry), thread, entry)
    number = query.get("defer", "")
    if number.isdecimal() and (found := store.log_thread(int(number[:15]))) and found.next:
        path = f"/api/log/{found.first.id}/deferral"
        return Paper("defer", path, found.first.kind, thread=found)
    if named := checklist(query.get("round", "")):
        slot = query.get("slot", "")
        for one in duty.rounds_today(core, now):
            if one.of == named and one.slot == slot:
                return Paper("round", "/api/log", Duty.CHECK, round=one)
    for act in (Act.STOOD_IN, Act.HANDED_OVER):
        if query.get("shift") == act:
            goes = shift.along() if act is Act.HANDED_OVER else None
            asks = shift.ASKS[act]
            return Paper("shift", "/api/shift", Duty.SHIFT, asks, act=act, along=goes)
    wanted = query.get("new", "")
    kind = Duty(wanted) if wanted in _WRITTEN else Duty.PHONE
    return Paper("new", "/api/log", kind, FORMS[kind].asks)


def day_in(text: str) -> date | None:
    """The day that a link names, if it is one."""
    with suppress(ValueError):
        found = date.fromisoformat(text)
        return found if FIRST <= found <= LAST else None
    return None
