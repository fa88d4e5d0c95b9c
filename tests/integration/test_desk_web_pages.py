"""The pages and their regions, in three languages, and the description of the API."""

import re
import string
from datetime import UTC, datetime

import pytest
from fastapi.routing import APIRoute

from controller.gate import judging
from controller.scanning import NUMBER_ONLY
from controller.web.pages import PAGES, REGIONS
from models import goods, rules
from models.merging import Conflict
from models.terms import (
    PANELS,
    Admission,
    Category,
    Direction,
    GoodsState,
    Half,
    Language,
    PassState,
    Purpose,
    Role,
)
from models.words import catalogue
from tests.desk_office import a_full_day, clerk_of, page_of


@pytest.fixture
def office(core):
    a_full_day(core)
    return core


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("path", [*PAGES.values(), "/signin"])
def test_every_page_is_whole_in_every_language(office, language, path):
    client = page_of(office) if path == "/signin" else clerk_of(office)
    client.cookies.set("lobby_language", language)
    answer = client.get(path)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert catalogue(language)["desk.desk"] in answer.text
    assert not re.search(
        r"\{\w+\}|\bNone\b|Section\.|&lt;Markup", answer.text.split("<script type")[0]
    )


@pytest.mark.parametrize("name", REGIONS)
def test_every_region_can_be_rendered_alone(office, name):
    answer = clerk_of(office).get(f"/desk/fragments/{name}?page=today")
    assert answer.status_code == 200
    assert "<html" not in answer.text


# An office without a printer need not read about printing, nor one in peace of an emergency or a
# roll call, nor anybody of guests who leave in time. At night nothing has fallen due yet.
@pytest.mark.parametrize(
    "name",
    sorted(
        REGIONS.keys()
        - {"printing", "conflicts", "emergency", "overdue", "reminders", "roll", "undelivered"}
    ),
)
def test_every_region_says_what_is_missing_where_there_is_nothing(core, name):
    assert clerk_of(core).get(f"/desk/fragments/{name}?page=today").text.strip()


def test_every_link_of_the_page_leads_somewhere(office):
    clerk = clerk_of(office)
    for path in PAGES.values():
        page = clerk.get(path).text
        for link in set(re.findall(r'(?:href|src)="(/[^"]*)"', page)):
            assert clerk.get(link).status_code == 200, link


def test_every_field_has_a_label(office):
    clerk = clerk_of(office)
    for path in PAGES.values():
        page = re.sub(r"<label[^>]*>.*?</label>", "", clerk.get(path).text, flags=re.DOTALL)
        for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", page):
            if 'aria-label="' in tag:
                continue
            name = re.search(r'id="([\w-]+)"', tag)
            assert name, tag
            assert f'for="{name[1]}"' in clerk.get(path).text, tag


def test_all_languages_have_the_same_words_with_the_same_places():
    def shape(language):
        return {
            key: sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)
            for key, text in catalogue(language).items()
            if key.startswith("desk.")
        }

    assert shape(Language.ZH_HANT) == shape(Language.ZH_HANS) == shape(Language.EN)


def test_every_code_has_words():
    words = catalogue(Language.EN)
    for enum, prefix in (
        (Category, "category"),
        (Purpose, "purpose"),
        (PANELS, "section"),
        (Role, "role"),
    ):
        assert {f"desk.{prefix}_{value}" for value in enum} <= words.keys()
    assert {
        f"desk.admit_{value}" for value in set(Admission) - {Admission.NO_ENTRY}
    } <= words.keys()


def test_every_result_that_a_scan_can_have_has_words():
    words = catalogue(Language.EN)
    now = datetime.now(UTC)
    for state in PassState:
        for half in Half:
            for direction in (None, *Direction):
                for problem in ("", "not_yet", "expired", "retired_key"):
                    judged = rules.judge_scan(state, half, direction, problem, None, now)
                    odd = judged.ok and judged.code in ("never_entered", "overdue", "revoked")
                    assert f"desk.{'out' if odd else 'scan'}_{judged.code}" in words
    for code in {"malformed", "unknown_key", "forged", "unknown_pass"} | judging.NO_PASS:
        assert f"desk.scan_{code}" in words
    assert f"desk.scan_{NUMBER_ONLY}" in words


def test_every_result_that_a_scan_of_goods_can_have_has_words_at_the_desk_and_at_a_gate():
    words = catalogue(Language.EN)
    for state in GoodsState:
        assert f"desk.goods_state_{state}" in words
        for problem in ("", "not_yet", "expired", "retired_key"):
            code = goods.judge(state, problem).code
            assert {f"desk.goods_scan_{code}", f"gate.goods_{code}"} <= words.keys()
    unread = {"malformed", "unknown_key", "forged", "incomplete", "control_characters", "too_long"}
    for code in unread | {"unknown_goods", NUMBER_ONLY}:
        assert f"desk.goods_scan_{code}" in words
    for kind in Conflict:
        assert f"desk.conflict_{kind}" in words


