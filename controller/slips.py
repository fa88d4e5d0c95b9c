"""The printed slips: of a pass (VI), 正本 and 副本 on one strip of paper with a tear line between;
and of goods that leave (物品放行, VI.11), with their list.

Drawn dot by dot for a printer of 203 dots an inch, in black and white without any grey: a module of
the QR code is a whole number of dots, and nothing is ever scaled.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from models.messages import GoodsLine
from models.qr import matrix
from models.terms import Half, Language
from models.typeset import typeset
from models.words import say

DOTS_PER_INCH = 203
QUIET = 4
"""Modules of white that a reader needs around a code."""
_GAP = 16
_LEADING = 1.28

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in dots; right and bottom are just outside."""
Kind = Literal["text", "on_black", "code", "black", "dashes"]


@dataclass(frozen=True)
class Slip:
    """What stands on it. `original` and `duplicate` are the tokens of the two halves; the times
    are written in the office's zone already."""

    office: str
    language: Language
    number: str
    name: str
    organisation: str
    destination: str
    host: str
    day: str
    until: str
    original: str
    duplicate: str


@dataclass(frozen=True)
class GoodsSlip:
    """What stands on a goods slip; `company` is a contractor's, the times are the office's."""

    office: str
    language: Language
    number: str
    name: str
    place: str
    company: str
    goods: tuple[GoodsLine, ...]
    plate: str
    begins: str
    until: str
    approved_by: str
    token: str


@dataclass(frozen=True)
class Mark:
    """One thing on the paper. `size` is a font's or, of a code, the dots of a module."""

    kind: Kind
    box: Box
    text: str = ""
    size: int = 0
    bold: bool = False


@dataclass(frozen=True)
class _Sizes:
    """In dots. The guard reads the name and the time at arm's length, the rest in the hand."""

    margin: int
    office: int
    title: int
    name: int
    number: int
    label: int
    value: int
    until: int
    hint: int
    column: int
    modules: dict[Half, int]


_SIZES = {
    576: _Sizes(24, 34, 25, 60, 46, 24, 30, 42, 22, 128, {Half.ORIGINAL: 8, Half.DUPLICATE: 6}),
    384: _Sizes(14, 27, 22, 46, 38, 21, 26, 34, 20, 92, {Half.ORIGINAL: 6, Half.DUPLICATE: 6}),
}


