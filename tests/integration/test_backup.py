"""A backup holds what makes a lobby this one; restoring brings all of it back, or nothing."""

import configparser
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from broker_config import generate
from controller import (
    archive,
    backup,
    compose,
    counter,
    devices,
    duty,
    keyring,
    printing,
    publishing,
    restoring,
)
from controller.archive import ArchiveError
from controller.devices import Wish
from controller.plans import as_toml
from controller.sole import sole
from models import chain, store
from models.messages import Calls, Config, KnownPasses, Manifest, Register, Snapshot, decode
from models.messages import TakeNumber as Take
from models.settings import DeskPrinter, PrinterKind, SettingsError
from models.store import DeviceRow, SessionRow
from models.terms import Duty, Language, PrintState, Procedure, Purpose, Role, Section
from tests.integration.conftest import NOW, fresh_key
from tests.parts import ROOT

LATER = NOW + timedelta(days=1)
CALL = {"message": "空調漏水", "caller": "王女士", "phone": "13800138000", "to": "工程部"}


@pytest.fixture
def office(core, ask, admitted_pass):
    """A lobby in which something has happened, and whose devices have credentials."""
    generate.provision(core.settings)
    admitted_pass("趙先生")
    ask(Register(purpose=Purpose.SERVICE, name="王小明"))
    remind(core, "下班前請關閉電源")
    duty.record(core, Duty.COMPLAINT, CALL, fresh_key(), "王美玲", NOW)
    return core


@pytest.fixture
def kept(office, tmp_path):
    """The file of a backup of it."""
    file = tmp_path / "lobby.zip"
    archive.write(office.settings, file, NOW)
    return file


def remind(core, text):
    return publishing.publish(core, Section.REMINDERS, {"text": text}, "王美玲", NOW)


def restored(core, file, now=LATER):
    """The folder with what was there before; the restored database is open."""
    store.close_database()
    _, aside = restoring.restore(core.settings, file, now)
    store.open_database(core.settings.database)
    return aside


def truth():
    """All that people would miss."""
    passes = store.passes_about(NOW)
    return {
        "visits": [*store.waiting_visits(), *store.present_visits(NOW, LATER)],
        "passes": [(row.number, row.state, row.original) for row in passes],
        "notices": store.notices(Section.REMINDERS),
        "log": list(store.sealed_log()),
        "users": store.users(),
    }


def files_of(settings):
    """Everything small that a backup holds."""
    wanted = [*settings.keys.iterdir(), *(settings.data / "credentials").iterdir()]
    return {path: path.read_bytes() for path in [*wanted, settings.data / "devices.json"]}


def test_the_file_is_its_owners_alone_and_lists_the_hash_of_everything_in_it(kept, office):
    assert kept.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(kept) as packed:
        said = json.loads(packed.read("manifest.json"))
        for name, wanted in said["files"].items():
            assert hashlib.sha256(packed.read(name)).hexdigest() == wanted
    assert said["site"] == "test"
    assert {"lobby.sqlite3", "devices.json", "keys/1.pem", "keys/keys.cose"} <= set(said["files"])
    assert "credentials/kiosk-k1" in said["files"]
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_restoring_brings_everything_back_and_keeps_what_was_there_aside(kept, office, ask):
    before, files = truth(), files_of(office.settings)
    ask(Register(purpose=Purpose.SERVICE, name="李小龍"))
    remind(office, "飲水機維修中")
    duty.record(office, Duty.COMPLAINT, CALL, fresh_key(), "王美玲", NOW)
    office.settings.credential(Role.KIOSK, "k1").write_text("another\n")
    after = truth()
    aside = restored(office, kept)
    assert truth() == before != after
    assert chain.verify(store.sealed_log(), "").count == 1
    assert files_of(office.settings) == files
    store.open_database(aside / "lobby.sqlite3")
    assert truth() == after
    assert (aside / "credentials" / "kiosk-k1").read_text() == "another\n"


def test_a_lobby_is_restored_on_a_machine_that_has_nothing(kept, office):
    before = truth()
    store.close_database()
    shutil.rmtree(office.settings.data)
    restored(office, kept)
    assert truth() == before
    assert keyring.load(office.settings.keys, "test").kid == 1


def test_a_database_that_is_damaged_is_replaced(kept, office):
    before = truth()
    store.close_database()
    office.settings.database.write_bytes(b"no database any more" * 1000)
    restored(office, kept)
    assert truth() == before


def test_a_file_that_exists_is_refused_and_stays_as_it_was(office, kept):
    content = kept.read_bytes()
    with pytest.raises(ArchiveError, match="exists already"):
        archive.write(office.settings, kept, LATER)
    assert kept.read_bytes() == content


def test_a_damaged_database_is_not_backed_up(office, tmp_path):
    store.close_database()
    with office.settings.database.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 65536)
    with pytest.raises(ArchiveError, match="cannot be backed up"):
        archive.write(office.settings, tmp_path / "lobby.zip", NOW)
    assert list(tmp_path.iterdir()) == []


