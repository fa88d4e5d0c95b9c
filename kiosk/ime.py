"""How keys become text: the seam behind which Chinese input will stand. Pure."""

from dataclasses import dataclass
from typing import Protocol

BACKSPACE = "\b"


@dataclass(frozen=True)
class Composition:
    """What a key has done. `commit` is finished text for the field; `preedit` is what is still
    being composed, with its `candidates`, best first. A key that is not `taken` is the field's."""

    commit: str = ""
    preedit: str = ""
    candidates: tuple[str, ...] = ()
    taken: bool = True


class InputMethod(Protocol):
    """One way of writing, with at most one composition under way."""

    def feed(self, key: str) -> Composition:
        """A key was pressed: a character, or BACKSPACE."""

    def choose(self, index: int) -> Composition:
        """A candidate was picked. One that is not there changes nothing."""

    def reset(self) -> None:
        """Drop what is being composed."""


class Latin:
    """Every key is its own character at once."""

    def feed(self, key: str) -> Composition:
        return Composition(taken=False) if key == BACKSPACE else Composition(commit=key)

    def choose(self, index: int) -> Composition:  # noqa: ARG002 - there are no candidates
        return Composition()

    def reset(self) -> None:
        return None
