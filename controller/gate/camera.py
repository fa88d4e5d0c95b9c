"""A phone's camera as a scanner: a picture in, the text of its code out.

Pictures are hostile, too: only JPEG and PNG are opened, of a bounded size, one at a time.
"""

import io
import logging
import threading
import time
from collections.abc import Callable

import zxingcpp
from PIL import Image

log = logging.getLogger(__name__)

MOST_PIXELS = 4_000_000
_FORMATS = ("JPEG", "PNG")
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_APART = 0.1
"""Seconds between two pictures at least, from all phones together."""
_GONE = 3.0
"""Seconds for which a code must have been out of the picture before it counts as shown again."""


class Eye:
    """Safe from any thread; two at once are one too many."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._busy = threading.Lock()
        self._looked = 0.0
        self._last, self._seen = "", 0.0

    def is_ready(self) -> bool:
        """May another picture be looked at already?"""
        now = self._steady()
        if self._busy.locked() or now - self._looked < _APART:
            return False
        self._looked = now
        return True

    def new_text(self, picture: bytes) -> str | None:
        """What a code in the picture says; None without one, and while the last one stays."""
        with self._busy:
            text = read(picture)
            now = self._steady()
            if text is None:
                return None
            stays = text == self._last and now - self._seen < _GONE
            self._last, self._seen = text, now
            return None if stays else text


def read(picture: bytes) -> str | None:
    """The text of the QR code in a JPEG or PNG picture, or None. Never raises."""
    try:
        with Image.open(io.BytesIO(picture), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            found = zxingcpp.read_barcode(image.convert("L"), formats=_QR)
    except Exception:  # noqa: BLE001 - hostile bytes make decoders raise anything
        return None
    return found.text if found and found.valid else None
