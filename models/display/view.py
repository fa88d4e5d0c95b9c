"""The board's state as plain texts and colours, ready to draw. Pure.

Nothing here knows of pixels: which rows there are and what they say is decided here, where they
stand is decided in `layout`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models import words
from models.display.state import BoardState, Held, is_live
from models.display.theme import Tone
from models.messages import EmergencyRow, ReminderRow, Row, VehicleRow, VisitRow, WhereaboutsRow
from models.notices import Notice, in_zone, next_end, showing
from models.terms import PANELS, Language, PersonState, Section, VehicleState

GLOW_SECONDS = 10

_VEHICLE_TONES = {
    VehicleState.STANDBY: Tone.GREEN,
    VehicleState.OUT: Tone.AMBER,
    VehicleState.BACK: Tone.MUTED,
}
_PERSON_TONES = {
    PersonState.IN: Tone.GREEN,
    PersonState.MEETING: Tone.BLUE,
    PersonState.OUT: Tone.AMBER,
    PersonState.LEAVE: Tone.MUTED,
}


@dataclass(frozen=True)
class Chip:
    """A state in a word, outlined in its colour."""

    text: str
    tone: Tone


@dataclass(frozen=True)
class Line:
    """One row: its texts in the order of its section's columns, and its state if it has one. What
    the last text ends in is `kept` whole, however little room there is."""

    id: int
    cells: tuple[str, ...]
    chip: Chip | None = None
    fresh: bool = False
    kept: str = ""


@dataclass(frozen=True)
class PanelView:
    """One section. Without lines, `empty` says why. `anchor` and `turned` as in `state.Held`."""

    section: Section
    title: str
    lines: tuple[Line, ...] = ()
    empty: str = ""
    anchor: int | None = None
    turned: float = 0.0


@dataclass(frozen=True)
class Takeover:
    """An emergency in place of everything else: what, what to do, both in one more language, and
    when it clears."""

    title: str
    text: str
    other: str
    until: str


@dataclass(frozen=True)
class View:
    """The whole screen. With a `takeover`, nothing but that. An empty `banner` means that the data
    path is alive. `calls` are the queue numbers called now, newest first. The view stays the same
    for the next `lasts` seconds, unless a message arrives or a page turns. `light` is below 1 at
    night."""

    title: str
    place: str
    date: str
    clock: str
    panels: tuple[PanelView, ...]
    footer: str
    hint: str
    banner: str
    lasts: float
    takeover: Takeover | None = None
    calls: tuple[str, ...] = ()
    calls_title: str = ""
    light: float = 1.0


@dataclass(frozen=True)
class Night:
    """From when until when (clock times such as 22:00) the board shines with only a part of its
    brightness. Either one empty, or both the same: never."""

    begins: str = ""
    ends: str = ""
    light: float = 1.0

    def light_at(self, now: datetime) -> float:
        clock = f"{now:%H:%M}"
        if not (self.begins and self.ends):
            return 1.0
        if self.begins <= self.ends:
            return self.light if self.begins <= clock < self.ends else 1.0
        return self.light if clock >= self.begins or clock < self.ends else 1.0


@dataclass(frozen=True)
class Look:
    """What a view depends on besides the state: the office's settings, and the moment.

    `now` must be in the site's time zone, `tick` is the same moment on the monotonic clock.
    """

    language: Language
    place: str
    stale_seconds: float
    now: datetime
    tick: float
    night: Night = Night()

    def say(self, name: str, **places: object) -> str:
        return words.say(self.language, f"board.{name}", **places)

    def local(self, moment: datetime) -> datetime | None:
        """`moment` in the site's zone; None if it is so far off that no calendar has it."""
        return in_zone(moment, self.now.tzinfo)

    def date(self, day: datetime) -> str:
        return self.say("day", month=self.say(f"month_{day.month}"), day=day.day)

    def when(self, moment: datetime, clock: str = "%H:%M") -> str:
        """The time of a moment today, the date of one on another day."""
        if (local := self.local(moment)) is None:
            return self.say("no_time")
        return f"{local:{clock}}" if local.date() == self.now.date() else self.date(local)


def view(state: BoardState, look: Look) -> View:
    """What the screen says now, by the office's clock as far as it was heard: this machine's may be
    wrong, or jump."""
    look = replace(look, now=_office_time(state, look))
    live = is_live(state, look.tick, look.stale_seconds)
    now = look.now
    banner = "" if live else _banner(state, look)
    takeover = _takeover(state, look)
    calls = tuple(_calls(state, look)) if live else ()
    return View(
        title=look.say("title"),
        place=look.place,
        date=look.say(
            "date",
            year=now.year,
            month=look.say(f"month_{now.month}"),
            day=now.day,
            weekday=look.say(f"weekday_{now.isoweekday()}"),
        ),
        clock=f"{now:%H:%M}",
        panels=tuple(_panel(state, section, look, live=live) for section in PANELS),
        footer=_footer(state, look),
        hint=look.say("hint"),
        banner=banner,
        lasts=max(0.0, min(_changes(state, look))),
        takeover=takeover,
        calls=calls,
        calls_title=look.say("calls"),
        # What calls for somebody must be seen at night, too.
        light=1.0 if banner or takeover or calls else look.night.light_at(now),
    )


