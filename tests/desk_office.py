"""The desk's page on a real core: called in process, served to a browser, with visitors waiting."""

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from broker_config import devices as registry
from broker_config.devices import Device
from controller import (
    clients,
    counter,
    deciding,
    duty,
    goods,
    permits,
    publishing,
    reception,
    scanning,
    sections,
    web,
    webhooks,
)
from controller.changes import Changes
from controller.core import Core
from controller.keyring import Keyring
from controller.limits import RateLimit
from controller.web.server import Server
from models import store
from models.messages import GoodsLine, Register, Request, Shown, TakeNumber, VisitView
from models.permits import Days
from models.rules import read_policy
from models.settings import Settings
from models.store import DeviceRow, VisitRow
from models.terms import (
    Act,
    Category,
    DeskDecision,
    Direction,
    Duty,
    Happening,
    PermitState,
    PrintState,
    Procedure,
    Purpose,
    Role,
    Scope,
    Section,
)
from tests.accounts import CREDENTIALS
from tests.parts import ROOT


def core_on(settings: Settings) -> Core:
    """The rules on an office's data, once they are opened; its worker sleeps."""
    return Core(
        settings=settings,
        policy=read_policy((ROOT / "assets" / "policy.toml").read_text("utf-8")),
        keyring=Keyring(settings.keys, settings.site),
        changes=Changes(),
        guesses=RateLimit(count=5, seconds=60),
        wake=lambda: None,
    )


def page_of(core: Core) -> TestClient:
    """A caller of the desk's page who has not signed in. A fault of ours is an answer, as it is to
    a browser."""
    app = web.create_app(core)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


def clerk_of(core: Core) -> TestClient:
    """The demonstration's clerk, signed in."""
    client = page_of(core)
    client.post("/api/session", json=CREDENTIALS).raise_for_status()
    return client


