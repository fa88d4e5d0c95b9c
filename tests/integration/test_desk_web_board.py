"""Publishing from the desk's page, and what it says of the screens."""

import json
import re
from datetime import UTC, datetime, time, timedelta

import pytest

from broker_config import devices as registry
from broker_config.devices import Device
from controller import publishing, sections
from controller.web.bodies import CONTENTS
from models import store
from models.messages import ROWS, Row, Shown
from models.store import DeviceRow
from models.terms import PANELS, Role, Section
from tests.desk_office import clerk_of

CONTENT = {
    "vehicles": {"plate": "粵B·12345", "departs": "09:30", "to": "市政府", "state": "out"},
    "whereabouts": {"department": "工程部", "name": "李志強", "state": "out", "back": "11:30"},
    "visits": {"delegation": "市住建局", "starts": "10:30", "headcount": 8, "room": "三樓"},
    "reminders": {"text": "B座電梯保養，請走 A座"},
}


@pytest.fixture
def clerk(core):
    return clerk_of(core)


def publish(clerk, section, **more):
    return clerk.post(f"/api/board/{section}", json={"content": CONTENT[section]} | more)


def test_the_forms_have_the_fields_of_the_lines_on_the_wire():
    for section, content in CONTENTS.items():
        assert content.model_fields.keys() == ROWS[section].model_fields.keys() - Row.model_fields


@pytest.mark.parametrize("section", list(PANELS))
def test_a_line_is_published_listed_and_named_after_who_said_it(clerk, section):
    answer = publish(clerk, section)
    assert answer.status_code == 201
    line = answer.json()
    assert line["by"] == "王美玲"
    assert clerk.get(f"/api/board/{section}").json() == [line]


def test_a_time_of_day_is_today_in_the_sites_zone(clerk, core):
    line = publish(clerk, "vehicles").json()
    departs = core.local(datetime.fromisoformat(line["content"]["departs"]))
    assert f"{departs:%H:%M}" == "09:30"
    assert departs.date() == core.local(datetime.now(UTC)).date()


def test_a_line_can_be_shown_from_and_until(clerk):
    now = datetime.now(UTC).replace(microsecond=0)
    starts, ends = now + timedelta(minutes=5), now + timedelta(minutes=9)
    line = publish(
        clerk, "reminders", show_from=starts.isoformat(), show_until=ends.isoformat()
    ).json()
    assert datetime.fromisoformat(line["starts"]) == starts
    assert datetime.fromisoformat(line["ends"]) == ends


@pytest.mark.parametrize(
    "span",
    [
        {"show_until": "2020-01-01 00:00"},
        {"show_from": "2998-02-01 00:00", "show_until": "2998-01-01 00:00"},
    ],
)
def test_a_line_that_would_end_before_it_begins_is_refused(clerk, span):
    answer = publish(clerk, "reminders", **span)
    assert (answer.status_code, answer.json()["code"]) == (422, "ends_before_start")
    assert answer.json()["field"] == "show_until"


def test_a_line_is_edited_in_place(clerk):
    line = publish(clerk, "whereabouts").json()
    content = CONTENT["whereabouts"] | {"state": "in", "back": None}
    edited = clerk.put(f"/api/notices/{line['id']}", json={"content": content}).json()
    assert (edited["id"], edited["content"]["state"]) == (line["id"], "in")
    assert edited["content"]["back"] is None
    assert clerk.get("/api/board/whereabouts").json() == [edited]


def as_the_form_sends_it(clerk, line, **changed):
    """What the page's form says of a line when one field was changed in it."""
    page = clerk.get("/desk/fragments/lines?page=board").text
    said = re.search(rf'id="edit-{line["id"]}".*?data-fields=\'(.*?)\'', page, re.DOTALL)
    fields = json.loads(said[1]) | changed
    times = {name: fields.pop(name, None) for name in ("show_from", "show_until")}
    fields.pop("open", None)
    return {"content": fields} | times


