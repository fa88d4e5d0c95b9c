"""The guard's page and its regions."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from controller.gate.compose import Station
from controller.web.gate.door import AtGate, door_of, signed_in, station_of
from controller.web.gate.view import GateView, view_of
from controller.web.problems import Refused

_REGIONS = {"state": "devices", "history": "passes"}
"""Each with the topic that makes it out of date."""
_SHOWN = 12

router = APIRouter(include_in_schema=False)


@router.get("/")
def page(station: AtGate, request: Request) -> Response:
    if not door_of(request).is_open(request):
        return RedirectResponse("/signin", 303)
    view = view_of(request)

    def region(name: str) -> Markup:
        # Rendered with autoescape on.
        inner = Markup(_region(station, view, name))  # noqa: S704
        frame = Markup('<div data-region="{}" data-on="{}">{}</div>')
        return frame.format(name, _REGIONS[name], inner)

    settings = station.settings
    serial = bool(settings.gate.serial)
    newest = station.gate.journal.last(1)
    text = view.render(
        "gate/page.html",
        settings=settings,
        region=region,
        serial=serial,
        newest=newest[0].seq if newest else 0,
    )
    return HTMLResponse(text)


@router.get("/signin")
def signin(station: AtGate, request: Request) -> Response:
    if door_of(request).is_open(request):
        return RedirectResponse("/", 303)
    return HTMLResponse(view_of(request).render("gate/signin.html", settings=station.settings))


@router.get("/fragments/{name}", dependencies=[Depends(signed_in)])
def fragment(station: AtGate, request: Request, name: str) -> Response:
    if name not in _REGIONS:
        raise Refused(404, "not_found")
    return HTMLResponse(_region(station, view_of(request), name))


def nothing_here(request: Request, words: str, status: int) -> Response:
    settings = station_of(request).settings
    html = view_of(request).render("nothing.html", settings=settings, words=words)
    return HTMLResponse(html, status)


def _region(station: Station, view: GateView, name: str) -> str:
    if name == "history":
        return view.render("gate/history.html", entries=station.gate.journal.last(_SHOWN))
    health = station.gate.health()
    return view.render(
        "gate/state.html",
        health=health,
        warnings=view.warnings(health),
        online=station.messenger.online,
        since=view.moment(station.messenger.since),
        revoked=station.gate.trust.revoked,
    )
