"""Days on the board, for its pictures: the one of the design, and those that strain it."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models.display.state import BoardState, receive, restored
from models.messages import (
    ROWS,
    CalledNumber,
    Calls,
    Canary,
    EmergencyRow,
    Manifest,
    ReminderRow,
    Row,
    Snapshot,
    VehicleRow,
    VisitRow,
    WhereaboutsRow,
)
from models.terms import PANELS, Emergency, PersonState, Section, VehicleState

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, 42, 0, tzinfo=ZONE)
TICK = 1000.0


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def car(number: int, departs: datetime, plate: str, to: str, state: str, **more: Any) -> VehicleRow:
    return VehicleRow(
        id=number, at=at(9), departs=departs, plate=plate, to=to, state=VehicleState(state), **more
    )


def person(number: int, department: str, name: str, state: str, **more: Any) -> WhereaboutsRow:
    return WhereaboutsRow(
        id=number, at=at(9), department=department, name=name, state=PersonState(state), **more
    )


def visit(number: int, starts: datetime, who: str, count: int, room: str, **more: Any) -> VisitRow:
    return VisitRow(
        id=number, at=at(9), starts=starts, delegation=who, headcount=count, room=room, **more
    )


def reminder(number: int, text: str, **more: Any) -> ReminderRow:
    return ReminderRow(id=number, at=at(9), text=text, **more)


def emergency(number: int = 1, kind: str = "fire", text: str = "", **more: Any) -> EmergencyRow:
    said: dict[str, Any] = {"at": at(9, 40), "until": at(10, 30)}
    return EmergencyRow(id=number, kind=Emergency(kind), text=text, **said | more)


def snapshot(section: Section, *items: Row, rev: int = 1, **more: Any) -> Snapshot[Any]:
    fields: dict[str, Any] = {
        "group": "main",
        "section": section,
        "epoch": 7,
        "rev": rev,
        "day": date(2026, 11, 23),
        "published_at": at(9, 41) + timedelta(seconds=58),
        "items": items,
    }
    kind: Any = Snapshot[ROWS[section]]  # type: ignore[valid-type] # of as many as there are
    return kind(**fields | more)


CARS = (
    car(1, at(9, 30), "粵B·12345", "市政府 → 龍崗項目", "out"),
    car(2, at(10, 15), "粵B·67890", "機場 T3 接機", "standby"),
)
NEW_CAR = car(3, at(14), "粵B·24680", "鹽田管理處", "standby")
PEOPLE = (
    person(1, "總經理", "陳國華", "meeting", place="總部會議", back=at(12)),
    person(2, "工程部", "李志強", "out", place="B座 3 樓巡檢"),
    person(3, "客服部", "王美玲", "in", place="前台"),
    person(4, "財務部", "周敏", "leave", back=at(9, day=24)),
    person(5, "人事部", "何嘉怡", "in", place="三樓辦公室"),
)
VISITS = (
    visit(1, at(10, 30), "市住建局 檢查組", 8, "三樓第一會議室"),
    visit(2, at(15), "同行參觀團 · 恒信物業", 22, "二樓多功能廳"),
)
REMINDERS = (
    reminder(1, "今日 18:00–20:00 B座電梯保養，請走 A座"),
    reminder(2, "消防演習　11月25日（週三）15:00"),
    reminder(3, "下班前請關閉會議室設備電源"),
)

LONG_NAME = (
    "粵港澳大灣區智慧城市建設與物業服務聯合考察團第十二批次代表"
    "及隨行工作人員一行二十二人（含翻譯兩名及醫護人員）參訪交流"
)
LONG_LATIN = "The Honourable Bartholomew Featherstonehaugh-Cholmondeley III"[:60]
LONG_TEXT = (
    "因市政供水管網改造，本大廈將於十一月二十四日（星期二）上午九時至下午五時暫停供水，請各部門提前儲水，"
    "並關閉所有水龍頭以免恢復供水時溢水；如有疑問請致電前台 8888-6666 查詢，不便之處敬請原諒。"
)


def alive(state: BoardState, tick: float = TICK) -> BoardState:
    return receive(state, Canary(epoch=7, seq=1, at=NOW + timedelta(seconds=tick - TICK)), tick)


def of(*snapshots: Snapshot[Any]) -> BoardState:
    """A live board that has shown these for a while."""
    return alive(restored("main", snapshots, TICK - 1))


def designed() -> BoardState:
    """The day of the design's picture, its third car published a moment ago."""
    state = of(
        snapshot(Section.VEHICLES, *CARS),
        snapshot(Section.WHEREABOUTS, *PEOPLE),
        snapshot(Section.VISITS, *VISITS),
        snapshot(Section.REMINDERS, *REMINDERS),
    )
    return receive(state, snapshot(Section.VEHICLES, *CARS, NEW_CAR, rev=2), TICK)


