"""What is sent twice is done once, and of two clerks with one line nobody loses what they typed."""

from datetime import UTC, datetime, timedelta

import pytest

from controller import users
from models import store, tables
from models.terms import DeskRole
from tests.desk_office import clerk_of, page_of
from tests.integration.conftest import fresh_key

TODAY = datetime.now(UTC)
LATER = f"{TODAY + timedelta(days=2):%Y-%m-%d}"
WEEK_LATER = f"{TODAY + timedelta(days=8):%Y-%m-%d}"
FORMS = {
    "/api/board/reminders": ({"content": {"text": "B座電梯保養"}}, tables.Notice),
    "/api/board/whereabouts": ({"content": {"name": "李志強", "state": "out"}}, tables.Notice),
    "/api/appointments": ({"name": "劉主任", "starts": f"{LATER} 09:00"}, tables.Appointment),
    "/api/tea": (
        {"room": "三樓第一會議室", "due": f"{LATER} 09:00", "count": 4},
        tables.TeaOrder,
    ),
    "/api/permits": (
        {
            "company": "恒達裝修",
            "site": "3 座 12A",
            "starts": LATER,
            "ends": LATER,
            "weekdays": list(range(7)),
            "workers": "鄭師傅 1234",
        },
        tables.Permit,
    ),
}
"""Where a form is sent, one that is filled in, and the table of what it makes."""


@pytest.fixture
def clerk(core):
    return clerk_of(core)


@pytest.fixture
def lin(core):
    """A second clerk at a desk of her own."""
    row, first = users.add("lin", "林佩芬", DeskRole.CLERK, "王美玲", datetime.now(UTC))
    store.change_user(row.id, must_change=False)
    client = page_of(core)
    client.post("/api/session", json={"name": "lin", "password": first}).raise_for_status()
    return client


@pytest.mark.parametrize("path", FORMS)
def test_a_form_that_is_sent_twice_makes_one_row_and_both_hear_the_same(clerk, path):
    form, table = FORMS[path]
    before, key = table.select().count(), fresh_key()
    first, second = (clerk.post(path, json=form | {"id": key}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert table.select().count() == before + 1


def test_a_line_that_was_taken_down_is_not_put_back_by_a_late_repeat(clerk):
    form = {"content": {"text": "消防演習"}, "id": fresh_key()}
    line = clerk.post("/api/board/reminders", json=form).json()
    clerk.delete(f"/api/notices/{line['id']}")
    assert clerk.post("/api/board/reminders", json=form).json()["id"] == line["id"]
    assert clerk.get("/api/board/reminders").json() == []


def test_a_form_that_was_refused_can_be_sent_again_under_its_key(clerk):
    key = fresh_key()
    wrong = clerk.post("/api/board/reminders", json={"content": {"text": ""}, "id": key})
    assert wrong.status_code == 422
    right = clerk.post("/api/board/reminders", json={"content": {"text": "消防"}, "id": key})
    assert right.status_code == 201


def test_a_series_that_is_sent_twice_is_one_series_of_as_many_days(clerk):
    series = {"kind": "recurring", "weekdays": list(range(7)), "until": WEEK_LATER}
    form, _ = FORMS["/api/appointments"]
    body = form | series | {"id": fresh_key()}
    assert [clerk.post("/api/appointments", json=body).json()["days"] for _ in range(2)] == [7, 7]
    assert tables.Appointment.select().count() == 7


def test_the_second_to_change_a_line_is_told_who_was_first_and_to_what(clerk, lin):
    form = {"content": {"text": "B座電梯保養"}}
    line = clerk.post("/api/board/reminders", json=form).json()
    path, seen = f"/api/notices/{line['id']}", {"seen": line["at"]}
    changed = lin.put(path, json={"content": {"text": "A座電梯保養"}} | seen)
    assert changed.status_code == 200
    mine = {"content": {"text": "B座電梯保養至五點"}}
    refused = clerk.put(path, json=mine | seen)
    assert (refused.status_code, refused.json()["code"]) == (409, "look_first")
    [warning] = refused.json()["warnings"]
    assert "林佩芬 已在" in warning["words"]
    assert "A座電梯保養" in warning["words"]
    assert clerk.get("/api/board/reminders").json()[0]["content"]["text"] == "A座電梯保養"
    assert clerk.put(path, json=mine | seen | {"anyway": True}).status_code == 200
    assert clerk.get("/api/board/reminders").json()[0]["content"]["text"] == "B座電梯保養至五點"


def test_whoever_has_seen_the_latest_changes_it_at_once(clerk, lin):
    line = clerk.post("/api/board/reminders", json={"content": {"text": "甲"}}).json()
    path = f"/api/notices/{line['id']}"
    newer = lin.put(path, json={"content": {"text": "乙"}, "seen": line["at"]}).json()
    body = {"content": {"text": "丙"}, "seen": newer["at"]}
    assert clerk.put(path, json=body).status_code == 200
