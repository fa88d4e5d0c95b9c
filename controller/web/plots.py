"""Plots as SVG within the page: drawn here, without a script, sharp on paper.

Each stands beside a table with the same figures, so that to a reader of the screen it is a picture
with a name. Units are about a pixel on a phone; shades differ in lightness, not in hue alone.
"""

from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

from controller.spreadsheets import Cell, clock

_WIDE = 360
_VALUE = 72
"""Left free for what is written behind the longest bar."""
_LABEL, _BAR, _GAP = 20, 15, 10
_TALL = 150
"""Of the longest column."""
_MOST_NAMED = 16
"""Columns that all have their own name below; of more, every fifth does."""


def bars(title: str, groups: Sequence[tuple[str, Sequence[Cell]]]) -> Markup:
    """Lying bars in groups with a name each, a shade for each place in a group."""
    longest = max((_size(value) for _, values in groups for value in values), default=0) or 1
    parts: list[Markup] = []
    y = 0
    for name, values in groups:
        parts.append(Markup('<text x="0" y="{}">{}</text>').format(y + 14, name))
        y += _LABEL
        for shade, value in enumerate(values):
            long = round(_size(value) / longest * (_WIDE - _VALUE), 1)
            parts.append(_rectangle(shade, 0, y, max(long, 1), _BAR))
            behind = Markup('<text class="value" x="{}" y="{}">{}</text>')
            parts.append(behind.format(long + 6, y + 12, shown(value)))
            y += _BAR + 2
        y += _GAP
    return _picture(title, y, parts)


def shown(value: Cell) -> str:
    """As it stands behind its bar, and in the table beside."""
    if value is None:
        return "–"
    return clock(value) if isinstance(value, timedelta) else str(value)


def _size(value: Cell) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if isinstance(value, int) else 0


def columns(title: str, points: Sequence[tuple[str, int]]) -> Markup:
    """Standing columns in a row, such as those of days."""
    highest = max((size for _, size in points), default=0) or 1
    step = _WIDE / max(len(points), 1)
    parts: list[Markup] = []
    for place, (name, size) in enumerate(points):
        middle = round((place + 0.5) * step, 1)
        tall = round(size / highest * _TALL, 1)
        wide = round(min(step * 0.7, 34), 1)
        top = round(18 + _TALL - tall, 1)
        parts.append(_rectangle(0, round(middle - wide / 2, 1), top, wide, max(tall, 1)))
        named = len(points) <= _MOST_NAMED or place % 5 == 0
        if size and len(points) <= _MOST_NAMED:
            parts.append(_middle("value", middle, top - 4, str(size)))
        if named:
            parts.append(_middle("name", middle, 18 + _TALL + 18, name))
    return _picture(title, 18 + _TALL + 26, parts)


def _rectangle(shade: int, x: float, y: float, wide: float, tall: float) -> Markup:
    frame = Markup('<rect class="s{}" x="{}" y="{}" width="{}" height="{}"/>')
    return frame.format(shade, x, y, wide, tall)


def _middle(kind: str, x: float, y: float, text: str) -> Markup:
    frame = Markup('<text class="{} middle" x="{}" y="{}">{}</text>')
    return frame.format(kind, x, y, text)


def _picture(title: str, tall: float, parts: Sequence[Markup]) -> Markup:
    frame = Markup('<svg class="plot" role="img" aria-label="{}" viewBox="0 0 {} {}">{}</svg>')
    return frame.format(title, _WIDE, tall, Markup("").join(parts))
