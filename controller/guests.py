"""VIPs and important guests (the seed's 4.1, 4.2): is everything ready, and who leads them in?"""

from datetime import datetime

from controller.core import Core, Refusal
from models import store
from models.store import VisitRow
from models.terms import Category, Ready

HONOURED = (Category.VIP, Category.IMPORTANT)


def see_to(
    core: Core, visit_id: int, item: Ready, name: str, by: str, now: datetime, *, done: bool
) -> None:
    """Tick, or take the tick back. Raises Refusal: not_found (no such guest here now)."""
    with store.transaction():
        visit = store.visit(visit_id)
        if visit is None or visit.category not in HONOURED:
            raise Refusal("not_found")
        if done:
            store.tick_ready(visit_id, item, name, by, now)
        else:
            store.untick_ready(visit_id, item)
        what = "guest_ready" if done else "guest_not_ready"
        store.record(now, by, what, visit.number, item=item)
    core.committed("visits")


def missing(visit: VisitRow) -> list[Ready]:
    """What has not been seen to; nothing for everyday visitors. It warns, and prevents nothing."""
    if visit.category not in HONOURED:
        return []
    ticked = store.ready(visit.id)
    return [item for item in Ready if item not in ticked]


def to_be_led(now: datetime) -> list[VisitRow]:
    """Honoured guests whom the rules let in at once and who have not gone in yet."""
    found = [store.visit(held.visit_id) for held in store.passes_unused(now, HONOURED)]
    return [visit for visit in found if visit]
