"""One's own calendar of expected visits, read back by another program's reader."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import ics
import pytest

from controller import appointments
from models import store
from models.feed import Expected, written
from models.store import AppointmentRow
from models.terms import Category, DeskRole, VisitState
from tests.accounts import CREDENTIALS
from tests.desk_office import arrived, clerk_of, page_of


@pytest.fixture
def desk(core):
    return clerk_of(core)


@pytest.fixture
def calendar(core, desk):
    """calendar(**headers): what a calendar that was given the address is answered."""
    told = desk.post("/api/account/calendar")
    assert told.status_code == 201
    path = urlsplit(told.json()["url"]).path
    program = page_of(core)
    return lambda **headers: program.get(path, headers=headers)


def expect(core, name, starts, hours=1, **more) -> AppointmentRow:
    wish = {"organisation": "", "category": Category.ORDINARY, "party": 1, "host_id": 1}
    wish |= {"room_id": None, "phone_last4": ""} | more
    now = datetime.now(UTC)
    ends = starts + timedelta(hours=hours)
    return appointments.make(core, name=name, starts=starts, ends=ends, by="desk", now=now, **wish)


def tomorrow(core, hour) -> datetime:
    day = core.local(datetime.now(UTC)) + timedelta(days=1)
    return day.replace(hour=hour, minute=30, second=0, microsecond=0)


def test_every_expected_visit_is_one_event_at_its_time_in_the_offices_zone(core, calendar):
    when = tomorrow(core, 9)
    row = expect(core, "何經理;三,人", when, hours=2, organisation="恒信物業", party=3, room_id=1)
    answer = calendar()
    assert answer.headers["content-type"].startswith("text/calendar")
    (event,) = ics.Calendar(answer.text).events
    assert (event.begin.datetime, event.end.datetime) == (when, when + timedelta(hours=2))
    assert "TZID=Asia/Shanghai:" in answer.text
    assert "BEGIN:VTIMEZONE" in answer.text
    assert event.name == "何經理;三,人 · 恒信物業 等 3 人"
    assert event.location == row.room != ""
    assert row.host in event.description
    assert event.status == "CONFIRMED"


def test_a_zone_with_summer_time_is_told_with_its_changes():
    zone = ZoneInfo("Europe/Berlin")
    starts = [datetime(2027, month, 15, 8 - (month > 3), tzinfo=UTC) for month in (1, 7)]
    hour = timedelta(hours=1)
    visits = [Expected(f"u{at:%m}", at, at + hour, "客", "", "", cancelled=False) for at in starts]
    text = written("", visits, zone).decode()
    assert text.count("DTSTART;TZID=Europe/Berlin:20270115T090000") == 1
    assert text.count("DTSTART;TZID=Europe/Berlin:20270715T090000") == 1
    assert sorted(event.begin.datetime for event in ics.Calendar(text).events) == starts


def test_what_is_over_or_far_ahead_is_left_out(core, calendar):
    now = datetime.now(UTC)
    expect(core, "明日", tomorrow(core, 9))
    expect(core, "來年", now + timedelta(days=300))
    assert {event.name for event in ics.Calendar(calendar().text).events} == {"明日"}


def test_a_visit_that_does_not_take_place_is_cancelled_under_the_same_id(core, calendar):
    row = expect(core, "趙先生", datetime.now(UTC))
    (before,) = ics.Calendar(calendar().text).events
    visit = arrived(core, "", code=row.code)
    with store.transaction():
        store.change_visit(visit.id, state=VisitState.WITHDRAWN)
    (after,) = ics.Calendar(calendar().text).events
    assert (before.status, after.status) == ("CONFIRMED", "CANCELLED")
    assert before.uid == after.uid
    assert before.begin == after.begin


def test_an_appointment_that_the_desk_cancels_is_cancelled_in_every_calendar(core, calendar):
    row = expect(core, "趙先生", tomorrow(core, 9))
    appointments.cancel(core, row.id, "改期", "k" * 32, "王美玲", datetime.now(UTC))
    (event,) = ics.Calendar(calendar().text).events
    assert (event.uid, event.status) == (f"appointment-{row.id}@test.lobby", "CANCELLED")


def test_a_calendar_that_knows_it_already_is_told_so_until_something_changes(core, calendar):
    expect(core, "趙先生", tomorrow(core, 9))
    first = calendar()
    again = calendar(**{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "private, no-cache"
    expect(core, "孫小姐", tomorrow(core, 11))
    assert calendar(**{"if-none-match": first.headers["etag"]}).status_code == 200


def test_a_new_address_replaces_the_one_before_and_a_revoked_one_leads_nowhere(desk, calendar):
    assert calendar().status_code == 200
    assert "最近讀取" in desk.get("/account").text
    path = urlsplit(desk.post("/api/account/calendar").json()["url"]).path
    assert calendar().status_code == 404
    assert desk.get(path).status_code == 200
    assert desk.delete("/api/account/calendar").status_code == 204
    assert desk.get(path).status_code == 404
    assert desk.delete("/api/account/calendar").status_code == 404


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": DeskRole.GUARD}])
def test_who_may_not_see_visits_any_more_has_no_calendar_of_them_either(calendar, change):
    user = store.user(CREDENTIALS["name"])
    store.change_user(user.id, **change)
    assert calendar().status_code == 404


def test_an_account_that_is_removed_takes_its_calendar_along(calendar):
    store.remove_user(store.user(CREDENTIALS["name"]).id)
    assert calendar().status_code == 404


def test_the_address_is_neither_stored_nor_logged_and_guessing_is_slowed_down(
    core, settings, calendar, caplog
):
    caplog.set_level("INFO")
    calendar()
    program = page_of(core)
    codes = [program.get(f"/f/guess{n}.ics").status_code for n in range(31)]
    assert codes == [404] * 30 + [429]
    assert calendar().status_code == 200
    assert "/f/…" in caplog.text
    assert "guess" not in caplog.text
