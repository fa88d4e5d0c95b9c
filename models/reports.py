"""What a week or a month came to (各項報表, the seed's II.7 and II.8). Pure.

Every figure follows from rows alone, and the same rows are given away with the figures, so that
anybody can count again.
"""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.duty import FORMS, Thread
from models.terms import Act, Category, ConfirmStep, Duty, Section, Span, VisitState

TASKS = (Duty.COMPLAINT, Duty.REPAIR)
"""What is seen through in stages and asked about by the week."""
PUBLICATIONS = {"published": "put_up", "restored": "put_up", "edited": "changed"} | {
    "taken_down": "taken_down"
}
"""What is done to a line of the board, as the log of events has it, and what it counts as."""
_NOBODY = ("", "rules", "visitor")
"""Who has decided a visit that did not wait for anybody's word."""
_ALL_BUT_FEW = 0.95


@dataclass(frozen=True)
class Period:
    """The calendar week or month that begins on its `first` day; `last` is in it."""

    span: Span
    first: date
    last: date

    @classmethod
    def around(cls, span: Span, day: date) -> "Period":
        if span is Span.WEEK:
            first = day - timedelta(days=day.weekday())
            return cls(span, first, first + timedelta(days=6))
        first = day.replace(day=1)
        return cls(span, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))

    @property
    def before(self) -> "Period":
        return self.around(self.span, self.first - timedelta(days=1))

    @property
    def after(self) -> "Period":
        return self.around(self.span, self.last + timedelta(days=1))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From when until when, by the office's clock."""
        after = self.last + timedelta(days=1)
        return datetime.combine(self.first, time(), zone), datetime.combine(after, time(), zone)


# --- rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visited:
    """One registration. A name that was forgotten stays so."""

    id: int
    at: datetime
    category: Category
    name: str
    organisation: str
    host: str
    party: int
    state: VisitState
    decided_at: datetime | None
    decided_by: str

    @property
    def waited(self) -> timedelta | None:
        """Until somebody decided; None where nobody had to, or the visitor did not wait for it."""
        if self.decided_at is None or self.decided_by in _NOBODY:
            return None
        return _since(self.at, self.decided_at)


@dataclass(frozen=True)
class Step:
    """Somebody was asked to confirm a visit."""

    visit_id: int
    step: ConfirmStep
    who: str
    asked_at: datetime
    answered_at: datetime | None

    @property
    def took(self) -> timedelta | None:
        return _since(self.asked_at, self.answered_at) if self.answered_at else None


def _since(start: datetime, end: datetime) -> timedelta:
    """Nothing takes less than no time, not even while a clock was put back."""
    return max(end - start, timedelta(0))


@dataclass(frozen=True)
class Publication:
    """Something was done to a line of the board; `what` is a key of PUBLICATIONS."""

    at: datetime
    by: str
    what: str
    section: Section
    notice_id: int


@dataclass(frozen=True)
class Rows:
    """What a report is made of: visits of the period with their steps, publications of it, and the
    threads of TASKS that were open in it at any time."""

    visits: Sequence[Visited]
    steps: Sequence[Step]
    threads: Sequence[Thread]
    publications: Sequence[Publication]

    def __bool__(self) -> bool:
        return bool(self.visits or self.threads or self.publications)


def with_the_desks_word(visits: Iterable[Visited], steps: Iterable[Step]) -> list[Step]:
    """The desk, which is asked last, answers by deciding: its step is answered then, unless one of
    those asked before has settled it."""
    by_id = {visit.id: visit for visit in visits}
    found = list(steps)
    settled = {step.visit_id for step in found if step.answered_at}
    return [
        Step(step.visit_id, step.step, step.who, step.asked_at, by_id[step.visit_id].decided_at)
        if step.step is ConfirmStep.DESK
        and step.visit_id not in settled
        and by_id[step.visit_id].waited is not None
        else step
        for step in found
    ]


def closed_at(thread: Thread) -> datetime | None:
    """When its last stage was taken; None while one is to come."""
    return None if thread.next else thread.stages[-1].at


def is_open_in(thread: Thread, start: datetime, end: datetime) -> bool:
    """Was it recorded before `end` and still to be seen to at `start`? What was recorded by mistake
    never was."""
    if thread.is_void(thread.first) or thread.first.at >= end:
        return False
    closed = closed_at(thread)
    return closed is None or closed >= start


# --- figures ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Took:
    """How long something took, `count` times: half of them no longer than `median`, and 95 in a
    hundred no longer than `most` (by nearest rank). None where there was none."""

    count: int
    median: timedelta | None
    most: timedelta | None


@dataclass(frozen=True)
class Day:
    visits: int
    people: int
    complaints: int
    repairs: int
    publications: int


