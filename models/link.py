"""The MQTT connection: the only place that imports paho.

A Link never blocks its caller and never raises at it because of the network. Everything that
happens is told to one listener, as a small value, on paho's thread; the listener must only hand it
on (to a queue, to the UI's clock) and return. What the broker has not taken when the connection
drops is forgotten here: the owner's database knows what to send again.
"""

import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from models.messages import BadMessage, Encoded, Message, Presence, decode, encode
from models.settings import Settings, SettingsError
from models.terms import Role

log = logging.getLogger(__name__)

_KEEPALIVE = 10
_HIGHEST_WAIT = 2
"""Seconds between tries. paho's own default grows to 120: a dark lobby for two minutes. With this
one, every board shows what is published a few seconds after the broker's return."""


@dataclass(frozen=True)
class Up:
    """The broker accepted us and has our subscriptions."""


@dataclass(frozen=True)
class Down:
    """The connection is gone, or was refused."""

    reason: str


@dataclass(frozen=True)
class Received:
    """A message of ours arrived, `at` seconds on the monotonic clock."""

    message: Message
    at: float


@dataclass(frozen=True)
class Refused:
    """Something arrived that is not a message of ours."""

    topic: str
    problem: BadMessage


@dataclass(frozen=True)
class Acked:
    """The broker answered a publish: `taken` or refused for `reason`."""

    ticket: int
    taken: bool
    reason: str


Event = Up | Down | Received | Refused | Acked


class Link:
    """One device's connection to the broker.

    `subscriptions` are exact topics or `+` patterns, subscribed on every connection. Publishing
    needs a connection: without one `publish` returns None and nothing is queued.
    """

    def __init__(
        self,
        settings: Settings,
        role: Role,
        device: str,
        subscriptions: list[str],
        listener: Callable[[Event], None],
        version: str = "",
    ) -> None:
        self._site = settings.site
        self._broker = settings.broker
        self._subscriptions = subscriptions
        self._listener = listener
        self._birth = Presence(
            role=role,
            id=device,
            state="online",
            session=time.time_ns() // 1_000_000,
            version=version,
        )
        user = f"{role}-{device}"
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=user,
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=True,
        )
        self._client.username_pw_set(user, _password(settings, role, device))
        if settings.broker.ca is not None:
            self._client.tls_set(ca_certs=str(settings.broker.ca))
        self._client.reconnect_delay_set(1, _HIGHEST_WAIT)
        will = encode(self._birth.model_copy(update={"state": "offline"}), self._site)
        self._client.will_set(will.topic, will.payload, will.qos, will.retain)
        self._client.on_socket_open = _send_at_once
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish

    def start(self) -> None:
        """Connect, and stay connected; returns at once."""
        self._client.connect_async(
            self._broker.host, self._broker.port, keepalive=_KEEPALIVE, clean_start=True
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye and end the thread. Harmless when called twice."""
        if self._client.is_connected():
            goodbye = encode(self._birth.model_copy(update={"state": "offline"}), self._site)
            info = self._client.publish(goodbye.topic, goodbye.payload, goodbye.qos, goodbye.retain)
            try:
                info.wait_for_publish(1)
            except (RuntimeError, ValueError):
                log.debug("the broker left before our goodbye")
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def alive(self) -> bool:
        """Is the network thread running? If not, the process should be restarted."""
        thread = self._client._thread  # noqa: SLF001 - paho has no public way to ask
        return thread is not None and thread.is_alive()

    def publish(self, message: Message) -> int | None:
        """Send a message. Returns a ticket that an `Acked` will name, or None without a connection.

        Raises TooLarge for a message the broker would never take.
        """
        return self.publish_encoded(encode(message, self._site))

    def publish_encoded(self, encoded: Encoded) -> int | None:
        """Send what `encode` made, as `publish` does."""
        if not self._client.is_connected():
            return None
        info = self._client.publish(encoded.topic, encoded.payload, encoded.qos, encoded.retain)
        return info.mid if info.rc == mqtt.MQTT_ERR_SUCCESS else None

    # paho's callbacks. An exception in one would end its thread while it still claims to be
    # connected, so nothing may escape from them.

    def _tell(self, event: Event) -> None:
        try:
            self._listener(event)
        except Exception:
            log.exception("the listener failed on %s", type(event).__name__)

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        if reason.is_failure:
            self._tell(Down(f"the broker refused us: {reason}"))
            return
        if self._subscriptions:
            client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in self._subscriptions])
        birth = encode(self._birth, self._site)
        client.publish(birth.topic, birth.payload, birth.qos, birth.retain)
        self._tell(Up())

    def _on_connect_fail(self, _client: mqtt.Client, _data: Any) -> None:
        self._tell(Down("the broker cannot be reached"))

    def _on_disconnect(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _props: Any
    ) -> None:
        # paho would send its queue again by itself, and so would the owner's outbox: twice.
        client.drop_out_messages()
        self._tell(Down(str(reason)))

    def _on_message(self, _client: mqtt.Client, _data: Any, arrived: mqtt.MQTTMessage) -> None:
        at = time.monotonic()
        try:
            event: Event = Received(decode(arrived.topic, bytes(arrived.payload), self._site), at)
        except BadMessage as problem:
            log.warning("ignored what arrived under %.120s: %s", arrived.topic, problem)
            event = Refused(arrived.topic, problem)
        except Exception:
            log.exception("decoding failed under %.120s", arrived.topic)
            return
        self._tell(event)

    def _on_publish(
        self, _client: mqtt.Client, _data: Any, mid: int, reason: ReasonCode, _props: Properties
    ) -> None:
        if reason.is_failure:
            log.error("the broker refused a publish: %s", reason)
        self._tell(Acked(mid, not reason.is_failure, str(reason)))


def _send_at_once(_client: mqtt.Client, _data: Any, opened: Any) -> None:
    """Without this an answer waits 40 ms: the acknowledgement of the request goes out first, and
    Nagle's algorithm holds the second small packet until the broker's kernel, which delays its own
    acknowledgements, has confirmed the first."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _password(settings: Settings, role: Role, device: str) -> str:
    file = settings.credential(role, device)
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"The broker credential {file} of {role} {device} cannot be read: run make setup."
        ) from None
