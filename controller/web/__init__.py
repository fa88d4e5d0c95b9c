"""The desk's page (前台工作台): one web application over the controller's functions."""

from importlib.metadata import version
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles

from controller.core import Core
from controller.web import (
    api,
    api_board,
    api_colleagues,
    api_counter,
    api_devices,
    api_emergency,
    api_gates,
    api_goods,
    api_imports,
    api_integrations,
    api_ledger,
    api_log,
    api_passes,
    api_people,
    api_permits,
    api_planning,
    api_presence,
    api_printing,
    api_reports,
    api_rollcall,
    api_search,
    api_shift,
    api_visitors,
    events,
    feeds,
    invitations,
    links,
    pages,
    personal,
    problems,
    reference,
    rights,
)
from controller.web.auth import Doorman
from controller.web.guard import Guard
from controller.web.together import Together
from controller.web.view import HERE

ROUTERS = (
    api.public,
    api.router,
    api_board.router,
    api_colleagues.router,
    api_counter.router,
    api_emergency.router,
    api_devices.public,
    api_devices.router,
    api_gates.router,
    api_goods.router,
    api_permits.router,
    api_ledger.router,
    api_log.router,
    api_planning.router,
    api_presence.router,
    api_printing.router,
    api_reports.router,
    api_rollcall.router,
    api_rollcall.page_router,
    api_search.router,
    api_shift.router,
    api_visitors.router,
    api_passes.router,
    api_people.router,
    api_imports.router,
    api_integrations.router,
    invitations.router,
    invitations.page_router,
    events.router,
    feeds.router,
    feeds.page_router,
    links.router,
    personal.router,
    personal.page_router,
    reference.router,
    pages.router,
)


def create_app(core: Core) -> FastAPI:
    """The application, to be served by any ASGI server."""
    app = FastAPI(
        title="Lobby: the desk's page",
        summary="Who is waiting, who is inside, what the board says.",
        description="Sign in with POST /api/session; a program bears a token of its own, and what "
        "it may call is at /docs. Everything that is refused answers with a code and words.",
        version=version("lobby"),
        # They load their scripts from elsewhere: /docs is a page of ours (reference.py).
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(rights.allowed)],
    )
    app.state.core = core
    app.state.settings, app.state.changes = core.settings, core.changes
    app.state.fingerprint = ""
    app.state.doorman, app.state.together = Doorman(), Together()
    app.state.links = links.LinkLimit()
    app.state.sayings = personal.SayingLimit()
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app, pages.nothing_here)
    desk = core.settings.desk
    names = {desk.host, urlsplit(desk.link_base).hostname or ""}
    app.add_middleware(Guard, settings=core.settings, names=names)
    return app
