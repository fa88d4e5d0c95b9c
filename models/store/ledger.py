"""The duplicates in the gate's drawer: every one that goes in or out, counts, and incidents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from models.tables import DrawerCount, DrawerEntry, IncidentRow, Pass, is_set
from models.terms import Incident, PassState


@dataclass(frozen=True)
class Ledger:
    """`drawer` is the journal's sum, `inside` the holders counted by their passes, `missing` those
    of them whose duplicate is gone. It balances: drawer + missing = inside."""

    drawer: int
    inside: int
    missing: int

    @property
    def balances(self) -> bool:
        return self.drawer + self.missing == self.inside


@dataclass(frozen=True)
class CountRow:
    counted: int
    should_be: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Incidence:
    """One incident; `number` is the pass's, empty for a count."""

    what: Incident
    number: str
    note: str
    by: str
    at: datetime


def ledger() -> Ledger:
    inside = Pass.select().where(is_inside())
    return Ledger(
        drawer=_balance(),
        inside=inside.count(),
        missing=inside.where(Pass.duplicate_missing_at.is_null(False)).count(),
    )


def follow_drawer(pass_id: int, at: datetime | None) -> None:
    """Enter what has become of a pass's duplicate; where nothing has, nothing is entered."""
    belongs = Pass.duplicate_missing_at.is_null() & (Pass.id == pass_id)
    should = int(Pass.select().where(is_inside(), belongs).exists())
    mine = DrawerEntry.select(fn.COALESCE(fn.SUM(DrawerEntry.change), 0))
    if change := should - mine.where(DrawerEntry.pass_ == pass_id).scalar():
        _enter(pass_id, change, at)


def _enter(pass_id: int, change: int, at: datetime | None) -> None:
    DrawerEntry.create(pass_=pass_id, change=change, balance=_balance() + change, at=at)


def _balance() -> int:
    last = DrawerEntry.select(DrawerEntry.balance).order_by(DrawerEntry.id.desc()).first()
    return last.balance if last else 0


def fill_drawer() -> None:
    """The holders inside when there was no ledger yet have their duplicates in the drawer."""
    for held in Pass.select().where(is_inside()):
        _enter(held.id, 1, held.entered_at)


def balance_drawer() -> None:
    """A ledger from before it kept its balance gets one."""
    balance = 0
    for entry in DrawerEntry.select().order_by(DrawerEntry.id):
        balance += entry.change
        DrawerEntry.update(balance=balance).where(DrawerEntry.id == entry.id).execute()


def is_inside() -> Any:
    """The holder is inside, as SQL; see `PassRow.inside`."""
    return Pass.state.in_([PassState.INSIDE, PassState.REVOKED]) & (
        is_set(Pass.entered_at) & Pass.left_at.is_null()
    )


def add_count(counted: int, should_be: int, by: str, at: datetime) -> CountRow:
    return _count(DrawerCount.create(counted=counted, should_be=should_be, by=by, at=at))


def last_count() -> CountRow | None:
    found = DrawerCount.select().order_by(DrawerCount.id.desc()).first()
    return _count(found) if found else None


def add_incident(what: Incident, pass_id: int | None, note: str, by: str, at: datetime) -> int:
    row: int = IncidentRow.create(what=what, pass_=pass_id, note=note, by=by, at=at).id
    return row


def incidents(start: datetime, end: datetime) -> list[Incidence]:
    """Of a span of time, the latest first."""
    query = IncidentRow.select().where(IncidentRow.at >= start, IncidentRow.at < end)
    return [
        Incidence(
            Incident(row.what), row.pass_.number if row.pass_ else "", row.note, row.by, row.at
        )
        for row in query.order_by(IncidentRow.id.desc())
    ]


def _count(row: Any) -> CountRow:
    return CountRow(row.counted, row.should_be, row.by, row.at)
