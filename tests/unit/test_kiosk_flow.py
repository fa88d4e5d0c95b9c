"""Every path of the kiosk as a table, without a window."""

import pytest

from kiosk.terms import (
    Ask,
    Button,
    Dialog,
    Edit,
    Form,
    KeepDirectory,
    Party,
    PickDepartment,
    PickHost,
    PickLanguage,
    PickPurpose,
    Reached,
    Resumed,
    Scanned,
    Screen,
    Touched,
    Typed,
    Updated,
    Wipe,
)
from models.messages import (
    AppointmentView,
    CallDesk,
    Department,
    Directory,
    DirectoryView,
    FindAppointment,
    LeaveView,
    Register,
    Status,
    Withdraw,
)
from models.terms import Language, Purpose, VisitState
from tests.kiosk_story import CARD, DEPARTMENTS, LI, TOKEN, Story, view

S, B = Screen, Button
FOUND = AppointmentView(name="王○明", starts=CARD.valid_until, host="工程部 李志強", party=3)
REFUSED = VisitState.REFUSED


@pytest.fixture
def story():
    return Story()


def nothing_personal(state):
    return (
        state.form == Form()
        and (state.text, state.code, state.visit_key, state.outcome, state.number) == ("",) * 5
        and (state.visit, state.appointment, dict(state.keys)) == (None, None, {})
    )


# --- registering -------------------------------------------------------------------------------

ANSWERS = {
    S.PURPOSE: None,
    S.NAME: (Typed(" 王小明 "), B.NEXT),
    S.ORGANISATION: (Typed("恒信"), B.NEXT),
    S.DEPARTMENT: (PickDepartment("工程部"),),
    S.HOST: (PickHost(LI),),
    S.PARTY: (Party(1), Party(1), B.NEXT),
    S.NAMES: (Typed("何小姐"), B.NEXT, Typed("李四"), B.NEXT),
}
WHOM = (S.DEPARTMENT, S.HOST)
PATHS = {
    Purpose.BUSINESS: (S.NAME, S.ORGANISATION, *WHOM, S.PARTY, S.NAMES),
    Purpose.INTERVIEW: (S.NAME, *WHOM),
    Purpose.SERVICE: (S.NAME, S.ORGANISATION, *WHOM),
    Purpose.COLLEAGUE: (S.NAME, *WHOM),
}
"""Residents and workers have ways of their own: test_kiosk_numbers.py, test_kiosk_workers.py."""


def answer_all(story, purpose):
    """From the welcome to the check; the screens on the way."""
    story.tap(B.REGISTER)
    passed = [story.screen]
    story.tell(PickPurpose(purpose))
    while story.screen is not S.CHECK:
        passed.append(story.screen)
        for step in ANSWERS[story.screen]:
            story.tap(step) if isinstance(step, Button) else story.tell(step)
    return passed


@pytest.mark.parametrize("purpose", PATHS)
def test_each_purpose_asks_its_questions_and_no_other(story, purpose):
    assert answer_all(story, purpose) == [S.PURPOSE, *PATHS[purpose]]


@pytest.mark.parametrize("purpose", PATHS)
def test_each_purpose_registers_what_was_answered(story, purpose):
    answer_all(story, purpose)
    story.tap(B.SUBMIT)
    asked = PATHS[purpose]
    expected = Register(
        purpose=purpose,
        name="王小明",
        organisation="恒信" if S.ORGANISATION in asked else "",
        department="工程部" if S.DEPARTMENT in asked else "",
        host=LI.id if S.HOST in asked else None,
        party=3 if S.PARTY in asked else 1,
        others=("何小姐", "李四") if S.PARTY in asked else (),
    )
    assert story.sent("register") == [expected]


