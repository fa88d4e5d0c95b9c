"""What the screens show: one object, filled from the flow's state, that kv binds to as `kiosk`.

Everything flows one way. kv reads properties and tells events; nobody but `show` sets a property.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from math import ceil
from typing import Any

from kivy.event import EventDispatcher
from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)

from kiosk import aids, expected, operator, resident, workers
from kiosk.form import questions
from kiosk.ime import Method, Stroke
from kiosk.moves import may_be_freed, may_print, saved_only, sent_to_desk, shown_card
from kiosk.stages import stages, with_desk
from kiosk.terms import Aids, Dialog, Event, Form, Screen, State
from kiosk.theme import Theme
from models.glass import font_for
from models.messages import Host, VisitView
from models.notices import in_zone
from models.settings import Settings
from models.terms import Language, PrintState
from models.words import catalogue, say

_STEPS = {
    Screen.PURPOSE: 1,
    Screen.NAME: 2,
    Screen.ORGANISATION: 2,
    Screen.PHONE: 2,
    Screen.DEPARTMENT: 3,
    Screen.HOST: 3,
    Screen.PARTY: 3,
    Screen.NAMES: 3,
    Screen.CHECK: 4,
}
_GOOD = {
    "waiting_on",
    "waiting_on_number",
    "found_admitted",
    "left",
    "withdrawn",
    "admitted",
    "already_returned",
}
"""Outcomes that are simply done; all others send the visitor to somebody."""


class KioskState(EventDispatcher):  # type: ignore[misc]  # Kivy has no types
    """`tell` hands an event to the flow; `tr` is a new callable in each language, which makes kv
    evaluate every rule that uses it again."""

    tr = ObjectProperty(lambda key, **_: key)
    screen = StringProperty("")
    language = StringProperty("")
    office = StringProperty("")
    reachable = BooleanProperty(True)
    step = NumericProperty(0)
    text = StringProperty("")
    methods = ListProperty([])
    method = StringProperty("")
    composing = BooleanProperty(False)
    preedit = StringProperty("")
    ink = ListProperty([])
    candidates = ListProperty([])
    error = StringProperty("")
    notice = StringProperty("")
    dialog = StringProperty("")
    aids = ObjectProperty(Aids())
    speaks = BooleanProperty(False)
    busy = StringProperty("")
    seconds = NumericProperty(0)
    calling = BooleanProperty(False)

    purpose = StringProperty("")
    party = NumericProperty(1)
    naming = NumericProperty(0)
    department = StringProperty("")
    host_id = NumericProperty(0)
    departments = ListProperty([])
    hosts = ListProperty([])
    rows = ListProperty([])

    appointment = ListProperty([])
    name = StringProperty("")
    lead = StringProperty("")
    wait_at = StringProperty("")
    wait_text = StringProperty("")
    stages = ListProperty([])
    may_leave = BooleanProperty(False)
    may_free = BooleanProperty(False)
    token = StringProperty("")
    card = ListProperty([])
    may_print = BooleanProperty(False)
    print_text = StringProperty("")
    holder = StringProperty("")
    place = NumericProperty(0)
    places = NumericProperty(0)
    pass_hint = StringProperty("")
    outcome = StringProperty("")
    outcome_title = StringProperty("")
    outcome_text = StringProperty("")
    outcome_good = BooleanProperty(False)
    receipt = StringProperty("")
    next_worker = BooleanProperty(False)

    page_title = StringProperty("")
    page_lead = StringProperty("")
    page_items = ListProperty([])
    page_count = StringProperty("")
    page_next = StringProperty("")
    number = StringProperty("")
    number_lead = StringProperty("")
    number_called = BooleanProperty(False)
    called = StringProperty("")
    expected_title = StringProperty("")
    expected = ListProperty([])
    operator_rows = ListProperty([])

    def __init__(self, settings: Settings, theme: Theme, tell: Callable[[Event], None]) -> None:
        super().__init__()
        self.tell = tell
        # Filled in by the typist, who has the keyboard's say.
        self.key: Callable[[str], None] = lambda _key: None
        self.sign: Callable[[str], None] = lambda _character: None
        self.choose: Callable[[int], None] = lambda _index: None
        self.draw: Callable[[Stroke], None] = lambda _stroke: None
        self.use: Callable[[Method], None] = lambda _method: None
        self.finish: Callable[[], None] = lambda: None
        self._theme = theme
        self._zone = settings.zone
        self._name = settings.name
        self._version = version("lobby")

    def show(self, state: State) -> None:
        """Follow the flow. The screen comes last: a new one is built from finished properties."""
        if state.language != self.language:
            self._speak(state.language)
        self._theme.help(state.aids)
        for name, value in self._values(state).items():
            setattr(self, name, value)
        self.screen = state.screen

    def _speak(self, language: Language) -> None:
        self.language = language
        self._theme.face = font_for(language)
        self.tr = lambda key, **places: say(language, f"kiosk.{key}", **places)
        self.office = self.tr("office", name=self._name)

    def _values(self, state: State) -> dict[str, Any]:
        values: dict[str, Any] = {
            "reachable": state.reachable,
            "next_worker": workers.may_follow(state),
            "step": _STEPS.get(state.screen, 0),
            "text": "•" * len(state.text) if state.screen is Screen.PIN else state.text,
            "error": self.tr(f"error_{state.error}") if state.error else "",
            "notice": self.tr(f"notice_{state.notice}") if state.notice else "",
            "dialog": state.dialog,
            "aids": state.aids,
            "busy": state.busy,
            "calling": state.calling is not None,
            "seconds": self._seconds(state),
            "purpose": state.form.purpose or "",
            "party": state.form.party,
            "naming": state.form.naming,
            "department": state.form.department,
            "host_id": state.form.host.id if state.form.host else 0,
            "departments": [department.name for department in state.departments],
            "hosts": self._hosts(state),
            "rows": self._rows(state),
            "appointment": self._appointment(state),
        }
        values |= self._visit(state)
        values |= operator.shown(state, self.tr, self._version, self.methods)
        if state.screen is Screen.WELCOME:
            values |= expected.shown(state, self.tr, datetime.now(self._zone))
        return values | resident.shown(state, self.tr, datetime.now(UTC))

    @staticmethod
    def _seconds(state: State) -> int:
        if state.deadline is not None:
            return max(ceil(state.deadline - state.now), 0)
        if state.dialog is Dialog.IDLE:
            times = aids.times(state)
            end = state.touched + times.idle_warning + times.idle_wipe
            return max(ceil(end - state.now), 0)
        return 0

    @staticmethod
    def _hosts(state: State) -> list[Any]:
        named = (d for d in state.departments if d.name == state.form.department)
        return [host for department in named for host in department.hosts]

    def away(self, host: Host) -> str:
        """Where a host is who is out, and until when; nothing of any other."""
        if host.away is None:
            return ""
        parts = [self.tr(f"away_{host.away}")]
        if host.back:
            time = expected.time_of(host.back, self.tr, self._zone)
            parts.append(self.tr("away_back", time=time))
        return " · ".join(parts)

    def _rows(self, state: State) -> list[tuple[str, str, str]]:
        """The check screen: (screen that edits it, label, value)."""
        if state.screen is not Screen.CHECK:
            return []
        form, tr = state.form, self.tr
        asked = questions(form, state.departments)
        values = {
            Screen.PURPOSE: tr(f"purpose_{form.purpose}") if form.purpose else "",
            Screen.NAME: form.name,
            Screen.ORGANISATION: form.organisation or tr("not_given"),
            Screen.DEPARTMENT: self._whom(form),
            Screen.PARTY: self.people(form.party),
            Screen.NAMES: self._others(form),
            Screen.PHONE: form.phone or tr("not_given"),
        }
        shown = (*(screen for screen in asked if screen in values), Screen.PHONE)
        return [(screen, tr(f"row_{screen}"), values[screen]) for screen in shown]

    def _others(self, form: Form) -> str:
        """The others' names, as many as have been told."""
        named = [name for name in form.others[: form.party - 1] if name]
        if len(named) == form.party - 1:
            return "、".join(named)
        count = {"given": len(named), "count": form.party - 1}
        return str(self.tr("names_given", **count) if named else self.tr("names_none"))

    def _whom(self, form: Form) -> str:
        host = form.host.name if form.host else ""
        whom = f"{form.department} {host}".strip() or str(self.tr("unsure"))
        if form.host and form.host.deputy:
            whom += " · " + self.tr("away_deputy", name=form.host.deputy)
        return whom

    def people(self, count: int) -> str:
        """How many people, in words."""
        return str(self.tr("people_one" if count == 1 else "people", count=count))

    def _appointment(self, state: State) -> list[tuple[str, str, str]]:
        """The lines of an appointment: (name, label, value)."""
        if (found := state.appointment) is None:
            return []
        lines = [
            ("name", found.name),
            ("time", self._moment(found.starts)),
            ("host", found.host),
            ("party", self.people(found.party)),
        ]
        return [(name, self.tr(f"appointment_{name}"), value) for name, value in lines if value]

    def _moment(self, at: datetime) -> str:
        if (local := in_zone(at, self._zone)) is None:
            return str(self.tr("no_time"))
        if local.date() == datetime.now(self._zone).date():
            return str(self.tr("today", time=f"{local:%H:%M}"))
        date = self.tr("date", month=local.month, day=local.day)
        return f"{date} {local:%H:%M}"

    # --- a visit ---------------------------------------------------------------------------------

    def _visit(self, state: State) -> dict[str, Any]:
        view = state.visit
        name = view.name if view else state.form.name
        title, text = self._outcome(state)
        card = shown_card(state)
        return {
            "name": name,
            "lead": self._lead(state),
            "wait_at": view.wait_at if view else "",
            "wait_text": self._wait_text(state),
            "stages": self._stages(state),
            "may_free": may_be_freed(state),
            "may_leave": saved_only(state) or sent_to_desk(state),
            "token": card.token if card else "",
            "card": self._card(state),
            "may_print": may_print(state) and state.busy != "print_pass",
            "print_text": self._print_text(state),
            "holder": card.holder if card else "",
            "place": card.place if card else 0,
            "places": len(view.passes) if view else 0,
            "pass_hint": self._pass_hint(view),
            "outcome": state.outcome,
            "outcome_title": title,
            "outcome_text": text,
            "outcome_good": state.outcome in _GOOD,
            "receipt": self._receipt(state),
        }

    def _lead(self, state: State) -> str:
        tr, view = self.tr, state.visit
        if state.busy == "withdraw":
            return str(tr("waiting_cancelling"))
        if view is None:
            return str(tr("waiting_saved" if saved_only(state) else "waiting_sending"))
        if sent_to_desk(state):
            own = f"waiting_{view.code}"
            return str(
                tr(own if f"kiosk.{own}" in catalogue(state.language) else "waiting_to_desk")
            )
        to_host = view.host and not with_desk(view)
        return str(tr("waiting_host", host=view.host) if to_host else tr("waiting_desk"))

    def _wait_text(self, state: State) -> str:
        if state.visit is None or sent_to_desk(state):
            return ""
        return str(self.tr("wait_asked" if state.visit.asked_to_wait else "wait_text"))

    def _stages(self, state: State) -> list[tuple[bool, str]]:
        """What has been done and what comes: (done, words)."""
        if state.screen is not Screen.WAITING:
            return []
        tr, view = self.tr, state.visit
        if view is None:
            first = (saved_only(state), tr("stage_saved" if saved_only(state) else "stage_sending"))
            return [first, (False, tr("stage_desk")), (False, tr("stage_pass"))]
        listed = stages(view, to_desk=sent_to_desk(state))
        lines = [(done, tr(words, **places)) for done, words, places in listed]
        # The number finds the visit again for a visitor who walks away.
        return [(lines[0][0], f"{lines[0][1]}　{view.number}".rstrip()), *lines[1:]]

    def _card(self, state: State) -> list[tuple[str, str, str]]:
        """The lines of a pass: (name, label, value)."""
        view, card = state.visit, shown_card(state)
        if view is None or card is None:
            return []
        lines = [
            ("to", view.destination),
            ("host", view.host),
            ("until", self._moment(card.valid_until)),
            ("number", card.number),
        ]
        return [(name, self.tr(f"pass_{name}"), value) for name, value in lines if value]

    def _print_text(self, state: State) -> str:
        """How far the printing of the pass is; nothing where nobody asked for it."""
        view = state.visit
        if view is None or (view.print_state is None and state.busy != "print_pass"):
            return ""
        match view.print_state:
            case PrintState.PRINTED | PrintState.UNKNOWN:
                name = str(view.print_state)
            case PrintState.FAILED if state.busy != "print_pass":
                name = "paper_out" if view.print_code == "paper_out" else "failed"
            case _:
                name = "printing"
        return str(self.tr(f"print_{name}"))

    def _pass_hint(self, view: VisitView | None) -> str:
        if view is None or view.party == 1:
            return str(self.tr("pass_hint"))
        more = view.party > len(view.passes)
        return str(self.tr("pass_hint_more" if more else "pass_hint_party", count=view.party))

    def _receipt(self, state: State) -> str:
        """The number to give the desk with what is left there."""
        view = state.visit
        return str(self.tr("receipt", number=view.receipt)) if view and view.receipt else ""

    def _outcome(self, state: State) -> tuple[str, str]:
        """The words of an answer; a code that nobody has words for still gets polite ones."""
        if not state.outcome:
            return "", ""
        known = f"kiosk.answer_{state.outcome}_title" in catalogue(state.language)
        code = state.outcome if known else "unknown"
        text = partial(self.tr, number=state.number)
        return text(f"answer_{code}_title"), text(f"answer_{code}_text")
