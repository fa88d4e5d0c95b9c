"""What the page of reports shows and gives away (各項報表, the seed's II.7, II.8), in words:
figures, plots, and the rows behind them."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from markupsafe import Markup

from controller import duty
from controller.core import Core
from controller.spreadsheets import Cell, Table
from controller.web.logbook import day_in
from controller.web.plots import bars, columns, shown
from controller.web.view import View
from models import reports, store
from models.duty import FORMS, Thread
from models.reports import TASKS, Came, Day, Figures, Period, Put, Rows
from models.terms import Act, Category, ConfirmStep, Duty, Section, Span, visit_number

ASKS = ("span", "day")
"""What a link to a report can say."""
FIGURES = ("days", "categories", "times", "tasks", "stages", "publications")
"""The tables of figures, in the order of the page."""
_PLOTTED = {
    "days": (2, (2,)),
    "categories": (1, (1,)),
    "times": (1, (3, 4)),
    "tasks": (1, (1, 2, 3, 4)),
    "stages": (2, (3, 4)),
    "publications": (1, (1, 2, 3)),
}
"""Of each: how many columns name a row, and which are drawn."""
_SUMMED = ("days", "categories", "publications")
BEHIND = ("visits", "steps", "threads", "lines")
"""The tables of rows that they were counted from."""


def page(core: Core, now: datetime, span: str = "", day: str = "") -> dict[str, Any]:
    """A week or month; what makes no sense, or is still to come, is taken for this one."""
    return {
        "period": asked_period(core, now, span, day),
        "today": core.local(now).date(),
        "spans": list(Span),
        "report_of": partial(Report, core),
        "figures": FIGURES,
        "behind": BEHIND,
        "settings": core.settings,
        "shown": shown,
    }


def asked_period(core: Core, now: datetime, span: str = "", day: str = "") -> Period:
    today = core.local(now).date()
    asked = day_in(day) or today
    wanted = Span(span) if span in set(Span) else Span.WEEK
    return Period.around(wanted, min(asked, today))


def rows_of(core: Core, period: Period) -> Rows:
    """What a report is made of."""
    within = period.moments(core.settings.zone)
    visits = store.visits_between(*within)
    return Rows(
        visits=visits,
        steps=reports.with_the_desks_word(visits, store.steps_between(*within)),
        threads=[
            thread
            for thread in store.threads_open_between(TASKS, *within)
            if reports.is_open_in(thread, *within)
        ],
        publications=store.publications_between(*within),
    )


@dataclass(frozen=True)
class Report:
    """A period's rows and figures, in the words of a view."""

    core: Core
    view: View
    period: Period

    @cached_property
    def rows(self) -> Rows:
        return rows_of(self.core, self.period)

    @cached_property
    def figures(self) -> Figures:
        return reports.figures(self.period, self.core.settings.zone, self.rows)

    @property
    def title(self) -> str:
        first, last = self.period.first, self.period.last
        places = {"year": first.year, "month": f"{first:%m}", "first": first, "last": last}
        return self.view.report(f"title_{self.period.span}", **places)

    @property
    def goes_on(self) -> bool:
        """The period is not over."""
        return self.view.now < self.period.moments(self.core.settings.zone)[1]

    def table(self, name: str) -> Table:
        """One of FIGURES or BEHIND."""
        names, found = _TABLES[name](self)
        title = self.view.report(f"table_{name}")
        return Table(name, title, tuple(map(self.view.report, names)), found)

    def sums(self, table: Table) -> list[Cell]:
        """What the columns of a table of counts come to; nothing for any other."""
        counted = [list(column) for column in zip(*table.rows, strict=True)]
        if table.name not in _SUMMED:
            return []
        return [sum(cells) if isinstance(cells[0], int) else "" for cells in counted]

    def plot(self, table: Table) -> Markup:
        """The picture beside a table of FIGURES: of the same cells."""
        if table.name == "days":
            days = self.figures.days.items()
            return columns(table.title, [(str(day.day), of.visits) for day, of in days])
        named, shown = _PLOTTED[table.name]
        groups = [
            (" · ".join(map(str, row[:named])), [row[column] for column in shown])
            for row in table.rows
        ]
        return bars(table.title, groups)

    def legend(self, table: Table) -> list[str]:
        """What the shades of its picture mean, in their order."""
        return [table.columns[column] for column in _PLOTTED[table.name][1]]

    # --- words ----------------------------------------------------------------------------------

    def category(self, category: Category) -> str:
        return self.view.t(f"category_{category}")

    def kind(self, kind: Duty) -> str:
        return self.view.duty(f"kind_{kind}")

    def step(self, step: ConfirmStep) -> str:
        return self.view.report(f"step_{step}")

    def section(self, section: Section) -> str:
        if section is Section.EMERGENCY:
            return self.view.report("section_emergency")
        return self.view.t(f"section_{section}")

    def local(self, moment: datetime | None) -> datetime | None:
        return self.core.local(moment) if moment else None


