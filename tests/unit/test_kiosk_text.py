"""What is drawn: broken lines, QR codes, and words that the fonts have."""

import string
import threading

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from models import qr
from models.glass import font_for
from models.terms import Language
from models.typeset import elide, tail, typeset
from models.words import catalogue
from tests.kiosk_story import TOKEN
from tests.parts import ROOT
from tests.qr import codes


def width(text):
    """A fixed pitch, Chinese twice as wide."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 10, [""]),
        ("歡迎光臨\n請自助登記", 20, ["歡迎光臨", "請自助登記"]),
        ("一二三四五六", 6, ["一二三", "四五六"]),
        ("一二三，四五六", 6, ["一二", "三，四", "五六"]),
        ("一二（三四）", 6, ["一二", "（三", "四）"]),
        ("A（AAA", 4, ["A（", "AAA"]),
        ("one two three", 7, ["one two", "three"]),
        ("one, two", 4, ["one,", "two"]),
        ("到 A 座三樓", 7, ["到 A 座", "三樓"]),
        ("Donaudampf", 4, ["Dona", "udam", "pf"]),
        ("김철수 입니다", 6, ["김철수", "입니다"]),
    ],
)
def test_lines_break_where_readers_expect_it(text, room, lines):
    assert typeset(text, room, width).split("\n") == lines


def test_what_does_not_fit_into_the_lines_ends_in_an_ellipsis():
    assert typeset("一二三四五六七八", 6, width, most=2) == "一二三\n四五…"
    assert typeset("one two three four", 9, width, most=1) == "one two…"


def test_a_field_shows_its_end():
    assert tail("xiaoming", 5, width) == "…ming"
    assert tail("ming", 5, width) == "ming"


@given(
    some.text(string.ascii_letters + "  ，。（）一二三四五六七八九十", max_size=60),
    some.integers(4, 40),
)
def test_no_line_is_too_wide_and_no_letter_is_lost(text, room):
    broken = typeset(text, room, width)
    assert all(width(line) <= room for line in broken.split("\n"))
    assert "".join(broken.split()) == "".join(text.split())


@given(some.text("一二三abc ，", max_size=60), some.integers(4, 40), some.integers(1, 3))
def test_never_more_lines_than_asked_for_and_never_too_wide(text, room, most):
    lines = typeset(text, room, width, most).split("\n")
    assert len(lines) <= most
    assert all(width(line) <= room for line in lines)
    assert width(elide(text, room, width)) <= room


@pytest.mark.parametrize("level", ["M", "Q"])
@pytest.mark.parametrize("text", [TOKEN, "A-0137", "王小明"])
def test_a_matrix_can_be_read_back(text, level):
    modules = qr.matrix(text, level)
    image = Image.new("L", (len(modules) + 8,) * 2, 255)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            image.putpixel((x + 4, y + 4), 0 if dark else 255)
    image = image.resize((image.width * 8,) * 2, Image.Resampling.NEAREST)
    assert codes(image) == [text]


def test_a_pass_is_a_version_6_code_on_the_screen_and_a_version_8_on_paper():
    assert len(TOKEN) == 154
    assert (len(qr.matrix(TOKEN, "M")), len(qr.matrix(TOKEN, "Q"))) == (41, 49)


def test_a_text_too_long_for_any_code_is_refused():
    with pytest.raises(ValueError, match="no QR code"):
        qr.matrix("A" * 9000, "Q")


def test_threads_draw_at_the_same_time_and_right():
    texts = [f"VP1:{n:03}" * 20 for n in range(24)]
    right = {text: qr.matrix.__wrapped__(text, "M") for text in texts}
    drawn = {}
    threads = [
        threading.Thread(target=lambda t=text: drawn.update({t: qr.matrix.__wrapped__(t, "M")}))
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == right


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
@pytest.mark.parametrize("language", Language)
def test_every_character_of_the_words_is_in_the_font(language, weight, repo_fonts):
    with TTFont(repo_fonts / f"{font_for(language)}-{weight}.otf", lazy=True) as font:
        known = font.getBestCmap()
    words = {key: text for key, text in catalogue(language).items() if key.startswith("kiosk.")}
    missing = {c for text in words.values() for c in text if ord(c) not in known} - {"\n"}
    assert missing == set()


@pytest.fixture(scope="session")
def repo_fonts():
    return ROOT / "var" / "fonts"
