"""The on-screen keyboards: letters and signs for words, a pad for digits."""

from typing import Any

from kivy.factory import Factory
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.ime import BACKSPACE

_LETTERS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SIGNS = ("1234567890", "-/.,:()&@", "'_+#·、。")
_NUMBER = ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM-")
"""What the number of a pass is written with."""


class Keyboard(BoxLayout):  # type: ignore[misc]  # Kivy has no types
    """Latin letters with a shift, and a layer of digits and signs; or, with `number`, the one layer
    that a pass's number needs. `type_key` is called with each character, or BACKSPACE; the accented
    key says `go` and presses next."""

    number = BooleanProperty(False)
    shift = BooleanProperty(False)
    signs = BooleanProperty(False)
    go = StringProperty("")
    go_disabled = BooleanProperty(False)
    type_key = ObjectProperty(lambda _key: None)

    def on_kv_post(self, _base: Any) -> None:
        self.fbind("signs", self._arrange)
        self._arrange()

    def _arrange(self, *_: Any) -> None:
        self.clear_widgets()
        rows: tuple[str, ...] = _NUMBER if self.number else _SIGNS if self.signs else _LETTERS
        for chars in rows[:-1]:
            self._row(map(self._letter, chars))
        shift = [self._key("ShiftKey")] if rows is _LETTERS else []
        self._row([*shift, *map(self._letter, rows[-1]), self._key("BackspaceKey")])
        bottom = ("GoKey",) if self.number else ("LayerKey", "SpaceKey", "GoKey")
        self._row(map(self._key, bottom))

    def _row(self, keys: Any) -> None:
        row = Factory.KeyRow()
        for key in keys:
            row.add_widget(key)
        self.add_widget(row)

    def _letter(self, char: str) -> Any:
        return Factory.LetterKey(board=self, char=char)

    def _key(self, name: str) -> Any:
        return Factory.get(name)(board=self)

    def press(self, char: str) -> None:
        """A key was touched. The shift is for one letter."""
        self.type_key(char.upper() if self.shift else char)
        if char != BACKSPACE:
            self.shift = False


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
