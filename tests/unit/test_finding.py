"""What a text is found by, and what of it is marked."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import finding

TEXTS = st.text(max_size=300)


def marked(text, question):
    """The text with what is found in brackets."""
    pieces = finding.pieces(text, finding.words(question))
    return "".join(f"[{piece}]" if hit else piece for piece, hit in pieces)


@pytest.mark.parametrize(
    ("question", "text", "shown"),
    [
        ("王", "王小明", "[王]小明"),
        ("小明", "王小明", "王[小明]"),
        ("陈", "陳大文", "[陳]大文"),
        ("發", "王发", "王[发]"),
        ("wangxiaoming", "王小明", "[王小明]"),
        ("xiaom", "王小明", "王[小明]"),
        ("wxm", "王小明", "[王小明]"),
        ("xm", "王小明", "王[小明]"),
        ("wangxm", "王小明", "[王小明]"),
        ("wang xiaoming", "王小明", "[王][小明]"),
        ("shan", "單大文", "[單]大文"),
        ("zeng", "曾國強", "[曾]國強"),
        ("xie", "解曉東", "[解]曉東"),
        ("lvb", "呂布", "[呂布]"),
        ("lub", "呂布", "[呂布]"),
        ("gongshangyinhang", "中國工商銀行", "中國[工商銀行]"),
        ("b12345", "粵B·12345", "粵[B·12345]"),
        ("粤b1", "粵B·12345", "[粵B·1]2345"),
        ("234", "粵B·12345", "粵B·1[234]5"),
        ("ＡＢＣ", "abc 公司", "[abc] 公司"),
        ("jose", "José", "[José]"),
        ("v-0012", "V-0012", "[V-0012]"),
        ("漏水", "七樓漏水，漏水三天", "七樓[漏水]，[漏水]三天"),
        ("ao", "一 二", "一 二"),
        ("pc", "tap call", "tap call"),
    ],
)
def test_what_is_found_is_marked_as_it_is_written(question, text, shown):
    assert marked(text, question) == shown


def test_a_letter_or_a_sign_alone_asks_for_nothing():
    for question in ("", " ", "　", "a", "7", "*", '"', "-", "😀", "\x00\x1b", "( )", "a b"):
        assert finding.words(question) == []


def test_a_number_is_read_with_its_letter_or_without():
    assert finding.number("V-0012") == finding.number(" v 12 ") == ("V", 12)
    assert finding.number("Ａ－０１３７") == ("A", 137)
    assert finding.number("12") == ("", 12)
    assert finding.number("王12") is finding.number("V-") is finding.number("1" * 10) is None


def test_of_a_surname_no_sound_is_left_out_however_many_the_rest_has():
    kept = finding.keys(["單解曾樂"]).split()
    assert {"dan", "shan", "chan"} <= {key[:4].rstrip("jx") for key in kept} | set(kept)
    for sound in ("danjie", "shanjie", "chanjie", "danxie", "shanxie"):
        assert any(key.startswith(sound) for key in kept)


def test_a_long_text_keeps_no_sounds_but_all_its_words():
    text = "七樓走廊漏水" * 20
    assert not re.search("[a-z]", finding.keys([text]))
    assert "漏 水" in finding.keys([text])


def test_the_same_texts_have_the_same_keys():
    texts = ["王小明", "恒信物業", "13977776543"]
    assert finding.keys(texts) == finding.keys(list(texts))


@given(TEXTS)
def test_keys_are_letters_and_digits_between_spaces(text):
    for key in finding.keys([text]).split(" "):
        assert key == "·" or key.isalnum() or not key


@given(TEXTS)
def test_words_are_few_and_short_and_hold_no_sign(question):
    asked = finding.words(question)
    assert len(asked) <= 8
    assert not set("".join(asked)) & set(string.punctuation + string.whitespace)


@given(TEXTS, st.text(max_size=20))
def test_the_pieces_are_the_text(text, question):
    pieces = finding.pieces(text, finding.words(question))
    assert "".join(piece for piece, _ in pieces) == text
