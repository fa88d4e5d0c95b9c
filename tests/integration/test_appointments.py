"""Delegations on the board, and whoever comes on certain weekdays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from controller import appointments, deciding, publishing, sections
from controller.core import Refusal
from models import store, tables
from models.messages import FindAppointment, Register
from models.terms import AppointmentKind, Category, Purpose, Section
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW, fresh_key
from tests.integration.test_reception import appointment

DAY = timedelta(days=1)
MONDAY, WEDNESDAY = 0, 2


def series(core, weekdays=(MONDAY, WEDNESDAY), until=date(2026, 12, 4), **changes):
    wish = {
        "name": "鄭師傅",
        "organisation": "恒達裝修",
        "category": Category.CONTRACTOR,
        "party": 4,
        "host_id": 3,
        "room_id": None,
        "starts": NOW,
        "ends": NOW + timedelta(hours=8),
        "phone_last4": "",
    }
    return appointments.make_series(
        core, weekdays=weekdays, until=until, by="王美玲", now=NOW, **(wish | changes)
    )


def test_who_comes_on_certain_weekdays_is_expected_on_each_of_them_under_one_code(core, ask):
    rows = series(core)
    days = [f"{core.local(row.starts):%m-%d %H:%M}" for row in rows]
    assert days == ["11-23 09:40", "11-25 09:40", "11-30 09:40", "12-02 09:40"]
    [code] = {row.code for row in rows}
    for now in (NOW, NOW + 2 * DAY):
        view = ask(Register(code=code), now=now).body
        assert view.name == "鄭師傅"
    assert ask(FindAppointment(code=code), now=NOW + DAY).code == "unknown_code"


def test_a_room_that_is_taken_on_one_of_the_days_refuses_them_all(core):
    appointment(core, starts=NOW + 7 * DAY, ends=NOW + 7 * DAY + timedelta(hours=1))
    with pytest.raises(Refusal, match="room_taken"):
        series(core, room_id=1)
    assert tables.Appointment.select().count() == 1
    assert tables.Booking.select().count() == 1


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (date(2026, 11, 22), "no_such_day"),
        (date(1, 1, 1), "no_such_day"),
        (date(2028, 11, 23), "too_many_days"),
        (date(9999, 12, 31), "too_many_days"),
    ],
)
def test_a_last_day_that_cannot_be_is_refused_and_names_its_field(core, until, code):
    with pytest.raises(Refusal) as refused:
        series(core, until=until)
    assert (refused.value.code, refused.value.field) == (code, "until")
    assert not tables.Appointment.select().exists()


@examples(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sets(st.integers(0, 6), min_size=1), st.integers(7, 60))
def test_every_chosen_weekday_until_the_last_day_and_no_other(core, weekdays, length):
    until = core.local(NOW).date() + timedelta(days=length)
    days = [core.local(row.starts).date() for row in series(core, weekdays, until)]
    wanted = [NOW.date() + timedelta(days=n) for n in range(length + 1)]
    assert days == [day for day in wanted if day.weekday() in weekdays]
    tables.Appointment.delete().execute()


# --- the board ------------------------------------------------------------------------------------


def on_board(core, now=NOW):
    return [notice.content for notice in publishing.standing(core, Section.VISITS, now)]


def test_a_delegation_is_put_on_the_board_with_time_headcount_and_room(core):
    row = appointment(core, party=8, kind=AppointmentKind.DELEGATION)
    notice = appointments.announce(core, row.id, "王美玲", NOW)
    assert on_board(core) == [
        {
            "starts": "2026-11-23T01:40:00Z",
            "delegation": "市住建局",
            "headcount": 8,
            "open": True,
            "room": "三樓第一會議室",
        }
    ]
    assert (notice.ends, notice.by) == (row.ends, "王美玲")


def test_one_person_is_not_named_on_the_board_in_full(core):
    row = appointment(core, organisation="", party=1)
    appointments.announce(core, row.id, "王美玲", NOW)
    assert on_board(core)[0]["delegation"] == "劉○任"


def test_an_appointment_is_on_the_board_once_until_it_is_taken_down(core):
    row = appointment(core)
    notice = appointments.announce(core, row.id, "王美玲", NOW)
    with pytest.raises(Refusal, match="already_announced"):
        appointments.announce(core, row.id, "王美玲", NOW)
    publishing.take_down(core, notice.id, "王美玲", NOW)
    appointments.announce(core, row.id, "王美玲", NOW)
    assert len(on_board(core)) == 1


def test_tomorrows_delegation_comes_onto_the_board_tomorrow(core):
    row = appointment(core, starts=NOW + DAY, ends=NOW + DAY + timedelta(hours=1))
    appointments.announce(core, row.id, "王美玲", NOW)
    assert store.sections("main")[Section.VISITS].items == 0
    sections.refresh(core, NOW + DAY)
    assert store.sections("main")[Section.VISITS].items == 1


def test_an_appointment_that_is_over_or_unknown_is_not_put_on_the_board(core):
    row = appointment(core)
    with pytest.raises(Refusal, match="ends_before_start"):
        appointments.announce(core, row.id, "王美玲", NOW + DAY)
    with pytest.raises(Refusal, match="not_found"):
        appointments.announce(core, 77, "王美玲", NOW)


# --- on the desk's page ---------------------------------------------------------------------------

WORKS = {
    "name": "鄭師傅",
    "kind": "recurring",
    "category": "contractor",
    "starts": "2998-01-01 09:00",
}


def test_the_page_makes_a_series_and_says_on_how_many_days(core):
    body = WORKS | {"weekdays": [0, 2], "until": "2998-01-31"}
    answer = clerk_of(core).post("/api/appointments", json=body)
    assert (answer.status_code, answer.json()["days"]) == (201, 10)
    assert answer.json()["kind"] == "recurring"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [7]}, "weekdays"),
        ({"until": None}, "until"),
        ({"until": "soon"}, "until"),
        ({"until": "2997-01-01"}, "until"),
        ({"kind": "parade"}, "kind"),
    ],
)
def test_a_series_that_cannot_be_is_refused_in_words_that_name_the_field(core, change, field):
    body = WORKS | {"weekdays": [0], "until": "2998-01-31"} | change
    answer = clerk_of(core).post("/api/appointments", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_the_page_puts_an_appointment_on_the_board_in_one_click(core):
    clerk = clerk_of(core)
    starts = datetime.now(UTC) + timedelta(minutes=1)
    body = {"name": "同行參觀團", "kind": "delegation", "starts": starts.isoformat(), "party": 22}
    made = clerk.post("/api/appointments", json=body).json()
    path = f"/api/appointments/{made['id']}/notice"
    assert clerk.post(path).json()["content"]["headcount"] == 22
    assert clerk.post(path).json()["code"] == "already_announced"
    assert clerk.get("/api/board/visits").json()[0]["content"]["delegation"] == "同行參觀團"


# --- cancelling ---------------------------------------------------------------------------------


def cancel(core, row, reason="對方改期", key=None, by="王美玲"):
    return appointments.cancel(core, row.id, reason, key or fresh_key(), by, NOW)


def test_who_was_cancelled_is_expected_no_more_and_the_room_is_free(core, ask):
    row = appointment(core, starts=NOW + DAY, ends=NOW + DAY + timedelta(hours=1))
    cancel(core, row)
    assert ask(FindAppointment(code=row.code), now=NOW + DAY).code == "unknown_code"
    with pytest.raises(Refusal, match="unknown_code"):
        appointments.invited(core, row.invitation, NOW + DAY)
    assert store.appointments(*core.day_of(NOW + DAY)) == []
    again = appointment(core, starts=NOW + DAY, ends=NOW + DAY + timedelta(hours=1))
    assert again.code != row.code


def test_the_reason_is_in_the_log_and_the_host_is_to_be_told(core):
    cancel(core, appointment(core, starts=NOW + timedelta(hours=1), ends=NOW + timedelta(hours=2)))
    [followup] = store.open_log()
    said = followup.said(followup.first)
    assert said["message"] == "11-23 10:40 的預約已取消：對方改期"
    assert (said["caller"], said["to"]) == ("劉主任", "總經理辦公室 陳國華")


def test_one_day_of_a_series_is_cancelled_and_the_others_stand(core, ask):
    first, second, *_ = series(core)
    cancel(core, first)
    assert ask(FindAppointment(code=first.code)).code == "unknown_code"
    assert ask(Register(code=first.code), now=second.starts).ok


def test_the_line_on_the_board_goes_with_the_appointment(core):
    row = appointment(core)
    appointments.announce(core, row.id, "王美玲", NOW)
    cancel(core, row)
    assert publishing.standing(core, Section.VISITS, NOW) == []


def test_it_is_cancelled_once_and_the_second_desk_is_told_by_whom(core):
    row, key = appointment(core), fresh_key()
    for _ in range(2):
        assert cancel(core, row, key=key).cancelled_by == "王美玲"
    assert len(store.open_log()) == 1
    with pytest.raises(Refusal) as refused:
        cancel(core, row, by="林佩芬")
    assert (refused.value.code, refused.value.places) == ("already_cancelled", {"name": "王美玲"})


def test_whoever_has_come_is_not_cancelled(core, ask):
    row = appointment(core)
    ask(Register(code=row.code))
    with pytest.raises(Refusal, match="appointment_used"):
        cancel(core, row)


def test_a_walk_in_is_not_taken_for_somebody_who_was_cancelled(core, ask):
    row = appointment(core)
    visit = store.visit_by_key(ask(Register(purpose=Purpose.BUSINESS, name="劉主任")).body.visit)
    cancel(core, row)
    assert deciding.suggestions(core, [visit], NOW) == {visit.id: []}
    with pytest.raises(Refusal, match="already_cancelled"):
        deciding.join(core, visit.id, row.id, "王美玲", NOW)


def test_the_page_cancels_with_a_reason_and_keeps_the_line_in_the_list(core):
    start, _ = core.day_of(datetime.now(UTC))
    clerk, life = clerk_of(core), {"starts": start, "ends": start + DAY, "by": "王美玲"}
    row = store.add_appointment(code="4321", name="劉主任", category="vip", **life)
    path = f"/api/appointments/{row.id}/cancellation"
    assert clerk.post(path, json={"id": fresh_key(), "reason": " "}).json()["field"] == "reason"
    assert clerk.post(path, json={"id": fresh_key(), "reason": "對方改期"}).status_code == 200
    listed = clerk.get("/desk/fragments/appointments").text
    assert "已取消" in listed
    assert "王美玲：對方改期" in listed
    assert "cancel-appointment" not in listed
    nobody = clerk.post(
        "/api/appointments/99/cancellation", json={"id": fresh_key(), "reason": "x"}
    )
    assert nobody.status_code == 404
