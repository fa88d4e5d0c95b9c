"""Whole copies of a database, by SQLite's own online backup: nobody who uses it has to wait."""

import sqlite3
from contextlib import closing
from pathlib import Path


class CopyError(Exception):
    """A copy cannot be made or used; the text says why, in SQLite's words."""


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, however busy it is, and check the copy. Raises
    CopyError, also for a source that is damaged."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)
    except sqlite3.Error as error:
        raise CopyError(str(error)) from None
    check_database(target)


def check_database(path: Path) -> None:
    """Raises CopyError for a file that is no database of a lobby, or a damaged one."""
    try:
        with closing(sqlite3.connect(path)) as database:
            [(verdict,)] = database.execute("PRAGMA integrity_check(1)")
            database.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
    except sqlite3.Error as error:
        raise CopyError(str(error)) from None
    if verdict != "ok":
        raise CopyError(verdict)
