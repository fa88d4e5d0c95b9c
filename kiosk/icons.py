"""The kiosk's icons, drawn as strokes: no font here has them all, and no size blurs them."""

from math import cos, pi, sin
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, InstructionGroup, SmoothEllipse, SmoothLine
from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

_GRID = 24
Stroke = tuple[float, ...]
"""x and y of the corners of one line, from the bottom left of a square of 24."""


def _circle(x: float, y: float, radius: float, corners: int = 32) -> Stroke:
    turns = (2 * pi * corner / corners for corner in range(corners + 1))
    return tuple(part for t in turns for part in (x + radius * cos(t), y + radius * sin(t)))


ICONS: dict[str, tuple[Stroke, ...]] = {
    "arrow": ((3, 12, 21, 12), (14.5, 18, 21, 12, 14.5, 6)),
    "next": ((9, 19, 16, 12, 9, 5),),
    "previous": ((15, 19, 8, 12, 15, 5),),
    "check": ((4.5, 12.5, 10, 7, 19.5, 17.5),),
    "plus": ((12, 4, 12, 20), (4, 12, 20, 12)),
    "minus": ((4, 12, 20, 12),),
    "backspace": (
        (8, 19, 22, 19, 22, 5, 8, 5, 2, 12, 8, 19),
        (11.5, 15.5, 18.5, 8.5),
        (11.5, 8.5, 18.5, 15.5),
    ),
    "shift": ((12, 20.5, 3.5, 11.5, 8.5, 11.5, 8.5, 4, 15.5, 4, 15.5, 11.5, 20.5, 11.5, 12, 20.5),),
    "pen": ((4, 4, 5, 8.5, 16.5, 20, 20, 16.5, 8.5, 5, 4, 4), (14, 17.5, 17.5, 14)),
    "business": (
        (3, 17, 21, 17, 21, 4, 3, 4, 3, 17),
        (8.5, 17, 8.5, 20.5, 15.5, 20.5, 15.5, 17),
        (3, 11, 21, 11),
        (12, 12.5, 12, 9.5),
    ),
    "interview": (
        (5, 21, 15, 21, 19, 17, 19, 3, 5, 3, 5, 21),
        (15, 21, 15, 17, 19, 17),
        (8.5, 12.5, 15.5, 12.5),
        (8.5, 8, 15.5, 8),
    ),
    "service": (
        (3, 16.5, 12, 21, 21, 16.5, 21, 7.5, 12, 3, 3, 7.5, 3, 16.5),
        (3, 16.5, 12, 12, 21, 16.5),
        (12, 12, 12, 3),
        (7.5, 18.7, 16.5, 14.2),
    ),
    "works": (
        (2.5, 6, 21.5, 6),
        (4.5, 6, 4.5, 10, 6.5, 14.5, 9.5, 17, 12, 17.6, 14.5, 17, 17.5, 14.5, 19.5, 10, 19.5, 6),
        (9.5, 17, 9.5, 11),
        (14.5, 17, 14.5, 11),
    ),
    "procedure": (
        (5, 3, 5, 21, 15, 21, 15, 3),
        (15, 14, 20, 14, 20, 3),
        (2.5, 3, 21.5, 3),
        (8.5, 16.5, 11.5, 16.5),
        (8.5, 12, 11.5, 12),
        (8.5, 7.5, 11.5, 7.5),
    ),
    "colleague": (
        (5, 18, 19, 18, 19, 3, 5, 3, 5, 18),
        (12, 21.5, 12, 16),
        (8, 6, 9, 8.5, 15, 8.5, 16, 6),
        (10, 12, 12, 13.8, 14, 12, 12, 10.2, 10, 12),
    ),
    "wait": (_circle(12, 12, 9.5), (12, 17, 12, 11.5, 16, 9)),
}


def draw(
    into: InstructionGroup, name: str, color: Any, x: float, y: float, side: float, weight: float
) -> None:
    """Draw an icon into a square whose bottom left is (x, y); `weight` is in units of the grid."""
    into.add(Color(*color))
    scale = side / _GRID
    radius = weight * scale / 2
    for stroke in ICONS.get(name, ()):
        points = [(y if index % 2 else x) + value * scale for index, value in enumerate(stroke)]
        into.add(SmoothLine(points=points, width=radius))
        for left, bottom in (points[:2], points[-2:]):
            # A smooth line has no round ends of its own.
            box = {"pos": (left - radius, bottom - radius), "size": (radius * 2, radius * 2)}
            into.add(SmoothEllipse(**box))


class Icon(Widget):  # type: ignore[misc]  # Kivy has no types
    """One icon, centred in the widget, `side` pixels large."""

    name = StringProperty("")
    side = NumericProperty(24)
    weight = NumericProperty(1.9)
    color = ColorProperty((0, 0, 0, 1))

    def __init__(self, **properties: Any) -> None:
        self._strokes = InstructionGroup()
        super().__init__(**properties)
        self.canvas.add(self._strokes)
        trigger = Clock.create_trigger(self._draw, -1)
        for name in ("name", "side", "weight", "color", "pos", "size"):
            self.fbind(name, trigger)
        trigger()

    def _draw(self, *_: Any) -> None:
        self._strokes.clear()
        x = self.x + (self.width - self.side) / 2
        y = self.y + (self.height - self.side) / 2
        draw(self._strokes, self.name, self.color, x, y, self.side, self.weight)
