"""What the board knows, and which messages change it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.display.state import BoardState, is_behind, is_live, receive, restored
from models.messages import Canary, Manifest, Presence, Resync
from models.terms import Role, Section
from tests import board_days as days

CARS = Section.VEHICLES


def manifest(epoch=7, **sections):
    named = {Section(name): rev for name, rev in sections.items()}
    return Manifest(group="main", epoch=epoch, sections=named)


def canary(epoch=7):
    return Canary(epoch=epoch, seq=1, at=days.NOW)


def held(*snapshots):
    return restored("main", snapshots, days.TICK)


def test_a_greater_revision_replaces_the_old_one():
    before = held(days.snapshot(CARS, *days.CARS, rev=4))
    new = days.snapshot(CARS, days.NEW_CAR, rev=5)
    after = receive(before, new, days.TICK + 1)
    assert after.sections[CARS].snapshot == new
    assert after.sections[CARS].at == days.TICK + 1


@pytest.mark.parametrize(("epoch", "rev"), [(7, 4), (7, 3), (6, 99)])
def test_an_equal_or_smaller_revision_has_no_effect(epoch, rev):
    before = held(days.snapshot(CARS, *days.CARS, rev=4))
    assert receive(before, days.snapshot(CARS, epoch=epoch, rev=rev), 2000) is before


@pytest.mark.parametrize(
    "message",
    [
        days.snapshot(CARS, group="other"),
        Manifest(group="other", epoch=9, sections={}),
        Resync(board="b1"),
        Presence(role=Role.CONTROLLER, id="main", state="online", session=1),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_does_not_concern_this_board_has_no_effect(message):
    before = held(days.snapshot(CARS, *days.CARS))
    assert receive(before, message, 2000) is before


def test_sections_do_not_touch_one_another():
    before = held(days.snapshot(CARS, *days.CARS, rev=9))
    after = receive(before, days.snapshot(Section.VISITS, *days.VISITS), 2000)
    assert after.sections[CARS] is before.sections[CARS]
    assert set(after.sections) == {CARS, Section.VISITS}


def test_rows_that_read_differently_are_news():
    changed = days.CARS[1].model_copy(update={"to": "機場 T2 接機"})
    before = held(days.snapshot(CARS, *days.CARS))
    after = receive(before, days.snapshot(CARS, days.CARS[0], changed, days.NEW_CAR, rev=2), 2000)
    assert after.sections[CARS].fresh == {changed.id, days.NEW_CAR.id}
    assert after.sections[CARS].anchor == changed.id
    assert after.sections[CARS].turned == 2000


def test_a_row_that_was_only_confirmed_again_is_no_news_and_turns_no_page():
    again = days.CARS[0].model_copy(update={"at": days.at(9, 40), "by": "王", "until": days.at(12)})
    before = held(days.snapshot(CARS, *days.CARS))
    after = receive(before, days.snapshot(CARS, again, days.CARS[1], rev=2), 2000)
    assert after.sections[CARS].fresh == frozenset()
    assert after.sections[CARS].turned == before.sections[CARS].turned


def test_a_new_day_is_news_as_a_whole_so_no_row_of_it_is():
    before = held(days.snapshot(CARS, *days.CARS, day=date(2026, 11, 22)))
    after = receive(before, days.snapshot(CARS, *days.CARS, days.NEW_CAR, rev=2), 2000)
    assert after.sections[CARS].fresh == frozenset()


def test_what_is_kept_of_another_group_is_not_restored():
    state = restored("staff", [days.snapshot(CARS, *days.CARS)], days.TICK)
    assert state == BoardState("staff")


def test_a_board_is_live_while_canaries_arrive():
    state = receive(held(), canary(), 100)
    assert not is_live(held(), 100, 15)
    assert is_live(state, 114.9, 15)
    assert not is_live(state, 115, 15)
    assert is_live(receive(state, canary(), 115), 116, 15)


def test_a_canary_of_an_older_database_proves_nothing_about_what_is_shown():
    before = held(days.snapshot(CARS, *days.CARS, epoch=8))
    assert receive(before, canary(epoch=7), 100) is before
    assert receive(before, canary(epoch=8), 100).canary_at == 100
    later = receive(receive(held(), canary(epoch=9), 50), canary(epoch=8), 100)
    assert later.canary_at == 50


def test_a_board_without_a_manifest_is_behind_once_the_controller_is_heard():
    assert not is_behind(held())
    assert is_behind(receive(held(), canary(), 100))


@pytest.mark.parametrize(
    ("told", "behind"),
    [
        (manifest(vehicles=4), False),
        (manifest(vehicles=3), False),
        (manifest(vehicles=5), True),
        (manifest(vehicles=4, visits=1), True),
        (manifest(epoch=8, vehicles=1), True),
        (manifest(), False),
    ],
)
def test_the_manifest_tells_what_should_be_there(told, behind):
    state = held(days.snapshot(CARS, *days.CARS, rev=4))
    assert is_behind(receive(state, told, 100)) is behind


def test_what_was_missing_and_arrives_is_no_longer_missing():
    state = receive(held(), manifest(vehicles=2), 100)
    assert is_behind(state)
    assert not is_behind(receive(state, days.snapshot(CARS, rev=2), 101))


def test_an_older_manifest_has_no_effect():
    state = receive(held(), manifest(epoch=8, vehicles=2), 100)
    assert receive(state, manifest(epoch=7, vehicles=9), 101) is state


def test_a_manifest_told_again_has_no_effect():
    state = receive(held(), manifest(vehicles=2), 100)
    assert receive(state, manifest(vehicles=2), 101) is state


def test_a_manifest_of_the_same_database_removes_nothing():
    state = held(days.snapshot(CARS, *days.CARS), days.snapshot(Section.VISITS, *days.VISITS))
    assert set(receive(state, manifest(vehicles=1), 100).sections) == {CARS, Section.VISITS}


# --- a new epoch: another database, shown whole or not at all -------------------------------------

VISITS = Section.VISITS
OLD = [days.snapshot(CARS, *days.CARS, rev=4), days.snapshot(VISITS, *days.VISITS, rev=9)]
NEW = [days.snapshot(CARS, days.NEW_CAR, epoch=8), days.snapshot(VISITS, epoch=8, rev=2)]


def after(state, *messages, at=100.0):
    for message in messages:
        state = receive(state, message, at)
    return state


def shown(state):
    return [held.snapshot for _, held in sorted(state.sections.items())]


def test_what_a_new_database_says_is_shown_once_all_of_it_is_there():
    state = after(held(*OLD), NEW[0], manifest(epoch=8, vehicles=1, visits=2))
    assert shown(state) == OLD
    assert shown(after(state, NEW[1])) == NEW


def test_what_a_new_database_does_not_list_is_no_longer_shown():
    assert shown(after(held(*OLD), NEW[0], manifest(epoch=8, vehicles=1))) == NEW[:1]
    assert shown(after(held(*OLD), manifest(epoch=8))) == []


def test_a_section_of_an_older_database_is_not_shown_beside_newer_ones():
    state = held(NEW[0])
    assert after(state, OLD[1]) is state


def test_while_a_new_database_is_not_whole_its_canaries_prove_nothing_of_what_is_shown():
    state = after(held(*OLD), canary(epoch=7), at=50)
    state = after(state, NEW[0], manifest(epoch=8, vehicles=1, visits=2), canary(epoch=8), at=90)
    assert is_behind(state)
    assert not is_live(state, 90, 15)
    assert is_live(after(state, NEW[1], at=91), 91, 15)


def test_an_emergency_waits_for_nothing():
    alarm = days.snapshot(Section.EMERGENCY, days.emergency(), epoch=8)
    assert after(held(*OLD), alarm).sections[Section.EMERGENCY].snapshot == alarm
    whole = after(held(*OLD), alarm, *NEW, manifest(epoch=8, vehicles=1, visits=2, emergency=1))
    assert shown(whole) == [alarm, *NEW]


_PUBLISHED = [
    message
    for epoch in (7, 8, 9)
    for message in (
        *(days.snapshot(s, epoch=epoch, rev=rev) for s in (CARS, VISITS) for rev in (1, 2)),
        days.snapshot(Section.REMINDERS, epoch=epoch),
        manifest(epoch=epoch, vehicles=1, visits=1, reminders=1),
        manifest(epoch=epoch, vehicles=2, visits=2, reminders=1),
        canary(epoch=epoch),
    )
]
_NEWEST = [m for m in _PUBLISHED if getattr(m, "epoch", 0) == 9]


@given(st.lists(st.sampled_from(_PUBLISHED), max_size=40), st.permutations(_NEWEST))
def test_in_whatever_order_it_comes_databases_never_mix_and_the_newest_is_shown_at_last(
    anything, at_last
):
    state = held()
    for message in anything + at_last:
        state = after(state, message)
        assert len({snapshot.epoch for snapshot in shown(state)}) <= 1
    assert {(s.section, s.epoch, s.rev) for s in shown(state)} == {
        (CARS, 9, 2),
        (VISITS, 9, 2),
        (Section.REMINDERS, 9, 1),
    }
    assert not is_behind(state)
    assert is_live(state, 101, 15)
