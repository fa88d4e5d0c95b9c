"""Residents' queue numbers: taken once, called everywhere, and never lost."""

from datetime import timedelta

import pytest

from controller import counter, publishing, sections
from controller.core import Refusal
from controller.reception import answer
from models import store
from models.messages import Calls, Request, Shown, Status, TakeNumber, TicketView, decode
from models.terms import Language, Procedure, Section, TicketState
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW, fresh_key

FEES = TakeNumber(procedure=Procedure.FEES)
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture
def take(ask):
    """take() is the next number, as a row."""

    def taking(now=NOW, **more):
        view = ask(FEES, now=now, **more).body
        assert isinstance(view, TicketView)
        return store.ticket_by_key(view.ticket)

    return taking


def calls_of(core, group="main"):
    """What the broker should hold of the calls."""
    topic = f"lobby/v1/test/board/{group}/calls"
    held = [row.message for row in store.unsent(500) if row.message.topic == topic]
    assert all(message.retain for message in held)
    return decode(topic, held[-1].payload, "test") if held else None


def called(core):
    message = calls_of(core)
    assert isinstance(message, Calls)
    return [(item.number, item.counter) for item in message.items]


def test_numbers_count_up_and_begin_again_every_day(take):
    assert [take().number for _ in range(3)] == ["R-001", "R-002", "R-003"]
    assert take(NEXT_DAY).number == "R-001"


def test_midnight_is_the_offices_own(take):
    late = NOW.replace(hour=15, minute=59)  # 23:59 in the office's zone
    assert take(late).number == "R-001"
    assert take(late + timedelta(minutes=1)).number == "R-001"


def test_a_repeated_request_gets_the_same_number(ask):
    key = fresh_key()
    first, again = ask(FEES, key), ask(FEES, key)
    assert first == again
    assert ask(FEES).body.number == "R-002"


def test_another_kiosk_cannot_ask_for_somebody_elses_number(ask):
    key = fresh_key()
    ask(FEES, key)
    assert ask(FEES, key, kiosk="k2").code == "malformed"
    assert ask(Status(visit=key), kiosk="k2").code == "unknown_visit"


def test_the_number_says_how_many_wait_before_it(core, ask, take):
    first, key = take(), fresh_key()
    assert ask(FEES, key).body.ahead == 1
    counter.call(core, first.id, "櫃檯", "王美玲", NOW)
    assert ask(Status(visit=key)).body.ahead == 0


def test_the_rules_say_why_residents_go_to_the_counter(take):
    assert take().reasons == ("resident_unexpected",)


def test_a_child_who_keeps_pressing_is_stopped(core, ask):
    for _ in range(100):
        ask(FEES)
    assert ask(FEES).code == "too_many_waiting"
    assert ask(FEES, kiosk="k2").ok
    assert ask(FEES, now=NEXT_DAY).ok


def test_a_call_is_committed_for_the_boards_with_its_number(core, take):
    row = counter.call(core, take().id, "二號櫃檯", "王美玲", NOW)
    assert (row.state, row.calls, row.counter) == (TicketState.CALLED, 1, "二號櫃檯")
    assert called(core) == [("R-001", "二號櫃檯")]


def test_two_clerks_never_call_the_same_number(core, take):
    row = take()
    counter.call(core, row.id, "一號櫃檯", "王美玲", NOW)
    with pytest.raises(Refusal, match="already_called"):
        counter.call(core, row.id, "二號櫃檯", "陳小姐", NOW)
    assert called(core) == [("R-001", "一號櫃檯")]


def test_a_number_can_be_called_again(core, take):
    row = take()
    counter.call(core, row.id, "櫃檯", "王美玲", NOW)
    again = counter.call(core, row.id, "櫃檯", "王美玲", NOW, again=True)
    assert again.calls == 2
    assert calls_of(core).items[0].calls == 2


def test_each_counter_shows_its_newest_call_and_the_newest_comes_first(core, take):
    for place, later in (("一號", 0), ("二號", 1), ("一號", 2)):
        counter.call(core, take().id, place, "王美玲", NOW + timedelta(seconds=later))
    assert called(core) == [("R-003", "一號"), ("R-002", "二號")]


def test_a_call_ends_by_itself(core, take):
    counter.call(core, take().id, "櫃檯", "王美玲", NOW)
    before = calls_of(core).rev
    counter.refresh(core, NOW + timedelta(seconds=59))
    assert calls_of(core).rev == before
    counter.refresh(core, NOW + timedelta(seconds=60))
    assert called(core) == []
    assert calls_of(core).rev == before + 1


