"""Passes and every scan of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.store.office import host_label
from models.tables import (
    Pass,
    Scan,
)
from models.terms import (
    Category,
    Direction,
    PassState,
)


@dataclass(frozen=True)
class PassRow:
    id: int
    number: str
    visit_id: int
    name: str
    category: Category
    party: int
    host: str
    destination: str
    original: str
    state: PassState
    issued_at: datetime
    entered_at: datetime | None
    left_at: datetime | None
    valid_from: datetime
    valid_until: datetime

    def overdue(self, now: datetime) -> bool:
        return self.state is PassState.INSIDE and now > self.valid_until


@dataclass(frozen=True)
class ScanRow:
    """One scan as it was answered."""

    ok: bool
    code: str
    direction: Direction | None
    pass_id: int | None
    at: datetime


def add_pass(prefix: str, **fields: Any) -> PassRow:
    """Insert a pass; its number is drawn from its row: A-0137."""
    row = Pass.create(number=f"?{bytes(fields['token_id']).hex()}", **fields)
    row.number = f"{prefix}-{row.id:04d}"
    row.save()
    return _pass(row)


def pass_by_id(pass_id: int) -> PassRow | None:
    found = Pass.get_or_none(Pass.id == pass_id)
    return _pass(found) if found else None


def pass_by_token_id(token_id: bytes) -> PassRow | None:
    found = Pass.get_or_none(Pass.token_id == token_id)
    return _pass(found) if found else None


def pass_by_number(number: str) -> PassRow | None:
    found = Pass.get_or_none(Pass.number == number.upper())
    return _pass(found) if found else None


def pass_of_visit(visit_id: int) -> PassRow | None:
    found = Pass.select().where(Pass.visit == visit_id).order_by(Pass.id.desc()).first()
    return _pass(found) if found else None


def change_pass(pass_id: int, **fields: Any) -> None:
    Pass.update(**fields).where(Pass.id == pass_id).execute()


def passes_about(now: datetime) -> list[PassRow]:
    """Who is inside, longest first, and who holds a pass that can still be used to enter."""
    query = (
        Pass.select()
        .where(
            (Pass.state == PassState.INSIDE)
            | ((Pass.state == PassState.ISSUED) & (Pass.valid_until > now))
        )
        .order_by(Pass.state, Pass.entered_at, Pass.issued_at)
    )
    return [_pass(p) for p in query]


def _pass(row: Any) -> PassRow:
    of = row.visit
    return PassRow(
        id=row.id,
        number=row.number,
        visit_id=of.id,
        name=of.name,
        category=Category(of.category),
        party=of.party,
        host=host_label(of.department, of.host),
        destination=of.destination,
        original=row.original,
        state=PassState(row.state),
        issued_at=row.issued_at,
        entered_at=row.entered_at,
        left_at=row.left_at,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def scan(key: str) -> ScanRow | None:
    """The answer already given to a scan with this key."""
    found = Scan.get_or_none(Scan.key == key)
    if found is None:
        return None
    direction = Direction(found.direction) if found.direction else None
    return ScanRow(found.ok, found.code, direction, found.pass__id, found.at)


def add_scan(**fields: Any) -> None:
    Scan.create(**fields)
