"""Tea that is to be served, and has been."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN

from models.store.prepared import insert, prepared, update
from models.tables import TeaOrder, Visit
from models.terms import VisitState


@dataclass(frozen=True)
class TeaRow:
    """`place` is where the guests are now; `name` is empty for an internal meeting."""

    id: int
    visit_id: int | None
    name: str
    place: str
    count: int
    due: datetime
    by: str
    served_at: datetime | None
    served_by: str
    cancelled_at: datetime | None

    @property
    def number(self) -> str:
        return f"T-{self.id:04d}"


def order_tea(visit_id: int, count: int, due: datetime, by: str) -> None:
    """The order of a visit: there is one, however often it is asked for."""
    for known in _of_visit(visit_id):
        update(TeaOrder, known.id, count=count, cancelled_at=None)
        return
    insert(TeaOrder, visit=visit_id, count=count, due=due, by=by)


def add_tea(**fields: Any) -> TeaRow:
    """An order for a room."""
    return _tea(TeaOrder.create(**fields))


def tea(tea_id: int) -> TeaRow | None:
    return next(map(_tea, _orders().where(TeaOrder.id == tea_id)), None)


def tea_orders(start: datetime, end: datetime) -> list[TeaRow]:
    """What is due in a span of time and not cancelled: unserved first, each soonest first."""
    query = (
        _orders()
        .where(TeaOrder.due >= start, TeaOrder.due < end, TeaOrder.cancelled_at.is_null())
        .order_by(TeaOrder.served_at.is_null(False), TeaOrder.due, TeaOrder.id)
    )
    return [_tea(row) for row in query]


def serve_tea(tea_id: int, by: str, at: datetime) -> bool:
    """True for whoever ticks it first."""
    unserved = (TeaOrder.id == tea_id) & TeaOrder.served_at.is_null()
    changed: int = TeaOrder.update(served_at=at, served_by=by).where(unserved).execute()
    return changed == 1


def cancel_tea(visit_id: int, at: datetime) -> bool:
    """Nobody comes for it any more; what was served stays."""
    for known in _of_visit(visit_id):
        if known.served_at is None and known.cancelled_at is None:
            update(TeaOrder, known.id, cancelled_at=at)
            return True
    return False


def _orders() -> Any:
    of = (Visit.id, Visit.name, Visit.state, Visit.wait_at, Visit.destination)
    return TeaOrder.select(TeaOrder, *of).join(Visit, JOIN.LEFT_OUTER)


@prepared
def _of_visit(visit_id: int) -> Any:
    return _orders().where(TeaOrder.visit == visit_id)


def _tea(row: Any) -> TeaRow:
    visit = row.visit
    place = row.room
    if visit:
        waiting = visit.state == VisitState.WAITING and visit.wait_at
        place = visit.wait_at if waiting else visit.destination
    return TeaRow(
        id=row.id,
        visit_id=visit.id if visit else None,
        name=visit.name if visit else "",
        place=place,
        count=row.count,
        due=row.due,
        by=row.by,
        served_at=row.served_at,
        served_by=row.served_by,
        cancelled_at=row.cancelled_at,
    )
