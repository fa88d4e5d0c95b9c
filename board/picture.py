"""A picture of the glass, small enough for one message. Drawn on the UI thread, packed on another.

Imported only after `glass.prepare`, because it imports Kivy.
"""

import io

from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels
from PIL import Image

from models.messages import MAX_PICTURE

_WAYS = ((1280, 75), (960, 75), (960, 55), (640, 55), (480, 40), (240, 30))
"""Longest side in pixels and JPEG quality, until one is small enough."""

Pixels = tuple[tuple[int, int], bytes]


def grab() -> Pixels:
    """What the window draws now, as size and RGB bytes from the bottom up."""
    Window.dispatch("on_draw")  # what a flip leaves in the buffer is undefined
    width, height = Window.system_size
    return (width, height), glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)


def pack(pixels: Pixels, rotation: int) -> bytes:
    """A JPEG of at most MAX_PICTURE bytes, upright however the panel hangs."""
    size, raw = pixels
    image = Image.frombytes("RGB", size, raw).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if rotation:
        image = image.rotate(-rotation, expand=True)  # which turns the other way round
    for side, quality in _WAYS:
        small = image.copy()
        small.thumbnail((side, side))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality)
        if out.tell() <= MAX_PICTURE:
            break
    return out.getvalue()
