"""Whoever the policy says is told of a visit is told: by a real mail, or by the desk's list."""

import queue
from datetime import UTC, datetime, timedelta

import pytest

from controller import deciding, material, telling
from controller.notifying import Delivered, Notifier
from models import store, tables
from models.messages import Register, Withdraw
from models.terms import Category, Channel, DeskDecision, MaterialStep, Purpose
from tests.desk_office import clerk_of
from tests.integration.test_reception import appointment
from tests.mail import channel, mail_server, silent_server
from tests.parts import PATIENCE, free_ports

BOSS, LI, HUANG, ZHANG = 1, 3, 8, 9
NOW = datetime.now(UTC).replace(microsecond=0)
INTERVIEW = Register(purpose=Purpose.INTERVIEW, name="孫小姐", department="人力資源部")
WALK_IN = Register(purpose=Purpose.BUSINESS, name="林先生", host=LI, party=2)


class Post:
    """The sending half of a controller, without its timer: deliveries are waited for."""

    def __init__(self, core) -> None:
        self.core = core
        self.delivered: queue.SimpleQueue[Delivered] = queue.SimpleQueue()
        self.notifier = Notifier(self.delivered.put)
        self.notifier.start()

    def send(self, seconds: float = 0) -> None:
        telling.send(self.core, self.notifier, NOW + timedelta(seconds=seconds))

    def hear(self) -> Delivered:
        told = self.delivered.get(timeout=PATIENCE)
        telling.delivered(self.core, told, NOW)
        return told


@pytest.fixture
def post(core):
    opened = Post(core)
    yield opened
    opened.notifier.stop()


@pytest.fixture
def mails():
    with mail_server() as postbox:
        yield postbox


def reach(person: int, address: str) -> None:
    store.change_person(person, deputy_id=None, channels=(address,))


def tellings() -> list[tuple[str, str, str]]:
    rows = [store.telling(row.id) for row in tables.Telling.select()]
    return [(row.role, row.who, row.channel) for row in rows]


def by_word(core) -> list[str]:
    return [row.who or row.role for row in telling.by_word(core, NOW)]


def received(ask, core):
    """An applicant's papers lie at the desk."""
    ask(INTERVIEW, now=NOW)
    [left] = store.open_material()
    return material.step(core, left.id, MaterialStep.RECEIVED, "王美玲", NOW)


def test_the_personnel_department_gets_a_mail_once_an_applicants_papers_are_there(
    ask, core, post, mails
):
    reach(HUANG, mails.address("huang"))
    ask(INTERVIEW, now=NOW)
    post.send()
    assert tellings() == []  # nothing has been left yet
    [left] = store.open_material()
    material.step(core, left.id, MaterialStep.RECEIVED, "王美玲", NOW)
    post.send()
    assert post.hear().reason == ""
    [(to, subject, text)] = mails.until(1)
    assert (to, "孫小姐" in subject) == ("huang@example.com", True)
    assert "M-0001" in text
    [left] = store.open_material()
    assert (left.told_at, left.told_by) == (NOW, "人力資源部 黃淑儀")


def test_a_mail_to_the_personnel_department_that_fails_is_said_and_the_tick_remains(
    ask, core, post
):
    reach(HUANG, channel("huang", free_ports(1)[0]))
    left = received(ask, core)
    post.send()
    assert post.hear().reason == "not_taken"
    page = clerk_of(core).get("/desk/fragments/material").text
    assert "訊息未送達：對方服務未接收" in page
    assert "已通知人力資源部" in page
    assert material.step(core, left.id, MaterialStep.TOLD, "王美玲", NOW).told_by == "王美玲"


def test_without_a_channel_the_desk_is_asked_to_tell_the_personnel_department(ask, core):
    received(ask, core)
    assert tellings() == [("hr", "", "none")]
    assert "訊息未送達：沒有設定聯絡方式" in clerk_of(core).get("/desk/fragments/material").text


def test_a_dead_channel_delays_nobody(ask, core, post):
    with silent_server() as port:
        reach(BOSS, channel("boss", port))
        row = appointment(core, category=Category.VIP, now=NOW, starts=NOW, ends=NOW + HOUR)
        view = ask(Register(code=row.code), now=NOW).body
        assert view.state == "admitted"
        post.send()
        post.send(seconds=10)
        assert ("leaders", "總經理辦公室 陳國華", Channel.FAILED) in tellings()
        assert "總經理辦公室 陳國華" in by_word(core)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize("category", [Category.VIP, Category.IMPORTANT])
