"""Confirmation with a deadline: real mail, real links, and whatever may go wrong in between."""

import queue
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from controller import confirmation, deciding, publishing
from controller.notifying import Delivered, Notifier
from models import store, tables
from models.messages import Directory, Register, VisitUpdate, Withdraw, decode
from models.terms import (
    Channel,
    ConfirmStep,
    DeskDecision,
    PersonState,
    Purpose,
    Section,
    VisitState,
)
from tests.desk_office import clerk_of, page_of, served
from tests.e2e.browser import chromium
from tests.integration.conftest import fresh_key
from tests.mail import LINKS, channel, mail_server, silent_server
from tests.parts import PATIENCE, ROOT, free_ports

LI, HO = 3, 4
NOW = datetime.now(UTC).replace(microsecond=0)
"""The links' page reads the clock itself."""
SERVICE = Register(purpose=Purpose.SERVICE, name="王小明", organisation="復印機維修", host=LI)


class Office:
    """A controller's confirmation without its timer: time is said, deliveries are waited for."""

    def __init__(self, core) -> None:
        self.core = core
        self.delivered: queue.SimpleQueue[Delivered] = queue.SimpleQueue()
        self.notifier = Notifier(self.delivered.put)
        self.notifier.start()

    def advance(self, seconds: float = 0) -> None:
        confirmation.advance(self.core, self.notifier, NOW + timedelta(seconds=seconds))

    def hear(self, seconds: float = 0) -> Delivered:
        """What became of the next message, and the steps that follow from it."""
        delivered = self.delivered.get(timeout=PATIENCE)
        confirmation.told(self.core, delivered, NOW + timedelta(seconds=seconds))
        self.advance(seconds)
        return delivered


@pytest.fixture
def office(core):
    opened = Office(core)
    yield opened
    opened.notifier.stop()


@pytest.fixture
def post():
    with mail_server() as postbox:
        yield postbox


def reach(person: int, address: str, deputy: int | None = None) -> None:
    store.change_person(person, deputy_id=deputy, channels=(address,) if address else ())


def steps() -> list[tuple[str, str, str]]:
    [visit] = store.waiting_visits()
    return [(step.step, step.channel, step.reason) for step in visit.steps]


def events() -> list[str]:
    return [event.what for event in tables.Event.select().order_by(tables.Event.id)]


def asked_by_mail(office, ask, post):
    """Li is asked by mail; the visit, and the path of the link that arrived."""
    reach(LI, post.address("li"))
    view = ask(SERVICE).body
    office.advance()
    assert office.hear().reason == ""
    [(_, _, text)] = post.until(1)
    path, _ = path_and_answer(LINKS.findall(text)[0])
    return store.visit_by_key(view.visit), path


def path_and_answer(link: str) -> tuple[str, str]:
    path, _, answer = urlsplit(link).path.rpartition("/")
    return path, answer


@pytest.fixture
def stranger(core):
    """A phone: nobody is signed in on it."""
    return page_of(core)


def test_the_host_gets_a_mail_that_says_who_waits_where_and_why(office, ask, post):
    reach(LI, post.address("li"))
    ask(SERVICE)
    office.advance()
    office.hear()
    [(to, subject, text)] = post.until(1)
    assert to == "li@example.com"
    assert "王小明" in subject
    for said in ("王小明", "復印機維修", "上門服務", "工程部 李志強", "電梯前廳沙發"):
        assert said in text
    links = LINKS.findall(text)
    assert [path_and_answer(link)[1] for link in links] == ["confirm", "decline"]
    assert all(link.startswith(f"{office.core.settings.desk.link_base}/c/") for link in links)
    assert steps() == [(ConfirmStep.HOST, Channel.SENT, "")]


def test_following_the_link_changes_nothing_and_its_button_lets_the_visitor_in(
    office, ask, post, stranger
):
    visit, url = asked_by_mail(office, ask, post)
    for _ in range(3):
        page = stranger.get(url)
        assert page.status_code == 200
        assert "王小明" in page.text
    assert store.visit(visit.id).state is VisitState.WAITING
    done = stranger.post(url + "/confirm")
    assert "謝謝，已確認" in done.text
    after = store.visit(visit.id)
    assert (after.state, after.decided_by) == (VisitState.ADMITTED, "李志強")
    assert store.passes_of_visit(visit.id)
    assert events()[-1] == "confirmed"


