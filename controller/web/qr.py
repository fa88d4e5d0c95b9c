"""A QR code as an SVG picture, to be shown by the page and printed by the browser."""

from models.qr import matrix

BORDER = 4
"""Modules of white that a reader needs around the code."""


def svg(text: str) -> bytes:
    """The code of `text` at level M, one unit a module; sharp at any size."""
    rows = matrix(text, "M")
    size = len(rows) + 2 * BORDER
    runs = "".join(
        f"M{x + BORDER} {y + BORDER}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path d="{runs}" fill="#000"/></svg>'
    ).encode()
