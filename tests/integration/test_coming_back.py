"""A visitor who walked away finds their visit again, and nobody else's."""

from datetime import timedelta

import pytest

from controller import deciding
from models import store
from models.messages import FindVisit, Register, Status, VisitUpdate, Withdraw, decode
from models.terms import DeskDecision, Purpose, VisitState
from tests.integration.conftest import NOW, fresh_key

PHONE = "13977776543"


@pytest.fixture
def visit(ask):
    key = fresh_key()
    ask(Register(purpose=Purpose.SERVICE, name="王小明", phone=PHONE), key)
    return store.visit_by_key(key)


def admit(core, visit):
    deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW)


def test_the_phones_last_digits_find_the_waiting_visit(ask, visit):
    found = ask(FindVisit(code="6543")).body
    assert (found.visit, found.state, found.name) == (visit.key, VisitState.WAITING, "王小明")


def test_an_admitted_visitor_gets_the_pass_shown_again(ask, core, visit):
    admit(core, visit)
    assert ask(FindVisit(code="6543")).body == ask(Status(visit=visit.key)).body


def test_another_kiosk_takes_the_visit_over_and_is_told_how_it_goes_on(ask, core, visit):
    ask(FindVisit(code="6543"), kiosk="k2")
    admit(core, visit)
    sent = [decode(r.message.topic, r.message.payload, "test") for r in store.unsent(99)]
    assert [m.device for m in sent if isinstance(m, VisitUpdate)] == ["k2"]
    assert ask(Status(visit=visit.key), kiosk="k2").ok


def test_a_visits_number_tells_how_it_stands_but_opens_nothing(ask, core, visit):
    code = visit.number[-4:]
    waiting = ask(FindVisit(code=code))
    assert (waiting.code, waiting.body) == ("found_waiting", None)
    admit(core, visit)
    admitted = ask(FindVisit(code=code))
    assert (admitted.code, admitted.body) == ("found_admitted", None)


def test_two_visitors_with_the_same_digits_are_sent_to_the_desk(ask, visit):
    ask(Register(purpose=Purpose.SERVICE, name="李小明", phone="6543"))
    assert ask(FindVisit(code="6543")).code == "ambiguous_code"


def test_what_is_over_is_not_found(ask, visit):
    assert ask(FindVisit(code="6543"), now=NOW + timedelta(days=1)).code == "unknown_code"
    ask(Withdraw(visit=visit.key))
    assert ask(FindVisit(code="6543")).code == "unknown_code"


def test_guessing_is_stopped_and_does_not_use_up_the_tries_for_appointments(ask, visit):
    codes = [ask(FindVisit(code="9999")).code for _ in range(6)]
    assert codes == ["unknown_code"] * 5 + ["too_many_tries"]
    assert ask(FindVisit(code="6543")).code == "too_many_tries"
    assert ask(FindVisit(code="6543"), now=NOW + timedelta(minutes=2)).ok
