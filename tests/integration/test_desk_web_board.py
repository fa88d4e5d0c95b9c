"""Publishing from the desk's page, and what it says of the screens."""

from datetime import UTC, datetime, timedelta

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
