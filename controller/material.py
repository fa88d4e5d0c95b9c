"""Material that applicants without appointment leave (the seed's 4.4): taken, told, handed on."""

from datetime import datetime

from controller import telling
from controller.core import Core, Refusal
from models import store
from models.store import MaterialRow, VisitRow
from models.terms import MaterialStep


def expect(visit: VisitRow, by: str, now: datetime) -> MaterialRow:
    """Draw the receipt of what this visitor leaves, in the caller's transaction."""
    row = store.expect_material(visit.id, visit.host, now)
    store.record(now, by, "material_expected", row.number, visit=visit.number)
    return row


def describe(
    core: Core, material_id: int, what: str, to: str, by: str, now: datetime
) -> MaterialRow:
    """What it is, and for whom. Raises Refusal: not_found, also once it is handed on."""
    with store.transaction():
        row = _open(material_id)
        if (row.what, row.to) != (what, to):
            row = store.change_material(row.id, what=what, to=to)
            store.record(now, by, "material_described", row.number)
    core.committed("visits")
    return row


def step(
    core: Core, material_id: int, taken: MaterialStep, by: str, now: datetime, to: str = ""
) -> MaterialRow:
    """已收到, 已通知人力資源部, 已轉交 (to somebody), or 未留下. A repeat changes nothing. What is
    received is told the personnel department by a message, where it has a channel.

    Raises Refusal: not_found, not_received (handed on before it came), already_received.
    """
    with store.transaction():
        known = store.material(material_id)
        if known is not None and known.taken(taken):
            return known
        row = _open(material_id)
        if taken is MaterialStep.HANDED and row.received_at is None:
            raise Refusal("not_received")
        if taken is MaterialStep.ABSENT and row.received_at is not None:
            raise Refusal("already_received")
        fields: dict[str, object] = {f"{taken}_at": now, f"{taken}_by": by}
        if taken is MaterialStep.HANDED:
            fields["handed_to"] = to
        row = store.change_material(row.id, **fields)
        store.record(now, by, f"material_{taken}", row.number)
        visit = store.visit(row.visit_id)
        if taken is MaterialStep.RECEIVED and visit is not None and row.told_at is None:
            telling.tell(core, visit, telling.HR, by, now)
    core.committed("visits")
    return row


def _open(material_id: int) -> MaterialRow:
    row = store.material(material_id)
    if row is None or row.handed_at or row.absent_at:
        raise Refusal("not_found")
    return row
