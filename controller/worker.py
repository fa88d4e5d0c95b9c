"""The controller's one thread for the wire: whatever arrives, is acknowledged or falls due.

The link's callbacks and the desk's page only put events into the queue; here they are handled one
after the other. An event that fails is logged and the next one served.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from controller import (
    confirmation,
    counter,
    devices,
    duty,
    goods,
    home,
    ledger,
    merging,
    presence,
    printing,
    privacy,
    reception,
    restoring,
    revoking,
    sections,
    shift,
    telling,
    webhooks,
)
from controller.core import Core
from controller.courier import Courier, Posted
from controller.notifying import Delivered, Notifier
from controller.outbox import Outbox
from controller.printroom import Printed, PrintRoom, Standing
from models import store
from models.link import Acked, Down, Event, Link, Received, Refused, Up
from models.messages import (
    Answer,
    Canary,
    Health,
    Message,
    Picture,
    Presence,
    Register,
    Request,
    Resync,
    Shown,
)
from models.revocations import LIFE
from models.store import DeviceRow
from models.terms import Role

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)

_CANARY_SECONDS = 5
_REFRESH_SECONDS = 1
_PASSES_SECONDS = 15
_PURGE_SECONDS = 24 * 3600
_LIST_SECONDS = LIFE / 3
"""A gate that misses one list, and a second, still has one that is true."""
_TOGETHER = 50
"""Requests in one commit; the desk waits for as long, and so does the first of them."""
_RESYNC_SECONDS = 2
"""All boards resync together after an outage; answering the first answers them all."""


class Wake:
    """Something was committed: empty the outbox."""


class Stop:
    """End the thread once everything before it has been handled."""


_Anything = Event | Wake | Stop | Delivered | Printed | Standing | Posted


class Worker:
    """`tell` is the link's listener, `wake` every committer's; both only enqueue."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[_Anything] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._core: Core
        self._link: Link
        self._outbox: Outbox
        self._notifier = Notifier(self._events.put)
        self._printroom = PrintRoom(self._events.put)
        self._courier = Courier(self._events.put)
        self._canary = 0
        self._newcomers = False
        self._last_resync = 0.0
        self._room = True

    def tell(self, event: Event) -> None:
        self._events.put(event)

    def wake(self) -> None:
        self._events.put(Wake())

    def start(self, core: Core, link: Link) -> None:
        self._core, self._link = core, link
        self._outbox = Outbox(link.publish_encoded)
        restoring.follow(core, datetime.now(UTC))
        sections.begin(core)
        printing.recover(core, datetime.now(UTC))
        self._notifier.start()
        self._printroom.start(printing.printers_of(core.settings), core.settings.fonts)
        self._courier.start(local=core.settings.webhooks.local)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is queued, then end."""
        self._events.put(Stop())
        self._thread.join(5)
        self._notifier.stop()
        self._printroom.stop()
        self._courier.stop()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        timers = [
            _Timer(self._watch_room, _REFRESH_SECONDS),
            _Timer(self._send_canary, _CANARY_SECONDS),
            _Timer(self._refresh, _REFRESH_SECONDS),
            _Timer(self._confirm, _REFRESH_SECONDS),
            _Timer(self._print, _REFRESH_SECONDS),
            _Timer(self._post, _REFRESH_SECONDS),
            _Timer(self._tell_home, _CANARY_SECONDS),
            _Timer(self._remind, _REFRESH_SECONDS),
            _Timer(self._purge, _PURGE_SECONDS),
            _Timer(self._look_after_passes, _PASSES_SECONDS),
            _Timer(self._follow_keys, _REFRESH_SECONDS),
            _Timer(self._renew_list, _LIST_SECONDS),
        ]
        while True:
            events = self._next(min(timer.at for timer in timers) - time.monotonic())
            acks = [event for event in events if isinstance(event, Acked)]
            self._attempt(self._answer_all, _heard(events, Request))
            for event in events:
                if not isinstance(event, Acked | Wake | Stop):
                    self._attempt(self._handle, event)
            self._attempt(self._hear_boards, _heard(events, Shown))
            if any(isinstance(event, Wake | Received) for event in events):
                self._attempt(self._tell_gates)
            self._attempt(self._outbox.acked, acks)
            if any(isinstance(event, Wake) for event in events):
                self._attempt(self._print)
                self._attempt(self._post)
            for timer in timers:
                if timer.is_due():
                    self._attempt(timer.job)
            if any(isinstance(event, Stop) for event in events):
                store.close_database()
                return

    def _hear_boards(self, receipts: list[Shown]) -> None:
        """What several boards said together is answered once: one commit keeps all receipts of a
        publication, and those that have come need not wait five seconds to know that they live."""
        if receipts:
            sections.shown(self._core, receipts, datetime.now(UTC))
        if self._newcomers:
            self._newcomers = False
            self._send_canary()

    def _next(self, patience: float) -> list[_Anything]:
        """Everything that waits, so that what was acknowledged together is noted together."""
        found: list[_Anything] = []
        try:
            found.append(self._events.get(timeout=max(patience, 0)))
            while True:
                found.append(self._events.get_nowait())
        except queue.Empty:
            return found

    def _attempt(self, job: Callable[..., object], *arguments: object) -> None:
        try:
            job(*arguments)
        except store.NoRoomError:
            self._watch_room()
        except Exception:
            log.exception("an event could not be handled; the next one is served")

    def _handle(self, event: Event | Delivered | Printed | Standing | Posted) -> None:
        match event:
            case Delivered(kind="gap"):
                shift.told(self._core, event)
            case Delivered(kind="told"):
                telling.delivered(self._core, event, datetime.now(UTC))
            case Delivered():
                confirmation.told(self._core, event, datetime.now(UTC))
                self._confirm()
            case Printed() | Standing():
                printing.told(self._core, event, datetime.now(UTC))
            case Posted():
                webhooks.told(self._core, self._courier, event, datetime.now(UTC))
            case Up():
                log.info("connected to the broker")
                self._outbox.send_everything()
                self._send_canary()
                self._core.changes.publish("devices")
            case Down(reason=reason):
                log.warning("no connection to the broker: %s", reason)
                self._outbox.disconnected()
                self._core.changes.publish("devices")
            case Received(message=message):
                self._receive(message, datetime.now(UTC))
            case Refused(problem=problem) if problem.device and problem.key:
                self._link.publish(
                    Answer(device=problem.device, key=problem.key, ok=False, code="malformed")
                )

    def _receive(self, message: Message, now: datetime) -> None:
        match message:
            case Health() | Picture():
                devices.reported(self._core, message, now)
            case Presence():
                self._note_presence(message, now)
            case Resync():
                if time.monotonic() - self._last_resync >= _RESYNC_SECONDS:
                    self._last_resync = time.monotonic()
                    log.info("board %s asked for everything again", message.board)
                    self._outbox.send_everything()

    def _answer_all(self, requests: list[Request]) -> None:
        now = datetime.now(UTC)
        for start in range(0, len(requests), _TOGETHER):
            # Not through the outbox: the kiosk repeats its request until an answer arrives, and the
            # request's key finds what was already done.
            for answer in self._answers(requests[start : start + _TOGETHER], now):
                self._attempt(self._link.publish, answer)
        if any(isinstance(request.body, Register) for request in requests):
            self._confirm()

    def _answers(self, requests: list[Request], now: datetime) -> list[Answer]:
        """One commit, and so one wait for the disk, for several; nobody is answered before it."""
        try:
            with store.transaction():
                return [self._answer(request, now) for request in requests]
        except store.NoRoomError:
            return [_not_now(request) for request in requests]
        except Exception:
            log.exception("%d requests could not be committed together", len(requests))
        return [self._answer(request, now) for request in requests]

    def _answer(self, request: Request, now: datetime) -> Answer:
        """One that fails leaves nothing behind, and the others as they are."""
        try:
            with store.transaction():
                return reception.answer(self._core, request, now)
        except store.NoRoomError:
            raise
        except Exception:
            log.exception("request %s of %s failed", request.key, request.device)
        return _not_now(request)

    def _watch_room(self) -> None:
        """Say once, in the log and on every page, that nothing can be recorded, and once that it
        can again."""
        if (room := store.has_room()) == self._room:
            return
        self._room = room
        if room:
            log.warning("the database can be written to again")
        else:
            log.error("nothing can be recorded: the disk is full, broken or only to be read")
        self._core.changes.publish("log")

    def _note_presence(self, message: Presence, now: datetime) -> None:
        device = DeviceRow(
            role=message.role,
            device=message.id,
            online=message.state == "online",
            session=message.session,
            version=message.version,
            since=now,
        )
        with store.transaction():
            news = store.keep_device(device)
        self._newcomers |= device.role is Role.BOARD and device.online
        if news:
            log.info("%s %s is %s", message.role, message.id, message.state)
            self._core.changes.publish("devices")
            self._core.changes.publish("screens")

    def _send_canary(self) -> None:
        self._canary += 1
        self._link.publish(Canary(epoch=store.epoch(), seq=self._canary, at=datetime.now(UTC)))

    def _purge(self) -> None:
        privacy.purge(self._core, datetime.now(UTC))

    def _look_after_passes(self) -> None:
        now = datetime.now(UTC)
        ledger.expire(self._core, now)
        goods.expire(self._core, now)
        presence.tell_overdue(self._core, now)
        presence.close(self._core, now)

    def _refresh(self) -> None:
        sections.refresh(self._core, datetime.now(UTC))
        counter.refresh(self._core, datetime.now(UTC))

    def _print(self) -> None:
        printing.advance(self._core, self._printroom, datetime.now(UTC))

    def _tell_home(self) -> None:
        home.refresh(self._core, datetime.now(UTC))

    def _post(self) -> None:
        webhooks.advance(self._courier, datetime.now(UTC))

    def _remind(self) -> None:
        duty.remind(self._core, datetime.now(UTC))
        shift.watch(self._core, self._notifier, datetime.now(UTC))

    def _tell_gates(self) -> None:
        now = datetime.now(UTC)
        if merging.has_news_for_gates(self._core, now):
            with store.transaction():
                merging.tell_gates(self._core, now)

    def _follow_keys(self) -> None:
        revoking.follow_keys(self._core, datetime.now(UTC))

    def _renew_list(self) -> None:
        revoking.renew_list(self._core, datetime.now(UTC))

    def _confirm(self) -> None:
        confirmation.advance(self._core, self._notifier, datetime.now(UTC))
        telling.send(self._core, self._notifier, datetime.now(UTC))


def _not_now(request: Request) -> Answer:
    """Whoever asked keeps it, and asks again."""
    return Answer(device=request.device, key=request.key, ok=False, code="server_error")


def _heard(events: list[_Anything], kind: type[M]) -> list[M]:
    messages = [event.message for event in events if isinstance(event, Received)]
    return [message for message in messages if isinstance(message, kind)]


class _Timer:
    """A job that falls due every so many seconds, the first time at once."""

    def __init__(self, job: Callable[[], None], seconds: float) -> None:
        self.job = job
        self._seconds = seconds
        self.at = time.monotonic()

    def is_due(self) -> bool:
        now = time.monotonic()
        if now < self.at:
            return False
        self.at = now + self._seconds
        return True
