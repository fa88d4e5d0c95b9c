"""`python -m kiosk`: the visitors' touchscreen."""

import logging
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.outbox import Outbox
from models import enrolment, pins
from models.glass import Glass, Probe, prepare, register_fonts
from models.link import Event, Link
from models.messages import Answer, Calls, Expected, Presence, VisitUpdate, topic_of
from models.procedures import Procedures, ProceduresError, read_procedures
from models.settings import Settings, SettingsError, load
from models.terms import Role
from models.words import say

if TYPE_CHECKING:
    from kiosk.camera import Camera

PROCEDURES = Path(__file__).parent.parent / "assets" / "procedures.toml"
RESTART_CODE = 75
"""What the process ends with when its operator wants it anew: "try again" (sysexits.h)."""


def main() -> int:
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    if enrolment.asked(sys.argv):
        return enrolment.main(Role.KIOSK, sys.argv[1:])
    try:
        return _draw_pin(load()) if "--pin" in sys.argv else _run(load())
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


def _draw_pin(settings: Settings) -> int:
    """A new PIN for the operator, who has lost the old one."""
    file = pins.file_of(settings)
    try:
        print(f"The operator's PIN of {file.stem}, said only now: {pins.draw(file)}")
    except OSError as problem:
        print(f"{problem.filename}: {problem.strerror}.", file=sys.stderr)
        return 1
    return 0


def subscriptions(settings: Settings) -> list[str]:
    """The topics that a kiosk listens to."""
    site, device = settings.site, settings.kiosk.id
    return [
        topic_of(Answer, site, device=device),
        topic_of(VisitUpdate, site, device=device),
        topic_of(Calls, site, group=settings.board.group),
        topic_of(Expected, site, group=settings.board.group),
        topic_of(Presence, site, role="controller"),
    ]


def _run(settings: Settings) -> int:
    device = settings.kiosk.id

    procedures = _procedures()

    def heard(event: Event) -> None:
        kiosk.hear(event)

    # Before any window, for it may refuse; it hears nothing until it is started.
    topics = subscriptions(settings)
    link = Link(settings, Role.KIOSK, device, topics, heard, version("lobby"))
    title = say(settings.kiosk.language, "kiosk.office", name=settings.name)
    prepare(settings, settings.kiosk.window, title)
    # Kivy may only be imported once its window has been prepared.
    from kiosk.app import Kiosk

    register_fonts(settings)
    glass = Glass()
    outbox = Outbox(settings.data / f"kiosk-{device}.sqlite3")
    kiosk = Kiosk(settings, glass, outbox, procedures)
    camera = _camera(settings, kiosk.hold)
    try:
        glass.start(kiosk.root)
        glass.obey()
        Probe(glass, kiosk.root).start()
        print("first frame", flush=True)
        kiosk.start(link)
        if camera:
            kiosk.camera = lambda: camera.state
            camera.start()
        glass.run()
    finally:
        if camera:
            camera.stop()
        kiosk.stop()
    return RESTART_CODE if kiosk.restarting else 1 if kiosk.failed else 0


def _camera(settings: Settings, found: Callable[[str], None]) -> "Camera | None":
    """FFmpeg takes a third of a second and 25 MB, so it comes only where there is a camera."""
    if not settings.kiosk.camera:
        return None
    from kiosk.camera import Camera

    return Camera(settings.kiosk.camera, found)


def _procedures() -> Procedures:
    try:
        return read_procedures(PROCEDURES.read_text("utf-8"))
    except (OSError, ProceduresError) as error:
        raise SettingsError(f"The table {PROCEDURES.name} cannot be used: {error}.") from None


if __name__ == "__main__":
    sys.exit(main())
