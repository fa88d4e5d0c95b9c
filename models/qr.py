"""The modules of a QR code. Pure; drawing them is the business of whoever shows or prints them."""

import threading
from functools import lru_cache
from typing import Literal

Matrix = tuple[tuple[bool, ...], ...]
"""Rows from the top, True where a module is dark, without the quiet border of 4 modules."""

_LOCK = threading.Lock()
"""qrcode 8.2 shares tables between drawings and is not thread-safe (its issue 421)."""


@lru_cache(maxsize=8)
def matrix(text: str, level: Literal["M", "Q"]) -> Matrix:
    """The smallest QR code that holds `text` at an error-correction level. Raises ValueError when
    no QR code is large enough."""
    # Loading qrcode costs a tenth of a second that no window's first frame should pay.
    from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
    from qrcode.exceptions import DataOverflowError
    from qrcode.main import QRCode

    levels = {"M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q}
    with _LOCK:
        code = QRCode(error_correction=levels[level], border=0)
        code.add_data(text)
        try:
            code.make()
        except (DataOverflowError, ValueError) as error:
            raise ValueError(f"{len(text)} characters fit into no QR code") from error
        return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())
