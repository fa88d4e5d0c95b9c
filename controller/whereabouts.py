"""Who is out, as the board says: a host who is out is not asked, and the kiosk says so."""

from dataclasses import dataclass
from datetime import datetime

from controller import days
from controller.core import Core
from models import store
from models.store import NoticeRow
from models.terms import PersonState, Section

_AWAY = {PersonState.OUT, PersonState.LEAVE}


@dataclass(frozen=True)
class Away:
    """Where somebody is instead, and until when if that was said."""

    state: PersonState
    back: datetime | None


def away_now(core: Core, now: datetime) -> dict[int, Away]:
    """Everybody whom today's board says to be out, by the person's id. The newest line counts; a
    meeting only while it is said to last, and nobody is out after the time of coming back."""
    found: dict[tuple[str, str], Away] = {}
    for kept in store.notices(Section.WHEREABOUTS):
        if (notice := days.shown(kept, now, core.settings.zone)) is None:
            continue
        key = (notice.content.get("department", ""), notice.content["name"])
        found.pop(key, None)
        if away := _away(notice, now):
            found[key] = away
    return {
        person.id: found[key]
        for person in store.people()
        if (key := (person.department, person.name)) in found
    }


def _away(notice: NoticeRow, now: datetime) -> Away | None:
    if notice.ends is not None and notice.ends <= now:
        return None  # unconfirmed by now: not to be relied on
    state = PersonState(notice.content["state"])
    said = notice.content.get("back")
    back = datetime.fromisoformat(said) if said else None
    lasting = back is not None and back > now
    if state in _AWAY and (back is None or lasting):
        return Away(state, back)
    return Away(state, back) if state is PersonState.MEETING and lasting else None
