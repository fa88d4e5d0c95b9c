"""A colleague's own calendar of the visits that are expected, at a secret address.

Whoever has the address sees what its owner may see, so only its hash is kept, one address is all
that anybody has, and its owner takes it back on the page of their account.
"""

import secrets
from contextlib import suppress
from datetime import datetime

from controller import bearer
from controller.core import Core, Refusal
from models import store
from models.calendars import HORIZON
from models.feed import Expected, written
from models.store import AppointmentRow, UserRow
from models.terms import Language, VisitState
from models.words import say

_OVER = {VisitState.WITHDRAWN, VisitState.REFUSED}
"""States of a visit that does not take place."""


def make_link(core: Core, user: UserRow, now: datetime) -> str:
    """The address of somebody's calendar, told this once; an earlier one stops working."""
    token = secrets.token_urlsafe(32)
    with store.transaction():
        store.keep_feed(bearer.hash_of(token), user.id, now)
        store.record(now, user.display, "calendar_link_made", f"user-{user.id}")
    return f"{core.settings.desk.link_base}/f/{token}.ics"


def revoke_link(user: UserRow, now: datetime) -> None:
    """Somebody's address leads nowhere from now on. Raises Refusal: not_found."""
    with store.transaction():
        if not store.drop_feed(user.id):
            raise Refusal("not_found")
        store.record(now, user.display, "calendar_link_revoked", f"user-{user.id}")


def owner(token: str, now: datetime) -> UserRow | None:
    """Whose address this is; None for one that nobody has, or whose owner may not sign in."""
    user = store.feed_owner(bearer.hash_of(token))
    if user is None or user.disabled:
        return None
    used = store.feed(user.id)
    if used and bearer.is_news(used.used_at, now):
        with suppress(store.NoRoomError), store.transaction():
            store.note_feed_used(user.id, now)
    return user


def calendar(core: Core, now: datetime) -> bytes:
    """The visits that are expected from today on, as an iCalendar file."""
    midnight, _ = core.day_of(now)
    rows = store.appointments_kept(midnight, midnight + HORIZON)
    over = store.appointments_in(_OVER, (row.id for row in rows))
    over |= {row.id for row in rows if row.cancelled}
    language, site = core.settings.board.language, core.settings.site
    title = say(language, "desk.feed_title", name=core.settings.name)
    visits = (_expected(row, language, site, cancelled=row.id in over) for row in rows)
    return written(title, visits, core.settings.zone)


def _expected(row: AppointmentRow, language: Language, site: str, *, cancelled: bool) -> Expected:
    who = " · ".join(filter(None, (row.name, row.organisation)))
    if row.party > 1:
        who = say(language, "desk.name_and_party", name=who, count=row.party)
    lines = {
        "desk.field_category": say(language, f"desk.category_{row.category}"),
        "desk.field_host": row.host,
    }
    return Expected(
        uid=f"appointment-{row.id}@{site}.lobby",
        starts=row.starts,
        ends=row.ends,
        title=who,
        place=row.room,
        says="\n".join(f"{say(language, name)}: {text}" for name, text in lines.items() if text),
        cancelled=cancelled,
    )
