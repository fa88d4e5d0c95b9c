"""Who was asked to confirm a visit, what became of it, and the links that answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from models.confirming import Asked, Candidate
from models.store.office import NAMED, host_label
from models.store.prepared import insert, prepared
from models.tables import AnswerLink, Confirmation, Person, Visit
from models.terms import Admission, Channel, ConfirmStep, VisitState


@dataclass(frozen=True)
class ConfirmationRow(Asked):
    id: int
    visit_id: int
    person_id: int | None
    who: str
    reason: str
    away: str
    back: datetime | None
    told_at: datetime | None
    answered_at: datetime | None
    answer: str
    by: str


@dataclass(frozen=True)
class LinkRow:
    """A one-tap link as it is found by its token."""

    confirmation: ConfirmationRow
    name: str
    expires: datetime


def unsettled_visits() -> list[int]:
    """The waiting visits of whose confirmation something may still fall due, longest first: those
    that have not come to the desk, which answers without a deadline, or wait for a message."""
    return [row.id for row in _unsettled()]


@prepared
def _unsettled() -> Any:
    mine = Confirmation.select(Confirmation.id).where(Confirmation.visit == Visit.id)
    at_desk = mine.where(Confirmation.step == ConfirmStep.DESK)
    on_its_way = mine.where(Confirmation.channel == Channel.PENDING)
    return (
        Visit.select(Visit.id)
        .where(
            Visit.state == VisitState.WAITING,
            Visit.admission == Admission.CONFIRM,
            ~fn.EXISTS(at_desk) | fn.EXISTS(on_its_way),
        )
        .order_by(Visit.registered_at)
    )


def chain(visit_id: int) -> tuple[Candidate, ...]:
    """Whom this visit can be put to, in order; the desk last."""
    (visit,) = _host_of(visit_id)
    found = []
    if host := visit.host:
        found.append(_candidate(ConfirmStep.HOST, host))
        if deputy := host.deputy:
            found.append(_candidate(ConfirmStep.DEPUTY, deputy))
    elif visit.department:
        query = Person.select().where(
            Person.department == visit.department, Person.receives, Person.channels != ""
        )
        if somebody := query.order_by(Person.id).first():
            found.append(_candidate(ConfirmStep.DEPARTMENT, somebody))
    return (*found, Candidate(ConfirmStep.DESK))


@prepared
def _host_of(visit_id: int) -> Any:
    """With the host and the host's deputy, so that neither is asked for one by one."""
    deputy = Person.alias()
    return (
        Visit.select(Visit.department, Person.id, Person.channels, deputy.id, deputy.channels)
        .join(Person, JOIN.LEFT_OUTER)
        .join(deputy, JOIN.LEFT_OUTER, on=Person.deputy == deputy.id, attr="deputy")
        .where(Visit.id == visit_id)
    )


def _candidate(step: ConfirmStep, person: Any) -> Candidate:
    return Candidate(step, person.id, bool(person.channels))


def add_confirmation(
    visit_id: int,
    person_id: int | None,
    asked: Asked,
    *,
    away: str = "",
    back: datetime | None = None,
) -> ConfirmationRow:
    """Note a step. `away`, `back`: where somebody is instead, as the board said, and until when."""
    row = insert(
        Confirmation,
        visit=visit_id,
        person=person_id,
        step=asked.step,
        asked_at=asked.asked_at,
        deadline=asked.deadline,
        channel=asked.channel,
        reason="no_channel" if asked.channel is Channel.NONE and person_id else "",
        away=away,
        back=back,
    )
    return _confirmation(*_by_id(row))


def confirmation(confirmation_id: int) -> ConfirmationRow | None:
    return next(map(_confirmation, _by_id(confirmation_id)), None)


def confirmations(visit_ids: Iterable[int]) -> dict[int, tuple[ConfirmationRow, ...]]:
    """The steps of some visits, in the order they were taken."""
    chosen = Confirmation.visit.in_(list(visit_ids))
    query = _steps().where(chosen).order_by(Confirmation.id)
    found: dict[int, tuple[ConfirmationRow, ...]] = {}
    for row in map(_confirmation, query):
        found[row.visit_id] = (*found.get(row.visit_id, ()), row)
    return found


def steps_of(visit_id: int) -> tuple[ConfirmationRow, ...]:
    """The steps of one visit, in the order they were taken."""
    return tuple(map(_confirmation, _steps_of(visit_id)))


def _steps() -> Any:
    return Confirmation.select(Confirmation, *NAMED).join(Person, JOIN.LEFT_OUTER)


@prepared
def _by_id(confirmation_id: int) -> Any:
    return _steps().where(Confirmation.id == confirmation_id)


@prepared
def _steps_of(visit_id: int) -> Any:
    return _steps().where(Confirmation.visit == visit_id).order_by(Confirmation.id)


def change_confirmation(confirmation_id: int, **fields: Any) -> None:
    Confirmation.update(**fields).where(Confirmation.id == confirmation_id).execute()


def add_link(token_hash: str, confirmation_id: int, expires: datetime) -> None:
    AnswerLink.create(token_hash=token_hash, confirmation=confirmation_id, expires=expires)


def link(token_hash: str) -> LinkRow | None:
    found = AnswerLink.get_or_none(AnswerLink.token_hash == token_hash)
    if found is None:
        return None
    person = found.confirmation.person
    return LinkRow(_confirmation(found.confirmation), person.name if person else "", found.expires)


def _confirmation(row: Any) -> ConfirmationRow:
    person = row.person
    return ConfirmationRow(
        step=ConfirmStep(row.step),
        asked_at=row.asked_at,
        deadline=row.deadline,
        channel=Channel(row.channel),
        id=row.id,
        visit_id=row.visit_id,
        person_id=row.person_id,
        who=host_label(person.department, person) if person else "",
        reason=row.reason,
        away=row.away,
        back=row.back,
        told_at=row.told_at,
        answered_at=row.answered_at,
        answer=row.answer,
        by=row.by,
    )
