"""bootstrap.sh, on this machine and on machines that are put together from stand-in tools."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.parts import ROOT

NOBODY = "nobody" if os.geteuid() == 0 else None
"""Root would install what is missing; these tests are about those who may not."""


def run(folder, *arguments, **more):
    return subprocess.run(
        [folder / "bootstrap.sh", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **more,
    )


@pytest.fixture
def checkout():
    """A fresh checkout with `tools`, which are found before the machine's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # for nobody
        for file in ("bootstrap.sh", "pyproject.toml"):
            shutil.copy(ROOT / file, folder)
        (folder / "tools").mkdir()
        yield folder


def tool(checkout, name, script):
    file = checkout / "tools" / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def path(checkout):
    return {"PATH": f"{checkout / 'tools'}:/usr/bin:/bin"}


@pytest.mark.parametrize("which", ["run", "test"])
def test_where_nothing_is_missing_it_does_nothing_and_says_nothing(which):
    stamps = [ROOT / ".venv" / "installed-run", ROOT / ".venv" / "installed-test"]
    before = [stamp.stat().st_mtime_ns for stamp in stamps]
    done = run(ROOT, which)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [stamp.stat().st_mtime_ns for stamp in stamps] == before


@pytest.mark.parametrize("arguments", [(), ("everything",)])
def test_an_unknown_set_is_refused_in_one_sentence(arguments):
    done = run(ROOT, *arguments)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_who_may_not_install_packages_is_given_the_line_to_run(checkout):
    tool(
        checkout,
        "dpkg-query",
        "echo 'xvfb=installed libgl1:amd64=installed mosquitto=config-files '",
    )
    tool(checkout, "sudo", "echo 'a password is required' >&2; exit 1")
    tool(checkout, "apt-get", "echo 'must not be called'; exit 1")
    done = run(checkout, "run", env=path(checkout), user=NOBODY)
    assert done.returncode == 1
    assert done.stdout == ""
    line = done.stderr.splitlines()[-1]
    assert line.startswith(
        "  sudo apt-get install --no-install-recommends mosquitto fonts-noto-cjk"
    )
    assert "xvfb" not in line
    assert "libgl1 " not in line


def test_who_may_use_sudo_gets_what_is_missing_installed(checkout):
    tool(checkout, "dpkg-query", "true")
    tool(checkout, "sudo", 'test "$*" = "-n true" || { echo "sudo $*"; exit 1; }')
    done = run(checkout, "test", env=path(checkout), user=NOBODY)
    promise, action = done.stdout.splitlines()
    assert promise.startswith("Installing Debian packages: mosquitto ")
    assert "chromium" in promise
    assert action.startswith("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get")
    assert action.endswith("update")
    assert done.stderr == "The list of Debian packages cannot be fetched: is there a network?\n"


def test_a_python_that_is_too_old_is_said(checkout):
    tool(checkout, "python3", 'case "$1" in -V) echo Python 3.9.2;; *) exit 1;; esac')
    done = run(checkout, "run", env=path(checkout))
    assert done.returncode == 1
    assert done.stderr == "Python 3.11 or newer is needed, and python3 is Python 3.9.2.\n"


def test_python_packages_that_cannot_be_had_are_said_and_tried_again_next_time(checkout):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    unreachable = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
    for _ in range(2):
        done = run(checkout, "run", env=path(checkout) | unreachable)
        assert done.returncode == 1
        assert done.stdout == "Installing the Python packages into .venv\n"
        assert done.stderr.splitlines()[-1].startswith("pip could not install")