def one_row() -> BoardState:
    return of(
        snapshot(Section.VEHICLES, CARS[0]),
        snapshot(Section.WHEREABOUTS, PEOPLE[0]),
        snapshot(Section.VISITS, VISITS[0]),
        snapshot(Section.REMINDERS, REMINDERS[0]),
    )


def taken_over() -> BoardState:
    return receive(designed(), snapshot(Section.EMERGENCY, emergency(), rev=1), TICK)


def long_emergency() -> BoardState:
    row = emergency(2, "evacuation", LONG_TEXT.replace("，", "")[:120])
    return receive(designed(), snapshot(Section.EMERGENCY, emergency(), row, rev=1), TICK)


def many_rows() -> BoardState:
    states = ("standby", "out", "back")
    moods = ("in", "meeting", "out", "leave")
    return of(
        snapshot(
            Section.VEHICLES,
            *(
                car(n, at(8 + n, 4 * n), f"粵B·{10000 + 7 * n}", "鹽田管理處", states[n % 3],
                    driver="黃師傅")
                for n in range(1, 13)
            ),
        ),
        snapshot(
            Section.WHEREABOUTS,
            *(
                person(n, "工程部" if n % 3 else "總經理辦公室", "李志強", moods[n % 4],
                       place="B座巡檢" if n % 2 else "", back=at(11, n))
                for n in range(1, 13)
            ),
        ),
        snapshot(
            Section.VISITS,
            *(visit(n, at(9, n), f"參觀團 {n}", n * 9, "多功能廳") for n in range(1, 13)),
        ),
        snapshot(Section.REMINDERS, *(reminder(n, f"提示事項之 {n}") for n in range(1, 13))),
    )  # fmt: skip


def long_names() -> BoardState:
    return of(
        snapshot(
            Section.VEHICLES,
            car(1, at(9, 30), LONG_NAME[:60], LONG_NAME[:60], "out", driver=LONG_NAME[:60]),
            car(2, at(10, 30, day=24), "粵B·67890", LONG_LATIN, "back", until=at(9)),
        ),
        snapshot(
            Section.WHEREABOUTS,
            person(1, LONG_NAME[:60], LONG_NAME[:60], "meeting", place=LONG_NAME[:60], back=at(12)),
            person(2, "工程部", LONG_LATIN, "out", place=LONG_LATIN, until=at(9, 40)),
        ),
        snapshot(
            Section.VISITS,
            visit(1, at(10, 30), LONG_NAME[:60], 999, LONG_NAME[:60]),
            visit(2, at(15), LONG_LATIN, 1, LONG_LATIN, until=at(9, 40)),
        ),
        snapshot(Section.REMINDERS, reminder(1, LONG_TEXT), reminder(2, LONG_LATIN * 3)),
    )


def unconfirmed() -> BoardState:
    """Rows past their time: said of cars and people, taken down of reminders."""
    return of(
        snapshot(Section.VEHICLES, CARS[0].model_copy(update={"until": at(9, 40)}), CARS[1]),
        snapshot(Section.WHEREABOUTS, PEOPLE[0].model_copy(update={"until": at(9, 40)}), PEOPLE[1]),
        snapshot(Section.VISITS, VISITS[0].model_copy(update={"until": at(9, 40)}), VISITS[1]),
        snapshot(
            Section.REMINDERS, REMINDERS[0].model_copy(update={"until": at(9, 40)}), REMINDERS[1]
        ),
    )


def called(counter: str = "二號櫃檯") -> BoardState:
    items = (
        CalledNumber(number=f"R-{number:03d}", counter=counter, at=at(9, 41), until=at(9, 43))
        for number in (12, 11, 9, 8, 7)
    )
    return receive(designed(), Calls(group="main", epoch=7, rev=1, items=tuple(items)), TICK)


def stale() -> BoardState:
    return alive(designed(), TICK - 60)


def offline() -> BoardState:
    return restored("main", [held.snapshot for held in designed().sections.values()], TICK - 1)


def empty() -> BoardState:
    return alive(
        receive(
            of(*(snapshot(section) for section in PANELS if section is not Section.VISITS)),
            Manifest(group="main", epoch=7, sections={}),
            TICK,
        )
    )


def nothing_known() -> BoardState:
    return restored("main", [], TICK)


def yesterday() -> BoardState:
    """The morning after: nothing was published for today yet."""
    held = [held.snapshot for held in designed().sections.values()]
    return of(*(s.model_copy(update={"day": date(2026, 11, 22)}) for s in held))


DAYS = {
    build.__name__.replace("_", "-"): build
    for build in (
        designed, one_row, many_rows, long_names, unconfirmed, stale, offline, empty,
        nothing_known, yesterday, called,
    )
}  # fmt: skip
