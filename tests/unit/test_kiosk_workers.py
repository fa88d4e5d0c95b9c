"""A worker's way at the kiosk, as tables: permit, digits, pass, and the next worker."""

import pytest

from kiosk.terms import Button, PickLanguage, PickPurpose, Reached, Screen, Typed, Wipe
from models.messages import Register
from models.terms import Language, Purpose, VisitState
from tests.kiosk_story import CARD, Story, view

S, B = Screen, Button


@pytest.fixture
def story():
    return Story()


def at_permit(story):
    return story.tap(B.REGISTER).tell(PickPurpose(Purpose.WORKS))


def at_worker(story, code="4821"):
    return at_permit(story).tell(Typed(code)).tap(B.NEXT)


def sent(story, digits="123x"):
    return at_worker(story).tell(Typed(digits)).tap(B.NEXT)


def test_a_worker_gives_the_permits_code_and_the_last_four_and_nothing_else(story):
    sent(story)
    body = Register(purpose=Purpose.WORKS, permit="4821", id_last4="123X")
    assert story.sent("register") == [body]


def test_full_width_digits_are_digits_too(story):
    assert sent(story, "１２３ｘ").sent("register")[0].id_last4 == "123X"


@pytest.mark.parametrize("digits", ["", "1", "123", "X123", "12X4", "甲乙丙丁"])
def test_what_no_identity_card_ends_with_is_refused_in_words(story, digits):
    sent(story, digits)
    assert (story.screen, story.state.error) == (S.WORKER, "id_last4")
    assert not story.sent("register")


@pytest.mark.parametrize("code", ["", "12", "abc"])
def test_half_a_code_is_refused_in_words(story, code):
    at_worker(story, code)
    assert (story.screen, story.state.error) == (S.PERMIT, "code_digits")


def test_whoever_has_no_permit_is_asked_for_a_name_and_served_at_the_desk(story):
    at_permit(story).tap(B.NO)
    assert story.screen is S.NAME
    story.tell(Typed("鄭師傅")).tap(B.NEXT)
    assert story.screen is S.ORGANISATION
    assert story.state.form.purpose is Purpose.WORKS


def test_the_way_back_keeps_the_code(story):
    at_worker(story).tap(B.BACK)
    assert (story.screen, story.state.text) == (S.PERMIT, "4821")
    assert story.tap(B.BACK).screen is S.PURPOSE


@pytest.mark.parametrize("code", ["unknown_permit", "too_many_tries"])
def test_wrong_digits_lead_back_to_the_code_without_saying_which_was_wrong(story, code):
    sent(story).answer("register", code)
    assert (story.screen, story.state.error, story.state.text) == (S.PERMIT, code, "4821")


@pytest.mark.parametrize("code", ["ambiguous_worker", "already_inside"])
def test_other_refusals_are_said_and_the_next_worker_may_follow(story, code):
    sent(story).answer("register", code)
    assert (story.screen, story.state.outcome) == (S.ANSWER, code)
    assert story.tap(B.NEXT).screen is S.WORKER


def test_the_next_worker_finds_only_the_permit(story):
    story.tell(PickLanguage(Language.EN))
    sent(story).hear(1, state=VisitState.ADMITTED, passes=(CARD,), name="陳大文")
    assert story.screen is S.PASS
    story.tap(B.NEXT)
    assert (story.screen, story.state.permit, story.state.text) == (S.WORKER, "4821", "")
    assert (story.state.visit, story.state.visit_key) == (None, "")
    assert story.state.language is Language.EN
    assert Wipe() in story.effects
    story.tell(Typed("5678")).tap(B.NEXT)
    assert [body.id_last4 for body in story.sent("register")] == ["123X", "5678"]


@pytest.mark.parametrize("code", ["to_desk", "permit_expired", "permit_suspended"])
def test_whom_the_desk_must_see_is_sent_there_and_the_next_may_follow(story, code):
    sent(story).hear(1, code=code, host="")
    assert story.screen is S.WAITING
    assert story.tap(B.NEXT).screen is S.WORKER


def test_the_permit_is_forgotten_at_the_welcome(story):
    sent(story).hear(1, state=VisitState.ADMITTED, passes=(CARD,)).tap(B.DONE)
    assert (story.screen, story.state.permit) == (S.WELCOME, "")


def test_a_visitor_without_permit_has_no_next_worker(story):
    story.submit().admit(1)
    assert story.tap(B.NEXT).screen is S.PASS


def test_without_a_connection_the_worker_is_kept_and_sent_later():
    story = sent(Story(reachable=False))
    assert story.screen is S.WAITING
    story.tell(Reached(up=True)).answer(
        "register", body=view(story.state.visit_key, code="to_desk")
    )
    assert story.state.acknowledged


def test_two_taps_register_one_worker(story):
    sent(story).tap(B.NEXT, B.NEXT)
    assert len(story.sent("register")) == 1