@pytest.mark.parametrize("purpose", PATHS)
def test_back_goes_the_same_way_in_reverse_to_a_wiped_welcome(story, purpose):
    way = answer_all(story, purpose)
    for screen in reversed(way):
        for _ in range(2 if screen is S.NAMES else 1):  # one for each of the others
            story.tap(B.BACK)
            assert story.screen is screen
    story.tap(B.BACK)
    assert story.screen is S.WELCOME
    assert nothing_personal(story.state)
    assert story.effects[-1] == Wipe()


def test_a_department_without_people_asks_for_none(story):
    story.fill_in(Purpose.INTERVIEW).tell(PickDepartment("保安部"))
    assert story.screen is S.CHECK
    story.tap(B.SUBMIT)
    assert story.sent("register")[0].department == "保安部"


@pytest.mark.parametrize(
    ("events", "department"),
    [((PickDepartment(""),), ""), ((PickDepartment("工程部"), PickHost(None)), "工程部")],
)
def test_a_visitor_who_does_not_know_whom_to_see_goes_on(story, events, department):
    story.fill_in(Purpose.INTERVIEW).tell(*events).tap(B.SUBMIT)
    body = story.sent("register")[0]
    assert (body.department, body.host) == (department, None)


def test_typed_answers_are_still_there_after_going_back(story):
    story.tap(B.REGISTER).tell(PickPurpose(Purpose.SERVICE), Typed("王小明")).tap(B.NEXT)
    story.tell(Typed("快遞公司")).tap(B.BACK)
    assert story.state.text == "王小明"
    story.tap(B.NEXT)
    assert story.state.text == "快遞公司"


@pytest.mark.parametrize(
    ("screen", "change", "field", "value"),
    [
        (S.PURPOSE, (PickPurpose(Purpose.INTERVIEW),), "purpose", Purpose.INTERVIEW),
        (S.NAME, (Typed("李四"), B.NEXT), "name", "李四"),
        (S.ORGANISATION, (Typed("別家"), B.NEXT), "organisation", "別家"),
        (S.DEPARTMENT, (PickDepartment("保安部"),), "department", "保安部"),
        (S.DEPARTMENT, (PickDepartment("工程部"), PickHost(None)), "host", None),
        (S.PARTY, (Party(-1), B.NEXT), "party", 2),
        (S.PHONE, (Typed("138 0013 8000"), B.NEXT), "phone", "13800138000"),
    ],
)
def test_every_answer_can_be_changed_from_the_check(story, screen, change, field, value):
    answer_all(story, Purpose.BUSINESS)
    story.tell(Edit(screen))
    assert story.screen is screen
    for step in change:
        story.tap(step) if isinstance(step, Button) else story.tell(step)
    assert story.screen is S.CHECK
    assert getattr(story.state.form, field) == value


@pytest.mark.parametrize("screen", [S.PURPOSE, S.NAME, S.ORGANISATION, S.DEPARTMENT, S.PHONE])
def test_back_from_a_change_returns_to_the_check_with_the_old_answer(story, screen):
    answer_all(story, Purpose.BUSINESS)
    before = story.state.form
    story.tell(Edit(screen)).tap(B.BACK)
    assert story.screen is S.CHECK
    assert story.state.form == before


def test_a_change_of_purpose_leaves_out_what_it_does_not_ask(story):
    answer_all(story, Purpose.BUSINESS)
    story.tell(Edit(S.PURPOSE), PickPurpose(Purpose.INTERVIEW)).tap(B.SUBMIT)
    body = story.sent("register")[0]
    assert (body.organisation, body.party) == ("", 1)


@pytest.mark.parametrize(("start", "change", "end"), [(1, -1, 1), (1, 1, 2), (99, 1, 99)])
def test_the_party_stays_between_one_and_what_a_kiosk_can_take(story, start, change, end):
    story.at(screen=S.PARTY, form=Form(purpose=Purpose.BUSINESS, party=start))
    assert story.tell(Party(change)).state.form.party == end


def test_enter_on_the_check_submits(story):
    assert story.fill_in().tap(B.NEXT).sent("register")


