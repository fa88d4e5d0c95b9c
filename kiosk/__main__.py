"""`python -m kiosk`: the visitors' touchscreen."""

import logging
import sys

from models.glass import Glass, Probe, prepare, register_fonts
from models.link import Link
from models.settings import Settings, SettingsError, load
from models.terms import Role

NAP = 1 / 30
"""Seconds the window sleeps at most: how long a touch may wait for its frame."""


def main() -> int:
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    # Kivy takes over sys.stderr as soon as it is imported.
    stderr = sys.stderr
    try:
        return _run(load())
    except SettingsError as error:
        print(error, file=stderr)
        return 2


def _run(settings: Settings) -> int:
    prepare(settings, settings.kiosk.window, settings.name)
    # Kivy may only be imported once its window has been prepared.
    from kiosk.app import Kiosk, subscriptions
    from kiosk.outbox import Outbox

    register_fonts(settings)
    glass = Glass(NAP)
    device = settings.kiosk.id
    kiosk = Kiosk(settings, glass, Outbox(settings.data / f"kiosk-{device}.sqlite3"))
    try:
        link = Link(settings, Role.KIOSK, device, subscriptions(settings), kiosk.hear)
        glass.start(kiosk.root)
        Probe(glass, kiosk.root).start()
        print("first frame", flush=True)
        kiosk.start(link)
        glass.run()
    finally:
        kiosk.stop()
    return 1 if kiosk.failed else 0


if __name__ == "__main__":
    sys.exit(main())