@pytest.mark.parametrize(
    ("answer", "words", "other"),
    [("confirm", "確認，請進來", "今天不方便"), ("decline", "今天不方便", "確認，請進來")],
)
def test_each_link_opens_a_page_with_its_own_answer_and_no_other(
    office, ask, post, stranger, answer, words, other
):
    visit, url = asked_by_mail(office, ask, post)
    page = stranger.get(f"{url}/{answer}")
    assert page.status_code == 200
    assert words in page.text
    assert other not in page.text
    assert "<script" not in page.text
    assert store.visit(visit.id).state is VisitState.WAITING


def test_confirming_uses_up_the_declining_link_too(office, ask, post, stranger):
    visit, url = asked_by_mail(office, ask, post)
    stranger.post(url + "/confirm")
    for answer in ("confirm", "decline"):
        assert "謝謝，已確認" in stranger.get(f"{url}/{answer}").text
    assert "謝謝，已確認" in stranger.post(url + "/decline").text
    assert store.visit(visit.id).state is VisitState.ADMITTED


def test_a_preview_that_runs_scripts_in_a_whole_browser_decides_nothing(office, ask, post, core):
    visit, url = asked_by_mail(office, ask, post)
    with served(core) as address, chromium() as browser:
        page = browser.new_page()
        for answer in ("confirm", "decline"):
            page.goto(f"{address}{url}/{answer}", wait_until="networkidle")
    assert store.visit(visit.id).state is VisitState.WAITING


def test_a_link_answers_once(office, ask, post, stranger):
    visit, url = asked_by_mail(office, ask, post)
    stranger.post(url + "/decline")
    again = stranger.post(url + "/confirm")
    assert "謝謝，已婉拒" in again.text
    after = store.visit(visit.id)
    assert (after.state, after.code) == (VisitState.REFUSED, "host_declined")
    assert events()[-1] == "answered_late"


def test_an_answer_after_the_visitor_has_withdrawn_is_polite_logged_and_changes_nothing(
    office, ask, post, stranger
):
    visit, url = asked_by_mail(office, ask, post)
    ask(Withdraw(visit=visit.key))
    late = stranger.post(url + "/confirm")
    assert late.status_code == 200
    assert "訪客已取消" in late.text
    assert store.visit(visit.id).state is VisitState.WITHDRAWN
    assert events()[-1] == "answered_late"


def test_an_answer_after_the_desk_says_who_has_decided(office, ask, post, stranger, core):
    visit, url = asked_by_mail(office, ask, post)
    deciding.decide(core, visit.id, DeskDecision.REFUSE, "王美玲", NOW)
    assert "王美玲" in stranger.post(url + "/confirm").text
    assert store.visit(visit.id).state is VisitState.REFUSED


