"""The pages and their regions, in three languages, and the description of the API."""

import re
import string
from datetime import UTC, datetime

import pytest
from fastapi.routing import APIRoute

from controller.gate import judging
from controller.scanning import NUMBER_ONLY
from controller.web.pages import PAGES, REGIONS
from controller.web.rights import RIGHTS
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
def test_every_page_is_whole_in_every_language(office, language):
    clerk = clerk_of(office)
    for client, path in [(page_of(office), "/signin"), *((clerk, path) for path in PAGES.values())]:
        client.cookies.set("lobby_language", language)
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert f'<html lang="{language}">' in answer.text, path
        assert catalogue(language)["desk.desk"] in answer.text, path
        shown = answer.text.split("<script type")[0]
        assert not re.search(r"\{\w+\}|\bNone\b|Section\.|&lt;Markup", shown), path


def test_every_region_can_be_rendered_alone(office):
    clerk = clerk_of(office)
    for name in REGIONS:
        answer = clerk.get(f"/desk/fragments/{name}?page=today")
        assert answer.status_code == 200, name
        assert "<html" not in answer.text, name


UNSAID = {
    *("printing", "conflicts", "emergency", "overdue", "reminders", "roll", "undelivered"),
    *("tell", "material"),
}
"""An office without a printer need not read about printing, nor one in peace of an emergency or a
roll call, nor anybody of guests who leave in time or of lists on which nobody waits."""


def test_every_other_region_says_what_is_missing_where_there_is_nothing(core):
    clerk = clerk_of(core)
    for name in REGIONS.keys() - UNSAID:
        shown = clerk.get(f"/desk/fragments/{name}?page=today").text
        assert re.sub(r"<[^>]*>|\s", "", shown), name


def test_every_link_of_the_page_leads_somewhere(office):
    clerk = clerk_of(office)
    pages = "".join(clerk.get(path).text for path in PAGES.values())
    for link in set(re.findall(r'(?:href|src)="(/[^"]*)"', pages)):
        assert clerk.get(link).status_code == 200, link


def test_every_field_has_a_label(office):
    clerk = clerk_of(office)
    for path in PAGES.values():
        whole = clerk.get(path).text
        page = re.sub(r"<label[^>]*>.*?</label>", "", whole, flags=re.DOTALL)
        for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", page):
            if 'aria-label="' in tag or tag.endswith(" hidden>"):
                continue
            name = re.search(r'id="([\w-]+)"', tag)
            assert name, tag
            assert f'for="{name[1]}"' in whole, tag


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
    routes = {tuple(route.split(" ")) for route in RIGHTS}
    own = {("GET", "/health"), ("POST", "/enrol")}
    assert described == own | {(method, path) for method, path in routes if path[:5] == "/api/"}
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
