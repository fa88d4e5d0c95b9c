"""The words of the screens in 繁體中文, 简体中文 and English. Pure apart from reading its files.

`assets/words/<table>.<language>.toml` holds the texts of one table (kiosk, board, …); a key is
`table.name` and a text may hold `{named}` places. All languages have the same keys with the same
places, and a test says so.
"""

import tomllib
from functools import cache
from pathlib import Path

from models.terms import Language

_WORDS = Path(__file__).parent.parent / "assets" / "words"


@cache
def catalogue(language: Language) -> dict[str, str]:
    """All texts of a language by key."""
    found: dict[str, str] = {}
    for file in sorted(_WORDS.glob(f"*.{language}.toml")):
        table = file.name.split(".")[0]
        texts = tomllib.loads(file.read_text("utf-8"))
        found |= {f"{table}.{name}": text for name, text in texts.items()}
    return found


def say(language: Language, key: str, **places: object) -> str:
    """The text of `key`, its places filled. Raises KeyError for a key that no catalogue has."""
    return catalogue(language)[key].format(**places)
