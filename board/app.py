"""The running board: what arrives is kept, drawn, and answered with a receipt.

Everything here runs on the UI thread; the link's thread only hands its events over.
"""

import logging
import math
import time
from datetime import datetime
from importlib.metadata import version
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window

from board.cache import Cache
from board.reporting import Reporter
from board.screen import Screen
from board.starts import Starts
from models.display.state import (
    BoardState,
    is_behind,
    is_live,
    is_whole,
    receive,
    restored,
    subscriptions,
)
from models.display.view import Look, Night, view
from models.glass import Glass, Probe, register_fonts
from models.link import Down, Event, Link, Received, Up
from models.messages import (
    Ask,
    BadMessage,
    Calls,
    Config,
    Manifest,
    Message,
    Presence,
    Resync,
    Shown,
    Snapshot,
    TooLarge,
    decode,
    encode,
)
from models.settings import Settings
from models.terms import Role, Section

log = logging.getLogger(__name__)

_QUIET = 60.0
"""Seconds after which a start counts as one that went well, unless all that is published was on the
glass before. A careful one listens only then."""
_REPORT = 60.0
_AT_START = ("group", "language", "rotation")
"""What is settled when the board starts."""
_PATIENCE = 2.0
_MOST_PATIENCE = 60.0
"""Seconds between what should be there and asking for it, doubled after every asking in vain."""


