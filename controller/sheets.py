"""Sheets of paper, such as the day's 值班記錄表: A4 as a PDF, in the faces that set-up has made.

A sheet is a heading, facts, grids, and lines to sign on. Everything on it is in words already. No
row is ever cut: one that is longer than what is left of a page goes on on the next one.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

from fpdf import FPDF
from fpdf.fonts import TTFFont

from models.terms import Language
from models.typeset import typeset

# It tells of each table of a font that it subsets.
logging.getLogger("fontTools.subset").setLevel(logging.WARNING)

_WIDE, _TALL, _MARGIN, _FOOT = 210.0, 297.0, 12.0, 16.0
_BODY = _WIDE - 2 * _MARGIN
_PAD = 1.3
_TITLE, _HEAD, _TEXT, _SMALL = 18.0, 11.5, 9.0, 8.0
_LEADING = 1.42
_POINT = 25.4 / 72
"""Millimetres."""
_UNKNOWN = "〓"
"""Printers' mark for a character that the face has not; nothing in its place would be a lie."""
_INK, _MUTED, _RULE, _SHADE = 20, 95, 150, 238
"""Greys from 0 to 255, fit for any printer."""


@dataclass(frozen=True)
class Said:
    """A text in a cell, on lines of its own; `struck` through where it holds no longer."""

    text: str
    struck: bool = False
    bold: bool = False


Cell = Sequence[Said]


@dataclass(frozen=True)
class Grid:
    """Rows under a heading. `columns` are names with their parts of the width; `none` is said
    where there is no row."""

    title: str
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Cell]]
    none: str = ""


@dataclass(frozen=True)
class Sheet:
    """`facts` are labels and what stands behind them; `foot` says which page it is of how many,
    and above it stands on each page what the signatures are to `anchor`."""

    language: Language
    title: str
    office: str
    facts: Sequence[tuple[str, str]]
    grids: Sequence[Grid]
    signatures: Sequence[str]
    foot: Callable[[int, int], str]
    made: datetime
    anchor: str = ""


def draw(sheet: Sheet, folder: Path) -> bytes:
    """The sheet as a PDF. Raises OSError without the fonts."""
    paper = _Paper(sheet, folder)
    paper.heading()
    for grid in sheet.grids:
        paper.grid(grid)
    paper.signatures()
    return paper.done()


