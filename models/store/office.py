"""Who works here, and the rooms and cars there are."""

from dataclasses import dataclass
from typing import Any

from models.store.prepared import prepared
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
    return next(map(_person, _person_by_id(person_id)), None)


@prepared
def _person_by_id(person_id: int) -> Any:
    return Person.select().where(Person.id == person_id)


def people_of(department: str) -> list[PersonRow]:
    return [_person(p) for p in _people_of(department)]


@prepared
def _people_of(department: str) -> Any:
    return Person.select().where(Person.department == department).order_by(Person.id)


def change_person(person_id: int, *, deputy_id: int | None, channels: tuple[str, ...]) -> None:
    """Who answers in a person's place, and the addresses where messages reach the person."""
    fields = {"deputy": deputy_id, "channels": "\n".join(channels)}
    Person.update(**fields).where(Person.id == person_id).execute()


def rooms() -> list[RoomRow]:
    return [RoomRow(r.id, r.name, r.kind, r.capacity, r.inside) for r in _rooms()]


@prepared
def _rooms() -> Any:
    return Room.select().order_by(Room.id)


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


NAMED = (Person.id, Person.name, Person.department)
"""What a label needs of a person. With the id: peewee would else take the reference for none."""


def host_label(department: str, host: Any) -> str:
    return " ".join(part for part in (department, host.name if host else "") if part)
