"""Passes and every scan of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN

from models.store.ledger import follow_drawer, is_inside
from models.store.office import NAMED, host_label
from models.store.prepared import insert, prepared, update
from models.tables import (
    Pass,
    Person,
    Scan,
    Visit,
)
from models.terms import (
    Category,
    Direction,
    PassState,
    Presence,
)


@dataclass(frozen=True)
class PassRow:
    """One person's pass, `place` of `party`. `visit` is the name of the registration, `name` the
    holder's or, while nobody has told it, the registration's."""

    id: int
    number: str
    visit_id: int
    visit: str
    holder: str
    place: int
    name: str
    category: Category
    party: int
    host: str
    destination: str
    original: str
    duplicate: str
    state: PassState
    issued_at: datetime
    entered_at: datetime | None
    left_at: datetime | None
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None
    revoked_by: str
    revoked_reason: str
    duplicate_missing: bool
    unknown_at: datetime | None

    @property
    def inside(self) -> bool:
        """Its holder is inside, with a pass that holds or one that was revoked meanwhile."""
        return self.entered_at is not None and self.left_at is None

    @property
    def presence(self) -> Presence | None:
        """None before its holder has come in."""
        if self.entered_at is None:
            return None
        if not self.inside:
            return Presence.OUT
        # Who comes in again after a closing is known to be inside.
        missed = self.unknown_at is not None and self.entered_at <= self.unknown_at
        return Presence.UNKNOWN if missed else Presence.INSIDE

    def overdue(self, now: datetime) -> bool:
        return self.inside and now > self.valid_until


@dataclass(frozen=True)
class ScanRow:
    """One scan as it was answered, of a pass or of a goods slip."""

    ok: bool
    code: str
    direction: Direction | None
    pass_id: int | None
    at: datetime
    goods_id: int | None = None


def add_pass(prefix: str, **fields: Any) -> None:
    """Insert a pass; its number is drawn from its row: A-0137."""
    row = insert(Pass, number=f"?{bytes(fields['token_id']).hex()}", **fields)
    update(Pass, row, number=f"{prefix}-{row:04d}")


def pass_by_id(pass_id: int) -> PassRow | None:
    return next(map(_pass, _pass_by_id(pass_id)), None)


def pass_by_token_id(token_id: bytes) -> PassRow | None:
    return next(map(_pass, _passes().where(Pass.token_id == token_id)), None)


def pass_by_number(number: str) -> PassRow | None:
    return next(map(_pass, _passes().where(Pass.number == number.upper())), None)


def passes_of_visit(visit_id: int) -> list[PassRow]:
    """One for each person of the party, by place; none before the visit is let in."""
    return [_pass(p) for p in _passes_of_visit(visit_id)]


_MOMENTS = ("left_at", "duplicate_missing_at", "revoked_at", "entered_at")


def change_pass(pass_id: int, **fields: Any) -> None:
    """Change a pass, and enter into the drawer's ledger what that does to its duplicate: at the
    moment that is among the fields."""
    Pass.update(**fields).where(Pass.id == pass_id).execute()
    follow_drawer(pass_id, next(filter(None, map(fields.get, _MOMENTS)), None))


def revoke_pass(pass_id: int, reason: str, by: str, at: datetime) -> PassRow:
    """It holds no longer; whether its holder is inside stays known."""
    change_pass(
        pass_id, state=PassState.REVOKED, revoked_at=at, revoked_by=by, revoked_reason=reason
    )
    return _pass(*_pass_by_id(pass_id))


def revoked_ids(since: datetime, most: int) -> list[bytes]:
    """The ids of revoked passes that end after a moment, the last to end first: also of those
    handed back since, for nobody shall enter by a copy."""
    query = (
        Pass.select(Pass.token_id)
        .where(Pass.revoked_at.is_null(False), Pass.valid_until > since)
        .order_by(Pass.valid_until.desc())
        .limit(most)
    )
    return [bytes(row.token_id) for row in query]


def passes_to_expire(before: datetime) -> list[PassRow]:
    """Those that ended before a moment without ever having let anybody in."""
    query = _passes().where(Pass.state == PassState.ISSUED, Pass.valid_until < before)
    return [_pass(p) for p in query]


def passes_about(now: datetime) -> list[PassRow]:
    """Who is inside, longest first, and who holds a pass that can still be used to enter."""
    query = (
        _passes()
        .where(is_inside() | _is_usable(now))
        .order_by(Pass.entered_at.is_null(), Pass.entered_at, Pass.issued_at, Pass.place)
    )
    return [_pass(p) for p in query]


def passes_unused(now: datetime, categories: Iterable[Category]) -> list[PassRow]:
    """Of visitors of these categories: who can still enter and has not, the first issued first."""
    query = _passes().where(_is_usable(now), Visit.category.in_(list(categories)))
    return [_pass(p) for p in query.order_by(Pass.issued_at, Pass.place)]


def _is_usable(now: datetime) -> Any:
    return (Pass.state == PassState.ISSUED) & (Pass.valid_until > now)


def _passes() -> Any:
    """With the visit and its host, so that neither is asked for one by one."""
    of = (Visit.id, Visit.name, Visit.category, Visit.party, Visit.department, Visit.destination)
    query = Pass.select(Pass, *of, *NAMED)
    return query.join(Visit).join(Person, JOIN.LEFT_OUTER)


@prepared
def _pass_by_id(pass_id: int) -> Any:
    return _passes().where(Pass.id == pass_id)


@prepared
def _passes_of_visit(visit_id: int) -> Any:
    return _passes().where(Pass.visit == visit_id).order_by(Pass.place, Pass.id)


def _pass(row: Any) -> PassRow:
    of = row.visit
    return PassRow(
        id=row.id,
        number=row.number,
        visit_id=of.id,
        visit=of.name,
        holder=row.holder,
        place=row.place,
        name=row.holder or of.name,
        category=Category(of.category),
        party=of.party,
        host=host_label(of.department, of.host),
        destination=of.destination,
        original=row.original,
        duplicate=row.duplicate,
        state=PassState(row.state),
        issued_at=row.issued_at,
        entered_at=row.entered_at,
        left_at=row.left_at,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        revoked_reason=row.revoked_reason,
        duplicate_missing=row.duplicate_missing_at is not None,
        unknown_at=row.unknown_at,
    )


def scan(key: str) -> ScanRow | None:
    """The answer already given to a scan with this key."""
    found = Scan.get_or_none(Scan.key == key)
    if found is None:
        return None
    direction = Direction(found.direction) if found.direction else None
    return ScanRow(found.ok, found.code, direction, found.pass__id, found.at, found.goods_id)


def add_scan(**fields: Any) -> None:
    Scan.create(**fields)
