"""Reception on a real database: decided by the rules, done once, told to the right screen."""

from datetime import timedelta

import pytest

from controller import appointments, deciding
from controller.core import Refusal
from models import store, tables
from models.messages import (
    CallDesk,
    Directory,
    FindAppointment,
    Leave,
    Register,
    Status,
    VisitUpdate,
    Withdraw,
    decode,
)
from models.terms import Admission, Category, DeskDecision, Half, Purpose, VisitState
from tests.integration.conftest import NOW, fresh_key

SERVICE = Register(purpose=Purpose.SERVICE, name="王小明", host=3)


def appointment(core, **changes):
    fields = {
        "name": "劉主任",
        "organisation": "市住建局",
        "category": Category.ORDINARY,
        "party": 3,
        "host_id": 1,
        "room_id": 1,
        "starts": NOW,
        "ends": NOW + timedelta(hours=1),
        "phone_last4": "8888",
        "by": "desk",
        "now": NOW,
    }
    return appointments.make(core, **(fields | changes))


def told(core) -> list[VisitUpdate]:
    sent = (decode(r.message.topic, r.message.payload, "test") for r in store.unsent(99))
    return [message for message in sent if isinstance(message, VisitUpdate)]


def happened(what):
    """How often the log of events says so."""
    return tables.Event.select().where(tables.Event.what == what).count()


def test_a_service_person_waits_for_the_departments_word(ask):
    view = ask(SERVICE).body
    assert (view.state, view.wait_at, view.host) == (
        VisitState.WAITING,
        "電梯前廳沙發",
        "工程部 李志強",
    )
    assert [v.name for v in store.waiting_visits()] == ["王小明"]


def test_a_repeated_registration_is_stored_once_and_answered_the_same(ask):
    key = fresh_key()
    assert ask(SERVICE, key) == ask(SERVICE, key)
    assert len(store.waiting_visits()) == 1


def test_another_kiosk_cannot_ask_with_a_key_that_is_not_its_own(ask):
    key = fresh_key()
    ask(SERVICE, key)
    assert ask(SERVICE, key, kiosk="k2").code == "malformed"
    assert ask(Status(visit=key), kiosk="k2").code == "unknown_visit"
    assert ask(Withdraw(visit=key), kiosk="k2").code == "unknown_visit"


def test_an_expected_guest_is_admitted_at_once_with_a_pass(ask, core):
    row = appointment(core)
    view = ask(Register(code=row.code)).body
    assert (view.state, view.name, view.destination) == (
        VisitState.ADMITTED,
        "劉主任",
        "三樓第一會議室",
    )
    claims = core.ring.verify(view.passes[0].token)
    assert claims.half is Half.ORIGINAL


def test_the_last_digits_of_the_phone_find_the_appointment_too_and_the_name_is_masked(ask, core):
    appointment(core)
    assert ask(FindAppointment(code="8888")).body.name == "劉○任"


def test_an_appointment_is_used_once(ask, core):
    row = appointment(core)
    ask(Register(code=row.code))
    assert ask(Register(code=row.code)).code == "unknown_code"


def test_two_guests_with_the_same_digits_are_sent_to_the_desk(ask, core):
    appointment(core)
    appointment(core, name="陳經理", room_id=2)
    assert ask(FindAppointment(code="8888")).code == "ambiguous_code"


def test_yesterdays_appointment_is_not_found(ask, core):
    row = appointment(core)
    assert ask(FindAppointment(code=row.code), now=NOW + timedelta(days=1)).code == "unknown_code"


def test_guessing_codes_is_stopped_and_allowed_again_later(ask, core):
    row = appointment(core, phone_last4="")
    wrong = "0000" if row.code != "0000" else "1111"
    codes = [ask(FindAppointment(code=wrong)).code for _ in range(6)]
    assert codes == ["unknown_code"] * 5 + ["too_many_tries"]
    assert ask(FindAppointment(code=row.code)).code == "too_many_tries"
    assert ask(FindAppointment(code=row.code), now=NOW + timedelta(minutes=2)).ok


