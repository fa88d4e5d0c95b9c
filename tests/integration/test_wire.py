"""The controller's worker on a real broker: everything committed arrives, whatever dies between."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from controller import publishing
from controller.core import Core
from controller.preflight import Part
from controller.worker import Worker
from models import store
from models.link import Acked, Event, Link, Received
from models.messages import (
    Answer,
    Canary,
    Encoded,
    Manifest,
    Presence,
    Register,
    Request,
    Resync,
    Shown,
    Snapshot,
    VisitUpdate,
    topic_of,
)
from models.terms import Purpose, Role, Section
from tests.integration.conftest import fresh_key
from tests.mail import mail_server
from tests.parts import PATIENCE, signed_in

TRIP = {
    "plate": "粵B·12345",
    "departs": "2026-11-23T09:30:00+08:00",
    "to": "市政府",
    "state": "out",
}


@contextmanager
def working(core: Core, *, with_broker: bool = True) -> Iterator[Core]:
    """A controller without its page: the core, the worker and the link."""
    worker = Worker()
    core = replace(core, wake=worker.wake)
    kinds = (Request, Shown, Resync, Presence)
    topics = [topic_of(kind, "test") for kind in kinds]
    listening = threading.Event()

    def tell(event: Event) -> None:
        # The birth follows the subscriptions, and the broker answers in order.
        if isinstance(event, Acked):
            listening.set()
        worker.tell(event)

    link = Link(core.settings, Role.CONTROLLER, "main", topics, tell)
    worker.start(core, link)
    link.start()
    try:
        if with_broker:
            assert listening.wait(PATIENCE)
        yield core
        assert worker.alive
    finally:
        link.stop()
        worker.stop()


def publish(core: Core, to: str = "市政府") -> None:
    publishing.publish(core, Section.VEHICLES, TRIP | {"to": to}, "王美玲", datetime.now(UTC))


def kiosk(settings):
    return signed_in(settings, Role.KIOSK, "k1", [topic_of(Answer, "test", device="k1")])


def board(settings):
    section = topic_of(Snapshot, "test", group="main", section=Section.VEHICLES)
    topics = [section, topic_of(Manifest, "test", group="main"), topic_of(Canary, "test")]
    return signed_in(settings, Role.BOARD, "b1", topics)


def destinations(device, at_least: int) -> list[str]:
    """Where the cars go, once so many are on the section that arrived."""
    event = device.ear.until(
        lambda e: (
            isinstance(e, Received)
            and isinstance(e.message, Snapshot)
            and len(e.message.items) >= at_least
        ),
    )
    return [row.to for row in event.message.items]


def test_a_request_is_answered(broker, core, settings):
    with working(core), kiosk(settings) as k1:
        key = fresh_key()
        k1.publish(Request(device="k1", key=key, body=Register(purpose=Purpose.SERVICE, name="王")))
        assert k1.until_message(Answer).key == key


def test_what_was_published_is_there_for_a_board_that_joins_later(broker, core, settings):
    with working(core) as working_core:
        publish(working_core)
        with board(settings) as b1:
            assert destinations(b1, 1) == ["市政府"]


def test_a_broker_that_lost_everything_is_given_everything_again(broker, core, settings):
    with working(core) as working_core:
        publish(working_core)
        with board(settings) as b1:
            destinations(b1, 1)
        broker.kill(Part.BROKER)
        for saved in settings.data.glob("broker/*.db"):
            saved.unlink()
        publish(working_core, "機場")
        broker.start(Part.BROKER)
        broker.wait_until_ready(Part.BROKER)
        with board(settings) as b1:
            assert destinations(b1, 2) == ["市政府", "機場"]


def test_what_was_committed_but_not_sent_is_sent_by_the_next_controller(broker, core, settings):
    publish(core)  # no worker: as if killed between commit and publish
    with working(core), board(settings) as b1:
        assert destinations(b1, 1) == ["市政府"]


def test_a_controller_that_starts_without_a_broker_publishes_once_it_comes(core, settings, broker):
    broker.kill(Part.BROKER)
    with working(core, with_broker=False) as working_core:
        publish(working_core)
        broker.start(Part.BROKER)
        broker.wait_until_ready(Part.BROKER)
        with board(settings) as b1:
            assert destinations(b1, 1) == ["市政府"]
        wait_until(lambda: store.unsent(99) == [])


def test_the_canary_sings(broker, core, settings):
    with working(core), board(settings) as b1:
        assert b1.until_message(Canary).epoch == store.epoch()


def test_a_resync_brings_everything_again(broker, core, settings):
    with working(core) as working_core, board(settings) as b1:
        publish(working_core)
        assert destinations(b1, 1) == ["市政府"]
        b1.publish(Resync(board="b1"))
        assert destinations(b1, 1) == ["市政府"]


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


JUNK = [b"", b"\xff", b"[]", b"{}", b'{"v":2}', b"[" * 50_000, b'{"v":1,"key":7}', b"x" * 100_000]


@pytest.mark.parametrize("topic", ["req/k1", "presence/kiosk/k1"])
def test_a_kiosk_that_sends_junk_is_not_heard_and_others_are(broker, core, settings, topic):
    with working(core), kiosk(settings) as k1:
        for payload in JUNK:
            k1.publish(Encoded(f"lobby/v1/test/{topic}", payload, retain=False, qos=1))
        key = fresh_key()
        k1.publish(Request(device="k1", key=key, body=Register(purpose=Purpose.SERVICE, name="王")))
        assert k1.until_message(Answer).key == key
        assert len(store.waiting_visits()) == 1


@pytest.mark.parametrize("topic", ["shown/b1", "resync/b1", "presence/board/b1"])
def test_a_board_that_sends_junk_changes_nothing(broker, core, settings, topic):
    with working(core) as working_core, board(settings) as b1:
        for payload in JUNK:
            b1.publish(Encoded(f"lobby/v1/test/{topic}", payload, retain=False, qos=1))
        publish(working_core)
        assert destinations(b1, 1) == ["市政府"]
        assert store.receipts() == []


def test_a_request_that_cannot_be_read_is_answered_as_malformed(broker, core, settings):
    with working(core), kiosk(settings) as k1:
        key = fresh_key()
        payload = b'{"v":1,"key":"%s","body":{"kind":"register","party":-1}}' % key.encode()
        k1.publish(Encoded("lobby/v1/test/req/k1", payload, retain=False, qos=1))
        answer = k1.until_message(Answer)
        assert (answer.key, answer.ok, answer.code) == (key, False, "malformed")


def test_many_changes_while_the_broker_is_away_arrive_as_the_last(broker, core, settings):
    with working(core) as working_core:
        broker.kill(Part.BROKER)
        for number in range(50):
            publish(working_core, f"第 {number} 站")
        broker.start(Part.BROKER)
        broker.wait_until_ready(Part.BROKER)
        with board(settings) as b1:
            assert len(destinations(b1, 50)) == 50


def test_a_host_is_asked_as_soon_as_the_visitor_has_registered_and_the_kiosk_hears_it(
    broker, core, settings
):
    topics = [topic_of(kind, "test", device="k1") for kind in (Answer, VisitUpdate)]
    with mail_server() as post, working(core):
        store.change_person(3, deputy_id=None, channels=(post.address("li"),))
        with signed_in(settings, Role.KIOSK, "k1", topics) as device:
            body = Register(purpose=Purpose.SERVICE, name="王小明", host=3)
            device.publish(Request(device="k1", key=fresh_key(), body=body))
            first = device.until_message(VisitUpdate)
            second = device.until_message(VisitUpdate)
        assert post.until(1)[0][0] == "li@example.com"
    assert first.visit.seq < second.visit.seq
