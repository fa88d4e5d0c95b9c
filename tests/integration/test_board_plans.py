"""Lines with days of their own, drafts, history: yesterday's are never today's."""

from datetime import date, timedelta

import pytest

from controller import publishing, sections
from controller.core import Refusal
from models import store
from models.messages import decode
from models.terms import Section
from tests.integration.conftest import NOW

TRIP = {
    "plate": "粵B·12345",
    "departs": "2026-11-23T09:30:00+08:00",
    "to": "市政府",
    "state": "out",
}
REMINDER = {"text": "下班前請關閉電源"}
DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)
"""A Monday."""


@pytest.fixture
def put(core):
    def putting(content=TRIP, section=Section.VEHICLES, now=NOW, **plan):
        return publishing.publish(core, section, content, "王美玲", now, **plan)

    return putting


def rows(section=Section.VEHICLES):
    topic = f"lobby/v1/test/board/main/{section}"
    found = [r.message.payload for r in store.unsent(999) if r.message.topic == topic]
    return decode(topic, found[0], "test").items if found else None


def test_a_line_that_comes_back_is_there_anew_on_each_of_its_days(core, put):
    put(weekdays=(0, 2), until_day=TODAY + 9 * DAY)
    seen = []
    for number in range(12):
        sections.refresh(core, NOW + number * DAY)
        last = store.sections("main")[Section.VEHICLES]
        shown = rows() if last.day == TODAY + number * DAY else ()
        seen.append([core.local(row.departs).strftime("%d %H:%M") for row in shown])
    monday, wednesday, next_monday, last = (
        ["23 09:30"], ["25 09:30"], ["30 09:30"], ["02 09:30"]
    )  # fmt: skip
    assert seen == [monday, [], wednesday, [], [], [], [], next_monday, [], last, [], []]


def test_every_day_until_begins_and_ends_at_its_times_each_day(core, put):
    begins, ends = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    put(REMINDER, Section.REMINDERS, starts=begins, ends=ends, until_day=TODAY + DAY)
    for day in (0, 1):
        for minutes, count in ((59, 0), (61, 1), (119, 1), (121, 0)):
            sections.refresh(core, NOW + day * DAY + timedelta(minutes=minutes))
            assert len(rows(Section.REMINDERS)) == count, (day, minutes)
    sections.refresh(core, NOW + 2 * DAY + timedelta(minutes=90))
    assert rows(Section.REMINDERS) == ()
    assert publishing.standing(core, Section.REMINDERS, NOW + 2 * DAY) == []


def test_a_nightly_reminder_goes_on_past_midnight(core, put):
    late = NOW.replace(hour=14)  # 22:00 at the site
    put(
        REMINDER,
        Section.REMINDERS,
        starts=late,
        ends=late + timedelta(hours=4),
        until_day=TODAY + 2 * DAY,
    )
    sections.refresh(core, late + timedelta(hours=3))
    assert len(rows(Section.REMINDERS)) == 1
    sections.refresh(core, late + timedelta(hours=5))
    assert rows(Section.REMINDERS) == ()


def test_tomorrow_is_prepared_by_its_day_alone(core, put):
    put()
    put(TRIP | {"to": "機場"}, day=TODAY + DAY)
    assert [row.to for row in rows()] == ["市政府"]
    midnight = NOW.replace(hour=16, minute=0)
    sections.refresh(core, midnight - timedelta(seconds=1))
    assert [row.to for row in rows()] == ["市政府"]
    sections.refresh(core, midnight)
    assert [row.to for row in rows()] == ["機場"]


def test_a_day_that_is_over_is_not_published_as_an_empty_one(core, put):
    put()
    before = store.sections("main")[Section.VEHICLES]
    sections.refresh(core, NOW + DAY)
    assert store.sections("main")[Section.VEHICLES] == before, "the board says: not published"
    assert publishing.standing(core, Section.VEHICLES, NOW + DAY) == []


