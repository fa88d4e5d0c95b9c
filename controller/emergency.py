"""The one notice that takes whole screens: raised at the desk, and always cleared.

By its end, which every board knows and keeps with the network down; or by the desk, at once, with
`publishing.take_down`.
"""

from datetime import datetime, timedelta

from controller import publishing
from controller.core import Core, Refusal
from models import store
from models.store import NoticeRow
from models.terms import Emergency, Section


def take_over(
    core: Core,
    kind: Emergency,
    text: str,
    lasts: timedelta,
    by: str,
    now: datetime,
    groups: tuple[str, ...] = (),
) -> NoticeRow:
    """Take the screens of all groups, or of some. Where there is one already, the newest is shown.

    Raises Refusal: unknown_group, bad_content (longer than `messages.LONGEST_EMERGENCY`).
    """
    content = {"kind": kind, "text": text}
    ends = now + lasts
    return publishing.publish(core, Section.EMERGENCY, content, by, now, ends=ends, groups=groups)


def extend(core: Core, notice_id: int, lasts: timedelta, by: str, now: datetime) -> NoticeRow:
    """Let it last so long from now. Raises Refusal: not_found once it is over."""
    with store.transaction():
        if notice_id not in {notice.id for notice in standing(core, now)}:
            raise Refusal("not_found")
        old = store.notice(notice_id)
        if old is None:
            raise Refusal("not_found")
        notice = publishing.edit(
            core, notice_id, old.content, by, now, ends=now + lasts, groups=old.groups
        )
    core.committed("board")
    return notice


def standing(core: Core, now: datetime) -> list[NoticeRow]:
    """The emergencies that are not over, the one on the screens last."""
    found = publishing.standing(core, Section.EMERGENCY, now)
    return sorted(found, key=lambda notice: (notice.at, notice.id))
