"""What the desk is told before it publishes: in words, and it may publish anyway."""

from datetime import UTC, datetime, timedelta

import pytest

from controller import checking, previewing, publishing
from models import store
from models.terms import Category, Section
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW

LONG = "粵港澳大灣區智慧城市建設與物業服務聯合考察團第十二批次代表及隨行工作人員一行"


def moment(clock):
    return f"2026-11-23T{clock}:00+08:00"


def trip(departs="10:00", state="standby", **more):
    return {
        "plate": "粵B·12345", "driver": "", "departs": moment(departs), "to": "機場", "state": state
    } | more  # fmt: skip


def person(state="out", **more):
    return {
        "department": "工程部",
        "name": "李志強",
        "state": state,
        "place": "",
        "back": None,
    } | more


@pytest.fixture
def put(core):
    def putting(section, content, **plan):
        return publishing.publish(core, section, content, "王美玲", NOW, **plan)

    return putting


@pytest.fixture
def told(core):
    """The codes of what is found about a line, those that ask for a look."""

    def telling(section, content, line_id=previewing.NEW, **plan):
        line = publishing.drawn_up(core, section, content, "王美玲", NOW, **plan)
        found = checking.look(core, checking.replace(line, id=line_id), NOW)
        return [finding.code for finding in found if finding.asks]

    return telling


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (trip("10:00"), trip("10:30"), ["plate_twice"]),
        (trip("10:00"), trip("11:00"), []),
        (trip("09:00", "out"), trip("14:00", "out"), ["plate_twice"]),
        (trip("10:00", "back"), trip("10:30"), []),
        (trip("10:00"), trip("10:30", plate="粵B·67890"), []),
        (
            trip("10:00", driver="劉師傅"),
            trip("10:30", plate="粵B·67890", driver="劉師傅"),
            ["driver_twice"],
        ),
    ],
)
def test_one_car_or_driver_on_two_trips_at_once(put, told, first, second, found):
    put(Section.VEHICLES, first)
    assert told(Section.VEHICLES, second) == found


def test_a_line_does_not_conflict_with_itself(put, told):
    notice = put(Section.VEHICLES, trip())
    assert told(Section.VEHICLES, trip("10:05"), line_id=notice.id) == []


def test_nobody_is_in_two_places_at_once(put, told):
    put(Section.WHEREABOUTS, person(), ends=NOW + timedelta(hours=1))
    assert told(Section.WHEREABOUTS, person("in")) == ["person_twice"]
    assert told(Section.WHEREABOUTS, person("in"), starts=NOW + timedelta(hours=2)) == []
    assert told(Section.WHEREABOUTS, person("in", name="王美玲", department="客服部")) == []
    assert told(Section.WHEREABOUTS, person("in", department="財務部")) == []


@pytest.fixture
def guest(core):
    """Somebody expected at 11:00 by person 3, 李志強 of 工程部."""
    host = next(p for p in store.people() if p.name == "李志強")
    starts = NOW.replace(hour=3, minute=0)
    return store.add_appointment(
        code="1234",
        name="劉主任",
        organisation="市住建局",
        category=Category.ORDINARY,
        host=host.id,
        starts=starts,
        ends=starts + timedelta(hours=1),
        by="王美玲",
    )


def test_a_host_who_goes_out_before_a_visit_is_told_of(guest, told):
    host = guest.department
    assert told(Section.WHEREABOUTS, person(department=host)) == ["host_away"]
    assert told(Section.WHEREABOUTS, person(department=host, back=moment("12:00"))) == ["host_away"]
    assert told(Section.WHEREABOUTS, person(department=host, back=moment("10:30"))) == []
    assert told(Section.WHEREABOUTS, person("in", department=host)) == []


def test_a_visit_whose_host_is_out_is_told_of(guest, put, told):
    visit = {"starts": moment("11:00"), "delegation": "市住建局", "headcount": 2, "room": ""}
    assert told(Section.VISITS, visit) == []
    put(Section.WHEREABOUTS, person(department=guest.department))
    assert told(Section.VISITS, visit) == ["host_away"]


