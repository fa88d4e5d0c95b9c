"""How keys become text: what an input method is, and what it says after each key. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

BACKSPACE = "\b"
Stroke = tuple[tuple[int, int], ...]
"""A line drawn by a finger: its points in pixels, x to the right and y down."""


class Method(StrEnum):
    """A way of writing, in the order of the keys that choose between them."""

    PINYIN = "pinyin"
    ZHUYIN = "zhuyin"
    STROKE = "stroke"
    HANDWRITING = "handwriting"
    LATIN = "latin"


FACES: dict[str, dict[str, str]] = {
    Method.ZHUYIN: dict(
        zip(
            "1qaz2wsxedcrfv5tgbyhnujm8ik,9ol.0p;/-6347",
            "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙㄧㄨㄩㄚㄛㄜㄝㄞㄟㄠㄡㄢㄣㄤㄥㄦˊˇˋ˙",
            strict=True,
        )
    ),
    Method.STROKE: dict(zip("hspnz", "一丨丿丶乛", strict=True)),
}
"""What stands on the keys that say something else than their letter: the Dachen (大千) keyboard,
and 橫豎撇點折."""


@dataclass(frozen=True)
class Composition:
    """What a key has done. `commit` is finished text for the field; `preedit` is what is still
    being composed, or `ink` what has been drawn of a character, with its `candidates`, best first.
    `picked` tells that the beginning of the preedit has been chosen already. A key that is not
    `taken` is the field's, and has changed nothing."""

    commit: str = ""
    preedit: str = ""
    candidates: tuple[str, ...] = ()
    ink: tuple[Stroke, ...] = ()
    picked: bool = False
    taken: bool = True


class InputMethod(Protocol):
    """One way of writing, with at most one composition under way."""

    def feed(self, key: str) -> Composition:
        """A key was pressed: a character, or BACKSPACE."""

    def draw(self, stroke: Stroke) -> Composition:
        """A stroke was drawn. Who cannot read it changes nothing."""

    def choose(self, index: int) -> Composition:
        """A candidate was picked. One that is not there changes nothing."""

    def reset(self) -> None:
        """Drop what is being composed."""

    def write(self, *, simplified: bool) -> None:
        """Offer simplified characters from now on, or traditional ones."""


class Latin:
    """Every key is its own character at once."""

    def feed(self, key: str) -> Composition:
        return Composition(taken=False) if key == BACKSPACE else Composition(commit=key)

    def draw(self, stroke: Stroke) -> Composition:  # noqa: ARG002 - nothing is drawn
        return Composition()

    def choose(self, index: int) -> Composition:  # noqa: ARG002 - there are no candidates
        return Composition()

    def reset(self) -> None:
        return None

    def write(self, *, simplified: bool) -> None:  # noqa: ARG002 - letters are letters
        return None
