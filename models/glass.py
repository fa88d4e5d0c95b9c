"""A window that sleeps until it is woken: how the kiosk and the board run Kivy.

The only module outside `kiosk/` and `board/` that touches Kivy, because both windows need the same
engine: the settings that must be made before Kivy is imported, the fonts, the loop, the one door
through which other threads reach the screen, and a read-only probe for tests, tour and bench.

Kivy's own loop polls; this one sleeps in SDL's queue until a finger, a key, another thread or
Kivy's clock wants something, and so idles near zero, yet draws a frame for a touch or a message
within milliseconds.
"""

import ctypes
import json
import logging
import mmap
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

from models.notify import Watchdog
from models.settings import Settings, SettingsError, geometry
from models.terms import Language

log = logging.getLogger(__name__)

_SETTLED = 2.0
"""Seconds after which a window has drawn all that it needs to compile shaders for."""
STUCK = 30.0
"""Seconds without a round of the loop after which the process ends, to be started again."""
STUCK_CODE = 70
_LONGEST_SLEEP = 0.2
"""Seconds until a signal is noticed at the latest."""
_CRASHES_ALLOWED = 50
"""Exceptions out of callbacks before the process gives up and lets its supervisor restart it."""


def prepare(settings: Settings, window: str, title: str) -> None:
    """Configure Kivy for a kiosk-like window. Must run before anything imports Kivy's Window.

    Raises SettingsError where there is no display: SDL would open the window where nobody sees it.
    """
    if not any(os.environ.get(name) for name in ("DISPLAY", "SDL_VIDEODRIVER")):
        raise SettingsError("No window can be opened: there is no display (set DISPLAY).")
    # Of a display that does not answer SDL makes one that nobody sees, and all would seem well.
    os.environ["SDL_VIDEODRIVER"] = os.environ.get("SDL_VIDEODRIVER") or "x11"
    home = settings.data / "kivy"
    # Kivy's own way to make this one fails if another window makes it at the same moment.
    (home / "mods").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        KIVY_NO_ARGS="1",
        KIVY_NO_CONFIG="1",
        KIVY_NO_FILELOG="1",
        KIVY_NO_CONSOLELOG="1",
        KIVY_LOG_MODE="PYTHON",  # else it takes over stderr and the root logger
        KIVY_HOME=str(home.resolve()),
        KIVY_METRICS_DENSITY="1",
        KIVY_DPI="96",
    )
    from kivy.config import Config

    logging.getLogger("kivy").setLevel(logging.WARNING)
    place = geometry(window)
    graphics: dict[str, Any] = {
        "multisamples": 0,
        "maxfps": 0,
        "vsync": 0,
        "show_cursor": 0 if not place.framed or not place.width else 1,
        "allow_screensaver": 0,
        "resizable": int(place.framed),
    }
    if place.width:
        graphics |= {
            "width": place.width,
            "height": place.height,
            "position": "custom",
            "left": place.left,
            "top": place.top,
            "borderless": int(not place.framed),
        }
    else:
        graphics |= {"fullscreen": "auto"}
    for name, value in graphics.items():
        Config.set("graphics", name, str(value))
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "window_title", title)
    for name, _ in list(Config.items("input")):
        Config.remove_option("input", name)
    Config.set("input", "mouse", "mouse,disable_multitouch")


def register_fonts(settings: Settings) -> None:
    """Register the faces TC, SC and their bold as Kivy fonts. Kivy has no fallback between fonts,
    and face 0 of Noto's collection is Japanese; set-up has split the right faces out."""
    from kivy.core.text import LabelBase

    for face in ("TC", "SC"):
        regular, bold = (settings.fonts / f"{face}-{weight}.otf" for weight in ("Regular", "Bold"))
        if not (regular.exists() and bold.exists()):
            raise SettingsError(f"The fonts {regular} and {bold} are missing: run make setup.")
        LabelBase.register(face, fn_regular=str(regular), fn_bold=str(bold))
    _keep_no_copies()


def _keep_no_copies() -> None:
    """Kivy keeps a second picture of every text, from which the renderer's was made: 34 MB of a
    kiosk's, and what a visitor has typed among them."""
    from kivy.core.text import Label

    draw = Label._render_end  # noqa: SLF001 - Kivy has no other place for it

    def draw_and_forget(label: Any) -> Any:
        try:
            return draw(label)
        finally:
            label._surface = None  # noqa: SLF001

    Label._render_end = draw_and_forget  # noqa: SLF001


def font_for(language: Language) -> str:
    """The face whose glyph forms a language expects: 简体 has its own, all others read TC."""
    return "SC" if language is Language.ZH_HANS else "TC"


