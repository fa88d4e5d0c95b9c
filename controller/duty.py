"""值班記錄表: what the desk does is appended to the duty log, and seen through to its end (9.1).

Nothing is ever changed: stages follow what was recorded, and a mistake is counter-entered. Each
entry has a key of its own, so that a form posted twice is one entry.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from controller.core import Core, Refusal
from models import store
from models.checklists import BETWEEN, Round, checklists, rounds
from models.duty import COUNTER, FORMS, Asked, Entry, Thread, parted
from models.terms import Act, Duty, Incident
from models.words import say

_FAULT_WITHIN = timedelta(hours=4)
"""What a checklist has found wrong is to be put right by then."""
_MOST_ROUNDS = 500
"""Of a day; nobody goes over as many."""


def record(
    core: Core,
    kind: Duty,
    said: Mapping[str, str],
    key: str,
    by: str,
    now: datetime,
    *,
    due: datetime | None = None,
    owner: str = "",
) -> Thread:
    """Append what happened; `said` are the fields of the kind's form. Its first stage is due by
    `due`, else as its form says, and is the recorder's to see to unless it is somebody else's.
    Raises Refusal: time_past, and of a checklist unknown_list, points_missing, round_early,
    round_done."""
    with store.transaction():
        if known := store.entry_by_key(key):
            return thread_of(known)
        if kind is Duty.CHECK:
            _check_round(core, said, now)
            due = due or (now + _FAULT_WITHIN if said.get("wrong") else None)
        made = _append(kind, said, key, by, now, due, owner)
    core.committed("log")
    return thread_of(made)


def advance(
    core: Core,
    root_id: int,
    act: Act,
    said: Mapping[str, str],
    key: str,
    by: str,
    now: datetime,
) -> Thread:
    """Take the next stage. Raises Refusal: not_found, stage_taken, stage_not_next."""
    with store.transaction():
        if known := store.entry_by_key(key):
            return thread_of(known)
        thread = _log_thread(root_id)
        if thread.next is None or act is not thread.next.act:
            taken = act in {entry.act for entry in thread.stages}
            raise Refusal("stage_taken" if taken or thread.next is None else "stage_not_next")
        facts, personal = parted(thread.next.asks, said)
        done = {entry.act for entry in thread.stages} | {act}
        due = _due(thread.first.kind, done, None, now)
        made = store.append_entry(
            thread.first.kind,
            act,
            facts,
            personal,
            key=key,
            at=now,
            by=by,
            root_id=root_id,
            due=due,
            owner=thread.owner or by if due else "",
        )
    core.committed("log")
    return thread_of(made)


def defer(
    core: Core,
    root_id: int,
    due: datetime,
    owner: str,
    reason: str,
    key: str,
    by: str,
    now: datetime,
) -> Thread:
    """Set another moment or another owner for the next stage. Raises Refusal: not_found,
    stage_taken (there is none), time_past, reason_missing."""
    with store.transaction():
        if known := store.entry_by_key(key):
            return thread_of(known)
        thread = _log_thread(root_id)
        if thread.next is None:
            raise Refusal("stage_taken")
        _check(due, reason, now)
        made = store.append_entry(
            thread.first.kind,
            Act.DEFERRED,
            {},
            {"reason": reason},
            key=key,
            at=now,
            by=by,
            root_id=root_id,
            due=due,
            owner=owner or thread.owner or by,
        )
    core.committed("log")
    return thread_of(made)


def correct(
    core: Core,
    entry_id: int,
    said: Mapping[str, str] | None,
    reason: str,
    key: str,
    by: str,
    now: datetime,
) -> Thread:
    """Counter-enter: say what an entry should have said, or with None that it should not be. The
    entry itself stays. Raises Refusal: not_found, reason_missing, entry_void, stage_followed."""
    with store.transaction():
        if known := store.entry_by_key(key):
            return thread_of(known)
        thread, entry = _entry(entry_id)
        if not reason:
            raise Refusal("reason_missing", "reason")
        _check_counter(thread, entry, voids=said is None)
        facts, personal = parted(asked_of(thread, entry), said or {})
        made = store.append_entry(
            entry.kind,
            Act.VOIDED if said is None else Act.CORRECTED,
            facts,
            personal | {"reason": reason},
            key=key,
            at=now,
            by=by,
            root_id=thread.first.id,
            corrects_id=entry.id,
        )
    core.committed("log")
    return thread_of(made)


def goods_released(number: str, by: str, now: datetime) -> None:
    """Goods have left with a slip (VI.11): in the log once, in the caller's transaction."""
    if store.entry_by_key(f"goods-{number}") is None:
        _append(Duty.GOODS, {"slip": number}, f"goods-{number}", by, now)


