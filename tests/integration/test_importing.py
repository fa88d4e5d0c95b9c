"""Lists of expected visitors: whatever wrote them, every line is made, known, or named."""

import base64
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from controller import importing
from controller.web.moments import read
from models import store, tables
from models.importing import MOST_LINES, Unreadable
from models.terms import Category
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW

HEAD = "姓名,單位,人數,接待人,開始,結束,手機後四位,會議室,類別\n"
LIU = "劉主任,市住建局,8,陳國華,2026-11-24 10:30,2026-11-24 11:30,5678,三樓第一會議室,重要客人\n"
LIST = HEAD + LIU + "林先生,恆信物業,3,周敏,11-24 14:00,,,,\n"


def run(core, content, *, keep=True, now=NOW):
    content = content.encode() if isinstance(content, str) else content

    def read_time(text):
        return read(text).at(core.settings.zone, now)

    return importing.run(core, content, read_time, "王美玲", now, keep=keep)


def made():
    return store.appointments(NOW - timedelta(days=1), NOW + timedelta(days=400))


def problems(outcomes):
    return {outcome.entry.line: outcome.problem for outcome in outcomes if outcome.problem}


def local(core, moment):
    return f"{moment.astimezone(core.settings.zone):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5", "gb18030"])
def test_a_list_is_read_in_every_encoding_that_offices_write(core, encoding):
    run(core, LIST.encode(encoding))
    liu, lin = made()
    assert (liu.name, liu.organisation, liu.party, liu.room) == (
        "劉主任",
        "市住建局",
        8,
        "三樓第一會議室",
    )
    assert (liu.category, liu.host, liu.phone_last4) == (
        Category.IMPORTANT,
        "總經理辦公室 陳國華",
        "5678",
    )
    assert local(core, liu.starts) == "2026-11-24 10:30"
    assert lin.ends - lin.starts == timedelta(hours=1)


@pytest.mark.parametrize("encoding", ["big5", "gb18030"])
def test_a_list_with_english_headings_is_read_in_the_right_encoding(core, encoding):
    run(core, ("name,starts\n張偉國,11-24 09:00\n王小明,11-24 10:00\n").encode(encoding))
    assert [row.name for row in made()] == ["張偉國", "王小明"]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [(LIST.encode("utf-16"), "UTF-16"), (b"\x89PNG\x00\x01", "binary"), (b"\xff\xfd\xff", "?")],
)
def test_another_encoding_is_named_and_nothing_is_read(core, content, encoding):
    with pytest.raises(Unreadable) as unreadable:
        run(core, content)
    assert (unreadable.value.code, unreadable.value.places) == ("encoding", {"encoding": encoding})


def test_a_preview_promises_what_the_import_does_and_writes_nothing(core):
    promised = run(core, LIST, keep=False)
    assert made() == []
    assert not tables.Booking.select().exists()
    assert run(core, LIST) == promised
    assert len(made()) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "big5"])
