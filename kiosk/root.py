"""The window's one root: the current screen, a notice over it, a question over both."""

import time
from typing import Any

from kivy.core.window import Window
from kivy.factory import Factory
from kivy.uix.floatlayout import FloatLayout

from kiosk.focus import Focus
from kiosk.knock import Knock
from kiosk.screens import build
from kiosk.state import KioskState
from kiosk.terms import Knocked, Screen, Touched
from kiosk.theme import Theme
from kiosk.widgets import Text


class Root(FloatLayout):  # type: ignore[misc]  # Kivy has no types
    """Follows the view-model; every touch also says that somebody is there."""

    def __init__(self, kiosk: KioskState, ui: Theme, **properties: Any) -> None:
        super().__init__(**properties)
        self._kiosk = kiosk
        self._ui = ui
        self._knock = Knock()
        self.focus = Focus(self, ui)
        self._page: Any = None
        self._notice: Any = None
        self._sheet: Any = None
        self._pages: dict[str, Any] = {}
        self.bind(size=self._fit)
        self.bind(parent=self._follow)
        ui.bind(size=self._fit, paper=self._clear)
        self._clear()

    def _follow(self, *_: Any) -> None:
        self.unbind(parent=self._follow)
        self._kiosk.fbind("screen", self._turn)
        self._kiosk.fbind("notice", self._notify)
        self._kiosk.fbind("dialog", self._ask)

    def _clear(self, *_: Any) -> None:
        # No rectangle of the paper's colour: the window is cleared anyway, and filling it once
        # more is a sixth of what a frame costs a software renderer.
        Window.clearcolor = self._ui.paper

    def on_touch_down(self, touch: Any) -> bool:
        if "button" in touch.profile and touch.button != "left":
            return True  # a mouse's other buttons, and its wheel, are nobody's finger
        self.focus.drop()
        self._hear_knock(touch)
        if self._sheet is None:
            self._kiosk.tell(Touched())
            return bool(super().on_touch_down(touch))
        if not self._sheet.on_touch_down(touch):
            self._kiosk.tell(Touched())
        return True

    def _hear_knock(self, touch: Any) -> None:
        left, top, side = touch.x - self.x, self.top - touch.y, min(self.size)
        if self._knock.heard(left, top, side, time.monotonic()):
            self._kiosk.tell(Knocked())

    def _fit(self, *_: Any) -> None:
        self._ui.fit(*self.size)
        # Built anew: where a rule overrides another's size, both would follow the window, and
        # whichever is told last would win.
        self._pages.clear()
        self._turn()
        self._ask()
        self._put_notice()

    def _turn(self, *_: Any) -> None:
        if self._page is not None:
            self.remove_widget(self._page)
            for text in _texts(self._page):
                text.forget()
        self._page = self._built(self._kiosk.screen)
        # Last in the list of children is the lowest: notices and questions stay on top.
        self.add_widget(self._page, index=len(self.children))
        for text in _texts(self._page):
            text.refresh()
        self.focus.enter(self._sheet or self._page)

    def _built(self, screen: str) -> Any:
        # Kept, for a keyboard takes longer to build than a visitor should feel. A page only shows
        # what the view-model holds, so nothing of a visitor outlives the wiping of that.
        if screen not in self._pages:
            self._pages[screen] = build(screen)
        return self._pages[screen]

    def warm(self) -> bool:
        """Build one page more before it is needed. False when all are there."""
        missing = [screen for screen in Screen if screen not in self._pages]
        for screen in missing[:1]:
            self._built(screen)
        return bool(missing)

    def _notify(self, *_: Any) -> None:
        if self._kiosk.notice and self._notice is None:
            self._notice = Factory.Notice()
            self._notice.bind(height=self._put_notice)
            self.add_widget(self._notice, index=1 if self._sheet else 0)
        elif not self._kiosk.notice and self._notice is not None:
            self.remove_widget(self._notice)
            self._notice = None
        self._put_notice()

    def _put_notice(self, *_: Any) -> None:
        if (notice := self._notice) is None:
            return
        u = self._ui.u
        if self._ui.landscape:  # between the heading and the buttons of the head
            left, right, middle = 300 * u, 480 * u, 64 * u
        else:  # over the progress
            left, right, middle = 64 * u, 64 * u, 192 * u
        notice.width = self.width - left - right
        notice.pos = self.x + left, self.y + self.height - middle - notice.height / 2

    def _ask(self, *_: Any) -> None:
        if self._sheet is not None:
            self.remove_widget(self._sheet)
            self._sheet = None
        if self._kiosk.dialog:
            name = "AidsSheet" if self._kiosk.dialog == "aids" else "Sheet"
            self._sheet = Factory.get(name)()
            self.add_widget(self._sheet)
        self.focus.enter(self._sheet or self._page)


def _texts(page: Any) -> list[Text]:
    return [widget for widget in page.walk(restrict=True) if isinstance(widget, Text)]
