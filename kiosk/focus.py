"""The way without touching: which button of the screen a keyboard would press, and the ring that
shows it. There is none until somebody asks for one with Tab or an arrow."""

from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, InstructionGroup, SmoothLine
from kivy.uix.widget import Widget

from kiosk.theme import Theme
from kiosk.widgets import Key, Pressable


class Focus:
    """Draws on `root`, above everything. The buttons in reach are those of the page, or of the
    question that lies over it."""

    def __init__(self, root: Widget, ui: Theme) -> None:
        self._ui = ui
        self._ring = InstructionGroup()
        root.canvas.after.add(self._ring)
        self._place: Any = None
        self._widget: Any = None
        self._look = Clock.create_trigger(self._draw, 0)

    @property
    def shown(self) -> bool:
        return self._widget is not None

    def enter(self, place: Any) -> None:
        """Another page or question: nothing of it is chosen yet."""
        self._place = place
        self.drop()

    def drop(self) -> None:
        if self._widget is not None:
            self._widget = None
            self._draw()

    def step(self, by: int) -> None:
        """To the next button, or the one before, as one reads; after the last comes the first."""
        buttons = self._buttons()
        if not buttons:
            return
        if self._widget in buttons:
            place = (buttons.index(self._widget) + by) % len(buttons)
        else:
            place = 0 if by > 0 else -1
        self._widget = buttons[place]
        self._draw()

    def press(self) -> None:
        """Press the button, as a finger would."""
        if self._widget in self._buttons():
            self._widget.trigger_action(0)
        # What it does may take it away.
        self._look()

    def _buttons(self) -> list[Any]:
        if self._place is None:
            return []
        found = [widget for widget in _seen(self._place) if _can_be_pressed(widget)]
        return sorted(
            found, key=lambda widget: (-round(widget.to_window(0, widget.top)[1]), widget.x)
        )

    def _draw(self, *_: Any) -> None:
        self._ring.clear()
        if self._widget is None or self._widget not in self._buttons():
            self._widget = None
            return
        button, gap = self._widget, 7 * self._ui.u
        x, y = button.to_window(button.x, button.y + button.inset)
        width, height = button.width, button.height - 2 * button.inset
        radius = min(button.radius, height / 2) + gap
        box = (x - gap, y - gap, width + 2 * gap, height + 2 * gap, radius)
        self._ring.add(Color(*self._ui.ink))
        self._ring.add(SmoothLine(rounded_rectangle=box, width=max(3.5 * self._ui.u, 2)))


def _seen(widget: Any) -> Any:
    for child in widget.children:
        if child.opacity:
            yield child
            yield from _seen(child)


def _can_be_pressed(widget: Any) -> bool:
    """The keys of the screen's keyboard are no stops: whoever needs this has a keyboard."""
    is_button = isinstance(widget, Pressable) and not isinstance(widget, Key)
    does_something = is_button and (widget.event is not None or bool(widget.test_id))
    return does_something and not (widget.disabled or widget.gone)
