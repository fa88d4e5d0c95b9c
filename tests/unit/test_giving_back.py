"""A window lets go of what only its start needed of files, and nothing is lost by it."""

import mmap
import re
from pathlib import Path

from models.glass import give_back

SIZE = 1 << 20


def resident(file):
    """Bytes of a mapped file that this process has in memory."""
    smaps = Path("/proc/self/smaps").read_text("utf-8")
    part = smaps.split(str(file), 1)[1]
    return int(re.search(r"^Rss: +(\d+) kB", part, re.MULTILINE)[1]) * 1024


def test_a_file_that_is_only_read_leaves_memory_and_comes_back_by_itself(tmp_path):
    file = tmp_path / "model"
    file.write_bytes(b"7" * SIZE)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert mapped[:] == b"7" * SIZE
        assert resident(file) > 0
        give_back()
        assert resident(file) == 0
        assert mapped[:] == b"7" * SIZE


def test_a_file_that_is_written_stays(tmp_path):
    file = tmp_path / "journal"
    file.write_bytes(bytes(SIZE))
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as mapped:
        mapped[:] = b"7" * SIZE
        give_back()
        assert resident(file) > 0
