"""Colours and sizes of the kiosk's screens: one object that kv knows as `ui`."""

from typing import Any

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty

from kiosk.terms import Aids

_SIZES = {
    # name: (portrait, landscape); seven, because each size of a Chinese face costs memory.
    "title": (84, 50),
    "input": (64, 40),
    "large": (52, 30),
    "button": (44, 27),
    "body": (38, 23),
    "label": (34, 21),
    "small": (30, 19),
}
_LARGER: tuple[dict[str, str], ...] = (
    {},
    {"small": "label", "label": "body", "body": "button", "button": "large"},
    {"small": "body", "label": "button", "body": "large", "button": "large", "large": "input"},
)
"""Larger type climbs the same steps, so that it costs no memory."""
HIGH_CONTRAST = {
    "paper": "#FFFFFF",
    "line": "#000000",
    "ahead": "#949494",
    "ink": "#000000",
    "muted": "#1C1C1C",
    "accent": "#003D31",
    "accent_pressed": "#000000",
    "accent_soft": "#FFFFFF",
    "shade": "#E4E4E4",
    "shade_pressed": "#BDBDBD",
    "wait": "#000000",
    "wait_ground": "#E4E4E4",
    "stop": "#7A0010",
    "veil": "#000000CC",
}
"""Black on white, and the accent nearly so."""


class Theme(EventDispatcher):  # type: ignore[misc]  # Kivy has no types
    """Design pixels are those of the pictures: 1080 × 1920, or 1366 × 768 lying; `u` is how many
    real pixels one of them has."""

    u = NumericProperty(1.0)
    landscape = BooleanProperty(False)
    face = StringProperty("TC")
    title = NumericProperty(84)
    input = NumericProperty(64)
    large = NumericProperty(52)
    button = NumericProperty(44)
    body = NumericProperty(38)
    label = NumericProperty(34)
    small = NumericProperty(30)

    size = NumericProperty(0)
    """Steps by which type is larger; see kiosk.terms.Aids."""
    contrast = BooleanProperty(False)

    paper = ColorProperty("#F5F3EE")
    surface = ColorProperty("#FFFFFF")
    line = ColorProperty("#D9D5CB")
    ahead = ColorProperty("#D9D5CB")
    """Steps that are still to come, told from `accent` by brightness."""
    ink = ColorProperty("#16202E")
    muted = ColorProperty("#5B6675")
    accent = ColorProperty("#0A6B57")
    accent_pressed = ColorProperty("#075343")
    accent_soft = ColorProperty("#D6F0E8")
    shade = ColorProperty("#E6E2D8")
    shade_pressed = ColorProperty("#D3CDBF")
    wait = ColorProperty("#6B4A00")
    wait_ground = ColorProperty("#FFF4D6")
    stop = ColorProperty("#A3242B")
    veil = ColorProperty("#16202E99")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._usual = {name: list(getattr(self, name)) for name in HIGH_CONTRAST}

    def help(self, aids: Aids) -> None:
        """Follow what the visitor asked for."""
        self.size = aids.size
        if aids.contrast != self.contrast:
            colours = HIGH_CONTRAST if aids.contrast else self._usual
            for name, colour in colours.items():
                setattr(self, name, colour)
            self.contrast = aids.contrast

    def fit(self, width: float, height: float) -> None:
        """Follow the window."""
        self.landscape = width > height
        self.u = (
            min(width / 1366, height / 768) if self.landscape else min(width / 1080, height / 1920)
        )
        for name in _SIZES:
            larger = _LARGER[self.size].get(name, name)
            setattr(self, name, max(round(_SIZES[larger][self.landscape] * self.u), 8))
