"""Turned away with dignity (the seed's 4.7): the guard is told in silence, bans are kept.

Nothing here reaches a kiosk. A ban never decides: it makes the desk's card and the guard's list
say so, and a human decides.
"""

from dataclasses import dataclass
from datetime import date, datetime

from controller.core import Core, Refusal
from models import store
from models.bans import Alert, Ban, alerts
from models.store import VisitRow
from models.terms import VisitState


@dataclass(frozen=True)
class Watched:
    """Somebody with a pass who matches a ban."""

    visit: VisitRow
    number: str
    alerts: list[Alert]


def today_of(core: Core, now: datetime) -> date:
    return core.local(now).date()


def alerts_for(core: Core, visits: list[VisitRow], now: datetime) -> dict[int, list[Alert]]:
    """The alerts of each visit that has any, by its id."""
    bans, today = store.bans(), today_of(core, now)
    found = {v.id: alerts(v.name, v.organisation, v.phone_last4, bans, today) for v in visits}
    return {visit_id: those for visit_id, those in found.items() if those}


def watched(core: Core, now: datetime) -> list[Watched]:
    """Who holds a pass and matches a ban: the rules let expected guests in by themselves."""
    numbers = {row.visit_id: row.number for row in store.passes_about(now)}
    visits = [visit for visit_id in numbers if (visit := store.visit(visit_id))]
    found = alerts_for(core, visits, now)
    return [Watched(v, numbers[v.id], found[v.id]) for v in visits if v.id in found]


def ban(core: Core, visit_id: int, reason: str, review: date, by: str, now: datetime) -> Ban:
    """Keep an eye on somebody who was turned away, until the review.

    Raises Refusal: not_found, not_refused, review_past.
    """
    _in_future(core, review, now)
    with store.transaction():
        visit = store.visit(visit_id)
        if visit is None:
            raise Refusal("not_found")
        if visit.state is not VisitState.REFUSED:
            raise Refusal("not_refused")
        made = store.add_ban(
            name=visit.name,
            organisation=visit.organisation,
            phone_last4=visit.phone_last4,
            reason=reason,
            review=review,
            by=by,
            at=now,
        )
        store.record(now, by, "ban_made", f"B-{made.id:04d}", visit=visit.number, review=review)
    core.committed("visits", "passes")
    return made


def renew(core: Core, ban_id: int, review: date, by: str, now: datetime) -> Ban:
    """It was looked at again and stays. Raises Refusal: not_found, review_past."""
    _in_future(core, review, now)
    with store.transaction():
        if (renewed := store.renew_ban(ban_id, review)) is None:
            raise Refusal("not_found")
        store.record(now, by, "ban_renewed", f"B-{ban_id:04d}", review=review)
    core.committed("visits", "passes")
    return renewed


def lift(core: Core, ban_id: int, by: str, now: datetime) -> None:
    """It holds no longer. Raises Refusal: not_found."""
    with store.transaction():
        if not store.lift_ban(ban_id, by, now):
            raise Refusal("not_found")
        store.record(now, by, "ban_lifted", f"B-{ban_id:04d}")
    core.committed("visits", "passes")


def _in_future(core: Core, review: date, now: datetime) -> None:
    if review <= today_of(core, now):
        raise Refusal("review_past", "review")
