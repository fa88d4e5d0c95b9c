"""An office that has received visitors for a year: its database, filled without its controller.

The rows are written by SQLite itself, so that a million visits take a minute or so. Who came more
than a month ago has been forgotten already, as the purge of every day leaves them.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from models import store, tables
from models.tables import database

_YEAR = timedelta(days=365)
_KEPT = timedelta(days=30)
_DECISION = {"reasons": ["para_4_3"], "tea": 0, "told": ["host"], "policy": 1, "code": ""}

_NAME = "CASE WHEN n > :old THEN '陳先生' || n ELSE '—' END"
_AT = ":first + n * :apart"
_ENTERED, _LEFT = f"{_AT} + 60000", f"{_AT} + 3660000"
_APPOINTMENT = {
    "code": "printf('%04d', n % 10000)",
    "phone_last4": "printf('%04d', (n * 7919) % 10000)",
    "name": _NAME,
    "category": "'ordinary'",
    "host": "1 + n % 9",
    "room": "1 + n % 5",
    "starts": _AT,
    "ends": f"{_AT} + 3600000",
    "by": "'desk'",
    "invitation": "CASE WHEN n > :old THEN lower(hex(randomblob(16))) ELSE '' END",
}
_VISIT = {
    "key": "lower(hex(randomblob(16)))",
    "kiosk": "'k' || (1 + n % 20)",
    "language": "'zh-Hant'",
    "purpose": "'business'",
    "category": "'ordinary'",
    "name": _NAME,
    "department": "'工程部'",
    "host": "1 + n % 9",
    "appointment": "CASE WHEN n % 2 THEN n END",
    "admission": "CASE WHEN n % 2 THEN 'admit' ELSE 'confirm' END",
    "decision": ":decision",
    "state": "CASE n % 20 WHEN 0 THEN 'refused' WHEN 10 THEN 'withdrawn' ELSE 'admitted' END",
    "registered_at": _AT,
    "decided_at": _AT,
    "decided_by": "CASE WHEN n % 2 THEN 'rules' ELSE '王美玲' END",
    "consent_at": _AT,
}
_PASS = {
    "number": "printf('A-%04d', n)",
    "token_id": "randomblob(16)",
    "visit": "n",
    "original": "'VP1:' || hex(randomblob(60))",
    "duplicate": "'VP1:' || hex(randomblob(60))",
    "valid_from": _AT,
    "valid_until": f"{_AT} + 10800000",
    "state": "CASE n % 50 WHEN 5 THEN 'revoked' WHEN 7 THEN 'expired' ELSE 'returned' END",
    "issued_at": _AT,
    "entered_at": f"CASE WHEN n % 50 NOT IN (5, 7) THEN {_ENTERED} END",
    "left_at": f"CASE WHEN n % 50 NOT IN (5, 7) THEN {_LEFT} END",
    "revoked_at": f"CASE WHEN n % 50 = 5 THEN {_AT} END",
}
_SCAN = {
    "key": "lower(hex(randomblob(16)))",
    "pass_": "n",
    "text": "''",
    "ok": "1",
    "by": "'gate-g1'",
}
_STEP = {"visit": "n", "asked_at": _AT, "answered_at": _AT, "by": "'王美玲'"}
_ENTRY = {
    "key": "lower(hex(randomblob(16)))",
    "kind": "'complaint'",
    "at": _AT,
    "by": "'王美玲'",
    "facts": "'{}'",
    "personal_hash": "randomblob(32)",
    "previous": "randomblob(32)",
    "hash": "randomblob(32)",
}
_EVERYBODY, _ADMITTED, _CONFIRMED = "1", "n % 10", "n % 2 = 0"
_CAME_IN = f"{_ADMITTED} AND n % 50 NOT IN (5, 7)"

_TABLES: list[tuple[Any, str, dict[str, str]]] = [
    (tables.Appointment, "n % 2", {"id": "n", **_APPOINTMENT}),
    (tables.Visit, _EVERYBODY, {"id": "n", **_VISIT}),
    (tables.Pass, _ADMITTED, {"id": "n", **_PASS}),
    (tables.Scan, _CAME_IN, {**_SCAN, "direction": "'in'", "code": "'ok_in'", "at": _ENTERED}),
    (tables.Scan, _CAME_IN, {**_SCAN, "direction": "'out'", "code": "'ok_out'", "at": _LEFT}),
    (tables.DrawerEntry, _CAME_IN, {"pass_": "n", "change": "1", "balance": "1", "at": _ENTERED}),
    (tables.DrawerEntry, _CAME_IN, {"pass_": "n", "change": "-1", "balance": "0", "at": _LEFT}),
    (tables.Confirmation, _CONFIRMED, {**_STEP, "step": "'host'", "channel": "'none'"}),
    (tables.Confirmation, _CONFIRMED, {**_STEP, "step": "'desk'", "channel": "'none'"}),
    (
        tables.Telling,
        _EVERYBODY,
        {"visit": "n", "role": "'host'", "at": _AT, "channel": "'none'", "told_at": _AT},
    ),
    (
        tables.Booking,
        "n % 2",
        {"room": "1 + n % 5", "starts": _AT, "ends": f"{_AT} + 60000", "appointment": "n"},
    ),
    (tables.TeaOrder, "n % 4 = 1", {"visit": "n", "count": "1", "due": _AT, "by": "'rules'"}),
    (
        tables.Material,
        "n % 20 = 0",
        {"visit": "n", "at": _AT, "received_at": _AT, "handed_at": _AT},
    ),
    (
        tables.HelpCall,
        "n % 50 = 0",
        {"key": "lower(hex(randomblob(16)))", "kiosk": "'k1'", "at": _AT, "answered_at": _AT},
    ),
    (
        tables.Ticket,
        "n % 10 = 0",
        {
            "key": "lower(hex(randomblob(16)))",
            "kiosk": "'k1'",
            "day": "date((:first + n * :apart) / 1000, 'unixepoch')",
            "position": "n",
            "procedure": "'fees'",
            "language": "'zh-Hant'",
            "decision": ":decision",
            "state": "'done'",
            "taken_at": _AT,
        },
    ),
    (tables.DutyEntry, "n % 3 = 0", {**_ENTRY, "id": "n", "act": "'recorded'"}),
    (tables.DutyEntry, "n % 3 = 1", {**_ENTRY, "id": "n", "act": "'done'", "root": "n - 1"}),
    (
        tables.PrintJob,
        _ADMITTED,
        {
            "key": "lower(hex(randomblob(16)))",
            "pass_": "n",
            "printer": "'desk'",
            "state": "'printed'",
            "by": "'rules'",
            "at": _AT,
            "changed_at": _AT,
        },
    ),
    *(
        (
            tables.Event,
            which,
            {"at": _AT, "by": "'rules'", "what": f"'{what}'", "subject": "printf('V-%04d', n)"},
        )
        for what, which in (
            ("registered", _EVERYBODY),
            ("to_be_told", _EVERYBODY),
            ("scan_ok_in", _CAME_IN),
            ("scan_ok_out", _CAME_IN),
        )
    ),
]


def fill(file: Path, visits: int, now: datetime) -> None:
    """Put so many past visits, and everything that came of them, into an empty database."""
    store.open_database(file)
    apart = _YEAR / visits
    facts = {
        "first": round((now - timedelta(days=1) - _YEAR).timestamp() * 1000),
        "apart": round(apart.total_seconds() * 1000),
        "old": visits - _KEPT // apart,
        "decision": json.dumps(_DECISION),
        "visits": visits,
    }
    database.execute_sql("PRAGMA cache_size = -600000")
    database.execute_sql("PRAGMA synchronous = OFF")
    database.execute_sql("PRAGMA foreign_keys = OFF")
    with store.transaction():
        for table, which, values in _TABLES:
            database.execute_sql(_statement(table, which, values), facts)
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close_database()


def _statement(table: Any, which: str, values: dict[str, str]) -> str:
    """One INSERT of a row for each n that fits; columns that are not named have their default."""
    columns = {}
    for field in table._meta.sorted_fields:
        if field.name in values:
            columns[field.column_name] = values[field.name]
        elif field.default is not None:
            columns[field.column_name] = repr(field.default)
    named = ", ".join(f'"{column}"' for column in columns)
    return (
        "WITH RECURSIVE counted(n) AS "
        "(SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :visits) "
        f'INSERT INTO "{table._meta.table_name}" ({named}) '
        f"SELECT {', '.join(columns.values())} FROM counted WHERE {which}"
    )