class Bed:
    """Where a window's thread sleeps: SDL's own queue of events, which its X connection fills, and
    into which other threads may put one that means nothing. Only after the window was opened."""

    _NOTHING = (ctypes.c_uint32 * 16)(0x8000)
    """An SDL_Event of the type SDL_USEREVENT, which Kivy drops."""
    _ADD = 0

    def __init__(self) -> None:
        from kivy.core.window import _window_sdl2

        # Through Kivy's module, for the library beside it goes by another name in each wheel.
        self._sdl = ctypes.CDLL(_window_sdl2.__file__)

    def sleep(self, seconds: float) -> bool:
        """Until there is an event, which stays in the queue: then True. Or for so long."""
        return bool(self._sdl.SDL_WaitEventTimeout(None, ceil(seconds * 1000)))

    def wake(self) -> None:
        """From any thread."""
        # Not SDL_PushEvent: it would hold a lock of SDL's while Kivy's filter waits for Python's.
        self._sdl.SDL_PeepEvents(self._NOTHING, 1, self._ADD, 0, 0)


class Glass:
    """The loop of one window. A round that takes more than `stuck` seconds ends the process with
    STUCK_CODE."""

    def __init__(self, stuck: float = STUCK) -> None:
        self.stuck = stuck
        self._bed: Bed | None = None
        self._awake = True
        self._stopping = False
        self.again = False
        self._crashes = 0
        self._after_flip: list[Callable[[], None]] = []
        self._after_round: deque[Callable[[], None]] = deque()
        self.marks: deque[tuple[str, float]] = deque(maxlen=2000)
        self.flips: deque[float] = deque(maxlen=200)
        """When the last frames were flipped onto the glass, on the monotonic clock."""
        self.frames = 0
        self.frame_ms = 0.0
        """How long the last frame took, from the beginning of its round to its flip."""
        self._watchdog = Watchdog(os.environ)
        self._alive_at = time.monotonic()

    def call(self, function: Callable[..., None], *args: Any) -> None:
        """Run `function` on the UI thread soon. The one door for other threads."""
        from kivy.clock import Clock

        # The closure keeps a bound method alive: Kivy's clock holds those weakly.
        Clock.schedule_once(lambda _dt: function(*args), 0)
        self._rouse()

    def every(self, seconds: float, job: Callable[[], object]) -> Callable[[], None]:
        """Run `job` on the UI thread every so many seconds, also after it has raised, until it
        returns False or what this returns is called. To be called on the UI thread."""
        from kivy.clock import Clock

        event: Any = None

        def turn(_dt: float) -> None:
            nonlocal event
            # First, and as an event of its own: Kivy drops one whose callback raises.
            event = Clock.schedule_once(turn, seconds)
            if job() is False:
                event.cancel()

        def end() -> None:
            event.cancel()

        event = Clock.schedule_once(turn, seconds)
        return end

    def after_flip(self, function: Callable[[], None]) -> None:
        """Run `function` once, right after the next frame has been flipped onto the glass."""
        self._after_flip.append(function)

    def after_round(self, function: Callable[[], None]) -> None:
        """Run `function` once on the UI thread, when a round has laid out and drawn all that had
        changed. Other threads may ask for it."""
        self._after_round.append(function)
        self._rouse()

    def mark(self, label: str) -> None:
        """Note a moment on the monotonic clock, for the probe."""
        self.marks.append((label, time.monotonic()))

    def start(self, root: Any) -> None:
        """Open the window on `root` and draw its first frame."""
        from kivy.base import EventLoop, runTouchApp
        from kivy.core.window import Window

        if Window is None:
            raise SettingsError("No window can be opened: there is no display (set DISPLAY).")
        Window.bind(on_keyboard=_swallow_keys)
        # F1 would open Kivy's own settings, which a scanner can "type".
        runTouchApp(root, embedded=True)
        EventLoop.window.bind(on_flip=self._flipped)
        self._bed = Bed()
        self.step()
        self.mark("first_frame")

    def obey(self) -> None:
        """From now on SIGTERM and SIGINT end `run`, even before it began. Until then SDL takes them
        for a wish to close the window, which a window may refuse."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_end)

    def run(self) -> None:
        """Step until `stop`, SIGTERM or SIGINT, or the window is closed."""
        from kivy.base import EventLoop, stopTouchApp
        from kivy.clock import Clock

        Clock.schedule_once(lambda _dt: give_back(), _SETTLED)
        self.obey()
        self._alive_at = time.monotonic()
        threading.Thread(target=self._guard, name="guard", daemon=True).start()
        self._watchdog.ready()
        while not self._stopping and not EventLoop.quit:
            self._sleep()
            if self._watchdog.is_due(time.monotonic()):
                # Only a frame that reaches the glass proves that this window lives.
                EventLoop.window.canvas.ask_update()
            self.step()
        self._stopping = True
        if not self.again:  # systemd kills what is still there a while after it has said so
            self._watchdog.stopping()
        stopTouchApp()

    def step(self) -> None:
        """One round: the clock's callbacks, input, and a frame if anything changed."""
        from kivy.base import EventLoop

        self._alive_at = time.monotonic()
        try:
            # Input first: a touch that has arrived is answered by this very frame.
            EventLoop.window.mainloop()
            EventLoop.idle()
            if EventLoop.window.canvas.needs_redraw:
                self._awake = True
            while self._after_round:
                self._after_round.popleft()()
        except Exception:
            log.exception("a callback failed; the window goes on")
            self._crashes += 1
            if self._crashes > _CRASHES_ALLOWED:
                raise

    def stop(self, *, again: bool = False) -> None:
        """End `run`; `again` says that this very process goes on as another window."""
        self.again = again
        self._stopping = True
        self._rouse()

    def _sleep(self) -> None:
        """Until something is to be done; the clock's next callback is."""
        from kivy.clock import Clock

        if self._bed and not self._awake:
            # Kivy's documentation says otherwise, but it is a moment, on the clock's own time.
            left = Clock.get_min_timeout() - Clock.time()
            self._bed.sleep(min(max(left, 0), _LONGEST_SLEEP))
        self._awake = False

    def _rouse(self) -> None:
        self._awake = True
        if self._bed:
            self._bed.wake()

    def _asked_to_end(self, *_: Any) -> None:
        # No event: the signal may have come while this very thread held the lock of SDL's queue.
        self._stopping = True

    def _flipped(self, *_: Any) -> None:
        now = time.monotonic()
        self.frames += 1
        self.flips.append(now)
        self.frame_ms = (now - self._alive_at) * 1000
        self._watchdog.alive(now)
        waiting, self._after_flip = self._after_flip, []
        for function in waiting:
            try:
                function()
            except Exception:
                log.exception("what was to follow a frame failed")

    def _guard(self) -> None:
        """End a process whose loop hangs in a callback: its supervisor starts it again."""
        while not self._stopping:
            time.sleep(self.stuck / 6)
            if time.monotonic() - self._alive_at > self.stuck and not self._stopping:
                log.critical("the window's loop hangs; the process ends to be started again")
                logging.shutdown()
                os._exit(STUCK_CODE)