def _takeover(state: BoardState, look: Look) -> Takeover | None:
    """The newest emergency that is not over."""
    held = state.sections.get(Section.EMERGENCY)
    shown = showing(held.snapshot if held else None, look.now)
    if not shown.notices:
        return None
    rows = [n.row for n in shown.notices if isinstance(n.row, EmergencyRow)]
    row = max(rows, key=lambda row: (row.at, row.id))
    other = Language.ZH_HANT if look.language is Language.EN else Language.EN
    title, text = (words.say(other, f"board.emergency_{row.kind}{part}") for part in ("", "_text"))
    return Takeover(
        title=look.say(f"emergency_{row.kind}"),
        text=row.text or look.say(f"emergency_{row.kind}_text"),
        other=f"{title} · {text}",
        until=look.say("emergency_until", until=look.when(row.until)),
    )


def _office_time(state: BoardState, look: Look) -> datetime:
    """The moment by the controller's clock, and by this machine's until that was heard."""
    if state.canary is None or state.canary_at is None:
        return look.now
    try:
        time = state.canary.at + timedelta(seconds=look.tick - state.canary_at)
        return time.astimezone(look.now.tzinfo)
    except OverflowError:
        return look.now


def _panel(state: BoardState, section: Section, look: Look, *, live: bool) -> PanelView:
    title = look.say(f"title_{section}")
    held = state.sections.get(section)
    if held is None:
        name = "not_published" if live else "nothing_known"
        return PanelView(section, title, empty=look.say(name))
    shown = showing(held.snapshot, look.now)
    if not shown.published or not shown.notices:
        name = "nothing" if shown.published else "not_published"
        return PanelView(section, title, empty=look.say(name))
    glowing = held.fresh if look.tick - held.at < GLOW_SECONDS else frozenset()
    lines = tuple(_line(notice, look, fresh=notice.row.id in glowing) for notice in shown.notices)
    return PanelView(section, title, lines, anchor=held.anchor, turned=held.turned)


def _line(notice: Notice, look: Look, *, fresh: bool) -> Line:
    cells, chip = _say_row(notice.row, look)
    if not notice.confirmed and notice.row.until is not None:
        since = look.when(notice.row.until)
        chip = Chip(look.say("unconfirmed", since=since), Tone.MUTED)
    return Line(notice.row.id, cells, chip, fresh, kept=_back(notice.row, look))


def _say_row(row: Row, look: Look) -> tuple[tuple[str, ...], Chip | None]:
    match row:
        case VehicleRow():
            chip = Chip(look.say(f"vehicle_{row.state}"), _VEHICLE_TONES[row.state])
            return (look.when(row.departs), row.plate, row.to, row.driver), chip
        case WhereaboutsRow():
            chip = Chip(look.say(f"person_{row.state}"), _PERSON_TONES[row.state])
            back = _back(row, look)
            both = look.say("place_and_back", place=row.place, back=back)
            where = both if row.place and back else row.place or back
            return (row.department, row.name, where), chip
        case VisitRow():
            name = "headcount_one" if row.headcount == 1 else "headcount"
            headcount = look.say(name, count=row.headcount)
            return (look.when(row.starts), row.delegation, headcount, row.room), None
        case ReminderRow():
            return (row.text,), None
    raise TypeError(f"no words for a {type(row).__name__}")


def _back(row: Row, look: Look) -> str:
    """When somebody returns: what everybody who looks for them wants to know."""
    if not isinstance(row, WhereaboutsRow) or row.back is None:
        return ""
    return look.say("back", when=look.when(row.back))


def _calls(state: BoardState, look: Look) -> Iterator[str]:
    """叫號: a call that has run out is not shown, even if nobody takes it down."""
    for item in state.calls.items if state.calls else ():
        if item.until > look.now:
            yield look.say("call", number=item.number, counter=item.counter)


def _footer(state: BoardState, look: Look) -> str:
    published = _last_published(state)
    if published is None:
        return look.say("live_empty")
    return look.say("live", when=look.when(published, "%H:%M:%S"))


def _banner(state: BoardState, look: Look) -> str:
    if state.proved_at is not None:
        since = look.now - timedelta(seconds=look.tick - state.proved_at)
        return look.say("stale", since=look.when(since))
    published = _last_published(state)
    if published is None:
        return look.say("offline_empty")
    local = look.local(published)
    when = look.when(published)
    if local is not None and local.date() != look.now.date():
        when = look.say("day_and_time", day=when, time=f"{local:%H:%M}")
    return look.say("offline", when=when)


def _last_published(state: BoardState) -> datetime | None:
    return max((held.snapshot.published_at for held in state.sections.values()), default=None)


def _changes(state: BoardState, look: Look) -> Iterator[float]:
    """Seconds until each moment at which the view will read differently by itself."""
    yield 60 - look.now.second - look.now.microsecond / 1e6
    if state.proved_at is not None and is_live(state, look.tick, look.stale_seconds):
        yield state.proved_at + look.stale_seconds - look.tick
    for item in state.calls.items if state.calls else ():
        if item.until > look.now:
            yield (item.until - look.now).total_seconds()
    for held in state.sections.values():
        yield from _changes_of(held, look)


def _changes_of(held: Held, look: Look) -> Iterator[float]:
    glow = held.at + GLOW_SECONDS - look.tick
    if held.fresh and glow > 0:
        yield glow
    if end := next_end(held.snapshot, look.now):
        yield (end - look.now).total_seconds()
