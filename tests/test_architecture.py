"""The house: who may import whom (ARCHITECTURE.md)."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"models", "kiosk", "board", "controller", "broker_config"}
WEB = {"fastapi", "starlette", "jinja2", "argon2", "uvicorn"}

PYDANTIC = {"pydantic", "pydantic_core"}
PURE = {
    "models/terms.py": set(),
    "models/merging.py": set(),
    "models/rollcall.py": set(),
    "models/messages.py": PYDANTIC,
    "models/rules.py": PYDANTIC,
    "models/confirming.py": set(),
    "models/bans.py": set(),
    "models/chain.py": set(),
    "models/duty.py": set(),
    "models/checklists.py": set(),
    "models/shift.py": set(),
    "models/reports.py": set(),
    "models/invitations.py": set(),
    "models/cose.py": {"cryptography", "cbor2"},
    "models/tokens.py": {"cryptography", "base45"},
    "models/passes.py": {"cryptography"},
    "models/goods.py": {"cryptography"},
    "models/revocations.py": {"cryptography"},
    "models/keysets.py": {"cryptography"},
    "models/procedures.py": PYDANTIC,
    "models/permits.py": set(),
    "models/notices.py": set(),
    "models/importing.py": set(),
    "models/calendars.py": {"icalendar"},
    "models/feed.py": {"icalendar"},
    "models/home.py": PYDANTIC,
    "models/matching.py": {"opencc", "pypinyin"},
    "models/finding.py": {"pypinyin"},
    "models/qr.py": {"qrcode"},
    "models/words.py": set(),
    "models/webhooks.py": set(),
    "controller/gate/judging.py": set(),
    "kiosk/terms.py": set(),
    "kiosk/form.py": set(),
    "kiosk/moves.py": set(),
    "kiosk/replies.py": set(),
    "kiosk/stages.py": set(),
    "kiosk/numbers.py": set(),
    "kiosk/workers.py": PYDANTIC,
    "kiosk/resident.py": set(),
    "kiosk/expected.py": set(),
    "kiosk/aids.py": set(),
    "kiosk/operator.py": set(),
    "kiosk/knock.py": set(),
    "kiosk/timing.py": set(),
    "kiosk/scanner.py": set(),
    "kiosk/ime.py": set(),
    "kiosk/surnames.py": set(),
    "models/typeset.py": set(),
    "kiosk/flow.py": PYDANTIC,
    "models/display/state.py": set(),
    "models/display/theme.py": set(),
    "models/display/view.py": set(),
    "models/display/layout.py": set(),
    "models/display/measure.py": {"uharfbuzz"},
    "models/display/picture.py": set(),
}


def sources() -> list[Path]:
    return [file for top in sorted(OURS) for file in sorted((ROOT / top).rglob("*.py"))]


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def imports(file: Path) -> set[str]:
    """Every module that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(file)} has a relative import"
            module = node.module or ""
            found.add(module)
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def packages(file: Path) -> set[str]:
    return {module.split(".")[0] for module in imports(file)}


@pytest.mark.parametrize("file", sources(), ids=name)
def test_a_package_imports_models_and_itself_of_ours(file):
    own = name(file).split("/")[0]
    allowed = {"models", own} if own != "models" else {"models"}
    if own == "controller":
        allowed.add("broker_config")  # set-up and the launcher make and start the broker
    assert packages(file) & OURS <= allowed


@pytest.mark.parametrize("file", sources(), ids=name)
def test_only_the_link_imports_paho(file):
    assert "paho" not in packages(file) or name(file) == "models/link.py"


@pytest.mark.parametrize("file", sources(), ids=name)
def test_kivy_stays_in_the_two_windows_and_their_engine(file):
    allowed = name(file).startswith(("kiosk/", "board/")) or name(file) == "models/glass.py"
    assert "kivy" not in packages(file) or allowed


@pytest.mark.parametrize("file", sources(), ids=name)
def test_what_repeats_in_a_window_is_left_to_its_engine_and_so_outlives_its_failures(file):
    assert "schedule_interval" not in file.read_text("utf-8")


@pytest.mark.parametrize("file", sources(), ids=name)
def test_only_the_controller_knows_the_store(file):
    knows = {"models.store", "models.tables", "peewee", "playhouse"} & imports(file)
    allowed = name(file).startswith(("controller/", "models/store/", "models/tables.py"))
    assert not knows or allowed


@pytest.mark.parametrize("file", sources(), ids=name)
def test_only_the_store_knows_the_tables(file):
    assert "models.tables" not in imports(file) or name(file).startswith("models/store/")


@pytest.mark.parametrize("file", sources(), ids=name)
def test_the_web_framework_stays_with_the_desks_page(file):
    served_by = {
        "controller/__main__.py": {"fastapi"},
        "controller/compose.py": {"fastapi"},
        "models/store/desk.py": {"argon2"},
        "controller/users.py": {"argon2"},
    }
    used = packages(file) & WEB
    assert name(file).startswith("controller/web/") or used <= served_by.get(name(file), set())


@pytest.mark.parametrize("file", PURE)
def test_pure_modules_import_the_standard_library_and_each_other(file):
    pure = {pure.removesuffix(".py").replace("/", ".") for pure in PURE}
    foreign = packages(ROOT / file) - set(sys.stdlib_module_names) - OURS - PURE[file]
    found = imports(ROOT / file)
    modules = {m for m in found if (ROOT / f"{m.replace('.', '/')}.py").exists()}
    assert foreign == set()
    assert modules <= pure


@pytest.mark.parametrize("file", PURE)
def test_pure_modules_never_read_the_clock(file):
    source = (ROOT / file).read_text("utf-8")
    for reading in ("datetime.now", "time.time(", "time.monotonic(", "date.today"):
        assert reading not in source