# --- the description -----------------------------------------------------------------------------


def test_the_description_lists_every_route_of_the_api(core):
    client = page_of(core)
    described = {
        (method.upper(), path)
        for path, methods in client.get("/openapi.json").json()["paths"].items()
        for method in methods
    }
    assert {
        ("POST", "/api/session"),
        ("DELETE", "/api/session"),
        ("GET", "/api/today"),
        ("POST", "/api/visits/{visit_id}/decision"),
        ("POST", "/api/visits/{visit_id}/appointment"),
        ("POST", "/api/help/{call_id}/answer"),
        ("GET", "/api/board/{section}"),
        ("POST", "/api/board/{section}"),
        ("PUT", "/api/notices/{notice_id}"),
        ("DELETE", "/api/notices/{notice_id}"),
        ("POST", "/api/scans"),
        ("PUT", "/api/passes/{pass_id}/holder"),
        ("POST", "/api/passes/{pass_id}/revoke"),
        ("GET", "/api/ledger"),
        ("GET", "/api/closings"),
        ("POST", "/api/unaccounted/{line_id}/account"),
        ("POST", "/api/ledger/counts"),
        ("POST", "/api/passes/{pass_id}/original-lost"),
        ("POST", "/api/passes/{pass_id}/duplicate-missing"),
        ("GET", "/api/passes/{pass_id}/qr.svg"),
        ("GET", "/api/material"),
        ("PUT", "/api/material/{material_id}"),
        ("POST", "/api/material/{material_id}/{step}"),
        ("GET", "/api/tellings"),
        ("POST", "/api/tellings/{telling_id}/done"),
        ("GET", "/api/bans"),
        ("POST", "/api/visits/{visit_id}/ban"),
        ("POST", "/api/bans/{ban_id}/renew"),
        ("POST", "/api/bans/{ban_id}/lift"),
        ("GET", "/api/tea"),
        ("POST", "/api/tea"),
        ("POST", "/api/tea/{tea_id}/served"),
        ("POST", "/api/visits/{visit_id}/ready/{item}"),
        ("GET", "/api/screens"),
        ("GET", "/api/devices"),
        ("POST", "/api/devices"),
        ("PUT", "/api/devices/{role}/{device}"),
        ("DELETE", "/api/devices/{role}/{device}"),
        ("POST", "/api/devices/{role}/{device}/code"),
        ("POST", "/api/devices/board/{device}/picture"),
        ("GET", "/api/devices/board/{device}/picture"),
        ("POST", "/enrol"),
        ("GET", "/api/appointments"),
        ("POST", "/api/appointments"),
        ("POST", "/api/appointments/{appointment_id}/notice"),
        ("POST", "/api/appointments/{appointment_id}/cancellation"),
        ("GET", "/api/appointments/{appointment_id}/invitation.svg"),
        ("GET", "/api/appointments/{appointment_id}/invitation.png"),
        ("GET", "/api/rooms"),
        ("POST", "/api/simulate"),
        ("POST", "/api/imports/preview"),
        ("POST", "/api/imports"),
        ("GET", "/api/directory"),
        ("GET", "/api/colleagues"),
        ("PUT", "/api/colleagues/{person_id}"),
        ("POST", "/api/colleagues/{person_id}/test"),
        ("GET", "/api/events"),
        ("DELETE", "/api/emergencies/{notice_id}"),
        ("GET", "/api/conflicts"),
        ("GET", "/api/emergencies"),
        ("GET", "/api/notices/history"),
        ("GET", "/api/permits"),
        ("GET", "/api/goods"),
        ("POST", "/api/goods"),
        ("POST", "/api/goods/{slip_id}/approve"),
        ("POST", "/api/goods/{slip_id}/revoke"),
        ("POST", "/api/goods/{slip_id}/print"),
        ("GET", "/api/goods/{slip_id}/qr.svg"),
        ("GET", "/api/log"),
        ("POST", "/api/log"),
        ("GET", "/api/log/open"),
        ("POST", "/api/log/{root_id}/stages"),
        ("POST", "/api/log/{root_id}/deferral"),
        ("POST", "/api/log/{entry_id}/correction"),
        ("POST", "/api/log/{entry_id}/void"),
        ("GET", "/api/shift"),
        ("POST", "/api/shift"),
        ("POST", "/api/account/calendar"),
        ("DELETE", "/api/account/calendar"),
        ("GET", "/api/log/sheet.pdf"),
        ("GET", "/api/reports/{table}.csv"),
        ("GET", "/api/reports.xlsx"),
        ("GET", "/api/clients"),
        ("POST", "/api/clients"),
        ("DELETE", "/api/clients/{client_id}"),
        ("GET", "/api/webhooks"),
        ("POST", "/api/webhooks"),
        ("POST", "/api/webhooks/{webhook_id}/secret"),
        ("POST", "/api/webhooks/{webhook_id}/test"),
        ("POST", "/api/webhooks/{webhook_id}/again"),
        ("POST", "/api/webhooks/{webhook_id}/dismiss"),
        ("DELETE", "/api/webhooks/{webhook_id}"),
        ("GET", "/api/print-jobs"),
        ("GET", "/api/queue"),
        ("GET", "/api/search"),
        ("POST", "/api/board/{section}/preview"),
        ("POST", "/api/conflicts/{conflict_id}/resolution"),
        ("POST", "/api/emergencies"),
        ("POST", "/api/emergencies/{notice_id}/extend"),
        ("POST", "/api/notices/history/{version_id}/restore"),
        ("POST", "/api/notices/{notice_id}/publish"),
        ("POST", "/api/passes/{pass_id}/print"),
        ("POST", "/api/permits"),
        ("POST", "/api/permits/{permit_id}/workers"),
        ("POST", "/api/permits/{permit_id}/{step}"),
        ("POST", "/api/print-jobs/{job_id}/again"),
        ("POST", "/api/print-jobs/{job_id}/dismiss"),
        ("POST", "/api/queue/{ticket_id}/absent"),
        ("POST", "/api/queue/{ticket_id}/call"),
        ("POST", "/api/queue/{ticket_id}/done"),
        ("GET", "/api/rollcall"),
        ("POST", "/api/rollcall"),
        ("POST", "/api/rollcall/marks"),
        ("POST", "/api/rollcall/end"),
        ("POST", "/api/workers/{worker_id}/pass"),
        ("POST", "/api/workers/{worker_id}/remove"),
        ("PUT", "/api/notices/{notice_id}/state"),
        ("POST", "/api/colleagues/{person_id}/link"),
        ("DELETE", "/api/colleagues/{person_id}/link"),
        ("GET", "/api/users"),
        ("POST", "/api/users"),
        ("PUT", "/api/users/{user_id}"),
        ("DELETE", "/api/users/{user_id}"),
        ("POST", "/api/users/{user_id}/password"),
        ("PUT", "/api/account/password"),
        ("GET", "/api/account/sessions"),
        ("DELETE", "/api/account/sessions"),
        ("GET", "/health"),
        ("POST", "/api/board/{section}/preview"),
        ("GET", "/api/conflicts"),
        ("POST", "/api/conflicts/{conflict_id}/resolution"),
        ("GET", "/api/emergencies"),
        ("POST", "/api/emergencies"),
        ("DELETE", "/api/emergencies/{notice_id}"),
        ("POST", "/api/emergencies/{notice_id}/extend"),
        ("GET", "/api/notices/history"),
        ("POST", "/api/notices/history/{version_id}/restore"),
        ("POST", "/api/notices/{notice_id}/publish"),
        ("PUT", "/api/notices/{notice_id}/state"),
        ("POST", "/api/passes/{pass_id}/print"),
        ("GET", "/api/goods"),
        ("POST", "/api/goods"),
        ("POST", "/api/goods/{slip_id}/approve"),
        ("POST", "/api/goods/{slip_id}/revoke"),
        ("POST", "/api/goods/{slip_id}/print"),
        ("GET", "/api/goods/{slip_id}/qr.svg"),
        ("GET", "/api/print-jobs"),
        ("POST", "/api/print-jobs/{job_id}/again"),
        ("POST", "/api/print-jobs/{job_id}/dismiss"),
        ("GET", "/api/queue"),
        ("GET", "/api/search"),
        ("POST", "/api/queue/{ticket_id}/absent"),
        ("POST", "/api/queue/{ticket_id}/call"),
        ("POST", "/api/queue/{ticket_id}/done"),
    } == described
    assert not [
        route
        for route in client.app.routes
        if isinstance(route, APIRoute) and route.path == "/docs"
    ]


def test_every_route_is_described_with_a_summary_and_its_refusals(core):
    description = page_of(core).get("/openapi.json").json()
    for path, methods in description["paths"].items():
        for method, route in methods.items():
            assert route["summary"], path
            refusals = {code: r for code, r in route["responses"].items() if int(code) >= 400}
            assert "500" in refusals
            for code, refusal in refusals.items():
                schema = refusal["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (method, path, code)


def test_the_description_says_what_each_section_needs(core):
    schemas = page_of(core).get("/openapi.json").json()["components"]["schemas"]
    assert {
        "VehicleContent",
        "WhereaboutsContent",
        "VisitContent",
        "ReminderContent",
    } <= schemas.keys()
    assert set(schemas["VehicleContent"]["required"]) == {"plate", "departs", "to", "state"}
    assert "HH:MM" in schemas["VehicleContent"]["properties"]["departs"]["description"]
