"""The on-screen keyboards: one layout for each way of writing, and a pad for digits."""

from typing import Any

from kivy.clock import Clock
from kivy.factory import Factory
from kivy.graphics import Color, InstructionGroup, SmoothLine
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.ime import BACKSPACE, FACES, Method

_LETTERS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SIGNS = ("1234567890", "-/.,:()&@", "'_+#·、。")
_NUMBER = ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM-")
"""What the number of a pass is written with."""
_ZHUYIN = ("1234567890-", "qwertyuiop", "asdfghjkl;", "zxcvbnm,./")
_STROKES = ("hsp", "nz")
_TALL = 1.5
_SLATE = 3
_MOST_POINTS = 800
"""Of one stroke: a finger that never leaves the glass draws no more."""


class Keyboard(BoxLayout):  # type: ignore[misc]  # Kivy has no types
    """The keys of a `method`, with a layer of digits and signs, and a key for each of the `methods`
    where there are several; or, with `number`, the one layer that a pass's number needs.

    `type_key` is called with each character, or BACKSPACE, `type_sign` with those that are meant as
    they stand, `draw` with each stroke; the accented key says `go` and presses next, or chooses the
    first candidate while there is one.
    """

    number = BooleanProperty(False)
    method = StringProperty("")
    methods = ListProperty([])
    shift = BooleanProperty(False)
    signs = BooleanProperty(False)
    go = StringProperty("")
    go_disabled = BooleanProperty(False)
    rows = NumericProperty(4)
    """How high it is, in rows of ordinary keys."""
    type_key = ObjectProperty(lambda _key: None)
    type_sign = ObjectProperty(lambda _character: None)
    draw = ObjectProperty(lambda _stroke: None)

    def __init__(self, **properties: Any) -> None:
        self._keys: dict[tuple[str, ...], Any] = {}
        super().__init__(**properties)

    def on_kv_post(self, _base: Any) -> None:
        for name in ("signs", "method", "methods"):
            self.fbind(name, self._arrange)
        self._arrange()

    def _arrange(self, *_: Any) -> None:
        for row in self.children:
            row.clear_widgets()
        self.clear_widgets()
        self.rows = 0
        self.shift = False
        if self.number:
            self._letters(_NUMBER)
        elif self.signs:
            self._letters(_SIGNS)
        else:
            _LAYOUTS.get(self.method, Keyboard._latin)(self)
        self._bottom()

    def _latin(self) -> None:
        self._letters(_LETTERS, self._key("ShiftKey"))

    def _pinyin(self) -> None:
        self._letters(_LETTERS, self._letter("'", share=1.6))

    def _zhuyin(self) -> None:
        longest = max(map(len, _ZHUYIN))
        for chars in _ZHUYIN[:-1]:
            fill = [Widget()] * (longest - len(chars))
            self._row([*map(self._letter, chars), *fill])
        self._row([*map(self._letter, _ZHUYIN[-1]), self._backspace(share=1)])

    def _strokes(self) -> None:
        first, second = ([self._key("StrokeKey", char=char) for char in row] for row in _STROKES)
        self._row(first, _TALL)
        self._row([*second, self._backspace(share=1)], _TALL)

    def _handwriting(self) -> None:
        self._row([self._key("Slate"), self._backspace(share=1.6)], _SLATE)

    def _letters(self, rows: tuple[str, ...], *before: Any) -> None:
        for chars in rows[:-1]:
            self._row(map(self._letter, chars))
        self._row([*before, *map(self._letter, rows[-1]), self._backspace(share=1.6)])

    def _bottom(self) -> None:
        if self.number:
            self._row([self._key("GoKey")])
            return
        several = len(self.methods) > 1
        ways = [self._key("MethodKey", way=way) for way in self.methods] if several else []
        self._row([*ways, *map(self._key, ("LayerKey", "SpaceKey", "GoKey"))])

    def _row(self, keys: Any, height: float = 1) -> None:
        row = Factory.KeyRow(size_hint_y=height)
        for key in keys:
            row.add_widget(key)
        self.add_widget(row)
        self.rows += height

    def _letter(self, char: str, share: float = 1) -> Any:
        key = self._key("LetterKey", char=char)
        key.face = "" if self.signs or self.number else FACES.get(self.method, {}).get(char, "")
        key.share = share
        return key

    def _backspace(self, share: float) -> Any:
        key = self._key("BackspaceKey")
        key.share = share
        return key

    def _key(self, name: str, **properties: str) -> Any:
        # Kept: building a key takes longer than a finger should feel.
        known = (name, *properties.values())
        if known not in self._keys:
            key = self._keys[known] = Factory.get(name)(board=self)
            for property_, value in properties.items():
                setattr(key, property_, value)
        return self._keys[known]

    def press(self, char: str) -> None:
        """A key was touched. The shift is for one letter."""
        if self.signs and char != BACKSPACE:
            self.type_sign(char)
        else:
            self.type_key(char.upper() if self.shift else char)
        if char != BACKSPACE:
            self.shift = False


_LAYOUTS = {
    Method.PINYIN: Keyboard._pinyin,  # noqa: SLF001 - its own
    Method.ZHUYIN: Keyboard._zhuyin,  # noqa: SLF001
    Method.STROKE: Keyboard._strokes,  # noqa: SLF001
    Method.HANDWRITING: Keyboard._handwriting,  # noqa: SLF001
}


