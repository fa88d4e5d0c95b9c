"""Where a section's texts stand: columns, wrapping, pages. Pure; lengths are in pixels.

`measure` tells how wide a text is drawn, so that what is decided here is what is drawn: nothing
overflows, columns align over all rows of a section, and type never shrinks. A text that does not
fit takes a second line, and what exceeds that ends in "…".
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from models.display.theme import Metrics, Tone
from models.display.view import Line, PanelView, Takeover
from models.notices import paginate
from models.terms import Section
from models.typeset import NEVER_FIRST, NEVER_LAST, Measure, elide, fitting

_DOTS = "·・"
"""Between blanks they part a text, which the end of a line does as well."""


@dataclass(frozen=True)
class Column:
    """How one kind of text stands. A `firm` one is never narrower than its widest text, a `spare`
    one is left out where it would make another wrap, the `wide` one takes what width is left."""

    name: str
    right: bool = False
    firm: bool = False
    spare: bool = False
    wide: bool = False
    tone: Tone = Tone.TEXT


_TIME = Column("time", firm=True, tone=Tone.MUTED)
COLUMNS: dict[Section, tuple[Column, ...]] = {
    Section.VEHICLES: (
        _TIME,
        Column("plate"),
        Column("to", wide=True),
        Column("driver", right=True, spare=True, tone=Tone.MUTED),
    ),
    Section.WHEREABOUTS: (
        Column("department"),
        Column("name"),
        Column("place", right=True, wide=True),
    ),
    Section.VISITS: (
        _TIME,
        Column("delegation", wide=True),
        Column("headcount", right=True),
        Column("room", right=True),
    ),
    Section.REMINDERS: (Column("text", wide=True),),
}
"""A section's columns from left to right; the state, where a row has one, stands flush right."""


@dataclass(frozen=True)
class _Wish:
    index: int
    column: Column
    width: int
    least: int


@dataclass(frozen=True)
class Slot:
    """A column in its place: `x` from the left end of the rows, and its width."""

    column: Column
    index: int
    x: int
    width: int


@dataclass(frozen=True)
class Cell:
    """A text on one line or two, and how wide it is drawn."""

    text: str
    width: int

    @property
    def is_tall(self) -> bool:
        return "\n" in self.text


@dataclass(frozen=True)
class Placed:
    """One row ready to draw: a cell for each slot, one for its state, and its height."""

    line: Line
    cells: tuple[Cell, ...]
    chip: Cell | None
    height: int


@dataclass(frozen=True)
class Layout:
    """A section laid out. `pages` are ranges of `rows`."""

    slots: tuple[Slot, ...]
    rows: tuple[Placed, ...]
    pages: tuple[range, ...]

    def page_of(self, row_id: int | None) -> int:
        """The page on which a row stands; the first page for one that is not there."""
        for number, page in enumerate(self.pages):
            if any(self.rows[index].line.id == row_id for index in page):
                return number
        return 0


def fill(panel: PanelView, metrics: Metrics, measure: Measure) -> Layout:
    """Lay out a section in its place on the screen."""
    box = metrics.panels()[panel.section]
    room = box.height - metrics.above_rows - metrics.below_rows
    return lay_out(panel, metrics, box.width - 2 * metrics.pad, room, measure)


def lay_out(panel: PanelView, metrics: Metrics, width: int, room: int, measure: Measure) -> Layout:
    """Lay out all rows of a section in rows `width` wide, pages `room` high."""
    chips = [_chip(line, metrics, measure) for line in panel.lines]
    state = max((chip.width for chip in chips if chip), default=0)
    beside = state + 2 * metrics.chip_pad + metrics.column_gap if state else 0
    slots = _slots(panel, width - beside, metrics.column_gap, measure)
    rows = tuple(
        _place(line, chip, slots, metrics, measure)
        for line, chip in zip(panel.lines, chips, strict=True)
    )
    return Layout(slots, rows, tuple(paginate([row.height for row in rows], room)))


def _chip(line: Line, metrics: Metrics, measure: Measure) -> Cell | None:
    """A row's state. One that would take much of the row stands on two lines, about as long."""
    if line.chip is None:
        return None
    words = line.chip.text.split(" ")
    ways = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    if not ways or measure(line.chip.text) <= metrics.widest_chip:
        return _cell((line.chip.text,), measure)
    return _cell(min(ways, key=lambda way: max(map(measure, way))), measure)


def _cell(lines: Sequence[str], measure: Measure) -> Cell:
    return Cell("\n".join(lines), ceil(max(map(measure, lines))))


def _slots(panel: PanelView, width: int, gap: int, measure: Measure) -> tuple[Slot, ...]:
    """The columns that have anything to say, in places that fill `width`."""
    kept = ceil(max((measure(line.kept) for line in panel.lines), default=0))
    columns = COLUMNS[panel.section]
    wishes = [
        _Wish(i, column, _widest(panel, i, measure), kept if column is columns[-1] else 0)
        for i, column in enumerate(columns)
    ]
    used = [wish for wish in wishes if wish.width > 0]
    if sum(wish.width for wish in used) + gap * (len(used) - 1) > width:
        used = [wish for wish in used if not wish.column.spare]
    free = width - gap * (len(used) - 1)
    firm = sum(wish.width for wish in used if wish.column.firm)
    soft = iter(_shares([wish for wish in used if not wish.column.firm], free - firm))
    widths = [wish.width if wish.column.firm else next(soft) for wish in used]
    slots: list[Slot] = []
    x = 0
    for wish, own in zip(used, widths, strict=True):
        rest = max(0, free - sum(widths)) if wish.column.wide else 0
        slots.append(Slot(wish.column, wish.index, x, own + rest))
        x += own + rest + gap
    return tuple(slots)


