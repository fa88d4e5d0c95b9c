"""The desk's pages and their regions. A region is rendered alone when it is out of date."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from controller import (
    deciding,
    emergency,
    guard,
    guests,
    permits,
    presence,
    printing,
    publishing,
    rollcall,
    sections,
    telling,
)
from controller import devices as device_rules
from controller.changes import What
from controller.core import Core
from controller.web import api_colleagues, api_search, auth, logbook, reports, rights
from controller.web.api import Desk, Person, core_of, screens_of
from controller.web.api_ledger import ledger_of
from controller.web.api_presence import CLOSINGS
from controller.web.language import language_of
from controller.web.together import Together
from controller.web.view import View
from models import store
from models.duty import FORMS
from models.merging import Resolution
from models.store import PassRow, SectionRow, UserRow
from models.terms import (
    PANELS,
    Category,
    DeskRole,
    Emergency,
    GoodsState,
    Happening,
    PersonState,
    Presence,
    Ready,
    Reason,
    Scope,
    Section,
    TicketState,
    VehicleState,
)
from models.webhooks import shown

PAGES = {
    "today": "/",
    "search": "/search",
    "visits": "/visits",
    "counter": "/counter",
    "log": "/log",
    "reports": "/reports",
    "permits": "/permits",
    "goods": "/goods",
    "import": "/import",
    "simulate": "/simulate",
    "passes": "/passes",
    "closing": "/closing",
    "board": "/board",
    "colleagues": "/colleagues",
    "people": "/people",
    "integrations": "/integrations",
    "devices": "/devices",
}
"""Every page: the name of its template and of its entry in the navigation, and its path."""

_STATES = {Section.VEHICLES: list(VehicleState), Section.WHEREABOUTS: list(PersonState)}
"""What a section's lines can say of a car or a person."""

_USUAL_REVIEW = timedelta(days=90)
"""After which a ban is to be looked at again, unless the desk says otherwise."""

