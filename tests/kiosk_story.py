"""The kiosk's flow as the app drives it, with a controller played by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk import flow
from kiosk.terms import (
    Answered,
    Ask,
    Button,
    Effect,
    Event,
    Listed,
    NotKept,
    PickDepartment,
    PickPurpose,
    Reached,
    Screen,
    Send,
    Sent,
    State,
    Tap,
    Tick,
    Times,
    Typed,
    Updated,
)
from models.link import Received, Up
from models.messages import (
    Answer,
    Department,
    DirectoryView,
    Host,
    Message,
    PassCard,
    Register,
    Request,
    VisitView,
)
from models.procedures import read_procedures
from models.terms import Language, Purpose, VisitState

TIMES = Times(idle_warning=45, idle_wipe=15, show=60)
LI = Host(id=11, name="李志強")
DEPARTMENTS = (
    Department(name="工程部", hosts=(LI, Host(id=12, name="陳建國"))),
    Department(name="保安部"),
)
PROCEDURES = read_procedures(Path("assets/procedures.toml").read_text("utf-8"))
TOKEN = "VP1:" + "6BF1+70R30F%QMF7I-K3*E  LPEE:B2-PJ6QSVIGY.QQL6PGK1" * 3
CARD = PassCard(number="A-0137", token=TOKEN, valid_until=datetime(2031, 5, 6, 4, 0, tzinfo=UTC))


def view(visit: str, seq: int = 1, **fields: Any) -> VisitView:
    """A visit as the controller would tell it; waiting for its host unless said otherwise."""
    told: dict[str, Any] = {
        "state": VisitState.WAITING,
        "name": "王小明",
        "host": "工程部 李志強",
        "wait_at": "電梯前廳沙發",
        "destination": "三樓第二洽談室",
    }
    return VisitView(visit=visit, seq=seq, **(told | fields))


class Story:
    """Tells events to the flow and does with effects what the app does: each request gets a key,
    a durable one only while the disk is not `full`."""

    def __init__(self, reachable: bool = True) -> None:
        self.state: State = flow.begin(TIMES, Language.ZH_HANT, 1000.0)
        self.effects: list[Effect] = []
        self.full = False
        self._keys = 0
        self.seen: list[Screen] = []
        self.tell(Listed(DEPARTMENTS))
        if reachable:
            self.tell(Reached(up=True))

    def tell(self, *events: Event) -> "Story":
        for event in events:
            self.state, effects = flow.next(self.state, event)
            self.seen.append(self.state.screen)
            self.effects += effects
            for effect in effects:
                if isinstance(effect, Send | Ask):
                    self._request(effect)
        return self

    def _request(self, effect: Send | Ask) -> None:
        if isinstance(effect, Send) and self.full:
            self.tell(NotKept(effect.body.kind))
        else:
            self._keys += 1
            self.tell(Sent(effect.body.kind, f"{self._keys:032x}"))

    def tap(self, *buttons: Button) -> "Story":
        return self.tell(*map(Tap, buttons))

    def wait(self, seconds: float, step: float = 0.25) -> "Story":
        """Let time pass, tick by tick."""
        end = self.state.now + seconds
        while self.state.now < end:
            self.tell(Tick(min(self.state.now + step, end)))
        return self

    def answer(self, kind: str, code: str = "ok", body: Any = None) -> "Story":
        """The controller answers the latest request of a kind."""
        key = self.state.keys[kind]
        return self.tell(
            Answered(Answer(device="k1", key=key, ok=code == "ok", code=code, body=body))
        )

    def hear(self, seq: int = 1, **fields: Any) -> "Story":
        """The controller tells how the visit on the screen stands."""
        return self.tell(Updated(view(self.state.visit_key, seq, **fields)))

    def admit(self, seq: int = 2) -> "Story":
        return self.hear(seq, state=VisitState.ADMITTED, passes=(CARD,))

    def fill_in(self, purpose: Purpose = Purpose.COLLEAGUE, name: str = "王小明") -> "Story":
        """To the check, with nothing but a name; or to what another purpose asks next."""
        self.tap(Button.REGISTER).tell(PickPurpose(purpose), Typed(name)).tap(Button.NEXT)
        return self.tell(PickDepartment("")) if purpose is Purpose.COLLEAGUE else self

    def submit(self) -> "Story":
        return self.fill_in().tap(Button.SUBMIT)

    def waiting(self) -> "Story":
        """Registered, and told to wait."""
        return self.submit().hear()

    @property
    def screen(self) -> Screen:
        return self.state.screen

    def sent(self, kind: str) -> list[Any]:
        """The bodies of all requests of a kind."""
        return [e.body for e in self.effects if isinstance(e, Send | Ask) and e.body.kind == kind]

    def at(self, **changes: Any) -> "Story":
        """Put the state somewhere directly."""
        self.state = replace(self.state, **changes)
        return self


class Controller:
    """A wire with a controller behind it: keeps what arrives, and answers by its table `says`
    (kind of request to a function of it that returns an answer's fields, or None for silence)."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.says: dict[str, Any] = {
            "directory": lambda _r: {"body": DirectoryView(departments=DEPARTMENTS)},
            "register": lambda request: {"body": view(request.key)},
            "call_desk": lambda _r: {},
        }
        self.hear: Any = None
        self.alive = True

    def start(self) -> None:
        self.hear(Up())

    def stop(self) -> None:
        self.hear = lambda _event: None

    def publish(self, message: Message) -> int:
        assert isinstance(message, Request)
        self.requests.append(message)
        says = self.says.get(message.body.kind, lambda _r: None)
        if (fields := says(message)) is not None:
            self.answer(message.key, **fields)
        return len(self.requests)

    def answer(self, key: str, **fields: Any) -> None:
        self._tell(Answer(device="k1", key=key, **({"ok": True} | fields)))

    def _tell(self, message: Message) -> None:
        self.hear(Received(message, 0.0))

    def tell(self, message: Message) -> None:
        """Something that nobody asked for."""
        self._tell(message)

    def registrations(self) -> dict[str, Register]:
        """Each by its key, however often it was sent: a slow answer makes a kiosk ask again."""
        return {r.key: r.body for r in self.requests if isinstance(r.body, Register)}
