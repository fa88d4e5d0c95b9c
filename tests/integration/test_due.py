"""What is due on the page of today, on one list: follow-ups, rounds, tea, breaks, handovers."""

from datetime import UTC, datetime, timedelta

import pytest

from controller import duty, shift, tea, users
from controller.web import logbook
from models import store
from models.checklists import BETWEEN
from models.terms import Act, DeskRole, Duty, Language
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW, fresh_key

MEI, LIN = "王美玲", "林佩芬"
CALL = {"message": "空調漏水", "caller": "王女士", "to": "工程部"}


def after(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def call(core):
    """call(minutes): a call to be followed up by then."""

    def calling(minutes, message="空調漏水"):
        fields = CALL | {"message": message}
        due = after(minutes)
        return duty.record(core, Duty.COMPLAINT, fields, fresh_key(), MEI, NOW, due=due)

    return calling


@pytest.fixture
def listed(core):
    """listed(minutes): the kinds of what is due besides the rounds, and which of it is late."""

    def listing(minutes=0):
        lines = logbook.due(core, after(minutes))["lines"]
        return [
            (one.kind, one.late < after(minutes))
            for one in lines
            if one.kind not in ("missed", "round")
        ]

    return listing


@pytest.fixture
def hand_over_to(core):
    def handing(successor):
        users.add("lin", LIN, DeskRole.CLERK, MEI, NOW)
        shift.do(core, Act.SIGNED_ON, {}, fresh_key(), MEI, NOW)
        said = {"successor": successor, "counted": "0", "note": ""}
        shift.do(core, Act.HANDED_OVER, said, fresh_key(), MEI, NOW, clerks=[LIN])

    return handing


def test_what_is_late_stands_first_and_all_else_as_it_falls_due(core, call, listed):
    call(15)
    tea.order(core, "三樓第一會議室", 4, after(10), MEI, NOW)
    for name in (MEI, LIN):
        shift.do(core, Act.SIGNED_ON, {}, fresh_key(), name, NOW)
    shift.do(core, Act.STOOD_IN, {"stand_in": LIN}, fresh_key(), MEI, NOW, until=after(20))
    assert listed() == [("tea", False), ("thread", False), ("back", False)]
    assert listed(16) == [("thread", True), ("tea", False), ("back", False)]
    assert listed(21) == [("tea", True), ("thread", True), ("back", True)]


def test_a_handover_waits_there_until_it_is_accepted(core, listed, hand_over_to):
    hand_over_to(LIN)
    assert listed(5) == [("handover", False)]
    assert listed(11) == [("handover", True)]
    shift.do(core, Act.TAKEN_OVER, {}, fresh_key(), LIN, after(12))
    assert listed(13) == []


def test_what_is_done_is_gone(core, call, listed):
    order = tea.order(core, "三樓第一會議室", 4, after(10), MEI, NOW)
    thread = call(30)
    tea.serve(core, order.id, MEI, NOW)
    for stage in thread.form.stages:
        fields = {asked.name: "某某" for asked in stage.asks}
        duty.advance(core, thread.first.id, stage.act, fields, fresh_key(), MEI, NOW)
    assert listed() == []


def test_what_is_due_on_another_day_does_not_stand_there_and_what_was_does(core, call, listed):
    call(24 * 60)
    assert listed() == []
    assert listed(24 * 60) == [("thread", False)]
    assert listed(48 * 60) == [("thread", True)]


def test_shortly_before_midnight_what_is_due_after_it_stands_there(core, call, listed):
    call(15 * 60)
    assert listed(13 * 60) == []
    assert listed(14 * 60) == [("thread", False)]


def test_a_round_stands_there_until_somebody_has_made_it_and_missed_ones_on_one_line(core):
    def rounds():
        due = [one for one in logbook.due(core, NOW)["lines"] if one.kind in ("missed", "round")]
        missed, *others = due
        assert [one.kind for one in others] == ["round"] * len(others)
        return missed.one, [one.one for one in others]

    (first, *missed), coming = rounds()
    fine = {"list": first.of.name, "slot": first.slot, "fine": BETWEEN.join(first.of.points)}
    duty.record(core, Duty.CHECK, fine, fresh_key(), MEI, NOW)
    assert rounds() == (missed, coming)


@pytest.mark.parametrize("language", Language)
def test_the_page_shows_a_few_and_says_how_many_more_there_are_today(core, call, language):
    clerk = clerk_of(core)
    clerk.cookies.set("lobby_language", language)
    for number in range(15):
        call(number + 1, f"第 {number} 件，而且說得很長，長得一行放不下，要在中間斷開")
    shown = logbook.due(core, datetime.now(UTC))
    html = clerk.get("/desk/fragments/due?page=today").text
    assert html.count("<li>") == len(shown["lines"]) == 8
    assert shown["late"] >= 15
    assert str(shown["more"]) in html.rpartition("</ul>")[2]
    assert store.count_open_log() == 15