def test_two_taps_on_submit_register_once(story):
    story.fill_in().tap(B.SUBMIT, B.SUBMIT, B.NEXT)
    assert len(story.sent("register")) == 1


def test_a_check_without_a_name_asks_for_it(story):
    story.fill_in().at(form=Form(purpose=Purpose.COLLEAGUE)).tap(B.SUBMIT)
    assert (story.screen, story.state.error) == (S.NAME, "name_empty")


def test_a_full_disk_is_said_and_nothing_is_lost(story):
    story.full = True
    story.submit()
    assert (story.screen, story.state.notice) == (S.CHECK, "not_kept")
    story.full = False
    assert story.tap(B.SUBMIT).hear().screen is S.WAITING


# --- words of the controller -------------------------------------------------------------------


def test_a_quick_decision_comes_without_a_screen_in_between(story):
    start = len(story.submit().seen)
    story.wait(0.25).admit(1)
    assert set(story.seen[start:]) == {S.CHECK, S.PASS}


def test_a_slow_answer_shows_the_waiting_screen_meanwhile(story):
    story.submit().wait(0.6)
    assert story.screen is S.WAITING
    assert story.hear().state.visit is not None


def test_a_pass_counts_down_to_a_wiped_welcome(story):
    story.waiting().admit().wait(59)
    assert story.screen is S.PASS
    story.wait(1.5)
    assert story.screen is S.WELCOME
    assert nothing_personal(story.state)
    assert story.effects[-1] == Wipe()


@pytest.mark.parametrize("button", [B.DONE])
def test_done_leaves_a_pass_at_once(story, button):
    assert story.waiting().admit().tap(button).screen is S.WELCOME


@pytest.mark.parametrize(
    "code", ["leave_material", "no_confirmation", "desk_refused", "no_entry", "never_heard_of"]
)
def test_a_refusal_is_answered_by_its_code(story, code):
    story.waiting().hear(2, state=REFUSED, code=code)
    assert (story.screen, story.state.outcome) == (S.ANSWER, code)


def test_a_refusal_without_a_code_is_still_an_answer(story):
    assert story.waiting().hear(2, state=REFUSED).state.outcome == "refused"


def test_an_admission_without_a_pass_sends_the_visitor_on(story):
    assert story.waiting().hear(2, state=VisitState.ADMITTED).state.outcome == "admitted"


def test_only_a_greater_seq_of_the_visit_on_the_screen_counts(story):
    story.waiting().hear(5, asked_to_wait=True)
    story.hear(4, state=REFUSED).hear(5, state=REFUSED)
    assert story.screen is S.WAITING
    assert story.state.visit.asked_to_wait


def test_news_of_another_visit_is_not_shown(story):
    story.waiting().tell(Updated(view("f" * 32, 9, state=REFUSED)))
    assert story.screen is S.WAITING


@pytest.mark.parametrize(
    ("code", "screen", "said"),
    [
        ("unknown_host", S.DEPARTMENT, "unknown_host"),
        ("too_many_waiting", S.ANSWER, "too_many_waiting"),
        ("malformed", S.ANSWER, "malformed"),
        ("a_code_of_tomorrow", S.ANSWER, "a_code_of_tomorrow"),
        ("unknown_code", S.ANSWER, "unknown_code"),
    ],
)
def test_a_registration_that_is_not_taken_says_why(story, code, screen, said):
    story.submit().answer("register", code)
    assert story.screen is screen
    assert said in {story.state.error, story.state.outcome}


def test_a_registration_for_somebody_who_has_left_asks_for_whom_again_and_keeps_the_rest(story):
    answer_all(story, Purpose.BUSINESS)
    story.tap(B.SUBMIT).answer("register", "unknown_host").tell(PickDepartment("保安部"))
    assert story.screen is S.CHECK
    assert story.state.form.organisation == "恒信"
    story.tap(B.SUBMIT)
    assert len(story.sent("register")) == 2


