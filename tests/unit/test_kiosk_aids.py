"""What makes the kiosk easier: the visitor chooses, it ends with the visit, and is discreet."""

import pytest

from kiosk import aids, speech
from kiosk.terms import (
    Aids,
    Button,
    Dialog,
    PickAids,
    PickLanguage,
    Screen,
    State,
    Tap,
    Typed,
)
from models.terms import Language, VisitState
from models.words import say
from tests.kiosk_story import CARD, Story

S, B = Screen, Button
ALL = Aids(size=2, contrast=True, speech=True, slow=True)


def helped(chosen=ALL, story=None):
    return (story or Story()).tap(B.AIDS).tell(PickAids(chosen)).tap(B.DONE)


@pytest.mark.parametrize("screen", [screen for screen in Screen if screen is not S.WELCOME])
def test_the_sheet_lies_over_any_screen_and_goes(screen):
    story = Story().at(screen=screen).tap(B.AIDS)
    assert story.state.dialog is Dialog.AIDS
    assert story.tap(B.DONE).state.dialog is Dialog.NONE
    assert story.screen is screen


def test_nothing_is_changed_without_the_sheet_or_beyond_its_steps():
    assert Story().tell(PickAids(ALL)).state.aids == Aids()
    assert Story().tap(B.AIDS).tell(PickAids(Aids(size=3))).state.aids == Aids()


def test_what_was_chosen_lasts_for_the_visit_and_no_longer():
    story = helped().fill_in()
    assert story.state.aids == ALL
    story.tap(B.BACK, B.BACK, B.BACK, B.BACK)
    assert story.screen is S.WELCOME
    assert story.state.aids == Aids()


def test_it_ends_at_the_welcome_too_once_nobody_is_there():
    story = helped(Aids(size=1)).wait(59)
    assert story.state.aids == Aids(size=1)
    assert story.wait(2).state.aids == Aids()
    left_open = Story().tap(B.AIDS).wait(61)
    assert left_open.state.dialog is Dialog.NONE


def test_a_language_can_be_changed_anywhere_on_the_sheet_and_what_was_typed_stays():
    story = Story().tap(B.REGISTER).at(screen=S.NAME).tell(Typed("王小明")).tap(B.AIDS)
    story.tell(PickLanguage(Language.EN)).tap(B.DONE)
    assert (story.state.language, story.state.text) == (Language.EN, "王小明")
    assert story.tell(PickLanguage(Language.ZH_HANS)).state.language is Language.EN


def test_whoever_needs_more_time_says_so_in_the_warning_and_has_four_times_as_much():
    story = Story().fill_in().wait(46)
    assert story.state.dialog is Dialog.IDLE
    story.tap(B.MORE_TIME)
    assert (story.state.dialog, story.state.aids.slow) == (Dialog.NONE, True)
    assert story.wait(4 * 45 - 1).state.dialog is Dialog.NONE
    assert story.wait(2).state.dialog is Dialog.IDLE
    assert story.wait(4 * 15 - 2).screen is S.CHECK
    assert story.wait(2).screen is S.WELCOME


def test_a_countdown_is_longer_from_when_it_is_touched():
    story = Story().submit().admit().wait(50)
    assert story.screen is S.PASS
    story.tap(B.MORE_TIME).wait(4 * 60 - 1)
    assert story.screen is S.PASS
    assert story.wait(2).screen is S.WELCOME


def test_more_time_on_the_sheet_counts_for_the_pass_that_is_shown():
    story = helped(Aids(slow=True), Story().submit().admit().wait(50))
    assert story.state.deadline == story.state.now + aids.SLOWER * 60


def test_a_warning_is_answered_by_any_other_touch_without_asking_for_more():
    story = Story().fill_in().wait(46).tap(B.YES)
    assert story.state.aids == Aids()


# --- read aloud --------------------------------------------------------------------------------


def prompt(state: State) -> str:
    words = lambda key, **places: say(state.language, f"kiosk.{key}", **places)  # noqa: E731
    return speech.prompt(state, words)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("screen", Screen)
def test_every_screen_has_something_to_say(screen, language):
    state = Story().at(screen=screen, language=language, outcome="").state
    said = prompt(state)
    quiet = {S.ANSWER, S.PAPERS, S.OPERATOR}
    assert said or screen in quiet
    assert "{" not in said


def test_nothing_of_a_visitor_is_ever_spoken():
    story = Story().fill_in(name="王小明")
    told = {"number": "V-0012", "destination": "三樓第二洽談室", "receipt": "M-7"}
    states = (
        story.state,
        story.tap(B.SUBMIT).state,
        story.hear(**told).state,
        story.hear(2, state=VisitState.ADMITTED, passes=(CARD,), **told).state,
        Story().waiting().hear(2, state=VisitState.REFUSED, code="host_declined").state,
        Story().at(outcome="left", screen=S.ANSWER, number="A-0137").state,
    )
    spoken = " ".join(map(prompt, states))
    for secret in ("王小明", "李志強", "工程部", "V-0012", "A-0137", "洽談室", "M-7", "沙發"):
        assert secret not in spoken


def test_a_problem_is_said_before_the_question():
    story = Story().tap(B.APPOINTMENT).tell(Typed("12"), Tap(B.NEXT))
    assert prompt(story.state) == "請輸入四位數字"


@pytest.mark.parametrize("dialog", [Dialog.CANCEL, Dialog.IDLE, Dialog.AIDS])
def test_a_question_that_lies_over_the_screen_is_said(dialog):
    assert prompt(Story().at(dialog=dialog).state).endswith("？")
