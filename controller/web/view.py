"""How the page puts things: words, local times and the parts of a line. No routes, no queries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from controller import days
from controller.web.moments import written
from models import checklists, confirming
from models.duty import FORMS, Asked, Thread
from models.store import ConfirmationRow, GoodsRow, NoticeRow, UnaccountedRow, VisitRow
from models.terms import ConfirmStep, Duty, Language, Presence, Section
from models.words import catalogue, say

HERE = Path(__file__).parent
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_MOMENTS = {"departs", "back", "starts"}
"""Fields of a line that are moments."""
FEW = 3
"""Of many, by name, in a line that says how many there are."""
_SHORT = 24
"""Characters of what an entry says, in a line of many."""
FOR_SCRIPTS = "js_"
"""Texts whose names begin so are handed to the page's scripts."""


@dataclass(frozen=True)
class View:
    """One rendering: for which language, zone and moment."""

    language: Language
    zone: ZoneInfo
    now: datetime

    def render(self, template: str, **context: object) -> str:
        return _templates.get_template(template).render(context, view=self, t=self.t)

    def t(self, name: str, /, **places: object) -> str:
        return say(self.language, f"desk.{name}", **places)

    def reason(self, code: str) -> str:
        """A reason of the reception rules in words."""
        return say(self.language, f"rules.reason_{code}")

    def refused_late(self, code: str) -> str:
        """Why a registration that came late was refused, in words."""
        words = catalogue(self.language)
        return words.get(f"desk.late_{code}", words["desk.late_other"])

    def role(self, role: str) -> str:
        """Who is told, in words; the policy may name somebody whom only this office has."""
        return catalogue(self.language).get(f"desk.told_{role}", role)

    def duty(self, name: str, /, **places: object) -> str:
        """Words of the duty log."""
        return say(self.language, f"duty.{name}", **places)

    def report(self, name: str, /, **places: object) -> str:
        """Words of the reports and the day's sheet."""
        return say(self.language, f"report.{name}", **places)

    def named(self, what: str, name: str) -> str:
        """A checklist or a point of one, in words; an office may have written its own."""
        return catalogue(self.language).get(f"duty.{what}_{name}", name)

    def log_fields(self, asks: Iterable[Asked], said: Mapping[str, str]) -> str:
        """What an entry of the duty log says, on one line."""
        parts = self.log_parts(asks, said)
        return "　".join(self.duty("said_of", label=label, text=text) for label, text in parts)

    def log_parts(
        self, asks: Iterable[Asked], said: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        """What an entry of the duty log says, field by field, each with its label."""
        for asked in asks:
            if text := said.get(asked.name, ""):
                if asked.name in ("fine", "wrong"):
                    points = text.split(checklists.BETWEEN)
                    text = self.t("and").join(self.named("point", point) for point in points)
                elif asked.name == "open":
                    text = self.t("and").join(text.split())
                elif asked.name == "list":
                    text = self.named("list", text)
                yield self.duty(f"field_{asked.name}"), text

    def late(self, late: Sequence[Thread], count: int) -> str:
        """What has fallen due, the first few of `count` by name."""
        said = [
            self.duty(
                "remind_one",
                kind=self.duty(f"kind_{one.first.kind}"),
                clock=self.clock(one.due),
                owner=one.owner,
            )
            for one in late
        ]
        return self._few(said, count)

    def of_thread(self, thread: Thread) -> str:
        """What a thread is about, in a few words, and whose it is."""
        parts = self.log_parts(thread.form.asks, thread.said(thread.first))
        text = next((text for _, text in parts), "")
        kind = self.duty(f"kind_{thread.first.kind}")
        short = text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
        return self.duty("due_thread", kind=kind, text=short, owner=thread.owner)

    def missed(self, missed: Sequence[checklists.Round]) -> str:
        """Rounds that nobody has made, the first few by name."""
        said = [f"{self.named('list', one.of.name)} {one.slot}" for one in missed]
        return self._few(said, len(said))

    def _few(self, said: list[str], count: int) -> str:
        few = self.t("and").join(said[:FEW])
        return few if count <= FEW else f"{few} {self.duty('remind_more', count=count)}"

    def handed(self, said: Mapping[str, str]) -> str:
        """What goes along with a handover."""
        return self.log_fields(FORMS[Duty.SHIFT].asks, said)

    def lasted(self, span: timedelta) -> str:
        """How long something took."""
        minutes = int(span.total_seconds()) // 60
        if minutes >= 24 * 60:
            return self.duty("days_hours", days=minutes // 1440, hours=minutes % 1440 // 60)
        if minutes >= 60:
            return self.duty("hours_minutes", hours=minutes // 60, minutes=minutes % 60)
        return self.duty("minutes", minutes=minutes)

    def script_words(self) -> dict[str, str]:
        start = f"desk.{FOR_SCRIPTS}"
        texts = catalogue(self.language).items()
        return {name.removeprefix(start): text for name, text in texts if name.startswith(start)}

    def clock(self, moment: datetime | None) -> str:
        """A moment as people at the desk say it: today's by the clock, another day's by its date
        too."""
        if moment is None:
            return ""
        local = self._local(moment)
        if local.date() == self._local(self.now).date():
            return f"{local:%H:%M}"
        return self.t("day_clock", month=local.month, day=local.day, clock=f"{local:%H:%M}")

    def wall(self, moment: datetime) -> str:
        return f"{self._local(moment):%H:%M}"

    def where(self, by: str) -> str:
        """Where a scan was made, as the scan keeps it."""
        place, _, device = by.partition("-")
        if device and place in ("gate", "kiosk"):
            return self.t(f"scanned_at_{place}", id=device)
        return self.t("scanned_at_desk", name=by)

    def who(self, by: str) -> str:
        """Who has made an entry of the duty log: somebody, or a gate."""
        return self.where(by) if by.startswith("gate-") else by

    def became(self, line: UnaccountedRow) -> str:
        """What has become of somebody whom a closing had missed."""
        if line.account:
            clock = self.clock(line.said_at)
            return self.t(f"became_{line.account}", clock=clock, by=line.by, note=line.note)
        if line.of.presence is Presence.OUT:
            return self.t("became_out", clock=self.clock(line.of.left_at))
        unknown = line.of.presence is Presence.UNKNOWN
        return self.t("became_unknown" if unknown else "became_later")

    def span(self, starts: datetime, ends: datetime) -> str:
        """From when until when; an end within the day after needs no date of its own."""
        soon = ends - starts < timedelta(days=1)
        return f"{self.clock(starts)}–{f'{self._local(ends):%H:%M}' if soon else self.clock(ends)}"

    def form_time(self, moment: datetime | None) -> str:
        return written(moment, self.zone, self.now) if moment else ""

    def ago(self, moment: datetime) -> str:
        """How long ago, in the words that the page's script keeps counting with."""
        seconds = max(0, int((self.now - moment).total_seconds()))
        minutes, hours = seconds // 60, seconds // 3600
        if hours:
            return self.t("js_hours", hours=hours, minutes=minutes % 60)
        if minutes:
            return self.t("js_minutes", minutes=minutes, seconds=seconds % 60)
        return self.t("js_seconds", seconds=seconds)

    def left(self, moment: datetime) -> str:
        """How long still, in the words that the page's script keeps counting with."""
        return self.t("js_left", seconds=max(0, int((moment - self.now).total_seconds())))

    def steps(self, visit: VisitRow) -> list[tuple[ConfirmationRow, str]]:
        """The steps of a confirmation, each with the name of the words for where it stands."""
        states = confirming.states(visit.steps)
        return [
            (row, "desk" if row.step is ConfirmStep.DESK else str(state))
            for row, state in zip(visit.steps, states, strict=True)
        ]

    def line(self, notice: NoticeRow) -> list[str]:
        """A board line as its parts, in the order the board shows them; never empty ones."""
        content = _with_moments(notice.content)
        get = content.get
        match notice.section:
            case Section.VEHICLES:
                parts = [
                    self.clock(get("departs")),
                    get("plate"),
                    get("to"),
                    self.t(f"vehicle_{get('state')}"),
                ]
            case Section.WHEREABOUTS:
                back = get("back")
                parts = [
                    " ".join(filter(None, [get("department"), get("name")])),
                    self.t(f"person_{get('state')}"),
                    get("place"),
                    self.t("js_back_at", clock=self.clock(back)) if back else "",
                ]
            case Section.VISITS:
                parts = [
                    self.clock(get("starts")),
                    get("delegation"),
                    self.t("js_people", count=get("headcount")),
                    get("room"),
                ]
            case Section.REMINDERS:
                parts = [get("text")]
        return [part for part in parts if part]

    def goods(self, slip: GoodsRow) -> tuple[str, ...]:
        """A goods slip as the lines to compare with."""
        lines = [
            f"{line.item} × {line.pieces}" + (f"（{line.remark}）" if line.remark else "")
            for line in slip.goods
        ]
        return (*lines, *([self.t("goods_by_car", plate=slip.plate)] if slip.plate else []))

    def form_fields(self, notice: NoticeRow) -> dict[str, Any]:
        """A line as the publishing form takes it up again; one that comes back, from today on."""
        today = self._local(self.now).date()
        if notice.until_day and notice.day < today:
            notice = days.moved(notice, today, self.zone)
        fields = {
            name: self.form_time(value) if isinstance(value, datetime) else value
            for name, value in _with_moments(notice.content).items()
        }
        fields["show_from"] = self.form_time(notice.starts)
        fields["show_until"] = self.form_time(notice.ends)
        return {name: value for name, value in fields.items() if value not in (None, "")}

    def emergency_word(self, kind: str) -> str:
        return say(self.language, f"board.emergency_{kind}")

    def emergency(self, notice: NoticeRow) -> str:
        """An emergency as its screens head it, with the desk's own words where it has some."""
        word = self.emergency_word(notice.content["kind"])
        return f"{word} · {notice.content['text']}" if notice.content["text"] else word

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)


def _with_moments(content: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if name in _MOMENTS and value else value
        for name, value in content.items()
    }
