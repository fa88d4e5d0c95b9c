"""Whoever the policy says is told of a visit is told (the seed's 4.1 to 4.5, 4.7 and VI).

By a message where somebody of them can be reached by one, else the desk's list says so and a clerk
ticks it. Whom the confirmation asks is told by that, and the clerk on duty by the page itself.
"""

from datetime import datetime

from controller.core import Core, Refusal
from controller.notifying import Delivered, Letter, Notifier
from models import confirming, store
from models.store import PersonRow, TellingRow, VisitRow
from models.terms import About, Admission, Category, Channel, VisitState
from models.words import say

HR, GUARD, CLERK, HOST, DEPARTMENT = "hr", "guard", "clerk", "host", "department"
_OWN_LIST = {HR, GUARD, CLERK}
"""Whom the desk's material, the guard's own page and the list of overdue passes remind of."""
_MOST = 5
"""People of one department who get a message. More would each think that another sees to it."""


def follow(core: Core, visit: VisitRow, by: str, now: datetime) -> None:
    """Tell whom the rules name as the visit now stands, each once; in the caller's transaction."""
    if visit.state is VisitState.WITHDRAWN:
        return
    for role in visit.told:
        # The personnel department is told of what has been left, not of what may be.
        if role != HR:
            tell(core, visit, role, by, now)


def tell(core: Core, visit: VisitRow, role: str, by: str, now: datetime) -> None:
    """Tell one role of a visit, once; in the caller's transaction."""
    asked = visit.admission is Admission.CONFIRM and role in (HOST, DEPARTMENT)
    if asked or role == CLERK:
        return
    known = store.tellings_of(visit.id)
    if any(row.role == role for row in known):
        return
    people = _people(core, visit, role)
    if people is None:
        return
    reached = [person for person in people if person.channels][:_MOST]
    done = {row.person_id for row in known}
    fresh = [person for person in reached if person.id not in done]
    if reached and not fresh:
        return
    _add(visit, role, people, fresh, now)
    store.record(now, by, "to_be_told", visit.number, role=role, messages=len(fresh))


def tell_overdue(core: Core, visit: VisitRow, now: datetime) -> None:
    """Tell the host side and the desk that a visit outstays its passes; in the caller's
    transaction, and once for each time."""
    store.add_telling(visit.id, CLERK, None, Channel.NONE, now, About.OVERDUE)
    people = _people(core, visit, HOST)
    if people is None:
        return
    reached = [person for person in people if person.channels][:_MOST]
    _add(visit, HOST, people, reached, now, About.OVERDUE)


def _add(
    visit: VisitRow,
    role: str,
    people: list[PersonRow],
    reached: list[PersonRow],
    now: datetime,
    about: About = About.VISIT,
) -> None:
    """A message for each who is reached by one; where nobody of them is, a line for the desk."""
    for person in reached:
        store.add_telling(visit.id, role, person.id, Channel.PENDING, now, about)
    if not any(person.channels for person in people):
        whom = people[0].id if role == HOST and people else None
        store.add_telling(visit.id, role, whom, Channel.NONE, now, about)


def _people(core: Core, visit: VisitRow, role: str) -> list[PersonRow] | None:
    """The people of a role; None where the visit names none."""
    if role == HOST and visit.host_id and (host := store.person(visit.host_id)):
        return [host]
    if role in (HOST, DEPARTMENT):
        department = visit.department
    else:
        department = core.policy.departments.get(role, role)
    return store.people_of(department) if department else None


def send(core: Core, notifier: Notifier, now: datetime) -> None:
    """Hand over what is to be sent; give up on what has been on its way for too long."""
    for row in store.pending_tellings():
        if row.is_stuck(now, confirming.SENDING):
            with store.transaction():
                _failed(row, "timeout", now)
            core.committed("visits")
        elif not notifier.has(row.id, "told"):
            notifier.send(_letter(core, row, now))