@pytest.mark.parametrize("began", [0, 3], ids=["today", "three days ago"])
def test_a_line_that_comes_back_still_does_after_a_change_by_the_form(core, clerk, began):
    now = datetime.now(UTC)
    first, zone = now - timedelta(days=began), core.settings.zone
    last = core.local(now).date() + timedelta(days=9)
    departs = datetime.combine(core.local(first).date(), time(23, 50), zone)
    put = publishing.publish(
        core,
        Section.VEHICLES,
        CONTENT["vehicles"] | {"departs": departs.isoformat()},
        "王美玲",
        first,
        starts=departs.replace(hour=0, minute=1),
        ends=departs.replace(minute=59),
        until_day=last,
        weekdays=tuple(range(7)),
        groups=("main",),
    )
    body = as_the_form_sends_it(clerk, {"id": put.id}, to="機場")
    changed = clerk.put(f"/api/notices/{put.id}", json=body).json()
    assert changed["content"]["to"] == "機場"
    assert changed["day"] == core.local(now).date().isoformat()
    assert changed["until_day"] == last.isoformat()
    assert changed["weekdays"] == [0, 1, 2, 3, 4, 5, 6]
    assert changed["groups"] == ["main"]
    said = (changed["starts"], changed["content"]["departs"], changed["ends"])
    clocks = [f"{core.local(datetime.fromisoformat(one)):%H:%M}" for one in said]
    assert clocks == ["00:01", "23:50", "23:59"]


def test_a_program_that_changes_only_what_a_line_says_keeps_its_whole_plan(core, clerk):
    tomorrow = core.local(datetime.now(UTC)).date() + timedelta(days=1)
    plan = {
        "day": tomorrow.isoformat(),
        "until_day": (tomorrow + timedelta(days=8)).isoformat(),
        "weekdays": [0, 2, 4, 6],
        "groups": ["main"],
        "show_from": "08:00",
        "show_until": "20:00",
    }
    line = publish(clerk, "reminders", **plan).json()
    changed = clerk.put(f"/api/notices/{line['id']}", json={"content": {"text": "電梯已修好"}})
    left = {"content", "at", "warnings"}
    assert {k: v for k, v in changed.json().items() if k not in left} == {
        k: v for k, v in line.items() if k not in left
    }


def test_a_reminder_that_stands_for_days_is_changed_and_ends_when_it_was_to_end(core, clerk):
    now = datetime.now(UTC).replace(microsecond=0)
    begins, ends = now - timedelta(days=2), now + timedelta(days=2)
    put = publishing.publish(
        core, Section.REMINDERS, CONTENT["reminders"], "王美玲", begins, starts=begins, ends=ends
    )
    for body in (
        {"content": {"text": "電梯仍在保養"}},
        as_the_form_sends_it(clerk, {"id": put.id}, text="電梯還在保養"),
    ):
        changed = clerk.put(f"/api/notices/{put.id}", json=body).json()
        assert changed["content"] == body["content"]
        gap = datetime.fromisoformat(changed["ends"]) - ends
        assert abs(gap) < timedelta(minutes=1), "to the minute that the form shows"


def test_a_body_that_is_shown_in_full_still_is_after_a_change_and_no_longer_when_that_is_said(
    clerk,
):
    content = CONTENT["visits"] | {"open": True}
    line = clerk.post("/api/board/visits", json={"content": content}).json()
    path = f"/api/notices/{line['id']}"
    body = as_the_form_sends_it(clerk, line, headcount=9)
    assert clerk.put(path, json=body).json()["content"]["open"] is True
    closed = clerk.put(path, json={"content": content | {"open": False}}).json()
    assert closed["content"]["open"] is False


def test_a_draft_that_is_changed_stays_a_draft_until_it_is_published_on_purpose(clerk):
    line = publish(clerk, "reminders", draft=True).json()
    path = f"/api/notices/{line['id']}"
    body = as_the_form_sends_it(clerk, line, text="電梯已修好")
    assert clerk.put(path, json=body).json()["draft"] is True
    assert clerk.put(path, json=body | {"draft": False}).json()["draft"] is False


def test_a_line_is_taken_down_once(clerk):
    line = publish(clerk, "reminders").json()
    assert clerk.delete(f"/api/notices/{line['id']}").status_code == 204
    again = clerk.delete(f"/api/notices/{line['id']}")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    edit = clerk.put(f"/api/notices/{line['id']}", json={"content": CONTENT["reminders"]})
    assert (edit.status_code, edit.json()["code"]) == (404, "not_found")
    assert clerk.get("/api/board/reminders").json() == []


