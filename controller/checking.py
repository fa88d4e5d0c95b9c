"""What the desk is told before it publishes: conflicts, and what a board could not show well.

A finding that `asks` is worth a second look, and the desk may publish anyway; the others are only
said.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from controller import days, previewing, publishing, sections
from controller.core import Core
from models import store
from models.display import measure
from models.display.layout import Layout, Placed, fill
from models.display.theme import Metrics
from models.display.view import PanelView
from models.glass import font_for
from models.store import AppointmentRow, NoticeRow
from models.terms import PersonState, Section, VehicleState

_SAME_TRIP = timedelta(hours=1)
"""Between two departures of one car: within that it cannot have come back."""
_AWAY = {PersonState.OUT, PersonState.LEAVE}
_FIELD = {"time": {Section.VEHICLES: "departs", Section.VISITS: "starts"}}


@dataclass(frozen=True)
class Finding:
    """One thing to know. Its words are `desk.warn_<code>`, filled with `places` and the name of the
    field called `name`."""

    code: str
    name: str = ""
    asks: bool = True
    places: Mapping[str, object] = field(default_factory=dict)


def look(core: Core, line: NoticeRow, now: datetime) -> list[Finding]:
    """Everything worth knowing of a line before it is published. A line that is being changed has
    its own id, a new one `previewing.NEW`."""
    held = days.on(line, core.local(previewing.first_moment(core, line, now)).date(),
                   core.settings.zone) or line  # fmt: skip
    found = [*_conflicts(core, held, now), *_glyphs(core, line)]
    if core.settings.fonts.is_dir() and line.section is not Section.EMERGENCY:
        found += _legibility(core, line, now)
    return found


# --- conflicts -----------------------------------------------------------------------------------


def _conflicts(core: Core, line: NoticeRow, now: datetime) -> Iterator[Finding]:
    others = [
        other
        for kept in publishing.standing(core, line.section, now)
        if kept.id != line.id and not kept.draft
        if (other := days.on(kept, line.day, core.settings.zone)) and _overlap(other, line)
    ]
    match line.section:
        case Section.VEHICLES:
            yield from _cars(core, line, others)
        case Section.WHEREABOUTS:
            yield from _two_places(line, others)
            yield from _expected_by(core, line, now)
        case Section.VISITS:
            yield from _host_away(core, line, now)


def _overlap(one: NoticeRow, other: NoticeRow) -> bool:
    """Are two lines of a day on the board at the same time?"""
    begins = [line.starts for line in (one, other) if line.starts]
    ends = [line.ends for line in (one, other) if line.ends]
    return not begins or not ends or max(begins) < min(ends)


def _cars(core: Core, line: NoticeRow, others: list[NoticeRow]) -> Iterator[Finding]:
    for other in others:
        if not _same_time(line, other):
            continue
        for name in ("plate", "driver"):
            who = line.content.get(name)
            if who and who == other.content.get(name):
                when = core.local(datetime.fromisoformat(other.content["departs"]))
                places = {"who": who, "when": f"{when:%H:%M}", "to": other.content["to"]}
                yield Finding(f"{name}_twice", name, places=places)


def _same_time(one: NoticeRow, other: NoticeRow) -> bool:
    states = {one.content["state"], other.content["state"]}
    if VehicleState.BACK in states:
        return False
    first, second = (datetime.fromisoformat(line.content["departs"]) for line in (one, other))
    return states == {VehicleState.OUT} or abs(first - second) < _SAME_TRIP


def _two_places(line: NoticeRow, others: list[NoticeRow]) -> Iterator[Finding]:
    for other in others:
        if _is(other.content, line.content["name"], line.content["department"]):
            yield Finding("person_twice", "name", places={"who": line.content["name"]})
            return


def _expected_by(core: Core, line: NoticeRow, now: datetime) -> Iterator[Finding]:
    """Somebody goes out whom a visitor is to meet."""
    if PersonState(line.content["state"]) not in _AWAY:
        return
    since = max(now, line.starts or now)
    said = line.content.get("back")
    until = datetime.fromisoformat(said) if said else None
    for visit in _appointments(core, line):
        away = visit.starts >= since and (until is None or visit.starts < until)
        if away and _is_host(line.content, visit):
            yield _away(core, visit)


def _host_away(core: Core, line: NoticeRow, now: datetime) -> Iterator[Finding]:
    """A visit is announced whose host is out then."""
    out = [
        where.content
        for kept in publishing.standing(core, Section.WHEREABOUTS, now)
        if (where := days.on(kept, line.day, core.settings.zone)) and not kept.draft
    ]
    for visit in _appointments(core, line):
        named = line.content["delegation"] in (visit.organisation, visit.name)
        if named and any(_out_at(content, visit) for content in out):
            yield _away(core, visit)


def _out_at(content: dict[str, Any], visit: AppointmentRow) -> bool:
    back = datetime.fromisoformat(content["back"]) if content.get("back") else None
    absent = PersonState(content["state"]) in _AWAY and (back is None or back > visit.starts)
    return absent and _is_host(content, visit)


def _appointments(core: Core, line: NoticeRow) -> list[AppointmentRow]:
    noon = datetime.combine(line.day, datetime.min.time(), core.settings.zone)
    return store.appointments(*core.day_of(noon))


def _is(content: dict[str, object], name: str, department: str) -> bool:
    """Is this line about that person? A department that nobody wrote tells nobody apart."""
    said = content.get("department")
    return content["name"] == name and (not said or not department or said == department)


def _is_host(content: dict[str, Any], visit: AppointmentRow) -> bool:
    host = store.person(visit.host_id) if visit.host_id else None
    return host is not None and _is(content, host.name, host.department)


def _away(core: Core, visit: AppointmentRow) -> Finding:
    places = {
        "who": visit.host,
        "when": f"{core.local(visit.starts):%H:%M}",
        "guest": visit.organisation or visit.name,
    }
    return Finding("host_away", places=places)


# --- legibility ----------------------------------------------------------------------------------


def _glyphs(core: Core, line: NoticeRow) -> Iterator[Finding]:
    font = core.settings.fonts / f"{font_for(core.settings.board.language)}-Regular.otf"
    if not font.exists():
        return
    for name, text in line.content.items():
        if isinstance(text, str) and (lacking := measure.missing(font, text)):
            yield Finding("glyphs", name, places={"characters": " ".join(lacking)})


def _legibility(core: Core, line: NoticeRow, now: datetime) -> list[Finding]:
    """How the line stands on a screen of either shape, read by the staff: nothing is longer."""
    everywhere = replace(line, groups=())
    group = sections.staff_group(core)
    view = previewing.drawn(core, group, now, everywhere, [line.section])
    panel = next(panel for panel in view.panels if panel.section is line.section)
    found: list[Finding] = []
    for size in (previewing.LANDSCAPE, previewing.PORTRAIT):
        metrics = Metrics(*size)
        layout = fill(panel, metrics, previewing.measures(core)(metrics.type.body, False))
        row = next((row for row in layout.rows if row.line.id == line.id), None)
        if row is not None:
            found += _judge(panel, layout, row)
    return list({(f.code, f.name): f for f in found}.values())


def _judge(panel: PanelView, layout: Layout, row: Placed) -> Iterator[Finding]:
    for slot, cell in zip(layout.slots, row.cells, strict=True):
        name = _FIELD.get(slot.column.name, {}).get(panel.section, slot.column.name)
        if cell.text.endswith("…") and not row.line.cells[slot.index].endswith("…"):
            yield Finding("cut", name)
        elif cell.is_tall:
            yield Finding("two_lines", name, asks=False)
    if len(layout.pages) > 1:
        yield Finding("pages", asks=False, places={"pages": len(layout.pages)})
