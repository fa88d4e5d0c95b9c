"""Who works here, and the rooms and cars there are."""

from dataclasses import dataclass
from typing import Any

from models.tables import (
    Car,
    Person,
    Room,
)


@dataclass(frozen=True)
class PersonRow:
    id: int
    name: str
    department: str
    title: str
    receives: bool


@dataclass(frozen=True)
class RoomRow:
    id: int
    name: str
    kind: str
    capacity: int
    inside: bool


@dataclass(frozen=True)
class CarRow:
    id: int
    plate: str
    driver: str


def people() -> list[PersonRow]:
    return [_person(p) for p in Person.select().order_by(Person.id)]


def person(person_id: int) -> PersonRow | None:
    found = Person.get_or_none(Person.id == person_id)
    return _person(found) if found else None


def rooms() -> list[RoomRow]:
    return [
        RoomRow(r.id, r.name, r.kind, r.capacity, r.inside) for r in Room.select().order_by(Room.id)
    ]


def cars() -> list[CarRow]:
    return [CarRow(c.id, c.plate, c.driver) for c in Car.select().order_by(Car.id)]


def _person(row: Any) -> PersonRow:
    return PersonRow(row.id, row.name, row.department, row.title, row.receives)


def host_label(department: str, host: Any) -> str:
    return " ".join(part for part in (department, host.name if host else "") if part)
