"""Real Kivy windows without a display: one offscreen window for the whole run, stepped by hand."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models import glass
from models.settings import Settings, load

PICTURES = Path("out/ui")


class Driver:
    """Shows a root widget, lets frames pass, taps, types, and takes pictures."""

    def __init__(self) -> None:
        self.glass = glass.Glass(nap=0)
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

    def until(self, condition: Callable[[], object], seconds: float = 5) -> None:
        deadline = time.monotonic() + seconds
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

    def picture(self, name: str) -> Path:
        """The window's pixels as out/ui/<name>.png."""
        from kivy.core.window import Window

        self.frames(2)
        PICTURES.mkdir(parents=True, exist_ok=True)
        file = PICTURES / f"{name}.png"
        file.unlink(missing_ok=True)
        Window.dispatch("on_draw")  # unflipped: what is read back is this very frame
        # Kivy numbers its screenshots; ours have a name and are overwritten.
        return Path(Window.screenshot(name=str(file))).rename(file)


@pytest.fixture(scope="session")
def repo_settings() -> Settings:
    return load()


@pytest.fixture(scope="session")
def _window(repo_settings: Settings) -> Driver:
    os.environ["SDL_VIDEODRIVER"] = "offscreen"
    glass.prepare(repo_settings, "3840x2160+0+0!", "test")
    glass.register_fonts(repo_settings)
    return Driver()


@pytest.fixture
def ui(_window: Driver) -> Iterator[Driver]:
    yield _window
    _window.leave()
