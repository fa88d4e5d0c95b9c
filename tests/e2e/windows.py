"""The lobby's windows as people meet them: looked at through pixels, touched with a pointer.

The probe of a window says where things are and what they read; every touch goes through the X
server as a finger's would, and every picture is what the display shows.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image, ImageGrab

from controller.lobby import Lobby
from controller.preflight import Part
from models.settings import geometry
from tests.parts import PATIENCE
from tests.qr import codes

T = TypeVar("T")


class Window:
    """The kiosk's or the board's window of a running lobby that was opened with probes."""

    def __init__(self, lobby: Lobby, part: Part) -> None:
        self._lobby = lobby
        self._part = part
        own = lobby.settings.kiosk if part is Part.KIOSK else lobby.settings.board
        self._place = geometry(own.window)

    def ask(self, question: str) -> Any:
        """One question to the probe; the connection outlives neither the window nor a restart."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self._lobby.probe(self._part)))
            connection.sendall(question.encode() + b"\n")
            with connection.makefile(encoding="utf-8") as stream:
                return json.loads(stream.readline())

    def widgets(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.ask("widgets")
        return found

    def text(self) -> str:
        """Everything that can be read on the screen."""
        return "\n".join(str(w["text"]) for w in self.widgets().values() if w["text"])

    def marks(self) -> dict[str, float]:
        """The moments that the window noted, by label, on the monotonic clock; the last of each."""
        return dict(self.ask("marks"))

    def wait(self, condition: Callable[[dict[str, Any]], T | None], what: str) -> T:
        """Wait until the widgets fulfil a condition, and return what it returned."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                widgets = self.widgets()
                if result := condition(widgets):
                    return result
            except OSError:
                widgets = {}  # the window is starting again
            texts = [w["text"] for w in widgets.values() if w["text"]]
            assert time.monotonic() < deadline, f"the {self._part} never showed {what}: {texts}"
            time.sleep(0.02)

    def wait_for(self, test_id: str) -> dict[str, Any]:
        """Wait until something is on the screen and can be touched."""

        def there(widgets: dict[str, Any]) -> dict[str, Any] | None:
            widget = widgets.get(test_id)
            return widget if widget and not widget["disabled"] else None

        return self.wait(there, test_id)

    def wait_until_gone(self, test_id: str) -> None:
        self.wait(lambda widgets: test_id not in widgets, f"anything but {test_id}")

    def wait_for_text(self, text: str) -> None:
        """However its lines are broken."""
        wanted = "".join(text.split())
        self.wait(
            lambda widgets: any(
                wanted in "".join(str(w["text"]).split()) for w in widgets.values()
            ),
            text,
        )

    def tap(self, test_id: str) -> None:
        """Touch the middle of something, once it is there."""
        self.click(test_id, "1")

    def click(self, test_id: str, button: str) -> None:
        """Press a mouse's button over the middle of something; 1 is what a finger is."""
        widget = self.wait_for(test_id)
        x = self._place.left + widget["x"] + widget["width"] / 2
        y = self._place.top + widget["y"] + widget["height"] / 2
        self._x("mousemove", str(round(x)), str(round(y)), "click", button)

    def type(self, text: str) -> None:
        """On the on-screen keyboard, key by key."""
        for character in text:
            self.tap("key_space" if character == " " else f"key_{character}")

    def press(self, *keys: str) -> None:
        """Keys of a real keyboard, one after the other, such as `Tab` or `alt+F4`."""
        self._x("key", *keys)

    def picture(self, file: Path | None = None) -> Image.Image:
        """What the display shows of this window, kept in a file where one is named."""
        place = self._place
        box = (place.left, place.top, place.left + place.width, place.top + place.height)
        image = ImageGrab.grab(bbox=box, xdisplay=self._lobby.display)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            image.save(file)
        return image

    def qr_text(self) -> str:
        """The text of the QR code that is on the screen, read from its pixels."""
        deadline = time.monotonic() + PATIENCE
        while not (found := codes(self.picture())):
            assert time.monotonic() < deadline, "no QR code can be read from the screen"
            time.sleep(0.05)
        return found[0]

    def _x(self, *command: str) -> None:
        environment = os.environ | {"DISPLAY": str(self._lobby.display)}
        subprocess.run(["xdotool", *command], env=environment, check=True, timeout=PATIENCE)
