"""Chinese as it is written at the kiosk: the engines themselves, and the order of names."""

import pytest

from controller import setup
from kiosk import surnames
from kiosk.handwriting import MODEL, Handwriting, HandwritingError, Zinnia
from kiosk.ime import BACKSPACE, Method
from kiosk.rime import Chinese, Rime, RimeError
from kiosk.surnames import Offer, as_they_are, begins_with_surname, surnames_first
from models.settings import Settings
from tests.parts import ROOT

KING = (
    *(((200, 50), (400, 50)), ((220, 130), (380, 130))),
    *(((300, 50), (300, 220)), ((180, 220), (420, 220))),
)
"""The four strokes of 王."""
FOLDER = (ROOT / Settings().rime).resolve()


def rime():
    return Rime(Settings().kiosk.rime, FOLDER)


def zinnia():
    return Zinnia(Settings().kiosk.zinnia, MODEL)


def writing(method, keys, *, simplified=False):
    """What is composed after some keys."""
    chinese = Chinese(rime(), method)
    chinese.write(simplified=simplified)
    for key in keys:
        composition = chinese.feed(key)
    return composition


def names(composition):
    return [offer.text for offer in surnames_first(composition.candidates, composition.preedit)]


# --- by keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "keys", "preedit", "name"),
    [
        (Method.PINYIN, "wangxiaoming", "wang xiao ming", "王小明"),
        (Method.PINYIN, "ouyangxiu", "ou yang xiu", "歐陽修"),
        (Method.PINYIN, "lvbu", "lü bu", "呂布"),
        (Method.ZHUYIN, "j;6vul3au/6", "ㄨㄤˊ ㄒㄧㄠˇ ㄇㄧㄥˊ", "王小明"),
        (Method.STROKE, "hhsh", "一一丨一", "王"),
    ],
)
def test_a_name_is_the_first_that_its_keys_offer(method, keys, preedit, name):
    composition = writing(method, keys)
    assert composition.preedit == preedit
    assert names(composition)[0] == name


@pytest.mark.parametrize(
    ("keys", "traditional", "simplified"),
    [("zhangwei", "張偉", "张伟"), ("ouyang", "歐陽", "欧阳"), ("liu", "劉", "刘")],
)
def test_characters_are_those_of_the_language(keys, traditional, simplified):
    assert names(writing(Method.PINYIN, keys))[0] == traditional
    assert names(writing(Method.PINYIN, keys, simplified=True))[0] == simplified


def test_what_was_chosen_is_finished_once_nothing_is_left_to_choose():
    chinese = Chinese(rime(), Method.PINYIN)
    for key in "wangming":
        composition = chinese.feed(key)
    composition = chinese.choose(composition.candidates.index("王"))
    assert (composition.commit, composition.picked) == ("", True)
    done = chinese.choose(composition.candidates.index("明"))
    assert (done.commit, done.preedit, done.candidates) == ("王明", "", ())


def test_a_rare_character_is_found_by_its_strokes():
    assert "喆" in writing(Method.STROKE, "hshszhhshszh").candidates


def test_backspace_takes_one_key_back_and_then_is_the_fields():
    chinese = Chinese(rime(), Method.PINYIN)
    chinese.feed("l")
    chinese.feed("i")
    assert chinese.feed(BACKSPACE).preedit == "l"
    assert chinese.feed(BACKSPACE).preedit == ""
    assert not chinese.feed(BACKSPACE).taken


@pytest.mark.parametrize("key", ["A", "7", "é", "王", "🙂"])
def test_what_is_no_letter_of_a_method_is_the_fields(key):
    assert not Chinese(rime(), Method.PINYIN).feed(key).taken


def test_a_candidate_that_is_not_there_changes_nothing():
    chinese = Chinese(rime(), Method.PINYIN)
    before = chinese.feed("x")
    assert chinese.choose(-1) == chinese.choose(9999) == before


def test_a_stuck_key_composes_no_book():
    assert len(writing(Method.PINYIN, "a" * 500).preedit) < 260


