"""Where a thread of the duty log stands follows from its entries alone."""

from datetime import UTC, datetime, timedelta

import pytest

from models.duty import FORMS, Entry, Thread, parted, threads
from models.terms import Act, Duty

AT = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def entry(place, act, minutes=0, due=None, owner="", corrects=None, **said):
    root = None if act is Act.RECORDED else 1
    at = AT + minutes * MINUTE
    facts, personal = parted(FORMS[Duty.COMPLAINT].asks, said)
    return Entry(
        place, f"k{place}", Duty.COMPLAINT, act, root, corrects, at, "王美玲", due, owner,
        facts, personal, "00",
    )  # fmt: skip


RECORDED = entry(1, Act.RECORDED, due=AT + HOUR, owner="王美玲", message="漏水", to="工程部")
PASSED_ON = entry(2, Act.PASSED_ON, 10, due=AT + 25 * HOUR, owner="林佩芬", receiver="李志強")
DONE = entry(3, Act.DONE, 70, due=AT + 49 * HOUR, owner="林佩芬")
CALLED_BACK = entry(4, Act.CALLED_BACK, 100, answer="滿意")


def thread(*entries):
    return Thread(entries)


@pytest.mark.parametrize(
    ("entries", "coming"),
    [
        ((RECORDED,), Act.PASSED_ON),
        ((RECORDED, PASSED_ON), Act.DONE),
        ((RECORDED, PASSED_ON, DONE), Act.CALLED_BACK),
    ],
)
def test_a_complaint_goes_stage_by_stage(entries, coming):
    standing = thread(*entries)
    assert standing.next.act is coming
    assert (standing.due, standing.owner) == (entries[-1].due, entries[-1].owner)
    assert not standing.overdue(standing.due)
    assert standing.overdue(standing.due + MINUTE)


def test_after_the_last_stage_nothing_is_due_and_each_stage_knows_how_long_it_took():
    over = thread(RECORDED, PASSED_ON, DONE, CALLED_BACK)
    assert (over.next, over.due, over.owner) == (None, None, "")
    assert not over.overdue(AT + 1000 * HOUR)
    took = [over.took(one) / MINUTE for one in over.stages]
    assert took == [0, 10, 60, 30]
    assert over.took_in_all == 100 * MINUTE


def test_deferring_changes_when_and_whose_and_is_no_stage():
    later = entry(3, Act.DEFERRED, 20, due=AT + 72 * HOUR, owner="陳主任", reason="等零件")
    standing = thread(RECORDED, PASSED_ON, later)
    assert (standing.next.act, standing.due, standing.owner) == (Act.DONE, later.due, "陳主任")
    assert thread(RECORDED, PASSED_ON, later, DONE).took(DONE) == HOUR


def test_a_correction_holds_and_the_last_one_of_two():
    first = entry(2, Act.CORRECTED, corrects=1, message="滲水", to="工程部", reason="聽錯")
    second = entry(3, Act.CORRECTED, corrects=1, message="滲水", to="客服部", reason="轉錯部門")
    standing = thread(RECORDED, first, second)
    assert standing.first.said["message"] == "漏水"
    assert standing.said(RECORDED)["to"] == "客服部"
    assert (standing.next.act, standing.due) == (Act.PASSED_ON, RECORDED.due)


def test_what_is_void_closes_its_thread_and_a_void_stage_is_to_be_taken_again():
    void = entry(2, Act.VOIDED, corrects=1, reason="重複")
    assert thread(RECORDED, void).next is None
    undone = entry(3, Act.VOIDED, 12, corrects=2, reason="還沒派")
    back = thread(RECORDED, PASSED_ON, undone)
    assert (back.next.act, back.due) == (Act.PASSED_ON, RECORDED.due)
    again = entry(4, Act.PASSED_ON, 30, receiver="何工")
    assert thread(RECORDED, PASSED_ON, undone, again).took(again) == 30 * MINUTE


def test_entries_of_many_threads_are_sorted_into_them():
    other = Entry(
        5, "k5", Duty.KEY, Act.RECORDED, None, None, AT, "王美玲", None, "", {}, None, "00"
    )
    assert [len(one.entries) for one in threads([other, DONE, RECORDED, PASSED_ON])] == [3, 1]


def test_a_note_is_only_open_if_a_moment_was_set_for_it():
    def note(due):
        return Entry(1, "k", Duty.OTHER, Act.RECORDED, None, None, AT, "王", due, "", {}, {}, "00")

    assert thread(note(None)).next is None
    assert thread(note(AT)).next.act is Act.DONE


def test_what_names_somebody_is_personal_and_what_is_empty_is_not_kept():
    said = {"message": "漏水", "caller": "王女士", "phone": "", "to": "工程部"}
    assert parted(FORMS[Duty.COMPLAINT].asks, said) == (
        {"to": "工程部"},
        {"message": "漏水", "caller": "王女士"},
    )


def test_every_kind_that_has_a_form_has_a_letter_of_its_own():
    others = {Duty.CHECK, Duty.SHIFT}
    letters = [form.letter for kind, form in FORMS.items() if kind not in others]
    assert set(FORMS) == set(Duty)
    assert all(letters)
    assert len(set(letters)) == len(letters)
