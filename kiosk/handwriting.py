"""Chinese by hand, through zinnia (Debian's libzinnia0) with tegaki's simplified characters.

Called with ctypes, after zinnia.h of version 0.06. There is no model of traditional characters: who
writes 国 is offered 國 too, but who writes 國 is not understood.
"""

import ctypes
from ctypes import c_char_p, c_int, c_size_t, c_void_p
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from kiosk.ime import BACKSPACE, Composition, Stroke

MODEL = Path("/usr/share/tegaki/models/zinnia/handwriting-zh_CN.model")
_SIDE = 1000
_MOST_CANDIDATES = 24
_MOST_STROKES = 40

_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "zinnia_recognizer_new": (c_void_p, ()),
    "zinnia_recognizer_open": (c_int, (c_void_p, c_char_p)),
    "zinnia_recognizer_classify": (c_void_p, (c_void_p, c_void_p, c_size_t)),
    "zinnia_character_new": (c_void_p, ()),
    "zinnia_character_clear": (None, (c_void_p,)),
    "zinnia_character_set_width": (None, (c_void_p, c_size_t)),
    "zinnia_character_set_height": (None, (c_void_p, c_size_t)),
    "zinnia_character_add": (c_int, (c_void_p, c_size_t, c_int, c_int)),
    "zinnia_result_size": (c_size_t, (c_void_p,)),
    "zinnia_result_value": (c_char_p, (c_void_p, c_size_t)),
    "zinnia_result_destroy": (None, (c_void_p,)),
}


class HandwritingError(Exception):
    """Nothing drawn can be read; the text is one sentence."""


@cache
class Zinnia:
    """The recogniser. Raises HandwritingError where it is not installed."""

    def __init__(self, library: str, model: Path) -> None:
        try:
            zinnia = ctypes.CDLL(library)
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(zinnia, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError) as problem:
            raise HandwritingError(f"zinnia cannot be loaded: {problem}.") from None
        self._zinnia = zinnia
        self._recognizer = zinnia.zinnia_recognizer_new()
        if not zinnia.zinnia_recognizer_open(self._recognizer, bytes(model)):
            raise HandwritingError(f"zinnia cannot use the model {model}.")
        self._character = zinnia.zinnia_character_new()

    def read(self, ink: tuple[Stroke, ...]) -> list[str]:
        """The simplified characters that a drawing may be, best first."""
        zinnia, character = self._zinnia, self._character
        zinnia.zinnia_character_clear(character)
        zinnia.zinnia_character_set_width(character, _SIDE)
        zinnia.zinnia_character_set_height(character, _SIDE)
        for number, stroke in enumerate(ink):
            for x, y in stroke:
                zinnia.zinnia_character_add(character, number, x, y)
        result = zinnia.zinnia_recognizer_classify(self._recognizer, character, _MOST_CANDIDATES)
        if not result:
            return []
        count = zinnia.zinnia_result_size(result)
        found = [zinnia.zinnia_result_value(result, place).decode() for place in range(count)]
        zinnia.zinnia_result_destroy(result)
        return found


class Handwriting:
    """Strokes in, one character out. Backspace takes the last stroke back."""

    def __init__(self, zinnia: Zinnia) -> None:
        self._zinnia = zinnia
        self._simplified = False
        self._ink: tuple[Stroke, ...] = ()

    def feed(self, key: str) -> Composition:
        if key != BACKSPACE or not self._ink:
            return Composition(taken=False)
        self._ink = self._ink[:-1]
        return self._composition()

    def draw(self, stroke: Stroke) -> Composition:
        if stroke and len(self._ink) < _MOST_STROKES:
            self._ink += (stroke,)
        return self._composition()

    def choose(self, index: int) -> Composition:
        now = self._composition()
        if not 0 <= index < len(now.candidates):
            return now
        self.reset()
        return Composition(commit=now.candidates[index])

    def reset(self) -> None:
        self._ink = ()

    def write(self, *, simplified: bool) -> None:
        self._simplified = simplified

    def _composition(self) -> Composition:
        found = self._zinnia.read(_squared(self._ink)) if self._ink else []
        if not self._simplified:
            found = [form for character in found for form in _forms().get(character, character)]
        return Composition(candidates=tuple(dict.fromkeys(found)), ink=self._ink)


def _squared(ink: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
    """A drawing in the middle of the recogniser's square, wherever and however small it was."""
    columns, lines = zip(*(point for stroke in ink for point in stroke), strict=True)
    room = 0.8 * _SIDE
    scale = room / max(max(columns) - min(columns), max(lines) - min(lines), 1)
    x, y = (max(columns) + min(columns)) / 2, (max(lines) + min(lines)) / 2
    middle = _SIDE / 2
    return tuple(
        tuple((round((a - x) * scale + middle), round((b - y) * scale + middle)) for a, b in stroke)
        for stroke in ink
    )


@cache
def _forms() -> dict[str, list[str]]:
    """The traditional forms of each simplified character. A name may have any of them: 范 is a
    surname and 範 is not, which a conversion of the whole text could not know."""
    table = resources.files("opencc") / "dictionary" / "STCharacters.txt"
    lines = (line.split("\t") for line in table.read_text("utf-8").splitlines())
    return {line[0]: line[1].split() for line in lines if len(line) == 2}