def test_leaders_and_the_department_are_told_of_honoured_guests(ask, core, post, mails, category):
    reach(BOSS, mails.address("boss"))
    reach(LI, mails.address("li"))
    row = appointment(core, category=category, host_id=4, now=NOW, starts=NOW, ends=NOW + HOUR)
    ask(Register(code=row.code), now=NOW)
    post.send()
    assert {post.hear().reason for _ in range(2)} == {""}
    told = {to: text for to, _, text in mails.until(2)}
    assert set(told) == {"boss@example.com", "li@example.com"}
    assert "三樓第一會議室" in told["boss@example.com"]
    assert by_word(core) == []


def test_the_host_of_an_expected_guest_is_told(ask, core, post, mails):
    reach(LI, mails.address("li"))
    row = appointment(core, host_id=LI, now=NOW, starts=NOW, ends=NOW + HOUR)
    ask(Register(code=row.code), now=NOW)
    post.send()
    post.hear()
    assert [to for to, _, _ in mails.until(1)] == ["li@example.com"]


def test_leaders_are_told_of_a_walk_in_and_the_department_is_asked_to_confirm(ask, core):
    ask(WALK_IN, now=NOW)
    assert tellings() == [("leaders", "", "none")]
    assert by_word(core) == ["leaders"]


def test_engineering_is_told_of_a_contractor(ask, core, post, mails):
    reach(LI, mails.address("li"))
    ask(Register(purpose=Purpose.WORKS, name="鄭師傅"), now=NOW)
    post.send()
    post.hear()
    assert "鄭師傅" in mails.until(1)[0][1]


def test_the_clerk_on_duty_reads_the_waiting_list(ask, core):
    ask(Register(purpose=Purpose.PROCEDURE, name="業戶"), now=NOW)
    assert tellings() == []
    assert "業戶" in clerk_of(core).get("/desk/fragments/waiting").text


def test_the_guard_gets_a_silent_message_of_whom_the_desk_turns_away(ask, core, post, mails):
    reach(ZHANG, mails.address("zhang"))
    view = ask(WALK_IN, now=NOW).body
    visit = store.visit_by_key(view.visit)
    deciding.decide(
        core, visit.id, DeskDecision.REFUSE, "王美玲", NOW, category=Category.TURNED_AWAY
    )
    post.send()
    post.hear()
    assert [to for to, _, _ in mails.until(1)] == ["zhang@example.com"]
    assert "guard" not in by_word(core)


def test_a_guest_whom_the_desk_makes_a_vip_is_told_to_the_leaders_once(ask, core):
    view = ask(WALK_IN, now=NOW).body
    visit = store.visit_by_key(view.visit)
    for decision in (DeskDecision.ASK_TO_WAIT, DeskDecision.ADMIT):
        deciding.decide(core, visit.id, decision, "王美玲", NOW, category=Category.VIP)
    assert [role for role, _, _ in tellings()].count("leaders") == 1


def test_whoever_withdraws_is_told_to_nobody_else(ask, core):
    view = ask(WALK_IN, now=NOW).body
    before = tellings()
    ask(Withdraw(visit=view.visit), now=NOW)
    assert tellings() == before


def test_the_desk_ticks_whom_it_has_told(ask, core, morning):
    ask(WALK_IN, now=NOW)
    clerk = clerk_of(core)
    assert "領導" in clerk.get("/desk/fragments/tell").text
    [row] = clerk.get("/api/tellings").json()
    for _ in range(2):
        answer = clerk.post(f"/api/tellings/{row['id']}/done").json()
        assert answer["told_by"] == "王美玲"
    assert clerk.get("/api/tellings").json() == []
    assert clerk.post("/api/tellings/77/done").status_code == 404
    [event] = tables.Event.select().where(tables.Event.what == "told")
    assert event.by == "王美玲"


def test_a_message_that_was_lost_with_the_process_is_sent_again(ask, core, post, mails):
    reach(LI, mails.address("li"))
    ask(Register(purpose=Purpose.WORKS, name="鄭師傅"), now=NOW)
    post.send()
    mails.until(1)
    again = Post(core)
    again.send(1)
    assert again.hear().reason == ""
    again.notifier.stop()
    assert len(mails.until(2)) == 2


def test_every_word_of_the_policy_reaches_somebody(core):
    known = {"leaders", "department", "host", "hr", "engineering", "clerk", "guard"}
    assert {who for rule in core.policy.rule for who in rule.told} == known
    departments = {person.department for person in store.people()}
    assert set(core.policy.departments.values()) <= departments
    # A supervisor is told when nobody is at the desk, which no rule of a visit says.
    assert set(core.policy.departments) == known - {"department", "host", "clerk"} | {"supervisor"}