@dataclass(frozen=True)
class Came:
    """Visits of a category, and their people; `waiting` are those that still do."""

    visits: int
    people: int
    admitted: int
    refused: int
    withdrawn: int
    waiting: int


@dataclass(frozen=True)
class Confirmed:
    """How often somebody was asked, and how long those took who answered."""

    asked: int
    took: Took


@dataclass(frozen=True)
class Handled:
    """What was still open from before, what was recorded and closed, what is left open at the end:
    `before` + `recorded` - `closed` = `left`. `took`: what was closed, from its first entry on."""

    before: int
    recorded: int
    closed: int
    left: int
    took: Took


@dataclass(frozen=True)
class Put:
    put_up: int
    changed: int
    taken_down: int


@dataclass(frozen=True)
class Figures:
    days: dict[date, Day]
    categories: dict[Category, Came]
    waiting: Took
    steps: dict[ConfirmStep, Confirmed]
    tasks: dict[Duty, Handled]
    stages: dict[tuple[Duty, Act], Took]
    publications: dict[Section, Put]


def took(spans: Iterable[timedelta | None]) -> Took:
    known = sorted(span for span in spans if span is not None)
    if not known:
        return Took(0, None, None)
    most = known[math.ceil(_ALL_BUT_FEW * len(known)) - 1]
    median = timedelta(seconds=statistics.median(span.total_seconds() for span in known))
    return Took(len(known), median, most)


def figures(period: Period, zone: ZoneInfo, rows: Rows) -> Figures:
    """What the rows come to."""
    counting = _Counting(period, zone, rows)
    return Figures(
        days=counting.days,
        categories={one: _came(rows.visits, one) for one in Category},
        waiting=took(visit.waited for visit in rows.visits),
        steps={one: _confirmed(rows.steps, one) for one in ConfirmStep},
        tasks={kind: counting.handled(kind) for kind in TASKS},
        stages={
            (kind, stage.act): counting.stage(kind, stage.act)
            for kind in TASKS
            for stage in FORMS[kind].stages
        },
        publications={section: _put(rows.publications, section) for section in Section},
    )


@dataclass(frozen=True)
class _Counting:
    """What is counted by the clock: on which day, and before or after which end."""

    period: Period
    zone: ZoneInfo
    rows: Rows

    def _is_within(self, moment: datetime | None) -> bool:
        start, end = self.period.moments(self.zone)
        return moment is not None and start <= moment < end

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    @property
    def days(self) -> dict[date, Day]:
        visits = Counter(self._day(visit.at) for visit in self.rows.visits)
        people: Counter[date] = Counter()
        for visit in self.rows.visits:
            people[self._day(visit.at)] += visit.party
        tasks = Counter((one.first.kind, self._day(one.first.at)) for one in self.rows.threads)
        publications = Counter(self._day(one.at) for one in self.rows.publications)
        return {
            day: Day(
                visits=visits[day],
                people=people[day],
                complaints=tasks[Duty.COMPLAINT, day],
                repairs=tasks[Duty.REPAIR, day],
                publications=publications[day],
            )
            for day in self.period.days
        }

    def handled(self, kind: Duty) -> Handled:
        mine = [thread for thread in self.rows.threads if thread.first.kind is kind]
        recorded = sum(self._is_within(thread.first.at) for thread in mine)
        closed = [thread for thread in mine if self._is_within(closed_at(thread))]
        return Handled(
            before=len(mine) - recorded,
            recorded=recorded,
            closed=len(closed),
            left=len(mine) - len(closed),
            took=took(thread.took_in_all for thread in closed),
        )

    def stage(self, kind: Duty, act: Act) -> Took:
        """How long one stage took that was taken in the period."""
        return took(
            thread.took(entry)
            for thread in self.rows.threads
            if thread.first.kind is kind
            for entry in thread.stages
            if entry.act is act and self._is_within(entry.at)
        )


def _came(visits: Iterable[Visited], category: Category) -> Came:
    mine = [visit for visit in visits if visit.category is category]
    states = [visit.state for visit in mine]
    return Came(
        visits=len(mine),
        people=sum(visit.party for visit in mine),
        admitted=states.count(VisitState.ADMITTED),
        refused=states.count(VisitState.REFUSED),
        withdrawn=states.count(VisitState.WITHDRAWN),
        waiting=states.count(VisitState.WAITING),
    )


def _confirmed(steps: Iterable[Step], step: ConfirmStep) -> Confirmed:
    mine = [one for one in steps if one.step is step]
    return Confirmed(len(mine), took(one.took for one in mine))


def _put(publications: Iterable[Publication], section: Section) -> Put:
    counted = [PUBLICATIONS[one.what] for one in publications if one.section is section]
    return Put(*(counted.count(what) for what in ("put_up", "changed", "taken_down")))
