"""Who was told of a visit: by a message, or by somebody at the desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import JOIN

from models.store.office import NAMED, host_label
from models.store.prepared import insert, prepared
from models.tables import Person, Telling, Visit
from models.terms import About, Channel, visit_number

BY_WORD = (Channel.NONE, Channel.FAILED)
"""No message has told them: the desk does."""


@dataclass(frozen=True)
class TellingRow:
    """`role` is the policy's word, `who` is somebody or empty for the role at large; `told_by` is
    empty where a message told them."""

    id: int
    visit_id: int
    name: str
    role: str
    person_id: int | None
    who: str
    at: datetime
    channel: Channel
    reason: str
    told_at: datetime | None
    told_by: str
    about: About

    @property
    def number(self) -> str:
        return visit_number(self.visit_id)

    def is_stuck(self, now: datetime, patience: timedelta) -> bool:
        return self.channel is Channel.PENDING and self.at + patience <= now


def add_telling(
    visit_id: int,
    role: str,
    person_id: int | None,
    channel: Channel,
    at: datetime,
    about: About = About.VISIT,
) -> None:
    reason = "" if channel is Channel.PENDING else "no_channel"
    fields = {"role": role, "person": person_id, "channel": channel, "reason": reason, "at": at}
    insert(Telling, visit=visit_id, about=about, **fields)


def telling(telling_id: int) -> TellingRow | None:
    return next(map(_telling, _by_id(telling_id)), None)


def tellings_of(visit_id: int, about: About = About.VISIT) -> list[TellingRow]:
    return [_telling(row) for row in _of_visit(visit_id, about)]


def pending_tellings() -> list[TellingRow]:
    """Messages on their way."""
    return [_telling(row) for row in _pending()]


def _tellings() -> Any:
    return (
        Telling.select(Telling, Visit.id, Visit.name, *NAMED)
        .join(Visit)
        .switch(Telling)
        .join(Person, JOIN.LEFT_OUTER)
        .order_by(Telling.id)
    )


@prepared
def _by_id(telling_id: int) -> Any:
    return _tellings().where(Telling.id == telling_id)


@prepared
def _of_visit(visit_id: int, about: About) -> Any:
    return _tellings().where(Telling.visit == visit_id, Telling.about == about)


@prepared
def _pending() -> Any:
    return _tellings().where(Telling.channel == Channel.PENDING)


def tellings_by_word(start: datetime, end: datetime) -> list[TellingRow]:
    """Whom no message has told in a span of time, and nobody at the desk yet, oldest first."""
    query = _tellings().where(
        Telling.at >= start,
        Telling.at < end,
        Telling.channel.in_(BY_WORD),
        Telling.told_at.is_null(),
    )
    return [_telling(row) for row in query]


def untold(role: str, about: About) -> list[TellingRow]:
    """What a role has still to take note of, oldest first."""
    query = _tellings().where(
        Telling.role == role, Telling.about == about, Telling.told_at.is_null()
    )
    return [_telling(row) for row in query]


def change_telling(telling_id: int, **fields: Any) -> None:
    Telling.update(**fields).where(Telling.id == telling_id).execute()


def _telling(row: Any) -> TellingRow:
    person = row.person
    return TellingRow(
        id=row.id,
        visit_id=row.visit_id,
        name=row.visit.name,
        role=row.role,
        person_id=row.person_id,
        who=host_label(person.department, person) if person else "",
        at=row.at,
        channel=Channel(row.channel),
        reason=row.reason,
        told_at=row.told_at,
        told_by=row.told_by,
        about=About(row.about),
    )