def incident(
    core: Core, incident_id: int, what: Incident, number: str, note: str, by: str, now: datetime
) -> None:
    """A half of a pass was lost or a count differed: to be reported up (II.3); in the caller's
    transaction."""
    word = say(core.settings.board.language, f"desk.incident_{what}")
    message = " ".join(part for part in (word, number, note) if part)
    said = {"place": core.settings.board.place, "message": message}
    _append(Duty.INCIDENT, said, f"incident-{incident_id}", by, now)


def _append(
    kind: Duty,
    said: Mapping[str, str],
    key: str,
    by: str,
    now: datetime,
    due: datetime | None = None,
    owner: str = "",
) -> Entry:
    facts, personal = parted(FORMS[kind].asks, said)
    due = _due(kind, set(), due, now)
    owner = (owner or by) if due else ""
    return store.append_entry(
        kind, Act.RECORDED, facts, personal, key=key, at=now, by=by, due=due, owner=owner
    )


def asked_of(thread: Thread, entry: Entry) -> tuple[Asked, ...]:
    """The fields that an entry of a thread has."""
    if entry.id == thread.first.id:
        return thread.form.asks
    stages = {stage.act: stage.asks for stage in thread.form.stages}
    return stages.get(entry.act, ())


def asked_at(root_id: int, act: Act) -> tuple[Asked, ...]:
    """The fields of a stage of what began with an entry. Raises Refusal: not_found."""
    stages = {stage.act: stage.asks for stage in _log_thread(root_id).form.stages}
    if act not in stages:
        raise Refusal("stage_not_next")
    return stages[act]


def asked_in(entry_id: int) -> tuple[Asked, ...]:
    """The fields of an entry. Raises Refusal: not_found."""
    return asked_of(*_entry(entry_id))


def rounds_today(core: Core, now: datetime) -> list[Round]:
    """Today's rounds of the checklists, those that were done and those that were not."""
    done = store.log_of(*core.day_of(now), _MOST_ROUNDS, Duty.CHECK)
    return rounds(checklists(), core.local(now).date(), core.settings.zone, done)


def remind(core: Core, now: datetime) -> None:
    """Tell every open desk of what has fallen due since. Safe to call at any moment, and again."""
    if not store.fallen_due(now):
        return
    with store.transaction():
        store.note_reminded(store.fallen_due(now), now)
    core.committed("log")


def _check_round(core: Core, said: Mapping[str, str], now: datetime) -> None:
    """Each point of one of today's rounds is said once to be fine or wrong."""
    named = (said["list"], said["slot"])
    found = [one for one in rounds_today(core, now) if (one.of.name, one.slot) == named]
    if not found:
        raise Refusal("unknown_list")
    if found[0].thread:
        raise Refusal("round_done")
    if now < found[0].begins:
        raise Refusal("round_early", clock=f"{core.local(found[0].begins):%H:%M}")
    looked_at = [
        point for of in ("fine", "wrong") for point in said.get(of, "").split(BETWEEN) if point
    ]
    if sorted(looked_at) != sorted(found[0].of.points):
        raise Refusal("points_missing")


def _due(kind: Duty, taken: set[Act], due: datetime | None, now: datetime) -> datetime | None:
    """By when what comes after the stages in `taken` is to be done."""
    coming = next((stage for stage in FORMS[kind].stages if stage.act not in taken), None)
    if coming is None:
        return None
    if due is None:
        return now + coming.within if coming.within else None
    if due <= now:
        raise Refusal("time_past", "deadline")
    return due


def _check(due: datetime, reason: str, now: datetime) -> None:
    if due <= now:
        raise Refusal("time_past", "deadline")
    if not reason:
        raise Refusal("reason_missing", "reason")


def _check_counter(thread: Thread, entry: Entry, *, voids: bool) -> None:
    # Who was at the desk is not a matter of opinion: the next step of the shift says so.
    if entry.act in (*COUNTER, Act.DEFERRED) or entry.kind is Duty.SHIFT:
        raise Refusal("not_found")
    if thread.is_void(entry) or thread.is_void(thread.first):
        raise Refusal("entry_void")
    if voids and entry.id not in (thread.first.id, thread.stages[-1].id):
        raise Refusal("stage_followed")


def _entry(entry_id: int) -> tuple[Thread, Entry]:
    if (found := store.entry(entry_id)) is None:
        raise Refusal("not_found")
    return thread_of(found), found


def _log_thread(root_id: int) -> Thread:
    if (found := store.log_thread(root_id)) is None:
        raise Refusal("not_found")
    return found


def thread_of(entry: Entry) -> Thread:
    return _log_thread(entry.root_id or entry.id)
