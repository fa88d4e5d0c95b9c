"""The devices: what the desk set for each, whether it is there, and how it does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.store.prepared import prepared
from models.tables import Device, DevicePicture
from models.terms import Language, Role

_PRESENCE = ("role", "device", "online", "session", "version", "since")


@dataclass(frozen=True)
class DeviceRow:
    """A device. `rev` counts what the desk set; at 0 the device goes by its own settings.

    `frame_ms`, `memory_mb`, `uptime` (seconds) and `pages` are what a board last said of itself, at
    `reported_at`. `code_ends` is set while a code waits that the device can be enrolled with.
    """

    role: Role
    device: str
    online: bool
    session: int
    version: str
    since: datetime
    name: str = ""
    place: str = ""
    group: str = ""
    language: Language | None = None
    rotation: int = 0
    night_from: str = ""
    night_until: str = ""
    night_light: float = 1.0
    rev: int = 0
    code_ends: datetime | None = None
    enrolled_at: datetime | None = None
    revoked_at: datetime | None = None
    frame_ms: float | None = None
    memory_mb: float | None = None
    uptime: float | None = None
    pages: int | None = None
    reported_at: datetime | None = None
    picture_at: datetime | None = None


def devices(*, revoked: bool = False) -> list[DeviceRow]:
    """All devices, without those that were revoked unless these are asked for."""
    query = Device.select().order_by(Device.role, Device.device)
    return [_row(d) for d in (query if revoked else query.where(Device.revoked_at.is_null()))]


def knows_any(role: Role) -> bool:
    """Is there a device of this role that was not revoked?"""
    return bool(_any(role))


@prepared
def _any(role: Role) -> Any:
    return Device.select(Device.id).where(Device.role == role, Device.revoked_at.is_null()).limit(1)


def device(role: Role, device_id: str) -> DeviceRow | None:
    """One device, even if it was revoked."""
    found = _named(role, device_id)
    return _row(found[0]) if found else None


@prepared
def _named(role: Role, device_id: str) -> Any:
    return Device.select().where(Device.role == role, Device.device == device_id)


def keep_device(seen: DeviceRow) -> bool:
    """Note a device's presence. Ignored is the late will of an earlier session, whichever number
    it has, for a device's clock may have been set back; and a device that was revoked. True if it
    is news."""
    known = device(seen.role, seen.device)
    if known:
        same = known.session == seen.session
        late = known.online and not seen.online and not same
        if late or known.revoked_at or (same and known.online == seen.online):
            return False
    Device.insert(**{name: getattr(seen, name) for name in _PRESENCE}).on_conflict(
        conflict_target=[Device.role, Device.device],
        preserve=[Device.online, Device.session, Device.version, Device.since],
    ).execute()
    return True


def set_device(role: Role, device_id: str, now: datetime, **fields: Any) -> DeviceRow:
    """Keep what the desk set for a device, one that has never been heard of included."""
    new = {"role": role, "device": device_id, "online": False, "session": 0, "since": now}
    Device.insert(**new).on_conflict_ignore().execute()
    chosen = (Device.role == role) & (Device.device == device_id)
    if fields:
        Device.update(**fields).where(chosen).execute()
    row = device(role, device_id)
    assert row is not None  # noqa: S101 - it was inserted above
    return row


def device_by_code(code_hash: str, now: datetime) -> DeviceRow | None:
    """The device that a code was given out for, while it may be used."""
    found = Device.get_or_none(Device.code_hash == code_hash, Device.code_ends > now)
    return _row(found) if found else None


def keep_picture(board: str, jpeg: bytes, at: datetime) -> None:
    """Keep what a board shows, in place of its former picture."""
    DevicePicture.insert(device=board, jpeg=jpeg).on_conflict_replace().execute()
    Device.update(picture_at=at).where(Device.role == Role.BOARD, Device.device == board).execute()


def picture(board: str) -> bytes | None:
    """The newest picture of a board, a JPEG."""
    found = DevicePicture.get_or_none(DevicePicture.device == board)
    return bytes(found.jpeg) if found else None


def forget_picture(board: str) -> None:
    DevicePicture.delete().where(DevicePicture.device == board).execute()


def _row(d: Device) -> DeviceRow:
    values = {name: getattr(d, name) for name in DeviceRow.__dataclass_fields__}
    values |= {"role": Role(d.role), "language": Language(d.language) if d.language else None}
    return DeviceRow(**values)
