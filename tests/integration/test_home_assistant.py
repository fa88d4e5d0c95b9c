"""Home Assistant finds the lobby on a real broker, by the facts of its own documentation.

Device discovery: <prefix>/device/<object id>/config, with `device`, `origin` and `components`; each
component with a `platform` and a `unique_id`; an empty retained message removes it.
"""

import json
import queue
import re
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from broker_config import generate
from controller import deciding, home, lobby, publishing, scanning
from controller.preflight import Part
from models import store
from models.messages import HomeState
from models.terms import DeskDecision, Role, Section
from tests.accounts import prepared
from tests.desk_office import arrived
from tests.integration.conftest import fresh_key
from tests.parts import PATIENCE, fresh_settings

PARTS = [Part.BROKER, Part.CONTROLLER]
FOUND = "homeassistant/device/lobby-test/config"
STATE = "lobby/v1/test/home"
PRESENCE = "lobby/v1/test/presence/controller/main"
MATCHER = (
    r"(?P<component>\w+)/(?:(?P<node_id>[a-zA-Z0-9_-]+)/)?(?P<object_id>[a-zA-Z0-9_-]+)/config"
)
"""How Home Assistant reads a topic below its prefix."""
PLATFORMS = {"sensor", "binary_sensor"}
SHARED = {"device", "origin", "components", "availability", "state_topic", "qos"}
OF_A_COMPONENT = {
    "platform",
    "unique_id",
    "name",
    "value_template",
    "device_class",
    "state_class",
}


@contextmanager
def home_assistant(settings):
    """Its client: everything that it is told, and a way to write."""
    told = queue.SimpleQueue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "home-h1", protocol=mqtt.MQTTv5)
    client.username_pw_set("home-h1", settings.credential(Role.HOME, "h1").read_text().strip())

    def subscribe(client, *_):
        # One after the other, so that what is retained elsewhere comes before the presence.
        for topic in ("homeassistant/#", STATE, PRESENCE):
            client.subscribe(topic, 1)

    client.on_connect = subscribe
    client.on_message = lambda _c, _d, arrived: told.put((arrived.topic, arrived.payload))
    client.connect("127.0.0.1", settings.broker.port)
    client.loop_start()
    try:
        yield told
    finally:
        client.disconnect()
        client.loop_stop()


def until(told, fits):
    """All that was told, up to the first that fits: topic and text."""
    heard = []
    while not heard or not fits(*heard[-1]):
        topic, payload = told.get(timeout=PATIENCE)
        heard.append((topic, payload.decode()))
    return heard


def test_it_is_found_follows_the_controllers_life_and_is_gone_once_it_is_switched_off():
    with fresh_settings(home_assistant={"prefix": "homeassistant"}) as settings:
        prepared(settings)
        generate.add_device(settings, Role.HOME, "h1")
        with lobby.opened(settings, PARTS) as running, home_assistant(settings) as told:
            heard, missing = {}, {FOUND, STATE, PRESENCE}
            while missing:
                topic, payload = until(told, lambda *_: True)[-1]
                heard[topic] = payload
                missing.discard(topic)
            assert set(heard) == {FOUND, STATE, PRESENCE}
            check(json.loads(heard[FOUND]), json.loads(heard[STATE]), settings)
            running.kill(Part.CONTROLLER)
            until(told, lambda topic, said: topic == PRESENCE and '"offline"' in said)
        off = settings.model_copy(update={"home_assistant": type(settings.home_assistant)()})
        with lobby.opened(off, PARTS):
            deadline = time.monotonic() + PATIENCE
            while heard_at_once(off) != {PRESENCE}:
                assert time.monotonic() < deadline, "it was never removed"


def heard_at_once(settings):
    """The topics under which somebody who comes now hears something."""
    with home_assistant(settings) as told:
        return {topic for topic, _ in until(told, lambda topic, _: topic == PRESENCE)}


def check(said, state, settings):
    """Would Home Assistant take it?"""
    match = re.fullmatch(MATCHER, FOUND.removeprefix("homeassistant/"))
    assert match["component"] == "device"
    assert set(said) == SHARED
    assert said["device"]["identifiers"] == ["lobby-test"]
    assert said["device"]["name"] == settings.name
    assert said["origin"]["name"]
    assert said["state_topic"] == STATE
    (availability,) = said["availability"]
    assert availability == {"topic": PRESENCE, "value_template": "{{ value_json.state }}"}
    ids = [part["unique_id"] for part in said["components"].values()]
    assert len(set(ids)) == len(ids) == 8
    for name, part in said["components"].items():
        assert part["platform"] in PLATFORMS
        assert set(part) <= OF_A_COMPONENT
        assert {"platform", "unique_id", "name", "value_template"} <= set(part)
        (field,) = re.findall(r"value_json\.(\w+)", part["value_template"])
        assert field == name
        assert field in state


def test_it_is_told_counts_and_no_name_but_what_a_reminder_says(core):
    core = type(core)(**(vars(core) | {"settings": told_home(core.settings)}))
    now = datetime.now(UTC)
    content = {"department": "工程部", "name": "李志強", "state": "out", "place": "B 座"}
    back = now + timedelta(hours=1)
    publishing.publish(core, Section.WHEREABOUTS, content | {"back": back}, "王美玲", now)
    trip = {"plate": "粵B·12345", "driver": "劉師傅", "departs": now, "to": "機場"}
    publishing.publish(core, Section.VEHICLES, trip | {"state": "out"}, "王美玲", now)
    publishing.publish(core, Section.REMINDERS, {"text": "今日停水"}, "王美玲", now)
    visit = arrived(core, "王小明")
    (row,) = admitted(core, visit, now)
    scanning.scan(core, fresh_key(), row.original, None, "desk", now)
    home.refresh(core, now)
    payload = store.retained(STATE)
    state = HomeState.model_validate_json(payload)
    assert (state.inside, state.vehicles, state.whereabouts) == (1, 1, 1)
    assert (state.reminders, state.notice) == (1, "今日停水")
    assert abs(state.next_return - back) < timedelta(seconds=1)
    assert state.board is False
    # The plate's digits by themselves, for a moment's fraction may have them in its middle.
    for name in ("李志強", "劉師傅", "王小明", "王美玲", "粵B", r"\b12345\b"):
        assert not re.search(name, payload.decode(), re.ASCII)


def admitted(core, visit, now):
    deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", now)
    return store.passes_of_visit(visit.id)


def told_home(settings, prefix="homeassistant"):
    wish = type(settings.home_assistant)(prefix=prefix)
    return settings.model_copy(update={"home_assistant": wish})


def test_an_office_that_did_not_ask_for_it_says_nothing(core):
    home.begin(core, "main")
    home.refresh(core, datetime.now(UTC))
    assert store.retained(FOUND) is None
    assert store.retained(STATE) is None


def test_another_prefix_takes_the_lobby_away_from_the_one_before(core):
    first = type(core)(**(vars(core) | {"settings": told_home(core.settings)}))
    home.begin(first, "main")
    other = type(core)(**(vars(core) | {"settings": told_home(core.settings, "ha")}))
    home.begin(other, "main")
    assert store.retained(FOUND) == b""
    assert store.retained("ha/device/lobby-test/config")
