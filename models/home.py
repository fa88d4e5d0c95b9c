"""How Home Assistant finds the lobby by itself: MQTT discovery of one device and its sensors. Pure.

One retained message names the device, where it came from, and its components, as Home Assistant
has it since 2024.11 (home-assistant.io/integrations/mqtt, device discovery). All components read
one state of ours, and are unavailable while the controller is: its own will says so.
"""

from typing import Any

from pydantic_core import to_json

from models.messages import Encoded, HomeState, Presence, topic_of
from models.terms import Language, Role
from models.words import say

COUNTS = ("inside", "vehicles", "whereabouts", "visits", "reminders")
"""Components that count."""


def topic(site: str, prefix: str = "+") -> str:
    """Where Home Assistant looks for this lobby; without its `prefix` for whichever it has."""
    return f"{prefix}/device/{_device(site)}/config"


def discovery(
    prefix: str, site: str, controller: str, name: str, version: str, page: str, language: Language
) -> Encoded:
    """The message by which Home Assistant finds the lobby. `name`: of the office; `page`: where the
    desk's page is."""
    said: dict[str, Any] = {
        "device": {
            "identifiers": [_device(site)],
            "name": name,
            "model": "Lobby",
            "sw_version": version,
            "configuration_url": page,
        },
        "origin": {"name": "lobby", "sw_version": version},
        "state_topic": topic_of(HomeState, site),
        "qos": 1,
        "availability": [
            {
                "topic": topic_of(Presence, site, role=Role.CONTROLLER, id=controller),
                "value_template": "{{ value_json.state }}",
            }
        ],
        "components": {
            part: {
                **facts,
                "unique_id": f"{_device(site)}-{part}",
                "name": say(language, f"desk.home_{part}"),
            }
            for part, facts in _components().items()
        },
    }
    return Encoded(topic(site, prefix), to_json(said), retain=True, qos=1)


def gone(topic: str) -> Encoded:
    """What makes Home Assistant, and the broker, forget what stands under a topic."""
    return Encoded(topic, b"", retain=True, qos=1)


def _components() -> dict[str, dict[str, str]]:
    def value(part: str) -> str:
        return f"{{{{ value_json.{part} }}}}"

    counts = {
        part: {"platform": "sensor", "state_class": "measurement", "value_template": value(part)}
        for part in COUNTS
    }
    return counts | {
        "next_return": {
            "platform": "sensor",
            "device_class": "timestamp",
            "value_template": value("next_return"),
        },
        "notice": {"platform": "sensor", "value_template": value("notice")},
        "board": {
            "platform": "binary_sensor",
            "device_class": "connectivity",
            "value_template": "{{ 'ON' if value_json.board else 'OFF' }}",
        },
    }


def _device(site: str) -> str:
    return f"lobby-{site}"
