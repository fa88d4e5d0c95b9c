"""Confirmation with a deadline: host → deputy → duty desk, and the links by which they answer.

Everything is in the database, so a restart goes on where it was: what is due is found by asking.
A step is decided purely (models.confirming), committed with its event and the kiosk's news, and
only then is a message sent.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from controller import bearer, deciding, telling, visits, whereabouts
from controller.core import Core
from controller.notifying import Delivered, Letter, Notifier
from controller.whereabouts import Away
from models import confirming, store
from models.store import ConfirmationRow, LinkRow, VisitRow
from models.terms import Admission, Channel, DeskDecision, VisitState
from models.words import say

log = logging.getLogger(__name__)

_LINK_LIFE = timedelta(hours=12)
"""No visitor waits for longer; a link that is found later answers nothing."""


@dataclass(frozen=True)
class Standing:
    """What a link is still worth: `open`, `answered` by it, `decided` otherwise, `withdrawn`,
    `at_desk` (only the desk can decide), `expired` or `unknown`."""

    code: str
    link: LinkRow | None = None
    visit: VisitRow | None = None


def advance(core: Core, notifier: Notifier, now: datetime) -> None:
    """Take every step that is due, and hand the letters of those just taken to the notifier."""
    waiting = store.unsettled_visits()
    steps = {visit_id: store.steps_of(visit_id) for visit_id in waiting}
    due = [visit_id for visit_id in waiting if _is_due(steps[visit_id], now)]
    if due:
        with store.transaction():
            away = whereabouts.away_now(core, now)
            for visit_id in due:
                _try_to_move(core, visit_id, away, now)
        core.committed("visits")
        steps |= {visit_id: store.steps_of(visit_id) for visit_id in due}
    pending = [row for row in chain(*steps.values()) if row.channel is Channel.PENDING]
    if unsent := [row for row in pending if not notifier.has(row.id)]:
        with store.transaction():
            letters = [_letter(core, row, now) for row in unsent]
        for letter in letters:
            notifier.send(letter)


def _try_to_move(core: Core, visit_id: int, away: Mapping[int, Away], now: datetime) -> None:
    """One that fails does not hold up the others."""
    try:
        with store.transaction():
            _move(core, visit_id, away, now)
    except Exception:
        log.exception("visit %d could not be put to anybody", visit_id)


def _is_due(steps: tuple[ConfirmationRow, ...], now: datetime) -> bool:
    return not steps or steps[-1].is_over(now) or any(step.is_stuck(now) for step in steps)


def _move(core: Core, visit_id: int, away: Mapping[int, Away], now: datetime) -> None:
    visit = store.visit(visit_id)
    if visit is None or visit.state is not VisitState.WAITING:
        return  # decided since it was looked up
    for step in visit.steps:
        if step.is_stuck(now):
            _note_failure(step, visit, "timeout", now)
    steps = list(store.steps_of(visit_id))
    candidates = [replace(one, away=one.person in away) for one in store.chain(visit_id)]
    while candidate := confirming.next_step(steps, candidates, now):
        asked = confirming.take(candidate, core.policy.confirm, now)
        there = away.get(candidate.person or 0)
        row = store.add_confirmation(
            visit_id,
            candidate.person,
            asked,
            away=there.state if there else "",
            back=there.back if there else None,
        )
        facts = {"who": row.who, "reason": row.reason}
        store.record(now, "rules", f"asked_{row.step}", visit.number, **facts)
        steps.append(row)
    visits.tell_kiosk(core, store.change_visit(visit_id))


def told(core: Core, delivered: Delivered, now: datetime) -> None:
    """What became of a message. A late success is still one; a failure after patience ended is no
    news."""
    with store.transaction():
        row = store.confirmation(delivered.id)
        visit = store.visit(row.visit_id) if row else None
        if row is None or visit is None:
            return
        if not delivered.reason:
            store.change_confirmation(row.id, channel=Channel.SENT, reason="", told_at=now)
            store.record(now, "notifier", "message_sent", visit.number, who=row.who)
        elif row.channel is Channel.PENDING:
            _note_failure(row, visit, delivered.reason, now)
        if visit.state is VisitState.WAITING:
            visits.tell_kiosk(core, store.change_visit(visit.id))
    core.committed("visits")


def _note_failure(row: ConfirmationRow, visit: VisitRow, reason: str, now: datetime) -> None:
    store.change_confirmation(row.id, channel=Channel.FAILED, reason=reason)
    store.record(now, "notifier", "message_failed", visit.number, who=row.who, reason=reason)


# --- the message -------------------------------------------------------------------------------


def _letter(core: Core, row: ConfirmationRow, now: datetime) -> Letter:
    """The message of a step, with a fresh link, in the caller's transaction. A step whose message
    may have been lost with the process gets another; each link answers the same step."""
    token = secrets.token_urlsafe(32)
    store.add_link(bearer.hash_of(token), row.id, now + _LINK_LIFE)
    visit = store.visit(row.visit_id)
    person = store.person(row.person_id) if row.person_id else None
    if visit is None or person is None:
        return Letter(row.id, (), "", "")
    # One token for both answers: whichever is given first uses up the other.
    title, body = _words(core, visit, f"{core.settings.desk.link_base}/c/{token}")
    return Letter(row.id, person.channels, title, body)


def _words(core: Core, visit: VisitRow, link: str) -> tuple[str, str]:
    language = core.settings.board.language
    place = visit.wait_at or core.settings.board.place
    links = {"confirm": f"{link}/confirm", "decline": f"{link}/decline"}
    about = telling.particulars(core, visit)
    body = say(language, "desk.ask_body", place=place, **about, **links)
    return say(language, "desk.ask_title", name=visit.name, place=place), body


# --- the answer --------------------------------------------------------------------------------


def standing(token: str, now: datetime) -> Standing:
    """What the link with this token is still worth. Changes nothing."""
    link = store.link(bearer.hash_of(token))
    visit = store.visit(link.confirmation.visit_id) if link else None
    if link is None or visit is None:
        return Standing("unknown")
    return Standing(_worth(link, visit, now), link, visit)


def _worth(link: LinkRow, visit: VisitRow, now: datetime) -> str:
    if link.confirmation.answered_at is not None:
        return "answered"
    if visit.state is VisitState.WITHDRAWN:
        return "withdrawn"
    if visit.state is not VisitState.WAITING:
        return "decided"
    if link.expires <= now:
        return "expired"
    return "open" if visit.admission is Admission.CONFIRM else "at_desk"


def respond(core: Core, token: str, now: datetime, *, confirm: bool) -> Standing:
    """Answer by a link, once. What comes too late is logged and changes nothing."""
    answer = "confirmed" if confirm else "declined"
    with store.transaction():
        before = standing(token, now)
        if before.link is None or before.visit is None:
            return before
        if before.code != "open":
            facts = {"answer": answer, "standing": before.code}
            store.record(now, before.link.name, "answered_late", before.visit.number, **facts)
            return before
        step = before.link.confirmation
        store.change_confirmation(step.id, answered_at=now, answer=answer, by=before.link.name)
        store.record(now, before.link.name, answer, before.visit.number, step=step.step)
        decision = DeskDecision.ADMIT if confirm else DeskDecision.REFUSE
        deciding.settle(core, before.visit, decision, before.link.name, now, code="host_declined")
    core.committed("visits", "passes")
    return standing(token, now)
