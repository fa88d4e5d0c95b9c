"""Rows of figures, the machine they were measured on, and how both are told."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

_WIDTH = 66
_HEADER = f"{'':{_WIDTH}} {'n':>4} {'median':>9} {'p95':>9} {'unit':7} {'target':>9}"


class UnmeasuredError(Exception):
    """A row could not be measured; the text is one sentence."""


@dataclass(frozen=True)
class Row:
    """One figure. Where there is a `target`, it is the p95 that must not exceed it, or must
    reach it where more is better."""

    name: str
    n: int
    median: float
    p95: float
    unit: str
    target: float | None = None
    more_is_better: bool = False

    @property
    def met(self) -> bool | None:
        """None where nothing was promised."""
        if self.target is None:
            return None
        return self.p95 >= self.target if self.more_is_better else self.p95 <= self.target

    def facts(self) -> dict[str, object]:
        rounded = {"median": round(self.median, 3), "p95": round(self.p95, 3)}
        return asdict(self) | rounded | {"met": self.met}

    def line(self) -> str:
        figures = f"{figure(self.median):>9} {figure(self.p95):>9} {self.unit:7}"
        verdict = {True: "met", False: "missed", None: ""}[self.met]
        bound = "≥" if self.more_is_better else "≤"
        promised = "" if self.target is None else f"{bound} {self.target:g}"
        return f"{self.name:{_WIDTH}} {self.n:>4} {figures} {promised:>9}  {verdict}".rstrip()


def measured(name: str, values: Sequence[float], unit: str, target: float | None = None) -> Row:
    """A row of lengths of time or sizes, of which less is better."""
    return Row(name, len(values), percentile(values, 50), percentile(values, 95), unit, target)


def rates(name: str, seconds: Sequence[float], target: float | None = None) -> Row:
    """How many a second, where `seconds` says how long each took; the p95 is the slow end."""
    slow = measured(name, seconds, "per s")
    row = Row(name, slow.n, 1 / slow.median, 1 / slow.p95, "per s", target)
    return replace(row, more_is_better=True)


def at_least(name: str, value: float, unit: str, target: float) -> Row:
    """A figure of which more is better, measured once."""
    return Row(name, 1, value, value, unit, target, more_is_better=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that so many percent of them do not exceed."""
    return sorted(values)[max(math.ceil(percent / 100 * len(values)), 1) - 1]


def figure(value: float) -> str:
    """Three or four digits that mean something."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}"


def header() -> str:
    return f"{_HEADER}\n{'─' * (len(_HEADER) + 8)}"


def machine(folder: Path) -> dict[str, str]:
    """What the figures depend on. Data is written below `folder`."""
    return {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "cores": str(len(os.sched_getaffinity(0))),
        "cpu": _cpu(),
        "kernel": platform.release(),
        "file system": _said("stat", "-f", "-c", "%T", str(folder)),
        "mesa": _version("libgl1-mesa-dri"),
        "mosquitto": _version("mosquitto"),
        "chromium": _version("chromium"),
        "python": platform.python_version(),
    }


def write(file: Path, facts: Mapping[str, str], rows: Iterable[Row], **more: object) -> None:
    """Keep everything as JSON: {machine, rows, …}; `met` is null where nothing was promised."""
    content = {
        "machine": facts,
        "rows": [row.facts() for row in rows],
        **more,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return "unknown"


def _version(package: str) -> str:
    return _said("dpkg-query", "-W", "-f", "${Version}", package)


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip() or "unknown"
