"""The duty log only grows: nobody changes, removes, forks or doubles an entry without a trace."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from datetime import timedelta

import peewee
import pytest

from controller import duty, privacy, verify_log
from controller.core import Refusal
from models import chain, store, tables
from models.terms import Act, Duty
from tests.integration.conftest import NOW, fresh_key
from tests.parts import ROOT

CALL = {"message": "空調漏水", "caller": "王女士", "phone": "13800138000", "to": "工程部"}


@pytest.fixture
def record(core):
    """record(kind, fields, minutes after NOW): the thread that it begins."""

    def recording(kind=Duty.COMPLAINT, said=CALL, minutes=0, key=None, **more):
        at = NOW + timedelta(minutes=minutes)
        return duty.record(core, kind, said, key or fresh_key(), "王美玲", at, **more)

    return recording


def verified(wanted=""):
    return chain.verify(store.sealed_log(), wanted)


@pytest.fixture
def proved(settings, capsys):
    """proved(hash, days after NOW): exit code and everything said by the command of that name."""

    def proving(wanted="", days=0):
        code = verify_log.main(settings, wanted, NOW + timedelta(days=days))
        store.open_database(settings.database)
        said = capsys.readouterr()
        return code, said.out + said.err

    return proving


def tampered(settings, *statements):
    """What somebody does who has the file: the triggers are taken away first."""
    with closing(sqlite3.connect(settings.database)) as database, database:
        kept = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'dutyentry'"
        for (trigger,) in database.execute(kept).fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            database.execute(statement)


def test_a_form_that_is_posted_twice_is_one_entry(core, record):
    first = record(key="a" * 32)
    again = record(key="a" * 32, minutes=3)
    assert again == first
    assert verified().count == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dutyentry SET facts = '{}'",
        "UPDATE dutyentry SET personal = '{}'",
        "UPDATE dutyentry SET personal = NULL, salt = NULL, by = '別人'",
        "UPDATE dutyentry SET due = NULL",
        "UPDATE dutyentry SET hash = x'00'",
        "DELETE FROM dutyentry",
        "INSERT OR REPLACE INTO dutyentry SELECT * FROM dutyentry WHERE id = 1",
        "UPDATE OR REPLACE dutyentry SET id = 1 WHERE id = 2",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_entry(record, statement):
    record()
    record()
    before = list(store.sealed_log())
    with pytest.raises(peewee.IntegrityError, match="only grows"):
        tables.database.execute_sql(statement)
    assert list(store.sealed_log()) == before


def test_the_log_is_locked_again_whenever_the_database_is_opened(core, record, settings):
    record()
    tampered(settings)
    store.open_database(settings.database)
    with pytest.raises(peewee.IntegrityError, match="only grows"):
        tables.database.execute_sql("DELETE FROM dutyentry")


def test_the_command_proves_the_log_and_finds_a_hash_that_was_noted_down(record, proved):
    noted = record().first.hash
    record(Duty.KEY, {"key": "B 座機房", "holder": "李志強"})
    code, said = proved(noted[:12])
    assert code == 0
    assert "2 entries hold" in said
    code, said = proved("0123456789ab")
    assert code == 1
    assert "cut off or rewritten" in said


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE dutyentry SET by = '別人' WHERE id = 3", "entry 3: it was changed"),
        ("UPDATE dutyentry SET at = at + 1 WHERE id = 2", "entry 2: it was changed"),
        (
            "UPDATE dutyentry SET personal = replace(personal, '王', '黃') WHERE id = 4",
            "entry 4: its personal fields",
        ),
        (
            "UPDATE dutyentry SET personal = NULL, salt = NULL WHERE id > 3",
            "entry 4: its personal fields are gone",
        ),
        ("DELETE FROM dutyentry WHERE id = 2", "entry 2: there is no such entry"),
        ("UPDATE dutyentry SET id = id + 1 WHERE id = 5", "entry 5: there is no such entry"),
    ],
)
def test_the_command_names_the_first_entry_that_somebody_tampered_with(
    record, proved, settings, statement, said
):
    for _ in range(5):
        record()
    tampered(settings, statement)
    code, told = proved()
    assert code == 1
    assert said in told


@pytest.mark.parametrize(
    "value",
    [
        *("at = 'abc'", "at = 1e300", "due = 'abc'", "root = 'abc'", "by = x'ff'"),
        *("facts = CAST(x'ff' AS TEXT)", "personal = x'ff'", "salt = 'abc'", "salt = 1"),
        *("personal_hash = 7", "previous = 'abc'", "hash = 'abc'"),
    ],
)
def test_a_value_that_makes_no_sense_names_its_entry(record, proved, settings, value):
    for _ in range(3):
        record()
    tampered(settings, f"UPDATE dutyentry SET {value} WHERE id = 2")
    code, told = proved()
    assert (code, told.startswith("Broken at entry 2: ")) == (1, True)


def test_what_is_still_open_is_not_forgotten_however_old(record, proved, settings):
    record(Duty.KEY, {"key": "B 座機房", "holder": "李志強"})
    tampered(settings, "UPDATE dutyentry SET personal = NULL, salt = NULL", "DELETE FROM dutyopen")
    code, told = proved(days=400)
    assert code == 1
    assert "entry 1: its personal fields are gone" in told


def test_what_was_forgotten_in_its_time_holds_also_once_it_is_open_again(core, record, proved):
    root = record(Duty.KEY, {"key": "B 座機房", "holder": "李志強"}).first.id
    back = duty.advance(core, root, Act.RETURNED, {}, fresh_key(), "林佩芬", NOW)
    privacy.purge(core, NOW + timedelta(days=31))
    later = NOW + timedelta(days=32)
    duty.correct(core, back.entries[-1].id, None, "還的是另一把", fresh_key(), "林佩芬", later)
    assert store.log_thread(root).next
    code, told = proved(days=33)
    assert code == 0, told
    assert "2 of them with personal data forgotten" in told


def test_it_is_a_command_of_the_controllers_and_says_where_there_is_no_database(settings):
    done = subprocess.run(
        [sys.executable, "-m", "controller", "verify-log"],
        cwd=ROOT,
        env=os.environ | {"LOBBY_DATA": str(settings.data / "nowhere")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "There is no database" in done.stderr
    assert not (settings.data / "nowhere").exists()


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from models import store
from models.terms import Act, Duty

store.open_database(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for n in range(int(sys.argv[3])):
    with store.transaction():
        store.append_entry(
            Duty.OTHER, Act.RECORDED, {}, {"message": str(n)},
            key=f"{sys.argv[2]}-{n:030}", at=datetime.now(UTC), by=sys.argv[2],
        )
"""


