"""Where a roll call stands follows from its marks, whatever their order, and twice is once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.rollcall import Figures, RollMark, figures, standing
from models.terms import Mark, Presence

AT = datetime(2026, 11, 26, 10, tzinfo=UTC)


def made(key, mark, number="A-0001", undoes=(), minutes=0):
    return RollMark(key, number, mark, tuple(undoes), f"by {key}", AT + timedelta(minutes=minutes))


def test_who_was_found_first_is_named():
    late, early = made("a", Mark.FOUND, minutes=5), made("b", Mark.FOUND)
    assert standing([late, early]) == {"A-0001": early}


def test_found_outweighs_not_found_even_if_that_was_said_later():
    found, vain = made("a", Mark.FOUND), made("b", Mark.NOT_FOUND, minutes=9)
    assert standing([vain, found]) == {"A-0001": found}


def test_taking_back_takes_back_what_its_maker_had_seen_and_nothing_else():
    mine, another = made("a", Mark.FOUND), made("b", Mark.FOUND, minutes=1)
    back = made("c", Mark.TAKEN_BACK, undoes=["a"], minutes=2)
    assert standing([mine, back]) == {}
    assert standing([mine, back, another]) == {"A-0001": another}


def test_taking_back_reaches_nobody_else():
    other = made("a", Mark.FOUND, number="A-0002")
    back = made("c", Mark.TAKEN_BACK, undoes=["a"])
    assert standing([other, back]) == {"A-0002": other}


marks = st.lists(
    st.builds(
        made,
        st.sampled_from("abcdefgh"),
        st.sampled_from(Mark),
        st.sampled_from(["A-0001", "A-0002"]),
        st.lists(st.sampled_from("abcdefgh"), max_size=3),
        st.integers(0, 5),
    ),
    unique_by=lambda mark: mark.key,
)


@given(marks.flatmap(lambda m: st.tuples(st.just(m), st.permutations(m), st.permutations(m))))
def test_neither_the_order_nor_a_repetition_changes_where_it_stands(orders):
    once, other, more = orders
    assert standing(other) == standing(once)
    assert standing([*other, *more]) == standing(once)


def test_the_figures_count_those_who_left_as_neither_there_nor_missing():
    people = [
        ("A-0001", Presence.INSIDE),
        ("A-0002", Presence.UNKNOWN),
        ("A-0003", Presence.OUT),
        ("A-0004", Presence.INSIDE),
    ]
    found = [made("a", Mark.FOUND, "A-0001"), made("b", Mark.NOT_FOUND, "A-0004")]
    assert figures(people, found) == Figures(inside=2, unknown=1, found=1, missing=2)
