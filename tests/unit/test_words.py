"""The three languages say the same things."""

import re

import pytest

from models.rules import read_policy
from models.terms import Language
from models.words import _WORDS, catalogue

PLACES = re.compile(r"\{(\w*)\}")


def places(language: Language) -> dict[str, set[str]]:
    return {key: set(PLACES.findall(text)) for key, text in catalogue(language).items()}


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_words_with_the_same_places(language):
    assert places(language) == places(Language.ZH_HANT)


@pytest.mark.parametrize("language", Language)
def test_no_text_is_empty(language):
    assert [key for key, text in catalogue(language).items() if not text.strip()] == []


def test_every_rule_has_its_reason_in_words():
    policy = read_policy((_WORDS.parent / "policy.toml").read_text("utf-8"))
    for rule in policy.rule:
        expected = "expected" if rule.expected else "unexpected"
        assert f"rules.reason_{rule.category}_{expected}" in catalogue(Language.EN)


TRADITIONAL = set("電訊號碼請離開進門證確認訪客預約總經理車輛員會議樓與發時間後過還應從這裡說話")
SIMPLIFIED = set("电讯号码请离开进门证确认访客预约总经理车辆员会议楼与发时间后过还应从这里说话")


def test_traditional_and_simplified_are_not_mixed():
    hant = "".join(catalogue(Language.ZH_HANT).values())
    hans = "".join(catalogue(Language.ZH_HANS).values())
    assert set(hant) & (SIMPLIFIED - TRADITIONAL) == set()
    assert set(hans) & (TRADITIONAL - SIMPLIFIED) == set()