@pytest.mark.parametrize(
    ("plan", "code", "field"),
    [
        ({"day": TODAY - DAY}, "in_the_past", "day"),
        ({"until_day": TODAY - DAY}, "ends_before_start", "until_day"),
        ({"until_day": TODAY + 400 * DAY}, "too_many_days", "until_day"),
        ({"until_day": TODAY + DAY, "weekdays": (5,)}, "no_such_day", "weekdays"),
        ({"ends": NOW}, "ends_before_start", "ends"),
    ],
)
def test_days_that_cannot_be_are_refused_with_their_field(put, plan, code, field):
    with pytest.raises(Refusal) as refused:
        put(**plan)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert rows() is None


def test_a_draft_is_on_no_board_until_it_is_published(core, put):
    draft = put(draft=True)
    assert rows() is None
    assert [notice.draft for notice in publishing.standing(core, Section.VEHICLES, NOW)] == [True]
    publishing.edit(core, draft.id, TRIP | {"to": "機場"}, "王美玲", NOW, draft=True)
    assert rows() is None
    publishing.issue(core, draft.id, "林佩芬", NOW)
    assert [(row.to, row.by) for row in rows()] == [("機場", "林佩芬")]


def test_a_state_changes_with_one_tap_and_takes_along_what_was_said_of_it(core, put):
    trip = put()
    away = {"name": "李志強", "state": "out", "place": "B座", "back": "2026-11-23T12:00:00+08:00"}
    person = put(away, Section.WHEREABOUTS)
    publishing.say_state(core, trip.id, "back", "林佩芬", NOW)
    publishing.say_state(core, person.id, "in", "林佩芬", NOW)
    [car], [who] = rows(), rows(Section.WHEREABOUTS)
    assert (car.state, car.to, car.by) == ("back", "市政府", "林佩芬")
    assert (who.state, who.place, who.back) == ("in", "", None)
    with pytest.raises(Refusal, match="bad_content"):
        publishing.say_state(core, trip.id, "leave", "林佩芬", NOW)
    note = put(REMINDER, Section.REMINDERS)
    with pytest.raises(Refusal, match="bad_content"):
        publishing.say_state(core, note.id, "in", "林佩芬", NOW)


# --- history -------------------------------------------------------------------------------------


def test_everything_that_was_done_is_kept_with_who_and_when(core, put):
    notice = put()
    later = NOW + timedelta(minutes=5)
    publishing.edit(core, notice.id, TRIP | {"to": "機場"}, "林佩芬", later)
    publishing.take_down(core, notice.id, "王美玲", later)
    told = [(v.what, v.by, v.at, v.line.content["to"]) for v in store.versions(9)]
    assert told == [
        ("taken_down", "王美玲", later, "機場"),
        ("edited", "林佩芬", later, "機場"),
        ("published", "王美玲", NOW, "市政府"),
    ]


def test_a_line_is_put_back_as_it_was_even_after_it_was_taken_down(core, put):
    notice = put()
    publishing.edit(core, notice.id, TRIP | {"to": "機場"}, "林佩芬", NOW)
    publishing.take_down(core, notice.id, "王美玲", NOW)
    first = store.versions(9)[-1]
    restored = publishing.restore(core, first.id, "陳國華", NOW)
    assert restored.id == notice.id
    assert [(row.to, row.by) for row in rows()] == [("市政府", "陳國華")]
    assert store.versions(1)[0].what == "restored"


def test_a_line_of_yesterday_is_put_back_at_today_s_same_time(core, put):
    put()
    tomorrow = NOW + DAY
    publishing.restore(core, store.versions(1)[0].id, "王美玲", tomorrow)
    [row] = rows()
    assert core.local(row.departs).strftime("%d %H:%M") == "24 09:30"


def test_what_is_over_by_now_is_not_put_back(core, put):
    notice = put(REMINDER, Section.REMINDERS, ends=NOW + timedelta(hours=1))
    publishing.take_down(core, notice.id, "王美玲", NOW)
    with pytest.raises(Refusal, match="over_by_now"):
        publishing.restore(core, store.versions(1)[0].id, "王美玲", NOW + DAY)
    with pytest.raises(Refusal, match="not_found"):
        publishing.restore(core, 999, "王美玲", NOW)


def test_the_history_is_forgotten_with_the_names_in_it(core, put):
    put()
    store.forget(NOW + timedelta(seconds=1))
    assert store.versions(9) == []
