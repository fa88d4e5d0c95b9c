"""The guard's page: one web application over a gate, for a phone, a tablet or a PC at the door."""

from importlib.metadata import version

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from controller.gate.compose import Station
from controller.web import problems
from controller.web.gate import pages, routes
from controller.web.gate.door import Door
from controller.web.guard import Guard
from controller.web.view import HERE


def create_app(station: Station) -> FastAPI:
    """The application, to be served by any ASGI server."""
    settings = station.settings
    app = FastAPI(
        title="Lobby: a gate's page",
        summary="Passes scanned in and out, with the network up or down.",
        version=version("lobby"),
        docs_url=None,
        redoc_url=None,
    )
    app.state.station = station
    app.state.settings, app.state.changes = settings, station.changes
    app.state.door = Door(station)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(routes.public)
    app.include_router(routes.router)
    app.include_router(pages.router)
    problems.install(app, pages.nothing_here)
    app.add_middleware(Guard, settings=settings, names={settings.gate.host}, camera=True)
    return app
