"""A real core on a real database, and the clock that its tests hold still."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller import reception
from controller.changes import Changes
from controller.core import Core
from controller.limits import RateLimit
from models import store
from models.messages import Answer, RequestBody
from models.messages import Request as KioskRequest
from models.rules import read_policy
from models.settings import Settings
from tests.parts import ROOT

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
"""09:40 on a Monday in the office's zone."""


def fresh_key() -> str:
    return secrets.token_hex(16)


@pytest.fixture
def core(settings: Settings) -> Iterator[Core]:
    store.open_database(settings.database)
    store.seed_demo(NOW)
    yield Core(
        settings=settings,
        policy=read_policy((ROOT / "assets" / "policy.toml").read_text("utf-8")),
        signing_key=Ed25519PrivateKey.generate(),
        kid=1,
        changes=Changes(),
        guesses=RateLimit(count=5, seconds=60),
        wake=lambda: None,
    )
    store.close_database()


@pytest.fixture
def ask(core: Core):
    """ask(body) as kiosk k1 would; the same key asks again."""

    def asking(
        body: RequestBody, key: str | None = None, now: datetime = NOW, kiosk: str = "k1"
    ) -> Answer:
        request = KioskRequest(device=kiosk, key=key or fresh_key(), body=body)
        return reception.answer(core, request, now)

    return asking