def test_a_server_error_keeps_the_visitor_waiting_for_the_next_try(story):
    story.submit().answer("register", "server_error").wait(1)
    assert (story.screen, story.state.notice) == (S.WAITING, "server_error")
    assert story.admit(1).screen is S.PASS


def test_a_visitor_for_the_desk_is_sent_there_and_the_kiosk_is_free_again(story):
    story.submit().hear(code="to_desk").wait(59)
    assert story.screen is S.WAITING
    assert story.wait(2).screen is S.WELCOME


def test_a_waiting_visitor_is_kept_for_ten_minutes_and_then_sent_to_the_desk(story):
    story.waiting().wait(598, step=1)
    assert story.screen is S.WAITING
    story.wait(3)
    assert (story.screen, story.state.outcome) == (S.ANSWER, "waited_long")
    assert story.admit().screen is S.PASS


def test_waiting_asks_for_the_state_every_twenty_seconds_as_a_backstop(story):
    story.waiting().wait(65)
    key = story.state.visit_key
    assert story.sent("status") == [Status(visit=key)] * 3
    story.answer("status", body=view(key, 3, state=REFUSED, code="no_entry"))
    assert story.state.outcome == "no_entry"


def test_a_visit_the_controller_does_not_know_ends_at_the_desk(story):
    story.waiting().wait(25).answer("status", "unknown_visit")
    assert story.state.outcome == "unknown_visit"


def test_a_directory_is_kept_and_used(story):
    new = DirectoryView(departments=(Department(name="行政部"),))
    story.answer("directory", body=new)
    assert story.state.departments == new.departments
    assert story.effects[-1] == KeepDirectory(new)


def test_each_return_of_the_controller_asks_for_the_directory(story):
    story.tell(Reached(up=False), Reached(up=True), Reached(up=True))
    assert len(story.sent("directory")) == 3


# --- offline -----------------------------------------------------------------------------------


def test_a_registration_offline_is_kept_and_said_and_the_visitor_may_go():
    story = Story(reachable=False).submit()
    assert story.screen is S.WAITING
    assert not story.state.acknowledged
    assert story.tap(B.DONE).screen is S.WELCOME


def test_a_kiosk_offline_frees_itself():
    assert Story(reachable=False).submit().wait(61).screen is S.WELCOME


def test_the_answer_that_comes_when_the_link_returns_is_shown():
    story = Story(reachable=False).submit().wait(30).tell(Reached(up=True))
    assert story.wait(50).screen is S.WAITING
    assert story.answer("register", body=view(story.state.visit_key)).state.acknowledged
    assert story.admit().screen is S.PASS


def test_a_link_that_drops_during_the_form_is_no_obstacle(story):
    story.tap(B.REGISTER).tell(Reached(up=False), PickPurpose(Purpose.COLLEAGUE))
    assert story.screen is S.NAME


def test_a_link_that_drops_after_submit_says_saved_at_once(story):
    assert story.submit().tell(Reached(up=False)).screen is S.WAITING


def test_a_link_that_returns_while_waiting_asks_how_the_visit_stands(story):
    story.waiting().tell(Reached(up=False), Reached(up=True))
    assert story.sent("status") == [Status(visit=story.state.visit_key)]


# --- withdrawing -------------------------------------------------------------------------------


def test_cancelling_asks_first(story):
    story.waiting().tap(B.CANCEL)
    assert story.state.dialog is Dialog.CANCEL
    story.tap(B.NO)
    assert (story.screen, story.state.dialog) == (S.WAITING, Dialog.NONE)
    assert not story.sent("withdraw")


def test_a_cancelled_registration_is_withdrawn(story):
    story.waiting().tap(B.CANCEL, B.YES)
    key = story.state.visit_key
    assert story.sent("withdraw") == [Withdraw(visit=key)]
    story.answer("withdraw", body=view(key, 2, state=VisitState.WITHDRAWN))
    assert story.state.outcome == "withdrawn"


