"""The kiosk put together: link, outbox, keyboards and screens around the flow.

`apply` is the only place where an event changes anything, and runs on the UI thread alone.
"""

import gc
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol
from uuid import uuid4

from kivy.clock import Clock
from kivy.core.window import Window

from kiosk import flow, screens
from kiosk.form import TEXT_SCREENS
from kiosk.ime import BACKSPACE
from kiosk.outbox import NotKeptError, Outbox
from kiosk.root import Root
from kiosk.scanner import Scanner
from kiosk.speech import Voice
from kiosk.state import KioskState
from kiosk.terms import (
    Answered,
    Ask,
    Awaited,
    Button,
    Called,
    CheckPin,
    Dialog,
    Durable,
    Effect,
    Event,
    KeepDirectory,
    Listed,
    Looked,
    NotKept,
    PinChecked,
    Reached,
    Restart,
    Resumed,
    Scanned,
    Screen,
    Send,
    Sent,
    Tap,
    Tick,
    Times,
    Touched,
    Updated,
    Wipe,
)
from kiosk.theme import Theme
from kiosk.typist import Typist, input_methods
from models import link, pins
from models.glass import Glass, give_back
from models.messages import (
    Answer,
    Calls,
    Expected,
    Message,
    Presence,
    Register,
    Request,
    VisitUpdate,
)
from models.procedures import NOTHING, Procedures
from models.qr import matrix
from models.settings import Settings, geometry

log = logging.getLogger(__name__)

TICK = 0.25
WARM_EVERY = 0.1
REST = 5.0
"""Seconds after a visit until what it needed of memory is given back, if nobody else has begun."""
_BACKSPACE_KEY = 8
_ENTER_KEYS = {13, 271}
_TAB_KEY, _ESCAPE_KEY = 9, 27
_STEPS = {_TAB_KEY: 1, 273: -1, 274: 1, 275: 1, 276: -1}
"""Tab, up, down, right, left: which way each goes through the buttons of a screen."""
_HELD = {"ctrl", "alt", "meta"}


class Wire(Protocol):
    """What the kiosk needs of models.link.Link."""

    def start(self) -> None:
        """Connect, and stay connected."""

    def stop(self) -> None:
        """Disconnect."""

    def publish(self, message: Message) -> int | None:
        """Send, if connected."""

    @property
    def alive(self) -> bool:
        """False once its thread has died."""


