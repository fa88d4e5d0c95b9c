"""What each role may and may not do, against the running broker.

The table below is the wire's design written out once more by hand, so that a slip in the generated
list cannot excuse itself. Topics are tails below `lobby/v1/test/`.
"""

import queue
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from broker_config import generate
from controller import lobby
from controller.preflight import Part
from models.messages import Presence, Request, Resync, topic_shapes
from models.settings import Settings
from models.terms import Role
from tests.parts import PATIENCE, fresh_settings, signed_in

SITE = "lobby/v1/test/"
END = "presence/controller/main"
"""Every role may hear the controller's presence, so it marks the end of what there is to hear."""


class May(NamedTuple):
    write: set[str]
    read: set[str]


BOARD_TOPICS = {"board/main/vehicles", "board/main/reminders"} | {
    "board/main/manifest",
    "board/main/calls",
    "board/main/expected",
}
OTHER_BOARD_TOPICS = {"board/staff/vehicles", "board/staff/manifest"} | {
    "board/staff/calls",
    "board/staff/expected",
}
CALLS = {"board/main/calls", "board/staff/calls"}
EXPECTED = {"board/main/expected", "board/staff/expected"}
REQUESTS = {"req/k1", "req/k2", "req/g1"}
ANSWERS = {"rsp/k1", "rsp/k2", "rsp/g1"}
UPDATES = {"visit/k1", "visit/k2"}
RECEIPTS = {"shown/b1", "shown/b2"}
RESYNCS = {"resync/b1", "resync/b2"}
REPORTS = {"health/b1", "health/b2", "picture/b1", "picture/b2"}
ORDERS = {"config/b1", "config/b2", "ask/b1", "ask/b2"}
PRESENCES = {
    "presence/controller/main",
    "presence/kiosk/k1",
    "presence/kiosk/k2",
    "presence/board/b1",
    "presence/board/b2",
    "presence/gate/g1",
    "presence/desk/d1",
}
PASSES = {"passes/revoked", "passes/keys", "passes/known"}
ODD = {"canary/x", "board/main", "board/main/vehicles/x", "passes", "req", "anything"}
EVERY_TOPIC = (
    BOARD_TOPICS | OTHER_BOARD_TOPICS | REQUESTS | ANSWERS | UPDATES | RECEIPTS | RESYNCS
) | (REPORTS | ORDERS | PRESENCES | ODD | {"canary", "home", *PASSES})

ALLOWED = {
    "controller-main": May(
        write=BOARD_TOPICS
        | OTHER_BOARD_TOPICS
        | ANSWERS
        | UPDATES
        | ORDERS
        | {"canary", "home", *PASSES, "presence/controller/main"},
        read=REQUESTS | RECEIPTS | PRESENCES | RESYNCS | REPORTS,
    ),
    "kiosk-k1": May(
        write={"req/k1", "presence/kiosk/k1"},
        read={"rsp/k1", "visit/k1", "presence/controller/main"} | CALLS | EXPECTED,
    ),
    "kiosk-k2": May(
        write={"req/k2", "presence/kiosk/k2"},
        read={"rsp/k2", "visit/k2", "presence/controller/main"} | CALLS | EXPECTED,
    ),
    "board-b1": May(
        write={
            "shown/b1",
            "resync/b1",
            "health/b1",
            "picture/b1",
            "presence/board/b1",
        },
        read=BOARD_TOPICS | {"canary", "config/b1", "ask/b1", "presence/controller/main"},
    ),
    "board-b2": May(
        write={
            "shown/b2",
            "resync/b2",
            "health/b2",
            "picture/b2",
            "presence/board/b2",
        },
        read=OTHER_BOARD_TOPICS | {"canary", "config/b2", "ask/b2", "presence/controller/main"},
    ),
    "gate-g1": May(
        write={"req/g1", "presence/gate/g1"},
        read={"rsp/g1", "canary", *PASSES, "presence/controller/main"},
    ),
    "home-h1": May(write=set(), read={"home", "presence/controller/main"}),
    "desk-d1": May(
        write={"presence/desk/d1"},
        read=BOARD_TOPICS | OTHER_BOARD_TOPICS | PRESENCES | {"canary"},
    ),
}
DEVICES = sorted(ALLOWED)


