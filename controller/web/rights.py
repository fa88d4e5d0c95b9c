"""Who may do what at the desk: one table, asked before every route of the page.

A route that is not in the table is nobody's. Its rows are the routes as the application knows them;
a page's region is a row of its own, and so its buttons' routes decide what a region may offer. Of
these rows a program may do those that its scopes name, and no other.
"""

from fastapi import Request

from controller.web import auth
from controller.web.problems import Elsewhere, Refused
from models import store
from models.store import ClientRow
from models.terms import DeskRole, Scope

_LEAD = frozenset({DeskRole.SUPERVISOR, DeskRole.ADMINISTRATOR})
_DESK = _LEAD | {DeskRole.CLERK}
_DOOR = _DESK | {DeskRole.GUARD}
_HOSTS = _DESK | {DeskRole.HOST}
_ALL = frozenset(DeskRole)
_ADMIN = frozenset({DeskRole.ADMINISTRATOR})
PUBLIC: frozenset[DeskRole] = frozenset()
"""Whoever asks, signed in or not: its own token or code says what for."""

_ROWS: dict[frozenset[DeskRole], str] = {
    PUBLIC: """
        GET /health
        POST /api/session
        DELETE /api/session
        GET /signin
        GET /rollcall-worker.js
        GET /docs
        POST /enrol
        GET /c/{token}
        GET /c/{token}/{answer}
        POST /c/{token}/{answer}
        GET /w/{token}
        POST /w/{token}
        GET /f/{token}.ics
    """,
    _ALL: """
        GET /account
        PUT /api/account/password
        GET /api/account/sessions
        DELETE /api/account/sessions
        GET /api/events
        GET /api/screens
        GET /desk/fragments/status
        GET /desk/fragments/nav
        GET /desk/fragments/post
        GET /desk/fragments/roll
        GET /search
        GET /api/search
        GET /desk/fragments/search
        GET /rollcall
        GET /api/rollcall
        POST /api/rollcall
        POST /api/rollcall/marks
        POST /api/rollcall/end
    """,
    _HOSTS: """
        GET /visits
        GET /desk/fragments/appointments
        GET /api/appointments
        POST /api/appointments
        GET /api/appointments/{appointment_id}/invitation.svg
        GET /api/appointments/{appointment_id}/invitation.png
        GET /appointments/{appointment_id}/invitation
        GET /api/rooms
        GET /api/directory
        POST /api/account/calendar
        DELETE /api/account/calendar
    """,
    _DOOR: """
        GET /passes
        GET /board
        GET /desk/fragments/inside
        GET /desk/fragments/overdue
        GET /desk/fragments/conflicts
        GET /desk/fragments/ledger
        GET /desk/fragments/guard
        GET /desk/fragments/emergency
        GET /api/today
        POST /api/scans
        PUT /api/passes/{pass_id}/holder
        GET /api/passes/{pass_id}/qr.svg
        POST /api/passes/{pass_id}/revoke
        POST /api/passes/{pass_id}/original-lost
        POST /api/passes/{pass_id}/duplicate-missing
        POST /api/passes/{pass_id}/print
        GET /api/ledger
        POST /api/ledger/counts
        GET /api/conflicts
        POST /api/conflicts/{conflict_id}/resolution
        GET /api/bans
        GET /api/emergencies
        POST /api/emergencies
        POST /api/emergencies/{notice_id}/extend
        DELETE /api/emergencies/{notice_id}
    """,
    _DESK: """
        GET /
        GET /counter
        GET /permits
        GET /goods
        GET /closing
        GET /log
        GET /import
        GET /simulate
        GET /devices
        GET /desk/fragments/waiting
        GET /desk/fragments/material
        GET /desk/fragments/tell
        GET /desk/fragments/tea
        GET /desk/fragments/printing
        GET /desk/fragments/standing
        GET /desk/fragments/preview
        GET /desk/fragments/lines
        GET /desk/fragments/screens
        GET /desk/fragments/devices
        GET /desk/fragments/queue
        GET /desk/fragments/permits
        GET /desk/fragments/works
        GET /desk/fragments/goods
        GET /desk/fragments/closing
        GET /desk/fragments/shift
        GET /desk/fragments/log
        GET /desk/fragments/due
        GET /desk/fragments/followups
        GET /desk/fragments/rounds
        GET /desk/fragments/reminders
        POST /api/visits/{visit_id}/decision
        POST /api/visits/{visit_id}/appointment
        POST /api/visits/{visit_id}/ready/{item}
        POST /api/visits/{visit_id}/ban
        POST /api/help/{call_id}/answer
        POST /api/appointments/{appointment_id}/notice
        POST /api/appointments/{appointment_id}/cancellation
        GET /api/devices
        GET /api/devices/board/{device}/picture
        POST /api/devices/board/{device}/picture
        GET /api/board/{section}
        POST /api/board/{section}
        POST /api/board/{section}/preview
        PUT /api/notices/{notice_id}
        DELETE /api/notices/{notice_id}
        PUT /api/notices/{notice_id}/state
        POST /api/notices/{notice_id}/publish
        GET /api/notices/history
        POST /api/notices/history/{version_id}/restore
        GET /api/queue
        POST /api/queue/{ticket_id}/call
        POST /api/queue/{ticket_id}/done
        POST /api/queue/{ticket_id}/absent
        POST /api/imports/preview
        POST /api/imports
        POST /api/simulate
        GET /api/permits
        POST /api/permits
        POST /api/permits/{permit_id}/workers
        POST /api/permits/{permit_id}/{step}
        POST /api/workers/{worker_id}/pass
        POST /api/workers/{worker_id}/remove
        GET /api/print-jobs
        POST /api/print-jobs/{job_id}/again
        POST /api/print-jobs/{job_id}/dismiss
        GET /api/goods
        POST /api/goods
        POST /api/goods/{slip_id}/approve
        POST /api/goods/{slip_id}/revoke
        POST /api/goods/{slip_id}/print
        GET /api/goods/{slip_id}/qr.svg
        GET /api/closings
        POST /api/unaccounted/{line_id}/account
        GET /api/material
        PUT /api/material/{material_id}
        POST /api/material/{material_id}/{step}
        GET /api/tellings
        POST /api/tellings/{telling_id}/done
        POST /api/bans/{ban_id}/renew
        POST /api/bans/{ban_id}/lift
        GET /api/tea
        POST /api/tea
        POST /api/tea/{tea_id}/served
        GET /api/log
        GET /api/log/open
        GET /api/log/sheet.pdf
        POST /api/log
        POST /api/log/{root_id}/stages
        POST /api/log/{root_id}/deferral
        POST /api/log/{entry_id}/correction
        POST /api/log/{entry_id}/void
        GET /api/shift
        POST /api/shift
    """,
    _LEAD: """
        GET /reports
        GET /desk/fragments/report
        GET /api/reports/{table}.csv
        GET /api/reports.xlsx
        GET /colleagues
        GET /api/colleagues
        PUT /api/colleagues/{person_id}
        POST /api/colleagues/{person_id}/test
        POST /api/colleagues/{person_id}/link
        DELETE /api/colleagues/{person_id}/link
    """,
    _ADMIN: """
        GET /integrations
        GET /desk/fragments/clients
        GET /api/clients
        POST /api/clients
        DELETE /api/clients/{client_id}
        GET /desk/fragments/webhooks
        GET /desk/fragments/undelivered
        GET /api/webhooks
        POST /api/webhooks
        POST /api/webhooks/{webhook_id}/secret
        POST /api/webhooks/{webhook_id}/test
        POST /api/webhooks/{webhook_id}/again
        POST /api/webhooks/{webhook_id}/dismiss
        DELETE /api/webhooks/{webhook_id}
        GET /people
        GET /desk/fragments/people
        GET /api/users
        POST /api/users
        PUT /api/users/{user_id}
        POST /api/users/{user_id}/password
        DELETE /api/users/{user_id}
        POST /api/devices
        PUT /api/devices/{role}/{device}
        DELETE /api/devices/{role}/{device}
        POST /api/devices/{role}/{device}/code
    """,
}

