"""What the broker should have, and which devices it has heard of."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from models.messages import Encoded
from models.tables import (
    Device,
    Outbox,
)
from models.terms import (
    Role,
)


@dataclass(frozen=True)
class OutboxRow:
    id: int
    message: Encoded


@dataclass(frozen=True)
class DeviceRow:
    role: Role
    device: str
    online: bool
    session: int
    version: str
    since: datetime


def queue(messages: Iterable[Encoded]) -> None:
    """Put messages into the outbox; a retained one replaces what stood under its topic."""
    for message in messages:
        if message.retain:
            Outbox.delete().where(Outbox.topic == message.topic).execute()
        Outbox.create(**message._asdict())


def unsent(limit: int) -> list[OutboxRow]:
    """The oldest messages that the broker has not taken."""
    query = (
        Outbox.select()
        .where(Outbox.sent == False)  # noqa: E712 - an SQL expression
        .order_by(Outbox.id)
        .limit(limit)
    )
    return [OutboxRow(o.id, Encoded(o.topic, bytes(o.payload), o.retain, o.qos)) for o in query]


def sent(outbox_ids: list[int]) -> None:
    """The broker has these: retained ones stay for the next connection, the others go."""
    chosen = Outbox.id.in_(outbox_ids)
    Outbox.delete().where(chosen, Outbox.retain == False).execute()  # noqa: E712
    Outbox.update(sent=True).where(chosen).execute()


def unsend_retained() -> None:
    """The broker may have lost what it retained: send all of it again."""
    Outbox.update(sent=False).where(Outbox.retain == True).execute()  # noqa: E712


def devices() -> list[DeviceRow]:
    return [
        DeviceRow(Role(d.role), d.device, d.online, d.session, d.version, d.since)
        for d in Device.select().order_by(Device.role, Device.device)
    ]


def keep_device(device: DeviceRow) -> bool:
    """Note a device's presence; one of a session older than the known is ignored. True if it is
    news."""
    known = Device.get_or_none(Device.role == device.role, Device.device == device.device)
    if known and known.session > device.session:
        return False
    if known and (known.session, known.online) == (device.session, device.online):
        return False
    Device.insert(**asdict(device)).on_conflict(
        conflict_target=[Device.role, Device.device],
        preserve=[Device.online, Device.session, Device.version, Device.since],
    ).execute()
    return True