def delivered(core: Core, message: Delivered, now: datetime) -> None:
    """What became of a message. A late success is still one."""
    with store.transaction():
        row = store.telling(message.id)
        if row is None:
            return
        if not message.reason:
            store.change_telling(row.id, channel=Channel.SENT, reason="", told_at=now, told_by="")
            if row.role == HR:
                _tick_material(row, now)
            store.record(now, "notifier", "told", row.number, role=row.role)
        elif row.channel is Channel.PENDING:
            _failed(row, message.reason, now)
    core.committed("visits")


def _failed(row: TellingRow, reason: str, now: datetime) -> None:
    store.change_telling(row.id, channel=Channel.FAILED, reason=reason)
    store.record(now, "notifier", "telling_failed", row.number, role=row.role, reason=reason)


def _tick_material(row: TellingRow, now: datetime) -> None:
    left = store.material_of_visit(row.visit_id)
    if left is not None and left.told_at is None:
        store.change_material(left.id, told_at=now, told_by=row.who)


def _letter(core: Core, row: TellingRow, now: datetime) -> Letter:
    visit = store.visit(row.visit_id)
    person = store.person(row.person_id) if row.person_id else None
    if visit is None or person is None:
        return Letter(row.id, (), "", "", "told")
    if row.about is About.OVERDUE:
        return _overdue_letter(core, row, visit, person, now)
    language = core.settings.board.language
    standing = _standing(core, visit)
    body = say(language, "desk.tell_body", standing=standing, **particulars(core, visit))
    title = say(language, "desk.tell_title", name=visit.name)
    return Letter(row.id, person.channels, title, body, "told")


def _overdue_letter(
    core: Core, row: TellingRow, visit: VisitRow, person: PersonRow, now: datetime
) -> Letter:
    language = core.settings.board.language
    late = [one for one in store.passes_of_visit(visit.id) if one.overdue(now)]
    ends = {f"{core.local(one.valid_until):%H:%M}" for one in late}
    body = say(
        language,
        "desk.tell_overdue_body",
        visitor=" · ".join(part for part in (visit.name, visit.organisation) if part),
        numbers=" ".join(one.number for one in late),
        until=max(ends, default=""),
        place=visit.destination or visit.host,
    )
    title = say(language, "desk.tell_overdue_title", name=visit.name)
    return Letter(row.id, person.channels, title, body, "told")


def particulars(core: Core, visit: VisitRow) -> dict[str, str]:
    """Who comes (`visitor`), for what (`purpose`), to whom (`host`), as every message says it."""
    language = core.settings.board.language
    count = say(language, "desk.people", count=visit.party)
    return {
        "visitor": " · ".join(part for part in (visit.name, visit.organisation, count) if part),
        "purpose": say(language, f"desk.purpose_{visit.purpose}"),
        "host": visit.host or core.settings.name,
    }


def _standing(core: Core, visit: VisitRow) -> str:
    language, desk = core.settings.board.language, core.settings.board.place
    if left := store.material_of_visit(visit.id):
        return say(language, "desk.tell_material", number=left.number)
    if visit.state is VisitState.ADMITTED:
        return say(language, "desk.tell_admitted", place=visit.destination or desk)
    if visit.state is VisitState.REFUSED:
        turned_away = visit.category is Category.TURNED_AWAY
        return say(language, f"desk.tell_{'turned_away' if turned_away else 'refused'}", place=desk)
    return say(language, "desk.tell_waiting", place=visit.wait_at or desk)


# --- at the desk --------------------------------------------------------------------------------


def by_word(core: Core, now: datetime) -> list[TellingRow]:
    """Whom the desk is to tell today by word of mouth."""
    rows = store.tellings_by_word(*core.day_of(now))
    return [row for row in rows if row.role not in _OWN_LIST]


def done(core: Core, telling_id: int, by: str, now: datetime) -> TellingRow:
    """The clerk has told them. A repeat changes nothing. Raises Refusal: not_found."""
    with store.transaction():
        row = store.telling(telling_id)
        if row is None:
            raise Refusal("not_found")
        if row.told_at is None:
            store.change_telling(row.id, told_at=now, told_by=by)
            store.record(now, by, "told", row.number, role=row.role)
            row = store.telling(telling_id) or row
    core.committed("visits")
    return row
