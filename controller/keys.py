"""The keys of passes: `python -m controller.keys list | rotate | retire KID [--root FILE]`.

`rotate` makes a new key that signs from now on, while the old one's passes stay good. `retire`
takes a key out of service that somebody else may have: its passes are void at once. A running
controller notices both, and so does every gate. The root key may be kept elsewhere: --root FILE.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from controller import keyring
from controller.keyfiles import KeyringError
from controller.keyring import Ring
from models.settings import Settings, SettingsError, load


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 after a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m controller.keys")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="which keys are in service")
    rotating = commands.add_parser("rotate", help="sign with a new key from now on")
    retiring = commands.add_parser("retire", help="void all passes of a key, at once")
    retiring.add_argument("kid", type=int, help="its number, as list shows it")
    for command in (rotating, retiring):
        command.add_argument("--root", type=Path, help="the root key, where it is kept elsewhere")
    asked = parser.parse_args(arguments)
    try:
        settings = load()
        for line in _told(_do(settings, asked), settings):
            print(line)
    except OSError as problem:
        sys.stderr.write(f"{problem.filename}: {problem.strerror}.\n")
        return 2
    except (SettingsError, KeyringError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


def _do(settings: Settings, asked: argparse.Namespace) -> Ring:
    now = int(datetime.now(UTC).timestamp())
    if asked.command == "rotate":
        return keyring.rotate(settings.keys, settings.site, now, asked.root)
    if asked.command == "retire":
        return keyring.retire(settings.keys, settings.site, asked.kid, now, asked.root)
    return keyring.load(settings.keys, settings.site)


def _told(ring: Ring, settings: Settings) -> list[str]:
    """One line a key: its kid and its state."""

    def moment(seconds: int) -> str:
        return f"{datetime.fromtimestamp(seconds, settings.zone):%Y-%m-%d %H:%M}"

    now = datetime.now(UTC).timestamp()
    states = dict.fromkeys(ring.keys.retired, "out of service")
    states |= {
        kid: f"replaced, its passes are good until {moment(end)}" if now < end else "replaced"
        for kid, end in ring.keys.until.items()
    }
    states[ring.kid] = "signs passes"
    return [f"{kid}\t{states[kid]}" for kid in sorted(states)] + [
        f"Key set {ring.keys.seq} of {moment(ring.keys.issued)}"
    ]


if __name__ == "__main__":
    sys.exit(main())
