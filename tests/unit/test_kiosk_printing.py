"""The pass on paper, from the visitor's side: asked once, told in words, the pass stays."""

import pytest

from kiosk.moves import may_print
from kiosk.terms import Button, Reached, Screen
from models.messages import DirectoryView
from models.terms import PrintState, VisitState
from tests.kiosk_story import CARD, DEPARTMENTS, Story, view

ADMITTED = {"state": VisitState.ADMITTED, "passes": (CARD,)}
REFUSED = (Screen.PASS, "print_no_answer", "")


@pytest.fixture
def story():
    """A pass on the screen of a kiosk that has a printer."""
    story = Story()
    story.answer("directory", body=DirectoryView(departments=DEPARTMENTS, prints=True))
    return story.waiting().admit()


def shows(story):
    return (story.screen, story.state.notice, story.state.busy)


def printed(story, state, code="", seq=3):
    return story.hear(seq, print_state=state, print_code=code, **ADMITTED)


def queued(story):
    return view(story.state.visit_key, 3, print_state=PrintState.QUEUED, **ADMITTED)


def test_printing_is_offered_only_where_there_is_a_printer(story):
    assert may_print(story.state)
    assert not may_print(Story().waiting().admit().state)


def test_a_tap_asks_once_however_often_it_is_repeated(story):
    story.tap(Button.PRINT, Button.PRINT)
    [body] = story.sent("print_pass")
    assert body.visit == story.state.visit_key
    assert story.state.busy == "print_pass"


def test_the_answer_and_the_news_after_it_say_how_it_goes(story):
    story.tap(Button.PRINT).answer("print_pass", body=queued(story))
    assert (story.screen, story.state.busy) == (Screen.PASS, "")
    assert not may_print(story.state)
    printed(story, PrintState.PRINTED, seq=4)
    assert story.state.visit.print_state is PrintState.PRINTED
    assert not may_print(story.state)


def test_an_answer_that_comes_after_the_news_is_no_news(story):
    story.tap(Button.PRINT)
    printed(story, PrintState.PRINTED, seq=4)
    story.answer("print_pass", body=queued(story))
    assert story.state.visit.print_state is PrintState.PRINTED
    assert story.state.busy == ""


def test_after_a_failure_it_can_be_tried_again(story):
    story.tap(Button.PRINT)
    printed(story, PrintState.FAILED, "paper_out")
    assert (story.screen, may_print(story.state)) == (Screen.PASS, True)
    story.tap(Button.PRINT)
    assert len(story.sent("print_pass")) == 2


def test_what_may_have_been_printed_is_not_offered_again(story):
    assert not may_print(printed(story, PrintState.UNKNOWN, "cut_off").state)


@pytest.mark.parametrize("code", ["no_printer", "pass_over", "server_error", "unknown_visit"])
def test_a_refusal_leaves_the_pass_on_the_screen(story, code):
    story.tap(Button.PRINT).answer("print_pass", code)
    assert shows(story) == REFUSED


def test_silence_is_not_waited_for_for_ever(story):
    story.tap(Button.PRINT).wait(6)
    assert shows(story) == REFUSED
    assert may_print(story.state)


def test_without_the_network_nothing_is_asked(story):
    story.tell(Reached(up=False)).tap(Button.PRINT)
    assert story.sent("print_pass") == []
    assert shows(story) == REFUSED


def test_whoever_waits_for_paper_has_the_whole_time_again(story):
    story.wait(50).tap(Button.PRINT)
    assert story.state.deadline == story.state.now + 60


def test_a_visitor_who_has_gone_leaves_nothing_to_print(story):
    story.tap(Button.DONE, Button.PRINT)
    assert story.screen is Screen.WELCOME
    assert story.sent("print_pass") == []
    assert story.state.prints  # the kiosk still has its printer
