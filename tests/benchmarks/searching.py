"""The desk looks something up: in an office of a thousand visits and entries, and of a hundred
thousand, half of them in the duty log.

Asked is by a surname alone, a part of a name, its sound, its initials, a telephone's last digits, a
number plate, a number, and words of the log; over HTTP, as the page does, all groups at once.
"""

import json
import random
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from controller import lobby
from controller.preflight import Part
from models import store, tables
from models.settings import Settings
from tests.benchmarks.report import Row, measured, percentile
from tests.benchmarks.stage import prepared
from tests.e2e.clerk import Clerk, at_the_desk

_FEW, _MANY = 1_000, 100_000
_QUESTIONS = 400
_SURNAMES = "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何林高羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董單解區查"
_GIVEN = "偉芳娜敏靜麗強磊軍洋勇艷傑娟濤明超蘭霞平剛桂英華文德志國建春美玲佩芬小大子家"
_BODIES = ("恒信", "廣達", "順豐", "海爾", "中建", "聯通", "綠植", "長城", "永安", "金源")
_TRADES = ("物業管理", "裝修工程", "速運", "科技", "設備維修", "清潔服務", "貿易")
_PLACES = ("七樓走廊", "地庫停車場", "首層大堂", "A 座天台", "B 座電梯", "會議室", "茶水間", "後門")
_FAULTS = ("漏水", "有異味", "燈不亮", "門鎖鬆動", "空調不製冷", "植物枯黃", "紙張用完", "地面濕滑")
_DONE = ("請工程部今天處理", "已經致電住戶", "要求盡快回覆", "下午再看一次", "師傅說要換零件")


def searching() -> Iterator[Row]:
    few = yield from _asked(_FEW)
    many = yield from _asked(_MANY)
    name = f"Search: p95 among {_MANY:,}, of that among {_FEW:,}"
    yield measured(name, [many / few], "times")


def _asked(rows: int) -> Generator[Row, None, float]:
    """The row of one office; returns its p95 in milliseconds."""
    drawn = random.Random(rows)
    with prepared() as settings:
        questions = _fill(settings, rows, drawn)
        with (
            lobby.opened(settings, (Part.BROKER, Part.CONTROLLER)) as running,
            at_the_desk(running) as clerk,
        ):
            times = [1000 * _seconds(clerk, question) for question in questions]
    yield measured(f"Search among {rows:,} visits and log entries", times, "ms", 200)
    return percentile(times, 95)


def _seconds(clerk: Clerk, question: str) -> float:
    start = monotonic()
    clerk.search(question)
    return monotonic() - start


def _fill(settings: Settings, rows: int, drawn: random.Random) -> list[str]:
    """Half visits, half entries of the log, of the last weeks; returns what is asked of them."""
    visits = [_visit(drawn, place, rows) for place in range(rows // 2)]
    entries = [_entry(drawn, place, rows) for place in range(rows - len(visits))]
    store.open_database(settings.database)
    with store.transaction():
        _insert(tables.Visit, visits)
        _insert(tables.DutyEntry, entries)
    store.close_database()
    return [_question(drawn, visits) for _ in range(_QUESTIONS)]


def _insert(table: Any, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 500):
        table.insert_many(rows[start : start + 500]).execute()


def _moment(place: int, rows: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=28) * (1 - 2 * place / rows)


def _visit(drawn: random.Random, place: int, rows: int) -> dict[str, Any]:
    at = _moment(place, rows)
    return {
        "key": f"{place:032x}",
        "kiosk": "k1",
        "language": "zh-Hant",
        "purpose": "business",
        "category": "ordinary",
        "name": _name(drawn),
        "organisation": drawn.choice(_BODIES) + drawn.choice(_TRADES),
        "phone": f"13{drawn.randrange(10**9):09d}",
        "department": "工程部",
        "host": 1 + place % 9,
        "admission": "confirm",
        "decision": json.dumps({"reasons": [], "tea": 0, "told": [], "policy": 1, "code": ""}),
        "state": "refused",
        "registered_at": at,
        "decided_at": at,
        "decided_by": "desk",
    }


def _entry(drawn: random.Random, place: int, rows: int) -> dict[str, Any]:
    """Every third goes on with the one before."""
    said = f"{drawn.choice(_PLACES)}{drawn.choice(_FAULTS)}，{drawn.choice(_DONE)}。"
    personal = {"message": said, "caller": _name(drawn), "phone": f"13{drawn.randrange(10**9):09d}"}
    unique = place.to_bytes(32)
    return {
        "id": place + 1,
        "key": f"{place:032x}",
        "kind": "complaint",
        "act": "recorded" if place % 3 else "passed_on",
        "root": None if place % 3 or not place else place,
        "at": _moment(place, rows),
        "by": "王美玲",
        "facts": json.dumps({"to": "工程部"}, ensure_ascii=False),
        "personal": json.dumps(personal, ensure_ascii=False),
        "salt": b"bench",
        "personal_hash": unique,
        "previous": unique,
        "hash": unique,
    }


def _name(drawn: random.Random) -> str:
    given = "".join(drawn.choice(_GIVEN) for _ in range(drawn.choice((1, 2, 2))))
    return drawn.choice(_SURNAMES) + given


def _question(drawn: random.Random, visits: Sequence[dict[str, Any]]) -> str:
    visit = drawn.choice(visits)
    name, number = visit["name"], drawn.randrange(len(visits))
    return drawn.choice(
        (
            name,
            name[0],
            name[1:],
            drawn.choice(("王", "陈", "刘小", "單", "李国")),
            drawn.choice(("wang", "wangxiao", "chen guo", "wxm", "lgq", "zengm", "shan", "zh")),
            visit["phone"][-4:],
            visit["phone"][-3:],
            visit["organisation"][:2] + " " + name[0],
            f"V-{number:04d}",
            str(number),
            drawn.choice(("漏水", "七楼走廊", "燈", "工程部", "停车场 湿滑", "loushui", "B座电梯")),
        )
    )
