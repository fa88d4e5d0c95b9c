"""At most one process decides about a lobby's data: its controller, or what restores a backup."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from models.settings import Settings, SettingsError


@contextmanager
def sole(settings: Settings) -> Iterator[None]:
    """Nobody else has the data while the block lasts; the kernel lets go when this process ends,
    however it does. Raises SettingsError where somebody has it."""
    with (settings.data / "controller.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"A controller is running on the data in {settings.data}: close it first."
            ) from None
        yield
