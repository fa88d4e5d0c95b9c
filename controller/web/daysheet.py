"""The day's 前台值班記錄表 (9.1) in words, to be drawn by `controller.sheets`.

Every entry of the day in its order; what was corrected stands beside what it had said. Stages of
what began on another day are entries of this one, and name what they belong to. The day's rounds
are all there, for one that nobody made leaves no entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from controller import duty
from controller.core import Core
from controller.sheets import Cell, Grid, Said, Sheet
from controller.shift import hours as shift_hours
from controller.web.view import View
from models import shift, store
from models.checklists import BETWEEN, Round, checklists, rounds
from models.duty import COUNTER, Entry, Thread
from models.terms import Act, Duty

SIGNATURES = ("on_duty", "handed_over", "taken_over", "supervisor")


def day_sheet(core: Core, view: View, day: date, by: str) -> Sheet:
    """The sheet of a day, as things stand at the view's moment; `by` has it printed."""
    start = datetime.combine(day, time(), core.settings.zone)
    # Whoever was on at midnight has signed on before.
    since = shift_hours(core.settings).begins(start, core.settings.zone)
    threads = store.threads_between(since, start + timedelta(days=1))
    # Times of the sheet's own day go without their date.
    own = replace(view, now=start)
    book = _Day(own, view.now, start, threads)
    weekday = view.t(f"day_{day.weekday()}")
    printed = f"{core.local(view.now):%Y-%m-%d %H:%M}"
    return Sheet(
        language=view.language,
        title=view.report("sheet_title"),
        office=f"{core.settings.name} · {core.settings.board.place}",
        facts=[
            (view.report("sheet_day"), view.report("sheet_weekday", day=day, weekday=weekday)),
            (view.report("sheet_printed"), view.report("sheet_printed_by", at=printed, by=by)),
        ],
        grids=[book.shifts(), book.handovers(), book.rounds(), book.entries(), book.counts()],
        signatures=[view.report(f"sign_{name}") for name in SIGNATURES],
        foot=lambda page, pages: view.report("sheet_page", page=page, pages=pages),
        made=view.now,
        anchor=book.anchor(),
    )


