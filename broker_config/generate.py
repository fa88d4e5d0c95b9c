"""Writes what the broker reads, and knows how it is started.

In `<data>/broker`: mosquitto.conf, passwd (hashes), acl, the certificates where there is a TLS
listener, and in `state` what the broker itself keeps. `generation` is written last and differs
whenever the others do: whoever runs the broker starts it again when it changes, which also cuts the
connection of a device that was removed.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from string import Template

from broker_config import BrokerError
from broker_config import devices as registry
from broker_config.acl import acl
from broker_config.devices import Device
from models.files import private_folder, replacing
from models.settings import Settings
from models.terms import Role

_TEMPLATES = Path(__file__).parent
_GENERATION = "generation"
_SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin")
"""Where Debian puts servers, and where an ordinary user's PATH does not look."""


def folder(settings: Settings) -> Path:
    """The broker's own folder, and the one it must be started in: its paths are relative."""
    return settings.data / "broker"


def provision(settings: Settings) -> list[Device]:
    """Credentials and files for all known devices; returns the devices that are new."""
    return _write(settings, registry.known_devices(settings))


def generation(settings: Settings) -> str:
    """What the broker's files now say, in a word; empty where there are none."""
    try:
        return (folder(settings) / _GENERATION).read_text("ascii")
    except OSError:
        return ""


def add_device(
    settings: Settings, role: Role, device_id: str, group: str = "", *, new_password: bool = False
) -> Device:
    """Let another device sign in from the broker's next start on; one that is known moves to
    `group`, and gets a new password where that is asked for."""
    device = registry.checked(role, device_id, group)._replace(placed=True)
    others = [d for d in registry.known_devices(settings) if d.user != device.user]
    if new_password:
        settings.credential(role, device_id).unlink(missing_ok=True)
    _write(settings, sorted([*others, device]))
    return device


def remove_device(settings: Settings, role: Role, device_id: str) -> None:
    """Forget a device and its password, for good from the broker's next start on."""
    known = registry.known_devices(settings)
    rest = [d for d in known if (d.role, d.id) != (role, device_id)]
    if len(rest) == len(known):
        raise BrokerError(f"There is no {role} {device_id}.")
    settings.credential(role, device_id).unlink(missing_ok=True)
    _write(settings, rest)


def program(settings: Settings) -> str:
    """The path of Mosquitto. Raises BrokerError with a sentence where there is none."""
    return _find(settings.broker.program, "set broker.program to its path")


def command(settings: Settings) -> list[str]:
    """How Mosquitto is started, inside `folder(settings)` and as `account()`."""
    return [program(settings), "-c", "mosquitto.conf"]


def account() -> str | None:
    """The account that the broker runs under when root starts it; an ordinary user keeps theirs.

    Whoever starts the broker must change to it: were Mosquitto to do so by itself, the kernel
    would forget that the broker has to end together with its launcher.
    """
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "mosquitto" if "mosquitto" in names else "nobody"


def _find(name: str, otherwise: str) -> str:
    path = os.pathsep.join([os.environ.get("PATH", ""), *_SYSTEM_FOLDERS])
    if found := shutil.which(name, path=path):
        return found
    raise BrokerError(
        f"The broker {name} is not installed: run sudo apt-get install mosquitto, or {otherwise}."
    )


def _write(settings: Settings, devices: list[Device]) -> list[Device]:
    new = registry.keep(settings, devices)
    home = private_folder(folder(settings))
    private_folder(home / "state")
    _write_passwords(settings, devices, home / "passwd")
    with replacing(home / "acl") as scratch:
        scratch.write_text(acl(devices, settings.site), "ascii")
    with replacing(home / "mosquitto.conf") as scratch:
        scratch.write_text(_configuration(settings), "utf-8")
    if settings.broker.tls_port:
        # Few lobbies have devices on other machines; the others start faster without this import.
        from broker_config.certificates import certify

        certify(settings, home)
    _hand_over(home)
    _note_generation(settings, devices, home)
    return new


def _note_generation(settings: Settings, devices: list[Device], home: Path) -> None:
    """The password file is salted anew each time, so the passwords themselves are counted."""
    said = [acl(devices, settings.site), _configuration(settings)]
    said += [registry.password(settings, device) for device in devices]
    with replacing(home / _GENERATION) as scratch:
        scratch.write_text(hashlib.sha256("\0".join(said).encode()).hexdigest(), "ascii")


def _write_passwords(settings: Settings, devices: list[Device], file: Path) -> None:
    hasher = _find("mosquitto_passwd", "put it on the PATH")
    with replacing(file) as scratch:
        plain = [f"{d.user}:{registry.password(settings, d)}\n" for d in devices]
        scratch.write_text("".join(plain), "ascii")
        # -U hashes in place. With -b the passwords would show in the list of processes.
        subprocess.run([hasher, "-U", str(scratch)], check=True, capture_output=True)  # noqa: S603 - a fixed command on our own file


def _configuration(settings: Settings) -> str:
    broker = settings.broker

    def filled(name: str, **places: object) -> str:
        return Template((_TEMPLATES / name).read_text("utf-8")).substitute(places)

    tls = {"tls_port": broker.tls_port, "tls_host": broker.tls_host}
    elsewhere = filled("mosquitto-tls.conf", **tls) if broker.tls_port else ""
    return filled("mosquitto.conf", port=broker.port, elsewhere=elsewhere)


def _hand_over(home: Path) -> None:
    if name := account():
        for path in (home, *home.rglob("*")):
            shutil.chown(path, user=name)
