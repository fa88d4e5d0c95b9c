"""正副本: the ledger of the halves, which always balances, and what is done when one is lost.

While a holder is inside, the duplicate lies in the gate's drawer; so as many duplicates lie there
as holders are inside. The store enters every change by itself (`store.change_pass`); here are the
words of people: what was lost, and what somebody counted.
"""

from datetime import datetime, timedelta

from controller import duty, revoking
from controller.core import Core, Refusal
from models import passes, store
from models.store import CountRow, PassRow
from models.terms import Direction, Incident, PassState


def lose_original(core: Core, pass_id: int, note: str, by: str, now: datetime) -> PassRow:
    """正本遺失: the desk has made sure who it is and lets the holder out; the pass is closed, and
    whoever finds the original enters nowhere with it. `note` says how the holder was identified.

    Raises Refusal: not_found, already_returned, note_missing.
    """
    with store.transaction():
        row = _open_pass(pass_id, note)
        fields: dict[str, object] = {"state": PassState.LOST}
        if row.revoked_at is None:
            fields |= {"revoked_at": now, "revoked_by": by, "revoked_reason": "lost"}
        if row.inside:
            fields["left_at"] = now
            # As a scan, so that what a gate hands in later finds the holder gone.
            store.add_scan(
                key=f"lost-{row.id}",
                pass_=row.id,
                text="",
                direction=Direction.OUT,
                ok=True,
                code="lost",
                by=by,
                at=now,
            )
        store.change_pass(row.id, **fields)
        store.release(row.visit_id, now)
        _note(core, Incident.ORIGINAL_LOST, row, note, by, now)
        revoking.publish_list(core, now)
    core.committed("passes", "visits", "log")
    return store.pass_by_id(pass_id) or row


def miss_duplicate(core: Core, pass_id: int, note: str, by: str, now: datetime) -> PassRow:
    """副本遺失: it is not in the drawer although its holder is inside.

    Raises Refusal: not_found, already_returned, note_missing, not_inside (nothing of it lies in the
    drawer, or it is known to be missing).
    """
    with store.transaction():
        row = _open_pass(pass_id, note)
        if not row.inside or row.duplicate_missing:
            raise Refusal("not_inside")
        store.change_pass(row.id, duplicate_missing_at=now)
        _note(core, Incident.DUPLICATE_MISSING, row, note, by, now)
    core.committed("passes", "log")
    return store.pass_by_id(pass_id) or row


def count(core: Core, counted: int, note: str, by: str, now: datetime) -> CountRow:
    """交班清點: what was counted beside what should be there. A difference is an incident and needs
    words. Raises Refusal: count_differs (it differs, and nothing was said of it)."""
    with store.transaction():
        should_be = store.ledger().drawer
        if counted != should_be:
            if not note:
                raise Refusal("count_differs", "note")
            incident = store.add_incident(Incident.COUNT_DIFFERS, None, note, by, now)
            duty.incident(core, incident, Incident.COUNT_DIFFERS, "", note, by, now)
        row = store.add_count(counted, should_be, by, now)
        store.record(now, by, "drawer_counted", "", counted=counted, should_be=should_be)
    core.committed("passes", "log")
    return row


def expire(core: Core, now: datetime) -> None:
    """Close passes that were never used in their time. Safe to call at any moment, and again."""
    over = now - timedelta(seconds=passes.SKEW)
    if not store.passes_to_expire(over):
        return
    with store.transaction():
        for row in store.passes_to_expire(over):
            store.change_pass(row.id, state=PassState.EXPIRED)
            store.release(row.visit_id, now)
            store.record(now, "clock", "pass_expired", row.number)
    core.committed("passes", "visits")


def _open_pass(pass_id: int, note: str) -> PassRow:
    row = store.pass_by_id(pass_id)
    if row is None:
        raise Refusal("not_found")
    if row.state in (PassState.RETURNED, PassState.LOST):
        raise Refusal("already_returned")
    if not note:
        raise Refusal("note_missing", "note")
    return row


def _note(core: Core, what: Incident, row: PassRow, note: str, by: str, now: datetime) -> None:
    incident = store.add_incident(what, row.id, note, by, now)
    duty.incident(core, incident, what, row.number, note, by, now)
    store.record(now, by, what, row.number, inside=row.inside)
