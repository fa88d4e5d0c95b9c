"""An emergency from the desk: on the wire at once, always with an end, and given back at once."""

from datetime import timedelta

import pytest

from controller import emergency, publishing, sections
from controller.core import Refusal
from models import store
from models.messages import decode
from models.terms import Audience, Emergency, Section
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def raised(core):
    return emergency.take_over(core, Emergency.FIRE, "", HALF_AN_HOUR, "王美玲", NOW)


def snapshot(group="main"):
    topic = f"lobby/v1/test/board/{group}/emergency"
    [payload] = [r.message.payload for r in store.unsent(999) if r.message.topic == topic]
    return decode(topic, payload, "test")


def test_it_is_a_section_like_any_other_with_its_end_in_it(raised):
    [row] = snapshot().items
    assert (row.kind, row.text, row.until) == (Emergency.FIRE, "", NOW + HALF_AN_HOUR)
    assert snapshot().rev == 1


def test_it_clears_by_itself(raised, core):
    sections.refresh(core, NOW + timedelta(minutes=29))
    assert snapshot().rev == 1
    sections.refresh(core, NOW + HALF_AN_HOUR)
    assert (snapshot().items, snapshot().rev) == ((), 2)
    assert emergency.standing(core, NOW + HALF_AN_HOUR) == []


def test_the_desk_clears_it_at_once(raised, core):
    publishing.take_down(core, raised.id, "王美玲", NOW)
    assert snapshot().items == ()


def test_it_lasts_longer_where_the_desk_says_so_until_it_is_over(raised, core):
    later = NOW + timedelta(minutes=20)
    emergency.extend(core, raised.id, timedelta(hours=4), "王美玲", later)
    assert snapshot().items[0].until == later + timedelta(hours=4)
    with pytest.raises(Refusal, match="not_found"):
        emergency.extend(core, raised.id, HALF_AN_HOUR, "王美玲", later + timedelta(hours=4))


def test_none_lasts_longer_than_four_hours_from_when_it_was_said(core):
    with pytest.raises(Refusal, match="bad_content"):
        emergency.take_over(core, Emergency.FIRE, "", timedelta(hours=5), "王美玲", NOW)


def test_it_takes_the_screens_of_some_groups_only(core):
    sections.save_group(core, "gate", Audience.PUBLIC, "王美玲", NOW)
    emergency.take_over(core, Emergency.LIFT, "A座", HALF_AN_HOUR, "王美玲", NOW, ("gate",))
    [row] = snapshot("gate").items
    assert (row.text, row.by) == ("A座", "")
    assert Section.EMERGENCY not in store.sections("main")


def test_the_one_on_the_screens_is_the_newest(raised, core):
    later = NOW + timedelta(minutes=1)
    second = emergency.take_over(core, Emergency.WATER, "", HALF_AN_HOUR, "王美玲", later)
    assert [notice.id for notice in emergency.standing(core, later)] == [raised.id, second.id]


# --- from the page ------------------------------------------------------------------------------


@pytest.fixture
def clerk(core):
    return clerk_of(core)


def test_the_page_takes_over_extends_and_gives_back(clerk):
    answer = clerk.post("/api/emergencies", json={"kind": "fire"})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["by"], made["content"]) == ("王美玲", {"kind": "fire", "text": ""})
    longer = clerk.post(f"/api/emergencies/{made['id']}/extend", json={"minutes": 240}).json()
    assert longer["ends"] > made["ends"]
    assert [row["id"] for row in clerk.get("/api/emergencies").json()] == [made["id"]]
    assert clerk.delete(f"/api/emergencies/{made['id']}").status_code == 204
    assert clerk.get("/api/emergencies").json() == []
    assert clerk.delete(f"/api/emergencies/{made['id']}").json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"minutes": 241}, "minutes"),
        ({"minutes": 0}, "minutes"),
        ({"kind": "boredom"}, "kind"),
        ({"text": "火" * 121}, "text"),
        ({"groups": ["nowhere"]}, "groups"),
    ],
)
def test_what_cannot_be_is_refused_in_words(clerk, wrong, field):
    answer = clerk.post("/api/emergencies", json={"kind": "fire"} | wrong)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["words"]


def test_only_emergencies_are_cleared_as_such(clerk):
    line = clerk.post("/api/board/reminders", json={"content": {"text": "關燈"}}).json()
    assert clerk.delete(f"/api/emergencies/{line['id']}").status_code == 404
    assert clerk.post("/api/board/emergency", json={"content": {}}).status_code == 422
