"""What gates hand in and are told, and what of it the desk has to clear up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from models.merging import Conflict, Passing, Resolution
from models.store.goods import goods
from models.store.ledger import is_inside
from models.store.passes import _pass
from models.tables import GateConflict, Pass, Scan
from models.terms import Direction, PassState


@dataclass(frozen=True)
class ConflictRow:
    """A scan that does not fit, of a pass or of a goods slip. `number` and `name` are empty for one
    that nobody knows."""

    id: int
    kind: Conflict
    scan: str
    gate: str
    at: datetime
    arrived: datetime
    pass_id: int | None
    goods_id: int | None
    number: str
    name: str
    resolution: Resolution | None


class PassForGates(NamedTuple):
    """A pass without its holder."""

    token_id: bytes
    number: str
    state: PassState
    issued_at: datetime
    entered_at: datetime | None
    left_at: datetime | None

    @property
    def shown(self) -> PassState:
        """Who is inside with a revoked pass still has to get out; the list says what is revoked."""
        if self.state is not PassState.REVOKED:
            return self.state
        inside = self.entered_at is not None and self.left_at is None
        return PassState.INSIDE if inside else PassState.ISSUED

    @property
    def since(self) -> datetime:
        return self.left_at or self.entered_at or self.issued_at


def passings(pass_id: int) -> list[Passing]:
    """Every accepted scan of a pass, but those that the desk has called wrong."""
    rows = Scan.select().where(Scan.pass_ == pass_id, Scan.ok, ~Scan.void)
    return [Passing(row.key, Direction(row.direction), row.at) for row in rows if row.direction]


def scan_gate(key: str) -> tuple[str, datetime]:
    """Where a scan was made, and when."""
    row = Scan.get_by_id(key)
    return row.by, row.at


def void_scan(key: str) -> None:
    Scan.update(void=True).where(Scan.key == key).execute()


def add_conflict(
    key: str,
    kind: Conflict,
    pass_id: int | None,
    gate: str,
    at: datetime,
    arrived: datetime,
    goods_id: int | None = None,
) -> bool:
    """Note it, once for each scan. True if it is news."""
    values = {"scan": key, "kind": kind, "pass_": pass_id, "goods": goods_id}
    more = {"gate": gate, "at": at, "arrived": arrived}
    added = GateConflict.insert(**values, **more).on_conflict_ignore().as_rowcount().execute()
    return bool(added)


def conflict(conflict_id: int) -> ConflictRow | None:
    found = GateConflict.get_or_none(GateConflict.id == conflict_id)
    return _conflict(found) if found else None


def open_conflicts() -> list[ConflictRow]:
    """What the desk has to clear up, oldest first."""
    query = GateConflict.select().where(GateConflict.resolution == "")
    return [_conflict(row) for row in query.order_by(GateConflict.at)]


def resolve_conflict(
    conflict_id: int, resolution: Resolution, note: str, by: str, at: datetime
) -> None:
    GateConflict.update(resolution=resolution, note=note, resolved_by=by, resolved_at=at).where(
        GateConflict.id == conflict_id
    ).execute()


def passes_for_gates(now: datetime, most: int) -> list[PassForGates]:
    """Who is inside, and every pass that could still be shown, the newest first."""
    fields = (Pass.token_id, Pass.number, Pass.state, Pass.issued_at, Pass.entered_at, Pass.left_at)
    query: Any = (
        Pass.select(*fields)
        .where(is_inside() | (Pass.valid_until > now))
        .order_by(is_inside().desc(), Pass.id.desc())
        .limit(most)
        .tuples()
    )
    return [
        PassForGates(bytes(token_id), number, PassState(state), *moments)
        for token_id, number, state, *moments in query
    ]


def _conflict(row: Any) -> ConflictRow:
    held = _pass(row.pass_) if row.pass_ else None
    slip = goods(row.goods_id) if row.goods_id else None
    number, name = (held.number, held.name) if held else ("", "")
    return ConflictRow(
        id=row.id,
        kind=Conflict(row.kind),
        scan=row.scan,
        gate=row.gate,
        at=row.at,
        arrived=row.arrived,
        pass_id=held.id if held else None,
        goods_id=slip.id if slip else None,
        number=slip.number if slip else number,
        name=slip.whose if slip else name,
        resolution=Resolution(row.resolution) if row.resolution else None,
    )
