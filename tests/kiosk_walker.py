"""A visitor without a purpose, and a controller without one, for a walk through the kiosk's window.

The touches go the way of a real one: the window's mouse events, Kivy's input provider, the widgets.
"""

import random
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk import flow
from kiosk.terms import Screen, State, Tick
from models.link import Down, Up
from models.messages import (
    AppointmentView,
    CalledNumber,
    Calls,
    DirectoryView,
    LeaveView,
    Presence,
    Request,
    TicketView,
    VisitUpdate,
    VisitView,
)
from models.terms import PrintState, Procedure, Role, TicketState, VisitState
from tests.kiosk_story import CARD, DEPARTMENTS, TOKEN, view

SECRET = "wvyx7qZ"
"""A name that is typed and told again and again, spelt backwards: see tests/remains.py."""
_INVITATION = "VI1:" + "ABCDEFGHIJKLMNOPQRSTUVWXY2"
_SCANS = (TOKEN, _INVITATION, "https://example.org/" + "x" * 30, "VP1:" + "9" * 500)
_KEYS = {"enter": 13, "backspace": 8, "escape": 27, "F1": 282, "tab": 9, "delete": 127}
_PAUSES = (0.25, 1, 6, 16, 46, 61)
_CODES = ("", "to_desk", "no_entry", "leave_material", "permit_expired", "a_code_of_tomorrow")
_REFUSALS = (
    *("server_error", "unknown_host", "unknown_code", "ambiguous_code", "too_many_tries"),
    *("invitation_used", "unknown_permit", "unknown_pass", "malformed", "unknown_visit", "x"),
)
_KINDS = (
    *("register", "status", "withdraw", "print_pass", "find_visit", "find_appointment", "leave"),
    *("take_number", "directory", "call_desk"),
)


