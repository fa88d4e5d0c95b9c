"""An applicant without appointment leaves material: a receipt, and it reaches HR exactly once."""

import json

import pytest

from controller import deciding, material
from controller.core import Refusal
from models import store, tables
from models.messages import Register, Status, VisitView
from models.terms import Category, DeskDecision, MaterialStep, Purpose, VisitState
from tests.desk_office import arrived, clerk_of
from tests.integration.conftest import NOW, fresh_key

APPLICANT = Register(purpose=Purpose.INTERVIEW, name="孫小姐", department="人力資源部")


def take(core, row, step, **more):
    return material.step(core, row.id, step, "王美玲", NOW, **more)


def test_the_applicant_gets_a_numbered_receipt_and_the_desk_an_open_item(ask):
    view = ask(APPLICANT).body
    [item] = store.open_material()
    assert (view.receipt, view.code) == (item.number, "leave_material")
    assert (item.name, item.to) == ("孫小姐", "人力資源部")


def test_a_repeated_registration_has_the_same_receipt_and_one_item(ask):
    key = fresh_key()
    assert ask(APPLICANT, key).body.receipt == ask(APPLICANT, key).body.receipt == "M-0001"
    assert ask(Status(visit=key)).body.receipt == "M-0001"
    assert len(store.open_material()) == 1


def test_other_visitors_get_no_receipt(ask):
    assert ask(Register(purpose=Purpose.SERVICE, name="王小明")).body.receipt == ""
    assert store.open_material() == []


def test_material_goes_from_hand_to_hand_and_every_step_is_in_the_log(ask, core):
    ask(APPLICANT)
    [item] = store.open_material()
    material.describe(core, item.id, "簡歷一份", "黃淑儀", "王美玲", NOW)
    take(core, item, MaterialStep.RECEIVED)
    take(core, item, MaterialStep.TOLD)
    handed = take(core, item, MaterialStep.HANDED, to="黃淑儀")
    assert (handed.what, handed.handed_to, handed.handed_by) == ("簡歷一份", "黃淑儀", "王美玲")
    assert store.open_material() == []
    log = [e.what for e in tables.Event.select().where(tables.Event.subject == item.number)]
    assert log == [f"material_{s}" for s in ("expected", "described", "received", "told", "handed")]


def test_a_step_that_is_repeated_changes_nothing(ask, core):
    ask(APPLICANT)
    [item] = store.open_material()
    take(core, item, MaterialStep.RECEIVED)
    first = take(core, item, MaterialStep.HANDED, to="黃淑儀")
    again = material.step(core, item.id, MaterialStep.HANDED, "林佩芬", NOW, "別人")
    assert again == first
    assert tables.Event.select().where(tables.Event.what == "material_handed").count() == 1


def test_nothing_is_handed_on_before_it_was_received_and_what_came_is_not_called_absent(ask, core):
    ask(APPLICANT)
    [item] = store.open_material()
    with pytest.raises(Refusal, match="not_received"):
        take(core, item, MaterialStep.HANDED)
    take(core, item, MaterialStep.RECEIVED)
    with pytest.raises(Refusal, match="already_received"):
        take(core, item, MaterialStep.ABSENT)
    assert len(store.open_material()) == 1


def test_who_leaves_nothing_is_taken_off_the_list(ask, core):
    ask(APPLICANT)
    [item] = store.open_material()
    take(core, item, MaterialStep.ABSENT)
    assert store.open_material() == []
    with pytest.raises(Refusal, match="not_found"):
        take(core, item, MaterialStep.RECEIVED)


def test_a_guest_re_classed_as_an_uninvited_applicant_leaves_material_too(core):
    visit = arrived(core, "趙先生")
    refuse, by = DeskDecision.REFUSE, "王美玲"
    visit = deciding.decide(core, visit.id, refuse, by, NOW, Category.APPLICANT)
    assert (visit.state, visit.code) == (VisitState.REFUSED, "leave_material")
    assert [m.visit_id for m in store.open_material()] == [visit.id]


def test_a_view_of_the_first_version_still_decodes():
    view = VisitView(visit="0" * 32, seq=1, state=VisitState.WAITING, name="王小明")
    old = json.loads(view.model_dump_json())
    del old["receipt"]
    assert VisitView.model_validate_json(json.dumps(old)) == view


def test_the_clerk_works_through_the_list_on_the_first_page(core):
    arrived(core, "孫<b>", Purpose.INTERVIEW)
    clerk = clerk_of(core)
    page = clerk.get("/").text
    assert "待轉交資料" in page
    assert "M-0001" in page
    assert "孫&lt;b&gt;" in page
    said = clerk.post("/api/material/1/handed", json={"handed_to": "黃淑儀"})
    assert (said.status_code, said.json()["code"]) == (409, "not_received")
    assert clerk.put("/api/material/1", json={"what": "簡歷", "to": ""}).json()["what"] == "簡歷"
    assert clerk.post("/api/material/1/received", json={}).json()["received_by"] == "王美玲"
    clerk.post("/api/material/1/handed", json={"handed_to": "黃淑儀"}).raise_for_status()
    assert clerk.get("/api/material").json() == []
    assert clerk.post("/api/material/1/told", json={}).status_code == 404
    assert clerk.post("/api/material/1/eaten", json={}).status_code == 422