class Kiosk:
    """Everything of one kiosk. `root` is its widget; `hear` may be called from any thread."""

    def __init__(
        self,
        settings: Settings,
        glass: Glass,
        outbox: Outbox,
        procedures: Procedures = NOTHING,
    ) -> None:
        self._device = settings.kiosk.id
        self._glass = glass
        self._outbox = outbox
        self._wire: Wire | None = None
        self._events: deque[Event] = deque()
        self._applying = False
        self._scanner = Scanner()
        self._rest = Clock.create_trigger(lambda _dt: give_back(), REST)
        self._connected = False
        self._controller = 0
        self._answered: float | None = None
        place = geometry(settings.kiosk.window)
        self._framed = bool(place.width) and place.framed
        self._pin = pins.file_of(settings)
        self.camera: Callable[[], str] = str
        """What the camera does, in a word; empty where there is none."""
        self.failed = False
        self.restarting = False
        times = Times(
            settings.kiosk.idle_warning, settings.kiosk.idle_wipe, settings.kiosk.pass_seconds
        )
        self.flow = flow.begin(times, settings.kiosk.language, time.monotonic(), procedures)
        ui = Theme()
        self.state = KioskState(settings, ui, self.apply)
        self._voice = Voice(settings.kiosk.speech)
        self.state.speaks = self._voice.there
        self._typist = Typist(self.state, input_methods(settings), settings)
        screens.load(self.state, ui)
        self._recall()
        self.root = Root(self.state, ui)

    def _recall(self) -> None:
        """What the file remembers: who can be visited, and a visit that was cut off."""
        self.apply(Listed(self._outbox.directory().departments))
        if visit := self._outbox.visit():
            self.apply(Resumed(visit.key, visit.age, visit.register, visit.is_number))

    def start(self, wire: Wire) -> None:
        """Begin to tick, to listen to keyboards, and to talk to the controller."""
        self._wire = wire
        self._repeating = [
            self._glass.every(TICK, self._tick),
            self._glass.every(WARM_EVERY, self._warm),
        ]
        Window.bind(
            on_textinput=self._on_text,
            on_key_down=self._on_key,
            on_request_close=self._on_request_close,
        )
        wire.start()

    def stop(self) -> None:
        """Undo `start`, and close the file. Harmless when called twice."""
        if self._wire is not None:
            self._wire.stop()
            self._wire = None
            for end in self._repeating:
                end()
            Window.unbind(
                on_textinput=self._on_text,
                on_key_down=self._on_key,
                on_request_close=self._on_request_close,
            )
        self._voice.hush()
        self._outbox.close()

    # --- events in, effects out ------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Let something happen. What its effects bring about happens right after it."""
        self._events.append(event)
        if self._applying:
            return
        self._applying = True
        screen = self.flow.screen
        try:
            while self._events:
                self.flow, effects = flow.next(self.flow, self._events.popleft())
                for effect in effects:
                    self._perform(effect)
        finally:
            self._applying = False
        self._typist.follow(self.flow)
        self.state.show(self.flow)
        self._voice.follow(self.flow, self.state.tr)
        if self.flow.screen != screen:
            shown = f"shown:{self.flow.screen}"
            self._glass.after_flip(lambda: self._glass.mark(shown))
            self._rest.cancel()
            if self.flow.screen is Screen.WELCOME:
                self._rest()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Send(body):
                self._keep(body)
            case Ask(body):
                key = uuid4().hex
                self._publish(Request(device=self._device, key=key, body=body))
                self._events.append(Sent(body.kind, key))
            case KeepDirectory(directory):
                self._outbox.keep_directory(directory)
            case Wipe():
                self._outbox.forget_visit()
            case CheckPin(pin):
                self._events.append(PinChecked(self._is_operator(pin)))
            case Restart():
                log.info("the operator asks for a new start")
                self.restarting = True
                self._glass.stop()

    def _is_operator(self, pin: str) -> bool:
        try:
            return pins.is_right(self._pin, pin)
        except (OSError, ValueError):
            log.warning("%s holds no PIN: draw one with python -m kiosk --pin", self._pin)
            return False

    def _keep(self, body: Durable) -> None:
        if isinstance(body, Register):
            self._glass.mark("submit")
        try:
            key = self._outbox.put(body)
        except NotKeptError:
            self._events.append(NotKept(body.kind))
            return
        self._send_due()
        self._events.append(Sent(body.kind, key))

    def _send_due(self) -> None:
        if self._connected:
            for key, body in self._outbox.due(time.monotonic()):
                age, gone = self._outbox.standing(key)
                self._publish(Request(device=self._device, key=key, body=body, age=age, gone=gone))

    def _publish(self, request: Request) -> None:
        if self._wire is not None:
            self._wire.publish(request)

    def _tick(self) -> None:
        now = time.monotonic()
        if self._wire is not None and not self._wire.alive:
            log.critical("the network thread has died; the kiosk must be started again")
            self.failed = True
            self._glass.stop()
        self._send_due()
        if scanned := self._scanner.silence(now):
            self._scan(scanned, self._scanner.field)
        self.apply(Tick(now))
        if self.flow.screen is Screen.OPERATOR:
            self.apply(self._look(now))

    def _look(self, now: float) -> Looked:
        ago = None if self._answered is None else now - self._answered
        online = self._connected and bool(self._controller)
        return Looked(self._connected, online, ago, self.camera())

    def _warm(self) -> bool:
        """Between first frame and first visitor: build the screens that are still missing."""
        if self.root.warm():
            return True
        matrix("warm", "M")
        # What is there now stays. Looking through it for garbage again and again would make the
        # screen stutter for a fifth of a second each time.
        gc.collect()
        gc.freeze()
        return False

    # --- the wire --------------------------------------------------------------------------------

    def hear(self, event: link.Event) -> None:
        """Listener of the link, on its thread."""
        self._glass.call(self._heard, event)

    def _heard(self, event: link.Event) -> None:
        match event:
            case link.Up():
                self._connected = True
                self._listened_to()
            case link.Down():
                self._connected = False
                self.apply(Reached(up=False))
            case link.Received(message=Answer() as answer):
                self._answered = time.monotonic()
                self.apply(Answered(answer))
                if answer.code != "server_error":
                    self._outbox.answered(answer.key)
                    # After the frame: the visitor need not wait for the disk.
                    self._glass.call(self._outbox.tidy)
            case link.Received(message=VisitUpdate() as update):
                self.apply(Updated(update.visit))
            case link.Received(message=Calls() as calls):
                self.apply(Called(calls))
            case link.Received(message=Expected() as expected):
                self.apply(Awaited(expected))
            case link.Received(message=Presence() as presence):
                self._controller_is(presence)

    def _controller_is(self, presence: Presence) -> None:
        """Births and wills of the controller; a late will of an earlier session says nothing."""
        if presence.state == "online" and presence.session != self._controller:
            self._controller = presence.session
            self._listened_to()
        elif presence.state == "offline" and self._controller in (0, presence.session):
            self._controller = 0
            self.apply(Reached(up=False))

    def _listened_to(self) -> None:
        self._outbox.hurry()
        self._send_due()
        self.apply(Reached(up=True))

    # --- keyboards -------------------------------------------------------------------------------

    def _on_text(self, _window: Any, text: str) -> bool:
        self.root.focus.drop()
        self._scanner.feed(text, self.flow.text, time.monotonic())
        if self.flow.screen in TEXT_SCREENS:
            for character in text:
                self._typist.key(character)
        else:
            self.apply(Touched())
        return True

    def _on_key(
        self,
        _window: Any,
        key: int,
        _scancode: int = 0,
        _codepoint: str = "",
        modifiers: Sequence[str] = (),
    ) -> bool:
        if key in _ENTER_KEYS:
            self._enter()
        elif key == _BACKSPACE_KEY and self.flow.screen in TEXT_SCREENS:
            self._typist.key(BACKSPACE)
        elif key in _STEPS and not _HELD.intersection(modifiers):
            self._step(key, -1 if "shift" in modifiers else 1)
        elif key == _ESCAPE_KEY and self.root.focus.shown:
            self.apply(Tap(Button.BACK))
        else:
            return False
        return True

    def _enter(self) -> None:
        scanned = self._scanner.enter(time.monotonic())
        if scanned is None:
            return
        if scanned:
            self._scan(scanned, self._scanner.field)
        elif self.root.focus.shown:
            self.root.focus.press()
        elif self.state.composing:
            self._typist.finish()
        else:
            self.apply(Tap(Button.NEXT))

    def _step(self, key: int, by: int) -> None:
        """To another button; but a scanner may end its codes with a tab."""
        scanned = self._scanner.enter(time.monotonic()) if key == _TAB_KEY else ""
        if scanned is None:
            return
        if scanned:
            self._scan(scanned, self._scanner.field)
            return
        if self.flow.dialog is not Dialog.IDLE:  # its answers are chosen first
            self.apply(Touched())
        self.root.focus.step(by * _STEPS[key])

    def _on_request_close(self, *_: Any) -> bool:
        """Alt-F4: a visitor's screen has no frame, and is closed by a signal alone."""
        return not self._framed

    def hold(self, text: str) -> None:
        """A code is held before the camera, which types nothing. From any thread."""
        self._glass.call(lambda: self.apply(Scanned(text, self.flow.text)))

    def _scan(self, text: str, field: str) -> None:
        """What a scanner typed was no typing: `field` is what stood there before."""
        self._typist.drop()
        self.apply(Scanned(text, field))
