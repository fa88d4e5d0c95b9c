"""Who may do what: every route with every role, and nothing shown that its reader may not do."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from starlette.routing import Mount, Route

from controller import bearer, clients, web
from controller.web import auth, rights
from controller.web.pages import PAGES, REGIONS
from models import store
from models.store import SessionRow
from models.terms import DeskRole, Scope
from tests.desk_office import a_full_day, page_of

ENDLESS = "GET /api/events"
ENDING = ("DELETE /api/account/sessions", "DELETE /api/session")
"""Asked last: the session is over then."""
ROUTES = sorted(
    {
        f"{method} {route.path}"
        for router in web.ROUTERS
        for route in router.routes
        for method in route.methods - {"HEAD"}
        if "fragments" not in route.path
    }
    | {f"GET /desk/fragments/{name}" for name in REGIONS},
    key=lambda route: (route in ENDING, route),
)
SHOWN = {
    "admit": "POST /api/visits/{visit_id}/decision",
    "announce": "POST /api/appointments/{appointment_id}/notice",
    "answer": "POST /api/help/{call_id}/answer",
    "ask-picture": "POST /api/devices/board/{device}/picture",
    "cancel-appointment": "POST /api/appointments/{appointment_id}/cancellation",
    "call-number": "POST /api/queue/{ticket_id}/call",
    "edit": "PUT /api/notices/{notice_id}",
    "edit-device": "PUT /api/devices/{role}/{device}",
    "give-back": "DELETE /api/emergencies/{notice_id}",
    "issue-pass": "POST /api/workers/{worker_id}/pass",
    "log-stage": "POST /api/log/{root_id}/stages",
    "log-void": "POST /api/log/{entry_id}/void",
    "join": "POST /api/visits/{visit_id}/appointment",
    "lost": "POST /api/passes/{pass_id}/original-lost",
    "new-code": "POST /api/devices/{role}/{device}/code",
    "personal-link": "POST /api/colleagues/{person_id}/link",
    "print-goods": "POST /api/goods/{slip_id}/print",
    "print-slip": "POST /api/passes/{pass_id}/print",
    "release-goods": "POST /api/scans",
    "remove-user": "DELETE /api/users/{user_id}",
    "remove-webhook": "DELETE /api/webhooks/{webhook_id}",
    "rotate-webhook": "POST /api/webhooks/{webhook_id}/secret",
    "test-webhook": "POST /api/webhooks/{webhook_id}/test",
    "reset-password": "POST /api/users/{user_id}/password",
    "revoke-client": "DELETE /api/clients/{client_id}",
    "revoke-device": "DELETE /api/devices/{role}/{device}",
    "revoke-pass": "POST /api/passes/{pass_id}/revoke",
    "save-user": "PUT /api/users/{user_id}",
    "show-goods": "GET /api/goods/{slip_id}/qr.svg",
    "show-pass": "GET /api/passes/{pass_id}/qr.svg",
    "shift": "POST /api/shift",
    "sign-visitor-in": "POST /api/scans",
    "sign-visitor-out": "POST /api/scans",
    "take-down": "DELETE /api/notices/{notice_id}",
    "take-over": "POST /api/emergencies",
    "try-out": "POST /api/colleagues/{person_id}/test",
    "form cancel": "POST /api/appointments/{appointment_id}/cancellation",
    "form appointment": "POST /api/appointments",
    "form client": "POST /api/clients",
    "form colleague": "PUT /api/colleagues/{person_id}",
    "form count": "POST /api/ledger/counts",
    "form device": "POST /api/devices",
    "form goods": "POST /api/goods",
    "form permit": "POST /api/permits",
    "form publish": "POST /api/board/{section}",
    "form scan": "POST /api/scans",
    "form search": "GET /api/search",
    "form simulate": "POST /api/simulate",
    "form tea": "POST /api/tea",
    "form webhook": "POST /api/webhooks",
    "form user": "POST /api/users",
}
"""What a button or a form of the page asks for. A step in a list names its own address."""


@pytest.fixture
def signed_in(core):
    """signed_in(role): a caller of the page whose session is that role's; None is a stranger's."""

    def client_of(role, *, must_change=False):
        client = page_of(core)
        if role is None:
            return client
        known = store.user(role) or store.add_user(role, role, "none", role)
        store.change_user(known.id, must_change=must_change)
        token, now = f"token-of-{role}", datetime.now(UTC)
        session = SessionRow(bearer.hash_of(token), now, now + timedelta(hours=1), "testclient")
        store.open_session(session, known.id)
        client.cookies.set(auth.COOKIE, token)
        return client

    return client_of


def asked(client, route):
    method, path = route.split(" ")
    # No row has this id, so that whoever may do it changes nothing.
    return client.request(method, re.sub(r"\{\w+\}", "999999", path), follow_redirects=False)


def test_every_route_is_in_the_table_once_and_no_other():
    lines = " ".join(rights._ROWS.values()).split()
    assert set(ROUTES) == set(rights.RIGHTS)
    assert len(lines) == 2 * len(ROUTES)


def test_nothing_is_served_beside_the_table_but_the_description_and_our_own_files(core):
    beside = {route.path for route in page_of(core).app.routes if isinstance(route, Route | Mount)}
    assert beside == {"/openapi.json", "/static"}


@pytest.mark.parametrize("role", [None, *DeskRole])
def test_every_route_is_refused_to_everybody_but_those_in_the_table(core, signed_in, role):
    client, wrong = signed_in(role), {}
    for route in ROUTES:
        allowed = rights.RIGHTS[route]
        if route == ENDLESS and role in allowed:
            continue
        answer = asked(client, route)
        refused = answer.status_code == 403 and answer.json()["code"] == "not_allowed"
        home = route == "GET /" and answer.status_code == 303
        nobody = answer.status_code == 401 or answer.headers.get("location") == "/signin"
        if allowed == rights.PUBLIC:
            expected = not refused
        elif role is None:
            expected = nobody
        else:
            expected = (refused or home) != (role in allowed) and not nobody
        if not expected:
            wrong[route] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("scope", Scope)
def test_every_route_is_refused_to_every_program_but_those_whose_scope_names_it(core, scope):
    _, token = clients.add(core, scope, [scope], None, "admin", datetime.now(UTC))
    client, wrong = page_of(core), {}
    client.headers["authorization"] = f"Bearer {token}"
    for route in ROUTES:
        answer = asked(client, route)
        refused = answer.status_code == 403 and "not_allowed" in answer.text
        if rights.RIGHTS[route] != rights.PUBLIC and refused == (scope in rights.SCOPES[route]):
            wrong[route] = answer.status_code
    assert wrong == {}


def test_of_regions_that_are_asked_for_together_each_must_be_allowed(signed_in):
    guard = signed_in(DeskRole.GUARD)
    both = guard.get("/desk/fragments/inside,ledger,inside").text
    assert re.findall(r'data-region="(\w+)"', both) == ["inside", "ledger"]
    for names, status in (("inside,waiting", 403), ("inside,nothing", 404), ("inside,", 404)):
        assert guard.get(f"/desk/fragments/{names}").status_code == status


def test_a_scope_names_only_what_some_person_may_do_and_nothing_of_administration():
    named = {route for rows in rights._SCOPES.values() for route in rows.strip().splitlines()}
    assert {route.strip() for route in named} == {r for r, of in rights.SCOPES.items() if of}
    for route, scopes in rights.SCOPES.items():
        if scopes:
            assert route.split()[1].startswith("/api/")
            assert DeskRole.CLERK in rights.RIGHTS[route]


@pytest.mark.parametrize("role", DeskRole)
def test_a_page_shows_nothing_that_its_reader_may_not_do(core, signed_in, role):
    a_full_day(core)
    client = signed_in(role)
    pages = [path for path in PAGES.values() if role in rights.RIGHTS[f"GET {path}"]]
    assert pages
    for path in pages:
        # What a dialog does is opened by a button of the page.
        page = re.sub("(?s)<dialog.*?</dialog>", "", client.get(path).text)
        shown = set(re.findall(r'data-do="([\w-]+)"', page))
        shown |= {f"form {name}" for name in re.findall(r'data-form="(\w+)"', page)}
        shown |= set(re.findall(r'href="(/[^"#]*)', page))
        shown |= {f"/desk/fragments/{name}" for name in re.findall(r'data-region="(\w+)"', page)}
        shown |= {
            f"{row}/{step}"
            for row, rest in re.findall(r'(?s)data-path="([^"]+)"(.*?)(?=data-path=|\Z)', page)
            for step in re.findall(r'data-step="(\w+)"', rest)
        }
        assert {what for what in shown if not may(role, what)} == set(), path


def may(role, what):
    """May this role do what a page shows: a button, a form, a link, or a step at an address?"""
    if not what.startswith("/"):
        return what not in SHOWN or role in rights.RIGHTS[SHOWN[what]]
    return what.startswith("/static/") or any(
        role in roles or roles == rights.PUBLIC
        for route, roles in rights.RIGHTS.items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route.split()[1]), what.split("?")[0])
    )


def test_what_is_not_ones_own_is_said_in_words_and_home_is_elsewhere(signed_in):
    guard = signed_in(DeskRole.GUARD)
    page = guard.get("/people", headers={"accept": "text/html"})
    assert page.status_code == 403
    assert "請找主管或管理員" in page.text
    assert guard.get("/", follow_redirects=False).headers["location"] == "/passes"
    host = signed_in(DeskRole.HOST)
    assert host.get("/", follow_redirects=False).headers["location"] == "/visits"


def test_who_has_a_first_password_can_do_nothing_but_choose_another(signed_in):
    client = signed_in(DeskRole.ADMINISTRATOR, must_change=True)
    for route in ROUTES:
        if rights.RIGHTS[route] == rights.PUBLIC or route in rights.OWN:
            continue
        answer = asked(client, route)
        if answer.status_code == 303:
            assert answer.headers["location"] == "/account"
        else:
            assert answer.json()["code"] == "change_password_first", route
    assert "只供首次登入" in client.get("/account").text
