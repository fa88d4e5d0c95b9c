"""The lobby in Home Assistant, where the operator asks for it: counts, no more names than a board
for passers-by shows, and whether the board is there."""

from datetime import datetime
from importlib.metadata import version

from controller import sections
from controller.core import Core
from models import home, store
from models.messages import HomeState, ReminderRow, VehicleRow, WhereaboutsRow, encode, topic_of
from models.store import GroupRow
from models.terms import Audience, PersonState, Role, Section, VehicleState

_BACK = {PersonState.OUT, PersonState.LEAVE, PersonState.MEETING}


def begin(core: Core, controller: str) -> None:
    """Be found by Home Assistant, or found no more: also under a prefix that it had before."""
    settings = core.settings
    prefix = settings.home_assistant.prefix
    wanted = home.topic(settings.site, prefix) if prefix else ""
    state = topic_of(HomeState, settings.site)
    found = store.retained_like(home.topic(settings.site, "%"))
    stale = [topic for topic in found if topic != wanted]
    if not wanted:
        stale += store.retained_like(state)
    with store.transaction():
        store.queue(home.gone(topic) for topic in stale)
        if wanted:
            said = home.discovery(
                prefix,
                settings.site,
                controller,
                settings.name,
                version("lobby"),
                settings.desk.link_base,
                settings.board.language,
            )
            store.queue([said])


def refresh(core: Core, now: datetime) -> None:
    """Say how things stand, where Home Assistant is told and they have changed."""
    if not core.settings.home_assistant.prefix:
        return
    message = encode(_state(core, now), core.settings.site)
    if message.payload == store.retained(message.topic):
        return
    with store.transaction():
        store.queue([message])
    core.committed()


def _state(core: Core, now: datetime) -> HomeState:
    group = sections.staff_group(core)
    board = core.settings.board.id
    rows = {
        section: sections.snapshot(core, section, group, store.notices(section), now).items
        for section in (Section.VEHICLES, Section.WHEREABOUTS, Section.VISITS)
    }
    passers_by = GroupRow(group.name, Audience.PUBLIC)
    notices = store.notices(Section.REMINDERS)
    reminders = sections.snapshot(core, Section.REMINDERS, passers_by, notices, now).items
    devices = store.devices()
    return HomeState(
        inside=sum(row.inside for row in store.passes_about(now)),
        vehicles=sum(_is_out(row) for row in rows[Section.VEHICLES]),
        whereabouts=sum(row.state in _BACK for row in rows[Section.WHEREABOUTS]),
        visits=len(rows[Section.VISITS]),
        reminders=len(reminders),
        next_return=_next_return(rows[Section.WHEREABOUTS], now),
        notice=_newest(reminders),
        board=any(d.role is Role.BOARD and d.device == board and d.online for d in devices),
    )


def _is_out(row: VehicleRow) -> bool:
    return row.state is VehicleState.OUT


def _next_return(rows: tuple[WhereaboutsRow, ...], now: datetime) -> datetime | None:
    """When somebody is back next; who it is, is nobody's outside."""
    return min((row.back for row in rows if row.back and row.back > now), default=None)


def _newest(rows: tuple[ReminderRow, ...]) -> str | None:
    newest = max(rows, key=lambda row: (row.at, row.id), default=None)
    return newest.text if newest else None
