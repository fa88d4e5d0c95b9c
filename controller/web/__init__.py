"""The desk's page (前台工作台): one web application over the controller's functions."""

from importlib.metadata import version

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from controller.core import Core
from controller.web import (
    api,
    api_colleagues,
    api_imports,
    api_planning,
    api_visitors,
    events,
    links,
    pages,
    problems,
)
from controller.web.auth import Doorman
from controller.web.guard import Guard
from controller.web.view import HERE


def create_app(core: Core) -> FastAPI:
    """The application, to be served by any ASGI server."""
    app = FastAPI(
        title="Lobby: the desk's page",
        summary="Who is waiting, who is inside, what the board says.",
        description="Sign in with POST /api/session. Everything that is refused answers with a "
        "code and words.",
        version=version("lobby"),
        # They load their scripts from elsewhere; the description itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
    )
    app.state.core = core
    app.state.doorman = Doorman()
    app.state.links = links.LinkLimit()
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for router in (
        api.public,
        api.router,
        api_colleagues.router,
        api_planning.router,
        api_visitors.router,
        api_imports.router,
        events.router,
        links.router,
        pages.router,
    ):
        app.include_router(router)
    problems.install(app, pages.nothing_here)
    app.add_middleware(Guard, settings=core.settings)
    return app
