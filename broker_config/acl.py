"""Who may say and hear what: the broker's access control list.

Every device has a `user` block of its own; a `pattern` line could not tell a kiosk from a board.
The topics come from `models.messages`, so the list follows the wire by itself.
"""

from typing import NamedTuple

from broker_config.devices import Device
from models import home
from models.messages import (
    Answer,
    Ask,
    Calls,
    Canary,
    Config,
    Expected,
    Health,
    HomeState,
    KnownGoods,
    KnownPasses,
    Manifest,
    Message,
    PassKeys,
    Picture,
    Presence,
    Request,
    Resync,
    RevokedPasses,
    Shown,
    Snapshot,
    VisitUpdate,
    topic_of,
)
from models.terms import Role


class Rights(NamedTuple):
    """Topics, with `+` for any one level."""

    write: list[str]
    read: list[str]


def rights(device: Device, site: str) -> Rights:
    """All that a device may do. What is not here, the broker refuses."""

    def topic(kind: type[Message], **fields: str) -> str:
        return topic_of(kind, site, **fields)

    own = device.id
    birth_and_will = topic(Presence, role=device.role, id=own)
    controllers = topic(Presence, role=Role.CONTROLLER)
    match device.role:
        case Role.CONTROLLER:
            write = [topic(Snapshot), topic(Manifest), topic(Calls), topic(Canary), topic(Answer)]
            write += [topic(VisitUpdate), topic(RevokedPasses), topic(PassKeys), topic(KnownPasses)]
            write += [topic(KnownGoods), topic(Config), topic(Ask), topic(Expected)]
            # Under any prefix: one that was changed is cleared, too.
            write += [topic(HomeState), home.topic(site)]
            read = [topic(Request), topic(Shown), topic(Presence), topic(Resync)]
            read += [topic(Health), topic(Picture)]
        case Role.KIOSK:
            write = [topic(Request, device=own)]
            read = [topic(Answer, device=own), topic(VisitUpdate, device=own), controllers]
            read += [topic(Calls), topic(Expected)]
        case Role.BOARD:
            write = [topic(kind, board=own) for kind in (Shown, Resync, Health, Picture)]
            read = [topic(Config, board=own), topic(Ask, board=own)]
            read += [topic(Snapshot, group=device.group), topic(Manifest, group=device.group)]
            read += [topic(Calls, group=device.group), topic(Canary), controllers]
        case Role.GATE:
            write = [topic(Request, device=own)]
            read = [topic(Answer, device=own), topic(RevokedPasses), topic(PassKeys)]
            read += [topic(KnownPasses), topic(KnownGoods), topic(Canary), controllers]
        case Role.DESK:
            write = []
            read = [topic(Snapshot), topic(Manifest), topic(Canary), topic(Presence)]
        case Role.HOME:
            return Rights([], [home.topic(site), topic(HomeState), controllers])
    return Rights([*write, birth_and_will], read)


def acl(devices: list[Device], site: str) -> str:
    """The text of Mosquitto's `acl_file`."""
    lines = ["# Generated at set-up from broker_config/acl.py: change it there.\n"]
    for device in devices:
        allowed = rights(device, site)
        lines.append(f"\nuser {device.user}\n")
        lines += [f"topic write {topic}\n" for topic in allowed.write]
        lines += [f"topic read {topic}\n" for topic in allowed.read]
    return "".join(lines)
