"""The rows that a report is made of, and those of a day's sheet. Each is found by its time."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from models.duty import Thread
from models.reports import PUBLICATIONS, Publication, Step, Visited
from models.store.duty import threads_of
from models.store.office import NAMED, host_label
from models.tables import Confirmation, DutyEntry, DutyOpen, Event, Person, Visit
from models.terms import Category, ConfirmStep, Duty, Section, VisitState

_BEGAN = fn.COALESCE(DutyEntry.root, DutyEntry.id)


def visits_between(start: datetime, end: datetime) -> list[Visited]:
    """Who registered in a span of time, in order."""
    query = (
        Visit.select(Visit, *NAMED)
        .join(Person, JOIN.LEFT_OUTER)
        .where(Visit.registered_at >= start, Visit.registered_at < end)
        .order_by(Visit.id)
    )
    return [_visited(row) for row in query]


def _visited(row: Any) -> Visited:
    return Visited(
        id=row.id,
        at=row.registered_at,
        category=Category(row.category),
        name=row.name,
        organisation=row.organisation,
        host=host_label(row.department, row.host),
        party=row.party,
        state=VisitState(row.state),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )


def steps_between(start: datetime, end: datetime) -> list[Step]:
    """Who was asked to confirm the visits that were registered in a span of time, in order."""
    query = (
        Confirmation.select(Confirmation, *NAMED)
        .join(Visit)
        .switch(Confirmation)
        .join(Person, JOIN.LEFT_OUTER)
        .where(Visit.registered_at >= start, Visit.registered_at < end)
        .order_by(Confirmation.visit, Confirmation.id)
    )
    return [
        Step(
            visit_id=row.visit_id,
            step=ConfirmStep(row.step),
            who=host_label(row.person.department, row.person) if row.person else "",
            asked_at=row.asked_at,
            answered_at=row.answered_at,
        )
        for row in query
    ]


def publications_between(start: datetime, end: datetime) -> list[Publication]:
    """What was done to the board in a span of time, in order. From the log of events: a line's own
    history is forgotten with the visits that it names."""
    query = Event.select().where(
        Event.at >= start, Event.at < end, Event.what.in_(list(PUBLICATIONS))
    )
    return [
        Publication(
            at=row.at,
            by=row.by,
            what=row.what,
            section=Section(row.subject),
            notice_id=json.loads(row.detail)["notice"],
        )
        for row in query.order_by(Event.id)
    ]


def threads_between(start: datetime, end: datetime) -> list[Thread]:
    """Everything in the duty log that has an entry in a span of time, as it began."""
    touched = DutyEntry.select(_BEGAN).where(DutyEntry.at >= start, DutyEntry.at < end)
    return threads_of(_roots(touched))


def threads_open_between(kinds: Iterable[Duty], start: datetime, end: datetime) -> list[Thread]:
    """Everything of some kinds that may have been open in a span of time: what has an entry in it,
    what was recorded before its end and went on after it, and what is open still. The work grows
    with how long ago that was, not with what was before."""
    wanted = list(kinds)
    first = DutyEntry.alias()
    touched = DutyEntry.select(_BEGAN).where(
        DutyEntry.kind.in_(wanted), DutyEntry.at >= start, DutyEntry.at < end
    )
    went_on = (
        DutyEntry.select(DutyEntry.root)
        .join(first, on=(first.id == DutyEntry.root))
        .where(DutyEntry.kind.in_(wanted), DutyEntry.at >= end, first.at < end)
    )
    # Joined, they would be looked for among all there ever were.
    still = DutyOpen.select(DutyOpen.entry)
    roots = {root for query in (touched, went_on, still) for root in _roots(query)}
    return [thread for thread in threads_of(roots) if thread.first.kind in wanted]


def _roots(query: Any) -> list[int]:
    return [root for (root,) in query.distinct().tuples()]