def test_of_two_answers_at_once_only_one_counts(office, ask, post, core, stranger):
    _, url = asked_by_mail(office, ask, post)
    token = url.removeprefix("/c/")
    ready, codes = threading.Barrier(2), []

    def answer(confirm: bool) -> None:
        ready.wait()
        codes.append(confirmation.respond(core, token, NOW, confirm=confirm).code)
        store.close_database()

    both = [threading.Thread(target=answer, args=(confirm,)) for confirm in (True, False)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert codes == ["answered", "answered"]
    assert events().count("confirmed") + events().count("declined") == 1
    assert events().count("answered_late") == 1


def test_a_link_that_nobody_was_given_says_so_and_guessing_is_stopped(core, stranger):
    answers = [stranger.get(f"/c/guess{n}").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]


def test_guessing_does_not_shut_out_a_real_link(office, ask, post, stranger):
    _, url = asked_by_mail(office, ask, post)
    for n in range(31):
        stranger.get(f"/c/guess{n}")
    assert stranger.get(url).status_code == 200


def test_a_link_is_good_for_half_a_day(office, ask, post, core):
    _, url = asked_by_mail(office, ask, post)
    token = url.removeprefix("/c/")
    late = NOW + timedelta(hours=12)
    assert confirmation.respond(core, token, late, confirm=True).code == "expired"


def test_another_sites_page_cannot_press_the_button(office, ask, post, stranger):
    visit, url = asked_by_mail(office, ask, post)
    foreign = {"origin": "https://evil.example"}
    assert stranger.post(url + "/confirm", headers=foreign).status_code == 403
    assert store.visit(visit.id).state is VisitState.WAITING


def test_an_answer_that_is_neither_is_no_answer(office, ask, post, stranger):
    visit, url = asked_by_mail(office, ask, post)
    for call in (stranger.get, stranger.post):
        assert call(url + "/perhaps").status_code in (404, 422)
    assert store.visit(visit.id).state is VisitState.WAITING


def test_a_host_who_does_not_answer_is_followed_by_the_deputy_and_the_desk(office, ask, post):
    reach(HO, post.address("ho"))
    reach(LI, post.address("li"), deputy=HO)
    ask(SERVICE)
    office.advance()
    office.hear()
    office.advance(59)
    assert len(steps()) == 1
    office.advance(60)
    office.hear(60)
    assert [to for to, _, _ in post.until(2)] == ["li@example.com", "ho@example.com"]
    office.advance(120)
    assert [step for step, _, _ in steps()] == ["host", "deputy", "desk"]
    assert [what for what in events() if what.startswith("asked_")] == [
        "asked_host",
        "asked_deputy",
        "asked_desk",
    ]


def test_a_host_who_answers_while_the_deputy_is_asked_still_decides(office, ask, post, stranger):
    visit, url = asked_by_mail(office, ask, post)
    office.advance(60)
    stranger.post(url + "/confirm")
    assert store.visit(visit.id).decided_by == "李志強"


def test_nobody_to_reach_puts_the_visit_before_the_desk_at_once(office, ask):
    ask(SERVICE)
    office.advance()
    assert steps() == [("host", "none", "no_channel"), ("desk", "none", "")]


def test_a_refused_connection_starts_the_next_step_at_once_and_is_said(office, ask):
    reach(LI, channel("li", free_ports(1)[0]))
    ask(SERVICE)
    office.advance()
    assert office.hear().reason == "not_taken"
    assert steps() == [("host", "failed", "not_taken"), ("desk", "none", "")]
    assert "message_failed" in events()


def test_a_server_that_never_answers_delays_nothing(office, ask):
    with silent_server() as port:
        reach(LI, channel("li", port))
        ask(SERVICE)
        office.advance()
        office.advance(10)
        assert steps() == [("host", "failed", "timeout"), ("desk", "none", "")]


def test_an_address_that_is_none_is_a_failure_in_words(office, ask):
    reach(LI, "nonsense")
    ask(SERVICE)
    office.advance()
    assert office.hear().reason == "bad_channel"
    assert steps()[-1][0] == "desk"


def test_somebody_of_the_department_is_asked_where_no_host_was_named(office, ask, post):
    reach(HO, post.address("ho"))
    ask(Register(purpose=Purpose.SERVICE, name="王小明", department="工程部"))
    office.advance()
    office.hear()
    assert post.until(1)[0][0] == "ho@example.com"
    assert steps() == [("department", "sent", "")]


def test_a_controller_that_is_restarted_between_steps_goes_on_where_it_was(
    office, ask, post, core, settings
):
    reach(HO, post.address("ho"))
    reach(LI, post.address("li"), deputy=HO)
    ask(SERVICE)
    office.advance()
    office.hear()
    store.close_database()
    store.open_database(settings.database)
    again = Office(core)
    again.advance(60)
    again.hear(60)
    assert [step for step, _, _ in steps()] == ["host", "deputy"]
    assert len(post.until(2)) == 2
    again.notifier.stop()


def test_a_message_that_was_lost_with_the_process_is_sent_again(office, ask, post, core):
    reach(LI, post.address("li"))
    ask(SERVICE)
    office.advance()
    post.until(1)
    again = Office(core)
    again.advance(1)
    again.hear(1)
    again.notifier.stop()
    assert steps() == [("host", "sent", "")]


def test_a_visit_that_is_decided_is_asked_about_no_more(office, ask, core):
    key = fresh_key()
    ask(SERVICE, key)
    visit = store.visit_by_key(key)
    deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW)
    office.advance()
    assert store.visit(visit.id).steps == ()


