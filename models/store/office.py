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
    deputy_id: int | None
    channels: tuple[str, ...]


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


def people_of(department: str) -> list[PersonRow]:
    query = Person.select().where(Person.department == department)
    return [_person(p) for p in query.order_by(Person.id)]


def change_person(person_id: int, *, deputy_id: int | None, channels: tuple[str, ...]) -> None:
    """Who answers in a person's place, and the addresses where messages reach the person."""
    fields = {"deputy": deputy_id, "channels": "\n".join(channels)}
    Person.update(**fields).where(Person.id == person_id).execute()


def rooms() -> list[RoomRow]:
    return [
        RoomRow(r.id, r.name, r.kind, r.capacity, r.inside) for r in Room.select().order_by(Room.id)
    ]


def cars() -> list[CarRow]:
    return [CarRow(c.id, c.plate, c.driver) for c in Car.select().order_by(Car.id)]


def _person(row: Any) -> PersonRow:
    return PersonRow(
        id=row.id,
        name=row.name,
        department=row.department,
        title=row.title,
        receives=row.receives,
        deputy_id=row.deputy_id,
        channels=tuple(row.channels.splitlines()),
    )


def host_label(department: str, host: Any) -> str:
    return " ".join(part for part in (department, host.name if host else "") if part)
