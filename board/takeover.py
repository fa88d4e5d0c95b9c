"""An emergency in place of everything else: it stands still until it is over."""

from functools import cache

from kivy.properties import NumericProperty
from kivy.uix.widget import Widget

from board.words import Words, ruler
from models.display.layout import Block, lay_out_takeover
from models.display.theme import LINE_HEIGHT, Metrics, Tone
from models.display.view import Takeover
from models.glass import font_for
from models.terms import Language


class TakeoverScreen(Widget):  # type: ignore[misc]  # Kivy has no types
    """Covers the whole display, and keeps no clock: nothing on it moves."""

    frame = NumericProperty(1)
    inset = NumericProperty(0)

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._font = font_for(language)
        self._shown: tuple[Takeover, tuple[int, int]] | None = None
        self._measure = cache(lambda size, bold: ruler(self._font, size, bold=bold))

    def show(self, shown: Takeover, metrics: Metrics) -> None:
        """Draw it, unless it stands there already."""
        size = metrics.width, metrics.height
        if self._shown == (shown, size):
            return
        self.size, self.frame, self.inset = size, metrics.px(10), metrics.px(36)
        self.clear_widgets()
        for block in lay_out_takeover(shown, metrics, self._measure):
            self.add_widget(self._label(block, metrics))
        self._shown = shown, size

    def _label(self, block: Block, metrics: Metrics) -> Words:
        label = Words(
            text="\n".join(block.lines),
            test_id=f"emergency_{block.name}",
            tone=Tone.TEXT,
            font_name=self._font,
            font_size=block.size,
            bold=block.bold,
            halign="left",
            line_height=LINE_HEIGHT,
        )
        label.texture_update()
        label.size = label.texture_size
        label.x = metrics.takeover
        label.center_y = metrics.height - block.y - block.height / 2
        return label