def _shares(wishes: Sequence[_Wish], room: int) -> list[int]:
    given = share([wish.width for wish in wishes], room)
    for index, wish in enumerate(wishes):
        least = min(wish.least, room * 3 // 4)
        if given[index] < least:
            others = [other.width for other in wishes if other is not wish]
            given = share(others, room - least)
            given.insert(index, least)
    return given


def _widest(panel: PanelView, index: int, measure: Measure) -> int:
    return ceil(max((measure(line.cells[index]) for line in panel.lines), default=0))


def share(wishes: Sequence[int], room: int) -> list[int]:
    """Widths within `room`: every wish where all fit, else the modest ones get theirs and the
    others split the rest evenly."""
    given = list(wishes)
    if sum(wishes) <= room:
        return given
    left, remaining = room, len(given)
    for index in sorted(range(len(given)), key=lambda i: given[i]):
        given[index] = max(1, min(given[index], left // remaining))
        left -= given[index]
        remaining -= 1
    return given


def _place(
    line: Line, chip: Cell | None, slots: Sequence[Slot], metrics: Metrics, measure: Measure
) -> Placed:
    cells = tuple(
        _cell(wrap(line.cells[slot.index], slot.width, measure, line.kept), measure)
        for slot in slots
    )
    is_tall = any(cell.is_tall for cell in cells) or (chip is not None and chip.is_tall)
    return Placed(line, cells, chip, metrics.tall_row if is_tall else metrics.row)


@dataclass(frozen=True)
class Block:
    """A text of an emergency: its lines, its size and tone, and its top from the window's."""

    name: str
    lines: tuple[str, ...]
    size: int
    bold: bool
    y: int
    height: int


def lay_out_takeover(
    shown: Takeover, metrics: Metrics, measure: Callable[[int, bool], Measure]
) -> tuple[Block, ...]:
    """The texts of an emergency, one above the other and together in the middle of the screen.
    `measure` gives the measure of a font size, regular or bold."""
    sizes, width = metrics.type, metrics.width - 2 * metrics.takeover
    wishes = [
        ("title", shown.title, sizes.alarm, True),
        ("text", shown.text, sizes.hero, True),
        ("other", shown.other, sizes.head, False),
        ("until", shown.until, sizes.head, False),
    ]
    laid: list[Block] = []
    y = 0
    for name, text, size, bold in wishes:
        lines = flow(text, width, measure(size, bold))
        height = ceil(len(lines) * 1.2 * size)
        laid.append(Block(name, lines, size, bold, y, height))
        y += height + metrics.px(44)
    top = max(metrics.takeover, (metrics.height - y + metrics.px(44)) // 2)
    return tuple(replace(block, y=top + block.y) for block in laid)


def flow(text: str, width: float, measure: Measure) -> tuple[str, ...]:
    """All of `text` on as many lines as it takes, each at most `width` wide."""
    lines: list[str] = []
    while measure(text) > width:
        limit = max(1, fitting(text, width, measure))
        cuts = range(limit, limit // 2, -1)
        cut = next((cut for cut in cuts if _may_break(text[cut - 1], text[cut])), limit)
        line, text = _parted(text, cut)
        lines.append(line)
    return (*lines, text)


def wrap(text: str, width: float, measure: Measure, kept: str = "") -> tuple[str, ...]:
    """`text` on one line or two, each at most `width` wide; what exceeds them ends in "…", unless
    it is an ending to be `kept`, for which what stands before it gives way."""
    if measure(text) <= width:
        return (text,)
    first, second = _parted(text, _break(text, width, measure))
    if kept and text.endswith(kept) and measure(second) > width:
        return elide(text.removesuffix(kept).rstrip(), width, measure), elide(kept, width, measure)
    return first, elide(second, width, measure)


def _parted(text: str, cut: int) -> tuple[str, str]:
    """What stands on either side of a line break, without a dot that only parted the two."""
    first, second = text[:cut].rstrip(), text[cut:].lstrip()
    if first[-1:] in tuple(_DOTS) and first[-2:-1].isspace():
        first = first[:-1].rstrip()
    if second[:1] in tuple(_DOTS) and second[1:2].isspace():
        second = second[1:].lstrip()
    return first, second


def _break(text: str, width: float, measure: Measure) -> int:
    """Where the first of two lines ends. If both can hold all, where the text itself pauses, or
    else wherever it makes them most even; if not, as late as allowed. Only a word that no line can
    hold is broken."""
    limit = max(1, fitting(text, width, measure))
    while limit < len(text) - 1 and text[limit].isspace():
        limit += 1  # blanks at the end of a line take no room
    allowed = [cut for cut in range(1, limit + 1) if _may_break(text[cut - 1], text[cut])]
    # Measuring every remainder is only worth it where two lines may hold the whole.
    can_hold = measure(text) <= 2 * width
    enough = [c for c in allowed if measure(_parted(text, c)[1]) <= width] if can_hold else []
    if not enough:
        late = max(allowed, default=limit)
        word = text[late:].split(maxsplit=1)[0] if late < limit else ""
        return late if late > limit // 2 or (word and measure(word) <= width) else limit
    return min(
        enough,
        key=lambda cut: (
            not _pauses(text[cut - 1], text[cut]),
            max(measure(text[:cut].rstrip()), measure(text[cut:])),
        ),
    )


def _may_break(before: str, after: str) -> bool:
    if before.isspace() and after in _DOTS:
        return True
    if after.isspace() or before in NEVER_LAST or after in NEVER_FIRST:
        return False
    return before.isspace() or _is_wide(before) or _is_wide(after)


def _pauses(before: str, after: str) -> bool:
    return before.isspace() or before in NEVER_FIRST or after in NEVER_LAST


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"}
