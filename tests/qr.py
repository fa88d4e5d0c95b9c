"""QR codes, read back from pictures."""

import zxingcpp
from PIL import Image

_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
"""As our cameras do: whoever looks for every kind finds a bar code in the dots of some codes."""


def codes(picture: Image.Image) -> list[str]:
    """What the codes in a picture say, from the top."""
    found = zxingcpp.read_barcodes(picture.convert("L"), formats=_QR)
    return [code.text for code in sorted(found, key=lambda code: code.position.top_left.y)]
