"""Colours and sizes of the kiosk's screens: one object that kv knows as `ui`."""

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.utils import get_color_from_hex

_SIZES = {
    # name: (portrait, landscape); seven, because each size of a Chinese face costs 5 MB.
    "title": (84, 50),
    "input": (64, 40),
    "large": (52, 30),
    "button": (44, 27),
    "body": (38, 23),
    "label": (34, 21),
    "small": (30, 19),
}


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

    paper = get_color_from_hex("#F5F3EE")
    surface = get_color_from_hex("#FFFFFF")
    line = get_color_from_hex("#D9D5CB")
    ink = get_color_from_hex("#16202E")
    muted = get_color_from_hex("#5B6675")
    accent = get_color_from_hex("#0A6B57")
    accent_pressed = get_color_from_hex("#075343")
    accent_soft = get_color_from_hex("#D6F0E8")
    shade = get_color_from_hex("#E6E2D8")
    shade_pressed = get_color_from_hex("#D3CDBF")
    wait = get_color_from_hex("#6B4A00")
    wait_ground = get_color_from_hex("#FFF4D6")
    stop = get_color_from_hex("#A3242B")
    veil = get_color_from_hex("#16202E99")

    def fit(self, width: float, height: float) -> None:
        """Follow the window."""
        self.landscape = width > height
        self.u = (
            min(width / 1366, height / 768) if self.landscape else min(width / 1080, height / 1920)
        )
        for name, sizes in _SIZES.items():
            setattr(self, name, max(round(sizes[self.landscape] * self.u), 8))