class Device:
    """A signed-in client below our own Link, which could not even utter most of this."""

    def __init__(self, settings: Settings, user: str) -> None:
        self._arrived: queue.SimpleQueue[mqtt.MQTTMessage] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, user, protocol=mqtt.MQTTv5)
        role, _, name = user.partition("-")
        password = settings.credential(Role(role), name).read_text().strip()
        self._client.username_pw_set(user, password)
        self._client.on_subscribe = lambda *_: self._answers.put("subscribed")
        self._client.on_publish = lambda _c, _d, _mid, reason, _p: self._answers.put(reason)
        self._client.on_message = lambda _c, _d, arrived: self._arrived.put(arrived)
        self._client.connect("127.0.0.1", settings.broker.port)
        self._client.loop_start()

    def may_publish(self, tail: str, *, retain: bool = False) -> bool:
        self._client.publish(SITE + tail, b"{}", qos=1, retain=retain)
        return not self._answers.get(timeout=PATIENCE).is_failure

    def subscribe(self, *topics: str) -> None:
        self._client.subscribe([(topic, 1) for topic in topics])
        assert self._answers.get(timeout=PATIENCE) == "subscribed"

    def heard_until_end(self) -> set[str]:
        heard = set()
        while True:
            arrived = self._arrived.get(timeout=PATIENCE)
            tail = arrived.topic.removeprefix(SITE)
            heard.add(tail)
            if tail == END and not arrived.retain:
                return heard

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def signed_in_as(settings: Settings, *users: str) -> Iterator[dict[str, Device]]:
    with ExitStack() as leaving:
        found = {user: Device(settings, user) for user in users}
        for device in found.values():
            leaving.callback(device.close)
        yield found


@pytest.fixture(scope="module")
def site() -> Iterator[Settings]:
    """A running broker with two kiosks and with boards of two groups."""
    with fresh_settings() as settings:
        generate.provision(settings)
        generate.add_device(settings, Role.KIOSK, "k2")
        generate.add_device(settings, Role.BOARD, "b2", group="staff")
        generate.add_device(settings, Role.HOME, "h1")
        with lobby.opened(settings, [Part.BROKER]):
            yield settings


def test_the_table_covers_every_topic_of_the_wire():
    kinds = {shape.removeprefix("lobby/v1/<site>/").split("/")[0] for shape in topic_shapes()}
    assert kinds == {tail.split("/")[0] for tail in EVERY_TOPIC - ODD}


@pytest.mark.parametrize("user", DEVICES)
def test_a_device_may_publish_its_own_topics_and_no_others(site, user):
    with signed_in_as(site, user) as devices:
        taken = {tail for tail in EVERY_TOPIC if devices[user].may_publish(tail)}
    assert taken == ALLOWED[user].write


@pytest.mark.parametrize("pattern", ["#", SITE + "#", "+/+/+/+/+/+", "exact"])
@pytest.mark.parametrize("user", DEVICES)
def test_a_device_hears_its_own_topics_and_no_others(site, user, pattern):
    topics = [SITE + tail for tail in EVERY_TOPIC] if pattern == "exact" else [pattern]
    with signed_in_as(site, *DEVICES) as devices:
        devices[user].subscribe(*topics, SITE + END)
        for writer, allowed in ALLOWED.items():
            for tail in allowed.write - {END}:
                assert devices[writer].may_publish(tail)
        assert devices["controller-main"].may_publish(END)
        heard = devices[user].heard_until_end()
    if pattern == "+/+/+/+/+/+":
        assert heard <= ALLOWED[user].read
    else:
        assert heard == ALLOWED[user].read


@pytest.mark.parametrize("user", DEVICES)
def test_what_was_retained_before_is_withheld_as_well(site, user):
    with signed_in_as(site, *{user, "controller-main"}) as devices:
        controller = devices["controller-main"]
        for tail in ALLOWED["controller-main"].write:
            assert controller.may_publish(tail, retain=True)
        devices[user].subscribe("#")
        # Retained messages come first, so one more that is not retained marks their end.
        assert controller.may_publish(END)
        heard = devices[user].heard_until_end()
    retained = ALLOWED[user].read & ALLOWED["controller-main"].write | {END}
    # The devices of another test may have left their presences.
    assert retained <= heard <= ALLOWED[user].read


def test_a_refused_publish_is_told_to_our_own_link(site):
    foreign = Request(device="k2", key="0" * 32, body={"kind": "directory"})
    with signed_in(site, Role.KIOSK, "k1") as kiosk:
        refused = kiosk.publish(foreign)
        taken = kiosk.publish(foreign.model_copy(update={"device": "k1"}))
    assert not refused.taken
    assert refused.reason == "Not authorized"
    assert taken.taken


def test_a_board_cannot_ask_for_another_boards_content_to_be_sent_again(site):
    with signed_in(site, Role.BOARD, "b1") as board:
        assert not board.publish(Resync(board="b2")).taken
        assert board.publish(Resync(board="b1")).taken


def test_a_kiosk_hears_the_controllers_birth_and_not_another_kiosks(site):
    presence = [f"{SITE}presence/+/+"]
    with (
        signed_in(site, Role.KIOSK, "k1", presence) as kiosk,
        signed_in(site, Role.KIOSK, "k2"),
        signed_in(site, Role.CONTROLLER, "main"),
    ):
        assert kiosk.until_message(Presence).role is Role.CONTROLLER
        assert {message.role for message in kiosk.ear.messages} == {Role.CONTROLLER}