def test_an_applicant_without_appointment_is_asked_to_leave_material(ask):
    view = ask(Register(purpose=Purpose.INTERVIEW, name="孫小姐", department="人力資源部")).body
    assert (view.state, view.code, view.passes) == (VisitState.REFUSED, "leave_material", ())


def test_a_resident_is_sent_to_the_desk(ask):
    view = ask(Register(purpose=Purpose.PROCEDURE, name="業戶")).body
    assert (view.state, view.code) == (VisitState.WAITING, "to_desk")


def test_a_host_who_does_not_exist_is_refused_and_nothing_stored(ask):
    assert ask(Register(name="王小明", host=999)).code == "unknown_host"
    assert store.waiting_visits() == []


def test_the_desk_admits_and_the_kiosk_is_told_with_the_pass(ask, core):
    key = fresh_key()
    ask(SERVICE, key)
    [waiting] = store.waiting_visits()
    deciding.decide(core, waiting.id, DeskDecision.ADMIT, "王美玲", NOW)
    [update] = told(core)
    assert (update.visit.visit, update.visit.state) == (key, VisitState.ADMITTED)
    assert update.visit == ask(Status(visit=key)).body


def test_the_desk_asks_to_wait_and_the_visit_goes_on_waiting(ask, core):
    ask(SERVICE)
    [waiting] = store.waiting_visits()
    deciding.decide(core, waiting.id, DeskDecision.ASK_TO_WAIT, "王美玲", NOW)
    assert told(core)[0].visit.asked_to_wait
    assert [v.id for v in store.waiting_visits()] == [waiting.id]


def test_the_desk_refuses_and_no_pass_is_made(ask, core):
    key = fresh_key()
    ask(SERVICE, key)
    deciding.decide(core, store.waiting_visits()[0].id, DeskDecision.REFUSE, "王美玲", NOW)
    view = ask(Status(visit=key)).body
    assert (view.state, view.code, view.passes) == (VisitState.REFUSED, "desk_refused", ())


def test_a_visit_is_decided_once(ask, core):
    ask(SERVICE)
    [waiting] = store.waiting_visits()
    deciding.decide(core, waiting.id, DeskDecision.ADMIT, "王美玲", NOW)
    with pytest.raises(Refusal, match="already_decided"):
        deciding.decide(core, waiting.id, DeskDecision.REFUSE, "林佩芬", NOW)
    with pytest.raises(Refusal, match="not_found"):
        deciding.decide(core, 999, DeskDecision.ADMIT, "王美玲", NOW)


def test_the_desk_re_classes_a_guest_and_the_rules_are_applied_anew(ask, core):
    ask(Register(purpose=Purpose.BUSINESS, name="劉主任", host=1))
    [waiting] = store.waiting_visits()
    visit = deciding.decide(
        core, waiting.id, DeskDecision.ASK_TO_WAIT, "王美玲", NOW, Category.IMPORTANT
    )
    assert (visit.category, visit.reasons[0]) == (Category.IMPORTANT, "important_unexpected")


def test_nobody_admits_a_person_re_classed_as_turned_away(ask, core):
    ask(SERVICE)
    [waiting] = store.waiting_visits()
    with pytest.raises(Refusal, match="no_entry"):
        deciding.decide(core, waiting.id, DeskDecision.ADMIT, "王美玲", NOW, Category.TURNED_AWAY)
    assert store.waiting_visits()[0].category is Category.SERVICE


def test_a_visitor_withdraws_while_waiting_but_not_after_the_decision(ask, core):
    first, second = fresh_key(), fresh_key()
    ask(SERVICE, first)
    ask(SERVICE, second)
    assert ask(Withdraw(visit=first)).body.state is VisitState.WITHDRAWN
    deciding.decide(core, store.waiting_visits()[0].id, DeskDecision.ADMIT, "王美玲", NOW)
    assert ask(Withdraw(visit=second)).body.state is VisitState.ADMITTED


def test_a_call_for_the_desk_is_kept_once_however_often_it_is_sent(ask, core):
    key = fresh_key()
    ask(CallDesk(), key)
    ask(CallDesk(), key)
    [call] = store.help_calls()
    assert happened("called_desk") == 1
    deciding.answer_help_call(core, call.id, "王美玲", NOW)
    assert store.help_calls() == []
    with pytest.raises(Refusal, match="already_answered"):
        deciding.answer_help_call(core, call.id, "林佩芬", NOW)


