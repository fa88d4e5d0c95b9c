"""The service files: systemd understands them, and they never give a window up."""

import configparser
import shutil
import subprocess

import pytest

from models.glass import STUCK
from tests.parts import ROOT

UNITS = sorted((ROOT / "assets" / "units").glob("*.service"))
WINDOWS = {"lobby-board": "board", "lobby-kiosk": "kiosk"}


@pytest.fixture(params=UNITS, ids=lambda file: file.stem)
def unit(request):
    return request.param


def read(file):
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read(file, "utf-8")
    return unit


def test_whatever_ends_is_started_again_for_ever(unit):
    said = read(unit)
    if said["Service"].get("Type") == "oneshot":
        return  # a backup: its timer starts it again the next night
    assert said["Service"]["Restart"] == "always"
    assert said["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_proves_that_it_lives_and_has_longer_than_its_own_guard(name):
    service = read(ROOT / "assets" / "units" / f"{name}.service")["Service"]
    assert service["Type"] == "notify"
    assert service["ExecStart"].endswith(f"-m {WINDOWS[name]}")
    assert float(service["WatchdogSec"]) > STUCK


def test_a_window_is_started_by_the_session_that_has_its_display():
    session = read(ROOT / "assets" / "units" / "lobby-session@.service")["Service"]
    assert "systemctl --user --wait restart lobby-%i -- /usr/bin/Xorg :0" in session["ExecStart"]
    for name in WINDOWS:
        own = read(ROOT / "assets" / "units" / f"{name}.service")
        assert own["Service"]["Environment"] == "DISPLAY=:0"
        assert "Install" not in own


def test_systemd_finds_nothing_wrong(unit, tmp_path):
    # What the units start lies elsewhere on this machine, and may not be installed on it.
    there = shutil.which("true")
    text = unit.read_text("utf-8").replace("/opt/lobby/.venv/bin/python", there)
    text = text.replace("/usr/bin/xinit", there).replace("/opt/lobby", str(tmp_path))
    copy = tmp_path / unit.name.replace("@", "@kiosk")
    copy.write_text(text, "utf-8")
    who = ["--user"] if unit.stem in WINDOWS else []
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *who, str(copy)],
        env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    wrong = [line for line in done.stderr.splitlines() if copy.name in line]
    assert (done.returncode, wrong) == (0, []), done.stderr
