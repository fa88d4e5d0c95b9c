"""Roll calls, and everything that was marked at them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import rollcall
from models.store.ledger import is_inside
from models.store.passes import PassRow, _pass, _passes
from models.tables import Pass, RollCall, RollMark
from models.terms import Mark


@dataclass(frozen=True)
class RollRow:
    id: int
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str


def add_roll(at: datetime, by: str) -> RollRow:
    return _roll(RollCall.create(opened_at=at, opened_by=by))


def roll(roll_id: int) -> RollRow | None:
    found = RollCall.get_or_none(RollCall.id == roll_id)
    return _roll(found) if found else None


def open_roll() -> RollRow | None:
    """The roll call that is going on."""
    query = RollCall.select().where(RollCall.closed_at.is_null())
    found = query.order_by(RollCall.id.desc()).first()
    return _roll(found) if found else None


def close_roll(roll_id: int, at: datetime, by: str) -> None:
    RollCall.update(closed_at=at, closed_by=by).where(RollCall.id == roll_id).execute()


def add_mark(roll_id: int, mark: rollcall.RollMark, arrived: datetime) -> bool:
    """Append a mark, once for each key. True if it is news."""
    added = (
        RollMark.insert(
            key=mark.key,
            roll=roll_id,
            number=mark.number,
            mark=mark.mark,
            undoes=" ".join(mark.undoes),
            by=mark.by,
            at=mark.at,
            arrived=arrived,
        )
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    return bool(added)


def marks(roll_id: int) -> list[rollcall.RollMark]:
    """Everything that was marked at a roll call, in the order of arrival."""
    query = RollMark.select().where(RollMark.roll == roll_id)
    return [_mark(row) for row in query.order_by(RollMark.arrived, RollMark.key)]


def passes_inside_since(moment: datetime) -> list[PassRow]:
    """Whose holders are inside or unknown, or have left since a moment."""
    inside, left = _passes().where(is_inside()), _passes().where(Pass.left_at >= moment)
    return sorted((_pass(row) for row in (*inside, *left)), key=lambda row: row.id)


def _roll(row: Any) -> RollRow:
    return RollRow(row.id, row.opened_at, row.opened_by, row.closed_at, row.closed_by)


def _mark(row: Any) -> rollcall.RollMark:
    undoes = tuple(row.undoes.split())
    return rollcall.RollMark(
        row.key, row.number, Mark(row.mark), undoes, row.by, row.at, row.roll_id
    )
