"""Measures what the design promises: `make bench`, or `python -m tests.benchmarks --only publish`.

`--only soak` and `--only visitors` are no part of the whole: each takes twenty minutes by itself.

Prints a row for each figure and keeps them all in out/bench.json. A missed target is said, not
punished: the exit code is 0 unless something could not be measured. Takes about ten minutes. On a
machine that is busy otherwise the figures say little, so what other programs used is told as well.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from controller import setup
from models.settings import Settings
from tests.benchmarks import (
    boards,
    chromium,
    codes,
    desks,
    publishing,
    reception,
    report,
    revoking,
    scanning,
    searching,
    small,
    soaking,
    starting,
    static,
    submitting,
    touching,
)
from tests.benchmarks.quiet import Others
from tests.benchmarks.report import Row
from tests.parts import ROOT

_ROWS: dict[str, Callable[[], Iterator[Row]]] = {
    "publish": publishing.publish,
    "submit": submitting.submit,
    "static": static.static,
    "windows": starting.windows,
    "lobby": starting.whole_lobby,
    "registration": small.registrations,
    "pass": small.pass_tokens,
    "decision": small.decisions,
    "candidates": small.candidates,
    "draw": codes.drawn,
    "read": codes.read,
    "scan": scanning.scans,
    "revoke": revoking.revocation,
    "search": searching.searching,
    "desks": desks.desks,
    "reception": reception.reception,
    "boards": boards.boards,
    "touch": touching.touches,
    "soak": soaking.soak,
    "visitors": touching.many_visitors,
}
_LONG = {"soak", "visitors"}
"""Take twenty minutes more, so they are measured only when they are named."""
_FILE = ROOT / "out" / "bench.json"
_CALM = 5.0
"""Percent of all processors. Less is what a machine does by itself."""


def main() -> int:
    chosen = _arguments().only or [name for name in _ROWS if name not in _LONG]
    _undisturbed()
    start = time.monotonic()
    facts = report.machine(Path(tempfile.gettempdir()))
    print("\n".join(f"{name:12} {value}" for name, value in facts.items()), end="\n\n")
    print(report.header(), flush=True)
    rows: list[Row] = []
    unmeasured: dict[str, str] = {}
    disturbed: dict[str, float] = {}
    for name in chosen:
        others = Others()
        try:
            for row in _ROWS[name]():
                rows.append(row)
                print(row.line(), flush=True)
        except Exception as problem:  # noqa: BLE001 - whatever it was, the other rows are measured
            unmeasured[name] = f"{type(problem).__name__}: {problem}"
            print(f"{name} could not be measured: {unmeasured[name]}", flush=True)
        disturbed[name] = round(others.percent(), 1)
        if disturbed[name] > _CALM:
            print(f"  while other programs used {disturbed[name]:.0f} % of the processors")
    if not chromium.PROGRAM:
        print("Chromium is not installed, so there is no page to compare the board with.")
    report.write(_FILE, facts, rows, unmeasured=unmeasured, others_percent=disturbed)
    print(f"\n{time.monotonic() - start:.0f} s; kept in {_FILE.relative_to(ROOT)}")
    return 1 if unmeasured else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    only = "measure only this; may be said several times"
    parser.add_argument("--only", action="append", choices=list(_ROWS), help=only)
    return parser.parse_args()


def _undisturbed() -> None:
    """A lobby and a display of our own, and the fonts of the checkout."""
    for name in [name for name in os.environ if name.startswith("LOBBY_") or name == "DISPLAY"]:
        del os.environ[name]
    settings = Settings()
    checkout = settings.model_copy(update={"data": ROOT / settings.data})
    for _ in (*setup.fonts(checkout), *setup.schemas(checkout)):
        pass


if __name__ == "__main__":
    sys.exit(main())
