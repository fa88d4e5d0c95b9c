"""An expected guest who registers as a walk-in: suggested to the desk, joined by a person, once."""

from datetime import UTC, datetime, timedelta

import pytest

from controller import deciding
from controller.core import Refusal
from models import store, tables
from models.messages import Register
from models.terms import Category, Purpose, VisitState
from tests.desk_office import arrived, clerk_of
from tests.integration.conftest import NOW, fresh_key
from tests.integration.test_reception import appointment, told


def walk_in(ask, name="刘主任", **more):
    key = fresh_key()
    ask(Register(purpose=Purpose.BUSINESS, name=name, **more), key)
    return store.visit_by_key(key)


def suggested(core, now=NOW):
    found = deciding.suggestions(core, store.waiting_visits(), now)
    return {visit: [guest.name for guest in guests] for visit, guests in found.items()}


def test_the_desk_is_told_whose_appointment_it_may_be_and_nothing_is_joined_by_itself(ask, core):
    appointment(core)
    visit, other = walk_in(ask), walk_in(ask, "王小明")
    assert suggested(core) == {visit.id: ["劉主任"], other.id: []}
    assert store.visit(visit.id).appointment_id is None


def test_who_is_joined_is_decided_anew_as_expected_and_has_the_booked_room(ask, core):
    row = appointment(core)
    visit = walk_in(ask)
    assert visit.state is VisitState.WAITING
    joined = deciding.join(core, visit.id, row.id, "王美玲", NOW)
    assert (joined.state, joined.destination, joined.party, joined.name) == (
        VisitState.ADMITTED,
        "三樓第一會議室",
        3,
        "刘主任",
    )
    assert (joined.reasons, joined.decided_by) == (("ordinary_expected", "room_booked"), "王美玲")
    assert told(core)[-1].visit.passes
    assert store.appointment(row.id).arrived
    assert tables.Visit.select().count() == 1
    assert tables.Booking.select().count() == 1


def test_who_still_needs_a_word_waits_on_as_an_expected_one(ask, core):
    row = appointment(core, category=Category.SERVICE)
    joined = deciding.join(core, walk_in(ask).id, row.id, "王美玲", NOW)
    assert (joined.state, joined.reasons) == (VisitState.WAITING, ("service_expected",))
    assert suggested(core) == {}


def test_an_appointment_is_joined_once(ask, core):
    row = appointment(core)
    first, second = walk_in(ask), walk_in(ask)
    deciding.join(core, first.id, row.id, "王美玲", NOW)
    assert suggested(core) == {second.id: []}
    for visit, code in ((first, "already_decided"), (second, "appointment_used")):
        with pytest.raises(Refusal, match=code):
            deciding.join(core, visit.id, row.id, "王美玲", NOW)
    assert ask(Register(code=row.code)).code == "unknown_code"


def test_another_days_appointment_is_neither_suggested_nor_joined(ask, core):
    later = NOW + timedelta(days=1)
    row = appointment(core, starts=later, ends=later + timedelta(hours=1))
    visit = walk_in(ask)
    assert suggested(core) == {visit.id: []}
    with pytest.raises(Refusal, match="appointment_used"):
        deciding.join(core, visit.id, row.id, "王美玲", NOW)


def test_what_does_not_exist_is_not_found(ask, core):
    with pytest.raises(Refusal, match="not_found"):
        deciding.join(core, walk_in(ask).id, 77, "王美玲", NOW)


def test_the_page_suggests_on_the_card_and_joins_with_one_button(core, morning):
    clerk = clerk_of(core)
    start, _ = core.day_of(datetime.now(UTC))
    row = store.add_appointment(
        code="4321",
        name="劉主任",
        category="vip",
        starts=start,
        ends=start + timedelta(hours=24),
        by="王美玲",
    )
    visit = arrived(core, "刘主任", Purpose.BUSINESS)
    assert "可能是" in clerk.get("/desk/fragments/waiting").text
    answer = clerk.post(f"/api/visits/{visit.id}/appointment", json={"appointment": row.id})
    assert answer.json()["passes"][0]["state"] == "issued"
    again = clerk.post(f"/api/visits/{visit.id}/appointment", json={"appointment": row.id})
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
