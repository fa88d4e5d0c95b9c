"""The devices of the lobby: enrolled with a code, placed, looked at and revoked from the desk.

A code is good for one device, once, for half an hour; only its hash is kept. The broker's files
change with the enrolment, and whoever runs the broker starts it again (see `broker_config`), so a
revoked device loses its connection within a second.
"""

import hashlib
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from broker_config import BrokerError, certificates, generate
from broker_config import devices as registry
from controller import sections
from controller.core import Core, Refusal
from controller.limits import RateLimit
from models import store
from models.messages import Ask, Config, Health, Picture, encode
from models.settings import Settings
from models.store import DeviceRow
from models.terms import Language, Role

CODE_LIFE = timedelta(minutes=30)
ENROLLED = (Role.BOARD, Role.KIOSK, Role.GATE)
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Nothing that looks or sounds like something else."""
_LETTERS = {Role.BOARD: "b", Role.KIOSK: "k", Role.GATE: "g"}
_MOST = 300
"""Devices; one broker and one desk carry no more with the figures that were measured."""

_files = threading.Lock()
_pictures = RateLimit(1, 3)


@dataclass(frozen=True)
class Wish:
    """What the desk says of a device."""

    name: str
    place: str
    group: str
    language: Language
    rotation: int = 0
    night_from: str = ""
    night_until: str = ""
    night_light: float = 1.0

    def fields(self, role: Role) -> dict[str, Any]:
        every = dict(vars(self))
        return every if role is Role.BOARD else every | {"group": ""}


@dataclass(frozen=True)
class Invitation:
    """A device that waits to be enrolled, and the code, which is never shown again."""

    device: DeviceRow
    code: str


@dataclass(frozen=True)
class Credentials:
    """Everything that a device needs to start: its password for the broker, the authority to trust
    on another machine (PEM, else empty), and what its settings file must say."""

    role: Role
    device: str
    password: str
    ca: str
    settings: dict[str, Any]


def invite(core: Core, role: Role, wish: Wish, by: str, now: datetime) -> Invitation:
    """Make room for a new device. Raises Refusal: too_many_devices, unknown_group."""
    _check(core, role, wish)
    with store.transaction():
        known = store.devices(revoked=True)
        if len(known) >= _MOST:
            raise Refusal("too_many_devices")
        device_id = _free_id(core, role, {row.device for row in known if row.role is role})
        store.set_device(role, device_id, now, **wish.fields(role), rev=1)
        invitation = _new_code(role, device_id, by, now)
    core.committed("devices")
    return invitation


def invite_again(core: Core, role: Role, device_id: str, by: str, now: datetime) -> Invitation:
    """A new code for a known device, whose machine was exchanged. Its old credential works until
    the code is used. Raises Refusal: not_found."""
    with store.transaction():
        _known(role, device_id)
        invitation = _new_code(role, device_id, by, now)
    core.committed("devices")
    return invitation


def enrol(core: Core, role: Role, code: str, address: str, host: str, now: datetime) -> Credentials:
    """Hand out the credentials that a code stands for, exactly once.

    `address` is who asks, `host` the name by which they reached this machine. Raises Refusal:
    too_many_codes, unknown_code, no_tls (the device is elsewhere and the broker has no door for
    it), unnamed_host (nor a certificate for `host`); after either of these the code stays good.
    """
    tick = time.monotonic()
    if not core.guesses.allows(("enrol", address), tick):
        raise Refusal("too_many_codes")
    with _files, store.transaction():
        row = store.device_by_code(_hash(code), now)
        if row is None or row.role is not role:
            core.guesses.note(("enrol", address), tick)
            raise Refusal("unknown_code", "code")
        broker, ca = _way_to_broker(core.settings, host)
        fresh = {"code_hash": "", "code_ends": None, "revoked_at": None, "enrolled_at": now}
        store.set_device(row.role, row.device, now, **fresh)
        store.record(now, "", "device_enrolled", f"{row.role}-{row.device}")
        device = generate.add_device(
            core.settings, row.role, row.device, _group(core, row), new_password=True
        )
        _tell(core, row)
    core.committed("devices")
    return Credentials(
        role=row.role,
        device=row.device,
        password=registry.password(core.settings, device),
        ca=ca,
        settings=_settings_for(core, row, broker),
    )


def change(core: Core, role: Role, device_id: str, wish: Wish, by: str, now: datetime) -> DeviceRow:
    """Rename or move a device, or set how a board presents itself; a board is told at once.
    Raises Refusal: not_found, unknown_group."""
    _check(core, role, wish)
    with _files, store.transaction():
        row = _known(role, device_id)
        before = _group(core, row)
        rev = row.rev + 1
        row = store.set_device(role, device_id, now, **wish.fields(role), rev=rev)
        store.record(now, by, "device_changed", f"{role}-{device_id}", group=row.group)
        if _group(core, row) != before:
            generate.add_device(core.settings, role, device_id, _group(core, row))
        _tell(core, row)
    core.committed("devices", "screens")
    return row


def tell_anew(core: Core) -> None:
    """Queue every board's presentation in the present epoch, in the caller's transaction."""
    for row in store.devices():
        if row.rev:
            _tell(core, row)


def revoke(core: Core, role: Role, device_id: str, by: str, now: datetime) -> None:
    """Take a device's credential away and cut its connection. Raises Refusal: not_found,
    own_device (it runs on this machine, by its settings)."""
    with _files, store.transaction():
        _known(role, device_id)
        if registry.is_own(core.settings, role, device_id):
            raise Refusal("own_device")
        gone = {"online": False, "since": now, "revoked_at": now, "code_hash": ""}
        store.set_device(role, device_id, now, **gone, code_ends=None, picture_at=None)
        store.forget_picture(device_id)
        store.record(now, by, "device_revoked", f"{role}-{device_id}")
        with suppress(BrokerError):  # it was never enrolled
            generate.remove_device(core.settings, role, device_id)
    core.committed("devices", "screens")


def ask(core: Core, device_id: str, by: str, now: datetime) -> None:
    """Ask a board for a picture of its glass. Raises Refusal: not_found, device_offline,
    too_many_pictures (one in three seconds)."""
    row = _known(Role.BOARD, device_id)
    if not row.online:
        raise Refusal("device_offline")
    tick = time.monotonic()
    if not _pictures.allows(device_id, tick):
        raise Refusal("too_many_pictures")
    _pictures.note(device_id, tick)
    with store.transaction():
        store.record(now, by, "picture_asked", f"board-{device_id}")
        asked = [Ask(board=device_id, what="health"), Ask(board=device_id, what="picture")]
        store.queue(encode(message, core.settings.site) for message in asked)
    core.committed()


def reported(core: Core, message: Health | Picture, now: datetime) -> None:
    """A board says how it does, or shows its glass."""
    row = store.device(Role.BOARD, message.board)
    if row is None or row.revoked_at:
        return
    with store.transaction():
        if isinstance(message, Picture):
            store.keep_picture(message.board, message.jpeg, now)
        else:
            facts = message.model_dump(include={"frame_ms", "memory_mb", "uptime", "pages"})
            store.set_device(Role.BOARD, message.board, now, **facts, reported_at=now)
    core.changes.publish("devices")


def _check(core: Core, role: Role, wish: Wish) -> None:
    known = {group.name for group in sections.groups(core)}
    if role is Role.BOARD and (wish.group or core.settings.board.group) not in known:
        raise Refusal("unknown_group", "group")


def _group(core: Core, row: DeviceRow) -> str:
    return (row.group or core.settings.board.group) if row.role is Role.BOARD else ""


def _known(role: Role, device_id: str) -> DeviceRow:
    row = store.device(role, device_id)
    if row is None or row.revoked_at:
        raise Refusal("not_found")
    return row


def _free_id(core: Core, role: Role, taken: set[str]) -> str:
    taken |= {d.id for d in registry.known_devices(core.settings) if d.role is role}
    names = (f"{_LETTERS[role]}{number}" for number in range(1, _MOST + len(taken) + 2))
    return next(name for name in names if name not in taken)


def _new_code(role: Role, device_id: str, by: str, now: datetime) -> Invitation:
    letters = [secrets.choice(_ALPHABET) for _ in range(8)]
    code = "".join(letters[:4]) + "-" + "".join(letters[4:])
    row = store.set_device(
        role, device_id, now, code_hash=_hash(code), code_ends=now + CODE_LIFE, revoked_at=None
    )
    store.record(now, by, "device_invited", f"{role}-{device_id}")
    return Invitation(row, code)


def _hash(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter in _ALPHABET)
    return hashlib.sha256(plain.encode()).hexdigest()


def _way_to_broker(settings: Settings, host: str) -> tuple[dict[str, Any], str]:
    """The `[broker]` part for a device that reached us under `host`, and the authority it needs."""
    if host in {"localhost", "127.0.0.1", "::1"}:
        return {"host": "127.0.0.1", "port": settings.broker.port}, ""
    if settings.broker.tls_port is None:
        raise Refusal("no_tls")
    if not certificates.covers(settings, host):
        raise Refusal("unnamed_host", host=host)
    ca: Path = generate.folder(settings) / "ca.crt"
    return {"host": host, "port": settings.broker.tls_port}, ca.read_text("ascii")


def _settings_for(core: Core, row: DeviceRow, broker: dict[str, Any]) -> dict[str, Any]:
    office = core.settings
    said: dict[str, Any] = {"site": office.site, "name": office.name, "timezone": office.timezone}
    said["broker"] = broker
    own: dict[str, Any] = {"id": row.device, "language": row.language}
    own |= {"group": _group(core, row), "place": row.place}
    table = type(office).model_fields.get(row.role)
    known = getattr(table.annotation, "model_fields", {}) if table else {}
    said[str(row.role)] = {name: own[name] for name in own if name in known and own[name]}
    if row.role is Role.KIOSK:
        # Called numbers and expected visits come to it by the group of this lobby's own board.
        said["board"] = {"group": office.board.group}
    return said


def _tell(core: Core, row: DeviceRow) -> None:
    """Queue what a board is to present itself as, in the caller's transaction."""
    if row.role is not Role.BOARD:
        return
    config = Config(
        board=row.device,
        epoch=store.epoch(),
        rev=row.rev,
        group=_group(core, row),
        place=row.place,
        language=row.language or core.settings.board.language,
        rotation=row.rotation,  # type: ignore[arg-type]  # the page sends nothing else
        night_from=row.night_from,
        night_until=row.night_until,
        night_light=row.night_light,
    )
    store.queue([encode(config, core.settings.site)])
