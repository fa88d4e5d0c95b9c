"""Publishing on a real database: whole sections, growing revisions, and nothing by halves."""

from datetime import date, timedelta

import pytest

from controller import publishing, sections
from controller.core import Refusal
from models import store
from models.messages import Manifest, Shown, Snapshot, decode
from models.terms import Section
from tests.integration.conftest import NOW

TRIP = {
    "plate": "粵B·12345",
    "departs": "2026-11-23T09:30:00+08:00",
    "to": "市政府",
    "state": "out",
}
AWAY = {"department": "工程部", "name": "李志強", "state": "out", "place": "B座"}


@pytest.fixture
def put(core):
    def putting(content=TRIP, section=Section.VEHICLES, now=NOW, **times):
        return publishing.publish(core, section, content, "王美玲", now, **times)

    return putting


def board(section=Section.VEHICLES) -> Snapshot:
    """The section as the broker would be given it."""
    return on_the_wire()[f"lobby/v1/test/board/main/{section}"]


def on_the_wire():
    return {
        row.message.topic: decode(row.message.topic, row.message.payload, "test")
        for row in store.unsent(999)
    }


def test_a_published_line_is_in_a_whole_section_with_who_and_when(put):
    put()
    section = board()
    [row] = section.items
    assert (row.plate, row.by, row.at, section.day) == (
        "粵B·12345",
        "王美玲",
        NOW,
        date(2026, 11, 23),
    )


def test_each_change_is_a_new_revision_and_only_the_newest_waits_for_the_broker(put, core):
    notice = put()
    put(TRIP | {"to": "機場"})
    publishing.edit(core, notice.id, TRIP | {"to": "鹽田"}, "林佩芬", NOW)
    publishing.take_down(core, notice.id, "林佩芬", NOW)
    assert board().rev == 4
    assert [row.to for row in board().items] == ["機場"]
    manifest = on_the_wire()["lobby/v1/test/board/main/manifest"]
    assert isinstance(manifest, Manifest)
    assert manifest.sections == {Section.VEHICLES: 4}


def test_the_last_line_taken_down_leaves_an_empty_section_not_silence(put, core):
    publishing.take_down(core, put().id, "王美玲", NOW)
    assert (board().items, board().rev) == ((), 2)


def test_a_notice_begins_and_ends_by_itself(put, core):
    put(
        {"text": "消防演習"},
        Section.REMINDERS,
        starts=NOW + timedelta(hours=1),
        ends=NOW + timedelta(hours=2),
    )
    assert board(Section.REMINDERS).items == ()
    sections.refresh(core, NOW + timedelta(minutes=59))
    assert board(Section.REMINDERS).rev == 1
    sections.refresh(core, NOW + timedelta(minutes=61))
    assert len(board(Section.REMINDERS).items) == 1
    sections.refresh(core, NOW + timedelta(hours=3))
    assert (board(Section.REMINDERS).items, board(Section.REMINDERS).rev) == ((), 3)


def test_whereabouts_that_ran_out_stay_for_the_board_to_mark(put, core):
    put(AWAY, Section.WHEREABOUTS, ends=NOW + timedelta(hours=1))
    sections.refresh(core, NOW + timedelta(hours=2))
    [row] = board(Section.WHEREABOUTS).items
    assert row.until == NOW + timedelta(hours=1)


def test_yesterdays_trips_are_not_todays_and_reminders_live_on(put):
    put()
    put({"text": "關閉電源"}, Section.REMINDERS)
    tomorrow = NOW + timedelta(days=1)
    put(TRIP | {"to": "機場"}, now=tomorrow)
    put({"text": "另一事"}, Section.REMINDERS, now=tomorrow)
    assert [row.to for row in board().items] == ["機場"]
    assert len(board(Section.REMINDERS).items) == 2


def test_tomorrow_can_be_prepared(put, core):
    put(starts=NOW + timedelta(days=1))
    assert board().items == ()
    sections.refresh(core, NOW + timedelta(days=1, minutes=1))
    assert (len(board().items), board().day) == (1, date(2026, 11, 24))


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (TRIP | {"plate": ""}, "plate"),
        (TRIP | {"plate": "x" * 61}, "plate"),
        (TRIP | {"plate": 7}, "plate"),
        (TRIP | {"departs": "yesterday"}, "departs"),
        (TRIP | {"departs": "2026-11-23T09:30:00"}, "departs"),
        (TRIP | {"state": "flying"}, "state"),
        ({}, "plate"),
    ],
)
def test_a_line_that_cannot_be_shown_names_its_field_and_changes_nothing(put, content, field):
    with pytest.raises(Refusal) as refused:
        put(content)
    assert (refused.value.code, refused.value.field) == ("bad_content", field)
    assert on_the_wire() == {}


