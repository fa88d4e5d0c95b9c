"""Every wait of the kiosk's, as a table: an answer that does not come, a link that is lost."""

import pytest

from kiosk.moves import SILENCE, saved_only
from kiosk.terms import (
    Answered,
    Button,
    Edit,
    Form,
    PickProcedure,
    PickPurpose,
    Reached,
    Resumed,
    Screen,
    Typed,
)
from kiosk.timing import PATIENCE
from models.messages import Answer, AppointmentView, DirectoryView, Register, TicketView
from models.terms import Language, Procedure, Purpose, TicketState, VisitState
from models.words import catalogue
from tests.kiosk_story import CARD, PROCEDURES, TIMES, Story, view

S, B = Screen, Button
FOUND = AppointmentView(name="王○明", starts=CARD.valid_until)
LOST = Reached(up=False)


def searching(story):
    story.tap(B.APPOINTMENT).tell(Typed("0137")).tap(B.NEXT)


def searching_again(story):
    searching(story)
    story.answer("find_appointment", "unknown_code")


def printing(story):
    story.answer("directory", body=DirectoryView(prints=True))
    story.waiting().admit().tap(B.PRINT)


def numbered(story):
    story.at(procedures=PROCEDURES).tap(B.REGISTER)
    story.tell(PickPurpose(Purpose.PROCEDURE), PickProcedure(Procedure.FEES)).tap(B.NEXT)


WAITS = {
    "register": (lambda story: story.submit(), S.WAITING, ""),
    "find_appointment": (searching, S.CODE, "error_no_answer"),
    "find_visit": (searching_again, S.CODE, "error_no_answer"),
    "leave": (
        lambda story: story.tap(B.LEAVE).tell(Typed("A-1")).tap(B.NEXT),
        S.ANSWER,
        "answer_leave_saved_text",
    ),
    "withdraw": (
        lambda story: story.waiting().tap(B.CANCEL, B.YES),
        S.ANSWER,
        "answer_withdraw_saved_text",
    ),
    "print_pass": (printing, S.PASS, "notice_print_no_answer"),
    "take_number": (numbered, S.NUMBER, ""),
}
"""Of each request that holds the screen: the way to it, the screen that follows when no answer
comes, and the words on it."""


def ticket(key):
    told = {"number": "R-009", "procedure": Procedure.FEES, "state": TicketState.WAITING}
    return TicketView(ticket=key, ahead=0, **told)


def late(key, body):
    """An answer to what the screen has forgotten."""
    return Answered(Answer(device="k1", key=key, ok=True, body=body))


def words_of(state):
    said = (("error", state.error), ("notice", state.notice))
    found = [f"{kind}_{key}" for kind, key in said if key]
    return found + ([f"answer_{state.outcome}_text"] if state.outcome else [])


@pytest.fixture
def story():
    return Story()


def test_the_table_has_every_wait():
    assert WAITS.keys() == PATIENCE.keys()


@pytest.mark.parametrize("lost", [False, True], ids=["silence", "no-link"])
@pytest.mark.parametrize("kind", WAITS)
def test_whoever_is_not_answered_is_told_what_happens_next(story, kind, lost):
    way, screen, words = WAITS[kind]
    way(story)
    assert story.state.busy == kind
    story.tell(LOST) if lost else story.wait(PATIENCE[kind] + 0.5)
    assert (story.screen, story.state.busy) == (screen, "")
    if words:
        assert words in words_of(story.state)
        assert f"kiosk.{words}" in catalogue(Language.EN)


@pytest.mark.parametrize("kind", WAITS)
def test_nobody_is_wiped_away_while_an_answer_is_awaited(story, kind):
    way, _, _ = WAITS[kind]
    way(story)
    before = story.state.now - 1000
    story.at(touched=before).wait(0.25)
    assert story.screen is not S.WELCOME


@pytest.mark.parametrize("kind", WAITS)
def test_a_second_tap_while_an_answer_is_awaited_sends_nothing_more(story, kind):
    way, _, _ = WAITS[kind]
    way(story)
    for button in (B.NEXT, B.SUBMIT, B.YES, B.PRINT, B.CANCEL):
        story.tap(button)
    assert len(story.sent(kind)) == 1
    assert story.state.busy == kind


AT = {
    S.WAITING: lambda story: story.waiting(),
    S.PASS: lambda story: story.waiting().admit(),
    S.ANSWER: lambda story: story.waiting().hear(2, state=VisitState.REFUSED),
    S.APPOINTMENT: lambda story: (
        searching(story),
        story.answer("find_appointment", body=FOUND),
    ),
    S.NUMBER: lambda story: (
        numbered(story),
        story.answer("take_number", body=ticket(story.state.keys["take_number"])),
    ),
}


def at(story, screen):
    """A kiosk on a screen, with what a visitor has on it."""
    if screen in AT:
        AT[screen](story)
    elif screen is not S.WELCOME:
        story.fill_in().tell(Edit(S.NAME)).at(screen=screen, editing=False)
    return story