def test_importing_the_same_list_twice_doubles_nothing(core, encoding):
    run(core, LIST)
    again = run(core, LIST.encode(encoding))
    assert all(outcome.known for outcome in again)
    assert len(made()) == 2


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (",x,,,11-24 09:00,,,,", "missing_name"),
        ("甲,,,,,,,,", "missing_starts"),
        ("甲,,,,soon,,,,", "bad_starts"),
        ("甲,,,,11-24 09:00,25:00,,,", "bad_ends"),
        ("甲,,,,11-24 09:00,11-24 08:00,,,", "ends_before_start"),
        ("甲,,,,2026-11-20 09:00,,,,", "past"),
        ("甲,,0,,11-24 09:00,,,,", "bad_party"),
        ("甲,,-1,,11-24 09:00,,,,", "bad_party"),
        ("甲,,10000,,11-24 09:00,,,,", "bad_party"),
        ("甲,,,某人,11-24 09:00,,,,", "unknown_host"),
        ("甲,,,,11-24 09:00,,12,,", "bad_phone"),
        ("甲,,,,11-24 09:00,,,月球,", "unknown_room"),
        ("甲,,,,11-24 09:00,,,,國王", "bad_category"),
        ("甲,,,,11-24 11:00,11-24 12:00,,三樓第一會議室,", "room_taken"),
        ("甲" * 61 + ",,,,11-24 09:00,,,,", "too_long"),
        ("甲,,,,11-24 09:00,,,,,,多", "too_many_cells"),
        (LIU.strip(), "repeated"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_loses_no_other(core, line, problem):
    outcomes = run(core, HEAD + LIU + line + "\n林先生,,,,11-24 14:00,,,,\n")
    assert problems(outcomes) == {3: problem}
    assert [row.name for row in made()] == ["劉主任", "林先生"]


def test_of_two_hosts_with_one_name_nobody_is_guessed_and_the_department_decides(core):
    tables.Person.create(name="周敏", department="工程部")
    head = "name,host,department,starts\n"
    [outcome] = run(core, head + "林先生,周敏,,11-24 14:00\n")
    assert outcome.problem == "ambiguous_host"
    assert outcome.places == {"departments": "財務部、工程部"}
    [outcome] = run(core, head + "林先生,周敏,工程部,11-24 14:00\n")
    assert outcome.host == "工程部 周敏"


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2\n", "姓名\n甲\n"])
def test_a_list_without_its_headings_is_refused(core, text):
    with pytest.raises(Unreadable, match="missing_columns"):
        run(core, text)


def test_a_list_that_is_too_long_is_refused_whole(core):
    with pytest.raises(Unreadable, match="too_many_lines"):
        run(core, "name,starts\n" + "甲,11-24 09:00\n" * (MOST_LINES + 1))
    assert made() == []


def test_a_cell_may_hold_a_line_break_and_the_next_line_keeps_its_number(core):
    outcomes = run(core, 'name,starts\n"劉\n主任",11-24 09:00\n乙,soon\n')
    assert problems(outcomes) == {4: "bad_starts"}


# --- calendars ------------------------------------------------------------------------------------


def calendar(*events):
    rows = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test"]
    for event in events:
        rows += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return "\r\n".join([*rows, "END:VCALENDAR", ""])


MEETING = ("UID:1@test", "SUMMARY:劉主任", "DTSTART:20261124T023000Z", "DTEND:20261124T033000Z")


def test_an_event_becomes_an_appointment_with_what_its_description_says(core):
    described = (
        *MEETING,
        "LOCATION:三樓第一會議室",
        "ORGANIZER;CN=陳國華:mailto:c@example.com",
        "DESCRIPTION:單位：市住建局\\n人數: 8\\n請備茶",
    )
    run(core, calendar(described))
    [row] = made()
    assert (row.name, row.organisation, row.party, row.room, row.host) == (
        "劉主任",
        "市住建局",
        8,
        "三樓第一會議室",
        "總經理辦公室 陳國華",
    )
    assert local(core, row.starts) == "2026-11-24 10:30"


def test_a_time_in_another_zone_is_the_same_moment_here_even_across_midnight(core):
    event = (
        "UID:2@test",
        "SUMMARY:Mary",
        "DTSTART;TZID=America/New_York:20261124T103000",
        "DTEND;TZID=America/New_York:20261124T120000",
    )
    run(core, calendar(event))
    [row] = made()
    assert (local(core, row.starts), local(core, row.ends)) == (
        "2026-11-24 23:30",
        "2026-11-25 01:00",
    )


def test_a_floating_time_is_the_offices(core):
    run(core, calendar(("UID:3@t", "SUMMARY:甲", "DTSTART:20261124T090000", "DURATION:PT2H")))
    [row] = made()
    assert local(core, row.ends) == "2026-11-24 11:00"


def test_a_weekly_event_is_written_out_for_sixty_days_less_what_was_left_out(core):
    event = (
        "UID:4@t",
        "SUMMARY:清潔",
        "DTSTART:20261124T090000",
        "RRULE:FREQ=WEEKLY;BYDAY=TU,TH",
        "EXDATE:20261126T090000",
    )
    run(core, calendar(event))
    days = [local(core, row.starts) for row in made()]
    assert days[:3] == ["2026-11-24 09:00", "2026-12-01 09:00", "2026-12-03 09:00"]
    assert len(days) == 17
    assert max(row.starts for row in made()) <= NOW + timedelta(days=60)


def test_a_weekly_event_keeps_its_wall_clock_when_its_own_zone_changes_the_clocks(core):
    event = (
        "UID:5@t",
        "SUMMARY:Ann",
        "DTSTART;TZID=Europe/London:20270322T090000",
        "RRULE:FREQ=WEEKLY;COUNT=2",
    )
    now = datetime(2027, 3, 20, tzinfo=UTC)
    run(core, calendar(event), now=now)
    assert [local(core, row.starts)[-5:] for row in made()] == ["17:00", "16:00"]


def test_a_moved_instance_of_a_series_is_made_once_where_it_was_moved_to(core):
    series = ("UID:6@t", "SUMMARY:乙", "DTSTART:20261124T090000", "RRULE:FREQ=WEEKLY;COUNT=2")
    moved = ("UID:6@t", "SUMMARY:乙", "RECURRENCE-ID:20261201T090000", "DTSTART:20261202T150000")
    run(core, calendar(series, moved))
    assert [local(core, row.starts) for row in made()] == ["2026-11-24 09:00", "2026-12-02 15:00"]


def test_importing_the_same_calendar_later_adds_only_what_is_new(core):
    event = ("UID:7@t", "SUMMARY:丙", "DTSTART:20261124T090000", "RRULE:FREQ=WEEKLY")
    run(core, calendar(event))
    before = len(made())
    run(core, calendar(event), now=NOW + timedelta(days=7))
    assert len(made()) == before + 1


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (("DTSTART;VALUE=DATE:20261124",), "all_day"),
        (("DTSTART:20261124T090000", "RRULE:FREQ=MONTHLY"), "recurs_otherwise"),
        (("DTSTART:20261124T090000", "RRULE:FREQ=WEEKLY;BYMONTH=1"), "recurs_otherwise"),
        (("DTSTART;TZID=Mars/Olympus:20261124T090000",), "unknown_zone"),
        ((), "bad_starts"),
        (("DTSTART:2026-tomorrow",), "bad_starts"),
    ],
)
def test_an_event_that_cannot_be_read_is_named_with_its_line(core, lines, problem):
    outcomes = run(core, calendar(("UID:8@t", "SUMMARY:丁", *lines), MEETING))
    assert problems(outcomes) == {4: problem}
    assert [row.name for row in made()] == ["劉主任"]


