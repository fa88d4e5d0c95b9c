"""The parts of the screens. Their looks are in theme.kv; here is what kv cannot say."""

from itertools import zip_longest
from typing import Any

from kivy.clock import Clock
from kivy.factory import Factory
from kivy.graphics import Color, InstructionGroup
from kivy.graphics.texture import Texture
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.boxes import Box
from kiosk.icons import draw
from models.qr import matrix
from models.terms import Language
from models.typeset import tail, typeset


class Text(Label):  # type: ignore[misc]  # Kivy has no types
    """A text as wide as its widget: broken properly, shortened at the right beyond `lines`.

    Off the window nothing is drawn; `refresh` makes up for it.
    """

    test_id = StringProperty("")
    lines = NumericProperty(0)
    cut_left = BooleanProperty(False)
    """Show the end rather than the beginning: a field that is typed into."""

    def __init__(self, **properties: Any) -> None:
        self._stale = False
        super().__init__(**properties)
        for name in ("width", "lines"):
            self.fbind(name, self._trigger_texture)

    def refresh(self) -> None:
        """Draw what has changed while this was off the window."""
        if self._stale:
            self.texture_update()

    def forget(self) -> None:
        """Off the window its picture is of no use: those of all screens are 15 MB."""
        self._stale = True
        self.texture = self._label.texture = None

    def texture_update(self, *_: Any) -> None:
        def measure(text: str) -> float:
            return float(self._label.get_extents(text)[0])

        self._stale = self.get_root_window() is None
        if self._stale or not self.text:
            # What a visitor has typed stays in no memory for longer than needed: neither its
            # pixels, nor the words that Kivy has kept of the last drawing.
            self._label._cached_lines = []  # noqa: SLF001 - Kivy forgets them only for others
        if self._stale:
            self.forget()
            return
        # Kivy resolves a changed font only when it draws, which is after the measuring.
        self._label.resolve_font_name()
        room = max(self.width, 1)
        if self.cut_left:
            self._label.text = tail(self.text, room, measure)
        else:
            self._label.text = typeset(self.text, room, measure, int(self.lines))
        super().texture_update()


class Pressable(ButtonBehavior):  # type: ignore[misc]  # Kivy has no types
    """Anything to press. `event` is what the flow is told; the press shows in the same frame.

    The face is painted here and not in kv: a keyboard has forty of them.
    """

    test_id = StringProperty("")
    event = ObjectProperty(None, allownone=True)
    primary = BooleanProperty(False)
    ground = ColorProperty((1, 1, 1, 1))
    ground_pressed = ColorProperty((0.9, 0.9, 0.9, 1))
    border = ColorProperty((0, 0, 0, 0))
    border_width = NumericProperty(0)
    lift = NumericProperty(0)
    """How far the face stands above the ground, instead of a border; a press pushes it down."""
    radius = NumericProperty(0)
    gone = BooleanProperty(False)
    """Neither seen nor pressed."""
    inset = NumericProperty(0)
    """What is drawn is this much lower than what can be hit, above and below."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        with self.canvas.before:
            self._under_color, self._under = Color(), Box()
            self._face_color, self._face = Color(), Box()
        trigger = Clock.create_trigger(self._paint, -1)
        for name in (
            *("pos", "size", "state", "ground", "ground_pressed", "border", "border_width"),
            *("lift", "radius", "inset", "disabled"),
        ):
            self.fbind(name, trigger)
        trigger()

    def _paint(self, *_: Any) -> None:
        down = self.state == "down"
        width, height = self.width, self.height - 2 * self.inset
        x, y, edge = self.x, self.y + self.inset, self.border_width
        radius = min(self.radius, height / 2)
        self._under_color.rgba = self.border
        # Of what a face stands on without an edge, only the lowest part is ever seen; but all of it
        # through a face that is half transparent.
        whole = edge or self.disabled
        seen = height if whole else min(height, 2 * radius + self.lift)
        self._under.fit(x, y - self.lift, width, seen, radius)
        self._face_color.rgba = self.ground_pressed if down else self.ground
        if down:
            y -= self.lift
        self._face.fit(x + edge, y + edge, width - 2 * edge, height - 2 * edge, radius - edge)


class Tappable(Pressable, FloatLayout):  # type: ignore[misc]  # Kivy has no types
    """A button that holds what its rule puts into it."""

    text = StringProperty("")


class Key(Pressable, Text):
    """One key of a keyboard. It acts when it is touched, not when it is let go: that is how fast
    people type."""

    char = StringProperty("")
    icon = StringProperty("")
    icon_side = NumericProperty(24)
    share = NumericProperty(1.0)
    """How wide it is, a letter being 1."""
    grey = BooleanProperty(False)
    board = ObjectProperty(None, allownone=True)

    def __init__(self, **properties: Any) -> None:
        self._strokes = InstructionGroup()
        super().__init__(**properties)
        self.canvas.add(self._strokes)

    def on_press(self) -> None:
        if self.char and self.board is not None:
            self.board.press(self.char)

    def _paint(self, *_: Any) -> None:
        super()._paint()
        self._strokes.clear()
        if self.icon:
            x = self.x + (self.width - self.icon_side) / 2
            y = self.y + (self.height - self.icon_side) / 2
            draw(self._strokes, self.icon, self.color, x, y, self.icon_side, 1.9)


class Badge(FloatLayout):  # type: ignore[misc]  # Kivy has no types
    """A filled circle with something in it."""

    color = ColorProperty((0, 0, 0, 1))
    side = NumericProperty(64)


class Pill(Tappable):
    """A small button in a page's head."""

    language = StringProperty("")


