"""What a text is found by, and where in it: however a name is written, said or begun. Pure.

A word finds a text that has it in it, in traditional or simplified characters; letters and digits
also without what separates them (粵B·12345); and short texts, such as names, also by their sound:
in full, begun, or by its initials, with every sound that a character has (單 is dan and shan).
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, islice, pairwise, product

from pypinyin import Style, lazy_pinyin, pinyin

from models.matching import plain

_LONGEST = 100
"""Characters of a question; nobody remembers more of what they look for."""
_MOST_WORDS = 8
_SHORT = 40
"""Characters of a text that may be a name, a number plate or a telephone number."""
_LETTERS = 12
"""Of a word that are compared, and syllables that are kept by their initials."""
_SYLLABLES = 6
"""Kept from each character on: they have as many letters as are compared, or more."""
_MOST_READINGS = 24
_NAME = 4
"""Characters of the longest name of a person."""
_LONGEST_RUN = 24
_GAP = "·"
"""Stands between two texts. No word has it, so that none is found across it."""
_TOKEN = re.compile(r"[a-z0-9]+|[^a-z0-9]")
_NUMBER = re.compile(r"([a-z]?)0*([0-9]{1,9})", re.ASCII)


def words(question: str) -> list[str]:
    """The words to look for, as they compare; each is to be found. A letter or digit alone would
    find everything and is none."""
    found = map(_folded, question[:_LONGEST].split())
    return [word for word in found if len(word) > 1 or not word.isascii()][:_MOST_WORDS]


def number(question: str) -> tuple[str, int] | None:
    """The number that is asked for, and the letter before it: `("V", 12)` for V-0012, or 12."""
    found = _NUMBER.fullmatch(_folded(question[:_LONGEST]))
    return (found[1].upper(), int(found[2])) if found else None


def tokens(word: str) -> list[str]:
    """A word as an index keeps it: runs of letters and digits whole, anything else alone."""
    found = _TOKEN.findall(word)
    return [found[0][:_LETTERS]] if len(found) == 1 else found


def keys(texts: Collection[str]) -> str:
    """Everything that texts are found by, with spaces between: their tokens, in order, and then the
    ends of their runs, what short ones sound like, and how that begins."""
    said, more = zip(*map(_keys, texts), strict=True) if texts else ((), ())
    return " ".join([*chain(*said), *sorted(set(chain(*more)))])


def pieces(text: str, sought: Sequence[str]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is what one of the words has found."""
    found = [span for word in sought for span in _spans(text, word)]
    cuts = sorted({0, len(text), *(edge for span in found for edge in span)})
    return [
        (text[start:end], any(first <= start and end <= last for first, last in found))
        for start, end in pairwise(cuts)
    ]


@lru_cache(maxsize=1024)
def _keys(text: str) -> tuple[list[str], set[str]]:
    """A text's tokens, and what else finds it. Kept, for the same hosts and companies come back."""
    said: list[str] = []
    more: set[str] = set()
    for part in _parts(text):
        kept = _TOKEN.findall(_folded(part))
        said += [*kept, _GAP]
        more |= {end for run in kept if run.isascii() for end in _ends(run[:_LONGEST_RUN])}
        if len(text) <= _SHORT:
            more |= set(_sounds(kept))
    return said, more


def _folded(text: str) -> str:
    """As it compares. Character by character, so that a part is folded as the whole is."""
    return "".join(map(plain, unicodedata.normalize("NFKD", text)))


def _parts(text: str) -> list[str]:
    """What stands between blanks; of a short text also all of it, for 粵B 12345 is one plate."""
    parts = text.split()
    return [*parts, "".join(parts)] if len(parts) > 1 and len(text) <= _SHORT else parts


def _ends(run: str) -> list[str]:
    return [run[start:] for start in range(1, len(run) - 1)]


def _sounds(kept: Sequence[str]) -> Iterator[str]:
    """What is said from each character on, and the initials of that."""
    for name in _spoken(kept):
        syllables = _syllables(name)
        for start, first in enumerate(syllables):
            # Of what is longer than a name, only what may be a surname is said in every way.
            rest = syllables[start + 1 : start + _LETTERS]
            span = [first, *(rest if len(name) <= _NAME else [one[:1] for one in rest])]
            yield from _combined(span[:_SYLLABLES])
            if rest:
                initials = [tuple(dict.fromkeys(said[0] for said in one)) for one in span]
                yield from _combined(initials)
                yield from _combined([first, *initials[1:]])


def _spoken(kept: Sequence[str]) -> list[str]:
    """The runs of characters that are said."""
    return "".join(token if _readings(token) else " " for token in kept).split()


def _syllables(name: str) -> list[tuple[str, ...]]:
    """How each character of a run is said, first as it is among the others: 行 in 銀行."""
    said = lazy_pinyin(name, style=Style.NORMAL) if len(name) > _NAME else map(_first, name)
    return [
        tuple(dict.fromkeys([one, *_readings(character)]))
        for one, character in zip(said, name, strict=True)
    ]


def _first(character: str) -> str:
    return _readings(character)[0]


def _combined(choices: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Every combination, those that differ at the beginning first: surnames sound the oddest."""
    for chosen in islice(product(*reversed(choices)), _MOST_READINGS):
        yield "".join(reversed(chosen))


@cache
def _readings(character: str) -> tuple[str, ...]:
    """How a character may be said, the likeliest first; ü is typed as v and as u."""
    if character.isascii():
        return ()
    [said] = pinyin(character, style=Style.NORMAL, heteronym=True)
    known = [one for one in said if one.isascii() and one.isalpha()]
    return tuple(dict.fromkeys([*known, *(one.replace("v", "u") for one in known)]))


def _spans(text: str, word: str) -> list[tuple[int, int]]:
    """Where a word is found in a text: as it is written, or else as it sounds."""
    folded = [(letter, place) for place, one in enumerate(text) for letter in _letters(one)]
    line = "".join(letter for letter, _ in folded)
    written = [(at.start(), at.end()) for at in re.finditer(re.escape(word), line)]
    if not written and word.isascii() and word.isalpha() and len(text) <= _SHORT:
        ends = ((start, _heard(line, start, word)) for start in range(len(line)))
        written = [(start, end) for start, end in ends if end]
    return [(folded[start][1], folded[end - 1][1] + 1) for start, end in written]


def _letters(character: str) -> str:
    return " " if character.isspace() else _folded(character)


def _heard(line: str, start: int, word: str) -> int:
    """Where what sounds like a word ends, if it begins at `start`; else 0. Each character may be
    said in full, by its initial, and the last one begun."""
    if not word:
        return start
    for reading in _readings(line[start]) if start < len(line) else ():
        if reading.startswith(word):
            return start + 1
        for said in (reading, reading[0]):
            if word.startswith(said) and (end := _heard(line, start + 1, word[len(said) :])):
                return end
    return 0