RIGHTS: dict[str, frozenset[DeskRole]] = {
    route.strip(): roles for roles, rows in _ROWS.items() for route in rows.strip().splitlines()
}
"""Every route, as `METHOD /path`, and whose it is."""

_SCOPES: dict[Scope, str] = {
    Scope.READ_VISITS: """
        GET /api/today
        GET /api/appointments
        GET /api/directory
    """,
    Scope.MAKE_APPOINTMENTS: """
        GET /api/appointments
        POST /api/appointments
        GET /api/appointments/{appointment_id}/invitation.svg
        GET /api/appointments/{appointment_id}/invitation.png
        GET /api/rooms
        GET /api/directory
    """,
    Scope.SCAN_PASSES: """
        POST /api/scans
    """,
    Scope.READ_BOARD: """
        GET /api/board/{section}
        GET /api/notices/history
        GET /api/emergencies
        GET /api/screens
    """,
    Scope.WRITE_BOARD: """
        GET /api/board/{section}
        POST /api/board/{section}
        POST /api/board/{section}/preview
        PUT /api/notices/{notice_id}
        DELETE /api/notices/{notice_id}
        PUT /api/notices/{notice_id}/state
        POST /api/notices/{notice_id}/publish
    """,
    Scope.READ_LOG: """
        GET /api/log
        GET /api/log/open
    """,
    Scope.WRITE_LOG: """
        POST /api/log
        POST /api/log/{root_id}/stages
    """,
    Scope.READ_DEVICES: """
        GET /api/devices
        GET /api/screens
    """,
}