class Fonts:
    """The faces that set-up has made, for one language."""

    def __init__(self, folder: Path, language: Language) -> None:
        self._folder = folder
        self._face = "SC" if language is Language.ZH_HANS else "TC"
        self._loaded: dict[tuple[int, bool], ImageFont.FreeTypeFont] = {}

    def at(self, size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
        """Raises OSError where set-up has not made it."""
        if (size, bold) not in self._loaded:
            file = self._folder / f"{self._face}-{'Bold' if bold else 'Regular'}.otf"
            self._loaded[size, bold] = ImageFont.truetype(str(file), size)
        return self._loaded[size, bold]


def draw(slip: Slip | GoodsSlip, width: int, folder: Path) -> Image.Image:
    """The slip as a picture of one bit a dot, `width` dots across. Raises OSError without fonts."""
    fonts = Fonts(folder, slip.language)
    marks, height = lay_out(slip, width, fonts)
    picture = Image.new("1", (width, height), 1)
    pen = ImageDraw.Draw(picture)
    for mark in marks:
        _DRAWN[mark.kind](pen, mark, fonts)
    return picture


def lay_out(slip: Slip | GoodsSlip, width: int, fonts: Fonts) -> tuple[list[Mark], int]:
    """Where everything goes on paper of `width` dots, and how many dots long it becomes."""
    page = _Page(slip.language, width, fonts)
    if isinstance(slip, GoodsSlip):
        _goods(page, slip)
    else:
        _half(page, slip, Half.ORIGINAL)
        page.tear(say(slip.language, "slip.tear"))
        _half(page, slip, Half.DUPLICATE)
    return page.marks, page.y + _GAP


def _goods(page: "_Page", slip: GoodsSlip) -> None:
    sizes, tr = page.sizes, page.tr
    page.heading(slip.office, tr("goods_title"), tr("goods"))
    page.lines(slip.place or slip.company, sizes.name, bold=True)
    page.lines(
        "　".join(filter(None, [slip.company if slip.place else "", slip.name])), sizes.value
    )
    page.space(_GAP // 2)
    page.code(slip.token, sizes.modules[Half.ORIGINAL])
    page.centred(slip.number, sizes.number)
    page.space(_GAP)
    for line in slip.goods:
        page.item(line.item, f"× {line.pieces}", line.remark)
    page.fact(tr("goods_plate"), slip.plate)
    page.fact(tr("goods_begins"), slip.begins)
    page.fact(tr("until"), slip.until, sizes.until)
    page.fact(tr("goods_approved"), slip.approved_by)
    page.space(_GAP // 2)
    page.lines(tr("goods_hint"), sizes.hint)
    page.space(_GAP * 3 // 2)


def _half(page: "_Page", slip: Slip, half: Half) -> None:
    sizes, tr = page.sizes, page.tr
    page.heading(slip.office, tr("title"), tr(half))
    page.lines(slip.name, sizes.name, bold=True)
    page.lines(slip.organisation, sizes.value)
    page.space(_GAP // 2)
    token = slip.original if half is Half.ORIGINAL else slip.duplicate
    page.code(token, sizes.modules[half])
    page.centred(slip.number, sizes.number)
    page.space(_GAP)
    page.fact(tr("to"), slip.destination)
    page.fact(tr("host"), slip.host)
    page.fact(tr("day"), slip.day)
    page.fact(tr("until"), slip.until, sizes.until)
    page.space(_GAP // 2)
    page.lines(tr(f"{half}_hint"), sizes.hint)
    page.space(_GAP * 3 // 2)


class _Page:
    """A strip of paper that is filled from the top; `y` is where the next thing begins."""

    def __init__(self, language: Language, width: int, fonts: Fonts) -> None:
        self.sizes = _SIZES[width]
        self.marks: list[Mark] = []
        self.y = _GAP
        self._language = language
        self._width = width
        self._fonts = fonts
        self._left, self._right = self.sizes.margin, width - self.sizes.margin

    def tr(self, name: str) -> str:
        return say(self._language, f"slip.{name}")

    def space(self, dots: int) -> None:
        self.y += dots

    def heading(self, office: str, title: str, half: str) -> None:
        """Whose slip this is, what it is, and, white on black, which half."""
        sizes = self.sizes
        wide = round(self._fonts.at(sizes.title, bold=True).getlength(half)) + 28
        tall = round(sizes.title * _LEADING) + 14
        box = (self._right - wide, self.y, self._right, self.y + tall)
        self.marks.append(Mark("black", box))
        self.marks.append(Mark("on_black", box, half, sizes.title, bold=True))
        top = self.y
        self._text(office, sizes.office, self._left, box[0] - _GAP, bold=True)
        self._text(title, sizes.title, self._left, box[0] - _GAP)
        self.y = max(self.y, top + tall) + _GAP // 2
        self.marks.append(Mark("black", (self._left, self.y, self._right, self.y + 4)))
        self.y += 4 + _GAP

    def lines(self, text: str, size: int, *, bold: bool = False) -> None:
        self._text(text, size, self._left, self._right, bold=bold)

    def centred(self, text: str, size: int) -> None:
        wide = round(self._fonts.at(size, bold=True).getlength(text))
        self._text(text, size, (self._width - wide) // 2, self._right, bold=True)

    def fact(self, label: str, value: str, size: int = 0) -> None:
        """A line of the table: what, and which; nothing where there is none."""
        if not value:
            return
        size = size or self.sizes.value
        self.marks.append(Mark("black", (self._left, self.y, self._right, self.y + 1)))
        self.y += 9
        top, begins = self.y, self._left + self.sizes.column
        self._text(value, size, begins, self._right, bold=True)
        below = self.y
        self.y = top + round((size - self.sizes.label) * 0.95)  # on one base line
        self._text(label, self.sizes.label, self._left, begins - 8)
        self.y = max(below, self.y) + 8

    def item(self, item: str, pieces: str, remark: str) -> None:
        """One line of a list of goods: how many at the right edge, remarks below the thing."""
        self.marks.append(Mark("black", (self._left, self.y, self._right, self.y + 1)))
        self.y += 9
        size, top = self.sizes.value, self.y
        begins = self._right - round(self._fonts.at(size, bold=True).getlength(pieces))
        self._text(item, size, self._left, begins - _GAP, bold=True)
        self._text(remark, self.sizes.label, self._left, begins - _GAP)
        below, self.y = self.y, top
        self._text(pieces, size, begins, self._width, bold=True)
        self.y = max(below, self.y) + 8

    def code(self, token: str, module: int) -> None:
        side = (len(matrix(token, "Q")) + 2 * QUIET) * module
        left = (self._width - side) // 2
        self.marks.append(Mark("code", (left, self.y, left + side, self.y + side), token, module))
        # The code's own quiet border is white enough below it.
        self.y += side

    def tear(self, words: str) -> None:
        size = self.sizes.hint
        wide = round(self._fonts.at(size, bold=False).getlength(words))
        left = (self._width - wide) // 2
        middle = self.y + round(size * _LEADING / 2)
        for start, end in ((0, left - _GAP), (left + wide + _GAP, self._width)):
            self.marks.append(Mark("dashes", (start, middle - 1, end, middle + 1)))
        self._text(words, size, left, self._width)
        self.y += _GAP * 2

    def _text(self, text: str, size: int, left: int, right: int, *, bold: bool = False) -> None:
        if not text:
            return
        font = self._fonts.at(size, bold=bold)
        for line in typeset(text, right - left, font.getlength).split("\n"):
            end = left + round(font.getlength(line))
            box = (left, self.y, end, self.y + round(size * _LEADING))
            self.marks.append(Mark("text", box, line, size, bold))
            self.y = box[3]


# --- drawing -----------------------------------------------------------------------------------


def _draw_text(pen: ImageDraw.ImageDraw, mark: Mark, fonts: Fonts, ink: int = 0) -> None:
    font = fonts.at(mark.size, bold=mark.bold)
    left, top, right, bottom = mark.box
    place = ((left + right) / 2, (top + bottom) / 2)
    # By the middle: Noto's own line is half as tall again as its characters.
    pen.text(place, mark.text, fill=ink, font=font, anchor="mm")


def _draw_on_black(pen: ImageDraw.ImageDraw, mark: Mark, fonts: Fonts) -> None:
    _draw_text(pen, mark, fonts, ink=1)


def _draw_code(pen: ImageDraw.ImageDraw, mark: Mark, _fonts: Fonts) -> None:
    left, top = (edge + QUIET * mark.size for edge in mark.box[:2])
    for y, row in enumerate(matrix(mark.text, "Q")):
        for x, dark in enumerate(row):
            if dark:
                _fill(pen, left + x * mark.size, top + y * mark.size, mark.size, mark.size)


def _draw_black(pen: ImageDraw.ImageDraw, mark: Mark, _fonts: Fonts) -> None:
    left, top, right, bottom = mark.box
    _fill(pen, left, top, right - left, bottom - top)


def _draw_dashes(pen: ImageDraw.ImageDraw, mark: Mark, _fonts: Fonts) -> None:
    left, top, right, bottom = mark.box
    for start in range(left, right, 16):
        _fill(pen, start, top, min(9, right - start), bottom - top)


def _fill(pen: ImageDraw.ImageDraw, left: int, top: int, wide: int, tall: int) -> None:
    pen.rectangle((left, top, left + wide - 1, top + tall - 1), fill=0)


_DRAWN = {
    "text": _draw_text,
    "on_black": _draw_on_black,
    "code": _draw_code,
    "black": _draw_black,
    "dashes": _draw_dashes,
}