@contextmanager
def served(core: Core) -> Iterator[str]:
    """The page on a real port, for a browser; the value is its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(web.create_app(core))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def request_of(body: Register, **more: Any) -> Request:
    """As the kiosk k1 asks it, under a key of its own."""
    return Request(device="k1", key=secrets.token_hex(16), body=body, **more)


def arrived(
    core: Core,
    name: str,
    purpose: Purpose = Purpose.SERVICE,
    now: datetime | None = None,
    **more: object,
) -> VisitRow:
    """Somebody who has registered at the kiosk, just now where nothing else is said."""
    body = Register.model_validate({"purpose": purpose, "name": name} | more)
    view = reception.register(core, request_of(body), body, now or datetime.now(UTC))
    assert isinstance(view, VisitView)
    visit = store.visit_by_key(view.visit)
    assert visit is not None
    return visit


def a_full_day(core: Core) -> None:
    """A day on which everything that a page can show is there."""
    now = datetime.now(UTC)
    _appointments(core, now)
    arrived(core, "王小明", Purpose.SERVICE, now, organisation="復印機維修", host=3)
    arrived(core, "鄭師傅", Purpose.WORKS, now, party=2)
    arrived(core, "林先生", Purpose.BUSINESS, now, organisation="恒信物業", host=7, party=3)
    waiting = arrived(core, "方女士", Purpose.PROCEDURE, now)
    deciding.decide(core, waiting.id, DeskDecision.ASK_TO_WAIT, "王美玲", now)
    for name, purpose, host, minutes in (
        ("趙先生", Purpose.BUSINESS, 7, 200),
        ("孫小姐", Purpose.COLLEAGUE, 8, 60),
        ("鄭大強", Purpose.WORKS, 4, 100),
    ):
        went_in(
            core, arrived(core, name, purpose, now, host=host), now - timedelta(minutes=minutes)
        )
    _numbers(core, now)
    _permit(core, now)
    _goods(core, now)
    reception.call_desk(core, "k1", secrets.token_hex(16), None, now)
    _log(core, now)
    _printing(now)
    _board(core, now)
    _devices(core, now)
    _integrations(core, now)


def _numbers(core: Core, now: datetime) -> None:
    for procedure in (Procedure.GOODS, Procedure.FEES, Procedure.MOVE_IN):
        body = TakeNumber(procedure=procedure)
        counter.take_number(core, "k1", secrets.token_hex(16), body, now)
    first = store.open_tickets(core.local(now).date())[0]
    counter.call(core, first.id, "二號櫃檯", "王美玲", now)


def _permit(core: Core, now: datetime) -> None:
    today = core.local(now).date()
    days = Days(PermitState.ACTIVE, today, today + timedelta(days=30))
    workers = [("陳大文", "1234"), ("李小明", "567X")]
    row = permits.file(core, "恒信裝修", "3 座 12A", days, workers, "王美玲", now)
    body = Register(purpose=Purpose.WORKS, permit=row.code, id_last4="1234")
    permits.register(core, request_of(body), body, now)


def _goods(core: Core, now: datetime) -> None:
    """A draft, one that is approved, and one that has left."""
    lists = (
        [("雙門冰箱", 1, "海爾，銀色"), ("紙箱", 12, "書籍、衣物")],
        [("辦公桌", 2, ""), ("轉椅", 4, "黑色")],
        [("電鑽", 1, "")],
    )
    made = []
    for place, lines in enumerate(lists):
        goods_list = tuple(GoodsLine(item=i, pieces=p, remark=r) for i, p, r in lines)
        wish = goods.Wish(
            goods=goods_list,
            name=("王小明", "李太太", "陳大文")[place],
            unit=("3 座 12A", "5 座 8B", "")[place],
            permit_id=1 if place == 2 else None,
            plate="粵B·12345" if place < 2 else "",
            starts=now,
            ends=now + timedelta(hours=8),
        )
        made.append(goods.draft(core, wish, secrets.token_hex(16), "王美玲", now))
    for slip in made[1:]:
        goods.approve(core, slip.id, "陳主任", now)
    goods.scan(core, secrets.token_hex(16), made[2].number, "王美玲", now, seen=True)


def _log(core: Core, now: datetime) -> None:
    """A complaint seen through, one that waits too long, a correction, and what is still out."""

    def record(kind: Duty, minutes_ago: int, **said: str) -> int:
        at = now - timedelta(minutes=minutes_ago)
        return duty.record(core, kind, said, secrets.token_hex(16), "王美玲", at).first.id

    def advance(root: int, act: Act, minutes_ago: int, **said: str) -> None:
        at = now - timedelta(minutes=minutes_ago)
        duty.advance(core, root, act, said, secrets.token_hex(16), "林佩芬", at)

    over = record(
        Duty.COMPLAINT, 50, message="7 樓走廊連日有異味，請盡快處理", caller="周太太",
        phone="13800138000", unit="3 座 12A", to="工程部",
    )  # fmt: skip
    advance(over, Act.PASSED_ON, 45, receiver="李志強")
    advance(over, Act.DONE, 20, note="已清理排水口")
    advance(over, Act.CALLED_BACK, 5, answer="業主滿意")
    late = record(
        Duty.PHONE, 40, message="下週二上午十點來訪，請安排會議室並備茶", caller="恒信物業 何經理",
        phone="0755-8888 6666", to="陳國華",
    )  # fmt: skip
    better = {"message": "下週三上午十點來訪", "caller": "恒信物業 何經理", "to": "陳國華"}
    duty.correct(core, late, better, "聽錯日期", secrets.token_hex(16), "王美玲", now)
    record(Duty.REPAIR, 10, found="廚房水龍頭漏水", unit="5 座 8B", caller="李太太", to="工程部")
    record(Duty.KEY, 9, key="B 座設備房", holder="李志強", note="巡檢用")
    record(Duty.LETTER, 8, recipient="人力資源部 黃小姐", post="掛號", count="2")
    wrong = record(Duty.OTHER, 7, message="大堂海報已更換")
    duty.correct(core, wrong, None, "記重了", secrets.token_hex(16), "王美玲", now)


def _appointments(core: Core, now: datetime) -> None:
    start, _ = core.day_of(now)
    for code, name, organisation, category, party, host, room in (
        ("1889", "劉主任", "市住建局檢查組", Category.IMPORTANT, 8, 1, 1),
        ("3328", "同行參觀團", "恒信物業", Category.ORDINARY, 22, 2, 2),
    ):
        store.add_appointment(
            code=code,
            name=name,
            organisation=organisation,
            category=category,
            party=party,
            host=host,
            room=room,
            starts=start + timedelta(hours=10, minutes=30),
            ends=start + timedelta(hours=11, minutes=30),
            by="王美玲",
        )
    arrived(core, "", now=now, code="1889")


def _integrations(core: Core, now: datetime) -> None:
    """A program that may call, and one whose last day is over."""
    today = core.local(now).date()
    booking = [Scope.MAKE_APPOINTMENTS, Scope.READ_VISITS]
    clients.add(core, "訂房系統", booking, today + timedelta(days=90), "王美玲", now)
    earlier = now - timedelta(days=2)
    clients.add(core, "舊看板", [Scope.READ_BOARD], core.local(earlier).date(), "王美玲", earlier)
    _webhooks(core, now)


def _webhooks(core: Core, now: datetime) -> None:
    """One that is told of everything, one whose receiver has been away, one that wants no more."""
    told = [Happening.VISIT_REGISTERED, Happening.VISIT_DECIDED, Happening.NOTICE_PUBLISHED]
    for address, names in (
        ("https://oa.example.com/lobby", True),
        ("https://hr.example.com/x", False),
    ):
        hook, _ = webhooks.add(core, address, told, "王美玲", now, names=names)
    webhooks.try_out(core, hook.id, "王美玲", now - timedelta(days=1))
    lost = store.due_message(hook.id, now)
    assert lost is not None
    store.put_off(lost.id, 11, None, "status_503")
    gone, _ = webhooks.add(core, "https://gone.example.com/", told, "王美玲", now, names=False)
    store.change_webhook(gone.id, stopped=webhooks.GONE)


def went_in(core: Core, visit: VisitRow, since: datetime) -> None:
    if not store.passes_of_visit(visit.id):
        deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", since)
    for issued in store.passes_of_visit(visit.id):
        scanning.scan(core, secrets.token_hex(16), issued.number, Direction.IN, "王美玲", since)


def _printing(now: datetime) -> None:
    """One slip was surely not printed, and one may have been."""
    for issued, state, code in (
        (1, PrintState.FAILED, "paper_out"),
        (2, PrintState.UNKNOWN, "restarted"),
    ):
        job = store.add_print_job(secrets.token_hex(16), issued, "desk", "王美玲", now)
        store.move_print_job(job.id, PrintState.QUEUED, state=state, code=code)


def _board(core: Core, now: datetime) -> None:
    trip = {"departs": now, "driver": "劉師傅"}
    for section, content in (
        (
            Section.VEHICLES,
            trip | {"plate": "粵B·12345", "to": "市政府 → 龍崗項目", "state": "out"},
        ),
        (Section.VEHICLES, trip | {"plate": "粵B·67890", "to": "機場 T3 接機", "state": "standby"}),
        (
            Section.WHEREABOUTS,
            {"department": "總經理辦公室", "name": "陳國華", "state": "meeting", "back": now},
        ),
        (
            Section.WHEREABOUTS,
            {"department": "工程部", "name": "李志強", "state": "out", "place": "B座 3 樓巡檢"},
        ),
        (
            Section.VISITS,
            {"delegation": "市住建局 檢查組", "starts": now, "headcount": 8, "room": "三樓會議室"},
        ),
        (Section.REMINDERS, {"text": "今日 18:00–20:00 B座電梯保養，請走 A座"}),
    ):
        publishing.publish(core, section, content, "王美玲", now, ends=now + timedelta(days=400))
    text = {"text": "下班前請關閉會議室設備電源"}
    later = now + timedelta(hours=1)
    publishing.publish(core, Section.REMINDERS, text, "王美玲", now, starts=later)


def _devices(core: Core, now: datetime) -> None:
    earlier = now - timedelta(hours=2)
    registry.keep(core.settings, [Device(Role.BOARD, "b2", core.settings.board.group)])
    for role, device in ((Role.BOARD, "b1"), (Role.BOARD, "b2"), (Role.KIOSK, "k1")):
        store.keep_device(
            DeviceRow(role, device, online=True, session=1, version="1.0", since=earlier)
        )
    for section, row in store.sections(core.settings.board.group).items():
        for board, seconds in (("b1", 0.09), ("b2", 0.12)):
            receipt = Shown(board=board, section=section, epoch=store.epoch(), rev=row.rev, ms=9)
            sections.shown(core, [receipt], row.published_at + timedelta(seconds=seconds))
