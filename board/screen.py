"""The board's widgets: they draw what `view` says where `layout` puts it, and decide nothing.

Rows are reused: an update sets the texts that changed and leaves every other texture alone.
Imported only after `glass.prepare`, because it imports Kivy.
"""

import logging
import math
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kivy.graphics.texture import Texture
from kivy.lang import Builder, global_idmap
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from board.takeover import TakeoverScreen
from board.words import Words, ruler
from models import words
from models.display.layout import Layout, Placed, fill
from models.display.theme import LINE_HEIGHT, SECTION_TONES, Box, Metrics, Tone
from models.display.view import PanelView, View
from models.glass import font_for
from models.notices import turn
from models.terms import PANELS, Language, Section
from models.typeset import Measure, elide

log = logging.getLogger(__name__)


@cache
def _fade() -> Texture:
    """Opaque on the left, nothing on the right."""
    steps = 64
    texture = Texture.create(size=(steps, 1), colorfmt="rgba")
    pixels = b"".join(bytes((255, 255, 255, 255 - 255 * i // (steps - 1))) for i in range(steps))
    texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    return texture


class Chip(Words):
    """A state: a word in an outline of its colour."""

    ring = NumericProperty(1.0)
    radius = NumericProperty(1.0)


class Row(Widget):  # type: ignore[misc]
    """One line of a section: a text for each column, and a state."""

    hairline = NumericProperty(1)
    fresh = BooleanProperty(False)
    fade = ObjectProperty(None)

    def __init__(self, font: str) -> None:
        super().__init__(fade=_fade())
        self._texts: list[Words] = []
        self._font = font
        self._chip = Chip(font_name=font, line_height=LINE_HEIGHT, halign="center")

    def show(self, placed: Placed, layout: Layout, metrics: Metrics, name: str) -> None:
        self.fresh, self.hairline = placed.line.fresh, metrics.px(1)
        while len(self._texts) < len(layout.slots):
            self._texts.append(Words(font_name=self._font, line_height=LINE_HEIGHT))
            self.add_widget(self._texts[-1])
        for spare in self._texts[len(layout.slots) :]:
            spare.text = spare.test_id = ""
        for text, slot, cell in zip(self._texts, layout.slots, placed.cells, strict=False):
            text.font_size = metrics.type.body
            text.halign = "right" if slot.column.right else "left"
            # The glow takes contrast away, and muted type has none to spare.
            text.tone = Tone.TEXT if placed.line.fresh else slot.column.tone
            text.text, text.test_id = cell.text, f"{name}_{slot.column.name}"
            text.size = cell.width, self.height
            text.x = self.x + slot.x + (slot.width - cell.width if slot.column.right else 0)
            text.y = self.y + metrics.lift
        self._show_chip(placed, metrics, name)

    def _show_chip(self, placed: Placed, metrics: Metrics, name: str) -> None:
        chip, state, cell = self._chip, placed.line.chip, placed.chip
        if state is None or cell is None:
            self.remove_widget(chip)
            return
        chip.font_size, chip.ring = metrics.type.body, 1.2 * metrics.unit
        chip.text, chip.tone, chip.test_id = cell.text, state.tone, f"{name}_state"
        chip.radius = metrics.chip / 2
        height = metrics.tall_chip if cell.is_tall else metrics.chip
        chip.size = cell.width + 2 * metrics.chip_pad, height
        chip.right, chip.center_y = self.right, self.center_y
        chip.padding = 0, 0, 0, 2 * metrics.lift
        if chip.parent is None:
            self.add_widget(chip)


class Panel(Widget):  # type: ignore[misc]
    """One section: its title, the page count, and the rows of the page that is shown."""

    section = StringProperty("")
    font = StringProperty("")
    tone = StringProperty(Tone.TEXT)
    head_size = NumericProperty(1)
    body_size = NumericProperty(1)
    small_size = NumericProperty(1)
    pad = NumericProperty(0)
    edge = NumericProperty(0)
    radius = NumericProperty(1)
    title_depth = NumericProperty(0)
    empty_depth = NumericProperty(0)

    def __init__(self, section: Section, language: Language) -> None:
        self._rows: list[Row] = []
        self._drawn: tuple[Layout, int] | None = None
        self._shown: PanelView | None = None
        self._layout = Layout((), (), ())
        self._language = language
        super().__init__(section=section, tone=SECTION_TONES[section], font=font_for(language))

    def fit(self, metrics: Metrics, box: Box, measure: Measure) -> None:
        """Take a new place on the screen."""
        self._metrics, self._measure = metrics, measure
        self._shown = self._drawn = None
        sizes = metrics.type
        self.head_size, self.body_size, self.small_size = sizes.head, sizes.body, sizes.small
        self.pad, self.edge, self.radius = metrics.pad, metrics.px(8), metrics.px(14)
        self.title_depth = metrics.px(54)
        self.empty_depth = metrics.above_rows + metrics.row // 2
        self.pos = box.x, metrics.height - box.y - box.height
        self.size = box.width, box.height

    def show(self, shown: PanelView, tick: float, dwell: float) -> float:
        """Draw what changed. Returns the seconds until the next page's turn."""
        if shown != self._shown:
            self._layout = fill(shown, self._metrics, self._measure)
            self._shown = shown
            self.title.text, self.empty.text = shown.title, shown.empty
        pages = len(self._layout.pages)
        first = self._layout.page_of(shown.anchor)
        page, turns_in = turn(pages, first, tick - shown.turned, dwell) if pages else (0, math.inf)
        if self._drawn != (self._layout, page):
            self._draw(page)
            self._drawn = (self._layout, page)
        return turns_in if pages > 1 else math.inf

    @property
    def pages(self) -> int:
        return len(self._layout.pages)

    def _draw(self, page: int) -> None:
        pages = self._layout.pages
        rows = [self._layout.rows[index] for index in pages[page]] if pages else []
        self.count.text = (
            words.say(self._language, "board.page", page=page + 1, pages=len(pages)) if rows else ""
        )
        while len(self._rows) < len(rows):
            self._rows.append(Row(self.font))
        for unused in self._rows[len(rows) :]:
            self.remove_widget(unused)
        top = self.top - self._metrics.above_rows
        for number, (row, placed) in enumerate(zip(self._rows, rows, strict=False), start=1):
            row.size = self.width - 2 * self.pad, placed.height
            row.x, row.top = self.x + self.pad, top
            top -= placed.height
            row.show(placed, self._layout, self._metrics, f"row_{self.section}_{number}")
            if row.parent is None:
                self.add_widget(row)


@dataclass(frozen=True)
class Drawn:
    """What became of a view: the seconds until a page turns, and the sections that could not be
    drawn and still show what they showed before."""

    turns_in: float
    failed: frozenset[Section] = field(default_factory=frozenset)


class Screen(Widget):  # type: ignore[misc]
    """The whole display: header, four sections, footer or banner."""

    font = StringProperty("")
    hero_size = NumericProperty(1)
    body_size = NumericProperty(1)
    small_size = NumericProperty(1)
    portrait = BooleanProperty(False)
    alarmed = BooleanProperty(False)
    calling = BooleanProperty(False)
    strip_height = NumericProperty(0)
    margin = NumericProperty(0)
    gap = NumericProperty(0)
    dot = NumericProperty(0)
    hairline = NumericProperty(1)
    header_height = NumericProperty(0)
    footer_height = NumericProperty(0)
    first_line = NumericProperty(0)
    second_line = NumericProperty(0)
    light = NumericProperty(1.0)

    def __init__(self, language: Language, dwell: float, size: tuple[int, int]) -> None:
        # The size is known from the start: laying out for a guess would load fonts for it.
        super().__init__(font=font_for(language), size=size)
        self._dwell = dwell
        self._view: View | None = None
        self._tick = 0.0
        self._panels = {section: Panel(section, language) for section in PANELS}
        for panel in self._panels.values():
            self.add_widget(panel)
        self._takeover = TakeoverScreen(language)
        self._fit()
        self.bind(size=lambda *_: self._refit())

    def show(self, view: View, tick: float) -> Drawn:
        """Draw what differs from what is shown."""
        self._view, self._tick = view, tick
        self._show_frame(view)
        turns_in, failed = math.inf, self._take_over(view)
        for panel in view.panels:
            try:
                turns = self._panels[panel.section].show(panel, tick, self._dwell)
            except Exception:
                log.exception("section %s could not be drawn and stays as it was", panel.section)
                failed.add(panel.section)
            else:
                turns_in = min(turns_in, turns)
        return Drawn(turns_in, frozenset(failed))

    def _take_over(self, view: View) -> set[Section]:
        """Let an emergency cover everything, or let it go."""
        try:
            if view.takeover is None:
                self.remove_widget(self._takeover)
            else:
                self._takeover.show(view.takeover, self._metrics)
                if self._takeover.parent is None:
                    self.add_widget(self._takeover)
        except Exception:
            log.exception("the emergency could not be drawn")
            return {Section.EMERGENCY}
        return set()

    def _show_frame(self, view: View) -> None:
        self.title.text, self.date.text, self.clock.text = view.title, view.date, view.clock
        self.place.text = elide(view.place, self._place_room(view), self._small)
        edge = self._metrics.width - 2 * self._metrics.margin
        self.banner.text = elide(view.banner, edge, self._body) if view.banner else ""
        self.alarmed = bool(view.banner)
        self.light, global_idmap["dusk"].on = view.light, view.light < 1
        self._show_calls(view)
        quiet = bool(view.banner) or self.calling
        self.footer.text = "" if quiet else view.footer
        self.hint.text = "" if quiet else view.hint

    def _show_calls(self, view: View) -> None:
        """叫號: as many of the newest calls as fit in a line of the largest type."""
        self.calling = bool(view.calls)
        self.calls_title.text = view.calls_title if self.calling else ""
        room = self._metrics.width - 2 * self._metrics.margin - self._body(view.calls_title)
        gap, shown = "　", ""
        for call in view.calls:
            longer = shown + gap + call
            if shown and self._hero(longer) > room - self._metrics.gap:
                break
            shown = longer
        self.calls.text = elide(shown.strip(gap), room - self._metrics.gap, self._hero)

    def _place_room(self, view: View) -> float:
        free = self._metrics.width - 2 * self._metrics.margin - self._small(view.date)
        if self.portrait:
            return free - self._metrics.gap
        return free - self._hero(view.title) - self._hero(view.clock) - 3 * self._metrics.gap

    @property
    def pages(self) -> int:
        """How many pages all sections have together."""
        return sum(panel.pages for panel in self._panels.values())

    def _refit(self) -> None:
        self._fit()
        if self._view is not None:
            self.show(self._view, self._tick)

    def _fit(self) -> None:
        metrics = self._metrics = Metrics(int(self.width), int(self.height))
        sizes = metrics.type
        self._hero = ruler(self.font, sizes.hero, bold=True)
        self._body = ruler(self.font, sizes.body)
        self._small = ruler(self.font, sizes.small)
        self.hero_size, self.body_size, self.small_size = sizes.hero, sizes.body, sizes.small
        self.portrait, self.margin, self.gap = metrics.portrait, metrics.margin, metrics.gap
        self.dot, self.hairline = metrics.px(16), metrics.px(1)
        self.header_height, self.footer_height = metrics.header, metrics.footer
        self.strip_height = metrics.footer + metrics.gap - metrics.px(8)
        self.first_line = metrics.height - metrics.px(60 if metrics.portrait else 56)
        self.second_line = metrics.height - metrics.px(135 if metrics.portrait else 56)
        for section, box in metrics.panels().items():
            self._panels[section].fit(metrics, box, self._body)


Builder.load_file(str(Path(__file__).with_name("board.kv")))
