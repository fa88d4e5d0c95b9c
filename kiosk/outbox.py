"""The kiosk's memory on disk: requests not yet answered, the visit on screen, the directory.

A request is a row before the visitor reads a word of thanks, and stays one until its answer comes:
whatever dies in between, it is sent again under the same key, and the controller does it once.
Personal data goes as soon as it is answered and off the screen.
"""

import json
import logging
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from pydantic import Discriminator, TypeAdapter, ValidationError

from kiosk.terms import Durable
from models.messages import (
    MOST_AGE,
    CallDesk,
    DirectoryView,
    Key,
    Register,
    TakeNumber,
    Withdraw,
)

log = logging.getLogger(__name__)

FIRST_RETRY = 0.5
LAST_RETRY = 30.0
STALE_CALL = 120.0
"""Seconds after which a call for the desk, or for a number, was answered by somebody's legs."""
RESUMABLE = 600.0
"""Seconds after which a visit is the desk's, not the screen's."""
KEPT_ASIDE = 4 * 86_400
"""Seconds for which a damaged file can still be looked into, a long weekend: it may hold names and
phones, and nobody else deletes it."""
_DAMAGED = ".damaged-"
_JITTER = 0.2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS request (
    key TEXT PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_BODY: TypeAdapter[Durable] = TypeAdapter(Annotated[Durable, Discriminator("kind")])
_KEY: TypeAdapter[str] = TypeAdapter(Key)
_FAILURES = (sqlite3.Error, OSError, UnicodeDecodeError)
_T = TypeVar("_T")


def _complain(what: str, *details: object) -> None:
    # One line each, without a trace: a trace can quote what a visitor typed.
    log.error(what, *details)


def _is_damage(error: Exception) -> bool:
    """Is it the file, and not a disk that is full, busy or gone?"""
    if not isinstance(error, sqlite3.OperationalError):
        return True
    # The statements are right: what they do not find, the file has lost.
    return error.sqlite_errorcode == sqlite3.SQLITE_ERROR


class NotKeptError(Exception):
    """The disk did not take a request; the text says why, for the operator."""


@dataclass
class _Pending:
    body: Durable
    at: float
    due: float = 0.0
    wait: float = FIRST_RETRY


@dataclass(frozen=True)
class Visit:
    """The visit or number that was on screen: `register` is a visit's registration while
    unanswered."""

    key: str
    age: float
    register: Register | None
    is_number: bool = False


class Outbox:
    """Opened on one file. Never raises because of the disk, but for `put`, which must not lie.

    `wall` and the `now` of its methods are seconds of the wall clock and of the monotonic one.
    """

    def __init__(
        self,
        file: Path,
        wall: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._file = file
        self._wall = wall
        self._chance = chance
        self._pending: dict[str, _Pending] = {}
        self._done: list[str] = []
        self._database: sqlite3.Connection | None = None
        self._drop_old_damage()
        try:
            self._do(self._load)
        except _FAILURES as error:
            _complain("the kiosk's file %s cannot be used: %s", file, error)

    # --- opening -------------------------------------------------------------------------------

    def _do(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """`work` with the file; where that turns out to be damaged, with a new one that holds what
        is in memory. Raises one of _FAILURES where the disk refuses."""
        try:
            return work(self._opened())
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if not _is_damage(error):
                raise
            self._set_aside(error)
            return work(self._opened())

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = self._connect()
        return self._database

    def _connect(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.touch(mode=0o600)
        self._file.chmod(0o600)
        database = sqlite3.connect(self._file, isolation_level=None)
        # One bad letter must not hide the rest of a request.
        database.text_factory = lambda text: text.decode("utf-8", "replace")
        try:
            # What a visitor typed is overwritten where it is deleted, not only unlinked.
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                database.execute(f"PRAGMA {pragma}")
            database.executescript(_SCHEMA)
            rows = [(key, p.at, p.body.model_dump_json()) for key, p in self._pending.items()]
            database.executemany("INSERT OR IGNORE INTO request VALUES (?, ?, ?)", rows)
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self, error: Exception) -> None:
        """Make room for a new file, with all that SQLite keeps beside the damaged one."""
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None
        aside = self._file.with_suffix(f"{_DAMAGED}{int(self._wall())}")
        _complain("%s is damaged (%s); kept aside as %s", self._file, error, aside.name)
        for tail in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self._file.with_name(self._file.name + tail).rename(f"{aside}{tail}")

    def _drop_old_damage(self) -> None:
        for file in self._file.parent.glob(f"{self._file.stem}{_DAMAGED}*"):
            since = file.suffix.removeprefix(_DAMAGED).partition("-")[0]
            if since.isdecimal() and self._wall() - int(since) > KEPT_ASIDE:
                with suppress(OSError):
                    file.unlink()

    def _load(self, database: sqlite3.Connection) -> None:
        unusable = []
        rows = database.execute("SELECT rowid, key, at, body FROM request ORDER BY rowid")
        for row, key, at, body in rows:
            try:
                pending = _Pending(_BODY.validate_json(body), float(at))
                self._pending[_KEY.validate_python(key)] = pending
            except (ValueError, TypeError):
                _complain("a request is damaged, or of another version, and is dropped")
                unusable.append((row,))
        database.executemany("DELETE FROM request WHERE rowid = ?", unusable)
        # Last, when what can be read has been: a damaged index hides rows from their deletion.
        if (found := database.execute("PRAGMA integrity_check(1)").fetchone()) != ("ok",):
            raise sqlite3.DatabaseError(found)

    # --- requests ------------------------------------------------------------------------------

    def put(self, body: Durable) -> str:
        """Write a request; it is due at once. Returns its key, or raises NotKeptError."""
        key, at = uuid4().hex, self._wall()

        def write(database: sqlite3.Connection) -> None:
            database.execute("BEGIN IMMEDIATE")
            try:
                row = (key, at, body.model_dump_json())
                database.execute("INSERT INTO request VALUES (?, ?, ?)", row)
                if isinstance(body, Register | TakeNumber):
                    kept = json.dumps({"key": key, "at": at, "kind": body.kind})
                    database.execute("INSERT OR REPLACE INTO kept VALUES ('visit', ?)", (kept,))
                database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    database.execute("ROLLBACK")
                raise

        try:
            self._do(write)
        except _FAILURES as error:
            _complain("a %s request was not kept: %s", body.kind, error)
            raise NotKeptError(str(error)) from error
        self._pending[key] = _Pending(body, at)
        return key

    def due(self, now: float) -> list[tuple[str, Durable]]:
        """The requests to send now, oldest first; each is then left alone for its back-off."""
        self._drop_stale_calls()
        ready = [(key, p) for key, p in self._pending.items() if p.due <= now and self._free(p)]
        for _, pending in ready:
            pending.due = now + pending.wait * (1 + _JITTER * self._chance())
            pending.wait = min(pending.wait * 2, LAST_RETRY)
        return [(key, pending.body) for key, pending in ready]

    def standing(self, key: str) -> tuple[float, bool]:
        """How many seconds ago a request was put, and whether it is a registration whose visitor
        has left the screen."""
        pending = self._pending[key]
        age = min(max(0.0, self._wall() - pending.at), MOST_AGE)
        if not isinstance(pending.body, Register):
            return round(age, 1), False
        visit = self.visit()
        return round(age, 1), visit is None or visit.key != key

    def _free(self, pending: _Pending) -> bool:
        # A withdrawal that overtook its registration would find nothing to withdraw.
        body = pending.body
        return not (isinstance(body, Withdraw) and body.visit in self._pending)

    def _drop_stale_calls(self) -> None:
        oldest = self._wall() - STALE_CALL
        for key, pending in list(self._pending.items()):
            if isinstance(pending.body, CallDesk | TakeNumber) and pending.at < oldest:
                self.answered(key)
        self.tidy()

    def hurry(self) -> None:
        """Somebody is listening again: everything is due at once."""
        for pending in self._pending.values():
            pending.due, pending.wait = 0.0, FIRST_RETRY

    def answered(self, key: str) -> None:
        """A request is done with and sent no more; its row goes when somebody has time to `tidy`.
        Other keys are no business of this file."""
        if self._pending.pop(key, None) is not None:
            self._done.append(key)

    def tidy(self) -> None:
        """Delete the rows of what is answered. Killed before it, a kiosk asks once more."""
        if not self._done:
            return
        while self._done:
            self._execute("DELETE FROM request WHERE key = ?", self._done.pop())
        if not self._pending:
            # The write-ahead log would keep the deleted words until it is written over.
            self._execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # --- the visit on screen, and the directory --------------------------------------------------

    def visit(self) -> Visit | None:
        """The visit that was on screen when this process's forerunner died, if it is fresh."""
        try:
            kept = json.loads(self._kept("visit") or "null")
            key, age = str(kept["key"]), self._wall() - float(kept["at"])
            is_number = kept.get("kind") == "take_number"
        except (ValueError, TypeError, KeyError):
            return None
        if not 0 <= age < RESUMABLE:
            self.forget_visit()
            return None
        pending = self._pending.get(key)
        body = pending.body if pending else None
        return Visit(key, age, body if isinstance(body, Register) else None, is_number)

    def forget_visit(self) -> None:
        self._execute("DELETE FROM kept WHERE name = 'visit'")

    def directory(self) -> DirectoryView:
        """Who can be visited, as last heard."""
        try:
            return DirectoryView.model_validate_json(self._kept("directory") or "")
        except ValidationError:
            return DirectoryView()

    def keep_directory(self, directory: DirectoryView) -> None:
        text = directory.model_dump_json()
        if text != self._kept("directory"):
            self._execute("INSERT OR REPLACE INTO kept VALUES ('directory', ?)", text)

    def close(self) -> None:
        self.tidy()
        if self._database is not None:
            self._database.close()
            self._database = None

    # --- the disk ------------------------------------------------------------------------------

    def _kept(self, name: str) -> str | None:
        found = self._execute("SELECT value FROM kept WHERE name = ?", name)
        return str(found[0][0]) if found else None

    def _execute(self, statement: str, *values: str) -> list[Any]:
        """What a statement finds; nothing where there is no file, or the disk refuses."""
        if self._database is None:
            return []
        try:
            return self._do(lambda database: database.execute(statement, values).fetchall())
        except _FAILURES as error:
            _complain("the kiosk's file cannot be used: %s", error)
            return []
