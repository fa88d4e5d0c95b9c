"""Real Kivy windows without a display: one offscreen window for the whole run, stepped by hand."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from controller.lobby import Lobby
from models import glass
from models.messages import (
    Department,
    DirectoryView,
    Health,
    Picture,
    Presence,
    Resync,
    Shown,
    topic_of,
)
from models.settings import Settings, load
from models.terms import Language, Role
from tests.board_process import Desk, Process
from tests.kiosk_story import DEPARTMENTS, PROCEDURES, Controller
from tests.parts import PATIENCE, fresh_settings, morning_zone, signed_in

PICTURES = Path("out/ui")


class Driver:
    """Shows a root widget, lets frames pass, taps, types, and takes pictures."""

    def __init__(self, *, pictures: bool) -> None:
        self.pictures = pictures
        self.glass = glass.Glass()
        self.root: Any = None

    def show(self, root: Any, size: tuple[int, int] = (1080, 1920)) -> None:
        from kivy.core.window import Window

        self.leave()
        if Window.size != size:
            Window.size = size
        self.root = root
        if self.glass.frames:
            Window.add_widget(root)
        else:
            self.glass.start(root)
        self.frames(3)

    def leave(self) -> None:
        from kivy.core.window import Window

        if self.root is not None:
            Window.remove_widget(self.root)
            self.root = None
            self.frames()

    def frames(self, count: int = 1) -> None:
        from kivy.base import EventLoop

        for _ in range(count):
            # Not glass.step(): a test must see the exception that the product survives.
            EventLoop.idle()
            EventLoop.window.mainloop()

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            self.frames()
            time.sleep(0.002)

    def widget(self, test_id: str) -> Any:
        for widget in self.root.walk():
            if getattr(widget, "test_id", "") == test_id:
                return widget
        raise AssertionError(f"no {test_id!r} on the screen; there are {sorted(self.widgets())}")

    def widgets(self) -> dict[str, dict[str, Any]]:
        return glass.widgets(self.root)

    def texts(self) -> str:
        return "\n".join(str(found["text"]) for found in self.widgets().values())

    def tap(self, test_id: str) -> None:
        from kivy.tests.common import UnitTestTouch

        widget = self.widget(test_id)
        touch = UnitTestTouch(*widget.to_window(*widget.center))
        touch.touch_down()
        self.frames(2)
        touch.touch_up()
        self.frames(2)

    def type(self, text: str) -> None:
        """As a physical keyboard does: text input goes to the focused field."""
        from kivy.core.window import Window

        for character in text:
            Window.dispatch("on_textinput", character)
        self.frames(2)

    def picture(self) -> Image.Image:
        """The window's pixels. Kivy's own screenshots of windows whose width is no multiple of 4
        are crooked."""
        from kivy.core.window import Window
        from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

        self.frames(3)
        Window.dispatch("on_draw")  # unflipped: what is read back is this very frame
        pixels = glReadPixels(0, 0, *Window.size, GL_RGBA, GL_UNSIGNED_BYTE)
        image = Image.frombytes("RGBA", Window.size, bytes(pixels)).convert("RGB")
        return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)

    def keep(self, name: str) -> None:
        """With `pytest --pictures`, the window as out/ui/<name>.png, for a person to look at."""
        if self.pictures:
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.picture().save(PICTURES / f"{name}.png")


@pytest.fixture(scope="session")
def repo_settings() -> Settings:
    return load()


@pytest.fixture(scope="session")
def _window(repo_settings: Settings, pytestconfig: pytest.Config) -> Driver:
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    glass.prepare(repo_settings, "3840x2160+0+0!", "test")
    glass.register_fonts(repo_settings)
    return Driver(pictures=pytestconfig.getoption("pictures"))


@pytest.fixture
def ui(_window: Driver) -> Iterator[Driver]:
    yield _window
    _window.leave()


@pytest.fixture
def settings() -> Iterator[Settings]:
    """As everywhere, in a zone where no midnight takes down what was published for a day."""
    with fresh_settings(timezone=morning_zone()) as fresh:
        yield fresh


@pytest.fixture
def start(broker: Lobby) -> Iterator[Callable[..., Process]]:
    """Starts boards, and ends whatever still runs."""
    running: list[Process] = []

    def starting(**more: str) -> Process:
        running.append(Process(broker.settings, **more))
        running[-1].until_first_frame()
        return running[-1]

    yield starting
    for board in running:
        if board.process.poll() is None:
            board.end(signal.SIGKILL)


@pytest.fixture
def desk(broker: Lobby) -> Iterator[Desk]:
    """Publishes as the controller does, and hears what boards say."""
    site = broker.settings.site
    heard = [topic_of(kind, site) for kind in (Shown, Resync, Presence, Health, Picture)]
    with signed_in(broker.settings, Role.CONTROLLER, "main", heard) as signed:
        yield Desk(signed, broker.settings)


class Steady:
    """A kiosk's clock in which no stall of this machine counts: from one reading to the next it
    goes on by less than what ends a scan or anybody's patience."""

    def __init__(self) -> None:
        self._now = self._read = time.monotonic()

    def monotonic(self) -> float:
        before, self._read = self._read, time.monotonic()
        self._now += min(self._read - before, 0.2)
        return self._now


@pytest.fixture
def steady(_window: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kiosks have a steady clock."""
    from kiosk import app, root

    clock = Steady()
    for module in (app, root):
        monkeypatch.setattr(module, "time", clock)


@pytest.fixture
def kiosk(
    ui: Driver, steady: None, tmp_path: Path, repo_settings: Settings
) -> Iterator[Callable[..., Any]]:
    """Opens a kiosk of a size and language, with a controller that keeps silent about visits.
    `more` are other settings of the kiosk's. Its time is told to it, unless it is `live`."""
    from kiosk.app import Kiosk
    from kiosk.outbox import Outbox

    opened: list[Kiosk] = []

    def open_(
        size: tuple[int, int] = (1080, 1920),
        language: Language = Language.ZH_HANT,
        departments: tuple[Department, ...] = DEPARTMENTS,
        *,
        live: bool = False,
        **more: Any,
    ) -> Kiosk:
        own = repo_settings.kiosk.model_copy(update={"language": language} | more)
        settings = repo_settings.model_copy(update={"kiosk": own})
        app = Kiosk(settings, ui.glass, Outbox(tmp_path / f"{len(opened)}.sqlite3"), PROCEDURES)
        controller = Controller()
        controller.hear = app.hear
        controller.says = {
            "directory": lambda _r: {"body": DirectoryView(departments=departments)},
        }
        ui.show(app.root, size)
        app.start(controller)
        opened.append(app)
        ui.until(lambda: app.flow.departments == departments)
        for end in () if live else app._repeating:
            end()
        app.at_welcome = app.flow
        return app

    yield open_
    for app in opened:
        app.stop()
