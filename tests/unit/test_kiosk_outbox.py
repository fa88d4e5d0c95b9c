"""The kiosk's file: kept before thanks are said, sent until answered, forgotten afterwards."""

import signal
import sqlite3
import subprocess
import sys
from itertools import pairwise

import pytest

from kiosk.outbox import KEPT_ASIDE, NotKeptError, Outbox
from models.messages import (
    MOST_AGE,
    CallDesk,
    Department,
    DirectoryView,
    Leave,
    Register,
    Request,
    Withdraw,
)

WANG = Register(name="王小明之名", phone="13800138000")


class Wall:
    """A wall clock that is set by hand."""

    now = 1_700_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "kiosk-k1.sqlite3"


@pytest.fixture
def reopened(file, wall):
    """Opens the file anew, as the next process does; a killed one has closed nothing."""
    return lambda: Outbox(file, wall, chance=lambda: 0.0)


@pytest.fixture
def outbox(reopened):
    return reopened()


def bytes_of(file):
    return b"".join(part.read_bytes() for part in file.parent.glob(file.name + "*"))


def test_a_request_is_on_the_disk_when_put_returns(outbox, reopened):
    key = outbox.put(WANG)
    assert reopened().due(0) == [(key, WANG)]


def test_a_request_outlives_a_kill(file, reopened):
    script = (
        "import os, signal, sys; from pathlib import Path; from kiosk.outbox import Outbox;"
        "from models.messages import Register;"
        "print(Outbox(Path(sys.argv[1])).put(Register(name='Wang')), flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert reopened().due(0) == [(killed.stdout.strip(), Register(name="Wang"))]


def test_keys_are_unique(outbox):
    assert len({outbox.put(WANG) for _ in range(20)}) == 20


def test_requests_are_due_in_the_order_of_their_making(outbox, reopened):
    keys = [outbox.put(Leave(text=str(n))) for n in range(5)]
    assert [key for key, _ in outbox.due(0)] == keys
    assert [key for key, _ in reopened().due(0)] == keys


def test_an_answered_request_is_gone_for_good(outbox, reopened):
    outbox.answered(outbox.put(WANG))
    outbox.tidy()
    assert outbox.due(9e9) == []
    assert reopened().due(9e9) == []


def test_an_answered_request_is_not_sent_again_while_its_row_waits_to_be_deleted(outbox, reopened):
    key = outbox.put(WANG)
    outbox.answered(key)
    outbox.hurry()
    assert reopened().due(0) == [(key, WANG)]
    assert outbox.due(9e9) == []


def test_nothing_personal_stays_in_the_file_after_the_answer(outbox, file):
    key = outbox.put(WANG)
    assert WANG.name.encode() in bytes_of(file)
    outbox.answered(key)
    outbox.tidy()
    outbox.forget_visit()
    left = bytes_of(file)
    assert WANG.name.encode() not in left
    assert WANG.phone.encode() not in left


def test_an_unknown_answer_changes_nothing(outbox):
    key = outbox.put(WANG)
    outbox.answered("f" * 32)
    assert [k for k, _ in outbox.due(0)] == [key]


def test_retries_wait_twice_as_long_each_time_up_to_half_a_minute(outbox):
    outbox.put(WANG)
    sent = [now / 10 for now in range(2000) if outbox.due(now / 10)]
    gaps = [round(after - before, 1) for before, after in pairwise(sent)]
    assert gaps[:9] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_retries_are_spread_by_chance(file, wall):
    outbox = Outbox(file, wall, chance=lambda: 1.0)
    outbox.put(WANG)
    outbox.due(0)
    assert outbox.due(0.55) == []
    assert outbox.due(0.65)


def test_a_listener_who_returns_gets_everything_at_once(outbox):
    outbox.put(WANG)
    for now in range(100):
        outbox.due(now)
    outbox.hurry()
    assert outbox.due(100)
    assert outbox.due(100.6)


def test_a_withdrawal_waits_for_its_registration(outbox, reopened):
    key = outbox.put(WANG)
    gone = outbox.put(Withdraw(visit=key))
    assert [k for k, _ in outbox.due(0)] == [key]
    outbox.answered(key)
    outbox.tidy()
    assert [k for k, _ in outbox.due(0)] == [gone]
    assert [k for k, _ in reopened().due(0)] == [gone]


def test_a_call_for_the_desk_is_not_delivered_when_it_is_long_past(outbox, wall):
    outbox.put(CallDesk())
    outbox.put(WANG)
    wall.now += 119
    assert len(outbox.due(0)) == 2
    wall.now += 2
    outbox.hurry()
    assert [body for _, body in outbox.due(0)] == [WANG]


def test_a_request_says_how_old_it_is_and_whether_its_visitor_has_left(outbox, reopened, wall):
    key = outbox.put(WANG)
    wall.now += 90
    assert outbox.standing(key) == (90, False)
    assert reopened().standing(key) == (90, False)
    outbox.forget_visit()
    assert outbox.standing(key) == (90, True)
    next_one = outbox.put(WANG)
    assert (outbox.standing(key)[1], outbox.standing(next_one)[1]) == (True, False)
    call = outbox.put(Leave(text="A-0137"))
    wall.now += 10 * MOST_AGE
    assert outbox.standing(call) == (MOST_AGE, False)
    assert outbox.standing(next_one) == (MOST_AGE, True)
    wall.now = 0
    assert outbox.standing(call)[0] == 0


# --- the visit on screen -----------------------------------------------------------------------


def test_a_registration_is_the_visit_on_screen_until_forgotten(outbox, reopened, wall):
    key = outbox.put(WANG)
    wall.now += 30
    visit = reopened().visit()
    assert (visit.key, visit.age, visit.register) == (key, 30, WANG)
    outbox.answered(key)
    outbox.tidy()
    assert reopened().visit().register is None
    outbox.forget_visit()
    assert reopened().visit() is None


@pytest.mark.parametrize("later", [600, 86_400, -5])
def test_a_visit_of_long_ago_or_of_the_future_is_not_resumed(outbox, reopened, wall, later):
    outbox.put(WANG)
    wall.now += later
    assert reopened().visit() is None


@pytest.mark.parametrize("value", ["", "null", "[]", "{}", '{"key": 1}', '{"key": "a", "at": "x"}'])
def test_a_spoilt_note_of_the_visit_is_no_visit(outbox, file, reopened, value):
    outbox.close()
    with sqlite3.connect(file) as database:
        database.execute("INSERT INTO kept VALUES ('visit', ?)", (value,))
    assert reopened().visit() is None


def test_the_directory_is_there_without_the_network(outbox, reopened):
    directory = DirectoryView(departments=(Department(name="工程部"),))
    outbox.keep_directory(directory)
    assert reopened().directory() == directory


def test_without_a_directory_there_is_an_empty_one(outbox):
    assert outbox.directory() == DirectoryView()


# --- bad disks ---------------------------------------------------------------------------------


def test_a_full_disk_refuses_loudly_and_recovers(outbox, caplog):
    database = outbox._database
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(NotKeptError, match="full"):
        fill(outbox)
    assert "not kept" in caplog.text
    assert 0 < len(outbox.due(0)) < 100
    database.execute("PRAGMA max_page_count = 10000")
    outbox.put(WANG)
    assert [body for _, body in outbox.due(0)] == [WANG]


def fill(outbox):
    for _ in range(100):
        outbox.put(Leave(text="A" * 200))


def test_what_was_refused_is_not_sent_either(outbox, reopened):
    outbox._database.execute("PRAGMA query_only = ON")
    with pytest.raises(NotKeptError):
        outbox.put(WANG)
    assert outbox.due(0) == []
    assert reopened().due(0) == []
    assert reopened().visit() is None


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(file, reopened, caplog):
    file.write_bytes(b"this is no database, whatever its name says" * 100)
    outbox = reopened()
    outbox.put(WANG)
    assert reopened().due(0)
    assert "damaged" in caplog.text
    assert [p.name for p in file.parent.glob("*.damaged-*")]


def overwrite(file, start, junk):
    with file.open("r+b") as opened:
        opened.seek(start)
        opened.write(junk)


def spoil(outbox, file, name):
    """Overwrite the first page of a table or an index, which SQLite then reads from the file."""
    for pragma in ("wal_checkpoint(TRUNCATE)", "shrink_memory"):
        outbox._database.execute(f"PRAGMA {pragma}").fetchall()
    asked = "SELECT rootpage FROM sqlite_master WHERE name = ?"
    [[page]] = outbox._database.execute(asked, (name,))
    [[size]] = outbox._database.execute("PRAGMA page_size")
    overwrite(file, (page - 1) * size, b"\xff" * size)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("name", ["request", "sqlite_autoindex_request_1", "kept"])
def test_a_damaged_page_costs_no_later_registration(outbox, file, reopened, name, restarted):
    outbox.put(Leave(text="A-0001"))
    spoil(outbox, file, name)
    running = reopened() if restarted else outbox
    key = running.put(WANG)
    again = reopened()
    assert (key, WANG) in again.due(0)
    assert again.visit().key == key
    assert list(file.parent.glob("*.damaged-*"))


def test_what_is_not_answered_yet_moves_from_a_damaged_file_into_the_new_one(
    outbox, file, reopened
):
    keys = [outbox.put(Leave(text=f"A-{n}")) for n in range(5)]
    spoil(outbox, file, "request")
    keys.append(outbox.put(WANG))
    assert [key for key, _ in outbox.due(0)] == keys
    assert [key for key, _ in reopened().due(0)] == keys


def test_an_answer_that_meets_a_damaged_page_is_not_asked_for_again(outbox, file, reopened):
    answered, kept = outbox.put(Leave(text="A-1")), outbox.put(WANG)
    spoil(outbox, file, "request")
    outbox.answered(answered)
    outbox.tidy()
    assert reopened().due(0) == [(kept, WANG)]


def test_whichever_byte_is_wrong_the_kiosk_starts_keeps_and_sends(outbox, file, wall):
    for n in range(9):
        outbox.put(Register(name="王小明之名" * 8, phone=f"1380013800{n}"))
    outbox.keep_directory(DirectoryView(departments=(Department(name="工程部"),)))
    outbox.close()
    whole = file.read_bytes()
    for place in range(0, len(whole), 151):
        wrong = file.with_name(f"{place}.sqlite3")
        wrong.write_bytes(whole)
        overwrite(wrong, place, bytes([whole[place] ^ 0xFF]))
        kept = Outbox(wrong, wall)
        kept.visit()
        kept.directory()
        key = kept.put(WANG)
        assert (key, WANG) in Outbox(wrong, wall).due(0), place
        for sent, body in kept.due(0):
            Request(device="k1", key=sent, body=body)
            kept.answered(sent)
        kept.tidy()
        assert Outbox(wrong, wall).due(0) == [], place


def test_a_damaged_file_goes_aside_with_all_that_belongs_to_it(outbox, file, reopened):
    outbox.put(WANG)
    for part in file.parent.glob(file.name + "*"):
        overwrite(part, 0, b"\xff" * 200)
    reopened()
    aside = {p.name.rpartition(".")[2] for p in file.parent.glob("*.damaged-*")}
    assert aside == {f"damaged-1700000000{tail}" for tail in ("", "-wal", "-shm")}


def test_names_in_a_damaged_file_are_gone_after_a_few_days(outbox, file, reopened, wall):
    outbox.put(WANG)
    outbox.close()
    overwrite(file, 0, b"\xff" * 200)
    reopened().close()
    wall.now += KEPT_ASIDE
    reopened().close()
    assert WANG.name.encode() in b"".join(p.read_bytes() for p in file.parent.iterdir())
    wall.now += 1
    reopened().close()
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_that_cannot_be_used_is_said_and_survived(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    outbox = Outbox(tmp_path / "file" / "kiosk.sqlite3")
    assert "cannot be used" in caplog.text
    assert (outbox.due(0), outbox.visit(), outbox.directory()) == ([], None, DirectoryView())
    outbox.keep_directory(DirectoryView())
    outbox.forget_visit()
    with pytest.raises(NotKeptError):
        outbox.put(WANG)


def test_a_disk_that_comes_back_is_used_again(tmp_path):
    folder = tmp_path / "folder"
    folder.write_text("")
    outbox = Outbox(folder / "kiosk.sqlite3")
    folder.unlink()
    key = outbox.put(WANG)
    assert Outbox(folder / "kiosk.sqlite3").due(0) == [(key, WANG)]


def test_a_request_of_another_version_is_dropped_without_naming_the_visitor(
    outbox, file, reopened, caplog
):
    outbox.close()
    with sqlite3.connect(file) as database:
        row = ("a" * 32, 0.0, '{"kind": "register", "name": 7, "secret": "王小明"}')
        database.execute("INSERT INTO request VALUES (?, ?, ?)", row)
    assert reopened().due(0) == []
    assert "another version" in caplog.text
    assert "王小明" not in caplog.text
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT count(*) FROM request").fetchone() == (0,)


def test_only_its_owner_can_read_the_file(outbox, file):
    outbox.put(WANG)
    assert {oct(p.stat().st_mode & 0o777) for p in file.parent.glob(file.name + "*")} == {"0o600"}
