"""A party: one registration, one pass for each person (一人一證, the seed's VI)."""

from datetime import timedelta

import pytest

from controller import appointments, deciding, privacy, scanning, visits
from controller.core import Refusal
from models import store
from models.messages import MAX_PAYLOAD, FindVisit, Register, VisitUpdate, encode
from models.terms import AppointmentKind, Category, DeskDecision, Direction, PassState, Purpose
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW, fresh_key


def expect(core, party=6, kind=AppointmentKind.DELEGATION, names=(), **more):
    wish = {
        "name": "同行參觀團",
        "organisation": "恒信物業",
        "category": Category.ORDINARY,
        "party": party,
        "host_id": 1,
        "room_id": None,
        "starts": NOW,
        "ends": NOW + timedelta(hours=1),
        "phone_last4": "8888",
        "names": names,
    }
    return appointments.make(core, by="desk", now=NOW, kind=kind, **(wish | more))


def admitted(core, ask, **register):
    """A walk-in party that the desk lets in: its passes."""
    body = Register.model_validate(
        {"purpose": Purpose.BUSINESS, "name": "林先生", "department": "工程部", "party": 3}
        | register
    )
    visit = store.visit_by_key(ask(body).body.visit)
    deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW)
    return store.passes_of_visit(visit.id)


def scan(core, issued, direction=None, minutes=0):
    at = NOW + timedelta(minutes=minutes)
    return scanning.scan(core, fresh_key(), issued.number, direction, "王美玲", at)


def test_every_person_of_a_party_has_a_pass(core, ask):
    passes = admitted(core, ask, others=("", "何小姐"))
    assert [(p.place, p.party, p.holder) for p in passes] == [
        (1, 3, "林先生"),
        (2, 3, ""),
        (3, 3, "何小姐"),
    ]
    assert len({p.original for p in passes}) == len({p.number for p in passes}) == 3


def test_names_beyond_the_party_are_left_out(core, ask):
    assert [p.holder for p in admitted(core, ask, party=1, others=("多的人",))] == ["林先生"]


def test_an_expected_party_gets_all_its_passes_at_the_kiosk(core, ask):
    expect(core, names=("甲先生", "乙小姐"))
    told = ask(Register(code="8888")).body
    assert told.party == 6
    assert [card.place for card in told.passes] == [1, 2, 3, 4, 5, 6]
    assert [card.holder for card in told.passes[:3]] == ["甲○生", "乙○姐", ""]


def test_a_delegations_own_name_is_nobodys(core, ask):
    expect(core)
    ask(Register(code="8888"))
    assert {p.holder for p in store.passes_about(NOW)} == {""}
    assert {p.name for p in store.passes_about(NOW)} == {"同行參觀團"}


def test_more_names_than_persons_make_the_party_larger(core):
    assert expect(core, party=1, names=("甲", "乙", "丙")).party == 3


def test_the_largest_party_still_fits_into_one_message(core, ask):
    expect(core, party=500, names=tuple(f"一位名字很長的客人{n:03d}" * 4 for n in range(500)))
    told = ask(Register(code="8888")).body
    assert (told.party, len(told.passes)) == (500, 99)
    assert len(store.passes_about(NOW)) == 500
    message = encode(VisitUpdate(device="k1", visit=told), "test")
    assert len(message.payload) < MAX_PAYLOAD / 2


def test_each_person_counts_inside_by_their_own_pass(core, ask):
    first, second, _ = admitted(core, ask)
    scan(core, first), scan(core, second)
    states = {p.place: p.state for p in store.passes_about(NOW)}
    assert states == {1: PassState.INSIDE, 2: PassState.INSIDE, 3: PassState.ISSUED}
    scan(core, first, Direction.OUT, 5)
    assert store.pass_by_id(second.id).state is PassState.INSIDE


def test_whoever_comes_back_sees_the_passes_of_all_until_all_have_left(core, ask):
    passes = admitted(core, ask, phone="13800138000")
    for minutes, issued in enumerate(passes, 1):
        assert len(ask(FindVisit(code="8000"), now=NOW).body.passes) == 3
        scan(core, issued, Direction.IN, minutes)
        scan(core, issued, Direction.OUT, minutes + 1)
    assert ask(FindVisit(code="8000")).code == "unknown_code"


def test_a_name_is_told_later(core, ask):
    issued = admitted(core, ask)[1]
    assert visits.name_holder(core, issued.id, "何小姐", "王美玲", NOW).name == "何小姐"
    assert scan(core, issued).name == "何小姐"
    with pytest.raises(Refusal, match="not_found"):
        visits.name_holder(core, 999, "何小姐", "王美玲", NOW)


def test_the_names_of_a_party_are_forgotten_with_the_visit(core, ask):
    expect(core, names=("甲先生", "乙小姐"))
    ask(Register(code="8888"))
    later = NOW + timedelta(days=core.settings.privacy.keep_days + 1)
    privacy.purge(core, later)
    assert {p.holder for p in store.passes_of_visit(1)} == {""}
    assert store.visit(1).names == ()
    assert store.appointment(1).names == ()


def test_joining_a_walk_in_with_an_expected_party_brings_its_names_along(core, ask):
    expected = expect(core, names=("甲先生", "乙小姐"), party=3)
    walked_in = ask(Register(purpose=Purpose.BUSINESS, name="乙小姐", department="工程部")).body
    visit = store.visit_by_key(walked_in.visit)
    deciding.join(core, visit.id, expected.id, "王美玲", NOW)
    assert [p.holder for p in store.passes_of_visit(visit.id)] == ["乙小姐", "甲先生", ""]


def test_the_desk_enters_names_one_a_line_and_hears_of_a_long_one(core):
    clerk = clerk_of(core)
    body = {"name": "參觀團", "kind": "delegation", "starts": "+1d 10:00", "party": 2}
    body["starts"] = (NOW + timedelta(days=4000)).strftime("%Y-%m-%d 10:00")
    made = clerk.post("/api/appointments", json=body | {"names": "甲先生\n\n 乙小姐 \n丙"})
    assert (made.json()["party"], made.json()["names"]) == (3, ["甲先生", "乙小姐", "丙"])
    wrong = clerk.post("/api/appointments", json=body | {"names": "長" * 61})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "names")


def test_the_desk_sees_a_party_under_one_heading_and_names_its_members(core, ask):
    passes = admitted(core, ask)
    for issued in passes:
        scan(core, issued)
    clerk = clerk_of(core)
    named = clerk.put(f"/api/passes/{issued.id}/holder", json={"holder": " 何小姐 "})
    assert named.json()["holder"] == "何小姐"
    page = clerk.get("/desk/fragments/inside").text
    assert page.count('tr class="party"') == 1
    assert "何小姐" in page