@dataclass(frozen=True)
class _Day:
    """A day's entries and what is said of them: `view` is at the day's beginning, `now` is when
    they are looked at."""

    view: View
    now: datetime
    start: datetime
    threads: Sequence[Thread]

    @cached_property
    def _entries(self) -> list[tuple[Thread, Entry]]:
        end = self.start + timedelta(days=1)
        found = [
            (thread, entry)
            for thread in self.threads
            for entry in thread.entries
            if self.start <= entry.at < end
        ]
        return sorted(found, key=lambda one: one[1].id)

    def anchor(self) -> str:
        """The day's last entry with its hash: what `verify-log` is given later."""
        if not self._entries:
            return ""
        _, last = self._entries[-1]
        return self.view.report("sheet_last", number=last.id, hash=last.hash)

    # --- the shift ------------------------------------------------------------------------------

    def _stints(self) -> list[shift.Stint]:
        """Who was on that day: of those who came the day before, who left in it."""
        end = self.start + timedelta(days=1)
        steps = [one.first for one in self.threads if one.first.kind is Duty.SHIFT]
        found = shift.stints(one for one in steps if one.at < end)
        return [
            one
            for one in found
            if max(one.since, one.ended.at if one.ended else one.since) >= self.start
        ]

    def shifts(self) -> Grid:
        names = ("sheet_name", "sheet_from", "sheet_until", "sheet_ended")
        rows = [
            [
                _cell(one.name),
                _cell(self.view.clock(one.since)),
                _cell(self.view.clock(one.ended.at) if one.ended else ""),
                _cell(self._ended(one)),
            ]
            for one in self._stints()
        ]
        return self._grid("shifts", names, (30, 15, 15, 40), rows)

    def _ended(self, one: shift.Stint) -> str:
        if one.ended is None:
            return self.view.report("sheet_still_on")
        if one.ended.act is Act.TAKEN_OVER:
            return self.view.report("sheet_taken_over", name=one.ended.by)
        return self.view.duty(f"act_{one.ended.act}")

    def handovers(self) -> Grid:
        names = ("sheet_clock", "sheet_handed", "sheet_along")
        steps = (Act.HANDED_OVER, Act.TAKEN_OVER)
        rows = [
            [
                _cell(self.view.wall(entry.at)),
                _cell(f"{entry.by} {self.view.duty(f'act_{entry.act}')}"),
                _cell(self.view.handed(entry.said)),
            ]
            for _, entry in self._entries
            if entry.act in steps
        ]
        return self._grid("handovers", names, (12, 30, 58), rows)

    # --- the rounds -----------------------------------------------------------------------------

    def rounds(self) -> Grid:
        names = ("sheet_due", "sheet_list", "sheet_result", "sheet_number")
        checks = [one for one in self.threads if one.first.kind is Duty.CHECK]
        rows = [
            [
                _cell(one.slot),
                _cell(self.view.named("list", one.of.name)),
                self._made(one),
                _cell(str(one.thread.first.id) if one.thread else ""),
            ]
            for one in rounds(checklists(), self.start.date(), self.view.zone, checks)
        ]
        return self._grid("rounds", names, (12, 30, 45, 13), rows)

    def _made(self, one: Round) -> Cell:
        if one.thread is None:
            not_made = Said(self.view.report("sheet_not_made"), bold=True)
            return (not_made,) if one.overdue(self.now) else ()
        first = one.thread.first
        made = self.view.duty("round_done", clock=self.view.clock(first.at), by=first.by)
        wrong = one.thread.said(first).get("wrong")
        found = self.view.duty("round_found", count=len(wrong.split(BETWEEN))) if wrong else ""
        return [Said(text) for text in (made, found) if text]

    # --- the entries ----------------------------------------------------------------------------

    def entries(self) -> Grid:
        names = (
            "sheet_number",
            "sheet_clock",
            "sheet_kind",
            "sheet_said",
            "sheet_by",
            "sheet_follow_up",
        )
        rows = [
            [
                _cell(str(entry.id)),
                _cell(self.view.wall(entry.at)),
                self._kind(thread, entry),
                self._said(thread, entry),
                _cell(self.view.who(entry.by)),
                self._follow_up(thread, entry),
            ]
            for thread, entry in self._entries
        ]
        return self._grid("entries", names, (12.5, 11.5, 21, 70, 19, 36), rows)

    def _kind(self, thread: Thread, entry: Entry) -> Cell:
        kind = Said(self.view.duty(f"kind_{entry.kind}"), bold=entry.id == thread.first.id)
        if entry.act is Act.RECORDED:
            return (kind,)
        return (kind, Said(self.view.duty(f"act_{entry.act}")))

    def _said(self, thread: Thread, entry: Entry) -> Cell:
        if entry.act in COUNTER:
            return self._counter(thread, entry)
        if entry.act is Act.DEFERRED:
            return _cell(self._deferred(entry))
        void, corrected = thread.is_void(entry), thread.is_corrected(entry)
        texts = [Said(self._fields(thread, entry, entry), struck=void or corrected)]
        if corrected:
            texts.append(Said(self._now_says(thread, entry), struck=void))
        texts += [Said(self._of_counter(one)) for one in thread.counters(entry)]
        if entry.personal is None:
            texts.append(Said(self.view.duty("forgotten")))
        return [one for one in texts if one.text]

    def _counter(self, thread: Thread, entry: Entry) -> Cell:
        """What a counter-entry says, and the original beside it."""
        original = next(one for one in thread.entries if one.id == entry.corrects_id)
        texts = [Said(self._of_counter(entry, number=original.id))]
        if entry.act is Act.CORRECTED:
            texts.append(Said(self._fields(thread, original, entry)))
        texts.append(Said(self._fields(thread, original, original), struck=True))
        return [one for one in texts if one.text]

    def _fields(self, thread: Thread, asked: Entry, says: Entry) -> str:
        return self.view.log_fields(duty.asked_of(thread, asked), says.said)

    def _now_says(self, thread: Thread, entry: Entry) -> str:
        return self.view.log_fields(duty.asked_of(thread, entry), thread.said(entry))

    def _of_counter(self, counter: Entry, number: int | None = None) -> str:
        what = "corrected" if counter.act is Act.CORRECTED else "voided"
        reason = counter.said.get("reason", "")
        if number is None:
            by, at = counter.by, self.view.clock(counter.at)
            return self.view.report(
                f"sheet_{what}_by", number=counter.id, reason=reason, by=by, clock=at
            )
        return self.view.report(f"sheet_{what}", number=number, reason=reason)

    def _deferred(self, entry: Entry) -> str:
        if not entry.said:
            return self.view.report("sheet_handed_on", owner=entry.owner)
        due, reason = self.view.clock(entry.due), entry.said.get("reason", "")
        return self.view.report("sheet_deferred", due=due, owner=entry.owner, reason=reason)

    def _follow_up(self, thread: Thread, entry: Entry) -> Cell:
        if entry.id != thread.first.id:
            return _cell(self.view.report("sheet_of", number=thread.first.id))
        if thread.is_void(entry):
            return _cell(self.view.duty("act_voided"))
        if thread.next is None:
            done = len(thread.stages) > 1
            return _cell(self._closed(thread)) if done else ()
        what = self.view.duty(f"next_{thread.next.act}")
        due = self.view.clock(thread.due)
        late = Said(self.view.duty("overdue"), bold=True)
        said = Said(self.view.report("sheet_open", what=what, due=due, owner=thread.owner))
        return (said, late) if thread.overdue(self.now) else (said,)

    def _closed(self, thread: Thread) -> str:
        return self.view.report("sheet_closed", time=self.view.lasted(thread.took_in_all))

    # --- the counts -----------------------------------------------------------------------------

    def counts(self) -> Grid:
        names = ("sheet_kind", "sheet_recorded", "sheet_void", "sheet_done", "sheet_left")
        counted = {kind: self._counted(kind) for kind in Duty}
        rows = [
            [_cell(self.view.duty(f"kind_{kind}")), *map(_cell, map(str, numbers))]
            for kind, numbers in counted.items()
            if any(numbers)
        ]
        whole = [sum(numbers) for numbers in zip(*counted.values(), strict=True)]
        rows.append(
            [
                [Said(self.view.report("total"), bold=True)],
                *([Said(str(n), bold=True)] for n in whole),
            ]
        )
        return self._grid("counts", names, (32, 17, 17, 17, 17), rows)

    def _counted(self, kind: Duty) -> tuple[int, int, int, int]:
        """Of a kind: what was recorded that day, and of it: by mistake, seen to, still open."""
        begun = [t for t, e in self._entries if e.kind is kind and e.id == t.first.id]
        void = sum(thread.is_void(thread.first) for thread in begun)
        left = sum(thread.next is not None for thread in begun)
        return len(begun), void, len(begun) - void - left, left

    def _grid(
        self,
        name: str,
        columns: Sequence[str],
        widths: Sequence[float],
        rows: Sequence[Sequence[Cell]],
    ) -> Grid:
        t = self.view.report
        named = [(t(column), wide) for column, wide in zip(columns, widths, strict=True)]
        return Grid(t(f"sheet_{name}"), named, rows, t("sheet_none"))


def _cell(text: str) -> Cell:
    return (Said(text),) if text else ()