def test_who_wrote_a_line_and_when_cannot_be_forged_by_its_content(put):
    put(TRIP | {"by": "總經理", "id": 99, "at": "2000-01-01T00:00:00Z"})
    [row] = board().items
    assert (row.by, row.at) == ("王美玲", NOW)


@pytest.mark.parametrize("ends", [NOW, NOW - timedelta(hours=1)])
def test_an_end_before_now_is_refused(put, ends):
    with pytest.raises(Refusal, match="ends_before_start"):
        put(ends=ends)


def test_an_end_before_the_start_is_refused(put):
    with pytest.raises(Refusal, match="ends_before_start"):
        put(starts=NOW + timedelta(hours=2), ends=NOW + timedelta(hours=1))


def test_a_section_has_room_for_so_many_lines_and_no_more(put):
    for number in range(publishing.MOST_ROWS):
        put(TRIP | {"to": f"第 {number} 站"})
    with pytest.raises(Refusal, match="section_full"):
        put()
    assert len(board().items) == publishing.MOST_ROWS


def test_a_line_that_is_gone_cannot_be_changed(put, core):
    notice = put()
    publishing.take_down(core, notice.id, "王美玲", NOW)
    with pytest.raises(Refusal, match="not_found"):
        publishing.edit(core, notice.id, TRIP, "王美玲", NOW)
    with pytest.raises(Refusal, match="not_found"):
        publishing.take_down(core, notice.id, "王美玲", NOW)


def receipt(rev: int, epoch: int | None = None) -> Shown:
    return Shown(
        board="b1",
        section=Section.VEHICLES,
        epoch=store.epoch() if epoch is None else epoch,
        rev=rev,
        ms=12,
    )


def test_a_glass_receipt_says_how_long_the_change_took(put, core):
    put()
    sections.shown(core, [receipt(1)], NOW + timedelta(milliseconds=120))
    [kept] = store.receipts()
    assert (kept.rev, kept.seconds) == (1, 0.12)


def test_a_repeated_receipt_does_not_make_the_change_look_slow(put, core):
    put()
    sections.shown(core, [receipt(1)], NOW + timedelta(milliseconds=120))
    sections.shown(core, [receipt(1)], NOW + timedelta(hours=2))
    assert store.receipts()[0].seconds == 0.12


def test_a_new_site_has_an_empty_manifest(core):
    sections.begin(core)
    assert on_the_wire()["lobby/v1/test/board/main/manifest"].sections == {}


def test_a_receipt_of_an_old_revision_counts_as_old(put, core):
    put()
    put()
    sections.shown(core, [receipt(1)], NOW)
    assert store.receipts()[0].seconds is None


def test_a_board_that_is_ahead_proves_a_restored_database_and_a_new_epoch_begins(put, core):
    put()
    before = store.epoch()
    sections.shown(core, [receipt(5)], NOW)
    assert store.epoch() > before
    assert (board().epoch, [row.to for row in board().items]) == (store.epoch(), ["市政府"])


def test_a_board_that_holds_a_later_epoch_gets_one_that_is_later_still(put, core):
    put()
    held = store.epoch() + 86_400_000  # drawn while a clock was a day ahead
    sections.shown(core, [receipt(1, held)], NOW)
    assert store.epoch() > held
    assert (board().epoch, [row.to for row in board().items]) == (store.epoch(), ["市政府"])


def test_a_forged_receipt_is_ignored_and_those_that_came_with_it_are_kept(put, core):
    put()
    before = store.epoch()
    stranger = receipt(9).model_copy(update={"board": "b9"})
    foreign = receipt(9).model_copy(update={"group": "north"})
    sections.shown(core, [stranger, foreign, receipt(1)], NOW)
    assert [(kept.board, kept.group, kept.rev) for kept in store.receipts()] == [("b1", "main", 1)]
    assert store.epoch() == before, "a forgery began a new epoch"


def test_a_reminder_of_ten_thousand_characters_is_refused_with_its_field(core):
    with pytest.raises(Refusal) as refused:
        publishing.publish(core, Section.REMINDERS, {"text": "水" * 10_000}, "王美玲", NOW)
    assert (refused.value.code, refused.value.field) == ("bad_content", "text")
