"""A board in a process of its own, and a desk that publishes to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from models.messages import ROWS, Canary, Manifest, Row, Shown, Snapshot
from models.settings import Settings
from models.terms import Section
from tests import board_days as days
from tests.parts import PATIENCE, ROOT, Signed

Texts = dict[str, str]
"""What stands on the glass, by the names of its widgets."""


class Process:
    """A running board: its log, its probe, its end."""

    COMMAND = (sys.executable, "-m", "board")

    def __init__(self, settings: Settings, **more: str) -> None:
        self.probe = settings.data / "board.probe"
        own = {
            "LOBBY_SITE": settings.site,
            "LOBBY_TIMEZONE": settings.timezone,
            "LOBBY_DATA": str(settings.data),
            "LOBBY_BROKER__PORT": str(settings.broker.port),
            "LOBBY_BOARD__WINDOW": "1280x720+0+0!",
            "LOBBY_PROBE": str(self.probe),
            "SDL_VIDEODRIVER": "offscreen",
        }
        self.process = subprocess.Popen(
            self.COMMAND,
            cwd=ROOT,
            env=os.environ | own | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._output, self._errors = self.process.stdout, self.process.stderr
        self.log: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._errors:
            with self._news:
                self.log.append(line)
                self._news.notify_all()

    def until_first_frame(self) -> None:
        assert self._output.readline() == "first frame\n", "".join(self.log)

    def until_log(self, part: str, count: int = 1) -> None:
        def found() -> bool:
            return sum(part in line for line in self.log) >= count

        with self._news:
            assert self._news.wait_for(found, PATIENCE), f"no {part!r} in {self.log}"

    def ask(self, question: str) -> Any:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.probe))
            connection.sendall(question.encode() + b"\n")
            return json.loads(connection.makefile(encoding="utf-8").readline())

    def texts(self) -> Texts:
        return {name: widget["text"] for name, widget in self.ask("widgets").items()}

    def until(self, condition: Callable[[Texts], object]) -> Texts:
        """The texts on the glass, once they fulfil a condition."""
        deadline = time.monotonic() + PATIENCE
        while not condition(texts := self.texts()):
            assert time.monotonic() < deadline, f"waited in vain: {texts}\n{''.join(self.log)}"
            time.sleep(0.02)
        return texts

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._output.close()
        self._errors.close()
        return code


def rows(texts: Texts) -> Texts:
    return {name: text for name, text in texts.items() if name.startswith("row_")}


def today(row: Row, now: datetime) -> Row:
    """A row of the design's day, moved to the day that it is now: the board reads its own clock."""
    days_since = timedelta(days=(now.date() - days.NOW.date()).days)
    moments = {name: value for name, value in row if isinstance(value, datetime)}
    return row.model_copy(update={name: value + days_since for name, value in moments.items()})


class Desk:
    """Publishes as the controller does: sections whole, each with the manifest."""

    def __init__(self, signed: Signed, settings: Settings) -> None:
        self.signed, self.zone = signed, settings.zone
        self.epoch = 7
        self.revisions: dict[Section, int] = {}

    def put(self, section: Section, *items: Row, **more: Any) -> Snapshot[Any]:
        rev = self.revisions[section] = self.revisions.get(section, 0) + 1
        now = datetime.now(self.zone)
        fields: dict[str, Any] = {
            "group": "main",
            "section": section,
            "epoch": self.epoch,
            "rev": rev,
            "day": now.date(),
            "published_at": now,
            "items": tuple(today(item, now) for item in items),
        }
        kind: Any = Snapshot[ROWS[section]]  # type: ignore[valid-type] # as in board_days
        snapshot: Snapshot[Any] = kind(**fields | more)
        self.signed.publish(snapshot)
        self.tell_manifest()
        return snapshot

    def put_all(self) -> None:
        self.put(Section.VEHICLES, *days.CARS)
        self.put(Section.WHEREABOUTS, *days.PEOPLE)
        self.put(Section.VISITS, *days.VISITS)
        self.put(Section.REMINDERS, *days.REMINDERS)

    def tell_manifest(self) -> None:
        told = Manifest(group="main", epoch=self.epoch, sections=self.revisions)
        self.signed.publish(told)

    def beat(self) -> None:
        at = datetime.now(self.zone)
        self.signed.link.publish(Canary(epoch=self.epoch, seq=1, at=at))

    def receipt(self, snapshot: Snapshot[Any]) -> Shown:
        """The glass receipt of a revision."""
        return self.signed.until_message(
            Shown, lambda s: (s.section, s.rev) == (snapshot.section, snapshot.rev)
        )