_CORNERS = {"back": "BackPill", "cancel": "CancelPill", "countdown": "CountdownPill"}
_FEET = {"back": "FootBack", "cancel": "FootCancel"}
"""Standing, a way back is in reach of somebody who sits."""


class Page(FloatLayout):  # type: ignore[misc]  # Kivy has no types
    """A screen's frame: head, progress, question, body and foot; two columns where it lies wide.

    Children say in which `slot` they belong: `ask` is as high as it needs, the body takes what is
    left. `corner` names what stands at the right of the head, or, standing, in the foot where it is
    a way back; a page without a `foot` has its way to a human, and to the aids, in the head.
    """

    heading = StringProperty("")
    corner = StringProperty("back")
    progress = BooleanProperty(False)
    foot = BooleanProperty(True)
    wide = BooleanProperty(False)
    gap = NumericProperty(60)

    def on_kv_post(self, _base: Any) -> None:
        head = self.ids.head
        below = self.foot and not self.ui.landscape and self.corner in _FEET
        if self.foot:
            foot = Factory.FootRow()
            names = [_FEET[self.corner]] if below else []
            for name in (*names, "CallDesk", "AidsKey"):
                foot.add_widget(Factory.get(name)())
            self.add_widget(foot)
        else:
            head.add_widget(Factory.AidsPill())
            head.add_widget(Factory.CallPill())
        for language in Language if self.corner == "languages" else ():
            head.add_widget(Factory.LanguagePill(language=language))
        if self.corner in _CORNERS and not below:
            head.add_widget(Factory.get(_CORNERS[self.corner])())

    def do_layout(self, *_: Any) -> None:
        ui = self.ui
        slots = {child.slot: child for child in self.children}
        (self._lying if ui.landscape else self._standing)(slots, ui.u)

    def _standing(self, slots: dict[str, Any], u: float) -> None:
        left, width = self.x + 64 * u, self.width - 128 * u
        _place(slots["head"], left, self.top - 150 * u, width, 96 * u)
        _place(slots["steps"], left, self.top - 198 * u, width, 12 * u)
        floor = self.y + 64 * u
        if "foot" in slots:
            floor = _place(slots["foot"], left, floor, width, 106 * u) + 44 * u
        top = self.top - (260 if self.progress else 196 if self.wide else 238) * u
        if "ask" in slots:
            height = slots["ask"].height
            _place(slots["ask"], left, top - height, width, height)
            top -= height + self.gap * u
        _place(slots["body"], left, floor, width, top - floor)

    def _lying(self, slots: dict[str, Any], u: float) -> None:
        left, width = self.x + 40 * u, self.width - 80 * u
        column = width if self.wide else width * 0.4
        _place(slots["head"], left, self.top - 108 * u, width, 88 * u)
        _place(slots["steps"], left, self.top - 136 * u, column, 8 * u)
        if "foot" in slots:
            _place(slots["foot"], left, self.y + 40 * u, column, 88 * u)
        top = self.top - 128 * u
        if "ask" in slots:
            height = slots["ask"].height
            _place(slots["ask"], left, top - 28 * u - height, column, height)
        body = left if self.wide else left + column + 48 * u
        _place(slots["body"], body, self.y + 40 * u, left + width - body, top - self.y - 40 * u)


