"""How wide a text is drawn: one measure for the board that draws it and the desk that previews it,
so that a page splits at the same row in both.

HarfBuzz shapes the text, and each glyph's advance is a whole number of pixels, as the window's own
renderer has it. The two agree within four pixels on a line that fills the screen, so a
few more are left: a text that is measured to fit must be drawn whole.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from math import ceil
from pathlib import Path

import uharfbuzz as hb

_UNIT = 64
"""HarfBuzz counts in whole numbers: here, 64ths of a pixel."""
_SLACK = 4
"""Pixels by which the window may draw a text wider than it is measured."""


@cache
def ruler(font_file: Path, size: int) -> Callable[[str], float]:
    """The measure of a font at a size in pixels."""
    font = hb.Font(_face(font_file))
    font.scale = size * _UNIT, size * _UNIT
    font.ppem = size, size

    # Most rows of a section stay as they were when it is published again.
    @lru_cache(maxsize=4096)
    def measure(text: str) -> float:
        return float(ceil(_width(font, text) / _UNIT) + _SLACK) if text else 0.0

    return measure


def missing(font_file: Path, text: str) -> str:
    """The characters of a text that the font has no glyph for, each once."""
    font = _plain(font_file)
    return "".join(c for c in dict.fromkeys(text) if not font.get_nominal_glyph(ord(c)))


@cache
def _face(font_file: Path) -> hb.Face:
    return hb.Face(hb.Blob.from_file_path(str(font_file)))


@cache
def _plain(font_file: Path) -> hb.Font:
    return hb.Font(_face(font_file))


def _width(font: hb.Font, text: str) -> float:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    pen = left = right = 0.0
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        own = font.get_glyph_h_advance(info.codepoint)
        extents = font.get_glyph_extents(info.codepoint)
        if extents is not None:
            # A letter may reach beyond its own advance: a slanting last one, or a leading j.
            left = min(left, pen + extents.x_bearing)
            right = max(right, pen + extents.x_bearing + extents.width)
        pen += round(own / _UNIT) * _UNIT + place.x_advance - own
    return max(pen, right) - left
