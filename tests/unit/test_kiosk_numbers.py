"""A resident's way at the kiosk, as tables: procedure, papers, number, call."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import resident
from kiosk.terms import (
    Ask,
    Button,
    Called,
    Dialog,
    PickProcedure,
    PickPurpose,
    Reached,
    Resumed,
    Screen,
)
from models.messages import CalledNumber, Calls, Status, TakeNumber, TicketView
from models.procedures import leaves, read_procedures
from models.terms import Language, Procedure, Purpose, TicketState
from models.words import say
from tests.kiosk_story import Story

S, B = Screen, Button
TABLE = read_procedures(
    (Path(__file__).parents[2] / "assets" / "procedures.toml").read_text("utf-8")
)
NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)


@pytest.fixture
def story():
    return Story().at(procedures=TABLE)


def choose(story, procedure):
    return story.tap(B.REGISTER).tell(PickPurpose(Purpose.PROCEDURE), PickProcedure(procedure))


def read_all(story, procedure):
    choose(story, procedure)
    return story.tap(*[B.NEXT] * len(leaves(TABLE, procedure)))


def numbered(story, ahead=2, **fields):
    key = story.state.keys["take_number"]
    told = {"number": "R-012", "procedure": Procedure.FEES, "state": TicketState.WAITING} | fields
    return TicketView(ticket=key, ahead=ahead, **told)


def with_number(story, **fields):
    read_all(story, Procedure.FEES)
    return story.answer("take_number", body=numbered(story, **fields))


def calls(rev=1, number="R-012", epoch=1):
    item = CalledNumber(number=number, counter="二號櫃檯", at=NOW, until=NOW + timedelta(minutes=1))
    return Called(Calls(group="main", epoch=epoch, rev=rev, items=(item,)))


def said(story, now=NOW, language=Language.ZH_HANT):
    return resident.shown(story.state, lambda key, **p: say(language, f"kiosk.{key}", **p), now)


@pytest.mark.parametrize("procedure", Procedure)
def test_every_page_is_read_before_a_number_is_taken(story, procedure):
    choose(story, procedure)
    for _ in leaves(TABLE, procedure):
        assert story.screen is S.PAPERS
        assert not story.sent("take_number")
        story.tap(B.NEXT)
    assert story.sent("take_number") == [TakeNumber(procedure=procedure)]


@pytest.mark.parametrize("procedure", Procedure)
def test_every_page_has_its_way_back(story, procedure):
    choose(story, procedure)
    pages = len(leaves(TABLE, procedure))
    story.tap(*[B.NEXT] * (pages - 1), *[B.BACK] * (pages - 1))
    assert (story.screen, story.state.leaf) == (S.PAPERS, 0)
    assert story.tap(B.BACK).screen is S.PROCEDURE
    assert story.tap(B.BACK).screen is S.PURPOSE


def test_all_fourteen_prohibitions_are_shown_in_order_and_confirmed(story):
    choose(story, Procedure.RENOVATION)
    marks, button = [], ""
    while not story.sent("take_number"):
        shown = said(story)
        if shown["page_title"] == "裝修禁止行為":
            marks += [mark for mark, _ in shown["page_items"]]
        button = shown["page_next"]
        story.tap(B.NEXT)
    assert marks[:2] + marks[-2:] == ["一、", "二、", "十三、", "十四、"]
    assert len(marks) == 14
    assert "我已閱讀" in button


def test_english_counts_in_figures(story):
    choose(story.at(language=Language.EN), Procedure.RENOVATION).tap(*[B.NEXT] * 8)
    assert said(story, language=Language.EN)["page_items"][-1][0] == "14."


def test_the_number_is_shown_with_how_many_are_before_it(story):
    with_number(story)
    assert story.screen is S.NUMBER
    assert said(story)["number"] == "R-012"
    assert "2" in said(story)["number_lead"]


def test_nobody_before_means_being_next(story):
    with_number(story, ahead=0)
    assert said(story)["number_lead"] == "下一位就是您"


def test_two_taps_take_one_number(story):
    read_all(story, Procedure.FEES).tap(B.NEXT, B.NEXT)
    assert len(story.sent("take_number")) == 1


def test_an_answer_that_takes_long_is_waited_for_and_shown(story):
    read_all(story, Procedure.FEES).wait(6)
    assert story.screen is S.NUMBER
    assert said(story)["number"] == ""
    story.answer("take_number", body=numbered(story))
    assert said(story)["number"] == "R-012"


def test_without_a_connection_no_number_is_promised():
    story = read_all(Story(reachable=False).at(procedures=TABLE), Procedure.FEES)
    assert (story.screen, story.state.notice) == (S.PAPERS, "no_number")
    assert not story.sent("take_number")


def test_a_link_that_returns_asks_how_the_number_stands(story):
    with_number(story).tell(Reached(up=False), Reached(up=True))
    assert story.sent("status") == [Status(visit=story.state.ticket_key)]
    story.answer("status", body=numbered(story, ahead=0))
    assert said(story)["number_lead"] == "下一位就是您"


def test_too_many_numbers_are_refused_in_words(story):
    read_all(story, Procedure.FEES).answer("take_number", "too_many_waiting")
    assert (story.screen, story.state.outcome) == (S.ANSWER, "too_many_waiting")


def test_who_is_called_reads_it_on_the_screen_and_has_time_to(story):
    with_number(story).wait(50)
    story.tell(calls()).wait(50)
    assert story.screen is S.NUMBER
    assert said(story)["number_called"]
    assert said(story)["number_lead"] == "請到二號櫃檯"
    assert story.wait(11).screen is S.WELCOME


def test_another_ones_call_does_not_hold_the_screen(story):
    with_number(story).wait(50)
    assert story.tell(calls(number="R-011")).wait(11).screen is S.WELCOME


def test_the_welcome_says_who_is_called_until_that_is_over(story):
    story.tell(calls())
    assert said(story)["called"] == "現在叫號　R-012 → 二號櫃檯"
    assert said(story, now=NOW + timedelta(minutes=2))["called"] == ""


def test_nothing_is_said_to_be_called_while_nobody_can_be_reached(story):
    story.tell(calls(), Reached(up=False))
    assert said(story)["called"] == ""


@pytest.mark.parametrize(("epoch", "rev"), [(1, 3), (1, 2), (0, 9)])
def test_an_older_word_changes_nothing(story, epoch, rev):
    story.tell(calls(rev=3), calls(rev=rev, number="R-001", epoch=epoch))
    assert story.state.calls.items[0].number == "R-012"


def test_a_kiosk_that_was_killed_shows_the_number_again(story):
    story.tell(Resumed("a" * 32, 20.0, None, is_number=True))
    assert story.screen is S.NUMBER
    story.tell(Reached(up=True))
    assert Ask(Status(visit="a" * 32)) in story.effects


def test_nothing_of_a_number_remains_at_the_welcome(story):
    with_number(story).tap(B.DONE)
    assert story.screen is S.WELCOME
    assert (story.state.ticket, story.state.ticket_key, story.state.procedure) == (None, "", None)


def test_who_walks_away_from_the_papers_is_asked_and_forgotten(story):
    choose(story, Procedure.MOVE_IN).wait(46)
    assert story.state.dialog is Dialog.IDLE
    assert story.wait(16).screen is S.WELCOME


@pytest.mark.parametrize("state", [TicketState.DONE, TicketState.ABSENT])
def test_a_number_that_is_closed_leaves_the_screen(story, state):
    with_number(story).tell(Reached(up=True))
    assert story.answer("status", body=numbered(story, state=state)).screen is S.WELCOME