def test_a_cancelled_event_is_nobody(core):
    assert run(core, calendar((*MEETING, "STATUS:CANCELLED"))) == []


@examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (HEAD + text).encode()))
def test_whatever_is_imported_it_is_read_or_refused(core, content):
    try:
        outcomes = run(core, content, keep=False)
    except Unreadable:
        return
    assert all(outcome.good or outcome.known or outcome.problem for outcome in outcomes)


@examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet="BEGINDVTU:=;\r\n-RL0123456789TZ", max_size=120))
def test_whatever_stands_in_a_calendar_it_is_read_or_refused(core, junk):
    for content in (calendar((junk,)), calendar(("UID:9@t", f"RRULE:{junk}", *MEETING[1:]))):
        with suppress(Unreadable):
            run(core, content, keep=False)


def test_a_process_killed_in_the_middle_of_an_import_leaves_nothing_of_it(core, settings):
    script = """
import os, sys
from pathlib import Path
from models import store, tables
from datetime import UTC, datetime
store.open_database(Path(sys.argv[1]))
at = datetime(2026, 12, 1, tzinfo=UTC)
with store.transaction():
    store.add_appointment(code="1", name="x", category="vip", starts=at, ends=at, by="x")
    os._exit(9)
"""
    subprocess.run([sys.executable, "-c", script, settings.database], check=False)
    assert made() == []


# --- on the desk's page ---------------------------------------------------------------------------


def posted(clerk, path, content):
    body = {"content": base64.b64encode(content).decode()}
    return clerk.post(path, json=body)


def test_the_page_names_each_bad_line_in_words_before_anything_is_written(core):
    clerk = clerk_of(core)
    content = (
        "name,starts,host\n甲,2998-01-01 09:00,\n乙,soon,\n丙,2998-01-01 09:00,某人\n".encode()
    )
    answer = posted(clerk, "/api/imports/preview", content).json()
    assert (answer["good"], answer["known"], answer["bad"]) == (1, 0, 2)
    assert [line["words"] for line in answer["lines"]] == [
        "",
        "開始時間看不懂，例如 2026-11-24 09:00",
        "名單裡沒有這位接待人",
    ]
    assert not tables.Appointment.select().exists()
    assert posted(clerk, "/api/imports", content).json()["good"] == 1
    assert posted(clerk, "/api/imports", content).json()["known"] == 1
    assert tables.Appointment.select().count() == 1


def test_a_file_that_is_not_read_is_refused_in_words_with_its_encoding(core):
    answer = posted(clerk_of(core), "/api/imports/preview", LIST.encode("utf-16"))
    assert (answer.status_code, answer.json()["code"]) == (422, "file_encoding")
    assert "UTF-16" in answer.json()["words"]


@pytest.mark.parametrize("content", ["***", 7, None, "a"])
def test_a_body_that_is_no_file_is_refused_in_words(core, content):
    answer = clerk_of(core).post("/api/imports/preview", json={"content": content})
    assert answer.status_code == 422
    assert answer.json()["words"]


def test_a_long_list_may_be_larger_than_a_form_but_not_without_end(core):
    clerk = clerk_of(core)
    wide = HEAD.encode() + b"x" * 100_000
    assert posted(clerk, "/api/imports/preview", wide).status_code == 200
    assert posted(clerk, "/api/imports/preview", b"x" * 2_000_000).status_code == 413