@pytest.mark.parametrize("end", [TicketState.DONE, TicketState.ABSENT])
def test_a_number_that_is_dealt_with_leaves_the_boards_and_the_queue(core, take, end):
    row = take()
    counter.call(core, row.id, "櫃檯", "王美玲", NOW)
    counter.close(core, row.id, end, "王美玲", NOW)
    assert called(core) == []
    assert store.open_tickets(row.day) == []
    with pytest.raises(Refusal, match="not_found"):
        counter.close(core, row.id, end, "王美玲", NOW)


def test_a_number_that_was_not_called_cannot_be_closed(core, take):
    with pytest.raises(Refusal, match="not_called"):
        counter.close(core, take().id, TicketState.DONE, "王美玲", NOW)


def test_yesterdays_number_cannot_be_called(core, take):
    row = take()
    with pytest.raises(Refusal, match="not_found"):
        counter.call(core, row.id, "櫃檯", "王美玲", NEXT_DAY)


def test_after_a_restore_the_calls_are_published_in_the_new_epoch(core, take):
    counter.call(core, take().id, "櫃檯", "王美玲", NOW)
    publishing.publish(core, Section.REMINDERS, {"text": "消防演習"}, "王美玲", NOW)
    before = calls_of(core)
    ahead = Shown(board="b1", section=Section.REMINDERS, epoch=store.epoch(), rev=99, ms=1)
    sections.shown(core, [ahead], NOW)
    after = calls_of(core)
    assert (after.epoch, after.rev) > (before.epoch, before.rev)
    assert after.epoch == store.epoch()
    assert after.items == before.items


def test_a_number_survives_a_restart_of_the_controller(core, take, settings):
    take()
    store.close_database()
    store.open_database(settings.database)
    assert [row.number for row in store.open_tickets(core.local(NOW).date())] == ["R-001"]


def test_a_request_that_nobody_understands_is_refused():
    body = {"v": 1, "key": "a" * 32, "body": {"kind": "take_number", "procedure": "gambling"}}
    with pytest.raises(ValueError, match="procedure"):
        Request.model_validate({"device": "k1", **body})


# --- the desk's page -----------------------------------------------------------------------------


def resident(core, at=None):
    from controller.web.times import now

    request = Request(device="k1", key=fresh_key(), body=FEES)
    return answer(core, request, at or now()).body


def test_the_clerk_calls_serves_and_misses(core):
    clerk = clerk_of(core)
    for _ in range(2):
        resident(core)
    first, second = clerk.get("/api/queue").json()
    path = f"/api/queue/{first['id']}"
    assert (
        clerk.post(f"{path}/call", json={"counter": " 二號櫃檯 "}).json()["counter"] == "二號櫃檯"
    )
    page = clerk.get("/desk/fragments/queue").text
    assert first["number"] in page
    assert "二號櫃檯" in page
    refused = clerk.post(f"{path}/call", json={"counter": "一號"})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_called")
    assert clerk.post(f"{path}/call", json={"counter": "一號", "again": True}).json()["calls"] == 2
    assert clerk.post(f"{path}/done").status_code == 200
    clerk.post(f"/api/queue/{second['id']}/call", json={"counter": "一號"})
    assert clerk.post(f"/api/queue/{second['id']}/absent").json()["state"] == "absent"
    assert clerk.get("/api/queue").json() == []


@pytest.mark.parametrize("name", ["", "  ", "櫃" * 21])
@pytest.mark.parametrize("language", Language)
def test_a_counter_without_a_proper_name_is_refused_in_words(core, name, language):
    clerk = clerk_of(core)
    clerk.cookies.set("lobby_language", language)
    resident(core)
    [row] = clerk.get("/api/queue").json()
    answered = clerk.post(f"/api/queue/{row['id']}/call", json={"counter": name})
    assert answered.status_code == 422
    assert answered.json()["field"] == "counter"


@pytest.mark.parametrize("what", ["call", "done", "absent"])
def test_a_number_that_is_not_there_is_said_so(core, what):
    answered = clerk_of(core).post(f"/api/queue/99/{what}", json={"counter": "櫃檯"})
    assert (answered.status_code, answered.json()["code"]) == (404, "not_found")