class Board:
    """One display, from its start to its end."""

    def __init__(self, settings: Settings) -> None:
        register_fonts(settings)
        folder = settings.data / f"board-{settings.board.id}"
        self._cache = Cache(folder)
        self._starts = Starts(folder)
        self._careful = self._starts.begin()
        self._trusted = False
        if self._careful:
            log.warning("several starts have failed: what was shown before the newest is shown")
        kept = _decoded(self._cache.load(skip_newest=self._careful), settings.site)
        self._config = next((m for m in kept if isinstance(m, Config)), None)
        self._settings = settings = configured(settings, self._config)
        board = settings.board
        self._glass = Glass()
        topics = subscriptions(settings.site, board.group, board.id)
        self._link = Link(settings, Role.BOARD, board.id, topics, self._hand_over, version("lobby"))
        self._reporter = Reporter(board.id, self._glass, self._link)
        Window.rotation = board.rotation
        self._screen = Screen(board.language, board.page_seconds, tuple(Window.size))
        snapshots = [message for message in kept if isinstance(message, Snapshot)]
        self._state = restored(board.group, snapshots, time.monotonic())
        self._failed: frozenset[Section] = frozenset()
        self._owed: dict[Section, float] = {}
        self._turns = True
        self._next_draw: Any = None
        self._asking: Any = None
        self._patience = _PATIENCE

    @property
    def again(self) -> bool:
        """Is the process to be started again at once, because it was told to look otherwise?"""
        return self._glass.again

    def run(self) -> None:
        """Show what was kept, then what arrives, until the process is told to end."""
        self._draw()
        self._glass.start(self._screen)
        Probe(self._glass, self._screen).start()
        print("first frame", flush=True)
        self._cache.start()
        Clock.schedule_once(lambda _: self._begin(), _QUIET if self._careful else 0)
        self._glass.every(_REPORT, self._report)
        try:
            self._glass.run()
            self._starts.proved()
        finally:
            self._link.stop()
            self._cache.close()

    def _begin(self) -> None:
        """Listen, and once that went well for a while, trust it."""
        self._link.start()
        Clock.schedule_once(lambda _: self._trust(), _QUIET)

    def _trust(self) -> None:
        self._trusted = True
        self._starts.proved()
        if self._careful:
            self._careful = False
            self._keep()

    def _hand_over(self, event: Event) -> None:
        self._glass.call(self._handle, event)

    def _handle(self, event: Event) -> None:
        match event:
            case Received(Presence(state=state)):
                log.info("the controller is %s", state)
                # One that has just started answers at once.
                self._patience = _PATIENCE
                self._stop_asking()
            case Received(Config() as config):
                self._configure(config)
            case Received(Ask(what=what)):
                self._reporter.answer(what, self._screen.pages, self._settings.board.rotation)
            case Received(message, at):
                self._receive(message, at)
            case Up():
                log.info("connected to the broker")
                self._report()
            case Down(reason):
                log.warning("no connection to the broker: %s", reason)
        self._ask_if_behind()
        if not self._trusted and is_whole(self._state):
            self._glass.after_flip(self._trust_what_is_seen)
            self._screen.canvas.ask_update()

    def _trust_what_is_seen(self) -> None:
        """Nothing published is left that could end this start, once no page is yet to come."""
        if not self._turns:
            self._trust()

    def _configure(self, config: Config) -> None:
        """The desk wants this board otherwise. What cannot change while it runs is done by a start
        of the process, for which the wish is kept."""
        if self._config and (config.epoch, config.rev) <= (self._config.epoch, self._config.rev):
            return
        before, self._config = self._settings.board, config
        self._settings = configured(self._settings, config)
        self._keep()
        if any(getattr(before, name) != getattr(self._settings.board, name) for name in _AT_START):
            log.info("told to look otherwise: starting again")
            self._glass.stop(again=True)
        else:
            self._draw()

    def _report(self) -> None:
        self._reporter.report(self._screen.pages)

    def _receive(self, message: Message, at: float) -> None:
        before, was_live = self._state, self._is_live()
        self._state = receive(before, message, at)
        if self._state is before:
            log.info("nothing newer in this %s", type(message).__name__)
        if self._state.sections is not before.sections:
            self._keep()
            self._draw()
        elif not was_live or self._state.calls is not before.calls:
            self._draw()
        if isinstance(message, Calls):
            called = f"shown:calls:{message.epoch}:{message.rev}"
            self._glass.after_flip(lambda: self._glass.mark(called))
        if isinstance(message, Snapshot | Manifest):
            self._owe(message, before, at)
            self._glass.after_flip(self._send_receipts)
            # Not every revision changes a pixel, but each is owed a frame.
            self._screen.canvas.ask_update()

    def _owe(self, message: Snapshot[Any] | Manifest, before: BoardState, at: float) -> None:
        """A receipt is owed for what was heard of, and for everything that it brought to the glass:
        the last message of a new epoch brings all of it."""
        held = self._state.sections
        brought = {name for name in held if held[name] is not before.sections.get(name)}
        if isinstance(message, Snapshot):
            brought.add(message.section)
        self._owed |= dict.fromkeys(brought, at)

    def _is_live(self) -> bool:
        return is_live(self._state, time.monotonic(), self._settings.board.stale_seconds)

    def _draw(self) -> None:
        """Bring the screen up to date, and come back when it will read differently by itself."""
        if self._next_draw is not None:
            self._next_draw.cancel()
        board = self._settings.board
        tick, lasts = time.monotonic(), _MOST_PATIENCE
        try:
            now = datetime.now(self._settings.zone)
            night = Night(board.night_from, board.night_until, board.night_light)
            look = Look(board.language, board.place, board.stale_seconds, now, tick, night)
            seen = view(self._state, look)
            drawn = self._screen.show(seen, tick)
            self._failed = drawn.failed
            self._turns = math.isfinite(drawn.turns_in)
            lasts = min(seen.lasts, drawn.turns_in)
        except Exception:
            # What was shown stays, and the next try is at most a minute away.
            log.exception("the screen could not be brought up to date")
            self._failed = frozenset(Section)
        self._next_draw = Clock.schedule_once(lambda _: self._draw(), max(0.01, lasts))

    def _send_receipts(self) -> None:
        """The frame is on the glass: say what it shows of every section that was heard of, even if
        what was heard was older; a controller whose database was restored learns of it so."""
        flipped = time.monotonic()
        owed, self._owed = self._owed, {}
        for section, at in owed.items():
            held = self._state.sections.get(section)
            if held is None or section in self._failed:
                continue
            epoch, rev = held.revision
            self._glass.mark(f"shown:{section}:{epoch}:{rev}")
            self._link.publish(
                Shown(
                    board=self._settings.board.id,
                    group=self._settings.board.group,
                    section=section,
                    epoch=epoch,
                    rev=rev,
                    ms=round((flipped - at) * 1000, 1),
                )
            )

    def _keep(self) -> None:
        """Have the sections written to disk, and how the desk wants the board."""
        if self._careful:
            return  # what may have ended the starts before must not take the good one's place
        content = {}
        held = [held.snapshot for held in self._state.sections.values()]
        for message in [*held, *filter(None, [self._config])]:
            try:
                encoded = encode(message, self._settings.site)
                content[encoded.topic] = encoded.payload
            except TooLarge as problem:
                log.warning("a %s is not kept on disk: %s", type(message).__name__, problem)
        self._cache.save(content)

    def _ask_if_behind(self) -> None:
        """Something published may not reach us; after a while, ask the controller for it."""
        if not is_behind(self._state):
            self._patience = _PATIENCE
            self._stop_asking()
        elif self._asking is None:
            self._asking = Clock.schedule_once(lambda _: self._ask(), self._patience)

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _ask(self) -> None:
        self._asking = None
        log.warning("something that is published did not arrive; asking for it")
        self._link.publish(Resync(board=self._settings.board.id))
        self._patience = min(2 * self._patience, _MOST_PATIENCE)
        self._ask_if_behind()


def configured(settings: Settings, config: Config | None) -> Settings:
    """The settings with what the desk said in their place."""
    if config is None:
        return settings
    said = config.model_dump(include=set(type(settings.board).model_fields))
    return settings.model_copy(update={"board": settings.board.model_copy(update=said)})


def _decoded(kept: dict[str, bytes], site: str) -> list[Message]:
    found = []
    for topic, payload in kept.items():
        try:
            message = decode(topic, payload, site)
        except BadMessage as problem:
            log.warning("what was kept of %s cannot be used: %s", topic, problem)
            continue
        found.append(message)
    return found
