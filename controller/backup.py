"""`python -m controller backup FILE` and `python -m controller restore FILE`, for the operator."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from controller import archive, keyring, restoring
from controller.archive import ArchiveError
from controller.keyfiles import KeyringError
from models.settings import Settings


def main(settings: Settings, command: str, file: Path) -> int:
    """Do it and say what was done; 0, or 1 after a sentence on stderr. Raises SettingsError."""
    now = datetime.now(UTC)
    try:
        said = (
            _backup(settings, file, now) if command == "backup" else _restore(settings, file, now)
        )
    except (ArchiveError, KeyringError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"{problem.filename or file}: {problem.strerror or problem}.", file=sys.stderr)
        return 1
    print("\n".join(said))
    return 0


def _backup(settings: Settings, file: Path, now: datetime) -> list[str]:
    # A backup whose keys nobody could use would be found out on the worst of days.
    keyring.load(settings.keys, settings.site)
    manifest = archive.write(settings, file, now)
    said = [f"{len(manifest.files)} files are in {file}, {file.stat().st_size:,} bytes."]
    said += ["Whoever has it can make passes and sign in as any device: keep it like the keys."]
    if "keys/root.pem" in manifest.files:
        said += ["The root key is in it, too: move that off this machine before the next one."]
    return said


def _restore(settings: Settings, file: Path, now: datetime) -> list[str]:
    manifest, aside = restoring.restore(settings, file, now)
    return [
        f"The lobby is as it was at {manifest.made.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}.",
        f"What was here before is in {aside}.",
        "What was taken away since then is to be taken away again: passes, devices, accounts.",
        "Open the lobby: the screens follow by themselves.",
    ]
