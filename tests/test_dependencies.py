"""What the lobby is built on, audited without a network: every package is chosen, pinned, installed
as pinned, and imported; nothing is imported that somebody else's package happened to bring."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, version

import pytest

from tests.test_architecture import OURS, ROOT, packages, sources

PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
CHOSEN = tomllib.loads(PROJECT)["project"]["dependencies"]
PARTS = {"pydantic_core": "pydantic", "starlette": "fastapi", "markupsafe": "jinja2"}
"""What comes with a package that was chosen, whose documentation says to import it so."""
NEVER_IMPORTED = {"tzdata", "pyusb"}
"""Read as data, or loaded by another package when a device asks for it."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("line", CHOSEN)
def test_a_dependency_has_one_version_a_reason_and_is_installed_so(line):
    name, pinned = re.fullmatch(r"([\w.-]+)==([\w.]+)", line).groups()
    assert re.search(rf'"{re.escape(line)}", +# \w+', PROJECT), "a reason stands beside it"
    assert version(name) == pinned


def test_what_is_imported_was_chosen_and_what_was_chosen_is_imported():
    chosen = {normal(line.partition("==")[0]) for line in CHOSEN}
    whose = packages_distributions()
    used = set().union(*(packages(file) for file in sources())) - OURS - sys.stdlib_module_names
    found = {normal(PARTS.get(one) or whose.get(one, [one])[0]) for one in used}
    assert found - chosen == set()
    assert chosen - found - NEVER_IMPORTED == set()


def test_the_installed_packages_fit_together():
    check = [sys.executable, "-m", "pip", "check"]
    done = subprocess.run(check, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
