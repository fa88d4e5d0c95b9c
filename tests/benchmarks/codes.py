"""Codes as people meet them: how fast they are drawn, and how many are read from bad pictures."""

import io
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image, ImageDraw, ImageFilter

from models import passes, qr
from models.qr import matrix
from models.terms import Half
from tests.benchmarks.report import Row, measured
from tests.qr import codes

_DRAWN = 100
_READ = 200
"""Pictures of each kind, every one of another pass."""
_SCREEN_MODULE, _SLIP_MODULE = 8, 6
"""Pixels a module: the kiosk's least, and a slip's dots at 203 an inch."""
_QUIET = 4
_PAPER, _INK = 255, 0

Picture = Image.Image
Level = Literal["M", "Q"]


def drawn() -> Iterator[Row]:
    """What the kiosk makes a texture of, and the slip's printer its dots."""
    kinds: tuple[tuple[str, Level, int], ...] = (
        ("QR drawn: the kiosk's texture, one texel a module", "M", 1),
        ("QR drawn: the slip's bitmap at 203 dpi", "Q", _SLIP_MODULE),
    )
    for name, level, module in kinds:
        times = []
        for token in _tokens(_DRAWN, random.Random(name)):
            start = time.perf_counter()
            rows = matrix(token, level)
            if module == 1:
                b"".join(bytes(_INK if dark else _PAPER for dark in row) for row in rows)
            else:
                _picture(token, level, module).convert("1").tobytes()
            times.append((time.perf_counter() - start) * 1000)
            qr.matrix.cache_clear()
        yield measured(name, times, "ms", target=20)


def read() -> Iterator[Row]:
    """Percent that were not read, of pictures spoilt as a camera or a hand would."""
    screen = partial(_picture, level="M", module=_SCREEN_MODULE)
    slip = partial(_picture, level="Q", module=_SLIP_MODULE)
    for name, make, spoil in (
        ("screen, as it is", screen, _as_it_is),
        ("screen, blurred with σ = 1 px", screen, partial(_blurred, sigma=1)),
        ("screen, blurred with σ = 2 px", screen, partial(_blurred, sigma=2)),
        ("screen, turned at random", screen, _turned),
        ("screen, photographed 180 px wide", screen, _photographed),
        ("slip, as it is", slip, _as_it_is),
        ("slip, blurred with σ = 2 px", slip, partial(_blurred, sigma=2)),
        ("slip, turned at random", slip, _turned),
        ("slip, a tenth of its data covered", slip, _covered),
        ("slip, turned and a tenth of its data covered", slip, _turned_and_covered),
        ("slip, a tenth covered anywhere", slip, partial(_covered, anywhere=True)),
    ):
        yield _share(f"QR not read: {name}", make, spoil)


def _share(
    name: str, make: Callable[[str], Picture], spoil: Callable[[Picture, random.Random], Picture]
) -> Row:
    chance = random.Random(name)
    good = sum(_reads(spoil(make(token), chance), token) for token in _tokens(_READ, chance))
    percent = 100 * (1 - good / _READ)
    return Row(name, _READ, percent, percent, "%", target=5)


def _reads(picture: Picture, token: str) -> bool:
    return token in codes(picture)


def _tokens(count: int, chance: random.Random) -> list[str]:
    """Of the dice too, so that each run sees the same pictures."""
    return [_token(chance) for _ in range(count)]


def _token(chance: random.Random) -> str:
    key, begins = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)), chance.getrandbits(30)
    claims = passes.Claims(chance.randbytes(7), Half.ORIGINAL, begins, begins + 3600, 1)
    return passes.mint(key, "test", claims)


def _picture(token: str, level: Level, module: int) -> Picture:
    rows = matrix(token, level)
    side = (len(rows) + 2 * _QUIET) * module
    picture = Image.new("L", (side, side), _PAPER)
    pen = ImageDraw.Draw(picture)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                left, top = (x + _QUIET) * module, (y + _QUIET) * module
                pen.rectangle((left, top, left + module - 1, top + module - 1), _INK)
    return picture


def _as_it_is(picture: Picture, _chance: random.Random) -> Picture:
    return picture


def _blurred(picture: Picture, _chance: random.Random, sigma: float) -> Picture:
    return picture.filter(ImageFilter.GaussianBlur(sigma))


def _turned(picture: Picture, chance: random.Random) -> Picture:
    degrees = chance.uniform(0, 360)
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=_PAPER)


def _covered(picture: Picture, chance: random.Random, *, anywhere: bool = False) -> Picture:
    """A thumb or a stain: one patch of a tenth of the code's area (without its border), clear of
    the three corners unless `anywhere`: what hides one of those hides the code from the reader."""
    border, corner = _QUIET * _SLIP_MODULE, 8 * _SLIP_MODULE
    side = picture.width - 2 * border
    while True:
        width = side * 0.1**0.5 * chance.uniform(0.6, 1.6)
        height = side * side * 0.1 / width
        left, top = chance.uniform(0, side - width), chance.uniform(0, side - height)
        above, below = top < corner, top + height > side - corner
        before, after = left < corner, left + width > side - corner
        if anywhere or not ((before and (above or below)) or (after and above)):
            break
    spoilt = picture.copy()
    patch = (border + left, border + top, border + left + width, border + top + height)
    ImageDraw.Draw(spoilt).rectangle(patch, chance.choice([0, 128, 255]))
    return spoilt


def _turned_and_covered(picture: Picture, chance: random.Random) -> Picture:
    return _turned(_covered(picture, chance), chance)


def _photographed(picture: Picture, chance: random.Random) -> Picture:
    """A picture of the screen in which the code is 180 px wide: scaled, dull, noisy, as JPEG."""
    small = picture.resize((180, 180), Image.Resampling.BICUBIC)
    dull = small.point(lambda value: 40 + value * 160 // 255)
    noise = Image.frombytes("L", dull.size, chance.randbytes(180 * 180)).point(lambda v: v // 10)
    mixed = Image.blend(dull, noise, 0.08)
    framed = Image.new("L", (640, 480), 90)
    framed.paste(mixed, (chance.randrange(460), chance.randrange(300)))
    kept = io.BytesIO()
    framed.save(kept, "JPEG", quality=80)
    return Image.open(kept)