def _place(widget: Any, x: float, y: float, width: float, height: float) -> float:
    """Puts a widget on whole pixels, so that text stays sharp. Returns its top."""
    widget.pos = round(x), round(y)
    widget.size = round(width), max(round(height), 0)
    return y + height


class Filled:
    """Shows one `item` (the name of a class known to kv) for each mapping in `data`.

    Items that are no longer needed are emptied and kept, for building one takes a millisecond.
    """

    item = StringProperty("")
    data = ListProperty([])

    def __init__(self, **properties: Any) -> None:
        self._items: list[Any] = []
        super().__init__(**properties)

    def on_data(self, *_: Any) -> None:
        while len(self._items) < len(self.data):
            self._items.append(Factory.get(self.item)())
        for item, values in zip_longest(self._items, self.data):
            if values is None:
                item.text = ""
            else:
                for name, value in values.items():
                    setattr(item, name, value)
        shown = self._items[: len(self.data)]
        if self.children != shown[::-1]:  # type: ignore[attr-defined]
            self.clear_widgets()  # type: ignore[attr-defined]
            for item in shown:
                self.add_widget(item)  # type: ignore[attr-defined]


class FilledRow(Filled, BoxLayout):  # type: ignore[misc]  # Kivy has no types
    pass


class FilledGrid(Filled, GridLayout):  # type: ignore[misc]  # Kivy has no types
    pass


class Tiles(BoxLayout):  # type: ignore[misc]  # Kivy has no types
    """Many answers of one kind, a page at a time: a list that scrolled would answer a finger only
    after it knows that it is not being dragged."""

    item = StringProperty("")
    tiles = ListProperty([])
    page = NumericProperty(0)
    per_page = NumericProperty(8)

    @staticmethod
    def shown(page: int, tiles: list[Any], per_page: int) -> list[Any]:
        """The tiles of a page."""
        return tiles[page * per_page : (page + 1) * per_page]

    @staticmethod
    def position(page: int, tiles: list[Any], per_page: int) -> str:
        """Which page of how many."""
        return f"{page + 1} / {max(-(-len(tiles) // per_page), 1)}"

    def on_tiles(self, *_: Any) -> None:
        # The directory can shrink while its last page is shown.
        self.page = min(self.page, max(len(self.tiles) - 1, 0) // self.per_page)


class Qr(Widget):  # type: ignore[misc]  # Kivy has no types
    """A QR code, one texel a module, at the largest whole multiple that fits with its border."""

    token = StringProperty("")
    test_id = StringProperty("")
    texture = ObjectProperty(None, allownone=True)
    box = ListProperty([0, 0, 0, 0])
    """x, y, width and height of the modules without the border."""
    frame = NumericProperty(0)
    """The side of the code with its border of 4 modules."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for name in ("token", "pos", "size"):
            self.fbind(name, self._draw)
        self._draw()

    def _draw(self, *_: Any) -> None:
        if not self.token:
            self.texture = None
            return
        modules = matrix(self.token, "M")
        count = len(modules)
        if self.texture is None or self.texture.width != count:
            self.texture = Texture.create(size=(count, count), colorfmt="luminance")
            self.texture.mag_filter = self.texture.min_filter = "nearest"
        rows = b"".join(bytes(0 if dark else 255 for dark in row) for row in reversed(modules))
        self.texture.blit_buffer(rows, colorfmt="luminance", bufferfmt="ubyte")
        module = int(min(self.size) // (count + 8))
        side = module * count
        self.frame = module * (count + 8)
        left, bottom = self.x + (self.width - side) / 2, self.y + (self.height - side) / 2
        self.box = [int(left), int(bottom), side, side]
