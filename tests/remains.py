"""Is anything of a visitor left? Looked for in this process's objects, and in files.

What is looked for is spelt backwards throughout, or the search would find itself.
"""

import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def in_objects(backwards: Iterable[str]) -> set[str]:
    """The living objects that hold such a text: type and, backwards again, the text."""
    gc.unfreeze()
    gc.collect()
    found = set()
    for holder in gc.get_objects():
        for text in _texts(holder):
            for word in backwards:
                if word in (mirrored := text[::-1]):
                    found.add(f"{type(holder).__qualname__}: {mirrored[-60:]!r}")
    return found


def _texts(holder: Any) -> Iterator[str]:
    """The texts that an object holds, itself or in what the collector does not list."""
    for held in gc.get_referents(holder):
        kind = type(held)  # isinstance would ask a weak proxy for what it stands for
        if issubclass(kind, str):
            yield held
        elif issubclass(kind, bytes | bytearray):
            yield held.decode(errors="replace")
        elif issubclass(kind, tuple | dict | frozenset) and not gc.is_tracked(held):
            yield from _texts(held)


def in_files(folder: Path, backwards: Iterable[str]) -> set[str]:
    """The names of the files below a folder that have such a text in them."""
    found = set()
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            found |= {file.name for word in backwards if word[::-1].encode() in content}
    return found
