"""Other programs are told of what happens: once committed it is sent, until somebody takes it."""

import queue
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from broker_config import certificates
from controller import deciding, presence, publishing, webhooks
from controller.core import Refusal
from controller.courier import Courier
from models import store, tables
from models import webhooks as standard
from models.files import private_folder
from models.messages import Register
from models.store import PassRow
from models.terms import DeskDecision, Happening, Purpose, Section
from tests.desk_office import arrived
from tests.integration.conftest import NOW
from tests.parts import PATIENCE, ROOT, free_ports
from tests.receiver import HANGS, receiver

ALL = frozenset(Happening)


@pytest.fixture
def settings(settings):
    return settings.model_copy(
        update={"webhooks": settings.webhooks.model_copy(update={"local": True})}
    )


@contextmanager
def courier_of(*, local, patience=PATIENCE):
    """A courier that is let go afterwards, and the queue of what it tells."""
    told = queue.SimpleQueue()
    courier = Courier(told.put, patience)
    courier.start(local=local)
    yield courier, told
    courier.stop()


@pytest.fixture
def courier():
    with courier_of(local=True) as opened:
        yield opened


@pytest.fixture
def office(core, courier):
    """The courier, and what the worker does with it: one step at a time."""
    courier, told = courier

    class Office:
        def hook(self, address, events=ALL, *, names=False):
            return webhooks.add(core, address, events, "王美玲", NOW, names=names)

        def send(self, now=None):
            """Hand over what is due."""
            webhooks.advance(courier, now or datetime.now(UTC))

        def hear(self, now=None):
            """What became of one message."""
            posted = told.get(timeout=PATIENCE)
            webhooks.told(core, courier, posted, now or datetime.now(UTC))
            return posted.reason

        def deliver(self, now=None):
            self.send(now)
            return self.hear(now)

    return Office()


def kinds():
    """The events that are still to be told, in their order."""
    rows = tables.WebhookMessage.select().order_by(tables.WebhookMessage.id)
    return [bytes(row.payload).split(b'"', 4)[3].decode() for row in rows]


def verified(told, secret):
    """Checked as the README tells a receiver to."""
    readme = (ROOT / "README.md").read_text("utf-8")
    code = readme.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    return names["genuine"](secret, told.headers, told.body)


# --- what is told ---------------------------------------------------------------------------------


def test_a_visit_is_told_from_its_registration_to_its_end(core, office, ask, scan):
    office.hook("https://oa.example.com/")
    visit = ask(Register(purpose=Purpose.SERVICE, name="王小明")).body
    found = store.visit_by_key(visit.visit)
    deciding.decide(core, found.id, DeskDecision.ADMIT, "王美玲", NOW)
    (issued,) = store.passes_of_visit(found.id)
    scan(issued.original, minutes=1)
    presence.tell_overdue(core, NOW + timedelta(hours=4))
    scan(issued.original, minutes=250)
    assert kinds() == [
        "visit.registered",
        "visit.decided",
        "visit.entered",
        "visit.overdue",
        "visit.left",
    ]


def test_what_the_rules_decide_at_once_is_told_too(core, office, admitted_pass):
    office.hook("https://oa.example.com/")
    row = admitted_pass("趙先生")
    assert isinstance(row, PassRow)
    assert kinds() == ["visit.registered", "visit.decided"]


def test_a_line_is_told_when_it_is_published_changed_and_taken_down_and_no_draft(core, office):
    office.hook("https://oa.example.com/")
    line = publishing.publish(core, Section.REMINDERS, {"text": "停水"}, "王美玲", NOW)
    publishing.edit(core, line.id, {"text": "停電"}, "王美玲", NOW)
    publishing.take_down(core, line.id, "王美玲", NOW)
    draft = publishing.publish(core, Section.REMINDERS, {"text": "x"}, "王美玲", NOW, draft=True)
    publishing.take_down(core, draft.id, "王美玲", NOW)
    assert kinds() == ["notice.published", "notice.edited", "notice.taken_down"]


def test_who_did_not_ask_for_an_event_is_not_told_of_it(core, office):
    office.hook("https://oa.example.com/", {Happening.NOTICE_PUBLISHED})
    arrived(core, "王小明")
    assert kinds() == []