# --- what comes late -----------------------------------------------------------------------------


def test_a_visitor_whose_registration_comes_late_and_who_still_waits_gets_the_pass(ask, core):
    code = appointment(core).code
    view = ask(Register(code=code), age=120).body
    assert view.state is VisitState.ADMITTED
    assert store.visit_by_key(view.visit).registered_at == NOW - timedelta(minutes=2)


def test_nobody_is_given_a_pass_who_has_left_before_the_registration_came(ask, core):
    code = appointment(core).code
    view = ask(Register(code=code), age=2400, gone=True).body
    assert (view.state, view.code, view.passes) == (VisitState.WAITING, "to_desk", ())
    visit = store.visit_by_key(view.visit)
    assert (visit.name, visit.registered_at) == ("劉主任", NOW - timedelta(minutes=40))
    assert "visitor_absent" in visit.reasons


def test_a_registration_of_yesterday_is_one_for_yesterdays_appointment(ask, core):
    day = timedelta(days=1)
    code = appointment(core).code
    assert ask(Register(code=code), now=NOW + day).code == "unknown_code"
    view = ask(Register(code=code), now=NOW + day, age=day.total_seconds(), gone=True).body
    assert store.visit_by_key(view.visit).name == "劉主任"


def test_what_is_refused_after_its_visitor_has_left_is_told_to_the_desk_once(ask, core):
    key, late = fresh_key(), {"age": 900, "gone": True}
    for _ in range(2):
        assert ask(Register(code="0137"), key, **late).code == "unknown_code"
    ask(Register(name="王小明", host=999), **late)
    ask(Register(code="0138"))  # who stands there reads the answer
    calls = {(c.code, c.visit_name, c.at) for c in store.help_calls()}
    made = NOW - timedelta(minutes=15)
    assert calls == {("unknown_code", "0137", made), ("unknown_host", "王小明", made)}
    assert len(store.help_calls()) == 2
    assert happened("refused_late") == 2


def test_who_left_while_the_kiosk_was_offline_has_left_when_they_did(ask, core):
    ask(Register(code=appointment(core).code))
    [card] = store.passes_of_visit(store.present_visits(*core.day_of(NOW))[0].id)[:1]
    later = NOW + timedelta(hours=1)
    assert ask(Leave(text=card.original), now=later, age=600).ok
    assert store.pass_by_id(card.id).left_at == later - timedelta(minutes=10)


def test_the_directory_names_departments_and_their_hosts(ask):
    departments = {d.name: [h.name for h in d.hosts] for d in ask(Directory()).body.departments}
    assert departments["工程部"] == ["李志強", "何家榮"]


def test_a_room_in_use_or_booked_soon_is_not_given_to_a_walk_in(ask, core):
    appointment(core, room_id=3, party=2)
    view = ask(Register(name="趙先生", host=1, party=2)).body
    assert view.destination == "二樓第一洽談室"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends": NOW}, "ends_before_start"),
        ({"starts": NOW + timedelta(hours=2)}, "ends_before_start"),
        ({"host_id": 999}, "unknown_host"),
        ({"room_id": 999}, "unknown_room"),
    ],
)
def test_an_impossible_appointment_is_refused(core, changes, code):
    with pytest.raises(Refusal, match=code):
        appointment(core, **changes)


def test_what_fails_halfway_leaves_nothing_behind(ask, core):
    appointment(core)
    # A pass that cannot be written: the last statement of the registration's transaction.
    tables.database.execute_sql(
        "CREATE TRIGGER full BEFORE INSERT ON pass BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )
    with pytest.raises(Exception, match="disk full"):
        ask(Register(code="8888"))
    assert store.waiting_visits() == []
    tables.database.execute_sql("DROP TRIGGER full")
    assert ask(Register(code="8888")).ok


def test_a_visit_keeps_its_reasons_and_the_policys_version(ask, core):
    ask(SERVICE)
    [waiting] = store.waiting_visits()
    assert waiting.admission is Admission.CONFIRM
    assert waiting.reasons == ("service_unexpected",)