def ran(settings, *command):
    """A command on these settings, once it has ended."""
    own = settings.data / "lobby.toml"
    own.write_text(as_toml(settings), "utf-8")
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"LOBBY_SETTINGS": str(own)},
        capture_output=True,
        text=True,
        check=False,
    )


def with_a_full_disk(settings, command, file, room):
    """The command where no file may have more than `room` bytes: the kernel refuses to write on."""
    limited = ("prlimit", f"--fsize={room}", sys.executable, "-m", "controller")
    return ran(settings, *limited, command, str(file))


def test_a_full_disk_is_said_and_leaves_no_half_backup(office, tmp_path):
    done = with_a_full_disk(office.settings, "backup", tmp_path / "lobby.zip", 100_000)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be backed up" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_while_restoring_changes_nothing(office, kept):
    before, files = truth(), files_of(office.settings)
    store.close_database()
    done = with_a_full_disk(office.settings, "restore", kept, 100_000)
    store.open_database(office.settings.database)
    assert (done.returncode, done.stdout) == (1, "")
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert (truth(), files_of(office.settings)) == (before, files)
    assert list(office.settings.data.glob(".restored-*")) == []


def test_the_timers_unit_backs_up_into_a_file_of_the_day(office, tmp_path):
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read(ROOT / "assets" / "units" / "lobby-backup.service", "utf-8")
    command = unit["Service"]["ExecStart"].replace("$$", "$").replace("%%", "%")
    command = command.replace("/var/backups/lobby", str(tmp_path))
    done = ran(office.settings, *shlex.split(command.replace(".venv/bin/python", sys.executable)))
    assert done.returncode == 0, done.stderr
    [file] = tmp_path.iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\.zip", file.name)


def repacked(file, **changes):
    """The archive with some of its files changed (None: left out); its manifest `fits` again."""
    with zipfile.ZipFile(file) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    said = json.loads(contents.pop("manifest.json")) | changes.pop("says", {})
    contents |= changes.pop("files", {})
    contents = {name: content for name, content in contents.items() if content is not None}
    if changes.get("fits", True):
        said["files"] = {name: hashlib.sha256(c).hexdigest() for name, c in contents.items()}
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in {"manifest.json": json.dumps(said).encode(), **contents}.items():
            packed.writestr(name, content)


