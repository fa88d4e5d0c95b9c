"""Tea for guests and internal meetings (the seed's 4.1 to 4.3 and 4.6): ordered, served, ticked."""

from datetime import datetime

from controller.core import Core, Refusal
from models import store
from models.store import TeaRow, VisitRow
from models.terms import VisitState


def follow(core: Core, visit: VisitRow, by: str, now: datetime) -> None:
    """Order, or call off, as the visit now stands; in the caller's transaction."""
    present = visit.state in (VisitState.WAITING, VisitState.ADMITTED)
    if visit.tea and present:
        store.order_tea(visit.id, visit.tea, now, by)
    elif store.cancel_tea(visit.id, now):
        store.record(now, by, "tea_cancelled", visit.number)
    else:
        return
    core.committed("tea")


def order(core: Core, room: str, count: int, due: datetime, by: str, now: datetime) -> TeaRow:
    """會議用茶. Raises Refusal: unknown_room, time_past."""
    if room not in {known.name for known in store.rooms()}:
        raise Refusal("unknown_room", "room")
    if due < now:
        raise Refusal("time_past", "due")
    with store.transaction():
        row = store.add_tea(room=room, count=count, due=due, by=by)
        store.record(now, by, "tea_ordered", row.number, count=count, due=due)
    core.committed("visits", "tea")
    return row


def serve(core: Core, tea_id: int, by: str, now: datetime) -> TeaRow:
    """已送. Ticking twice changes nothing. Raises Refusal: not_found, also once called off."""
    with store.transaction():
        known = store.tea(tea_id)
        if known is None or known.cancelled_at:
            raise Refusal("not_found")
        if store.serve_tea(tea_id, by, now):
            store.record(now, by, "tea_served", known.number)
        row = store.tea(tea_id)
    core.committed("visits", "tea")
    return row or known
