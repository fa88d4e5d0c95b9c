"""Renews the pictures of the README: `python -m tests.readme_pictures`.

They are made of what the project itself has drawn before, by `make tour` and by
`python -m pytest tests/ui/test_board_screen.py --pictures`. Exits with 1 where one is missing.
"""

import sys
from pathlib import Path

from PIL import Image

from tests.e2e.tour import OUT as TOUR

HARD_DAYS = Path("out/ui")
PICTURES = Path("assets/pictures")
_ALONE = {
    "kiosk-welcome": "09-kiosk",
    "kiosk-pass": "14-kiosk",
    "board": "08-board",
    "desk": "12-desk",
}
_DAYS = ("one-row", "many-rows", "long-names", "unconfirmed", "taken_over", "long_emergency")
_GAP = 12
_SHEETS = {"board-landscape": ("1920x1080", 3, 640), "board-portrait": ("1080x1920", 6, 316)}
"""Of which window, how many beside each other, and how wide each is."""


def main() -> int:
    PICTURES.mkdir(exist_ok=True)
    try:
        for name, taken in _ALONE.items():
            image = Image.open(TOUR / f"{taken}.png")
            image.thumbnail((1200, 960))
            _keep(image, name)
        for name, (window, across, width) in _SHEETS.items():
            _keep(_sheet(window, across, width), name)
    except FileNotFoundError as missing:
        sys.stderr.write(f"{missing.filename} is missing; python -m {__spec__.name} needs it.\n")
        return 1
    return 0


def _sheet(window: str, across: int, width: int) -> Image.Image:
    """The hard days beside and below each other, on white."""
    days = [Image.open(HARD_DAYS / f"board-{day}-zh-Hant-{window}.png") for day in _DAYS]
    height = width * days[0].height // days[0].width
    down = -(-len(days) // across)
    size = across * (width + _GAP) - _GAP, down * (height + _GAP) - _GAP
    sheet = Image.new("RGB", size, "white")
    for number, day in enumerate(days):
        row, column = divmod(number, across)
        place = column * (width + _GAP), row * (height + _GAP)
        sheet.paste(day.resize((width, height), Image.Resampling.LANCZOS), place)
    return sheet


def _keep(image: Image.Image, name: str) -> None:
    # In 256 colours: one way keeps the board's shades smooth, the other the desk's few reds red.
    ways = Image.Quantize
    way = ways.MEDIANCUT if name.startswith("board") else ways.FASTOCTREE
    image.convert("RGB").quantize(256, method=way).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
