"""A gate's line to the controller: hands in what was scanned, hears what others know.

The journal is the queue. What was scanned is sent in order, a batch at a time, under the same key
until it is answered, and noted as merged only then; whatever dies in between, the controller finds
each scan by its id and keeps it once. Nothing here is needed to let somebody in.
"""

import hashlib
import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from controller.gate.gate import Gate
from controller.gate.journal import Elsewhere, Entry, Slip
from models.link import Down, Event, Link, Received, Refused, Up
from models.messages import (
    MOST_GATE_SCANS,
    Answer,
    Canary,
    GateScan,
    GateScans,
    KnownGoods,
    KnownPasses,
    Message,
    PassKeys,
    Presence,
    Request,
    RevokedPasses,
)
from models.terms import Role

log = logging.getLogger(__name__)

_FIRST_RETRY, _LAST_RETRY, _JITTER = 0.5, 30.0, 0.2
_SILENCE = 15.0
"""Seconds without a canary after which the controller is taken for gone."""
_DAY = 24 * 3600.0
_KEPT_DAYS = 35
"""Days for which merged scans stay here."""


class _Wake:
    """There is something to send, or it is time to look."""


class _Stop:
    """End the thread."""


class Messenger:
    """`tell` is the link's listener, `wake` everybody's; both only enqueue."""

    def __init__(self, gate: Gate, changed: Callable[[], None]) -> None:
        self._gate, self._changed = gate, changed
        self._events: queue.SimpleQueue[Event | _Wake | _Stop] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="messenger", daemon=True)
        self._link: Link
        self._heard = 0.0
        self._online = False
        self._since = gate.clock.read().at
        self._sent = ""
        self._batch: list[Entry] = []
        self._size = MOST_GATE_SCANS
        self._due, self._wait = 0.0, _FIRST_RETRY
        self._cleaned = 0.0

    def tell(self, event: Event) -> None:
        self._events.put(event)

    def wake(self) -> None:
        self._events.put(_Wake())

    def start(self, link: Link) -> None:
        self._link = link
        self._thread.start()

    def stop(self) -> None:
        self._events.put(_Stop())
        self._thread.join(5)

    @property
    def online(self) -> bool:
        """Has the controller been heard lately?"""
        return self._online

    @property
    def since(self) -> float:
        """Since when it has been so."""
        return self._since

    def _run(self) -> None:
        while True:
            try:
                event = self._events.get(timeout=self._patience())
            except queue.Empty:
                event = _Wake()
            if isinstance(event, _Stop):
                return
            try:
                self._handle(event)
                self._look()
            except Exception:
                log.exception("an event could not be handled; the next one is served")

    def _patience(self) -> float:
        until_due = self._due - time.monotonic()
        return min(max(until_due, 0.05), 1.0)

    def _handle(self, event: Event | _Wake) -> None:
        match event:
            case Received(message=message, at=at):
                self._receive(message, at)
            case Up():
                log.info("connected to the broker")
                self._hurry()
            case Down(reason=reason):
                log.info("no connection to the broker: %s", reason)
                self._heard = 0.0
            case Refused(problem=problem):
                log.warning("not understood: %s", problem)

    def _receive(self, message: Message, at: float) -> None:
        trust = self._gate.trust
        match message:
            case Canary(at=moment):
                self._heard = at
                if self._gate.clock.learn(moment.timestamp()):
                    self._gate.journal.put_clock_right(moment.timestamp())
            case PassKeys(document=document):
                trust.take_keys(document)
            case RevokedPasses(document=document):
                if not trust.take_list(document) and trust.revoked:
                    self._gate.clock.at_least(trust.revoked.issued)
            case KnownPasses() | KnownGoods():
                self._hear(message)
            case Answer():
                self._answered(message)
            case Presence(role=Role.CONTROLLER, state="online"):
                self._hurry()
        if not isinstance(message, Canary):
            self._changed()

    def _hear(self, message: KnownPasses | KnownGoods) -> None:
        if isinstance(message, KnownGoods):
            self._hear_goods(message)
            return
        told = [
            Elsewhere(bytes.fromhex(one.pass_id), one.number, one.state, one.at.timestamp())
            for one in message.passes
        ]
        self._gate.journal.hear((message.epoch, message.rev), told)

    def _hear_goods(self, message: KnownGoods) -> None:
        told = [
            Slip(
                bytes.fromhex(one.slip_id),
                one.number,
                one.state,
                one.plate,
                tuple((line.item, line.pieces, line.remark) for line in one.goods),
            )
            for one in message.slips
        ]
        now = self._gate.clock.read().at
        self._gate.journal.hear_goods((message.epoch, message.rev), told, now)

    # --- handing in ----------------------------------------------------------------------------

    def _hurry(self) -> None:
        self._due, self._wait = 0.0, _FIRST_RETRY

    def _look(self) -> None:
        now = time.monotonic()
        self._note_online(now)
        if now - self._cleaned > _DAY:
            self._cleaned = now
            self._gate.journal.forget(self._gate.clock.read().at - _KEPT_DAYS * _DAY)
        if now < self._due and self._sent:
            return
        if not self._sent:
            self._batch = self._gate.journal.unmerged(self._size)
        if not self._batch:
            self._due = now + 1.0
            return
        self._send(now)

    def _send(self, now: float) -> None:
        body = GateScans(scans=tuple(_told(entry) for entry in self._batch))
        # The same scans have the same key, in the next process too.
        joined = "".join(entry.key for entry in self._batch)
        key = hashlib.sha256(joined.encode()).hexdigest()[:32]
        self._sent = key
        self._link.publish(Request(device=self._gate.name, key=key, body=body))
        self._due = now + self._wait * (1 + _JITTER * random.random())  # noqa: S311 - spreads retries
        self._wait = min(self._wait * 2, _LAST_RETRY)

    def _answered(self, answer: Answer) -> None:
        if answer.key != self._sent:
            return
        keys = [entry.key for entry in self._batch]
        if answer.ok:
            self._gate.journal.merged(keys)
            self._size = MOST_GATE_SCANS
        elif answer.code != "malformed":
            log.error("the controller does not take our scans: %s", answer.code)
            return
        elif len(keys) > 1:
            self._size = 1  # one of them is what it cannot read
        else:
            log.error("the controller cannot read scan %s; it stays in this journal", keys[0])
            self._gate.journal.set_aside(keys[0])
            self._size = MOST_GATE_SCANS
        self._sent, self._batch = "", []
        self._hurry()

    def _note_online(self, now: float) -> None:
        online = bool(self._heard) and now - self._heard < _SILENCE
        if online != self._online:
            self._online, self._since = online, self._gate.clock.read().at
            self._changed()


def _told(entry: Entry) -> GateScan:
    return GateScan(
        key=entry.key,
        text=entry.text,
        pass_id=entry.pass_id.hex() if entry.pass_id else "",
        goods=entry.goods,
        number=entry.number,
        half=entry.half,
        direction=entry.direction,
        ok=entry.ok,
        code=entry.code,
        at=datetime.fromtimestamp(entry.at, UTC),
        shown=datetime.fromtimestamp(entry.shown, UTC),
    )