_CLOSING_TAKES = timedelta(minutes=5)
"""Only then was a closing gone through late."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Region:
    """A part of the page that is rendered again when one of `topics` has changed. `asks` are what
    the page's address can say to it. One that is `personal` depends on who sees it, others on no
    more than their role."""

    topics: tuple[What, ...]
    gather: Callable[..., dict[str, Any]]
    asks: tuple[str, ...] = ()
    personal: bool = False


@router.get("/signin")
def signin(core: Desk, request: Request) -> Response:
    if auth.user_of(request):
        return RedirectResponse("/", 303)
    view = _view(core, request)
    return HTMLResponse(view.render("signin.html", settings=core.settings))


@router.get("/account")
def account(core: Desk, request: Request, user: Person) -> Response:
    html = _view(core, request).render(
        "account.html",
        settings=core.settings,
        user=user,
        sessions=auth.sessions(request, user),
        may=partial(rights.may, user),
        feed=store.feed(user.id),
    )
    return HTMLResponse(html)


def page(name: str) -> Callable[..., Response]:
    """The endpoint of one page."""

    def endpoint(core: Desk, request: Request, user: Person) -> Response:
        return HTMLResponse(_page(core, _view(core, request), user, name, request.query_params))

    return endpoint


for _name, _path in PAGES.items():
    router.add_api_route(_path, page(_name), name=_name)


@router.get("/desk/fragments/{names}")
def fragments(core: Desk, request: Request, user: Person, names: str, page: str = "") -> Response:
    """Regions in their frames, each as a page has it; their names are joined by commas."""
    view, query = _view(core, request), request.query_params
    together: Together = request.app.state.together
    page = page if page in PAGES else ""

    def part(name: str) -> str:
        region = REGIONS[name]
        make = partial(_region, core, view, user, name, page, query)
        if region.personal or not query.keys().isdisjoint(region.asks):
            return make()
        what = name, page, view.language, user.role
        return together.made(what, core.changes.count(region.topics), monotonic(), make)

    return HTMLResponse("".join(part(name) for name in dict.fromkeys(names.split(","))))


def nothing_here(request: Request, words: str, status: int) -> Response:
    """What a person sees who follows a link to nothing, or to what is not theirs."""
    core = core_of(request)
    html = _view(core, request).render("nothing.html", settings=core.settings, words=words)
    return HTMLResponse(html, status)


def _view(core: Core, request: Request) -> View:
    return View(language_of(request, core.settings), core.settings.zone, datetime.now(UTC))


def _page(core: Core, view: View, user: UserRow, name: str, query: Mapping[str, str]) -> str:
    may = partial(rights.may, user)

    def region(part: str) -> Markup:
        if not may(f"GET /desk/fragments/{part}"):
            return Markup()
        # Rendered with autoescape on.
        return Markup(_region(core, view, user, part, name, query))  # noqa: S704

    people = store.people()
    return view.render(
        f"{name}.html",
        page=name,
        region=region,
        user=user,
        settings=core.settings,
        sections=PANELS,
        states=_STATES,
        people=people,
        permits_on=lambda: store.permits_since(core.local(view.now).date()),
        colleagues=api_colleagues.people,
        personal_links=store.personal_links(),
        emergency_kinds=list(Emergency),
        departments=list(dict.fromkeys(person.department for person in people)),
        rooms=store.rooms(),
        cars=store.cars(),
        categories=list(Category),
        groups=sections.groups(core),
        enrolled=device_rules.ENROLLED,
        roles=list(DeskRole),
        scopes=list(Scope),
        happenings=list(Happening),
        may=may,
        forms=FORMS,
        clerks=rights.who_may("POST /api/shift"),
        paper=lambda: logbook.paper(core, view.now, query),
        question=query.get("q", ""),
    )


def _region(
    core: Core, view: View, user: UserRow, name: str, page: str, query: Mapping[str, str]
) -> str:
    region = REGIONS[name]
    asked = {ask: query[ask] for ask in region.asks if ask in query}
    whose = {"user": user} if region.personal else {}
    context = region.gather(core, view.now, **asked) | whose
    return view.render(
        "region.html",
        region=name,
        topics=region.topics,
        page=page,
        may=partial(rights.may, user),
        **context,
    )


# --- what each region shows ----------------------------------------------------------------------


def _status(core: Core, _now: datetime) -> dict[str, Any]:
    return {"standing": screens_of(core)}


def _nav(core: Core, now: datetime) -> dict[str, Any]:
    waiting = len(store.waiting_visits()) + len(store.help_calls())
    numbers = len(_queue(core, now)["waiting"])
    unclear = len(store.open_conflicts())
    drafts = sum(slip.state is GoodsState.DRAFT for slip in store.open_goods())
    counts = {"today": waiting + len(presence.outstayed(now)), "counter": numbers}
    counts |= {"passes": unclear, "goods": drafts, "closing": len(presence.open_lines())}
    counts["log"] = store.count_open_log()
    return {"pages": PAGES, "counts": counts}


def _permits(core: Core, now: datetime) -> dict[str, Any]:
    return {"permits": store.permits_since(core.local(now).date())}


def _works(core: Core, now: datetime) -> dict[str, Any]:
    today = core.day_of(now)
    return {
        "visits": store.works_visits(*today),
        "strangers": store.strangers(permits.NOT_ON_PERMIT, *today),
    }


def _goods(core: Core, now: datetime) -> dict[str, Any]:
    slips = store.goods_of(*core.day_of(now))
    order = list(GoodsState)
    return {
        "slips": sorted(slips, key=lambda slip: order.index(slip.state)),
        "prints": printing.DESK in printing.printers_of(core.settings),
    }


def _queue(core: Core, now: datetime) -> dict[str, Any]:
    today = core.local(now).date()
    tickets = store.open_tickets(today)
    return {
        "waiting": [row for row in tickets if row.state is TicketState.WAITING],
        "called": [row for row in tickets if row.state is TicketState.CALLED],
        "done": store.closed_tickets(today),
    }


def _waiting(core: Core, now: datetime) -> dict[str, Any]:
    visits = store.waiting_visits()
    led = guests.to_be_led(now)
    honoured = [visit for visit in [*visits, *led] if visit.category in guests.HONOURED]
    return {
        "led": led,
        "ready": {visit.id: store.ready(visit.id) for visit in honoured},
        "missing": {visit.id: guests.missing(visit) for visit in honoured},
        "ready_items": list(Ready),
        "visits": visits,
        "maybe": deciding.suggestions(core, visits, now),
        "alerts": guard.alerts_for(core, visits, now),
        "reasons": list(Reason),
        "calls": store.help_calls(),
        "categories": list(Category),
    }


def _material(_core: Core, _now: datetime) -> dict[str, Any]:
    items = store.open_material()
    said = {row.visit_id: store.tellings_of(row.visit_id) for row in items}
    return {
        "items": items,
        "hr": {
            visit_id: next((row for row in reversed(rows) if row.role == telling.HR), None)
            for visit_id, rows in said.items()
        },
    }


def _tell(core: Core, now: datetime) -> dict[str, Any]:
    return {"rows": telling.by_word(core, now)}


def _tea(core: Core, now: datetime) -> dict[str, Any]:
    orders = store.tea_orders(*core.day_of(now))
    unserved = sum(order.served_at is None for order in orders)
    return {"orders": orders, "open": unserved, "late": now - logbook.TEA_TAKES}


def _guard(core: Core, now: datetime) -> dict[str, Any]:
    today = guard.today_of(core, now)
    return {
        "refused": store.refused_visits(*core.day_of(now)),
        "watched": guard.watched(core, now),
        "bans": store.bans(),
        "today": today,
        "review": today + _USUAL_REVIEW,
    }


def _printing(core: Core, _now: datetime) -> dict[str, Any]:
    there = printing.printers_of(core.settings)
    return {
        "printers": [printer for printer in store.printers() if printer.name in there],
        "jobs": store.print_troubles(),
    }


def _inside(core: Core, now: datetime) -> dict[str, Any]:
    passes = store.passes_about(now)
    inside = [row for row in passes if row.inside]
    parties: dict[int, list[PassRow]] = {}
    for row in passes:
        parties.setdefault(row.visit_id, []).append(row)
    return {
        "parties": list(parties.values()),
        "people": len(inside),
        "overdue": sum(row.overdue(now) for row in inside),
        "unknown": sum(row.presence is Presence.UNKNOWN for row in inside),
        "issued": len(passes) - len(inside),
        "prints": bool(printing.printers_of(core.settings)),
    }


def _overdue(_core: Core, now: datetime) -> dict[str, Any]:
    return {"visits": presence.outstayed(now)}


def _closing(core: Core, _now: datetime) -> dict[str, Any]:
    closings = store.closings(CLOSINGS)
    return {
        "lines": presence.open_lines(),
        "days": [(closing, store.unaccounted(closing.id)) for closing in closings],
        "closes": core.settings.passes.closing,
        "late": _CLOSING_TAKES,
    }


def _ledger(core: Core, _now: datetime) -> dict[str, Any]:
    return ledger_of(core)


def _roll(_core: Core, now: datetime) -> dict[str, Any]:
    return {"roll": rollcall.roll_now(now)}


def _emergency(core: Core, now: datetime) -> dict[str, Any]:
    return {"emergencies": emergency.standing(core, now)}


def _lines(core: Core, now: datetime) -> dict[str, Any]:
    return {
        "lines": {section: publishing.standing(core, section, now) for section in PANELS},
        "revisions": _revisions(core),
        "screens": screens_of(core).screens,
    }


def _revisions(core: Core) -> dict[Section, SectionRow]:
    published = store.sections(core.settings.board.group)
    return {section: published[section] for section in Section if section in published}


def _screens(core: Core, _now: datetime) -> dict[str, Any]:
    return {
        "screens": screens_of(core).screens,
        "revisions": _revisions(core),
    }


def _conflicts(_core: Core, _now: datetime) -> dict[str, Any]:
    return {"conflicts": store.open_conflicts(), "resolutions": list(Resolution)}


def _devices(core: Core, _now: datetime) -> dict[str, Any]:
    return {"devices": store.devices(), "settings": core.settings}


def _people(_core: Core, _now: datetime) -> dict[str, Any]:
    return {"users": store.users(), "roles": list(DeskRole)}


def _clients(core: Core, now: datetime) -> dict[str, Any]:
    return {"clients": store.clients(), "today": core.local(now).date()}


def _webhooks(_core: Core, _now: datetime) -> dict[str, Any]:
    standing = {"waiting": store.waiting_messages(), "lost": store.undelivered()}
    return {"webhooks": store.webhooks(), "shown": shown, **standing}


def _undelivered(_core: Core, _now: datetime) -> dict[str, Any]:
    lost = store.undelivered()
    hooks = [hook for hook in store.webhooks() if hook.stopped or hook.id in lost]
    return {"webhooks": hooks, "lost": lost, "shown": shown}


def _appointments(core: Core, now: datetime) -> dict[str, Any]:
    standing = publishing.standing(core, Section.VISITS, now)
    return {
        "appointments": store.appointments_kept(*core.day_of(now)),
        "on_board": {notice.id for notice in standing},
    }


REGIONS = {
    "status": Region(("board", "screens", "devices"), _status),
    "nav": Region(("visits", "help", "queue", "passes", "goods", "log"), _nav),
    "queue": Region(("queue",), _queue),
    "permits": Region(("permits",), _permits),
    "goods": Region(("goods",), _goods),
    "works": Region(("permits", "visits"), _works),
    "waiting": Region(("visits", "help", "passes"), _waiting),
    "material": Region(("visits",), _material),
    "tell": Region(("visits",), _tell),
    "tea": Region(("visits",), _tea),
    "guard": Region(("visits", "passes"), _guard),
    "inside": Region(("passes",), _inside),
    "conflicts": Region(("passes", "goods"), _conflicts),
    "printing": Region(("printing",), _printing),
    "ledger": Region(("passes",), _ledger),
    "overdue": Region(("passes", "visits"), _overdue),
    "closing": Region(("passes",), _closing),
    "standing": Region(("board",), _lines),
    "roll": Region(("roll", "passes"), _roll),
    "emergency": Region(("board",), _emergency),
    "preview": Region(("board",), _lines),
    "lines": Region(("board", "screens", "devices"), _lines),
    "screens": Region(("board", "screens", "devices"), _screens),
    "devices": Region(("devices",), _devices),
    "people": Region(("people",), _people),
    "clients": Region(("integrations",), _clients),
    "webhooks": Region(("integrations",), _webhooks),
    "undelivered": Region(("integrations",), _undelivered),
    "appointments": Region(("visits", "board"), _appointments),
    "due": Region(("log", "tea"), logbook.due),
    "followups": Region(("log",), logbook.followups),
    "rounds": Region(("log",), logbook.rounds),
    "shift": Region(("log",), logbook.at_desk, personal=True),
    "post": Region(("log",), logbook.post, personal=True),
    "log": Region(("log",), logbook.day, logbook.ASKS),
    "reminders": Region(("log",), logbook.reminders),
    "report": Region((), reports.page, reports.ASKS),
    "search": Region(("visits", "passes", "log", "goods"), api_search.region, api_search.ASKS),
}