def test_nothing_is_learnt_from_a_visitor_and_nothing_is_written():
    """Of whoever stands at the kiosk next nobody is to read what the one before typed."""

    def files():
        return {file: file.stat().st_mtime_ns for file in FOLDER.rglob("*") if file.is_file()}

    before, offered = files(), writing(Method.PINYIN, "xiaoming").candidates
    for _ in range(5):
        chinese = Chinese(rime(), Method.PINYIN)
        for key in "xiaoming":
            composition = chinese.feed(key)
        assert chinese.choose(len(composition.candidates) // 2)
    assert writing(Method.PINYIN, "xiaoming").candidates == offered
    assert files() == before


def test_without_librime_or_its_schemas_a_sentence_says_so(tmp_path):
    with pytest.raises(RimeError, match="librime cannot be loaded"):
        Rime("librime-of-nobody.so", FOLDER)
    with pytest.raises(RimeError, match="make setup"):
        Rime(Settings().kiosk.rime, tmp_path)


# --- by hand -----------------------------------------------------------------------------------


def test_a_drawing_is_read_wherever_it_stands_and_however_small():
    for scale, shift in ((1, 0), (0.2, 0), (2, 400)):
        hand = Handwriting(zinnia())
        for stroke in KING:
            read = hand.draw(tuple((round(x * scale) + shift, round(y * scale)) for x, y in stroke))
        assert read.candidates[0] == "王"


def test_backspace_takes_the_last_stroke_back():
    hand = Handwriting(zinnia())
    for stroke in KING:
        hand.draw(stroke)
    assert hand.feed(BACKSPACE).ink == KING[:3]
    hand.reset()
    assert not hand.feed(BACKSPACE).taken


def test_who_draws_a_simplified_character_is_offered_its_traditional_forms():
    cloud = (
        *(((20, 10), (80, 10)), ((5, 40), (95, 40))),
        *(((50, 42), (25, 85), (80, 80)), ((68, 60), (90, 95))),
    )
    read = {}
    for simplified in (False, True):
        hand = Handwriting(zinnia())
        hand.write(simplified=simplified)
        for stroke in cloud:
            read[simplified] = hand.draw(stroke).candidates
    assert "云" in read[True]
    assert "雲" not in read[True]
    assert {"雲", "云"} <= set(read[False])


def test_without_zinnia_or_its_model_a_sentence_says_so(tmp_path):
    with pytest.raises(HandwritingError, match="zinnia cannot be loaded"):
        Zinnia("libzinnia-of-nobody.so", MODEL)
    with pytest.raises(HandwritingError, match="cannot use the model"):
        Zinnia(Settings().kiosk.zinnia, tmp_path / "none")


# --- the order of names ------------------------------------------------------------------------


def test_names_are_made_of_the_surnames_that_sound_alike():
    offers = surnames_first(("網小明", "網", "王", "汪", "往"), "wang xiao ming")
    assert offers[:2] == (Offer("王小明", None), Offer("汪小明", None))
    assert [offer.text for offer in offers[2:]] == ["王", "汪", "網小明", "網", "往"]


def test_other_candidates_keep_their_order_and_their_places():
    candidates = ("網", "往", "王", "望")
    offers = surnames_first(candidates, "wang")
    assert [offer.text for offer in offers] == ["王", "網", "往", "望"]
    assert all(candidates[offer.pick] == offer.text for offer in offers)
    assert [offer.pick for offer in as_they_are(candidates)] == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["王", "欧阳修", "歐陽修", "張三"])
def test_a_name_begins_with_a_surname(name):
    assert begins_with_surname(name)


@pytest.mark.parametrize("text", ["網小明", "", "Wang"])
def test_other_text_does_not(text):
    assert not begins_with_surname(text)


def test_no_surname_stands_in_two_places():
    forms = [form for group in surnames._SINGLE.split() for form in group]
    assert sorted(set(forms)) == sorted(forms)


# --- set-up ------------------------------------------------------------------------------------


def test_set_up_says_each_time_that_there_will_be_no_chinese(settings, tmp_path):
    kiosk = settings.kiosk.model_copy(update={"rime": "librime-of-nobody.so"})
    elsewhere = settings.model_copy(update={"data": tmp_path, "kiosk": kiosk})
    for _ in range(2):
        (line,) = setup.schemas(elsewhere)
        assert line.startswith("No Chinese input at the kiosk: librime cannot be loaded")


def test_set_up_deploys_once_and_again_when_something_is_newer(settings, tmp_path):
    elsewhere = settings.model_copy(update={"data": tmp_path})
    assert list(setup.schemas(elsewhere)) == [f"Chinese input: {elsewhere.rime}"]
    assert list(setup.schemas(elsewhere)) == []
    (elsewhere.rime / "deployed").write_text("an older version")
    assert len(list(setup.schemas(elsewhere))) == 1
