"""The last good content survives what happens to disks and processes."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from board.cache import Cache

OLD = {"lobby/v1/hq/board/main/visits": '{"rev": 1, "who": "檢查組"}'.encode()}
NEW = {"lobby/v1/hq/board/main/visits": '{"rev": 2, "who": "參觀團"}'.encode()}


@contextmanager
def writing(folder):
    cache = Cache(folder)
    cache.load()
    cache.start()
    try:
        yield cache
    finally:
        cache.close()


@pytest.fixture
def folder(tmp_path):
    """Holds two generations."""
    for content in (OLD, NEW):
        with writing(tmp_path / "kept") as cache:
            cache.save(content)
    return tmp_path / "kept"


def generations(folder):
    """The files, the older one first."""
    return sorted(folder.iterdir(), key=lambda file: "參觀團" in file.read_text("utf-8"))


def test_nothing_kept_is_nothing_read(tmp_path):
    assert Cache(tmp_path / "never").load() == {}


def test_what_was_saved_last_is_read(folder):
    assert Cache(folder).load() == NEW
    assert len(list(folder.iterdir())) == 2


def test_generations_take_turns_and_only_two_are_kept(folder):
    for number in range(5):
        content = {"topic": str(number).encode()}
        with writing(folder) as cache:
            cache.save(content)
        assert Cache(folder).load() == content
        assert len(list(folder.iterdir())) == 2


def test_of_many_saves_the_last_is_kept(folder):
    with writing(folder) as cache:
        for number in range(200):
            cache.save({"topic": str(number).encode()})
    assert Cache(folder).load() == {"topic": b"199"}


def test_a_byte_flipped_anywhere_never_raises_and_the_other_generation_is_read(folder):
    old, new = generations(folder)
    assert Cache(folder).load() == NEW
    for file, whole in ((new, OLD), (old, NEW)):
        good = file.read_bytes()
        for place in range(len(good)):
            for bit in (0x01, 0x80, 0xFF):
                file.write_bytes(good[:place] + bytes([good[place] ^ bit]) + good[place + 1 :])
                assert Cache(folder).load() == whole, f"byte {place} of {file.name}"
        file.write_bytes(good)


def test_a_generation_cut_short_anywhere_is_passed_over(folder):
    _, new = generations(folder)
    good = new.read_bytes()
    for length in range(len(good)):
        new.write_bytes(good[:length])
        assert Cache(folder).load() == OLD


@pytest.mark.parametrize(
    "junk", [b"", b"\n", b"\0" * 4096, b"[" * 100_000, b"lobby-board-1 9 x\n{}", os.urandom(999)]
)
def test_junk_in_both_generations_is_read_as_nothing(folder, junk):
    for file in folder.iterdir():
        file.write_bytes(junk)
    assert Cache(folder).load() == {}
    with writing(folder) as cache:
        cache.save(NEW)
    assert Cache(folder).load() == NEW


def test_a_folder_in_place_of_a_file_is_passed_over(folder):
    _, new = generations(folder)
    new.unlink()
    new.mkdir()
    assert Cache(folder).load() == OLD


def test_after_a_damaged_newest_the_good_one_is_not_overwritten_first(folder):
    _, new = generations(folder)
    new.write_bytes(b"junk")
    with writing(folder) as cache:
        cache.save({"topic": b"newest"})
    newest = next(f for f in folder.iterdir() if b"newest" in f.read_bytes())
    assert newest == new
    newest.write_bytes(b"junk again")
    assert Cache(folder).load() == OLD


def test_a_disk_that_cannot_be_written_stops_nothing(tmp_path):
    blocked = tmp_path / "a file where the folder should be"
    blocked.write_text("")
    with writing(blocked) as cache:
        cache.save(OLD)
    assert Cache(blocked).load() == {}


def test_a_writer_killed_at_any_moment_leaves_a_good_generation(folder):
    program = (
        "import sys, pathlib; from board.cache import Cache\n"
        "cache = Cache(pathlib.Path(sys.argv[1])); cache.load(); cache.start()\n"
        "for number in range(10**9):\n"
        "    cache.save({'topic': b'x' * (number % 5000)})\n"
        "    if number == 100: print('going', flush=True)\n"
    )
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE
        )
        assert writer.stdout.readline() == b"going\n"
        writer.kill()
        writer.wait()
        writer.stdout.close()
        content = Cache(folder).load()
        assert content, "nothing was left"