def test_a_visit_that_was_decided_first_stays_decided(story):
    story.waiting().tap(B.CANCEL, B.YES)
    told = view(story.state.visit_key, 2, state=VisitState.ADMITTED, passes=(CARD,))
    assert story.answer("withdraw", body=told).screen is S.PASS


def test_a_pass_that_is_revoked_while_it_is_shown_gives_way_to_the_way_to_the_desk(story):
    story.waiting().admit(2).hear(3, state=VisitState.ADMITTED, code="revoked", passes=())
    assert (story.screen, story.state.outcome) == (S.ANSWER, "revoked")


def test_a_decision_closes_the_question(story):
    story.waiting().tap(B.CANCEL).admit()
    assert (story.screen, story.state.dialog) == (S.PASS, Dialog.NONE)


@pytest.mark.parametrize("up", [True, False])
def test_a_withdrawal_that_nobody_answers_is_noted(story, up):
    story.waiting().tell(Reached(up=up)).tap(B.CANCEL, B.YES).wait(5.5 if up else 0.3)
    assert story.state.outcome == "withdraw_saved"
    story.answer("withdraw", body=view(story.state.visit_key, 2, state=VisitState.WITHDRAWN))
    assert story.state.outcome == "withdrawn"


def test_a_withdrawal_that_cannot_be_kept_is_said(story):
    story.waiting().full = True
    story.tap(B.CANCEL, B.YES)
    assert (story.screen, story.state.notice) == (S.WAITING, "not_kept")


# --- appointments ------------------------------------------------------------------------------


def code(story, digits="0137"):
    return story.tap(B.APPOINTMENT).tell(Typed(digits)).tap(B.NEXT)


def test_a_code_finds_the_appointment_and_registers_by_it(story):
    code(story).answer("find_appointment", body=FOUND)
    assert story.sent("find_appointment") == [FindAppointment(code="0137")]
    assert (story.screen, story.state.appointment) == (S.APPOINTMENT, FOUND)
    story.tap(B.YES, B.YES)
    assert story.sent("register") == [Register(code="0137")]
    assert story.admit(1).screen is S.PASS


def test_somebody_elses_appointment_leads_back_to_an_empty_code(story):
    code(story).answer("find_appointment", body=FOUND).tap(B.NO)
    assert (story.screen, story.state.text) == (S.CODE, "")


@pytest.mark.parametrize("refusal", ["unknown_code", "ambiguous_code", "too_many_tries"])
def test_a_code_that_finds_nobody_says_why(story, refusal):
    code(story).answer("find_appointment", refusal)
    if refusal == "unknown_code":
        story.answer("find_visit", refusal)
    assert (story.screen, story.state.error, story.state.text) == (S.CODE, refusal, "")


@pytest.mark.parametrize("refusal", ["unknown_code", "too_many_tries"])
def test_a_code_that_is_gone_by_the_time_of_registering_says_why(story, refusal):
    code(story).answer("find_appointment", body=FOUND).tap(B.YES).answer("register", refusal)
    assert (story.screen, story.state.error) == (S.CODE, refusal)


def test_a_code_with_digits_missing_is_not_asked_for(story):
    assert code(story, "12").state.error == "code_digits"
    assert not story.sent("find_appointment")


def test_a_search_without_an_answer_ends_in_words(story):
    assert code(story).wait(5.5).state.error == "no_answer"
    late = story.answer("find_appointment", body=FOUND)
    assert late.screen is S.CODE


def test_a_search_offline_ends_in_words():
    story = code(Story(reachable=False))
    assert story.state.error == "no_answer"
    assert not story.sent("find_appointment")


# --- leaving -----------------------------------------------------------------------------------


def leave(story, number="a-0137"):
    return story.tap(B.LEAVE).tell(Typed(number)).tap(B.NEXT)