SCOPES: dict[str, frozenset[Scope]] = {
    route: frozenset(scope for scope, rows in _SCOPES.items() if f"{route}\n" in rows)
    for route in RIGHTS
}
"""Every route of the table, and the scopes by which a program may ask for it: none for most."""

OWN = (
    "GET /account",
    "PUT /api/account/password",
    "GET /api/account/sessions",
    "DELETE /api/account/sessions",
)
"""All that somebody can do whose password was made by somebody else."""

_HOMES = {DeskRole.GUARD: "/passes", DeskRole.HOST: "/visits"}


def may(caller: auth.Caller, route: str) -> bool:
    """May they, whose password is their own by now? `route` as in the table."""
    if isinstance(caller, ClientRow):
        return not caller.scopes.isdisjoint(SCOPES.get(route, ()))
    return caller.role in RIGHTS.get(route, ())


def who_may(route: str) -> list[str]:
    """The names of those who can sign in and may."""
    return [one.display for one in store.users() if not one.disabled and may(one, route)]


def allowed(request: Request) -> None:
    """Asked before every route. Raises Refused, or Elsewhere for who opens a page too early."""
    for route in _routes(request):
        _allowed(request, route)


def _allowed(request: Request, route: str) -> None:
    if route not in RIGHTS:
        raise Refused(404, "not_found")
    if RIGHTS[route] == PUBLIC:
        return
    caller = auth.caller_of(request)
    page = not request.url.path.startswith(("/api/", "/desk/"))
    if caller is None:
        raise Elsewhere("/signin") if page else Refused(401, "sign_in_first")
    person = None if isinstance(caller, ClientRow) else caller
    if person and person.must_change and route not in OWN:
        raise Elsewhere("/account") if page else Refused(403, "change_password_first")
    if may(caller, route):
        return
    if person and route == "GET /":
        raise Elsewhere(_HOMES[person.role])
    raise Refused(403, "not_allowed")


def _routes(request: Request) -> list[str]:
    path = request.scope["route"].path
    # One route renders all regions, and not everybody may see each.
    if path == "/desk/fragments/{names}":
        names = request.path_params["names"].split(",")
        return [f"{request.method} /desk/fragments/{name}" for name in names]
    return [f"{request.method} {path}"]
