"""The text of an invitation's QR code: 128 random bits, and nothing about anybody. Pure.

Upper-case base32 (RFC 4648) after a prefix, so that a QR code holds it in its alphanumeric mode and
a scanner types it on any keyboard layout without a shift key stuck in between.
"""

import base64
import re

PREFIX = "VI1:"
LENGTH = 16
"""Bytes of a token."""
PATTERN = r"^VI1:[A-Z2-7]{26}$"
_SHAPE = re.compile(PATTERN)


def text_of(token: bytes) -> str:
    """The text of a token of `LENGTH` bytes."""
    return PREFIX + base64.b32encode(token).decode("ascii").rstrip("=")


def is_one(text: str) -> bool:
    """Is this text shaped as an invitation? Whether there is one, only the controller knows."""
    return _SHAPE.fullmatch(text) is not None
