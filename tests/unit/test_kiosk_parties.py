"""A party at the kiosk: names now or later, and one pass after the other."""

from dataclasses import replace

import pytest

from kiosk.moves import shown_card
from kiosk.terms import Button, Edit, Party, PickDepartment, PickPurpose, Screen, Typed
from models.terms import Purpose, VisitState
from tests.kiosk_story import CARD, Story

B, S = Button, Screen


def party_of(count: int) -> Story:
    """A business party, at the question after its number."""
    story = Story().tap(B.REGISTER).tell(PickPurpose(Purpose.BUSINESS), Typed("林先生"))
    story.tap(B.NEXT, B.NEXT).tell(PickDepartment("保安部"), Party(count - 1))
    return story.tap(B.NEXT)


def cards(count: int):
    return tuple(
        replace_card(number=f"A-{place:04d}", place=place) for place in range(1, count + 1)
    )


def replace_card(**fields):
    return CARD.model_copy(update=fields)


def test_who_comes_alone_is_asked_for_no_other_name():
    assert party_of(1).screen is S.CHECK


def test_the_others_are_asked_for_one_after_the_other():
    story = party_of(3)
    assert (story.screen, story.state.form.naming) == (S.NAMES, 0)
    story.tell(Typed("何小姐")).tap(B.NEXT)
    assert (story.screen, story.state.form.naming, story.state.text) == (S.NAMES, 1, "")
    story.tell(Typed("李四")).tap(B.NEXT)
    assert story.screen is S.CHECK
    [body] = story.tap(B.SUBMIT).sent("register")
    assert (body.party, body.others) == (3, ("何小姐", "李四"))


def test_later_is_one_tap_whatever_is_missing():
    story = party_of(40).tell(Typed("何小姐")).tap(B.NEXT, B.LATER)
    assert story.screen is S.CHECK
    [body] = story.tap(B.SUBMIT).sent("register")
    assert body.others[0] == "何小姐"
    assert not any(body.others[1:])


def test_a_name_that_nobody_knows_may_stay_empty():
    story = party_of(3).tap(B.NEXT).tell(Typed("李四")).tap(B.NEXT)
    assert story.tap(B.SUBMIT).sent("register")[0].others == ("", "李四")


def test_a_name_without_a_letter_is_named_wrong_and_kept():
    story = party_of(2).tell(Typed("12")).tap(B.NEXT)
    assert (story.screen, story.state.error, story.state.text) == (S.NAMES, "name_letters", "12")


def test_back_goes_from_name_to_name_and_keeps_what_was_typed():
    story = party_of(3).tell(Typed("何小姐")).tap(B.NEXT).tell(Typed("李四")).tap(B.BACK)
    assert story.state.text == "何小姐"
    assert story.tap(B.BACK).screen is S.PARTY
    story.tap(B.NEXT, B.NEXT)
    assert story.state.text == "李四"


def test_the_names_can_be_changed_from_the_check():
    story = party_of(2).tap(B.LATER).tell(Edit(S.NAMES), Typed("何小姐")).tap(B.NEXT)
    assert story.screen is S.CHECK
    assert story.tap(B.SUBMIT).sent("register")[0].others == ("何小姐",)


def test_who_is_fewer_after_all_sends_fewer_names():
    story = party_of(3).tell(Typed("何小姐")).tap(B.NEXT).tell(Typed("李四")).tap(B.NEXT)
    story.tell(Edit(S.PARTY), Party(-1)).tap(B.NEXT, B.SUBMIT)
    assert story.sent("register")[0].others == ("何小姐",)


@pytest.fixture
def admitted():
    story = Story().waiting()
    return story.hear(2, state=VisitState.ADMITTED, party=3, passes=cards(3))


def number(story):
    return shown_card(story.state).number


def test_the_passes_are_turned_like_pages(admitted):
    assert number(admitted) == "A-0001"
    assert number(admitted.tap(B.NEXT)) == "A-0002"
    assert number(admitted.tap(B.NEXT, B.NEXT)) == "A-0003"
    assert number(admitted.tap(B.BACK)) == "A-0002"
    assert number(admitted.tap(B.BACK, B.BACK)) == "A-0001"


def test_each_pass_stays_as_long_as_a_single_one(admitted):
    show = admitted.state.times.show
    admitted.wait(show - 1).tap(B.NEXT).wait(show - 1)
    assert admitted.screen is S.PASS
    assert admitted.wait(2).screen is S.WELCOME


def test_the_next_visitor_begins_at_the_first_pass(admitted):
    admitted.tap(B.NEXT, B.DONE)
    assert admitted.state == replace(admitted.state, shown=0)
