"""What has been seen to before an honoured guest goes in."""

from dataclasses import dataclass
from datetime import datetime

from models.tables import ReadyTick
from models.terms import Ready


@dataclass(frozen=True)
class ReadyRow:
    item: Ready
    name: str
    by: str
    at: datetime


def tick_ready(visit_id: int, item: Ready, name: str, by: str, at: datetime) -> None:
    """Note it once; another name replaces the name alone."""
    ReadyTick.insert(visit=visit_id, item=item, name=name, by=by, at=at).on_conflict(
        conflict_target=[ReadyTick.visit, ReadyTick.item], update={ReadyTick.name: name}
    ).execute()


def untick_ready(visit_id: int, item: Ready) -> None:
    ReadyTick.delete().where(ReadyTick.visit == visit_id, ReadyTick.item == item).execute()


def ready(visit_id: int) -> dict[Ready, ReadyRow]:
    return {
        Ready(row.item): ReadyRow(Ready(row.item), row.name, row.by, row.at)
        for row in ReadyTick.select().where(ReadyTick.visit == visit_id)
    }
