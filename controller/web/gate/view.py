"""How a gate puts things: the result of a scan, and how it stands with the gate itself."""

from datetime import UTC, datetime
from typing import Literal

from starlette.requests import Request

from controller.gate.compose import Station
from controller.gate.gate import Health
from controller.gate.journal import Entry, Journal, Slip
from controller.web.gate.door import station_of
from controller.web.language import language_of
from controller.web.view import View
from models.terms import Direction
from models.words import catalogue, say

_GOOD = {"ok_in", "ok_out", "goods_out"}
_ADVICE = {
    "forged": "desk",
    "unknown_key": "desk",
    "retired_key": "desk",
    "expired": "desk",
    "not_yet": "desk",
    "already_returned": "desk",
    "already_inside": "desk",
    "revoked": "desk",
    "lost": "desk",
    "wrong_half": "original",
    "incomplete": "again",
    "malformed": "again",
    "not_a_pass": "pass",
    "web_address": "pass",
    "control_characters": "pass",
    "too_long": "pass",
    "number_only": "number",
    "not_kept": "paper",
}
"""What the guard should do about a refusal: the name of its words."""
_OF_GOODS = {
    "already_released": "goods_keep",
    "not_approved": "goods_keep",
    "not_yet": "goods_keep",
    "expired": "goods_keep",
    "revoked": "goods_keep",
    "retired_key": "goods_keep",
    "number_only": "goods_number",
}
"""The same where it was a goods slip's."""


class GateView(View):
    """A rendering whose words are the gate's own, and the desk's where it has none."""

    def t(self, name: str, /, **places: object) -> str:
        table = "gate" if f"gate.{name}" in catalogue(self.language) else "desk"
        return say(self.language, f"{table}.{name}", **places)

    def script_words(self) -> dict[str, str]:
        names = ("js_hours", "js_minutes", "js_seconds")
        own = [name.removeprefix("gate.") for name in catalogue(self.language)]
        mine = [name for name in own if name.startswith("js_")]
        texts = catalogue(self.language)
        return {name[3:]: texts[f"desk.{name}"] for name in names} | {
            name[3:]: texts[f"gate.{name}"] for name in mine
        }

    def moment(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, UTC)

    def tone(self, entry: Entry) -> Literal["good", "odd", "bad"]:
        if not entry.ok:
            return "bad"
        return "good" if entry.code in _GOOD else "odd"

    def words(self, entry: Entry) -> str:
        if entry.goods:
            return self.t(f"goods_{entry.code}")
        odd_exit = entry.ok and entry.direction is Direction.OUT and entry.code not in _GOOD
        return self.t(f"{'out' if odd_exit else 'scan'}_{entry.code}")

    def advice(self, entry: Entry, lines: tuple[str, ...] = ()) -> str:
        if entry.ok and entry.goods:
            return self.t("advice_goods_compare" if lines else "advice_goods_unlisted")
        if entry.ok:
            return ""
        advice = _OF_GOODS.get(entry.code) if entry.goods else None
        return self.t(f"advice_{advice or _ADVICE[entry.code]}")

    def lines(self, entry: Entry, journal: Journal) -> tuple[str, ...]:
        """What the guard compares goods with, and how the pass stands whose number was typed."""
        if entry.goods:
            slip = journal.slip(entry.pass_id) if entry.pass_id else None
            shown = slip and slip.lines and (entry.ok or entry.code == "number_only")
            return _list(self, slip) if slip and shown else ()
        if entry.code != "number_only" or not entry.number:
            return ()
        known = journal.known_number(entry.number)
        return (self.t(f"stands_{known[1].state if known else 'unknown'}"),)

    def detail(self, entry: Entry) -> str:
        parts = [entry.number, self.clock(self.moment(entry.at))]
        if entry.until and entry.direction is Direction.IN:
            parts.append(self.t("valid_until", clock=self.clock(self.moment(entry.until))))
        return "　".join(part for part in parts if part)

    def warnings(self, health: Health) -> list[str]:
        """What the guard has to mind, in words, the worst first."""
        found = []
        if not health.keys:
            found.append(self.t("warn_keys"))
        elif health.list_age is None:
            found.append(self.t("warn_no_list"))
        elif health.stale:
            found.append(self.t("warn_stale", age=self.ago(self.since(health.list_age))))
        if health.clock.is_behind:
            minutes = round((health.clock.at - health.clock.shown) / 60)
            found.append(self.t("warn_behind", minutes=minutes, clock=self._at(health)))
        if health.clock.is_ahead:
            minutes = round((health.clock.shown - health.clock.at) / 60)
            found.append(self.t("warn_ahead", minutes=minutes, clock=self._at(health)))
        if health.refused:
            found.append(self.t("warn_refused", why=self.t(f"list_{health.refused}")))
        if health.set_aside:
            found.append(self.t("warn_set_aside", count=health.set_aside))
        return found

    def since(self, age: float) -> datetime:
        return datetime.fromtimestamp(self.now.timestamp() - age, UTC)

    def _at(self, health: Health) -> str:
        return self.clock(self.moment(health.clock.at))


def _list(view: GateView, slip: Slip) -> tuple[str, ...]:
    lines = [
        f"{item} × {pieces}" + (f"（{remark}）" if remark else "")
        for item, pieces, remark in slip.lines
    ]
    return (*lines, *([view.t("goods_by_car", plate=slip.plate)] if slip.plate else []))


def view_of(request: Request) -> GateView:
    station = station_of(request)
    return view_in(request, station)


def view_in(request: Request, station: Station) -> GateView:
    now = datetime.fromtimestamp(station.gate.clock.read().at, UTC)
    return GateView(language_of(request, station.settings), station.settings.zone, now)