def test_a_number_signs_out(story):
    leave(story).answer("leave", body=LeaveView(number="A-0137"))
    assert story.sent("leave")[0].text == "A-0137"
    assert (story.state.outcome, story.state.number) == ("left", "A-0137")


@pytest.mark.parametrize("buttons", [(), (B.LEAVE,)])
def test_a_scan_on_the_welcome_and_on_the_leaving_screen_signs_out(story, buttons):
    story.tap(*buttons).tell(Scanned(TOKEN)).answer("leave", body=LeaveView(number="A-0137"))
    assert [body.text for body in story.sent("leave")] == [TOKEN]
    assert story.state.outcome == "left"


@pytest.mark.parametrize(
    "refusal",
    [
        *("already_returned", "revoked", "expired", "forged", "wrong_site", "unknown_key"),
        *("wrong_half", "not_yet", "a_code_of_tomorrow"),
    ],
)
def test_a_pass_that_is_not_taken_back_is_answered_by_its_code(story, refusal):
    assert leave(story).answer("leave", refusal).state.outcome == refusal


@pytest.mark.parametrize("refusal", ["unknown_pass", "malformed"])
def test_a_number_that_is_wrong_can_be_typed_again(story, refusal):
    leave(story).answer("leave", refusal)
    assert (story.screen, story.state.error) == (S.LEAVE, f"leave_{refusal}")
    assert story.state.text == "A-0137"


@pytest.mark.parametrize("up", [True, False])
def test_a_leave_that_nobody_answers_is_noted_and_settled_when_it_is(up):
    story = leave(Story(reachable=up)).wait(5.5 if up else 0.3)
    assert story.state.outcome == "leave_saved"
    assert story.answer("leave", body=LeaveView(number="A-1")).state.outcome == "left"


def test_leaving_without_a_number_asks_for_one(story):
    assert leave(story, "  ").state.error == "leave_empty"


@pytest.mark.parametrize("text", ["https://example.org/qr", "WIFI:S:guest;;", TOKEN + "A" * 90])
def test_a_foreign_code_is_refused_kindly(story, text):
    story.tell(Scanned(text))
    assert (story.screen, story.state.notice) == (S.WELCOME, "scan_unknown")
    assert not story.sent("leave")


def test_a_scan_elsewhere_is_taken_out_of_the_field_again(story):
    story.tap(B.REGISTER).tell(PickPurpose(Purpose.COLLEAGUE), Typed("王"), Typed("王VP1:6BF"))
    story.tell(Scanned(TOKEN, field="王"))
    assert (story.state.text, story.state.notice) == ("王", "scan_elsewhere")
    assert not story.sent("leave")


# --- the next visitor -----------------------------------------------------------------------------


def test_a_waiting_visitor_frees_the_kiosk_and_is_told_the_number(story):
    story.waiting().hear(2, number="V-0012").tap(B.NEXT_VISITOR)
    assert (story.screen, story.state.outcome) == (S.ANSWER, "waiting_on_number")
    assert story.state.number == "V-0012"
    story.tap(B.DONE)
    assert (story.screen, story.state.visit_key) == (S.WELCOME, "")
    assert not story.sent("withdraw")


def test_several_wait_at_once_and_news_of_one_is_not_for_the_next_ones_eyes(story):
    story.waiting().hear(2, number="V-0012")
    first = story.state.visit_key
    story.tap(B.NEXT_VISITOR, B.DONE).waiting().hear(2, number="V-0013")
    story.tell(Updated(view(first, 9, state=VisitState.ADMITTED, pass_=CARD)))
    assert (story.screen, story.state.visit.number) == (S.WAITING, "V-0013")


def test_who_is_let_in_before_walking_away_still_sees_the_pass(story):
    story.waiting().hear(2, number="V-0012").tap(B.NEXT_VISITOR).admit(3)
    assert story.screen is S.PASS


