"""What the board knows, and which messages change it."""

from datetime import date

import pytest

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


@pytest.mark.parametrize(("epoch", "rev"), [(7, 5), (8, 1), (8, 9)])
def test_a_greater_revision_replaces_the_old_one(epoch, rev):
    before = held(days.snapshot(CARS, *days.CARS, rev=4))
    new = days.snapshot(CARS, days.NEW_CAR, epoch=epoch, rev=rev)
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


def test_what_a_new_database_does_not_list_is_no_longer_shown():
    state = held(days.snapshot(CARS, *days.CARS), days.snapshot(Section.VISITS, *days.VISITS))
    state = receive(state, manifest(epoch=8, vehicles=1), 100)
    assert set(state.sections) == {CARS}, "shown until its new revision arrives"


def test_a_manifest_of_the_same_database_removes_nothing():
    state = held(days.snapshot(CARS, *days.CARS), days.snapshot(Section.VISITS, *days.VISITS))
    assert set(receive(state, manifest(vehicles=1), 100).sections) == {CARS, Section.VISITS}
