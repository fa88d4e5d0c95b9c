"""What the larger figures are made of: passes, their QR codes, and the controller's answer."""

import secrets
import time
from collections.abc import Callable, Iterator
from functools import partial
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller.preflight import Part
from kiosk.ime import Method
from kiosk.rime import Chinese, Rime
from kiosk.surnames import surnames_first
from models import passes, qr, rules
from models.link import Received
from models.messages import Answer, Register, Request, topic_of
from models.settings import Settings
from models.terms import Category, Half, Role
from tests.benchmarks.report import Row, UnmeasuredError, measured, rates
from tests.benchmarks.stage import running
from tests.benchmarks.submitting import expect_guests
from tests.e2e.clerk import at_the_desk
from tests.parts import ROOT, Signed, signed_in

_COUNT = 300
_BATCH = 100
"""Passes that are timed as one: a rate is of many, and a single one is a matter of luck."""
_REGISTRATIONS = 100
_APART = 0.05
"""Seconds. Visitors do not follow one another at once, and neither do their packets."""
_SITE = "test"
_KEYS = {
    Method.PINYIN: ["wangxiaoming", "zhangwei", "ouyangxiu", "lizhiqiang", "xieyuanzhang"],
    Method.ZHUYIN: ["j;6vul3au/6", "5;jo4", "xu35 4fu;6"],
    Method.STROKE: ["hhsh", "hspzsh", "nhhhszhhps"],
}
_NAMES = 8
"""How often each is written."""


def pass_tokens() -> Iterator[Row]:
    key = Ed25519PrivateKey.generate()
    tokens = [mint(key) for _ in range(_BATCH)]
    keys = {1: key.public_key()}

    def mint_batch() -> None:
        for _ in range(_BATCH):
            mint(key)

    def verify_batch() -> None:
        for token in tokens:
            passes.verify(token, keys, _SITE)

    minting = [timed(mint_batch) / _BATCH for _ in range(_COUNT // 10)]
    verifying = [timed(verify_batch) / _BATCH for _ in range(_COUNT // 10)]
    drawing = [timed(partial(qr.matrix, token, "M")) * 1000 for token in tokens]
    yield rates("Pass halves minted on one core", minting, 3000)
    yield rates("Pass halves verified on one core", verifying, 4000)
    yield measured("Modules of a pass's QR code", drawing, "ms", 20)


def decisions() -> Iterator[Row]:
    policy = rules.read_policy((ROOT / "assets" / "policy.toml").read_text("utf-8"))
    kinds = ("meeting", "negotiation", "waiting", "counter") * 3
    rooms = tuple(
        rules.Room(f"{n}", kind, 4 + n, inside=n % 2 == 0, free=n % 3 != 0)
        for n, kind in enumerate(kinds)
    )
    every = [
        rules.Application(category, expected, party, "工程部")
        for category in Category
        for expected in (True, False)
        for party in (1, 6)
    ]

    def decide_every() -> None:
        for application in every:
            rules.decide(application, policy, rooms)

    times = [timed(decide_every) / len(every) for _ in range(_COUNT)]
    yield rates("Receptions decided", times)


def candidates() -> Iterator[Row]:
    """What a key takes of the input methods, without the drawing of what they offer."""
    settings = Settings()
    rime = Rime(settings.kiosk.rime, (ROOT / settings.rime).resolve())
    for method, names in _KEYS.items():
        chinese = Chinese(rime, method)

        def press(key: str, chinese: Chinese = chinese) -> None:
            composed = chinese.feed(key)
            surnames_first(composed.candidates, composed.preedit)

        times = []
        for name in names * _NAMES:
            chinese.reset()
            times += [timed(partial(press, key)) * 1000 for key in name]
        yield measured(f"Kiosk: key → candidates, {method}", times, "ms", 30)


def mint(key: Ed25519PrivateKey) -> str:
    now = int(time.time())
    claims = passes.Claims(secrets.token_bytes(passes.ID_LENGTH), Half.ORIGINAL, now, now + 60, 1)
    return passes.mint(key, _SITE, claims)


def timed(job: Callable[[], object]) -> float:
    """Seconds that a job takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def registrations() -> Iterator[Row]:
    with running(Part.BROKER, Part.CONTROLLER) as opened:
        with at_the_desk(opened) as clerk:
            codes = expect_guests(clerk, _REGISTRATIONS)
        settings = opened.settings
        answers = [topic_of(Answer, settings.site, device=settings.kiosk.id)]
        with signed_in(settings, Role.KIOSK, settings.kiosk.id, answers) as kiosk:
            times = [register(kiosk, settings.kiosk.id, code) * 1000 for code in codes]
    yield measured("Registration by code: sent → stored, pass minted, answered", times, "ms")


def register(kiosk: Signed, device: str, code: str) -> float:
    """Seconds until a registration is on the controller's disk and its answer here."""
    time.sleep(_APART)
    request = Request(device=device, key=uuid4().hex, body=Register(code=code))
    start = time.monotonic()
    kiosk.link.publish(request)

    def answers(event: object) -> bool:
        return (
            isinstance(event, Received)
            and isinstance(event.message, Answer)
            and event.message.key == request.key
        )

    event = kiosk.ear.until(answers)
    if not event.message.ok:
        raise UnmeasuredError(f"the controller refused a registration: {event.message.code}.")
    return float(event.at - start)
