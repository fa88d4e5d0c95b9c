"""A small office to try the lobby out with."""

from datetime import datetime
from typing import Any

from models.store.base import record, transaction
from models.store.desk import add_user
from models.tables import (
    Base,
    Car,
    DeskUser,
    Person,
    Room,
)
from models.terms import DeskRole

DEMO_USER = "desk"


def seed_demo(now: datetime) -> None:
    """Fill an empty database with a small office. A database with people in it is left alone.

    Its user can sign in only once set-up, or a test, has given them a password.
    """
    with transaction():
        if Person.select().exists() or DeskUser.select().exists():
            return
        _fill(Person, ("department", "name", "title"), _DEMO_PEOPLE)
        _fill(Room, ("name", "kind", "capacity", "inside"), _DEMO_ROOMS)
        _fill(Car, ("plate", "driver"), _DEMO_CARS)
        add_user(DEMO_USER, "王美玲", "", DeskRole.ADMINISTRATOR)
        record(now, "setup", "demo_data")


def _fill(table: type[Base], names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    table.insert_many([dict(zip(names, row, strict=True)) for row in rows]).execute()


_DEMO_PEOPLE = [
    ("總經理辦公室", "陳國華", "總經理"),
    ("總經理辦公室", "林佩芬", "行政助理"),
    ("工程部", "李志強", "主管"),
    ("工程部", "何家榮", "工程師"),
    ("客服部", "王美玲", "前台"),
    ("客服部", "許雅婷", "客服專員"),
    ("財務部", "周敏", "會計"),
    ("人力資源部", "黃淑儀", "招聘專員"),
    ("保安部", "張偉", "隊長"),
]

_DEMO_ROOMS = [
    ("三樓第一會議室", "meeting", 12, True),
    ("二樓多功能廳", "meeting", 40, True),
    ("三樓第二洽談室", "negotiation", 4, True),
    ("二樓第一洽談室", "negotiation", 6, True),
    ("大堂洽談室", "negotiation", 4, False),
    ("電梯前廳沙發", "waiting", 6, False),
    ("首層前台", "counter", 10, False),
]

_DEMO_CARS = [("粵B·12345", "劉師傅"), ("粵B·67890", "吳師傅"), ("粵B·24680", "鄭師傅")]
