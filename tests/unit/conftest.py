"""A gate's clock, its passes and its file, each in a test's own hand."""

from pathlib import Path

import pytest

from tests.gates import Hand, Mint


@pytest.fixture
def wall() -> Hand:
    return Hand()


@pytest.fixture
def mint() -> Mint:
    return Mint()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "g1.sqlite3"