def test_a_text_that_would_be_cut_and_characters_without_a_glyph(told):
    assert told(Section.REMINDERS, {"text": LONG * 4}) == ["cut"]
    assert told(Section.REMINDERS, {"text": "請走 A座"}) == []
    assert told(Section.REMINDERS, {"text": "𓀀 請走 A座"}) == ["glyphs"]


# --- from the page -------------------------------------------------------------------------------


@pytest.fixture
def clerk(core):
    return clerk_of(core)


HERE = {"department": "工程部", "name": "李志強", "state": "in"}


def test_the_page_is_asked_first_in_words_and_publishes_anyway(clerk):
    assert clerk.post("/api/board/whereabouts", json={"content": HERE}).status_code == 201
    again = {"content": HERE | {"state": "meeting"}}
    answer = clerk.post("/api/board/whereabouts", json=again)
    assert (answer.status_code, answer.json()["code"]) == (409, "look_first")
    [warning] = answer.json()["warnings"]
    assert (warning["code"], warning["field"]) == ("person_twice", "name")
    assert "李志強" in warning["words"]
    assert len(clerk.get("/api/board/whereabouts").json()) == 1
    anyway = clerk.post("/api/board/whereabouts", json=again | {"anyway": True})
    assert anyway.status_code == 201
    assert [w["code"] for w in anyway.json()["warnings"]] == ["person_twice"]


def test_a_draft_is_asked_about_when_it_is_published(clerk):
    clerk.post("/api/board/whereabouts", json={"content": HERE})
    draft = clerk.post("/api/board/whereabouts", json={"content": HERE, "draft": True}).json()
    assert draft["draft"] is True
    path = f"/api/notices/{draft['id']}/publish"
    assert clerk.post(path, json={}).json()["code"] == "look_first"
    assert clerk.post(path, json={"anyway": True}).json()["draft"] is False


def test_pages_and_second_lines_are_said_and_do_not_ask(clerk):
    for number in range(9):
        body = {"content": {"text": f"第 {number} 件事"}}
        answer = clerk.post("/api/board/reminders", json=body)
        assert answer.status_code == 201
    assert [w["code"] for w in answer.json()["warnings"]] == ["pages"]
    body = {"content": {"text": LONG[:30]}}
    warnings = clerk.post("/api/board/reminders", json=body).json()["warnings"]
    assert {w["code"] for w in warnings} == {"pages", "two_lines"}


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans", "en"])
def test_findings_are_said_in_the_clerk_s_language(clerk, language):
    clerk.cookies.set("lobby_language", language)
    body = {"content": {"text": LONG * 4}}
    [warning] = clerk.post("/api/board/reminders", json=body).json()["warnings"]
    assert "{" not in warning["words"]
    assert warning["words"].isascii() == (language == "en")


def test_a_state_a_history_and_a_restore_from_the_page(clerk):
    line = clerk.post("/api/board/whereabouts", json={"content": HERE}).json()
    answer = clerk.put(f"/api/notices/{line['id']}/state", json={"state": "out"})
    assert answer.json()["content"]["state"] == "out"
    history = clerk.get("/api/notices/history", params={"notice": line["id"]}).json()
    assert [(row["what"], row["by"]) for row in history] == [
        ("edited", "王美玲"),
        ("published", "王美玲"),
    ]
    back = clerk.post(f"/api/notices/history/{history[1]['id']}/restore")
    assert back.json()["content"]["state"] == "in"


def test_a_line_for_tomorrow_has_tomorrow_s_times(clerk, core):
    day = core.local(datetime.now(UTC)).date() + timedelta(days=1)
    body = {
        "content": {"plate": "粵B·1", "departs": "09:30", "to": "機場", "state": "standby"},
        "day": day.isoformat(),
        "show_until": "18:00",
    }
    line = clerk.post("/api/board/vehicles", json=body).json()
    departs, ends = (
        core.local(datetime.fromisoformat(text))
        for text in (line["content"]["departs"], line["ends"])
    )
    assert (departs.date(), f"{departs:%H:%M}", ends.date()) == (day, "09:30", day)
    content = body["content"] | {"to": "鹽田"}
    kept = clerk.put(f"/api/notices/{line['id']}", json={"content": content}).json()
    assert kept["day"] == day.isoformat(), "a change does not bring it forward"