# --- figures --------------------------------------------------------------------------------------

_Found = tuple[tuple[str, ...], list[tuple[Cell, ...]]]
"""The names of the words of some columns, and what stands in them."""


def _days(report: Report) -> _Found:
    found = report.figures.days.items()
    return ("day", "weekday", *Day.__dataclass_fields__), [
        (day, report.view.t(f"day_{day.weekday()}"), *astuple(of)) for day, of in found
    ]


def _categories(report: Report) -> _Found:
    found = report.figures.categories.items()
    return ("category", *Came.__dataclass_fields__), [
        (report.category(category), *astuple(of)) for category, of in found
    ]


def _times(report: Report) -> _Found:
    waiting, steps = report.figures.waiting, report.figures.steps
    return ("what", "asked", "answered", "median", "most"), [
        (report.view.report("waited"), len(report.rows.visits), *astuple(waiting)),
        *((report.step(step), of.asked, *astuple(of.took)) for step, of in steps.items()),
    ]


def _tasks(report: Report) -> _Found:
    found = report.figures.tasks.items()
    return ("kind", "before", "recorded", "closed", "left", "median", "most"), [
        (
            report.kind(kind),
            of.before,
            of.recorded,
            of.closed,
            of.left,
            of.took.median,
            of.took.most,
        )
        for kind, of in found
    ]


def _stages(report: Report) -> _Found:
    found = report.figures.stages.items()
    return ("kind", "stage", "times", "median", "most"), [
        (report.kind(kind), report.view.duty(f"act_{act}"), *astuple(took))
        for (kind, act), took in found
    ]


def _publications(report: Report) -> _Found:
    found = report.figures.publications.items()
    return ("section", *Put.__dataclass_fields__), [
        (report.section(section), *astuple(of)) for section, of in found
    ]


# --- the rows behind them -------------------------------------------------------------------------


def _visits(report: Report) -> _Found:
    names = (
        "number", "registered_at", "category", "name", "organisation", "host", "people",
        "state", "decided_at", "decided_by", "waited",
    )  # fmt: skip
    return names, [
        (
            visit_number(one.id),
            report.local(one.at),
            report.category(one.category),
            one.name,
            one.organisation,
            one.host,
            one.party,
            report.view.report(f"state_{one.state}"),
            report.local(one.decided_at),
            report.view.report(f"by_{one.decided_by}")
            if one.decided_by in ("rules", "visitor")
            else one.decided_by,
            one.waited,
        )
        for one in report.rows.visits
    ]


def _steps(report: Report) -> _Found:
    names = ("number", "step", "host", "asked_at", "answered_at", "took")
    return names, [
        (
            visit_number(one.visit_id),
            report.step(one.step),
            one.who,
            report.local(one.asked_at),
            report.local(one.answered_at),
            one.took,
        )
        for one in report.rows.steps
    ]


def _threads(report: Report) -> _Found:
    acts = list(dict.fromkeys(stage.act for kind in TASKS for stage in FORMS[kind].stages))
    names = ("entry", "kind", "recorded_at", "by", "said", *(f"at_{act}" for act in acts))
    return (*names, "took"), [
        (
            thread.first.id,
            report.kind(thread.first.kind),
            report.local(thread.first.at),
            thread.first.by,
            _said(report, thread),
            *(report.local(_taken(thread, act)) for act in acts),
            thread.took_in_all if reports.closed_at(thread) else None,
        )
        for thread in report.rows.threads
    ]


def _said(report: Report, thread: Thread) -> str:
    if thread.first.personal is None:
        return report.view.duty("forgotten")
    asks = duty.asked_of(thread, thread.first)
    return report.view.log_fields(asks, thread.said(thread.first))


def _taken(thread: Thread, act: Act) -> datetime | None:
    return next((entry.at for entry in thread.stages if entry.act is act), None)


def _lines(report: Report) -> _Found:
    names = ("at", "by", "done", "section", "line")
    return names, [
        (
            report.local(one.at),
            one.by,
            report.view.report(reports.PUBLICATIONS[one.what]),
            report.section(one.section),
            one.notice_id,
        )
        for one in report.rows.publications
    ]


_TABLES: Mapping[str, Callable[[Report], _Found]] = {
    "days": _days,
    "categories": _categories,
    "times": _times,
    "tasks": _tasks,
    "stages": _stages,
    "publications": _publications,
    "visits": _visits,
    "steps": _steps,
    "threads": _threads,
    "lines": _lines,
}