def test_a_kiosk_is_not_freed_before_the_controller_has_the_visit(story):
    story.submit().wait(1).tap(B.NEXT_VISITOR)
    assert story.screen is S.WAITING
    assert story.state.visit is None


# --- an invitation ------------------------------------------------------------------------------

INVITATION = "VI1:" + "ABCDEFGHIJKLMNOPQRSTUVWXY2"


@pytest.mark.parametrize("buttons", [(), (B.APPOINTMENT,)])
def test_a_scanned_invitation_registers_as_its_code_does(story, buttons):
    story.tap(*buttons).tell(Scanned(INVITATION)).answer("find_appointment", body=FOUND)
    assert story.screen is S.APPOINTMENT
    story.tap(B.YES)
    [body] = story.sent("register")
    assert (body.invitation, body.code) == (INVITATION, "")


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ("unknown_code", "invitation_unknown"),
        ("invitation_used", "invitation_used"),
        ("invitation_expired", "invitation_expired"),
        ("invitation_early", "invitation_early"),
        ("too_many_tries", "too_many_tries"),
        ("a_code_of_tomorrow", "no_answer"),
    ],
)
def test_an_invitation_that_is_not_good_says_why_and_the_code_can_be_typed(story, refusal, error):
    story.tell(Scanned(INVITATION)).answer("find_appointment", refusal)
    assert (story.screen, story.state.error, story.state.busy) == (S.CODE, error, "")
    assert not story.sent("find_visit")
    story.tell(Typed("1889")).tap(B.NEXT).answer("find_appointment", body=FOUND).tap(B.YES)
    [body] = story.sent("register")
    assert (body.invitation, body.code) == (None, "1889")


def test_an_invitation_that_was_used_meanwhile_leads_back_to_the_digits(story):
    story.tell(Scanned(INVITATION)).answer("find_appointment", body=FOUND)
    story.tap(B.YES).answer("register", "invitation_used")
    assert (story.screen, story.state.error) == (S.CODE, "invitation_used")


@pytest.mark.parametrize(
    "text",
    [
        INVITATION.lower(),
        INVITATION[:-1],
        INVITATION + "A",
        INVITATION[:-1] + "1",
        INVITATION[:-1] + "\n",
        "VI1:" + "'; DROP TABLE visit; --AAAA",
        "VI1:https://example.org/",
    ],
)
def test_what_only_looks_like_an_invitation_is_refused_kindly(story, text):
    story.tell(Scanned(text))
    assert (story.screen, story.state.notice) == (S.WELCOME, "scan_unknown")
    assert not story.sent("find_appointment")


def test_an_invitation_without_a_connection_says_so(story):
    story.tell(Reached(up=False), Scanned(INVITATION))
    assert (story.screen, story.state.error) == (S.CODE, "no_answer")


def test_an_invitation_in_the_middle_of_a_form_is_taken_out_of_the_field(story):
    story.tap(B.REGISTER).tell(PickPurpose(Purpose.COLLEAGUE), Typed("王"))
    story.tell(Scanned(INVITATION, field="王"))
    assert (story.state.text, story.state.notice) == ("王", "invitation_elsewhere")


# --- calling the desk --------------------------------------------------------------------------


@pytest.mark.parametrize("screen", [s for s in Screen if s is not S.WELCOME])
def test_the_desk_can_be_called_from_every_screen(story, screen):
    story.at(screen=screen).tap(B.CALL_DESK)
    assert story.sent("call_desk") == [CallDesk()]
    assert story.state.notice == "calling"


def test_a_call_from_the_waiting_screen_names_the_visit(story):
    story.waiting().tap(B.CALL_DESK)
    assert story.sent("call_desk") == [CallDesk(visit=story.state.visit_key)]


def test_a_call_that_was_heard_is_said(story):
    story.tap(B.CALL_DESK).answer("call_desk")
    assert story.state.notice == "desk_called"
    assert story.wait(7).state.notice == ""


