"""Where holders of passes are: the day's closing (關門清點), and who outstays a pass (seed VI).

Who was not scanned out by closing time is unknown, and stays so until a gate hands in the exit or
somebody at the desk has found out. No exit is invented.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from controller import telling, webhooks
from controller.core import Core, Refusal
from models import store
from models.store import PassRow, TellingRow, UnaccountedRow
from models.terms import About, Account, Direction, Happening, PassState, Presence


def close(core: Core, now: datetime) -> None:
    """Close every day whose closing time has come since the last one, each once: also those on
    which the controller was down. Safe to call at any moment, and again."""
    due = _last_due(core, now)
    last = store.last_closing()
    if due is None or (last and last.day >= due):
        return
    day = last.day + timedelta(days=1) if last else due
    while day <= due:
        _close(core, day, now)
        day += timedelta(days=1)
    core.committed("passes")


def _last_due(core: Core, now: datetime) -> date | None:
    """The latest day whose closing time has come; None for an office that never closes."""
    if not core.settings.passes.closing:
        return None
    today = core.local(now).date()
    return today if _closing_time(core, today) <= now else today - timedelta(days=1)


def _closing_time(core: Core, day: date) -> datetime:
    clock = time.fromisoformat(core.settings.passes.closing)
    return datetime.combine(day, clock, core.settings.zone)


def _close(core: Core, day: date, now: datetime) -> None:
    with store.transaction():
        last = store.last_closing()
        if last and last.day >= day:
            return
        missed = store.add_closing(day, _closing_time(core, day), now)
        store.record(now, "clock", "day_closed", str(day), unknown=len(missed))
        for row in missed:
            store.record(now, "clock", "presence_unknown", row.number)


def account_for(
    core: Core, line_id: int, account: Account, note: str, by: str, now: datetime
) -> UnaccountedRow:
    """Somebody at the desk has found out: they have left, as `note` confirms, or are still inside
    and are asked after again at the next closing. The exit is kept as what it is, a word.

    Raises Refusal: not_found, already_accounted (scanned out, or said already), confirmer_missing.
    """
    with store.transaction():
        line = store.unaccounted_line(line_id)
        if line is None:
            raise Refusal("not_found")
        if line.of.presence is not Presence.UNKNOWN:
            raise Refusal("already_accounted")
        if account is Account.LEFT and not note:
            raise Refusal("confirmer_missing", "note")
        store.give_account(line_id, account, note, by, now)
        if account is Account.LEFT:
            _has_left(line, by, now)
        else:
            store.change_pass(line.of.id, unknown_at=None)
        store.record(now, by, f"accounted_{account}", line.of.number)
        line = store.unaccounted_line(line_id) or line
    core.committed("passes", "visits")
    return line


def _has_left(line: UnaccountedRow, by: str, now: datetime) -> None:
    # As a scan, so that what a gate hands in later finds the holder gone.
    store.add_scan(
        key=f"closing-{line.id}",
        pass_=line.of.id,
        text="",
        direction=Direction.OUT,
        ok=True,
        code="confirmed_left",
        by=by,
        at=now,
    )
    store.change_pass(line.of.id, state=PassState.RETURNED, left_at=now)
    store.release(line.of.visit_id, now)
    webhooks.visit(Happening.VISIT_LEFT, line.of.visit_id, by, now)


def open_lines() -> list[UnaccountedRow]:
    """Everybody who is unknown, once, by the last day on which they were missed."""
    last = store.last_closing()
    lines = store.unaccounted(last.id) if last else []
    return [line for line in lines if line.of.presence is Presence.UNKNOWN]


# --- who outstays a pass ------------------------------------------------------------------------


@dataclass(frozen=True)
class Outstayed:
    """A visit that outstays passes of its own: what the desk still has to take note of, and how it
    stands with telling the host side."""

    heard: TellingRow
    passes: list[PassRow]
    told: list[TellingRow]


def tell_overdue(core: Core, now: datetime) -> None:
    """Tell the host side and the desk of everybody who outstays a pass, once; safe to repeat."""
    if not store.newly_overdue(now):
        return
    with store.transaction():
        for visit_id, passes in groupby(store.newly_overdue(now), key=lambda row: row.visit_id):
            for row in passes:
                store.note_overdue(row.id, now)
                store.record(now, "clock", "pass_overdue", row.number)
            if visit := store.visit(visit_id):
                telling.tell_overdue(core, visit, now)
                webhooks.visit(Happening.VISIT_OVERDUE, visit_id, "clock", now)
    core.committed("passes", "visits")


def outstayed(now: datetime) -> list[Outstayed]:
    """What the desk has to take note of; who has left meanwhile is not in it."""
    found = []
    for heard in store.untold(telling.CLERK, About.OVERDUE):
        late = [row for row in store.passes_of_visit(heard.visit_id) if row.overdue(now)]
        said = store.tellings_of(heard.visit_id, About.OVERDUE)
        if late:
            found.append(Outstayed(heard, late, [t for t in said if t.role != telling.CLERK]))
    return found
