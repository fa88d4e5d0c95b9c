"""What would happen if: the reception rules, asked about a visitor who has not come."""

from datetime import datetime, timedelta

from controller.core import Core, Refusal
from models import rules, store
from models.terms import Category

_THIS_MINUTE = timedelta(minutes=1)
"""A time is written in minutes: the minute that has begun is not past."""


def simulate(
    core: Core,
    category: Category,
    *,
    expected: bool,
    party: int,
    department: str,
    at: datetime,
    now: datetime,
) -> rules.Decision:
    """Decide as reception would at that moment, with the rooms as they are booked; nothing is
    kept. Raises Refusal: in_the_past, unknown_department."""
    if at <= now - _THIS_MINUTE:
        raise Refusal("in_the_past", "at")
    if department and department not in {person.department for person in store.people()}:
        raise Refusal("unknown_department", "department")
    application = rules.Application(
        category=category, expected=expected, party=party, department=department
    )
    return rules.decide(application, core.policy, store.rooms_now(max(at, now)))