def test_writers_of_several_processes_do_not_fork_the_chain(core, settings):
    writers, each = 3, 20
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, settings.database, str(n), str(each)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(writers)
    ]
    try:
        for writer in started:
            assert writer.stdout.readline() == "ready\n"
        for writer in started:
            writer.stdin.write("go\n")
            writer.stdin.flush()
        assert [writer.wait(60) for writer in started] == [0] * writers
    finally:
        for writer in started:
            writer.kill()
            writer.communicate()
    verdict = verified()
    assert (verdict.count, verdict.broken) == (writers * each, None)


def test_an_entry_that_was_rolled_back_leaves_no_gap(core, record):
    record()
    with suppress(RuntimeError), store.transaction():
        record()
        raise RuntimeError
    record()
    assert (verified().count, verified().broken) == (2, None)


def test_personal_fields_are_forgotten_in_their_time_and_the_chain_still_holds(
    core, record, proved
):
    over, still = record(), record(Duty.KEY, {"key": "B 座機房", "holder": "李志強"})
    duty.correct(core, over.first.id, None, "王女士打錯電話", fresh_key(), "王美玲", NOW)
    privacy.purge(core, NOW + timedelta(days=31))
    assert verified().broken is None
    assert verified().forgotten == 2
    assert proved(days=31)[0] == 0
    assert "entry 1: its personal fields are gone" in proved(days=30)[1]
    left = store.log_thread(over.first.id)
    assert left.first.said == {"to": "工程部"}
    # What nobody has brought back yet is still known.
    assert store.log_thread(still.first.id).first.said["holder"] == "李志強"
    store.close_database()
    kept = core.settings.database.read_bytes()
    assert [name for name in ("王女士", "13800138000") if name.encode() in kept] == []
    assert "李志強".encode() in kept


def test_a_correction_shows_the_original_beside_what_holds(core, record):
    made = record().first
    better = CALL | {"caller": "黃女士", "to": "客服部"}
    thread = duty.correct(core, made.id, better, "聽錯姓氏", fresh_key(), "林佩芬", NOW)
    assert thread.first.said == CALL
    assert thread.said(thread.first) == better | {"reason": "聽錯姓氏"}
    [counter] = thread.counters(thread.first)
    assert (counter.by, counter.act, counter.corrects_id) == ("林佩芬", Act.CORRECTED, made.id)
    assert verified().count == 2


def test_a_counter_entry_needs_a_reason_and_what_is_void_stays_so(core, record):
    made = record().first
    with pytest.raises(Refusal, match="reason_missing"):
        duty.correct(core, made.id, CALL, "", fresh_key(), "王美玲", NOW)
    void = duty.correct(core, made.id, None, "重複記錄", fresh_key(), "王美玲", NOW)
    assert void.is_void(void.first)
    with pytest.raises(Refusal, match="entry_void"):
        duty.correct(core, made.id, CALL, "還是要", fresh_key(), "王美玲", NOW)
    with pytest.raises(Refusal, match="not_found"):
        duty.correct(core, void.entries[-1].id, None, "作廢作廢", fresh_key(), "王美玲", NOW)


def test_a_column_that_an_earlier_version_lacked_is_added_to_a_locked_log(core, record, settings):
    record()
    tampered(settings, "ALTER TABLE dutyentry DROP COLUMN owner")
    store.open_database(settings.database)
    assert store.entry(1).owner == ""
    with pytest.raises(peewee.IntegrityError, match="only grows"):
        tables.database.execute_sql("UPDATE dutyentry SET owner = '別人'")