def test_no_name_is_told_unless_the_webhook_asks_for_names(core, office):
    office.hook("https://oa.example.com/")
    office.hook("https://hr.example.com/", names=True)
    arrived(core, "王小明", organisation="恒信物業", host=3)
    content = {"department": "工程部", "name": "李志強", "state": "out"}
    publishing.publish(core, Section.WHEREABOUTS, content, "王美玲", datetime.now(UTC))
    without, with_names = [], []
    for row in tables.WebhookMessage.select():
        (with_names if row.webhook_id == 2 else without).append(bytes(row.payload).decode())
    assert len(without) == len(with_names) > 1
    for name in ("王小明", "恒信物業", "李志強", "王美玲"):
        assert name not in "".join(without)
        assert name in "".join(with_names)


def test_what_is_not_committed_is_not_told(core, office):
    office.hook("https://oa.example.com/")
    text = {"text": "停水"}

    def half_done():
        with store.transaction():
            publishing.publish(core, Section.REMINDERS, text, "王美玲", NOW)
            assert kinds() == ["notice.published"]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    assert kinds() == []


# --- sending it -----------------------------------------------------------------------------------


def test_a_receiver_is_told_once_signed_and_can_check_it(core, office):
    with receiver(200) as there:
        hook, secret = office.hook(there.address)
        visit = arrived(core, "王小明")
        assert office.deliver() == ""
        (told,) = there.until(1)
        assert verified(told, secret)
        assert not verified(told, standard.new_secret())
        assert abs(int(told.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
        assert told.said["type"] == "visit.registered"
        assert told.said["data"]["visit"] == visit.number
        assert kinds() == []
        assert store.webhook(hook.id).sent_at is not None


@pytest.mark.parametrize("answer", [500, 302, 404, 429])
def test_what_is_not_taken_is_sent_again_later_under_the_same_id(core, office, answer):
    with receiver(answer, 204) as there:
        office.hook(there.address)
        arrived(core, "王小明")
        now = datetime.now(UTC)
        assert office.deliver(now) == f"status_{answer}"
        office.send(now + timedelta(seconds=4))
        assert len(there.told) == 1
        assert office.deliver(now + timedelta(seconds=6)) == ""
        first, second = there.until(2)
        assert (first.key, first.body) == (second.key, second.body)
        assert kinds() == []


def test_a_receiver_that_never_answers_holds_up_nobody_else(core, office):
    with receiver(HANGS) as slow, receiver(204) as quick:
        office.hook(slow.address)
        office.hook(quick.address)
        for name in ("王小明", "林先生", "方女士"):
            arrived(core, name)
        office.send()
        slow.until(1)
        for _ in range(3):
            assert office.hear() == ""
            office.send()
        assert len(quick.until(3)) == 3
        # One at a time, so that a slow one is not asked for more.
        assert len(slow.told) == 1


def test_who_drips_an_answer_is_not_waited_for(core, office):
    stop = threading.Event()

    def drip(listener):
        with suppress(OSError), listener.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
            while not stop.wait(0.05):
                connection.sendall(b"y")

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        courier_of(local=True, patience=0.5) as (courier, told),
    ):
        thread = threading.Thread(target=drip, args=[listener])
        thread.start()
        office.hook(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        arrived(core, "王小明")
        webhooks.advance(courier, datetime.now(UTC))
        assert told.get(timeout=PATIENCE).reason == "timeout"
        stop.set()
        # Where half a second was over before there was a connection, nothing else ends its wait.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_the_receivers_certificate_is_checked_against_the_machines_authorities(
    core, office, settings, monkeypatch
):
    home = private_folder(settings.data / "tls")
    certificates.certify(settings, home)
    identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity.load_cert_chain(home / "server.crt", home / "server.key")
    with receiver(tls=identity) as there:
        office.hook(f"https://localhost:{there.port}/")
        arrived(core, "王小明")
        assert office.deliver() == "unreachable"
        monkeypatch.setenv("SSL_CERT_FILE", str(home / "ca.crt"))
        with courier_of(local=True) as (courier, told):
            webhooks.advance(courier, datetime.now(UTC) + timedelta(hours=1))
            assert told.get(timeout=PATIENCE).reason == ""
        assert there.told[0].headers["host"] == f"localhost:{there.port}"


def test_nobody_there_is_unreachable_and_no_address_is_logged(core, office, caplog):
    # As the controller logs.
    caplog.set_level("INFO")
    with receiver() as there:
        office.hook(there.address + "-a-secret-path")
        arrived(core, "王小明")
        assert office.deliver() == ""
    office.hook(f"http://127.0.0.1:{free_ports(1)[0]}/a-secret-path")
    arrived(core, "王小明")
    assert office.deliver() == "unreachable"
    assert "a-secret-path" not in caplog.text


def test_a_full_disk_sends_no_message_again_and_again(core, office, courier):
    with receiver() as there:
        hook, _ = office.hook(there.address)
        arrived(core, "王小明")
        office.send()
        tables.database.execute_sql("PRAGMA query_only = ON")
        with pytest.raises(store.NoRoomError):
            office.hear()
        office.send()
        assert not courier[0].has(hook.id)
        tables.database.execute_sql("PRAGMA query_only = OFF")
        assert office.deliver() == ""
        assert len({told.key for told in there.told}) == 1


def test_after_a_day_it_is_given_up_on_a_list_and_in_the_log_and_can_be_sent_again(
    core, office, caplog
):
    with receiver(500) as there:
        hook, _ = office.hook(there.address, {Happening.VISIT_REGISTERED})
        arrived(core, "王小明")
        now = datetime.now(UTC)
        for pause in (*standard.PAUSES, timedelta()):
            office.deliver(now)
            now += pause
        assert store.due_message(hook.id, now + timedelta(days=9)) is None
        lost = store.undelivered()[hook.id]
        assert (lost.count, lost.reason) == (1, "status_500")
        assert tables.Event.get(tables.Event.what == "webhook_given_up").subject == "webhook-1"
        assert "never took" in caplog.text
        there.answers[:] = [204]
        webhooks.send_again(core, hook.id, "王美玲", now)
        assert office.deliver(now) == ""
        assert store.undelivered() == {}
        assert len({told.key for told in there.told}) == 1


def test_what_was_given_up_can_be_dismissed_and_does_not_outlive_the_visitors_data(core, office):
    for _ in range(2):
        hook, _ = office.hook("https://oa.example.com/")
        webhooks.try_out(core, hook.id, "王美玲", NOW)
        store.put_off(store.due_message(hook.id, NOW).id, 11, None, "timeout")
    webhooks.dismiss(core, 1, "王美玲", NOW)
    assert set(store.undelivered()) == {2}
    store.forget(NOW + timedelta(seconds=1))
    assert store.undelivered() == {}


def test_who_is_gone_is_told_nothing_more_until_somebody_says_so(core, office):
    with receiver(410) as there:
        hook, _ = office.hook(there.address)
        arrived(core, "王小明")
        arrived(core, "林先生")
        assert office.deliver() == "gone"
        arrived(core, "方女士")
        assert kinds() == []
        assert store.webhook(hook.id).stopped == webhooks.GONE
        there.answers[:] = [204]
        webhooks.send_again(core, hook.id, "王美玲", NOW)
        arrived(core, "趙先生")
        assert office.deliver() == ""


def test_both_secrets_sign_for_a_day_after_an_exchange(core, office):
    with receiver() as there:
        hook, first = office.hook(there.address)
        now = datetime.now(UTC)
        _, second = webhooks.rotate(core, hook.id, "王美玲", now)
        for later, expected in ((timedelta(hours=23), True), (timedelta(hours=25), False)):
            webhooks.try_out(core, hook.id, "王美玲", now)
            office.deliver(now + later)
            told = there.told[-1]
            assert verified(told, second)
            assert verified(told, first) is expected


def test_one_that_is_removed_while_it_is_asked_is_asked_no_more(core, office):
    with receiver(HANGS) as there:
        hook, _ = office.hook(there.address)
        arrived(core, "王小明")
        office.send()
        there.until(1)
        webhooks.remove(core, hook.id, "王美玲", NOW)
        there.released.set()
        assert office.hear() != ""
        assert store.webhooks() == []


# --- where nothing is sent ------------------------------------------------------------------------


def test_a_name_that_leads_inside_is_not_connected_to(core, office):
    with receiver() as there, courier_of(local=False) as (courier, told):
        # A name is judged when it is looked up: as the setting was allowed at first, for example.
        office.hook(f"https://localhost:{there.port}/")
        office.hook(there.address)
        arrived(core, "王小明")
        webhooks.advance(courier, datetime.now(UTC))
        reasons = {told.get(timeout=PATIENCE).reason for _ in range(2)}
        assert reasons == {"address_inside", "address_open"}
        assert there.told == []


def test_an_address_inside_is_refused_unless_the_operator_allows_it(core):
    settings = core.settings.model_copy(update={"webhooks": type(core.settings.webhooks)()})
    strict = type(core)(**(vars(core) | {"settings": settings}))
    for address, code in (
        ("http://oa.example.com/", "address_open"),
        ("https://10.0.0.8/", "address_inside"),
        ("https://mei:secret@example.com/", "bad_address"),
    ):
        with pytest.raises(Refusal, match=code):
            webhooks.add(strict, address, ALL, "王美玲", NOW, names=False)
    assert store.webhooks() == []
