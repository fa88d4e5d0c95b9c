"""Tea is ordered by the rules, served once, and called off with the visit."""

from datetime import UTC, datetime, timedelta

import pytest

from controller import deciding, tea
from controller.core import Refusal
from models import store, tables
from models.messages import Register, Withdraw
from models.terms import Category, DeskDecision, Purpose
from tests.desk_office import arrived, clerk_of
from tests.integration.conftest import NOW, fresh_key

GUEST = Register(purpose=Purpose.BUSINESS, name="林先生", host=7, party=3)


@pytest.fixture
def orders(core):
    return lambda: store.tea_orders(*core.day_of(NOW))


def test_a_waiting_guest_is_brought_tea_for_the_whole_party_where_they_wait(ask, orders):
    key = fresh_key()
    ask(GUEST, key)
    ask(GUEST, key)
    [order] = orders()
    assert (order.name, order.count, order.place, order.due) == ("林先生", 3, "大堂洽談室", NOW)


def test_once_admitted_the_tea_goes_to_the_room(ask, core, orders):
    ask(GUEST)
    [visit] = store.waiting_visits()
    deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW)
    assert [o.place for o in orders()] == [visit.destination]


def test_an_expected_guest_who_is_admitted_at_once_has_tea_too(ask, core, orders):
    store.add_appointment(
        code="1889",
        name="劉主任",
        category=Category.VIP,
        party=8,
        starts=NOW,
        ends=NOW + timedelta(hours=1),
        by="王美玲",
    )
    ask(Register(code="1889"))
    assert [(o.name, o.count) for o in orders()] == [("劉主任", 8)]


def test_a_service_person_has_none_until_the_desk_makes_them_a_guest(ask, core, orders):
    ask(Register(purpose=Purpose.SERVICE, name="王小明"))
    assert orders() == []
    [visit] = store.waiting_visits()
    wait, by = DeskDecision.ASK_TO_WAIT, "王美玲"
    deciding.decide(core, visit.id, wait, by, NOW, Category.IMPORTANT)
    assert [o.count for o in orders()] == [1]
    deciding.decide(core, visit.id, wait, by, NOW, Category.SERVICE)
    assert orders() == []


def test_tea_is_called_off_when_the_visit_is_refused_or_withdrawn(ask, core, orders):
    first = fresh_key()
    ask(GUEST, first)
    ask(GUEST)
    ask(Withdraw(visit=first))
    [visit] = store.waiting_visits()
    deciding.decide(core, visit.id, DeskDecision.REFUSE, "王美玲", NOW)
    assert orders() == []
    with pytest.raises(Refusal, match="not_found"):
        tea.serve(core, 1, "王美玲", NOW)


def test_ticking_twice_is_once_and_the_log_says_who(ask, core, orders):
    ask(GUEST)
    [order] = orders()
    first = tea.serve(core, order.id, "王美玲", NOW)
    again = tea.serve(core, order.id, "林佩芬", NOW + timedelta(minutes=1))
    assert again == first
    assert (first.served_by, first.served_at) == ("王美玲", NOW)
    [event] = tables.Event.select().where(tables.Event.what == "tea_served")
    assert event.by == "王美玲"


def test_what_was_served_stays_on_the_list_when_the_visitor_withdraws(ask, core, orders):
    key = fresh_key()
    ask(GUEST, key)
    tea.serve(core, orders()[0].id, "王美玲", NOW)
    ask(Withdraw(visit=key))
    assert len(orders()) == 1


def test_the_desk_orders_tea_for_a_meeting_and_the_clerk_ticks_it(core, morning):
    clerk = clerk_of(core)
    arrived(core, "林先生", Purpose.BUSINESS, host=7)
    _, midnight = core.day_of(datetime.now(UTC))
    due = (midnight - timedelta(milliseconds=1)).isoformat()
    body = {"room": "三樓第一會議室", "due": due, "count": 12}
    assert clerk.post("/api/tea", json=body).status_code == 201
    assert clerk.post("/api/tea", json=body | {"room": "屋頂"}).json()["code"] == "unknown_room"
    past = clerk.post("/api/tea", json=body | {"due": "2020-01-01 09:00"}).json()
    assert (past["code"], past["field"]) == ("time_past", "due")
    assert "三樓第一會議室" in clerk.get("/desk/fragments/tea").text
    assert clerk.post("/api/tea/2/served", json={}).json()["served_by"] == "王美玲"
    assert [t["served_at"] is None for t in clerk.get("/api/tea").json()] == [True, False]