def test_a_call_that_nobody_heard_is_said_too(story):
    assert story.tap(B.CALL_DESK).wait(6.5).state.notice == "call_failed"


def test_a_call_offline_sends_the_visitor_to_the_desk():
    assert Story(reachable=False).tap(B.CALL_DESK).state.notice == "call_failed"


def test_an_impatient_visitor_calls_once(story):
    assert len(story.tap(B.CALL_DESK, B.CALL_DESK).sent("call_desk")) == 1


# --- language, idleness ------------------------------------------------------------------------


def test_a_language_is_chosen_on_the_welcome_and_lasts_for_one_visitor(story):
    story.tell(PickLanguage(Language.EN)).submit().admit(1)
    assert story.sent("register")[0].language is Language.EN
    assert story.state.language is Language.EN
    assert story.tap(B.DONE).state.language is Language.ZH_HANT


def test_a_language_that_nobody_uses_goes_back(story):
    story.tell(PickLanguage(Language.EN)).wait(59)
    assert story.state.language is Language.EN
    assert story.wait(2).state.language is Language.ZH_HANT


IDLE = [s for s in Screen if s not in {S.WELCOME, S.WAITING, S.PASS, S.ANSWER, S.NUMBER}]


@pytest.mark.parametrize("screen", IDLE)
def test_an_abandoned_form_is_warned_about_and_then_wiped(story, screen):
    story.fill_in().tell(Touched()).at(screen=screen).wait(44.5)
    assert story.state.dialog is Dialog.NONE
    story.wait(1)
    assert (story.screen, story.state.dialog) == (screen, Dialog.IDLE)
    story.wait(15)
    assert story.screen is S.WELCOME
    assert nothing_personal(story.state)
    assert story.effects[-1] == Wipe()


@pytest.mark.parametrize("sign", [Touched(), Typed("王小明")])
def test_any_sign_of_life_takes_the_warning_away(story, sign):
    story.fill_in().tell(Edit(S.NAME)).wait(46).tell(sign).wait(20)
    assert (story.screen, story.state.dialog) == (S.NAME, Dialog.NONE)


def test_the_warning_can_be_answered_with_no(story):
    assert story.fill_in().wait(46).tap(B.NO).screen is S.WELCOME


def test_a_button_under_the_warning_is_not_pressed_by_dismissing_it(story):
    story.fill_in().wait(46).tap(B.YES)
    assert (story.screen, story.state.dialog) == (S.CHECK, Dialog.NONE)
    assert not story.sent("register")


def test_a_waiting_visitor_is_never_wiped_for_standing_still(story):
    assert story.waiting().wait(300, step=1).screen is S.WAITING


# --- after a crash -----------------------------------------------------------------------------


def test_a_restart_shows_the_visitor_who_was_registering(story):
    body = Register(name="王小明", purpose=Purpose.BUSINESS, department="工程部", host=LI.id)
    story.tell(Resumed("a" * 32, 30, body))
    assert (story.screen, story.state.form.name) == (S.WAITING, "王小明")
    assert story.state.form.host == DEPARTMENTS[0].hosts[0]
    story.tell(Reached(up=True))
    assert not story.sent("status")  # its registration is still on the way
    assert story.answer("register", body=view("a" * 32)).state.acknowledged


def test_a_restart_after_the_answer_asks_how_the_visit_stands(story):
    story.tell(Resumed("a" * 32, 30, None), Reached(up=True))
    assert story.sent("status") == [Status(visit="a" * 32)]
    assert story.admit().screen is S.PASS


def test_a_resumed_visitor_waits_ten_minutes_in_all(story):
    story.tell(Resumed("a" * 32, 590, None)).wait(11)
    assert story.state.outcome == "waited_long"


def test_who_can_be_visited_is_asked_anew_for_every_registration(story):
    story.effects.clear()
    story.tap(B.REGISTER)
    assert Ask(Directory()) in story.effects
