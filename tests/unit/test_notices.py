"""What of the board is visible when, and how its rows become pages."""

from datetime import date, timedelta

import pytest

from models.notices import Notice, Showing, next_end, paginate, showing, turn
from models.terms import PANELS, Section
from tests import board_days as days

DAILY = [Section.VEHICLES, Section.WHEREABOUTS, Section.VISITS]
ROWS = {
    Section.VEHICLES: days.CARS[0],
    Section.WHEREABOUTS: days.PEOPLE[0],
    Section.VISITS: days.VISITS[0],
    Section.REMINDERS: days.REMINDERS[0],
}


def test_what_was_never_published_is_not_shown_as_empty():
    assert showing(None, days.NOW) == Showing(published=False)


@pytest.mark.parametrize("section", PANELS)
def test_a_row_without_an_end_is_shown(section):
    snapshot = days.snapshot(section, ROWS[section])
    assert showing(snapshot, days.NOW) == Showing(published=True, notices=(Notice(ROWS[section]),))


@pytest.mark.parametrize("section", DAILY)
def test_a_row_past_its_time_stays_but_is_no_longer_confirmed(section):
    row = ROWS[section].model_copy(update={"until": days.NOW})
    before = showing(days.snapshot(section, row), days.NOW - timedelta(microseconds=1))
    after = showing(days.snapshot(section, row), days.NOW)
    assert before.notices == (Notice(row, confirmed=True),)
    assert after.notices == (Notice(row, confirmed=False),)


def test_a_reminder_past_its_end_is_gone():
    row = ROWS[Section.REMINDERS].model_copy(update={"until": days.NOW})
    snapshot = days.snapshot(Section.REMINDERS, row)
    assert showing(snapshot, days.NOW - timedelta(seconds=1)).notices == (Notice(row),)
    assert showing(snapshot, days.NOW) == Showing(published=True)


@pytest.mark.parametrize("section", DAILY)
@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 11, 24)])
def test_another_day_s_section_is_not_shown(section, day):
    snapshot = days.snapshot(section, ROWS[section], day=day)
    assert showing(snapshot, days.NOW) == Showing(published=False)


def test_midnight_at_the_site_ends_the_day():
    snapshot = days.snapshot(Section.VISITS, ROWS[Section.VISITS])
    midnight = days.at(0, day=24)
    assert showing(snapshot, midnight - timedelta(seconds=1)).published
    assert not showing(snapshot, midnight).published


def test_reminders_outlive_their_day():
    snapshot = days.snapshot(
        Section.REMINDERS, ROWS[Section.REMINDERS], day=date(2026, 11, 1), published_at=days.at(9)
    )
    assert showing(snapshot, days.NOW).notices


@pytest.mark.parametrize("section", PANELS)
def test_a_section_that_was_taken_down_shows_nothing(section):
    snapshot = days.snapshot(section, ROWS[section], deleted=True)
    assert showing(snapshot, days.NOW) == Showing(published=True)


def test_the_next_end_is_the_first_that_is_still_to_come():
    rows = [
        days.reminder(1, "a", until=days.at(9)),
        days.reminder(2, "b", until=days.at(12)),
        days.reminder(3, "c", until=days.at(11)),
        days.reminder(4, "d"),
    ]
    assert next_end(days.snapshot(Section.REMINDERS, *rows), days.NOW) == days.at(11)
    assert next_end(days.snapshot(Section.REMINDERS, rows[0], rows[3]), days.NOW) is None


@pytest.mark.parametrize(
    ("heights", "pages"),
    [
        ([], []),
        ([73], [range(1)]),
        ([73] * 4, [range(4)]),
        ([73] * 5, [range(4), range(4, 5)]),
        ([103, 73, 103, 73], [range(3), range(3, 4)]),
        ([500], [range(1)]),
        ([73, 500, 73], [range(1), range(1, 2), range(2, 3)]),
    ],
)
def test_as_many_rows_stand_on_a_page_as_it_has_room_for(heights, pages):
    assert paginate(heights, 310) == pages


@pytest.mark.parametrize(
    ("elapsed", "page", "left"),
    [(0, 1, 12), (11, 1, 1), (12, 2, 12), (24, 0, 12), (30, 0, 6), (36, 1, 12), (-5, 1, 12)],
)
def test_pages_turn_in_order_beginning_with_the_one_that_has_news(elapsed, page, left):
    assert turn(3, 1, elapsed, 12) == (page, left)