class Whims:
    """What a controller says that answers as it likes, and not always; one that is `calm` does."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.calm = False

    def says(self) -> dict[str, Any]:
        return dict.fromkeys(_KINDS, self._answer)

    def _answer(self, request: Request) -> dict[str, Any] | None:
        if not self.calm and self._dice.random() < 0.2:
            return None
        if not self.calm and self._dice.random() < 0.2:
            return {"ok": False, "code": self._dice.choice(_REFUSALS)}
        return {"body": self._body(request)}

    def _body(self, request: Request) -> Any:
        match request.body.kind:
            case "register":
                return self.visit(request.key)
            case "status" | "withdraw" | "print_pass":
                return self.visit(request.body.visit)
            case "find_visit":
                return self.visit("ab" * 16)
            case "find_appointment":
                return AppointmentView(name="王○明", starts=CARD.valid_until)
            case "leave":
                return LeaveView(number=CARD.number)
            case "take_number":
                told = {"number": "R-012", "procedure": Procedure.FEES, "ahead": 2}
                return TicketView(ticket=request.key, state=self._any(TicketState), **told)
            case "directory":
                departments = self._any(((), DEPARTMENTS, DEPARTMENTS[:1]))
                return DirectoryView(departments=departments, prints=self._any((True, False)))
        return None

    def visit(self, key: str) -> VisitView:
        """A visit as it might stand."""
        return view(
            key,
            self._dice.randint(1, 9),
            state=self._any(VisitState),
            code=self._any(_CODES),
            passes=self._any(((), (CARD,), (CARD, CARD.model_copy(update={"place": 2})))),
            name=self._any(("王小明", SECRET[::-1] * 4)),
            number=self._any(("", "V-0012")),
            print_state=self._any((None, *PrintState)),
        )

    def calls(self, rev: int) -> Calls:
        """Whose turn it is at the counters."""
        at = datetime.now(UTC)
        number = self._any(("R-011", "R-012"))
        item = CalledNumber(number=number, counter="二", at=at, until=at + timedelta(minutes=1))
        return Calls(group="main", epoch=1, rev=rev, items=(item,))

    def _any(self, choices: Any) -> Any:
        return self._dice.choice([*choices])


class Walker:
    """Takes one step after another at a kiosk whose time is told to it; `did` is what it did last.

    `texts` are what it may type.
    """

    def __init__(self, ui: Any, app: Any, dice: random.Random, texts: list[str]) -> None:
        self._ui, self._app, self._dice, self._texts = ui, app, dice, texts
        self._whims = Whims(dice)
        self._rev = 0
        self.did: deque[str] = deque(maxlen=12)
        app._wire.says = self._whims.says()
        self._steps = {
            self._press: 60,
            self._touch: 10,
            self._drag: 4,
            self._write: 9,
            self._key: 5,
            self._scan: 2,
            self._pause: 5,
            self._link: 2,
            self._news: 5,
        }

    def step(self) -> None:
        """Do something, and let it be drawn."""
        [action] = self._dice.choices([*self._steps], [*self._steps.values()])
        self.did.append(f"{self._app.flow.screen}: {action()}")
        self._ui.frames(1)

    def walk_away(self) -> None:
        """Nobody comes any more: whatever was sent is answered, and time passes."""
        self._whims.calm = True
        self._app.hear(Up())
        self._ui.frames(2)
        self.wait(800)
        self._ui.frames(3)
        self._whims.calm = False

    def wait(self, seconds: float) -> None:
        end = self._app.flow.now + seconds
        while self._app.flow.now < end:
            self._app.apply(Tick(min(self._app.flow.now + 5, end)))

    def controls(self) -> list[Any]:
        """What can be pressed."""
        from kiosk.widgets import Pressable

        sheet = self._app.root._sheet
        return [
            widget
            for widget in (sheet or self._app.root).walk(restrict=True)
            if isinstance(widget, Pressable) and not widget.disabled and not widget.gone
        ]

    # --- what it does, in words ------------------------------------------------------------------

    def _press(self) -> str:
        control = self._dice.choice(self.controls())
        self._finger(*control.to_window(*control.center))
        return f"press {control.test_id or control.text}"

    def _touch(self) -> str:
        x, y = self._anywhere()
        self._finger(x, y)
        return f"touch {x:.0f} {y:.0f}"

    def _drag(self) -> str:
        way = [self._anywhere() for _ in range(self._dice.randint(2, 6))]
        self._finger(*way[0], *way[1:])
        return f"drag {way[0]}"

    def _write(self) -> str:
        text = self._dice.choice([*self._texts, SECRET[::-1]])[:30]
        self._ui.type(text)
        return f"type {text!r}"

    def _key(self) -> str:
        name = self._dice.choice([*_KEYS])
        self._dispatch("on_key_down", _KEYS[name], 0, "", [])
        self._dispatch("on_keyboard", _KEYS[name], 0, "", [])
        return name

    def _scan(self) -> str:
        code = self._dice.choice(_SCANS)
        for character in code:
            self._dispatch("on_textinput", character)
        self._dispatch("on_key_down", _KEYS["enter"], 0, "", [])
        return f"scan {code[:8]}"

    def _pause(self) -> str:
        seconds = self._dice.choice(_PAUSES)
        self.wait(seconds)
        return f"wait {seconds} s"

    def _link(self) -> str:
        up = self._dice.random() < 0.6
        self._app.hear(Up() if up else Down("gone"))
        return "link up" if up else "link down"

    def _news(self) -> str:
        self._rev += 1
        wire, key = self._app._wire, self._app.flow.visit_key or "cd" * 16
        news = self._dice.choice(["visit", "calls", "presence"])
        if news == "visit":
            wire.tell(VisitUpdate(device="k1", visit=self._whims.visit(key)))
        elif news == "calls":
            wire.tell(self._whims.calls(self._rev))
        else:
            state = self._dice.choice(["online", "offline"])
            wire.tell(Presence(role=Role.CONTROLLER, id="main", state=state, session=self._rev))
        return f"news of {news}"

    def _anywhere(self) -> tuple[float, float]:
        return self._dice.uniform(0, self._app.root.width), self._dice.uniform(
            0, self._app.root.height
        )

    def _finger(self, x: float, y: float, *way: tuple[float, float]) -> None:
        self._mouse("on_mouse_down", x, y, "left")
        for point in way:
            self._mouse("on_mouse_move", *point)
        self._mouse("on_mouse_up", *(way[-1] if way else (x, y)), "left")

    def _mouse(self, event: str, x: float, y: float, *button: str) -> None:
        # Windows count from the top.
        self._dispatch(event, x, self._app.root.height - y, *button, [])
        self._ui.frames(1)

    @staticmethod
    def _dispatch(event: str, *details: Any) -> None:
        from kivy.core.window import Window

        Window.dispatch(event, *details)


def finds_home(state: State) -> bool:
    """Does time alone lead to the welcome?"""
    for _ in range(60):
        if state.screen is Screen.WELCOME and not state.dialog:
            return True
        state, _ = flow.next(state, Tick(state.now + 15))
    return False


def left_of(state: State) -> State:
    """What of a state is a visitor's: equal to the first welcome's when nothing is."""
    ours = {"reachable": False, "departments": (), "prints": False, "calls": None, "keys": {}}
    passing = {"touched": state.now, "notice": "", "notice_until": 0.0, "calling": None}
    return replace(state, **ours, **passing)
