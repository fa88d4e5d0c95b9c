"""Who is at the desk follows from the shift's entries, and an empty desk is noticed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.duty import Entry
from models.shift import Hours, gap, standing, stints
from models.terms import Act, Duty

ZONE = ZoneInfo("Asia/Shanghai")
OPENS = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
"""08:30 on a Monday."""
HOURS = Hours(time(8, 30), time(18), "01234")
MEI, LIN = "王美玲", "林佩芬"


def entry(act, by, minutes=0, due=None, **facts):
    at = OPENS + timedelta(minutes=minutes)
    until = None if due is None else OPENS + timedelta(minutes=due)
    return Entry(
        minutes + 10, f"k{act}{by}", Duty.SHIFT, act, None, None, at, by, until, "", facts, {}, "00"
    )


def on(*entries):
    return list(standing(entries).posts)


def test_whoever_signs_on_is_on_until_they_sign_off():
    come = entry(Act.SIGNED_ON, MEI), entry(Act.SIGNED_ON, LIN, 1)
    assert on(*come) == [MEI, LIN]
    assert on(*come, entry(Act.SIGNED_OFF, MEI, 2)) == [LIN]


def test_a_break_keeps_the_post_with_the_stand_in_named():
    come, away = entry(Act.SIGNED_ON, MEI), entry(Act.STOOD_IN, MEI, 60, due=75, stand_in=LIN)
    assert standing([come, away]).posts[MEI].away is away
    assert standing([come, away, entry(Act.BACK, MEI, 70)]).posts[MEI].away is None


def test_a_handover_moves_the_post_only_once_it_was_accepted():
    come, offer = entry(Act.SIGNED_ON, MEI), entry(Act.HANDED_OVER, MEI, 60, successor=LIN)
    waits = standing([come, offer])
    assert list(waits.posts) == [MEI]
    assert (waits.offered(LIN), waits.offered(MEI)) == (offer, None)
    accepted = standing([come, offer, entry(Act.TAKEN_OVER, LIN, 61, predecessor=MEI)])
    assert list(accepted.posts) == [LIN]
    assert accepted.offers == {}


def test_a_second_offer_takes_the_place_of_the_first():
    come, first = entry(Act.SIGNED_ON, MEI), entry(Act.HANDED_OVER, MEI, 60, successor=LIN)
    second = entry(Act.HANDED_OVER, MEI, 61, successor="何工")
    shift = standing([come, first, second])
    assert (shift.offered(LIN), shift.offered("何工")) == (None, second)


def gap_at(minutes, *entries):
    return gap(standing(entries), HOURS, OPENS + timedelta(minutes=minutes), ZONE)


@pytest.mark.parametrize(
    ("minutes", "entries", "since"),
    [
        (4, (), None),
        (5, (), 0),
        (5, (entry(Act.SIGNED_ON, MEI, -10),), None),
        (
            30,
            (entry(Act.SIGNED_ON, MEI, -10), entry(Act.SIGNED_OFF, MEI, -5)),
            0,
        ),
        (60, (entry(Act.SIGNED_ON, MEI), entry(Act.SIGNED_OFF, MEI, 40)), 40),
        (44, (entry(Act.SIGNED_ON, MEI), entry(Act.SIGNED_OFF, MEI, 40)), None),
        (50, (entry(Act.SIGNED_ON, MEI), entry(Act.STOOD_IN, MEI, 40, stand_in=LIN)), None),
        (59, (entry(Act.SIGNED_ON, MEI), entry(Act.STOOD_IN, MEI, 40, due=55, stand_in=LIN)), None),
        (60, (entry(Act.SIGNED_ON, MEI), entry(Act.STOOD_IN, MEI, 40, due=55, stand_in=LIN)), 55),
        (9.5 * 60, (), None),  # closed again
        (-30, (), None),  # not yet open
        (5 * 24 * 60 + 60, (), None),  # on Saturday
    ],
)
def test_nobody_there_for_five_minutes_of_the_desks_hours_is_a_gap(minutes, entries, since):
    expected = None if since is None else OPENS + timedelta(minutes=since)
    assert gap_at(minutes, *entries) == expected


def test_a_break_that_is_over_holds_nothing_until_somebody_is_there_again():
    away = entry(Act.SIGNED_ON, MEI), entry(Act.STOOD_IN, MEI, 40, due=55, stand_in=LIN)
    assert gap_at(120, *away) == OPENS + timedelta(minutes=55)
    assert gap_at(120, *away, entry(Act.BACK, MEI, 70)) is None
    assert gap_at(120, *away, entry(Act.SIGNED_ON, LIN, 70)) is None


def test_who_hands_over_and_leaves_before_it_is_accepted_leaves_a_gap():
    offer = entry(Act.SIGNED_ON, MEI), entry(Act.HANDED_OVER, MEI, 60, successor=LIN)
    assert gap_at(94, *offer) is None
    assert gap_at(95, *offer) == OPENS + timedelta(minutes=90)
    assert gap_at(95, *offer, entry(Act.TAKEN_OVER, LIN, 70, predecessor=MEI)) is None


def test_who_hands_over_and_says_that_they_are_there_still_holds_the_desk_and_the_offer():
    offer = entry(Act.SIGNED_ON, MEI), entry(Act.HANDED_OVER, MEI, 60, successor=LIN)
    back = entry(Act.BACK, MEI, 96)
    assert gap_at(130, *offer, back) is None
    assert gap_at(131, *offer, back) == OPENS + timedelta(minutes=126)
    assert standing([*offer, back]).offered(LIN)


def test_who_takes_over_is_back_from_their_own_break():
    both = entry(Act.SIGNED_ON, MEI), entry(Act.SIGNED_ON, LIN, 1)
    away = entry(Act.STOOD_IN, LIN, 40, due=55, stand_in=MEI)
    offer = entry(Act.HANDED_OVER, MEI, 60, successor=LIN)
    taken = entry(Act.TAKEN_OVER, LIN, 70, predecessor=MEI)
    assert gap_at(120, *both, away, offer, taken) is None


def test_the_entry_that_says_so_does_not_end_a_gap():
    noticed = entry(Act.LEFT_EMPTY, "clock", 5)
    assert gap_at(30, noticed) == OPENS


def test_whoever_forgot_to_sign_off_in_the_evening_is_not_on_in_the_morning():
    assert HOURS.begins(OPENS, ZONE) == OPENS - timedelta(hours=4)
    assert HOURS.begins(OPENS - timedelta(hours=5), ZONE) == OPENS - timedelta(hours=28)


def test_who_was_on_is_listed_with_how_it_ended():
    come = entry(Act.SIGNED_ON, MEI), entry(Act.HANDED_OVER, MEI, 60, successor=LIN)
    taken = entry(Act.TAKEN_OVER, LIN, 61, predecessor=MEI)
    off = entry(Act.SIGNED_OFF, LIN, 90)
    first, second = stints([*come, taken, off])
    assert (first.name, first.since, first.ended) == (MEI, OPENS, taken)
    assert (second.name, second.since, second.ended) == (LIN, taken.at, off)
    assert stints(come)[0].ended is None
