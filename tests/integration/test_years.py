"""After years of visits nothing that happens every day takes longer: no statement's work grows.

SQLite counts the instructions of each statement, in an office with few past visits and in one with
many. That finds a scan, and an index that hardly narrows, by whatever name the plan calls them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from controller import (
    confirmation,
    counter,
    deciding,
    ledger,
    merging,
    reception,
    revoking,
    scanning,
    sections,
    telling,
)
from controller.notifying import Notifier
from controller.web import reports
from controller.web.pages import REGIONS
from models import store
from models.messages import CallDesk, Directory, FindAppointment, FindVisit, Register, Status
from models.messages import Request as KioskRequest
from models.store import DeviceRow
from models.tables import database
from models.terms import DeskDecision, Purpose, Role
from tests.integration.conftest import NOW, fresh_key
from tests.years import fill

FEW, MANY = 300, 3000
EVERY = 10
"""Instructions between two looks."""
SMALL = 500
"""Instructions that make no difference to anybody."""


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """The most instructions that each statement takes meanwhile, by its text without values."""
    most: dict[str, int] = {}
    taken: defaultdict[str, int] = defaultdict(int)
    statement = ""

    def begins(text: str) -> None:
        nonlocal statement
        if statement:
            most[statement] = max(most.get(statement, 0), taken.pop(statement, 0))
        statement = re.sub(r"'[^']*'|\b\d+\b", "?", text)

    def works() -> int:
        taken[statement] += EVERY
        return 0

    connection = database.connection()
    connection.set_trace_callback(begins)
    connection.set_progress_handler(works, EVERY)
    yield most
    connection.set_progress_handler(None, 0)
    connection.set_trace_callback(None)
    begins("")


def an_hour(core, expected) -> None:
    """Visitors come, are answered, go in and out; the clock's jobs run; every page is looked at."""
    notifier = Notifier(lambda _: None)

    def ask(body):
        return reception.answer(core, KioskRequest(device="k1", key=fresh_key(), body=body), NOW)

    guest = ask(Register(code=expected("4711")))
    assert guest.ok
    walk_in = ask(Register(name="陳先生", department="工程部", host=3))
    ask(Register(name="林小姐", purpose=Purpose.INTERVIEW))
    confirmation.advance(core, notifier, NOW)
    ask(FindAppointment(code="9999"))
    ask(FindVisit(code="9999"))
    ask(Status(visit=guest.body.visit))
    ask(CallDesk(visit=None))
    ask(Directory())
    waiting = store.visit_by_key(walk_in.body.visit)
    deciding.decide(core, waiting.id, DeskDecision.ADMIT, "desk", NOW)
    for minutes in (1, 2):
        token = guest.body.passes[0].token
        at = NOW + timedelta(minutes=minutes)
        assert scanning.scan(core, fresh_key(), token, None, "desk", at).ok
        look(core, notifier)


def look(core, notifier: Notifier) -> None:
    """What falls due, and every region of the desk's pages."""
    sections.refresh(core, NOW)
    counter.refresh(core, NOW)
    confirmation.advance(core, notifier, NOW)
    telling.send(core, notifier, NOW)
    ledger.expire(core, NOW)
    revoking.follow_keys(core, NOW)
    revoking.renew_list(core, NOW)
    merging.has_news_for_gates(core, NOW)
    store.unprinted_passes(NOW - timedelta(minutes=10))
    for region in REGIONS.values():
        region.gather(core, NOW)
    reports.rows_of(core, reports.asked_period(core, NOW))
    store.threads_between(*core.day_of(NOW))


@pytest.fixture
def work(settings, core, expected):
    """work(visits): what each statement takes after so many visits."""

    def working(visits: int) -> dict[str, int]:
        file = settings.data / f"{visits}.sqlite3"
        store.open_database(file)
        store.seed_demo(NOW)
        fill(file, visits, NOW)
        store.open_database(file)
        gate = DeviceRow(Role.GATE, "g1", online=True, session=1, version="", since=NOW)
        with store.transaction():
            store.keep_device(gate)
        with counted() as most:
            an_hour(core, expected)
        return most

    return working


def test_no_statement_takes_longer_after_ten_times_the_visits(work):
    few, many = work(FEW), work(MANY)
    grown = {
        statement: (few.get(statement, 0), instructions)
        for statement, instructions in many.items()
        if instructions > 2 * few.get(statement, 0) + SMALL
    }
    assert not grown
    assert any('INSERT INTO "visit"' in statement for statement in many)


def test_what_would_scan_is_found(work, settings):
    work(FEW)
    with counted() as few:
        store.imported_keys()
    work(MANY)
    with counted() as many:
        store.imported_keys()
    (before,), (after,) = few.values(), many.values()
    assert after > 5 * before
