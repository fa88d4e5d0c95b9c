"""A colleague says where they are, from a phone: a secret link, their own line on the board.

Whoever has the link speaks for that person, so it is made at the desk for each one, can be revoked
there, and only its hash is kept.
"""

import secrets
from datetime import datetime

from controller import bearer, days, publishing
from controller.core import Core, Refusal
from models import store
from models.store import NoticeRow, PersonRow
from models.terms import PersonState, Section


def make_link(core: Core, person_id: int, by: str, now: datetime) -> str:
    """The address of a person's page, told this once; an earlier one stops working.

    Raises Refusal: not_found.
    """
    token = secrets.token_urlsafe(24)
    with store.transaction():
        person = store.person(person_id)
        if person is None:
            raise Refusal("not_found")
        store.keep_personal_link(bearer.hash_of(token), person_id, by, now)
        store.record(now, by, "personal_link_made", f"person-{person_id}")
    core.committed("board")
    return f"{core.settings.desk.link_base}/w/{token}"


def revoke_link(core: Core, person_id: int, by: str, now: datetime) -> None:
    """The person's link leads nowhere from now on. Raises Refusal: not_found."""
    with store.transaction():
        if not store.drop_personal_link(person_id):
            raise Refusal("not_found")
        store.record(now, by, "personal_link_revoked", f"person-{person_id}")
    core.committed("board")


def owner(token: str) -> PersonRow | None:
    """Whose link this is; None for one that nobody was given, or that was revoked."""
    link = store.personal_link(bearer.hash_of(token))
    return store.person(link.person_id) if link else None


def line_of(core: Core, person: PersonRow, now: datetime) -> NoticeRow | None:
    """What today's board says of the person: the newest line."""
    shown = (days.shown(n, now, core.settings.zone) for n in store.notices(Section.WHEREABOUTS))
    theirs = [n for n in shown if n and _is_of(n, person)]
    return max(theirs, key=lambda notice: (notice.at, notice.id), default=None)


def say(
    core: Core,
    token: str,
    state: PersonState,
    place: str,
    back: datetime | None,
    now: datetime,
) -> NoticeRow:
    """Put on the board what the person says of themselves, in place of what it said before. It
    holds until they are back; from then on the board calls it unconfirmed.

    Raises Refusal: not_found, ends_before_start, bad_content, section_full.
    """
    with store.transaction():
        person = owner(token)
        if person is None:
            raise Refusal("not_found")
        if back is not None and back <= now:
            raise Refusal("ends_before_start", "back")
        content: dict[str, object] = {
            "department": person.department,
            "name": person.name,
            "state": state,
            "place": place,
            "back": back,
        }
        notice = _put(core, line_of(core, person, now), content, person.name, back, now)
        store.note_personal_link_used(bearer.hash_of(token), now)
    core.committed("board")
    return notice


def _put(
    core: Core,
    old: NoticeRow | None,
    content: dict[str, object],
    by: str,
    back: datetime | None,
    now: datetime,
) -> NoticeRow:
    # A line that comes back on other days is the desk's; its today is told by a line of its own.
    if old is None or old.until_day is not None:
        groups = old.groups if old else ()
        section = Section.WHEREABOUTS
        return publishing.publish(core, section, content, by, now, ends=back, groups=groups)
    return publishing.edit(core, old.id, content, by, now, ends=back, groups=old.groups)


def _is_of(notice: NoticeRow, person: PersonRow) -> bool:
    said = notice.content.get("department")
    return notice.content["name"] == person.name and said in ("", person.department)
