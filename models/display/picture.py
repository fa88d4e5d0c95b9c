"""The board as a picture of the web: an SVG of the same texts in the same places as on the glass.

Every text is as long as the board has it, whatever font shows the picture.
"""

from collections.abc import Callable, Iterator
from html import escape
from itertools import chain

from models import words
from models.display import theme
from models.display.layout import Layout, fill, lay_out_takeover
from models.display.theme import SECTION_TONES, Box, Metrics, Tone
from models.display.view import PanelView, Takeover, View
from models.notices import turn
from models.terms import Language
from models.typeset import Measure

Measures = Callable[[int, bool], Measure]
"""The measure of a font size in pixels, regular or bold."""


def picture(
    view: View, metrics: Metrics, measures: Measures, language: Language, tick: float, dwell: float
) -> str:
    """What a board of this size shows at `tick`, each page for `dwell` seconds."""
    if view.takeover is not None:
        parts = _takeover(view.takeover, metrics, measures)
    else:
        panels = (_panel(p, metrics, measures, language, tick, dwell) for p in view.panels)
        parts = chain(_frame(view, metrics, measures), *panels)
    size = f"{metrics.width} {metrics.height}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" class="board" '
        f'font-family="Noto Sans CJK TC, Noto Sans TC, sans-serif">{"".join(parts)}</svg>'
    )


def _rect(box: Box, colour: str, radius: int = 0, opacity: float = 1) -> str:
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" '
        f'rx="{radius}" fill="{colour}" opacity="{opacity}"/>'
    )


def _text(
    name: str,
    text: str,
    x: float,
    middle: float,
    size: int,
    tone: str,
    measure: Measure,
    *,
    anchor: str = "start",
    bold: bool = False,
    leading: float = 1.16,
) -> str:
    """A text of one or more lines around the height of its `middle`."""
    lines = text.split("\n")
    top = middle - (len(lines) - 1) * leading * size / 2
    spans = (
        f'<tspan x="{x:g}" y="{top + number * leading * size + 0.35 * size:g}" '
        f'textLength="{max(1, measure(line)):g}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(line)}</tspan>"
        for number, line in enumerate(lines)
        if line
    )
    return (
        f'<text data-name="{name}" font-size="{size}" fill="{tone}" text-anchor="{anchor}" '
        f'font-weight="{700 if bold else 400}">{"".join(spans)}</text>'
    )


def _takeover(shown: Takeover, metrics: Metrics, measures: Measures) -> Iterator[str]:
    yield _rect(Box(0, 0, metrics.width, metrics.height), theme.ALERT_GROUND)
    inset = metrics.px(36)
    yield (
        f'<rect x="{inset}" y="{inset}" width="{metrics.width - 2 * inset}" '
        f'height="{metrics.height - 2 * inset}" fill="none" stroke="{Tone.TEXT}" '
        f'stroke-width="{metrics.px(10)}"/>'
    )
    for block in lay_out_takeover(shown, metrics, measures):
        yield _text(
            f"emergency_{block.name}",
            "\n".join(block.lines),
            metrics.takeover,
            block.y + block.height / 2,
            block.size,
            Tone.TEXT,
            measures(block.size, block.bold),
            bold=block.bold,
        )


def _frame(view: View, metrics: Metrics, measures: Measures) -> Iterator[str]:
    sizes, margin, portrait = metrics.type, metrics.margin, metrics.portrait
    first, second = (60, 135) if portrait else (56, 56)
    right = metrics.width - margin
    hero, small = measures(sizes.hero, True), measures(sizes.small, False)
    gap = 0 if portrait else metrics.gap
    beside_title = 0 if portrait else hero(view.title) + gap
    beside_clock = 0 if portrait else hero(view.clock) + gap
    yield _rect(Box(0, 0, metrics.width, metrics.height), theme.GROUND)
    yield _text(
        "title", view.title, margin, metrics.px(first), sizes.hero, Tone.TEXT, hero, bold=True
    )
    yield _text(
        "clock",
        view.clock,
        right,
        metrics.px(first),
        sizes.hero,
        Tone.TEXT,
        hero,
        anchor="end",
        bold=True,
    )
    middle = metrics.px(second)
    x = margin + beside_title
    yield _text("place", view.place, x, middle, sizes.small, Tone.MUTED, small)
    x = right - beside_clock
    yield _text("date", view.date, x, middle, sizes.small, Tone.MUTED, small, anchor="end")
    bottom = metrics.height - metrics.footer / 2
    if view.banner:
        strip = Box(0, metrics.height - metrics.footer, metrics.width, metrics.footer)
        yield _rect(strip, Tone.AMBER)
        body = measures(sizes.body, False)
        yield _text("banner", view.banner, margin, bottom, sizes.body, theme.GROUND, body)
        return
    dot = metrics.px(16)
    yield f'<circle cx="{margin + dot / 2}" cy="{bottom}" r="{dot / 2}" fill="{Tone.GREEN}"/>'
    yield _text("footer", view.footer, margin + 2 * dot, bottom, sizes.small, Tone.MUTED, small)
    yield _text("hint", view.hint, right, bottom, sizes.small, Tone.MUTED, small, anchor="end")


