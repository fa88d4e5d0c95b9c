"""VIPs and important guests: a ready check that warns, and a way straight to the host."""

from datetime import UTC, datetime, timedelta

import pytest

from controller import deciding, guests
from controller.core import Refusal
from models import store, tables
from models.messages import Register
from models.terms import Category, DeskDecision, Purpose, Ready, VisitState
from tests.desk_office import arrived, clerk_of
from tests.integration.conftest import NOW


@pytest.fixture
def guest(core):
    """A walk-in whom the desk receives as a VIP."""
    visit = arrived(core, "劉主任", Purpose.BUSINESS, host=1)
    wait = DeskDecision.ASK_TO_WAIT
    return deciding.decide(core, visit.id, wait, "王美玲", NOW, Category.VIP)


def admit(core, visit, **more):
    return deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW, **more)


def test_ticks_have_names_and_times_and_can_be_taken_back(core, guest):
    assert guests.missing(guest) == list(Ready)
    guests.see_to(core, guest.id, Ready.ESCORT, "林佩芬", "王美玲", NOW, done=True)
    row = store.ready(guest.id)[Ready.ESCORT]
    assert (row.name, row.by, row.at) == ("林佩芬", "王美玲", NOW)
    guests.see_to(core, guest.id, Ready.ESCORT, "", "王美玲", NOW, done=False)
    assert guests.missing(guest) == list(Ready)
    log = [e.what for e in tables.Event.select() if e.what.startswith("guest_")]
    assert log == ["guest_ready", "guest_not_ready"]


def test_a_guest_is_admitted_unready_and_the_log_says_what_was_missing(core, guest):
    guests.see_to(core, guest.id, Ready.ROOM, "", "王美玲", NOW, done=True)
    assert admit(core, guest).state is VisitState.ADMITTED
    event = tables.Event.get(tables.Event.what == "admitted_unready")
    assert "leaders" in event.detail
    assert "room" not in event.detail


def test_a_guest_may_go_straight_to_the_hosts_office(core, guest):
    assert admit(core, guest, to_leader=True).destination == "總經理辦公室 陳國華"


def test_everyday_visitors_have_no_ready_check_and_no_short_way(core):
    visit = arrived(core, "王小明", host=3)
    assert guests.missing(visit) == []
    with pytest.raises(Refusal, match="not_found"):
        guests.see_to(core, visit.id, Ready.ROOM, "", "王美玲", NOW, done=True)
    assert admit(core, visit, to_leader=True).destination == visit.destination


def test_an_expected_vip_whom_the_rules_let_in_is_on_the_desks_page_to_be_led(ask, core):
    now = datetime.now(UTC)
    store.add_appointment(
        code="1889",
        name="劉主任",
        category=Category.VIP,
        starts=now,
        ends=now + timedelta(hours=1),
        by="王美玲",
    )
    ask(Register(code="1889"), now=now)
    assert [v.name for v in guests.to_be_led(now)] == ["劉主任"]
    assert "請引導入內" in clerk_of(core).get("/").text


def test_the_clerk_ticks_and_is_warned_in_words(core, guest):
    clerk = clerk_of(core)
    assert "尚未就緒" in clerk.get("/").text
    for item in Ready:
        path = f"/api/visits/{guest.id}/ready/{item}"
        assert clerk.post(path, json={"name": "林佩芬"}).status_code == 204
    page = clerk.get("/").text
    assert "尚未就緒" not in page
    assert "林佩芬" in page
    body = {"decision": "admit", "to_leader": True}
    done = clerk.post(f"/api/visits/{guest.id}/decision", json=body).json()
    assert done["visit"]["destination"] == "總經理辦公室 陳國華"