def give_back() -> None:
    """Let go of memory that only the past needed; what is needed again comes back by itself.

    The first frame of a software renderer pulls its whole compiler into memory, some 45 MB that
    are never run again; and 25 MB are the model of a handwriting that few visitors use. Pages of
    code, and of files that are shared and only read, are copies, so the kernel may drop them. So
    it may what was freed: each screen's drawing leaves holes where its pictures were.
    """
    try:
        lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
    except OSError:
        return  # not Linux
    library = ctypes.CDLL(None)
    if trim := getattr(library, "malloc_trim", None):  # glibc's own
        trim(0)
    madvise = library.madvise
    for line in lines:
        span, rights, *_, name = line.split(maxsplit=5)
        if rights in {"r-xp", "r--s"} and name.startswith("/") and not name.endswith("(deleted)"):
            start, end = (int(edge, 16) for edge in span.split("-"))
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)


def _swallow_keys(_window: Any, key: int, *_: Any) -> bool:
    escape, f1 = 27, 282
    return key in (escape, f1)


class Probe:
    """What a test may ask of a window, over a Unix socket that only its owner can open.

    Enabled by `LOBBY_PROBE=<path of the socket>`. Read-only: `widgets` returns every widget that
    has a `test_id`, as {test_id: {x, y, width, height, text, …}} in pixels from the window's top
    left; `marks` returns the noted moments; `frames` the number of flips, `flips` the moments of
    the last ones.
    """

    def __init__(self, glass: Glass, root: Any) -> None:
        self._glass = glass
        self._root = root

    def start(self) -> None:
        if path := os.environ.get("LOBBY_PROBE"):
            file = Path(path)
            file.unlink(missing_ok=True)
            server = socket.socket(socket.AF_UNIX)
            server.bind(path)
            file.chmod(0o600)
            server.listen()
            threading.Thread(target=self._serve, args=(server,), daemon=True).start()

    def _serve(self, server: socket.socket) -> None:
        while True:
            connection, _ = server.accept()
            with connection, connection.makefile("rw", encoding="utf-8") as stream:
                for line in stream:
                    stream.write(json.dumps(self._answer(line.strip()), ensure_ascii=False) + "\n")
                    stream.flush()

    def _answer(self, question: str) -> Any:
        if question == "marks":
            return list(self._glass.marks)
        if question == "frames":
            return self._glass.frames
        if question == "flips":
            return list(self._glass.flips)
        answers: list[dict[str, Any]] = []
        done = threading.Event()

        def look() -> None:
            try:
                answers.append(widgets(self._root))
            finally:
                done.set()

        self._glass.after_round(look)  # a callback's own turn may come before the layout's
        done.wait(STUCK)
        return answers[0] if answers else {}


def widgets(root: Any) -> dict[str, dict[str, Any]]:
    """Every widget below `root` that has a `test_id` and can be seen. Call on the UI thread."""
    from kivy.core.window import Window

    found: dict[str, dict[str, Any]] = {}
    for widget in root.walk():
        if (name := getattr(widget, "test_id", "")) and widget.get_root_window():
            x, y = widget.to_window(widget.x, widget.y)
            found[name] = {
                "x": x,
                "y": Window.height - y - widget.height,
                "width": widget.width,
                "height": widget.height,
                "text": getattr(widget, "text", ""),
                "disabled": bool(getattr(widget, "disabled", False)),
            }
    return found
