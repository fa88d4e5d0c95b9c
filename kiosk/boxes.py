"""Rounded boxes as pictures of their corners, stretched between them.

Kivy's own smooth shapes are a hundred triangles each and a keyboard has eighty of them, which was
more than a third of what a frame costs a software renderer; these are eighteen.
"""

from functools import cache
from itertools import chain
from math import hypot
from typing import Any

from kivy.graphics import BorderImage
from kivy.graphics.texture import Texture


class Box(BorderImage):  # type: ignore[misc]  # Kivy has no types
    """A white box, for the colour before it. `fit` puts it on whole pixels, where it is sharp."""

    def fit(self, x: float, y: float, width: float, height: float, radius: float) -> None:
        left, bottom = round(x), round(y)
        wide, high = max(round(x + width) - left, 0), max(round(y + height) - bottom, 0)
        corner = max(min(round(radius), wide // 2, high // 2), 0)
        self.texture = _corners(corner)
        self.border = [corner] * 4
        self.pos, self.size = (left, bottom), (wide, high)


@cache
def _corners(radius: int) -> Any:
    """Four corners of some whole pixels, and two pixels between them."""

    def alpha(x: int, y: int) -> int:
        inside = radius - hypot(radius - x - 0.5, radius - y - 0.5)
        return round(255 * min(max(inside + 0.5, 0), 1))

    quarter = [[alpha(x, y) for x in range(radius)] + [255] for y in range(radius)]
    quarter.append([255] * (radius + 1))
    half = [row + row[::-1] for row in quarter]
    pixels = chain.from_iterable(half + half[::-1])
    side = 2 * radius + 2
    texture = Texture.create(size=(side, side), colorfmt="rgba")
    # A pixel of the picture is one of the glass, except between the corners, where all are white.
    texture.mag_filter = texture.min_filter = "nearest"
    white = b"\xff\xff\xff"
    picture = b"".join(white + bytes((pixel,)) for pixel in pixels)
    texture.blit_buffer(picture, colorfmt="rgba", bufferfmt="ubyte")
    return texture
