"""`python -m broker_config list | add ROLE ID [--group GROUP] | remove ROLE ID`."""

import argparse
import sys

from broker_config import BrokerError
from broker_config.devices import known_devices
from broker_config.generate import add_device, remove_device
from models.settings import Settings, SettingsError, load
from models.terms import Role

_NEXT_START = "It takes effect when the broker starts again, which a running lobby does by itself."


def main(arguments: list[str]) -> int:
    """Do what the command line says; the exit code is 0, or 1 after a sentence on stderr."""
    asked = _parser().parse_args(arguments)
    try:
        _do(asked, load())
    except (BrokerError, SettingsError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"{problem.filename}: {problem.strerror}.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m broker_config", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="who may sign in")
    for action in ("add", "remove"):
        one = actions.add_parser(action, help=f"{action} a device")
        one.add_argument("role", choices=list(Role), type=Role)
        one.add_argument("id", help="up to 32 of a-z, 0-9 and hyphens")
        if action == "add":
            one.add_argument("--group", default="", help="whose notices a board shows")
    return parser


def _do(asked: argparse.Namespace, settings: Settings) -> None:
    match asked.action:
        case "list":
            for device in known_devices(settings):
                print(device.user, device.group)
        case "add":
            device = add_device(settings, asked.role, asked.id, asked.group)
            file = settings.credential(device.role, device.id)
            print(f"{device.user} may sign in with the password in {file}. {_NEXT_START}")
        case "remove":
            remove_device(settings, asked.role, asked.id)
            print(f"{asked.role}-{asked.id} and its password are gone. {_NEXT_START}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
