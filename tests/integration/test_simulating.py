"""What would happen if: the rules on today's rooms, without a visitor and without a trace."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from controller import simulating
from controller.core import Refusal
from models import rules, store, tables
from models.terms import Admission, Category
from models.words import catalogue
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW
from tests.integration.test_reception import appointment


def simulate(core, category, **more):
    facts = {"expected": False, "party": 3, "department": "工程部", "at": NOW, "now": NOW}
    return simulating.simulate(core, category, **(facts | more))


def test_a_guest_without_appointment_is_led_to_the_smallest_free_room(core):
    said = simulate(core, Category.ORDINARY)
    assert (said.admission, said.destination) == (Admission.CONFIRM, "三樓第二洽談室")
    assert (said.wait_at, said.tea) == ("大堂洽談室", 3)
    assert said.reasons == ("ordinary_unexpected", "room_fits")


def test_todays_bookings_count_at_the_time_that_is_asked_about(core):
    appointment(core, room_id=3, starts=NOW + timedelta(hours=4), ends=NOW + timedelta(hours=5))
    later = simulate(core, Category.ORDINARY, at=NOW + timedelta(hours=4))
    assert later.destination == "二樓第一洽談室"
    assert simulate(core, Category.ORDINARY).destination == "三樓第二洽談室"


def test_a_time_that_has_passed_is_refused(core):
    with pytest.raises(Refusal) as refused:
        simulate(core, Category.VIP, at=NOW - timedelta(minutes=2))
    assert (refused.value.code, refused.value.field) == ("in_the_past", "at")


def test_a_department_that_does_not_exist_is_refused(core):
    with pytest.raises(Refusal) as refused:
        simulate(core, Category.VIP, department="火星部")
    assert refused.value.field == "department"


@examples(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(Category), st.booleans(), st.integers(1, 500))
def test_it_says_what_the_rules_say_and_keeps_nothing(core, category, expected, party):
    said = simulate(core, category, expected=expected, party=party)
    asked = rules.Application(category, expected, party, "工程部")
    assert said == rules.decide(asked, core.policy, store.rooms_now(NOW))
    assert not tables.Visit.select().exists()
    assert not tables.Booking.select().exists()


# --- on the desk's page ---------------------------------------------------------------------------


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("expected", [True, False])
def test_the_page_says_every_decision_in_words(core, category, expected):
    body = {"category": category, "expected": expected, "party": 4, "department": "財務部"}
    answer = clerk_of(core).post("/api/simulate", json=body)
    assert answer.status_code == 200
    assert all(line["label"] and line["text"] for line in answer.json()["lines"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"party": 0}, "party"),
        ({"party": -1}, "party"),
        ({"party": 10_000}, "party"),
        ({"party": "x"}, "party"),
        ({"at": "2020-01-01 09:00"}, "at"),
        ({"at": "soon"}, "at"),
        ({"category": "king"}, "category"),
        ({"department": "火星部"}, "department"),
    ],
)
def test_what_cannot_be_is_refused_in_words_that_name_the_field(core, change, field):
    answer = clerk_of(core).post("/api/simulate", json={"category": "vip"} | change)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["words"]


def test_everybody_whom_the_policy_tells_has_a_name(core):
    words = catalogue("en")
    assert {f"desk.told_{who}" for rule in core.policy.rule for who in rule.told} <= words.keys()
