"""Material that applicants leave, until it has been handed on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.store.prepared import insert, prepared
from models.tables import Material, Visit
from models.terms import MaterialStep


@dataclass(frozen=True)
class MaterialRow:
    """Each step has its moment, none where it was not taken, and who took it."""

    id: int
    visit_id: int
    name: str
    what: str
    to: str
    at: datetime
    received_at: datetime | None
    received_by: str
    told_at: datetime | None
    told_by: str
    handed_at: datetime | None
    handed_by: str
    handed_to: str
    absent_at: datetime | None

    @property
    def number(self) -> str:
        return f"M-{self.id:04d}"

    def taken(self, step: MaterialStep) -> bool:
        return getattr(self, f"{step}_at") is not None


def expect_material(visit_id: int, to: str, at: datetime) -> MaterialRow:
    """The receipt of a visit's material; there is one, however often it is asked for."""
    known = material_of_visit(visit_id)
    if known is None:
        insert(Material, visit=visit_id, to=to, at=at)
    return known or _material(*_of_visit(visit_id))


def material(material_id: int) -> MaterialRow | None:
    found = Material.get_or_none(Material.id == material_id)
    return _material(found) if found else None


def material_of_visit(visit_id: int) -> MaterialRow | None:
    return next(map(_material, _of_visit(visit_id)), None)


@prepared
def _of_visit(visit_id: int) -> Any:
    query = Material.select(Material, Visit.id, Visit.name).join(Visit)
    return query.where(Material.visit == visit_id)


def open_material() -> list[MaterialRow]:
    """What has not been handed on, oldest first, of whatever day."""
    query = (
        Material.select()
        .where(Material.handed_at.is_null(), Material.absent_at.is_null())
        .order_by(Material.id)
    )
    return [_material(row) for row in query]


def change_material(material_id: int, **fields: Any) -> MaterialRow:
    Material.update(**fields).where(Material.id == material_id).execute()
    return _material(Material.get_by_id(material_id))


def _material(row: Any) -> MaterialRow:
    return MaterialRow(
        id=row.id,
        visit_id=row.visit.id,
        name=row.visit.name,
        what=row.what,
        to=row.to,
        at=row.at,
        received_at=row.received_at,
        received_by=row.received_by,
        told_at=row.told_at,
        told_by=row.told_by,
        handed_at=row.handed_at,
        handed_by=row.handed_by,
        handed_to=row.handed_to,
        absent_at=row.absent_at,
    )
