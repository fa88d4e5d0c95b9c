"""Where the screen was touched, for whoever checks it: a dot under each finger, and targets at the
edges that fill once they are hit."""

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, InstructionGroup, SmoothEllipse
from kivy.properties import ColorProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

_MOST = 400
"""Dots: a finger that never leaves the glass draws no more."""
_PLACES = ((0, 0), (0, 1), (1, 0), (1, 1), (0.5, 0.5))


class Touches(Widget):  # type: ignore[misc]  # Kivy has no types
    """Sees every touch and takes none. `hit` are the targets that were touched, by number."""

    test_id = StringProperty("")
    side = NumericProperty(64)
    color = ColorProperty((0, 0, 0, 1))
    waiting = ColorProperty((0.8, 0.8, 0.8, 1))
    hit = ListProperty([])
    screen = StringProperty("")
    """Where the kiosk is: each time it comes here, the dots of before are gone."""

    def __init__(self, **properties: Any) -> None:
        self._marks = InstructionGroup()
        self._dots: list[tuple[float, float]] = []
        super().__init__(**properties)
        self.canvas.add(self._marks)
        self._trigger = Clock.create_trigger(self._draw, -1)
        for name in ("pos", "size", "side", "color", "waiting", "hit"):
            self.fbind(name, self._trigger)

    def on_screen(self, *_: Any) -> None:
        self._dots, self.hit = [], []
        self._trigger()

    def on_touch_down(self, touch: Any) -> bool:
        self._note(touch)
        return False

    def on_touch_move(self, touch: Any) -> bool:
        self._note(touch)
        return False

    def targets(self) -> list[tuple[float, float]]:
        """The middles of the targets: the corners and the middle of the window."""
        width, height = self.width - self.side, self.height - self.side
        half = self.side / 2
        return [(self.x + half + x * width, self.y + half + y * height) for x, y in _PLACES]

    def _note(self, touch: Any) -> None:
        if len(self._dots) < _MOST:
            self._dots.append((touch.x, touch.y))
        for number, (x, y) in enumerate(self.targets()):
            near = max(abs(touch.x - x), abs(touch.y - y)) <= self.side / 2
            if near and number not in self.hit:
                self.hit = [*self.hit, number]
        self._trigger()

    def _draw(self, *_: Any) -> None:
        self._marks.clear()
        for number, middle in enumerate(self.targets()):
            self._circle(middle, self.side, self.color if number in self.hit else self.waiting)
        for dot in self._dots:
            self._circle(dot, self.side / 4, self.color)

    def _circle(self, middle: tuple[float, float], side: float, color: Any) -> None:
        self._marks.add(Color(*color))
        corner = middle[0] - side / 2, middle[1] - side / 2
        self._marks.add(SmoothEllipse(pos=corner, size=(side, side)))
