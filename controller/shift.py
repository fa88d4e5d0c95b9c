"""交接班: who is at the desk, which is never to be empty (the seed's III.3, VI).

Signing on, a stand-in for a break, handing over and taking over are entries of the duty log. Who
takes over accepts by name what goes along: what is open, keys that are out, the drawer, remarks.
"""

import logging
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from controller import ledger
from controller.core import Core, Refusal
from controller.notifying import Delivered, Letter, Notifier
from models import shift, store
from models.duty import FORMS, Asked, Entry, Thread, parted
from models.settings import Settings
from models.shift import Hours, Shift
from models.terms import Act, Duty
from models.words import say

log = logging.getLogger(__name__)

_SUPERVISOR = "supervisor"
_TOLD, _FAILED, _SENT = "gap_told", "gap_failed", "gap_sent"
"""The entry of the last gap of which somebody was told, and of which nobody could be; when it was
last tried, in seconds since 1970."""
_AGAIN = timedelta(minutes=3)
"""Between two tries to tell somebody. Shorter than the grace, so that the next gap never waits."""
_MOST = 500
"""Entries of one shift; nobody comes and goes as often."""
ASKS: dict[Act, tuple[Asked, ...]] = {
    Act.SIGNED_ON: (),
    Act.STOOD_IN: (Asked("stand_in", needed=True, known="people"),),
    Act.BACK: (),
    Act.HANDED_OVER: (
        Asked("successor", needed=True, known="users"),
        Asked("counted", needed=True, longest=4),
        Asked("note", longest=500),
    ),
    Act.TAKEN_OVER: (),
    Act.SIGNED_OFF: (),
}
"""What somebody at the desk can do about their shift, and what is asked then."""


@dataclass(frozen=True)
class Along:
    """What goes along when the shift is handed over."""

    open: list[Thread]
    keys: list[str]
    drawer: int


def hours(settings: Settings) -> Hours:
    own = settings.shift
    return Hours(time.fromisoformat(own.opens), time.fromisoformat(own.closes), own.weekdays)


def now_on(settings: Settings, now: datetime) -> Shift:
    """Who is on, and which handovers wait."""
    begins = hours(settings).begins(now, settings.zone)
    return shift.standing(store.entries_of(Duty.SHIFT, begins, _MOST))


def gap(core: Core, now: datetime) -> datetime | None:
    """Since when nobody has been at the desk, if that is a gap."""
    if not _is_open(core, now):
        return None
    return shift.gap(now_on(core.settings, now), hours(core.settings), now, core.settings.zone)


def _is_open(core: Core, now: datetime) -> bool:
    return hours(core.settings).opened(now, core.settings.zone) is not None


def along() -> Along:
    """What goes along now."""
    threads = store.open_log()
    keys = [one.said(one.first).get("key", "") for one in threads if one.first.kind is Duty.KEY]
    return Along(threads, keys, store.ledger().drawer)


def do(
    core: Core,
    act: Act,
    said: Mapping[str, str],
    key: str,
    by: str,
    now: datetime,
    *,
    until: datetime | None = None,
    clerks: Container[str] = (),
) -> Shift:
    """Append one step of somebody's shift; a repeat of the key changes nothing. `until` is when a
    break ends, `clerks` are the names of those who can take over. Raises Refusal: already_on,
    not_on, stand_in_self, time_past, not_away, unknown_clerk, count_differs, not_offered,
    desk_empty."""
    with store.transaction():
        if store.entry_by_key(key) is None:
            if act is Act.HANDED_OVER and (
                said["successor"] == by or said["successor"] not in clerks
            ):
                raise Refusal("unknown_clerk", "successor")
            said = _completed(core, now_on(core.settings, now), act, dict(said), by, now, until)
            _append(act, said, key, by, now, until if act is Act.STOOD_IN else None)
            if act is Act.TAKEN_OVER:
                _take_along(said["predecessor"], key, by, now)
    core.committed("log")
    return now_on(core.settings, now)


def _append(
    act: Act, said: Mapping[str, str], key: str, by: str, now: datetime, until: datetime | None
) -> Entry:
    facts, personal = parted(FORMS[Duty.SHIFT].asks, said)
    return store.append_entry(Duty.SHIFT, act, facts, personal, key=key, at=now, by=by, due=until)