SPOILED = {
    "no zip file": lambda file: file.write_bytes(b"a letter to the tenants"),
    "an empty file": lambda file: file.write_bytes(b""),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "somebody else's": lambda file: zipfile.ZipFile(file, "w").close(),
    "a file too many": lambda file: zipfile.ZipFile(file, "a").writestr("keys/2.pem", "x"),
    "another office's": lambda file: repacked(file, says={"site": "north"}),
    "a later version's": lambda file: repacked(file, says={"lobby_backup": 2}),
    "no database in it": lambda file: repacked(file, files={"lobby.sqlite3": None}),
    "another program's": lambda file: repacked(file, files={"lobby.sqlite3": b"SQLite" * 999}),
    "no keys": lambda file: repacked(file, files={"keys/keys.cose": None}),
    "not there": lambda file: file.unlink(),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_damaged_or_foreign_archive_is_refused_in_words_and_changes_nothing(
    office, kept, capsys, how
):
    before, files = truth(), files_of(office.settings)
    SPOILED[how](kept)
    store.close_database()
    assert backup.main(office.settings, "restore", kept) == 1
    store.open_database(office.settings.database)
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (truth(), files_of(office.settings)) == (before, files)
    assert list(office.settings.data.glob("before-restore-*")) == []


@pytest.mark.parametrize(
    ("name", "fits"), [("credentials/kiosk-k1", False), ("keys/../../evil", True)]
)
def test_the_archive_is_refused_for_the_one_file_that_was_not_put_into_it(office, kept, name, fits):
    repacked(kept, files={name: b"x"}, fits=fits)
    with pytest.raises(ArchiveError, match=f"{re.escape(name)} is not what was put into it"):
        restored(office, kept)


@pytest.mark.timeout(300)  # some sixteen hundred archives, each looked through
def test_whichever_byte_of_an_archive_is_damaged_nothing_wrong_is_unpacked(office, kept, tmp_path):
    whole = kept.read_bytes()
    with zipfile.ZipFile(kept) as packed:
        files = {n: packed.read(n) for n in packed.namelist() if n != "manifest.json"}
        directory = range(packed.start_dir, len(whole))
    # The directory says where everything is and how it is packed: all of it, so that no luck is in
    # this; 4 makes another method of compression of the usual one.
    places = [(n, 0x55) for n in range(0, len(whole), len(whole) // 60)]
    places += [(n, mask) for n in directory for mask in (0x04, 0x55)]
    for place, mask in places:
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :])
        folder = tmp_path / f"{place} {mask}"
        try:
            archive.unpack(office.settings, kept, folder)
        except ArchiveError:
            continue
        assert {name: (folder / name).read_bytes() for name in files} == files
        shutil.rmtree(folder)


def test_while_a_controller_runs_nothing_is_restored(office, kept):
    with sole(office.settings), pytest.raises(SettingsError, match="A controller is running"):
        restoring.restore(office.settings, kept, LATER)
    assert list(office.settings.data.glob("before-restore-*")) == []


def test_a_second_controller_does_not_start_on_the_same_data(office):
    store.close_database()
    with (
        sole(office.settings),
        pytest.raises(SettingsError, match="A controller is running"),
        compose.opened(office.settings, "1"),
    ):
        pass


def test_what_cannot_be_exchanged_whole_is_not_exchanged_at_all(office, kept):
    repacked(kept, files={"broker/ca.crt": b"an authority"})
    shutil.rmtree(office.settings.data / "broker")
    (office.settings.data / "broker").write_text("a file where a folder should be")
    remind(office, "飲水機維修中")
    before, files = truth(), files_of(office.settings)
    with pytest.raises(OSError, match="exists"):
        restored(office, kept)
    store.open_database(office.settings.database)
    assert (truth(), files_of(office.settings)) == (before, files)


@pytest.mark.parametrize("moves", [1, 3, 5, 7])
def test_a_restore_that_was_killed_in_the_middle_is_run_again_before_anything_starts(
    office, kept, moves
):
    before = truth()
    remind(office, "飲水機維修中")
    store.close_database()
    settings = office.settings
    script = f"""
import os
from datetime import datetime, UTC
from pathlib import Path
from controller import restoring
from models.settings import Settings
move, left = Path.rename, [{moves}]
def rename(*paths):
    left[0] -= 1
    return os._exit(9) if left[0] < 0 else move(*paths)
Path.rename = rename
settings = Settings(site={settings.site!r}, data={str(settings.data)!r})
restoring.restore(settings, Path({str(kept)!r}), datetime(2020, 1, 1, tzinfo=UTC))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == 9
    with pytest.raises(SettingsError, match="cut off"), compose.opened(settings, "1"):
        pass
    restoring.restore(settings, kept, LATER)
    store.open_database(settings.database)
    assert truth() == before
    store.close_database()
    with compose.opened(settings, "1"):
        pass
    store.open_database(settings.database)


def test_a_key_that_was_taken_out_of_service_since_does_not_come_back(office, kept):
    keyring.retire(office.settings.keys, "test", 1, int(LATER.timestamp()))
    restored(office, kept)
    ring = keyring.load(office.settings.keys, "test")
    assert (ring.kid, set(ring.keys.retired)) == (2, {1})


def test_nobody_is_signed_in_by_a_session_that_was_closed_since(office, tmp_path):
    [user] = store.users()
    store.open_session(SessionRow("token", NOW, LATER, ""), user.id)
    archive.write(office.settings, tmp_path / "lobby.zip", NOW)
    store.close_sessions(user.id)
    restored(office, tmp_path / "lobby.zip")
    assert store.sessions(user.id, NOW) == []


def test_a_slip_that_may_have_been_printed_since_is_left_to_the_desk(office, tmp_path):
    printer = DeskPrinter(kind=PrinterKind.NETWORK, host="127.0.0.1")
    core = replace(office, settings=office.settings.model_copy(update={"printer": printer}))
    [held] = store.passes_about(NOW)
    job = printing.ask(core, held.id, fresh_key(), "王美玲", NOW)
    assert job.state is PrintState.QUEUED
    archive.write(core.settings, tmp_path / "lobby.zip", NOW)
    restored(core, tmp_path / "lobby.zip")
    printing.recover(core, LATER)
    assert store.print_job(job.id).state is PrintState.UNKNOWN


def wire(kind):
    """What the broker is to be sent of a kind, in the order of its topics."""
    held = sorted((row.message for row in store.unsent(999)), key=lambda message: message.topic)
    found = [decode(message.topic, message.payload, "test") for message in held]
    return [message for message in found if isinstance(message, kind)]


def test_the_controller_begins_a_new_epoch_in_which_it_tells_everybody_everything(
    office, ask, tmp_path
):
    wish = Wish("北座", "北座大堂", "main", Language.EN)
    code = devices.invite(office, Role.BOARD, wish, "王美玲", NOW).code
    devices.enrol(office, Role.BOARD, code, "10.0.0.9", "localhost", NOW)
    store.keep_device(DeviceRow(Role.GATE, "g1", online=True, session=1, version="", since=NOW))
    ask(Take(procedure=Procedure.FEES))
    [ticket] = store.open_tickets(office.local(NOW).date())
    counter.call(office, ticket.id, "櫃檯", "王美玲", NOW)
    archive.write(office.settings, tmp_path / "lobby.zip", NOW)
    before = store.epoch()
    for _ in range(3):
        remind(office, "飲水機維修中")

    restored(office, tmp_path / "lobby.zip")
    restoring.follow(office, LATER)
    epoch = store.epoch()
    assert epoch > before
    for kind in (Snapshot, Manifest, Calls, Config, KnownPasses):
        assert {message.epoch for message in wire(kind)} == {epoch}, kind
    [section] = wire(Snapshot)
    assert [row.text for row in section.items] == ["下班前請關閉電源"]

    restoring.follow(office, LATER)
    assert store.epoch() == epoch, "every start would begin a new epoch"
