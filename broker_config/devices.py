"""The devices that may sign in, and their credentials."""

import json
import re
import secrets
from typing import NamedTuple

from broker_config import BrokerError
from models.files import private_folder, replacing
from models.settings import Settings
from models.terms import ID_PATTERN, Role


class Device(NamedTuple):
    """One thing that signs in to the broker. Only a board belongs to a `group`; one that was
    `placed` at the desk stays in that group, whatever this machine's settings say."""

    role: Role
    id: str
    group: str = ""
    placed: bool = False

    @property
    def user(self) -> str:
        return f"{self.role}-{self.id}"


def known_devices(settings: Settings) -> list[Device]:
    """Every device that set-up knows: this lobby's own, and what was added since."""
    found = {device.user: device for device in _added(settings)}
    own = {device.user: device for device in _own(settings)}
    found |= {user: d for user, d in own.items() if not (user in found and found[user].placed)}
    return sorted(found.values())


def keep(settings: Settings, devices: list[Device]) -> list[Device]:
    """Remember `devices`, and give a password to each that has none yet; returns those."""
    private_folder(settings.data)
    rows = [device._asdict() for device in devices]
    with replacing(settings.data / "devices.json") as scratch:
        scratch.write_text(json.dumps(rows, indent=1), "utf-8")
    new = [d for d in devices if not settings.credential(d.role, d.id).exists()]
    for device in new:
        file = settings.credential(device.role, device.id)
        private_folder(file.parent)
        with replacing(file) as scratch:
            scratch.write_text(secrets.token_urlsafe(32) + "\n", "ascii")
    return new


def password(settings: Settings, device: Device) -> str:
    return settings.credential(device.role, device.id).read_text("ascii").strip()


def checked(role: Role, device_id: str, group: str = "") -> Device:
    """A device with ids that are safe in a topic, an ACL line and a file name."""
    if role is Role.BOARD and not group:
        raise BrokerError("A board needs the group whose notices it shows.")
    if group and role is not Role.BOARD:
        raise BrokerError(f"Only a board belongs to a group, not a {role}.")
    for name in filter(None, (device_id, group)):
        if not re.fullmatch(ID_PATTERN, name):
            raise BrokerError(f"{name!r} is no id: use up to 32 of a-z, 0-9 and hyphens.")
    return Device(role, device_id, group)


def is_own(settings: Settings, role: Role, device_id: str) -> bool:
    """Does this device run on this machine, by its settings? Such a one cannot be taken away."""
    return any((d.role, d.id) == (role, device_id) for d in _own(settings))


def _own(settings: Settings) -> list[Device]:
    return [
        Device(Role.CONTROLLER, "main"),
        Device(Role.KIOSK, settings.kiosk.id),
        Device(Role.BOARD, settings.board.id, settings.board.group),
        Device(Role.GATE, settings.gate.id),
        Device(Role.DESK, "d1"),
    ]


def _added(settings: Settings) -> list[Device]:
    file = settings.data / "devices.json"
    try:
        rows = json.loads(file.read_text("utf-8"))
        return [
            checked(Role(row["role"]), row["id"], row["group"])._replace(
                placed=bool(row.get("placed"))
            )
            for row in rows
        ]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise BrokerError(f"The list of devices {file} cannot be read: {error}.") from None