def test_the_kiosk_hears_of_every_step(office, ask):
    ask(SERVICE)
    office.advance()
    sent = (decode(r.message.topic, r.message.payload, "test") for r in store.unsent(99))
    [update] = [message for message in sent if isinstance(message, VisitUpdate)]
    assert [(step.step, step.who, step.state) for step in update.visit.steps] == [
        ("host", "工程部 李志強", "failed"),
        ("desk", "", "asked"),
    ]


def test_the_desk_sees_each_step_and_the_failure_in_words(office, ask, core):
    reach(LI, channel("li", free_ports(1)[0]))
    ask(SERVICE)
    office.advance()
    office.hear()
    clerk = clerk_of(core)
    page = clerk.get("/desk/fragments/waiting").text
    for said in ("受訪人 工程部 李志強", "未能通知", "對方服務未接收", "值班前台"):
        assert said in page
    [waiting] = clerk.get("/api/today").json()["waiting"]
    assert [(s["step"], s["reason"]) for s in waiting["steps"]] == [
        ("host", "not_taken"),
        ("desk", ""),
    ]


def test_a_phones_browser_shows_the_question_and_its_button_answers(office, ask, post, core):
    visit, url = asked_by_mail(office, ask, post)
    with served(core) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(address + url + "/confirm")
        assert page.get_by_role("button").count() == 1
        page.screenshot(path=ROOT / "out" / "ui" / "link-confirm.png")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="謝謝，已確認").wait_for()
        page.reload()
        page.get_by_role("heading", name="謝謝，已確認").wait_for()
    assert store.visit(visit.id).state is VisitState.ADMITTED


def out(core, state="out", back: timedelta | None = timedelta(hours=1), **more) -> None:
    """The board says where Li is."""
    content = {"department": "工程部", "name": "李志強", "state": state, "place": "", **more}
    if back is not None:
        content["back"] = (NOW + back).isoformat()
    publishing.publish(core, Section.WHEREABOUTS, content, "王美玲", NOW)


@pytest.mark.parametrize("state", ["out", "leave", "meeting"])
def test_a_host_who_is_out_is_not_asked_but_the_deputy_at_once(office, ask, post, core, state):
    reach(HO, post.address("ho"))
    reach(LI, post.address("li"), deputy=HO)
    out(core, state)
    ask(SERVICE)
    office.advance()
    office.hear()
    assert [to for to, _, _ in post.until(1)] == ["ho@example.com"]
    assert steps() == [("host", "away", ""), ("deputy", "sent", "")]
    page = clerk_of(core).get("/desk/fragments/waiting").text
    assert "不在，未通知" in page


@pytest.mark.parametrize(
    ("state", "more"),
    [
        ("in", {}),
        ("meeting", {"back": None}),
        ("out", {"back": timedelta(seconds=0)}),
        ("out", {"department": "財務部"}),
    ],
)
def test_a_host_who_is_there_or_only_shares_a_name_is_asked(office, ask, post, core, state, more):
    out(core, state, **more)
    asked_by_mail(office, ask, post)
    assert steps() == [("host", "sent", "")]


def test_the_newest_line_about_somebody_counts(office, ask, post, core):
    out(core)
    out(core, "in", back=None)
    asked_by_mail(office, ask, post)
    assert steps() == [("host", "sent", "")]


def test_the_kiosk_is_told_who_is_out_until_when_and_who_stands_in(ask, core):
    store.change_person(LI, deputy_id=HO, channels=())
    out(core)
    directory = ask(Directory(), now=NOW).body
    hosts = {host.id: host for department in directory.departments for host in department.hosts}
    assert (hosts[LI].away, hosts[LI].back) == (PersonState.OUT, NOW + timedelta(hours=1))
    assert hosts[LI].deputy == "何家榮"
    assert (hosts[HO].away, hosts[HO].deputy) == (None, "")
