"""Who was not scanned out by closing time, and who outstays a pass."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.store.ledger import is_inside
from models.store.passes import PassRow, _pass, _passes
from models.tables import Closing, Pass, Scan, Unaccounted
from models.terms import Account


@dataclass(frozen=True)
class ClosingRow:
    id: int
    day: date
    at: datetime
    done_at: datetime


@dataclass(frozen=True)
class UnaccountedRow:
    """Somebody of one day's closing list; `of` is the pass as it stands now. `seen_by` is where the
    pass was last scanned, as scans say it. `note` is who knew, of an `account` that was given."""

    id: int
    day: date
    of: PassRow
    since: datetime
    seen_at: datetime | None
    seen_by: str
    account: Account | None
    note: str
    by: str
    said_at: datetime | None


def last_closing() -> ClosingRow | None:
    found = Closing.select().order_by(Closing.day.desc()).first()
    return _closing(found) if found else None


def closings(most: int) -> list[ClosingRow]:
    """The latest days first."""
    return [_closing(row) for row in Closing.select().order_by(Closing.day.desc()).limit(most)]


def add_closing(day: date, at: datetime, done_at: datetime) -> list[PassRow]:
    """Close a day: whoever came in by `at` and is inside is listed, and unknown from then on.
    Returns their passes."""
    closing = Closing.create(day=day, at=at, done_at=done_at)
    missed = list(_passes().where(is_inside(), Pass.entered_at <= at).order_by(Pass.id))
    for row in missed:
        seen = Scan.select().where(Scan.pass_ == row, ~Scan.void).order_by(Scan.at.desc()).first()
        Unaccounted.create(
            closing=closing,
            pass_=row,
            since=row.entered_at,
            seen_at=seen.at if seen else None,
            seen_by=seen.by if seen else "",
        )
        Pass.update(unknown_at=at).where(Pass.id == row.id).execute()
    return [_pass(row) for row in missed]


def unaccounted(closing_id: int) -> list[UnaccountedRow]:
    """A day's list, as its passes stand now."""
    query = Unaccounted.select().where(Unaccounted.closing == closing_id)
    lines = list(query.order_by(Unaccounted.since, Unaccounted.id))
    ids = [line.pass__id for line in lines]
    now = {row.id: _pass(row) for row in _passes().where(Pass.id.in_(ids))}
    return [_unaccounted(line, now[line.pass__id]) for line in lines]


def unaccounted_line(line_id: int) -> UnaccountedRow | None:
    found = Unaccounted.get_or_none(Unaccounted.id == line_id)
    return (
        _unaccounted(found, _pass(_passes().where(Pass.id == found.pass__id).get()))
        if found
        else None
    )


def give_account(line_id: int, account: Account, note: str, by: str, at: datetime) -> None:
    Unaccounted.update(account=account, note=note, by=by, said_at=at).where(
        Unaccounted.id == line_id
    ).execute()


def newly_overdue(now: datetime) -> list[PassRow]:
    """Whose holders outstay them, and nobody has been told of it since they came in."""
    untold = Pass.overdue_at.is_null() | (Pass.overdue_at < Pass.entered_at)
    query = _passes().where(is_inside(), Pass.valid_until < now, untold)
    return [_pass(row) for row in query.order_by(Pass.visit, Pass.place)]


def note_overdue(pass_id: int, at: datetime) -> None:
    Pass.update(overdue_at=at).where(Pass.id == pass_id).execute()


def _closing(row: Any) -> ClosingRow:
    return ClosingRow(row.id, row.day, row.at, row.done_at)


def _unaccounted(row: Any, of: PassRow) -> UnaccountedRow:
    return UnaccountedRow(
        id=row.id,
        day=row.closing.day,
        of=of,
        since=row.since,
        seen_at=row.seen_at,
        seen_by=row.seen_by,
        account=Account(row.account) if row.account else None,
        note=row.note,
        by=row.by,
        said_at=row.said_at,
    )
