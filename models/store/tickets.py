"""Residents' queue numbers, day by day, and the revision of what the boards call."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from peewee import fn

from models import rules
from models.tables import Meta, Ticket, is_set
from models.terms import Language, Procedure, TicketState

_OPEN = (TicketState.WAITING, TicketState.CALLED)


@dataclass(frozen=True)
class TicketRow:
    id: int
    key: str
    kiosk: str
    day: date
    position: int
    procedure: Procedure
    reasons: tuple[str, ...]
    language: Language
    state: TicketState
    taken_at: datetime
    called_at: datetime | None
    calls: int
    counter: str
    shown_until: datetime | None
    by: str

    @property
    def number(self) -> str:
        return f"R-{self.position:03d}"


def add_ticket(day: date, decision: rules.Decision, **fields: Any) -> TicketRow:
    """Draw the day's next number. Raises peewee's IntegrityError if the key is taken."""
    last = Ticket.select(fn.MAX(Ticket.position)).where(Ticket.day == day).scalar()
    text = json.dumps(asdict(decision), ensure_ascii=False)
    return _ticket(Ticket.create(day=day, position=(last or 0) + 1, decision=text, **fields))


def ticket(ticket_id: int) -> TicketRow | None:
    found = Ticket.get_or_none(Ticket.id == ticket_id)
    return _ticket(found) if found else None


def ticket_by_key(key: str) -> TicketRow | None:
    found = Ticket.get_or_none(Ticket.key == key)
    return _ticket(found) if found else None


def change_ticket(ticket_id: int, **fields: Any) -> TicketRow:
    Ticket.update(**fields).where(Ticket.id == ticket_id).execute()
    return _ticket(Ticket.get_by_id(ticket_id))


def open_tickets(day: date) -> list[TicketRow]:
    """Who waits or is called on a day, oldest number first."""
    query = Ticket.select().where(Ticket.day == day, Ticket.state.in_(_OPEN))
    return [_ticket(row) for row in query.order_by(Ticket.position)]


def tickets_numbered(position: int, since: date) -> list[TicketRow]:
    """Everybody who has drawn a number since a day, the latest first."""
    query = Ticket.select().where(Ticket.position == position, Ticket.day >= since)
    return [_ticket(row) for row in query.order_by(Ticket.day.desc())]


def closed_tickets(day: date) -> int:
    """How many were served on a day."""
    served = Ticket.select().where(Ticket.day == day, Ticket.state == TicketState.DONE)
    count: int = served.count()
    return count


def tickets_ahead(of: TicketRow) -> int:
    """How many wait before this one."""
    count: int = (
        Ticket.select()
        .where(
            Ticket.day == of.day,
            Ticket.state == TicketState.WAITING,
            Ticket.position < of.position,
        )
        .count()
    )
    return count


def shown_tickets() -> list[TicketRow]:
    """What the boards call, the latest call first."""
    query = Ticket.select().where(is_set(Ticket.shown_until))
    return [_ticket(row) for row in query.order_by(Ticket.called_at.desc(), Ticket.id.desc())]


def next_calls_revision() -> int:
    """Count the calls' revision up, and return it."""
    revision = calls_revision() + 1
    Meta.insert(name="calls", value=str(revision)).on_conflict_replace().execute()
    return revision


def calls_revision() -> int:
    """The revision that the calls stand at; 0 before anything was called."""
    found = Meta.get_or_none(Meta.name == "calls")
    return int(found.value) if found else 0


def _ticket(row: Any) -> TicketRow:
    return TicketRow(
        id=row.id,
        key=row.key,
        kiosk=row.kiosk,
        day=row.day,
        position=row.position,
        procedure=Procedure(row.procedure),
        reasons=tuple(json.loads(row.decision)["reasons"]),
        language=Language(row.language),
        state=TicketState(row.state),
        taken_at=row.taken_at,
        called_at=row.called_at,
        calls=row.calls,
        counter=row.counter,
        shown_until=row.shown_until,
        by=row.by,
    )