class Pad(BoxLayout):  # type: ignore[misc]  # Kivy has no types
    """Ten digits, with a plus for phone numbers or an X for identity cards; `type_key` as a
    Keyboard's."""

    plus = BooleanProperty(False)
    letter = StringProperty("")
    type_key = ObjectProperty(lambda _key: None)

    def on_kv_post(self, _base: Any) -> None:
        corner = Widget()
        if self.plus:
            corner = Factory.PadKey(board=self, char="+", test_id="key_plus")
        if self.letter:
            corner = Factory.PadKey(board=self, char=self.letter, test_id=f"key_{self.letter}")
        rows = [map(self._digit, "123"), map(self._digit, "456"), map(self._digit, "789")]
        for keys in (*rows, [corner, self._digit("0"), Factory.BackspaceKey(board=self, share=1)]):
            row = Factory.KeyRow()
            for key in keys:
                row.add_widget(key)
            self.add_widget(row)

    def _digit(self, char: str) -> Any:
        return Factory.PadKey(board=self, char=char, test_id=f"digit_{char}")

    def press(self, char: str) -> None:
        """A key was touched."""
        self.type_key(char)


class CandidateBar(BoxLayout):  # type: ignore[misc]  # Kivy has no types
    """What an input method offers, as much as fits at a time; two arrows turn where there is more.

    `em` is the width of a Chinese character, `margin` what a candidate has around its text.
    """

    candidates = ListProperty([])
    start = NumericProperty(0)
    """The place of the first candidate shown."""
    data = ListProperty([])
    more = BooleanProperty(False)
    """Are there others than those shown?"""
    last = BooleanProperty(True)
    em = NumericProperty(1)
    margin = NumericProperty(0)
    gap = NumericProperty(0)
    arrows = NumericProperty(0)
    """The width that the arrows take."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for name in ("candidates", "start", "width", "em", "margin"):
            self.fbind(name, self._fill)

    def on_candidates(self, *_: Any) -> None:
        self._starts = [0]
        self.start = 0

    def turn(self, by: int) -> None:
        """To what comes after, or before."""
        if by > 0 and not self.last:
            self._starts.append(self.start + len(self.data))
        elif by < 0 and len(self._starts) > 1:
            self._starts.pop()
        self.start = self._starts[-1]

    def _fill(self, *_: Any) -> None:
        widths = [self._width(text) for text in self.candidates]
        self.more = sum(widths) + self.gap * (len(widths) - 1) > self.width
        room = max(self.width - (self.arrows if self.more else 0), 1)
        shown: list[dict[str, Any]] = []
        used = 0.0
        for index in range(self.start, len(widths)):
            width = min(widths[index], room)
            if used + width > room:
                break
            used += width + self.gap
            shown.append({"index": index, "text": self.candidates[index], "width": width})
        self.last = self.start + len(shown) >= len(widths)
        self.data = shown

    def _width(self, text: str) -> float:
        ems = sum(1.0 if character >= "\u2e80" else 0.7 for character in text)
        return float(max(ems * self.em + self.margin, self.arrows / 2))


class Slate(FloatLayout):  # type: ignore[misc]  # Kivy has no types
    """Where a character is drawn. Each stroke is told to `board.draw` when its finger is lifted;
    what then stands in `ink` stays drawn."""

    board = ObjectProperty(None, allownone=True)
    ink = ListProperty([])
    color = ColorProperty((0, 0, 0, 1))
    weight = NumericProperty(4)
    test_id = StringProperty("slate")

    def __init__(self, **properties: Any) -> None:
        self._strokes = InstructionGroup()
        self._fingers: dict[Any, tuple[SmoothLine, list[float]]] = {}
        super().__init__(**properties)
        self.canvas.add(self._strokes)
        trigger = Clock.create_trigger(self._draw, -1)
        for name in ("ink", "pos", "size"):
            self.fbind(name, trigger)

    def _draw(self, *_: Any) -> None:
        self._strokes.clear()
        self._strokes.add(Color(*self.color))
        for stroke in self.ink:
            points = [edge for x, y in stroke for edge in (self.x + x, self.top - y)]
            self._strokes.add(SmoothLine(points=points, width=self.weight))
        for line, _points in self._fingers.values():
            self._strokes.add(line)

    def on_touch_down(self, touch: Any) -> bool:
        if not self.collide_point(*touch.pos) or self._fingers:
            return False
        touch.grab(self)
        line = SmoothLine(points=touch.pos, width=self.weight)
        self._fingers[touch.uid] = line, [*touch.pos]
        self._draw()
        return True

    def on_touch_move(self, touch: Any) -> bool:
        if touch.grab_current is not self or touch.uid not in self._fingers:
            return False
        line, points = self._fingers[touch.uid]
        if len(points) < _MOST_POINTS and self.collide_point(*touch.pos):
            points += touch.pos
            line.points = points
        return True

    def on_touch_up(self, touch: Any) -> bool:
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        _line, points = self._fingers.pop(touch.uid, (None, []))
        if points and self.get_root_window():
            pairs = zip(points[::2], points[1::2], strict=True)
            self.board.draw(tuple((round(x - self.x), round(self.top - y)) for x, y in pairs))
        self._draw()
        return True
