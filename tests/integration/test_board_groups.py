"""Groups of boards: what a public one must not show never reaches its topic."""

import pytest

from controller import publishing, sections
from controller.core import Refusal
from models import store
from models.messages import Expected, Manifest, decode, encode, topic_of
from models.terms import Audience, Section
from tests.integration.conftest import NOW

VISIT = {"starts": "2026-11-23T10:30:00+08:00", "headcount": 1, "delegation": "王小明"}
AWAY = {
    "department": "總經理", "name": "陳國華", "state": "out", "place": "龍崗項目",
    "back": "2026-11-23T12:00:00+08:00",
}  # fmt: skip
TRIP = {
    "plate": "粵B·12345", "driver": "劉師傅", "departs": "2026-11-23T09:30:00+08:00",
    "to": "市政府", "state": "out",
}  # fmt: skip


@pytest.fixture
def gate(core):
    """A second group, read by everybody who passes."""
    sections.save_group(core, "gate", Audience.PUBLIC, "王美玲", NOW)
    return "gate"


def put(core, section, content, **plan):
    return publishing.publish(core, section, content, "王美玲", NOW, **plan)


def payload(group, section):
    topic = f"lobby/v1/test/board/{group}/{section}"
    return next((r.message.payload for r in store.unsent(999) if r.message.topic == topic), None)


def rows(group, section):
    found = payload(group, section)
    topic = f"lobby/v1/test/board/{group}/{section}"
    return None if found is None else decode(topic, found, "test").items


def test_a_line_goes_to_every_group_unless_it_names_some(core, gate):
    put(core, Section.REMINDERS, {"text": "全部"})
    put(core, Section.REMINDERS, {"text": "只給同事"}, groups=("main",))
    assert [row.text for row in rows("main", Section.REMINDERS)] == ["全部", "只給同事"]
    assert [row.text for row in rows("gate", Section.REMINDERS)] == ["全部"]


def test_groups_count_their_own_revisions(core, gate):
    put(core, Section.REMINDERS, {"text": "全部"})
    put(core, Section.REMINDERS, {"text": "只給同事"}, groups=("main",))
    manifests = {
        group: decode(topic_of(Manifest, "test", group=group), payload(group, "manifest"), "test")
        for group in ("main", "gate")
    }
    assert manifests["main"].sections == {Section.REMINDERS: 2}
    assert manifests["gate"].sections == {Section.REMINDERS: 1}


def test_a_line_that_no_longer_addresses_a_group_leaves_it(core, gate):
    notice = put(core, Section.REMINDERS, {"text": "全部"})
    publishing.edit(core, notice.id, {"text": "全部"}, "王美玲", NOW, groups=("main",))
    assert rows("gate", Section.REMINDERS) == ()
    publishing.take_down(core, notice.id, "王美玲", NOW)
    assert rows("main", Section.REMINDERS) == ()


@pytest.mark.parametrize(
    ("section", "content", "secrets"),
    [
        (Section.VISITS, VISIT, ["王小明"]),
        (Section.WHEREABOUTS, AWAY, ["龍崗項目", "12:00", "04:00"]),
        (Section.VEHICLES, TRIP, ["劉師傅"]),
        (Section.REMINDERS, {"text": "開會"}, ["王美玲"]),
    ],
)
def test_what_a_public_board_must_not_show_is_not_in_its_bytes(
    core, gate, section, content, secrets
):
    put(core, section, content)
    public, staff = payload(gate, section).decode(), payload("main", section).decode()
    assert "王美玲" in staff
    assert secrets[0] in staff
    assert [secret for secret in [*secrets, "王美玲"] if secret in public] == []


def test_passers_by_read_a_masked_visitor_and_a_state_without_a_place(core, gate):
    put(core, Section.VISITS, VISIT)
    put(core, Section.WHEREABOUTS, AWAY)
    [guest], [person] = rows(gate, Section.VISITS), rows(gate, Section.WHEREABOUTS)
    assert guest.delegation == "王○明"
    assert (person.name, person.state, person.place, person.back) == ("陳國華", "out", "", None)


def test_a_kiosk_is_told_of_visits_without_names_even_where_boards_name_them(core):
    put(core, Section.VISITS, VISIT)
    put(
        core, Section.VISITS, VISIT | {"delegation": "市住建局檢查組", "open": True, "headcount": 9}
    )
    assert "王小明" in payload("main", Section.VISITS).decode()
    told = decode(topic_of(Expected, "test", group="main"), payload("main", "expected"), "test")
    assert [(visit.body, visit.headcount) for visit in told.items] == [
        ("", 1),
        ("市住建局檢查組", 9),
    ]
    assert "王" not in payload("main", "expected").decode()


def test_a_body_s_name_is_shown_in_full_where_the_desk_says_so(core, gate):
    put(core, Section.VISITS, VISIT | {"delegation": "市住建局檢查組", "open": True})
    assert rows(gate, Section.VISITS)[0].delegation == "市住建局檢查組"


def test_a_group_that_becomes_public_is_masked_at_once(core):
    put(core, Section.VISITS, VISIT)
    assert rows("main", Section.VISITS)[0].delegation == "王小明"
    sections.save_group(core, "main", Audience.PUBLIC, "王美玲", NOW)
    assert rows("main", Section.VISITS)[0].delegation == "王○明"


def test_a_new_group_shows_at_once_what_stands_for_all(core):
    put(core, Section.REMINDERS, {"text": "全部"})
    sections.save_group(core, "gate", Audience.STAFF, "王美玲", NOW)
    assert [row.text for row in rows("gate", Section.REMINDERS)] == ["全部"]


def test_a_group_that_nobody_made_cannot_be_addressed(core):
    with pytest.raises(Refusal, match="unknown_group"):
        put(core, Section.REMINDERS, {"text": "全部"}, groups=("nowhere",))
    assert payload("main", Section.REMINDERS) is None


def test_the_group_of_this_lobby_s_board_is_always_there(core):
    assert [(g.name, g.audience) for g in sections.groups(core)] == [("main", Audience.STAFF)]
    sections.begin(core)
    empty = Manifest(group="main", epoch=store.epoch(), sections={})
    assert payload("main", "manifest") == encode(empty, "test").payload
