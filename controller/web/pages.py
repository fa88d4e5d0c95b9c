"""The desk's pages and their regions. A region is rendered alone when it is out of date."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from controller import guard, guests, publishing, reception
from controller.changes import What
from controller.core import Core
from controller.web import api_colleagues, auth
from controller.web.api import Desk, core_of, screens_of
from controller.web.language import language_of
from controller.web.problems import Refused
from controller.web.view import View
from models import store
from models.store import SectionRow, UserRow
from models.terms import Category, PassState, PersonState, Ready, Reason, Section, VehicleState

PAGES = {
    "today": "/",
    "visits": "/visits",
    "import": "/import",
    "simulate": "/simulate",
    "passes": "/passes",
    "board": "/board",
    "colleagues": "/colleagues",
    "devices": "/devices",
}
"""Every page: the name of its template and of its entry in the navigation, and its path."""

_STATES = {Section.VEHICLES: list(VehicleState), Section.WHEREABOUTS: list(PersonState)}
"""What a section's lines can say of a car or a person."""

_USUAL_REVIEW = timedelta(days=90)
"""After which a ban is to be looked at again, unless the desk says otherwise."""

_TEA_TAKES = timedelta(minutes=10)
"""Only then is tea late."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Region:
    """A part of the page that is rendered again when one of `topics` has changed."""

    topics: tuple[What, ...]
    gather: Callable[[Core, datetime], dict[str, Any]]


@router.get("/signin")
def signin(core: Desk, request: Request) -> Response:
    if auth.user_of(request):
        return RedirectResponse("/", 303)
    view = _view(core, request)
    return HTMLResponse(view.render("signin.html", settings=core.settings))


def page(name: str) -> Callable[..., Response]:
    """The endpoint of one page. Somebody who is not signed in is asked to."""

    def endpoint(core: Desk, request: Request) -> Response:
        user = auth.user_of(request)
        if user is None:
            return RedirectResponse("/signin", 303)
        return HTMLResponse(_page(core, _view(core, request), user, name))

    return endpoint


for _name, _path in PAGES.items():
    router.add_api_route(_path, page(_name), name=_name)


@router.get("/desk/fragments/{name}", dependencies=[Depends(auth.signed_in)])
def fragment(core: Desk, request: Request, name: str, page: str = "") -> Response:
    if name not in REGIONS:
        raise Refused(404, "not_found")
    return HTMLResponse(_region(core, _view(core, request), name, page))


def nothing_here(request: Request) -> Response:
    """What a person sees who follows a link to nothing."""
    core = core_of(request)
    return HTMLResponse(_view(core, request).render("nothing.html", settings=core.settings), 404)


def _view(core: Core, request: Request) -> View:
    return View(language_of(request, core.settings), core.settings.zone, datetime.now(UTC))


def _page(core: Core, view: View, user: UserRow, name: str) -> str:
    def region(part: str) -> Markup:
        topics = " ".join(REGIONS[part].topics)
        # Rendered with autoescape on.
        inner = Markup(_region(core, view, part, name))  # noqa: S704
        frame = Markup('<div data-region="{}" data-on="{}">{}</div>')
        return frame.format(part, topics, inner)

    people = store.people()
    return view.render(
        f"{name}.html",
        page=name,
        region=region,
        user=user,
        settings=core.settings,
        sections=list(Section),
        states=_STATES,
        people=people,
        colleagues=api_colleagues.people,
        departments=list(dict.fromkeys(person.department for person in people)),
        rooms=store.rooms(),
        cars=store.cars(),
        categories=list(Category),
    )


def _region(core: Core, view: View, name: str, page: str) -> str:
    context = REGIONS[name].gather(core, view.now)
    return view.render(f"fragments/{name}.html", page=page, **context)


# --- what each region shows ----------------------------------------------------------------------


def _status(core: Core, _now: datetime) -> dict[str, Any]:
    return {"standing": screens_of(core)}


def _nav(_core: Core, _now: datetime) -> dict[str, Any]:
    waiting = len(store.waiting_visits()) + len(store.help_calls())
    return {"pages": PAGES, "counts": {"today": waiting}}


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
        "maybe": reception.suggestions(core, visits, now),
        "alerts": guard.alerts_for(core, visits, now),
        "reasons": list(Reason),
        "calls": store.help_calls(),
        "categories": list(Category),
    }


def _material(_core: Core, _now: datetime) -> dict[str, Any]:
    return {"items": store.open_material()}


def _tea(core: Core, now: datetime) -> dict[str, Any]:
    orders = store.tea_orders(*reception.day_of(core, now))
    unserved = sum(order.served_at is None for order in orders)
    return {"orders": orders, "open": unserved, "late": now - _TEA_TAKES}


def _guard(core: Core, now: datetime) -> dict[str, Any]:
    today = guard.today_of(core, now)
    return {
        "refused": store.refused_visits(*reception.day_of(core, now)),
        "watched": guard.watched(core, now),
        "bans": store.bans(),
        "today": today,
        "review": today + _USUAL_REVIEW,
    }


def _inside(_core: Core, now: datetime) -> dict[str, Any]:
    passes = store.passes_about(now)
    inside = [row for row in passes if row.state is PassState.INSIDE]
    return {
        "passes": passes,
        "people": sum(row.party for row in inside),
        "overdue": sum(row.overdue(now) for row in inside),
        "issued": len(passes) - len(inside),
    }


def _lines(core: Core, now: datetime) -> dict[str, Any]:
    return {
        "lines": {section: publishing.standing(core, section, now) for section in Section},
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


def _devices(_core: Core, _now: datetime) -> dict[str, Any]:
    return {"devices": store.devices()}


def _appointments(core: Core, now: datetime) -> dict[str, Any]:
    standing = publishing.standing(core, Section.VISITS, now)
    return {
        "appointments": store.appointments(*reception.day_of(core, now)),
        "on_board": {notice.id for notice in standing},
    }


REGIONS = {
    "status": Region(("board", "screens", "devices"), _status),
    "nav": Region(("visits", "help"), _nav),
    "waiting": Region(("visits", "help", "passes"), _waiting),
    "material": Region(("visits",), _material),
    "tea": Region(("visits",), _tea),
    "guard": Region(("visits", "passes"), _guard),
    "inside": Region(("passes",), _inside),
    "standing": Region(("board",), _lines),
    "preview": Region(("board",), _lines),
    "lines": Region(("board", "screens", "devices"), _lines),
    "screens": Region(("board", "screens", "devices"), _screens),
    "devices": Region(("devices",), _devices),
    "appointments": Region(("visits", "board"), _appointments),
}
