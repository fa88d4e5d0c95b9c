"""The documentation says what the code does, in both languages, and nothing else."""

import re
from pathlib import Path

import pytest

from models.messages import topic_shapes
from models.settings import Settings

ROOT = Path(__file__).parents[1]
READMES = ["README.md", "README.zh-Hant.md"]


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def settings() -> set[str]:
    names = set()
    for name, field in Settings.model_fields.items():
        inside = getattr(field.annotation, "model_fields", None)
        names |= {f"{name}.{one}" for one in inside} if inside else {name}
    return names


@pytest.mark.parametrize("readme", READMES)
def test_every_setting_is_described_and_no_other(readme):
    table = text(readme).partition("`LOBBY_BROKER__PORT`")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z_.]+)` \|", table, re.MULTILINE)) == settings()


def test_every_setting_is_in_the_example_and_no_other():
    found, table = set(), ""
    for line in text("lobby.toml.example").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            table = heading[1] + "."
        elif setting := re.match(r"# (\w+) = ", line):
            found.add(table + setting[1])
    assert found == settings()


@pytest.mark.parametrize("readme", READMES)
def test_every_topic_is_described_and_no_other(readme):
    assert set(re.findall(r"^\| `(lobby/v1/\S+)` \|", text(readme), re.MULTILINE)) == set(
        topic_shapes()
    )


@pytest.mark.parametrize("readme", READMES)
def test_every_make_target_is_described_and_no_other(readme):
    targets = re.findall(r"^([a-z]+):.*## ", text("Makefile"), re.MULTILINE)
    assert set(re.findall(r"^\| `make ([a-z]+)` \|", text(readme), re.MULTILINE)) == set(targets)


@pytest.mark.parametrize("readme", [*READMES, "ARCHITECTURE.md"])
def test_every_file_that_is_linked_or_named_exists(readme):
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", text(readme))
    named = re.findall(r"`((?:models|kiosk|board|controller|tests|assets)/[\w./-]+)`", text(readme))
    assert [name for name in linked + named if not (ROOT / name).exists()] == []


def test_both_languages_have_the_same_chapters():
    chapters = [len(re.findall(r"^## ", text(readme), re.MULTILINE)) for readme in READMES]
    assert chapters[0] == chapters[1]
