"""What the boards of a group would show with a line published: by the board's own code.

The state is built as messages would build it, so that what was just published is in front, a page
splits where it will split, and a public group is seen as the public sees it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from controller import days, sections
from controller.core import Core
from models import store
from models.display import measure
from models.display.picture import picture
from models.display.state import BoardState, receive, restored
from models.display.theme import Metrics
from models.display.view import Look, View, view
from models.glass import font_for
from models.messages import Canary, Snapshot
from models.store import GroupRow, NoticeRow, SectionRow
from models.terms import Section
from models.typeset import Measure

LANDSCAPE, PORTRAIT = (1920, 1080), (1080, 1920)
NEW = 2**53
"""The id of a line that is not kept yet."""
_TICK = 1000.0
_A_WEEK = 8


def preview(
    core: Core,
    group: GroupRow,
    size: tuple[int, int],
    now: datetime,
    draft: NoticeRow | None = None,
    turns: int = 0,
) -> str:
    """An SVG of a board of this group after `turns` turns of the page; with a draft, at the moment
    from which that would be shown."""
    dwell = core.settings.board.page_seconds
    seen, tick = drawn(core, group, now, draft), _TICK + turns * dwell
    metrics, language = Metrics(*size), core.settings.board.language
    return picture(seen, metrics, measures(core), language, tick, dwell)


def drawn(
    core: Core,
    group: GroupRow,
    now: datetime,
    draft: NoticeRow | None = None,
    which: Iterable[Section] = Section,
) -> View:
    """What such a board says, in `which` of its sections."""
    moment = first_moment(core, draft, now) if draft else now
    board = core.settings.board
    look = Look(board.language, board.place, board.stale_seconds, core.local(moment), _TICK)
    return view(state_of(core, group, moment, draft, which), look)


def first_moment(core: Core, line: NoticeRow, now: datetime) -> datetime:
    """The first moment at which a line would be shown."""
    zone, today = core.settings.zone, core.local(now).date()
    first = max(line.day, today)
    for day in (first + timedelta(days=n) for n in range(_A_WEEK)):
        if held := days.on(line, day, zone):
            midnight = datetime.combine(day, time(), zone)
            return max(now, midnight, held.starts or midnight)
    return now


def state_of(
    core: Core,
    group: GroupRow,
    moment: datetime,
    draft: NoticeRow | None = None,
    which: Iterable[Section] = Section,
) -> BoardState:
    """What such a board would know of `which` sections."""
    published = store.sections(group.name)
    held = [
        _as_published(core, group, published[section], moment)
        for section in which
        if section in published
    ]
    state = restored(group.name, held, _TICK)
    canary = Canary(epoch=store.epoch(), seq=1, at=moment)
    state = receive(state, canary, _TICK)
    if draft is None:
        return state
    line = replace(draft, draft=False)
    notices = [n for n in store.notices(line.section) if n.id != line.id] + [line]
    notices.sort(key=lambda notice: notice.id)
    news = sections.snapshot(core, line.section, group, notices, moment)
    return receive(state, news.model_copy(update={"rev": 2}), _TICK)


def measures(core: Core) -> Callable[[int, bool], Measure]:
    """The measures of the boards' language, by size and weight."""
    face = font_for(core.settings.board.language)

    def measured(size: int, bold: bool) -> Measure:
        weight = "Bold" if bold else "Regular"
        return measure.ruler(core.settings.fonts / f"{face}-{weight}.otf", size)

    return measured


def _as_published(core: Core, group: GroupRow, last: SectionRow, moment: datetime) -> Snapshot[Any]:
    notices = store.notices(last.section)
    snapshot = sections.snapshot(core, last.section, group, notices, moment)
    # Nothing of that day yet: the board goes by the day that was published last.
    return snapshot if snapshot.items else snapshot.model_copy(update={"day": last.day})
