"""Works permits and the workers on them."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from models.permits import Days
from models.tables import Event, Permit, PermitWorker
from models.terms import PermitState


@dataclass(frozen=True)
class WorkerRow:
    """One worker. Of the identity card only the last four characters are known."""

    id: int
    permit_id: int
    name: str
    id_last4: str
    checked_at: datetime | None
    checked_by: str
    removed: bool


@dataclass(frozen=True)
class PermitRow:
    id: int
    code: str
    company: str
    site: str
    days: Days
    by: str
    at: datetime
    workers: tuple[WorkerRow, ...]

    @property
    def number(self) -> str:
        return f"P-{self.id:04d}"


def add_permit(days: Days, **fields: Any) -> PermitRow:
    return _permit(Permit.create(**_columns(days), **fields))


def permit(permit_id: int) -> PermitRow | None:
    found = Permit.get_or_none(Permit.id == permit_id)
    return _permit(found) if found else None


def permits_by_code(code: str) -> list[PermitRow]:
    """Permits under a code, the newest first: codes come again once a permit is long over."""
    found = Permit.select().where(Permit.code == code).order_by(Permit.id.desc())
    return [_permit(row) for row in found]


def permits_since(day: date) -> list[PermitRow]:
    """Permits that have not ended before a day, the newest first."""
    found = Permit.select().where(Permit.ends >= day).order_by(Permit.id.desc())
    return [_permit(row) for row in found]


def change_permit(permit_id: int, days: Days, **fields: Any) -> PermitRow:
    Permit.update(**_columns(days), **fields).where(Permit.id == permit_id).execute()
    return _permit(Permit.get_by_id(permit_id))


def add_worker(permit_id: int, name: str, id_last4: str) -> WorkerRow:
    return _worker(PermitWorker.create(permit=permit_id, name=name, id_last4=id_last4))


def worker(worker_id: int) -> WorkerRow | None:
    found = PermitWorker.get_or_none(PermitWorker.id == worker_id)
    return _worker(found) if found else None


def change_worker(worker_id: int, **fields: Any) -> None:
    PermitWorker.update(**fields).where(PermitWorker.id == worker_id).execute()


def strangers(what: str, start: datetime, end: datetime) -> list[tuple[str, datetime]]:
    """When somebody used a permit's code without being on it: the permit's number, and when."""
    found = Event.select().where(Event.what == what, Event.at >= start, Event.at < end)
    return [(row.subject, row.at) for row in found.order_by(Event.id.desc())]


def _columns(days: Days) -> dict[str, Any]:
    return {
        "state": days.state,
        "starts": days.starts,
        "ends": days.ends,
        "weekdays": days.weekdays,
        "opens": f"{days.opens:%H:%M}" if days.opens else "",
        "closes": f"{days.closes:%H:%M}" if days.closes else "",
    }


def _clock(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


def _permit(row: Any) -> PermitRow:
    on_it = PermitWorker.select().where(
        PermitWorker.permit == row.id, PermitWorker.removed_at.is_null()
    )
    return PermitRow(
        id=row.id,
        code=row.code,
        company=row.company,
        site=row.site,
        days=Days(
            PermitState(row.state),
            row.starts,
            row.ends,
            row.weekdays,
            _clock(row.opens),
            _clock(row.closes),
        ),
        by=row.by,
        at=row.at,
        workers=tuple(_worker(worker) for worker in on_it.order_by(PermitWorker.id)),
    )


def _worker(row: Any) -> WorkerRow:
    return WorkerRow(
        id=row.id,
        permit_id=row.permit_id,
        name=row.name,
        id_last4=row.id_last4,
        checked_at=row.checked_at,
        checked_by=row.checked_by,
        removed=row.removed_at is not None,
    )
