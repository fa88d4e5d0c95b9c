"""A gate, built in one place and stopped in reverse."""

import hmac
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from controller.changes import Changes
from controller.gate import enrolment
from controller.gate.camera import Eye
from controller.gate.clock import Clock
from controller.gate.gate import Gate
from controller.gate.journal import Entry, Journal
from controller.gate.messenger import Messenger
from controller.gate.serial_scanner import reading
from controller.gate.trust import Trust
from models.link import Link
from models.messages import (
    Answer,
    Canary,
    KnownGoods,
    KnownPasses,
    PassKeys,
    Presence,
    RevokedPasses,
    topic_of,
)
from models.settings import Settings
from models.terms import Direction, Role

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Station:
    """A running gate, as its page sees it."""

    settings: Settings
    gate: Gate
    messenger: Messenger
    changes: Changes
    pin: str
    camera: Eye

    def scan(self, key: str, text: str, direction: Direction | None, by: str) -> Entry:
        """Judge a scan, then tell the controller and every open page."""
        entry = self.gate.scan(key, text, direction, by)
        self.messenger.wake()
        self.changes.publish("passes")
        return entry

    def is_pin(self, said: str) -> bool:
        return hmac.compare_digest(said.encode(), self.pin.encode())


@contextmanager
def opened(settings: Settings, version: str) -> Iterator[Station]:
    """The gate at work. What its disk remembers is in force before the first scan can come.

    Raises SettingsError with one sentence for whatever enrolment should have made.
    """
    pin, root = enrolment.pin(settings), enrolment.pinned_root(settings)
    journal = Journal(enrolment.journal_file(settings))
    trust = Trust(journal, root, settings.site)
    issued = trust.revoked.issued if trust.revoked else 0
    gate = Gate(
        settings.gate.id, settings.site, journal, trust, Clock(max(journal.floor(), issued))
    )
    changes = Changes()
    messenger = Messenger(gate, lambda: changes.publish("devices"))
    link = Link(settings, Role.GATE, gate.name, _topics(settings), messenger.tell, version)
    messenger.start(link)
    link.start()
    try:
        station = Station(settings, gate, messenger, changes, pin, Eye())
        with reading(settings.gate.serial, station.scan):
            yield station
    finally:
        changes.close()
        link.stop()
        messenger.stop()
        journal.close()
        log.info("stopped")


def _topics(settings: Settings) -> list[str]:
    site = settings.site
    return [
        topic_of(PassKeys, site),
        topic_of(RevokedPasses, site),
        topic_of(KnownPasses, site),
        topic_of(KnownGoods, site),
        topic_of(Canary, site),
        topic_of(Answer, site, device=settings.gate.id),
        topic_of(Presence, site, role=Role.CONTROLLER),
    ]