@pytest.mark.parametrize("screen", Screen)
def test_a_link_that_goes_and_comes_back_takes_nobody_off_a_screen(story, screen):
    before = at(story, screen).state
    story.tell(LOST, Reached(up=True)).wait(0.5)
    assert (story.screen, story.state.form, story.state.text, story.state.visit) == (
        screen,
        before.form,
        before.text,
        before.visit,
    )


@pytest.mark.parametrize("up", [True, False], ids=["link", "no-link"])
@pytest.mark.parametrize("screen", Screen)
def test_every_screen_that_is_left_alone_ends_at_a_wiped_welcome(story, screen, up):
    at(story, screen).tell(Reached(up=up)).wait(800, step=5)
    assert (story.screen, story.state.form, story.state.text) == (S.WELCOME, Form(), "")
    assert (story.state.visit_key, story.state.visit, story.state.ticket) == ("", None, None)


# --- a registration that a controller is silent about ------------------------------------------

SILENT = {
    "from the first": lambda story: story.submit(),
    "after a start in between": lambda story: story.tell(
        Reached(up=False), Resumed("a" * 32, 30, Register(name="王小明")), Reached(up=True)
    ),
    "after the link came back": lambda story: story.submit().tell(LOST, Reached(up=True)),
}


@pytest.mark.parametrize("way", SILENT)
def test_a_registration_is_on_its_way_until_the_controller_was_silent_for_a_while(story, way):
    SILENT[way](story)
    story.wait(SILENCE - 0.25)
    assert story.screen is S.WAITING
    assert not saved_only(story.state)
    assert story.tap(B.DONE).screen is S.WAITING
    story.wait(0.25)
    assert saved_only(story.state)
    assert story.tap(B.DONE).screen is S.WELCOME


@pytest.mark.parametrize("way", SILENT)
def test_the_name_of_who_is_not_answered_goes_after_the_time_of_a_saved_one(story, way):
    SILENT[way](story)
    story.wait(SILENCE)
    assert story.state.deadline == story.state.now + TIMES.show
    story.wait(TIMES.show)
    assert (story.screen, story.state.form, story.state.visit_key) == (S.WELCOME, Form(), "")


@pytest.mark.parametrize("way", SILENT)
def test_an_answer_after_a_silence_goes_on_as_if_it_had_come_at_once(story, way):
    SILENT[way](story)
    story.wait(SILENCE + 1).hear()
    assert (saved_only(story.state), story.state.deadline) == (False, None)
    story.wait(TIMES.show)
    assert story.screen is S.WAITING
    assert story.admit().screen is S.PASS


def test_a_lost_link_after_an_answer_makes_no_saved_registration_of_it(story):
    story.waiting().tell(LOST).wait(SILENCE)
    assert not saved_only(story.state)


# --- what is under way -------------------------------------------------------------------------


@pytest.mark.parametrize("button", [B.BACK, B.NO])
def test_who_has_confirmed_an_appointment_does_not_walk_away_from_its_answer(story, button):
    at(story, S.APPOINTMENT).tap(B.YES, button)
    assert (story.screen, story.state.busy) == (S.APPOINTMENT, "register")
    assert story.admit(1).screen is S.PASS


def test_a_registration_that_nobody_waits_for_any_more_is_finished_by_the_desk():
    story = Story(reachable=False).submit()
    key = story.state.visit_key
    story.wait(61).tell(Reached(up=True), late(key, view(key)))
    assert story.screen is S.WELCOME
    assert (len(story.sent("register")), story.sent("withdraw")) == (1, [])


def test_who_cancels_before_the_controller_has_heard_is_withdrawn_after_it_has():
    story = Story(reachable=False).submit().tap(B.CANCEL, B.YES)
    assert story.state.outcome == "withdraw_saved"
    assert [body.visit for body in story.sent("withdraw")] == [story.state.visit_key]


def test_the_pages_of_papers_do_not_turn_while_a_number_is_awaited(story):
    numbered(story)
    assert story.tap(B.BACK).screen is S.PAPERS
    assert story.state.busy == "take_number"


def test_a_number_that_comes_after_the_visitor_has_gone_is_shown_to_nobody(story):
    numbered(story)
    key = story.state.keys["take_number"]
    story.wait(6).tap(B.DONE).tell(late(key, ticket(key)))
    assert (story.screen, story.state.ticket) == (S.WELCOME, None)


def test_a_server_error_while_a_number_is_awaited_is_said_and_waited_for(story):
    numbered(story)
    story.answer("take_number", "server_error")
    assert (story.state.notice, story.state.busy) == ("server_error", "take_number")


def test_the_number_of_another_kiosk_is_not_shown(story):
    numbered(story)
    story.answer("take_number", body=ticket("e" * 32))
    assert story.state.ticket is None
