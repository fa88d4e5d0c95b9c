"""The gate's memory on disk: every scan, what is known of each pass, keys, list and sessions.

SQLite with a write-ahead log and `synchronous=FULL`: a scan is on the disk before anybody is let
in, and outlives a kill and a power cut. Scans are only ever appended; `merged` notes that the
controller has one.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from controller.gate.judging import Known
from models.terms import Direction, GoodsState, Half, PassState

_SCHEMA = """
CREATE TABLE IF NOT EXISTS scan (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL,
    pass_id BLOB, number TEXT NOT NULL, half TEXT, direction TEXT, ok INTEGER NOT NULL,
    code TEXT NOT NULL, until REAL, at REAL NOT NULL, shown REAL NOT NULL, by TEXT NOT NULL,
    merged INTEGER NOT NULL DEFAULT 0, goods INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS unmerged ON scan (seq) WHERE merged = 0;
CREATE TABLE IF NOT EXISTS pass (
    id BLOB PRIMARY KEY, number TEXT NOT NULL, state TEXT NOT NULL, entered_at REAL,
    at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS numbers ON pass (number);
CREATE TABLE IF NOT EXISTS goods (
    id BLOB PRIMARY KEY, number TEXT NOT NULL, state TEXT NOT NULL, plate TEXT NOT NULL,
    list TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS session (token_hash TEXT PRIMARY KEY, ends REAL NOT NULL);
"""
_COLUMNS = "seq, key, text, pass_id, number, half, direction, ok, code, until, at, shown, by, goods"
_UNMERGED, _MERGED, _SET_ASIDE = 0, 1, 2


class NotKeptError(Exception):
    """The disk did not take a scan, so nobody may be let in by it."""


@dataclass(frozen=True)
class Entry:
    """One scan as it was answered. `at` is what the gate went by and `shown` what its clock showed,
    in seconds since 1970; `until` is when the pass expires. Where it says `goods`, id and number
    are a goods slip's."""

    key: str
    text: str
    ok: bool
    code: str
    direction: Direction | None
    at: float
    shown: float
    by: str
    pass_id: bytes | None = None
    number: str = ""
    half: Half | None = None
    until: float | None = None
    goods: bool = False
    seq: int = 0


@dataclass(frozen=True)
class Elsewhere:
    """What the controller says of a pass."""

    pass_id: bytes
    number: str
    state: PassState
    at: float


@dataclass(frozen=True)
class Slip:
    """What is known of a goods slip: `lines` are what, how many and remarks; empty where we were
    never told."""

    slip_id: bytes
    number: str
    state: GoodsState
    plate: str = ""
    lines: tuple[tuple[str, int, str], ...] = ()


class Journal:
    """One file, one process; every method is safe from any thread."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=2000"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_SCHEMA)
        columns = {row[1] for row in self._database.execute("PRAGMA table_info(scan)")}
        if "goods" not in columns:
            # A journal of a version without goods slips.
            self._database.execute("ALTER TABLE scan ADD COLUMN goods INTEGER NOT NULL DEFAULT 0")

    def close(self) -> None:
        with self._lock:
            self._database.close()

    # --- scans ---------------------------------------------------------------------------------

    def scan(
        self, key: str, judged: Callable[[], tuple[Entry, PassState | GoodsState | None]]
    ) -> Entry:
        """The entry under a scan's key: the one that is there, or what `judged` says, written.

        `judged` also says which state the pass or slip is in afterwards. Raises NotKeptError.
        """
        try:
            with self._transaction():
                if there := self.entry(key):
                    return there
                entry, state = judged()
                entry = replace(entry, seq=self._insert(entry))
                if entry.ok and entry.pass_id and state:
                    self._move(entry, state)
        except (sqlite3.Error, OSError) as error:
            raise NotKeptError(str(error)) from error
        return entry

    def entry(self, key: str) -> Entry | None:
        return next(self._entries("WHERE key = ?", key), None)

    def last(self, count: int) -> list[Entry]:
        """The newest scans, newest first."""
        return list(self._entries("ORDER BY seq DESC LIMIT ?", count))

    def unmerged(self, count: int) -> list[Entry]:
        """The oldest scans that the controller does not have yet."""
        return list(self._entries("WHERE merged = 0 ORDER BY seq LIMIT ?", count))

    def count_unmerged(self) -> int:
        return int(self._one("SELECT count(*) FROM scan WHERE merged = 0") or 0)

    def count_set_aside(self) -> int:
        return int(self._one("SELECT count(*) FROM scan WHERE merged = 2") or 0)

    def merged(self, keys: list[str]) -> None:
        """The controller has these."""
        self._mark(keys, _MERGED)

    def set_aside(self, key: str) -> None:
        """The controller cannot read this one: it stays here, and is not sent for ever."""
        self._mark([key], _SET_ASIDE)

    def _mark(self, keys: list[str], mark: int) -> None:
        with self._transaction():
            statement = "UPDATE scan SET merged = ? WHERE key = ? AND merged = 0"
            self._database.executemany(statement, [(mark, key) for key in keys])

    def _insert(self, entry: Entry) -> int:
        values = (
            *(entry.key, entry.text, entry.pass_id, entry.number, entry.half, entry.direction),
            *(entry.ok, entry.code, entry.until, entry.at, entry.shown, entry.by, entry.goods),
        )
        places = ", ".join("?" * len(values))
        columns = _COLUMNS.removeprefix("seq, ")
        done = self._database.execute(f"INSERT INTO scan ({columns}) VALUES ({places})", values)  # noqa: S608 - our own columns
        return int(done.lastrowid or 0)

    def _move(self, entry: Entry, state: PassState | GoodsState) -> None:
        if isinstance(state, GoodsState):
            self._database.execute(
                "INSERT INTO goods (id, number, state, plate, list, at) "
                "VALUES (?, ?, ?, '', '[]', ?) "
                "ON CONFLICT (id) DO UPDATE SET state = excluded.state, at = excluded.at",
                (entry.pass_id, entry.number, state, entry.at),
            )
            return
        entered = entry.at if state is PassState.INSIDE else None
        self._database.execute(
            "INSERT INTO pass (id, number, state, entered_at, at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET state = excluded.state, at = excluded.at, "
            "entered_at = coalesce(excluded.entered_at, entered_at)",
            (entry.pass_id, entry.number, state, entered, entry.at),
        )

    def _entries(self, rest: str, *values: object) -> Iterator[Entry]:
        with self._lock:
            rows = self._database.execute(f"SELECT {_COLUMNS} FROM scan {rest}", values).fetchall()  # noqa: S608 - our own text
        return (_entry(row) for row in rows)

    # --- passes --------------------------------------------------------------------------------

    def known(self, pass_id: bytes) -> Known | None:
        return self._known("id", pass_id)

    def known_number(self, number: str) -> tuple[bytes, Known] | None:
        """The pass that has a number, where the controller has told us."""
        if number and (pass_id := self._one("SELECT id FROM pass WHERE number = ?", number)):
            known = self._known("id", pass_id)
            return (bytes(pass_id), known) if known else None
        return None

    def _known(self, column: str, value: object) -> Known | None:
        query = f"SELECT state, entered_at, number FROM pass WHERE {column} = ?"  # noqa: S608 - our own column
        with self._lock:
            row = self._database.execute(query, (value,)).fetchone()
        if row is None:
            return None
        entered = None if row[1] is None else datetime.fromtimestamp(row[1], UTC)
        return Known(PassState(row[0]), entered, row[2])

    def count_inside(self) -> int:
        return int(self._one("SELECT count(*) FROM pass WHERE state = 'inside'") or 0)

    def hear(self, revision: tuple[int, int], passes: list[Elsewhere]) -> bool:
        """What the controller says of all passes, unless we have heard newer. A pass of which we
        still have something to tell stays as we know it."""
        with self._transaction():
            heard = (self.kept("heard") or b"0 0").split()
            if revision <= (int(heard[0]), int(heard[1])):
                return False
            self.keep("heard", b"%d %d" % revision)
            ours = self._unmerged_ids()
            for one in passes:
                self._hear(one, ours=one.pass_id in ours)
        return True

    def _unmerged_ids(self) -> set[bytes]:
        """Of which we still have something to tell."""
        rows = self._database.execute(
            "SELECT DISTINCT pass_id FROM scan WHERE merged = 0 AND ok AND pass_id NOTNULL"
        )
        return {bytes(row[0]) for row in rows}

    def _hear(self, one: Elsewhere, *, ours: bool) -> None:
        entered = one.at if one.state is PassState.INSIDE else None
        kept = "number = excluded.number"
        if not ours:
            kept += (
                ", state = excluded.state, at = excluded.at,"
                " entered_at = coalesce(excluded.entered_at, entered_at)"
            )
        statement = "INSERT INTO pass (id, number, state, entered_at, at) VALUES (?, ?, ?, ?, ?) "
        values = (one.pass_id, one.number, one.state, entered, one.at)
        self._database.execute(f"{statement} ON CONFLICT (id) DO UPDATE SET {kept}", values)

    # --- goods slips ---------------------------------------------------------------------------

    def slip(self, slip_id: bytes) -> Slip | None:
        return self._slip("id", slip_id)

    def slip_number(self, number: str) -> Slip | None:
        """The slip that has a number, where the controller has told us."""
        return self._slip("number", number) if number else None

    def _slip(self, column: str, value: object) -> Slip | None:
        query = f"SELECT id, number, state, plate, list FROM goods WHERE {column} = ?"  # noqa: S608 - our own column
        with self._lock:
            row = self._database.execute(query, (value,)).fetchone()
        if row is None:
            return None
        lines = tuple(
            (str(what), int(count), str(remark)) for what, count, remark in json.loads(row[4])
        )
        return Slip(bytes(row[0]), row[1], GoodsState(row[2]), row[3], lines)

    def hear_goods(self, revision: tuple[int, int], slips: list[Slip], at: float) -> bool:
        """What the controller says of all goods slips, unless we have heard newer. One that we have
        let out and still have to tell of stays used up, and a list once told is kept."""
        with self._transaction():
            heard = (self.kept("heard_goods") or b"0 0").split()
            if revision <= (int(heard[0]), int(heard[1])):
                return False
            self.keep("heard_goods", b"%d %d" % revision)
            ours = self._unmerged_ids()
            for one in slips:
                state = GoodsState.RELEASED if one.slip_id in ours else one.state
                self._database.execute(
                    "INSERT INTO goods (id, number, state, plate, list, at) "
                    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                    "number = excluded.number, state = excluded.state, plate = excluded.plate, "
                    "list = CASE excluded.list WHEN '[]' THEN list ELSE excluded.list END, "
                    "at = excluded.at",
                    (
                        *(one.slip_id, one.number, state, one.plate),
                        *(json.dumps(one.lines, ensure_ascii=False), at),
                    ),
                )
        return True

    # --- time, keys, list, sessions ------------------------------------------------------------

    def floor(self) -> float:
        """The latest moment that is known to have been, since the time was last put right."""
        moment, after = (self.kept("clock") or b"0 0").split()
        newest = self._one("SELECT max(at) FROM scan WHERE seq > ?", int(after))
        return max(float(moment), float(newest or 0))

    def put_clock_right(self, moment: float) -> None:
        newest = int(self._one("SELECT max(seq) FROM scan") or 0)
        self.keep("clock", b"%d %d" % (moment, newest))

    def keep(self, name: str, value: bytes) -> None:
        self._do("INSERT OR REPLACE INTO kept VALUES (?, ?)", name, value)

    def kept(self, name: str) -> bytes | None:
        found = self._one("SELECT value FROM kept WHERE name = ?", name)
        return None if found is None else bytes(found)

    def open_session(self, token_hash: str, ends: float) -> None:
        self._do("INSERT OR REPLACE INTO session VALUES (?, ?)", token_hash, ends)

    def session_ends(self, token_hash: str) -> float:
        return float(self._one("SELECT ends FROM session WHERE token_hash = ?", token_hash) or 0.0)

    def close_session(self, token_hash: str) -> None:
        self._do("DELETE FROM session WHERE token_hash = ?", token_hash)

    def forget(self, before: float) -> None:
        """Scans that were merged before a moment, and what became of passes before it."""
        with self._transaction():
            self._do("DELETE FROM scan WHERE merged = 1 AND at < ?", before)
            self._do("DELETE FROM pass WHERE state <> 'inside' AND at < ?", before)
            self._do("DELETE FROM goods WHERE at < ?", before)
            self._do("DELETE FROM session WHERE ends < ?", before)

    # --- the disk ------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
                raise

    def _do(self, statement: str, *values: object) -> None:
        with self._lock:
            self._database.execute(statement, values)

    def _one(self, query: str, *values: object) -> Any:
        with self._lock:
            row = self._database.execute(query, values).fetchone()
        return None if row is None else row[0]


def _entry(row: tuple[Any, ...]) -> Entry:
    seq, key, text, pass_id, number, half, direction, ok, code, until, at, shown, by, goods = row
    return Entry(
        seq=seq,
        key=str(key),
        text=str(text),
        pass_id=pass_id,
        number=str(number),
        half=Half(half) if half else None,
        direction=Direction(direction) if direction else None,
        ok=bool(ok),
        code=str(code),
        until=until,
        at=at,
        shown=shown,
        by=str(by),
        goods=bool(goods),
    )
