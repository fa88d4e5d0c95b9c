"""Who might be whose appointment, however a name is written. Pure.

A suggestion for a person to judge, never an identity: names are compared in traditional and
simplified characters, full and half width, and by their sound.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import islice, product
from typing import NamedTuple

from opencc import OpenCC
from pypinyin import Style, pinyin

_MOST_READINGS = 64
"""Readings of one name: six characters of two each. More would add nothing."""
_TITLES = (
    *("先生", "女士", "小姐", "太太", "主任", "经理", "总", "局长", "科长", "处长", "院长"),
    *("师傅", "老师", "教授", "医生", "工", "工程师", "总监", "主管", "部长", "队长", "站长"),
)
_LONG_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "司徒", "夏侯", "东方", "皇甫", "尉迟", "公孙")


class Party(NamedTuple):
    """A visitor who has registered, or one who is expected. `host` is a person's id."""

    id: int
    name: str
    organisation: str = ""
    host: int | None = None


def suggest(visitor: Party, expected: Iterable[Party]) -> list[int]:
    """The ids of the expected whom this visitor may be, likeliest first; others are left out."""
    scored = [(_likeness(visitor, other), other.id) for other in expected]
    return [found for score, found in sorted(scored, key=lambda s: (-s[0], s[1])) if score]


def _likeness(one: Party, other: Party) -> int:
    """How much speaks for the two being the same; 0 is not enough to bother anybody with."""
    mine, theirs = plain(one.name), plain(other.name)
    organisations = _same_organisation(plain(one.organisation), plain(other.organisation))
    hosts = one.host is not None and one.host == other.host
    around = 2 * organisations + hosts
    if not mine or not theirs:
        return around if organisations else 0
    if mine == theirs:
        return 10 + around
    if sounds(mine) & sounds(theirs):
        return 7 + around
    if around and _surname_and_title(mine, theirs):
        return 4 + around
    return around if organisations else 0


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A text as it compares: simplified, half width, in one case, only letters and digits."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    simple: str = _simplified().convert(folded)
    return re.sub(r"[\W_]+", "", simple)


@lru_cache(maxsize=4096)
def sounds(text: str) -> frozenset[str]:
    """Every way a plain text may be said, in pinyin without tones: 曾 is ceng and zeng. A text of
    one character has none: too many are said like it."""
    if len(text) < 2:
        return frozenset()
    syllables = pinyin(text, style=Style.NORMAL, heteronym=True)
    readings = islice(product(*syllables), _MOST_READINGS)
    return frozenset("".join(reading) for reading in readings)


def _same_organisation(one: str, other: str) -> bool:
    """The same, or one is the other's short form: 市住建局 and 市住建局检查组."""
    short, long = sorted((one, other), key=len)
    return len(short) >= 2 and short in long


def _surname_and_title(one: str, other: str) -> bool:
    """Is one a surname with a title, and the other somebody of that surname: 刘主任 and 刘国强?"""
    for titled, full in ((one, other), (other, one)):
        surname = titled[: 2 if titled.startswith(_LONG_SURNAMES) else 1]
        if titled[len(surname) :] in _TITLES and full.startswith(surname) and len(full) > 1:
            return True
    return False


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")