def _completed(
    core: Core,
    on: Shift,
    act: Act,
    said: dict[str, str],
    by: str,
    now: datetime,
    until: datetime | None,
) -> dict[str, str]:
    """What the entry says, once it is clear that the step can be taken."""
    post = on.posts.get(by)
    match act:
        case Act.SIGNED_ON if post:
            raise Refusal("already_on")
        case Act.STOOD_IN | Act.HANDED_OVER | Act.SIGNED_OFF if post is None:
            raise Refusal("not_on")
        case Act.STOOD_IN if said["stand_in"] == by:
            raise Refusal("stand_in_self", "stand_in")
        case Act.STOOD_IN if until is None or until <= now:
            raise Refusal("time_past", "deadline")
        case Act.BACK if post is None or post.until is None:
            raise Refusal("not_away")
        case Act.HANDED_OVER:
            return _with_what_goes_along(core, said, by, now)
        case Act.TAKEN_OVER:
            if (offer := on.offered(by)) is None:
                raise Refusal("not_offered")
            return said | {"predecessor": offer.by}
        case Act.SIGNED_OFF if not on.is_held(now, besides=by) and _is_open(core, now):
            raise Refusal("desk_empty")
    return said


def _with_what_goes_along(
    core: Core, said: dict[str, str], by: str, now: datetime
) -> dict[str, str]:
    if not said["counted"].isdecimal():
        raise Refusal("bad_content", "counted")
    goes = along()
    ledger.count(core, int(said["counted"]), said["note"], by, now)
    return said | {
        "open": " ".join(str(one.first.id) for one in goes.open),
        "keys": "、".join(goes.keys),
        "should_be": str(goes.drawer),
    }


def _take_along(predecessor: str, key: str, by: str, now: datetime) -> None:
    """What the one before was to see to is the successor's now."""
    for thread in store.open_log():
        if thread.owner == predecessor:
            store.append_entry(
                thread.first.kind,
                Act.DEFERRED,
                {},
                {},
                key=f"{key}-{thread.first.id}",
                at=now,
                by=by,
                root_id=thread.first.id,
                due=thread.due,
                owner=by,
            )


# --- a gap --------------------------------------------------------------------------------------


def watch(core: Core, notifier: Notifier, now: datetime) -> None:
    """Enter a gap once, and tell the supervisors until one of them could be told. Safe to call at
    any moment, and again."""
    if (since := gap(core, now)) is None:
        return
    entry = store.entry_by_key(_key(since))
    if entry is None:
        with store.transaction():
            entry = _append(Act.LEFT_EMPTY, {}, _key(since), "clock", now, None)
        core.committed("log")
        log.warning("nobody has been at the desk since %s", core.local(since).isoformat())
    seconds = int(now.timestamp())
    # A clock that was put back keeps nobody waiting.
    rests = 0 <= seconds - store.fact(_SENT) < _AGAIN.total_seconds()
    if store.fact(_TOLD) < entry.id and not rests and (letter := _letter(core, entry, since)):
        with store.transaction():
            store.keep_fact(_SENT, seconds)
        notifier.send(letter)


def told(core: Core, event: Delivered) -> None:
    """What became of the message about a gap: with a reason, nobody was told."""
    with store.transaction():
        store.keep_fact(_FAILED if event.reason else _TOLD, event.id)
    core.committed("log")


def unheard(core: Core, since: datetime) -> Literal["", "no_channel", "not_delivered"]:
    """Why no supervisor knows of a gap: nobody has a channel, or none takes the message."""
    entry = store.entry_by_key(_key(since))
    if entry is None or store.fact(_TOLD) >= entry.id:
        return ""
    if not _channels(core):
        return "no_channel"
    return "not_delivered" if store.fact(_FAILED) == entry.id else ""


def _key(since: datetime) -> str:
    return f"gap-{since.isoformat()}"


def _channels(core: Core) -> tuple[str, ...]:
    """All by which the supervisors can be reached."""
    department = core.policy.departments.get(_SUPERVISOR, "")
    people = store.people_of(department) if department else []
    return tuple(channel for person in people for channel in person.channels)


def _letter(core: Core, entry: Entry, since: datetime) -> Letter | None:
    """None where nobody can be reached by one."""
    if not (channels := _channels(core)):
        return None
    language = core.settings.board.language
    places = {"place": core.settings.board.place, "clock": f"{core.local(since):%H:%M}"}
    title = say(language, "desk.tell_gap_title", **places)
    return Letter(entry.id, channels, title, say(language, "desk.tell_gap_body", **places), "gap")