class _Paper:
    """Pages that are filled from the top; `y` is where the next thing begins, in millimetres."""

    def __init__(self, sheet: Sheet, folder: Path) -> None:
        self._sheet = sheet
        self._pdf = pdf = FPDF(format="A4", unit="mm")
        pdf.set_auto_page_break(False)
        pdf.set_title(f"{sheet.title} {sheet.office}")
        pdf.set_author(sheet.office)
        pdf.set_lang(sheet.language)
        pdf.set_creation_date(sheet.made)
        face = "SC" if sheet.language is Language.ZH_HANS else "TC"
        for style, weight in (("", "Regular"), ("B", "Bold")):
            file = folder / f"{face}-{weight}.otf"
            if not file.exists():
                raise FileNotFoundError(file)
            pdf.add_font("noto", style, file)
        pdf.set_line_width(0.2)
        self.y = 0.0
        self._page()

    def _page(self) -> None:
        self._pdf.add_page()
        self.y = _MARGIN

    @property
    def _left_over(self) -> float:
        return _TALL - _FOOT - self.y

    def heading(self) -> None:
        sheet = self._sheet
        wide = self._measure(sheet.title, size=_TITLE, bold=True)
        self._write((_WIDE - wide) / 2, self.y + 6.5, sheet.title, _TITLE, bold=True)
        self.y += 10
        for label, value in [("", sheet.office), *sheet.facts]:
            said = f"{label}　{value}" if label else value
            for line in self._set(said, _BODY, _TEXT):
                self._write(_MARGIN, self.y + 4, line, _TEXT)
                self.y += _TEXT * _POINT * _LEADING + 0.6
        self.y += 2

    def grid(self, grid: Grid) -> None:
        if self._left_over < 30:
            self._page()
        self._write(_MARGIN, self.y + 5, grid.title, _HEAD, bold=True)
        self.y += 7
        whole = sum(part for _, part in grid.columns)
        widths = [_BODY * part / whole for _, part in grid.columns]
        head = [[Said(name, bold=True)] for name, _ in grid.columns]
        self._row(head, widths, shaded=True)
        for row in grid.rows:
            self._row(row, widths, head=head)
        if not grid.rows:
            self._row([[Said(grid.none)]], [_BODY])
        self.y += 5

    def _row(
        self,
        cells: Sequence[Cell],
        widths: Sequence[float],
        *,
        head: Sequence[Cell] = (),
        shaded: bool = False,
    ) -> None:
        """A row at its height; on a new page below its `head` where it does not fit here."""
        lines = [
            self._cell(cell, wide - 2 * _PAD) for cell, wide in zip(cells, widths, strict=True)
        ]
        step = _TEXT * _POINT * _LEADING
        count = max(len(one) for one in lines) or 1
        done = 0
        while done < count:
            fit = int((self._left_over - 2 * _PAD) / step)
            whole_elsewhere = count * step + 2 * _PAD <= _TALL - _MARGIN - _FOOT - 12
            if fit < 1 or (fit < count - done and not done and whole_elsewhere):
                self._page()
                if head:
                    self._row(head, widths, shaded=True)
                continue
            part = [one[done : done + fit] for one in lines]
            self._draw_row(part, widths, min(fit, count - done) * step + 2 * _PAD, shaded=shaded)
            done += fit

    def _draw_row(
        self,
        cells: Sequence[Sequence[Said]],
        widths: Sequence[float],
        tall: float,
        *,
        shaded: bool,
    ) -> None:
        x, step = _MARGIN, _TEXT * _POINT * _LEADING
        self._pdf.set_draw_color(_RULE)
        self._pdf.set_fill_color(_SHADE)
        for cell, wide in zip(cells, widths, strict=True):
            self._pdf.rect(x, self.y, wide, tall, style="DF" if shaded else "D")
            for number, line in enumerate(cell):
                base = self.y + _PAD + step * (number + 0.74)
                grey = _MUTED if line.struck else _INK
                self._write(x + _PAD, base, line.text, _TEXT, bold=line.bold, grey=grey)
                if line.struck:
                    self._strike(x + _PAD, base - 1.1, line.text)
            x += wide
        self.y += tall

    def _strike(self, x: float, y: float, text: str) -> None:
        self._pdf.set_draw_color(_MUTED)
        self._pdf.line(x, y, x + self._measure(text), y)
        self._pdf.set_draw_color(_RULE)

    def signatures(self) -> None:
        if self._left_over < 24:
            self._page()
        self.y += 6
        wide = _BODY / len(self._sheet.signatures)
        self._pdf.set_draw_color(_INK)
        for place, name in enumerate(self._sheet.signatures):
            x = _MARGIN + place * wide
            self._write(x, self.y + 8, name, _TEXT)
            begins = x + self._measure(name) + 2
            self._pdf.line(begins, self.y + 9, x + wide - 5, self.y + 9)
        self.y += 16

    def done(self) -> bytes:
        pages = self._pdf.pages_count
        for page in range(1, pages + 1):
            self._pdf.page = page
            # It says a font only where that differs from the one before, which is another page's.
            self._pdf.set_font("noto", "B", _SMALL)
            self._centred(_TALL - 12, self._sheet.anchor)
            self._centred(_TALL - 8, f"{self._sheet.title}　{self._sheet.foot(page, pages)}")
        return bytes(self._pdf.output())

    def _centred(self, base: float, text: str) -> None:
        wide = self._measure(text, size=_SMALL)
        self._write((_WIDE - wide) / 2, base, text, _SMALL, grey=_MUTED)

    # --- type -----------------------------------------------------------------------------------

    def _cell(self, cell: Cell, wide: float) -> list[Said]:
        """Its texts as lines."""
        return [
            Said(line, said.struck, said.bold)
            for said in cell
            for line in self._set(said.text, wide, _TEXT, bold=said.bold)
        ]

    def _set(self, text: str, wide: float, size: float, *, bold: bool = False) -> list[str]:
        drawn = cast(TTFFont, self._pdf.fonts["noto"]).cmap
        text = "".join(one if ord(one) in drawn or one == "\n" else _UNKNOWN for one in text)
        return typeset(text, wide, partial(self._measure, size=size, bold=bold)).split("\n")

    def _measure(self, text: str, size: float = _TEXT, *, bold: bool = False) -> float:
        font = cast(TTFFont, self._pdf.fonts["notoB" if bold else "noto"])
        return sum(font.cw[ord(one)] for one in text) / 1000 * size * _POINT

    def _write(
        self, x: float, base: float, text: str, size: float, *, bold: bool = False, grey: int = _INK
    ) -> None:
        self._pdf.set_font("noto", "B" if bold else "", size)
        self._pdf.set_text_color(grey)
        self._pdf.text(x, base, text)