def _panel(
    panel: PanelView,
    metrics: Metrics,
    measures: Measures,
    language: Language,
    tick: float,
    dwell: float,
) -> Iterator[str]:
    box, sizes, section = metrics.panels()[panel.section], metrics.type, panel.section
    tone, body = SECTION_TONES[section], measures(sizes.body, False)
    layout = fill(panel, metrics, body)
    left, right, middle = box.x + metrics.pad, box.x + box.width - metrics.pad, metrics.px(54)
    yield _rect(box, tone, metrics.px(14))
    edge = metrics.px(8)
    inner = Box(box.x, box.y + edge, box.width, box.height - edge)
    yield _rect(inner, theme.PANEL, metrics.px(10))
    head = measures(sizes.head, True)
    yield _text(
        f"title_{section}", panel.title, left, box.y + middle, sizes.head, tone, head, bold=True
    )
    if not layout.pages:
        deep = box.y + metrics.above_rows + metrics.row // 2
        yield _text(f"empty_{section}", panel.empty, left, deep, sizes.body, Tone.MUTED, body)
        return
    page = page_at(layout, panel, tick, dwell)
    count = words.say(language, "board.page", page=page + 1, pages=len(layout.pages))
    small = measures(sizes.small, False)
    name = f"page_{section}"
    yield _text(name, count, right, box.y + middle, sizes.small, Tone.MUTED, small, anchor="end")
    top = box.y + metrics.above_rows
    for number, index in enumerate(layout.pages[page], start=1):
        row = Box(left, top, right - left, layout.rows[index].height)
        yield from _row(f"row_{section}_{number}", layout, index, row, metrics, body)
        top += row.height


def page_at(layout: Layout, panel: PanelView, tick: float, dwell: float) -> int:
    """The page of a section that is shown at `tick`."""
    first = layout.page_of(panel.anchor)
    return turn(len(layout.pages), first, tick - panel.turned, dwell)[0]


def _row(
    name: str, layout: Layout, index: int, box: Box, metrics: Metrics, body: Measure
) -> Iterator[str]:
    placed, size = layout.rows[index], metrics.type.body
    middle = box.y + box.height / 2
    yield _rect(Box(box.x, box.y, box.width, metrics.px(1)), theme.LINE)
    if placed.line.fresh:
        yield _rect(
            Box(box.x, box.y, int(box.width * 0.7), box.height),
            theme.GLOW[0],
            opacity=theme.GLOW[1],
        )
    for slot, cell in zip(layout.slots, placed.cells, strict=True):
        anchor = "end" if slot.column.right else "start"
        x = box.x + slot.x + (slot.width if slot.column.right else 0)
        tone = Tone.TEXT if placed.line.fresh else slot.column.tone
        yield _text(
            f"{name}_{slot.column.name}", cell.text, x, middle, size, tone, body, anchor=anchor
        )
    if placed.chip is not None and placed.line.chip is not None:
        tone, width = placed.line.chip.tone, placed.chip.width + 2 * metrics.chip_pad
        height = metrics.tall_chip if placed.chip.is_tall else metrics.chip
        x = box.x + box.width - width
        yield (
            f'<rect x="{x}" y="{middle - height / 2}" width="{width}" height="{height}" '
            f'rx="{metrics.chip / 2}" fill="none" stroke="{tone}" stroke-width="2"/>'
        )
        name = f"{name}_state"
        centre = x + width / 2
        yield _text(name, placed.chip.text, centre, middle, size, tone, body, anchor="middle")
