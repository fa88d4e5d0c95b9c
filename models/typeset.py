"""Lines as Chinese and English readers expect them. Pure: the caller measures.

Kivy breaks Chinese text at any character, so a comma can begin a line, and it cannot shorten a text
of several lines.
"""

import re
from collections.abc import Callable

Measure = Callable[[str], float]
"""The width of a text in pixels."""

_HAN = r"\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_TOKENS = re.compile(rf"\s+|[{_HAN}]|[^\s{_HAN}]+")
_AT_HYPHENS = re.compile(r"(?<=[-/])(?=[^-/])")
NEVER_FIRST = frozenset("，。、；：？！）」』》〉】〕｝…”’·・,.;:?!)]}%→")
"""No line begins with one of these, nor ends with one of `NEVER_LAST`."""
NEVER_LAST = frozenset("（「『《〈【〔｛“‘([{")


def typeset(text: str, width: float, measure: Measure, most: int = 0) -> str:
    """`text` with a line break wherever `width` asks for one.

    Words stay whole where they can, no line begins with closing punctuation or ends with an opening
    one, and beyond `most` lines (0: any number) the rest becomes an ellipsis.
    """
    lines = [line for part in text.split("\n") for line in _lines(part, width, measure)]
    if most and len(lines) > most:
        lines = [*lines[: most - 1], _ending(lines[most - 1], width, measure)]
    return "\n".join(lines)


def elide(text: str, width: float, measure: Measure) -> str:
    """As much of the beginning as fits with an ellipsis."""
    if measure(text) <= width:
        return text
    return _ending(text, width, measure)


def fitting(text: str, width: float, measure: Measure) -> int:
    """How many leading characters of `text` fit."""
    return _most(lambda n: text[:n], len(text), width, measure)


def _ending(text: str, width: float, measure: Measure) -> str:
    count = _most(lambda n: text[:n].rstrip() + "…", len(text), width, measure)
    return text[:count].rstrip() + "…"


def tail(text: str, width: float, measure: Measure) -> str:
    """As much of the end as fits behind an ellipsis: what somebody is typing."""
    if measure(text) <= width:
        return text
    count = _most(lambda n: "…" + text[len(text) - n :], len(text), width, measure)
    return "…" + text[len(text) - count :]


def _most(shown: Callable[[int], str], longest: int, width: float, measure: Measure) -> int:
    low, high = 0, longest
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(shown(middle)) <= width else (low, middle - 1)
    return low


def _lines(text: str, width: float, measure: Measure) -> list[str]:
    lines: list[str] = []
    line: list[str] = []
    for token in _pieces(text, width, measure):
        if measure("".join([*line, token]).rstrip()) > width and "".join(line).strip():
            carried = _carried(line, token)
            if measure("".join([*carried, token]).rstrip()) > width:
                carried = []  # A bracket at a line's end is better than a line that is too wide.
            lines.append("".join(line[: len(line) - len(carried)]).rstrip())
            line = carried
        if line or token.strip():
            line.append(token)
    return [*lines, "".join(line).rstrip()]


def _carried(line: list[str], token: str) -> list[str]:
    """The end of a full line that must go along with `token` to the next."""
    count = 0
    first = token
    while count < len(line) - 1 and (
        first[0] in NEVER_FIRST or line[len(line) - 1 - count][-1] in NEVER_LAST
    ):
        count += 1
        first = line[len(line) - count]
    return line[len(line) - count :] if count else []


def _pieces(text: str, width: float, measure: Measure) -> list[str]:
    """Tokens, with any that is wider than a whole line cut at its hyphens, else anywhere."""
    pieces: list[str] = []
    for token in _TOKENS.findall(text):
        parts = _AT_HYPHENS.split(token) if measure(token) > width else [token]
        for part in parts:
            pieces += part if measure(part) > width else [part]
    return pieces
