"""A real core on a real database, and the clock that its tests hold still."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from controller import appointments, keyring, reception, scanning
from controller.core import Core
from models import store
from models.messages import Answer, Register, RequestBody
from models.messages import Request as KioskRequest
from models.settings import Settings
from models.store import PassRow
from models.terms import Category
from tests.accounts import past_the_first_sign_in
from tests.desk_office import core_on
from tests.parts import PATIENCE, morning_zone

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
"""09:40 on a Monday in the office's zone."""


def fresh_key() -> str:
    return secrets.token_hex(16)


@pytest.fixture
def core(settings: Settings) -> Iterator[Core]:
    store.open_database(settings.database)
    store.seed_demo(NOW)
    past_the_first_sign_in()
    for _ in keyring.make(settings.keys, settings.site, int(NOW.timestamp())):
        pass
    yield core_on(settings)
    store.close_database()


@pytest.fixture
def morning(core: Core) -> Core:
    """The core of an office where it is nine in the morning just now: for tests of the real clock,
    into which no midnight comes."""
    here = core.settings.model_copy(update={"timezone": morning_zone()})
    object.__setattr__(core, "settings", here)
    return core


@pytest.fixture
def patient(monkeypatch):
    """A printer whose machine stands still for a while is not taken for one that says nothing."""
    monkeypatch.setattr("controller.printers._ANSWER", PATIENCE)


@pytest.fixture
def ask(core: Core):
    """ask(body) as kiosk k1 would; the same key asks again."""

    def asking(
        body: RequestBody,
        key: str | None = None,
        now: datetime = NOW,
        kiosk: str = "k1",
        **late: Any,
    ) -> Answer:
        request = KioskRequest(device=kiosk, key=key or fresh_key(), body=body, **late)
        return reception.answer(core, request, now)

    return asking


@pytest.fixture
def expected(core: Core):
    """expected(digits, name): somebody has an appointment; the digits are theirs to type."""

    def making(phone_last4: str, name: str = "趙先生") -> str:
        appointments.make(
            core,
            name=name,
            organisation="",
            category=Category.ORDINARY,
            party=1,
            host_id=1,
            room_id=None,
            starts=NOW,
            ends=NOW + timedelta(hours=1),
            phone_last4=phone_last4,
            by="desk",
            now=NOW,
        )
        return phone_last4

    return making


@pytest.fixture
def admitted_pass(ask, expected):
    """admitted_pass(name): the pass of an expected guest who has just registered."""

    def admitting(name: str) -> PassRow:
        digits = f"{secrets.randbelow(10_000):04d}"
        card = ask(Register(code=expected(digits, name))).body.passes[0]
        row = store.pass_by_number(card.number)
        assert row is not None
        return row

    return admitting


@pytest.fixture
def scan(core: Core):
    """scan(text, direction, minutes after NOW, key), at the desk."""

    def scanning_(text, direction=None, minutes=0, key=None):
        at = NOW + timedelta(minutes=minutes)
        return scanning.scan(core, key or fresh_key(), text, direction, "王美玲", at)

    return scanning_
