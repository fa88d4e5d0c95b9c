"""At the kiosk: digits that find no appointment may find a visit that is under way."""

import pytest

from kiosk.terms import Button, Screen, Typed
from models.messages import FindVisit
from models.terms import VisitState
from tests.kiosk_story import CARD, Story, view

KEY = "ab" * 16


def asked() -> Story:
    story = Story().tap(Button.APPOINTMENT).tell(Typed("6543")).tap(Button.NEXT)
    return story.answer("find_appointment", "unknown_code")


def test_the_same_digits_are_asked_for_among_the_visits():
    assert asked().sent("find_visit") == [FindVisit(code="6543")]


def test_a_waiting_visit_goes_on_where_it_was():
    story = asked().answer("find_visit", body=view(KEY))
    assert story.screen is Screen.WAITING
    assert story.admit().screen is Screen.PASS


def test_an_admitted_visitor_sees_the_pass():
    body = view(KEY, 2, state=VisitState.ADMITTED, passes=(CARD,))
    assert asked().answer("find_visit", body=body).screen is Screen.PASS


def test_a_visits_number_is_answered_in_words():
    story = asked().answer("find_visit", "found_waiting")
    assert (story.screen, story.state.outcome) == (Screen.ANSWER, "found_waiting")


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ("unknown_code", "unknown_code"),
        ("too_many_tries", "too_many_tries"),
        # A controller of the first version does not know the question.
        ("malformed", "unknown_code"),
    ],
)
def test_who_is_not_found_is_told_so(refusal, error):
    story = asked().answer("find_visit", refusal)
    assert (story.state.error, story.state.busy, story.screen) == (error, "", Screen.CODE)
