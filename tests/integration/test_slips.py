"""The slip: readable, complete, and nothing over the edge, on both widths of paper."""

import pytest
from PIL import Image, ImageChops

from controller import slips
from controller.slips import Fonts, Slip, draw, lay_out
from models import passes, qr
from models.settings import Settings
from models.terms import Half, Language
from tests.integration.conftest import NOW
from tests.parts import ROOT
from tests.qr import codes

FONTS = ROOT / Settings().fonts
NAMES = [
    "王小明",
    "歐陽修遠　Ouyang",
    "Maximiliane von Hohenstaufen-Østergård",
    "Владимир 김철수 たなか",
    "W" * 60,
    "龘" * 60,
]


def token(half: Half) -> str:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    begins = int(NOW.timestamp())
    claims = passes.Claims(
        id=b"\x01" * passes.ID_LENGTH, half=half, not_before=begins, expires=begins + 9000, kid=1
    )
    return passes.mint(Ed25519PrivateKey.generate(), "test", claims)


def slip(name: str = "王小明", language: Language = Language.ZH_HANT, **more: str) -> Slip:
    told = {
        "office": "恒泰物業",
        "number": "A-0137",
        "organisation": "復印機維修有限公司",
        "destination": "三樓第二洽談室",
        "host": "工程部 李志強",
        "day": "2026-11-23",
        "until": "12:40",
        "original": token(Half.ORIGINAL),
        "duplicate": token(Half.DUPLICATE),
    }
    return Slip(name=name, language=language, **(told | more))


@pytest.mark.parametrize("width", [576, 384])
@pytest.mark.parametrize("language", Language)
def test_a_scanner_reads_both_halves_the_original_first(language, width):
    printed = slip(language=language)
    picture = draw(printed, width, FONTS)
    assert picture.mode == "1"
    assert codes(picture) == [printed.original, printed.duplicate]


@pytest.mark.parametrize("width", [576, 384])
def test_every_module_is_a_whole_number_of_dots_and_six_at_least(width):
    printed = slip()
    picture = draw(printed, width, FONTS)
    marks, _ = lay_out(printed, width, Fonts(FONTS, printed.language))
    found = [mark for mark in marks if mark.kind == "code"]
    assert [mark.text for mark in found] == [printed.original, printed.duplicate]
    for mark in found:
        modules = qr.matrix(mark.text, "Q")
        assert len(modules) == 49  # version 8
        assert mark.size >= 6
        border = slips.QUIET * mark.size
        inner = picture.crop(mark.box).crop(
            (border, border, border + 49 * mark.size, border + 49 * mark.size)
        )
        exact = Image.new("1", (49, 49))
        exact.putdata([0 if dark else 255 for row in modules for dark in row])
        assert inner.tobytes() == exact.resize(inner.size, Image.Resampling.NEAREST).tobytes()


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:8])
@pytest.mark.parametrize("width", [576, 384])
@pytest.mark.parametrize("language", Language)
def test_nothing_leaves_the_paper_and_nothing_lies_over_another(language, width, name):
    long = "恒泰物業管理有限公司龍崗區政府大樓項目服務中心"
    printed = slip(name, language, office=long, organisation=long * 2, destination=long, host=name)
    marks, height = lay_out(printed, width, Fonts(FONTS, language))
    inked = [mark for mark in marks if mark.kind in {"text", "code"}]
    for mark in marks:
        left, top, right, bottom = mark.box
        assert 0 <= left <= right <= width
        assert 0 <= top < bottom <= height
    for one in inked:
        for other in inked:
            assert one is other or apart(one.box, other.box)
    picture = draw(printed, width, FONTS)
    assert picture.size == (width, height)
    assert edges_are_white(picture)


def apart(one: slips.Box, other: slips.Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def edges_are_white(picture: Image.Image) -> bool:
    """Only the tear line goes from edge to edge."""
    inverted = ImageChops.invert(picture.convert("L"))
    columns = (inverted.crop((x, 0, x + 4, picture.height)) for x in (0, picture.width - 4))
    return all(sum(column.get_flattened_data()) / 255 < 5 * 4 for column in columns)


@pytest.mark.parametrize("name", NAMES[:4])
def test_a_name_is_printed_whole(name):
    printed = slip(name)
    marks, _ = lay_out(printed, 384, Fonts(FONTS, printed.language))
    said = "".join(mark.text for mark in marks if mark.kind == "text")
    assert "".join(name.split()) in "".join(said.split())


def test_the_two_halves_are_told_apart_in_words_the_gate_knows():
    for language in Language:
        marks, _ = lay_out(slip(language=language), 576, Fonts(FONTS, language))
        original, duplicate = [mark.text for mark in marks if mark.kind == "on_black"]
        assert "正本" in original
        assert "副本" in duplicate