def test_a_full_section_says_so_and_keeps_what_it_has(clerk):
    for _ in range(publishing.MOST_ROWS):
        publish(clerk, "reminders")
    answer = publish(clerk, "reminders")
    assert (answer.status_code, answer.json()["code"]) == (409, "section_full")
    assert len(clerk.get("/api/board/reminders").json()) == publishing.MOST_ROWS


def test_an_unknown_section_is_refused(clerk):
    answer = clerk.get("/api/board/gossip")
    assert (answer.status_code, answer.json()["field"]) == (422, "section")


# --- which screens show which revision -----------------------------------------------------------


def online(board, state=True):
    store.keep_device(DeviceRow(Role.BOARD, board, state, 1, "1.0", datetime.now(UTC)))


def shows(core, board, section, after):
    row = store.sections(core.settings.board.group)[section]
    receipt = Shown(board=board, section=section, epoch=store.epoch(), rev=row.rev, ms=9)
    sections.shown(core, [receipt], row.published_at + timedelta(seconds=after))


def header(clerk):
    return " ".join(clerk.get("/desk/fragments/status").text.split())


def test_the_header_says_that_no_screen_has_ever_connected(clerk):
    assert "尚無屏幕連線" in header(clerk)


def test_the_header_says_when_nothing_was_published_yet(clerk):
    online("b1")
    assert "1 塊屏幕 · 尚未發布" in header(clerk)


def test_the_header_says_how_many_screens_show_it_and_how_fast(clerk, core):
    boards = ("b1", "b2", "b3")
    registry.keep(core.settings, [Device(Role.BOARD, board, "main") for board in boards])
    for board in boards:
        online(board)
    publish(clerk, "reminders")
    for board, seconds in (("b1", 0.08), ("b2", 0.12), ("b3", 0.05)):
        shows(core, board, Section.REMINDERS, seconds)
    assert "3 / 3 塊屏幕已顯示第 1 版 · 用時 0.12 秒" in header(clerk)
    screens = clerk.get("/api/screens").json()
    assert (screens["current"], screens["rev"], screens["behind"]) == (3, 1, [])
    assert screens["seconds"] == pytest.approx(0.12, abs=0.001)


def test_the_header_names_the_screen_that_lags(clerk, core):
    online("b1")
    online("b2")
    publish(clerk, "reminders")
    shows(core, "b1", Section.REMINDERS, 0.1)
    assert "1 / 2 塊屏幕已顯示第 1 版 · b2 未顯示最新內容" in header(clerk)
    assert clerk.get("/api/screens").json()["behind"] == ["b2"]


def test_the_header_names_the_screen_that_is_offline(clerk, core):
    online("b1")
    publish(clerk, "reminders")
    shows(core, "b1", Section.REMINDERS, 0.1)
    store.keep_device(DeviceRow(Role.BOARD, "b1", False, 1, "1.0", datetime.now(UTC)))
    assert "0 / 1 塊屏幕已顯示第 1 版 · b1 離線 自" in header(clerk)


def test_a_receipt_for_an_older_revision_is_not_enough(clerk, core):
    online("b1")
    publish(clerk, "reminders")
    shows(core, "b1", Section.REMINDERS, 0.1)
    publish(clerk, "reminders")
    [screen] = clerk.get("/api/screens").json()["screens"]
    assert (screen["current"], screen["behind"]) == (False, ["reminders"])
    assert screen["shown"]["reminders"]["rev"] == 1
    assert "第 1 版，最新是第 2 版" in clerk.get("/desk/fragments/screens").text


def test_a_receipt_of_a_former_epoch_proves_nothing(clerk, core):
    online("b1")
    publish(clerk, "reminders")
    shows(core, "b1", Section.REMINDERS, 0.1)
    with store.transaction():
        store.new_epoch()
    assert clerk.get("/api/screens").json()["behind"] == ["b1"]


def test_the_devices_page_lists_every_device(clerk):
    online("b1")
    store.keep_device(DeviceRow(Role.KIOSK, "k1", False, 1, "1.0", datetime.now(UTC)))
    rows = clerk.get("/api/devices").json()
    assert [(row["role"], row["device"], row["online"]) for row in rows] == [
        ("board", "b1", True),
        ("kiosk", "k1", False),
    ]
    page = clerk.get("/devices").text
    assert "自助機" in page
    assert "離線" in page
