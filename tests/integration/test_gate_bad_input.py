"""What is scanned at a gate and is no pass in force: one table, each row with its code, its
words in three languages and a kept record."""

from dataclasses import dataclass

import pytest
from starlette.testclient import TestClient

from controller.changes import Changes
from controller.gate.camera import Eye
from controller.gate.compose import Station
from controller.gate.gate import Gate
from controller.gate.messenger import Messenger
from controller.web.gate import create_app
from models.passes import SKEW
from models.terms import Direction, Half, Language
from models.words import catalogue
from tests.gates import NOON, Hand, Mint, enrolled, fresh_key, opened

ID = b"7 bytes"
HOUR = 3600
PIN = "482913"


@dataclass
class Scene:
    """A gate that has been enrolled, another that it cannot hear, and the office's side."""

    gate: Gate
    other: Gate
    mint: Mint
    wall: Hand

    def scanned(self, gate: Gate, text: str) -> None:
        """Somebody goes in or out, and a minute passes."""
        gate.scan(fresh_key(), text, None, "page")
        self.wall.now += 60


@pytest.fixture
def scene(tmp_path):
    mint, wall = Mint(), Hand()
    file = tmp_path / "g1.sqlite3"
    enrolled(file, mint, wall).journal.close()
    # Its steady clock is not the wall's: that one can be set back.
    gate = opened(file, mint, wall, Hand(0))
    return Scene(gate, enrolled(tmp_path / "g2.sqlite3", mint, wall), mint, wall)


@pytest.fixture
def guard(scene, settings):
    messenger = Messenger(scene.gate, lambda: None)
    station = Station(settings, scene.gate, messenger, Changes(), PIN, Eye(Hand(9)))
    client = TestClient(create_app(station), base_url="http://localhost")
    client.post("/api/session", json={"pin": PIN}).raise_for_status()
    return client


def of_another_site(scene):
    elsewhere = Mint("branch-2")
    elsewhere.key = scene.mint.key
    return elsewhere.token()


def after_its_exit(scene):
    token = scene.mint.token()
    for _ in ("in", "out"):
        scene.scanned(scene.gate, token)
    return token


def inside_at_a_gate_that_is_cut_off(scene):
    token = scene.mint.token()
    scene.scanned(scene.other, token)
    return token


def inside_at_both_of_two_that_are_cut_off(scene):
    token = inside_at_a_gate_that_is_cut_off(scene)
    scene.scanned(scene.gate, token)
    return token


def with_the_clock_set_back(scene):
    scene.wall.now = NOON - HOUR
    return scene.mint.token(since=NOON - HOUR - SKEW, hours=1)


def revoked_before(*later):
    """A revoked pass, though these lists came after the one that says so."""

    def make(scene):
        scene.gate.trust.take_list(scene.mint.revoked(ID, seq=5))
        for document in later:
            assert scene.gate.trust.take_list(document(scene.mint)) in {"empty", "old"}
        return scene.mint.token(ID)

    return make


def text(said):
    return lambda _: said


IN = Direction.IN
TABLE = {
    "signed by somebody else": (lambda _: Mint().token(), None, "forged"),
    "of another site": (of_another_site, None, "forged"),
    "of a key that never was": (lambda s: s.mint.token(kid=9), None, "unknown_key"),
    "expired by a second": (
        lambda s: s.mint.token(since=NOON - HOUR - SKEW - 1, hours=1),
        None,
        "expired",
    ),
    "expired, a second within the skew": (
        lambda s: s.mint.token(since=NOON - HOUR - SKEW + 1, hours=1),
        None,
        "ok_in",
    ),
    "not yet valid": (lambda s: s.mint.token(since=NOON + SKEW + 1), None, "not_yet"),
    "the half that is kept at the gate": (
        lambda s: s.mint.token(half=Half.DUPLICATE),
        IN,
        "wrong_half",
    ),
    "again after its exit": (after_its_exit, IN, "already_returned"),
    "once at each of two gates that are cut off": (
        inside_at_a_gate_that_is_cut_off,
        IN,
        "ok_in",
    ),
    "a second time at one of them": (
        inside_at_both_of_two_that_are_cut_off,
        IN,
        "already_inside",
    ),
    "expired, with the gate's clock set back an hour": (with_the_clock_set_back, None, "expired"),
    "revoked, with an empty list since": (revoked_before(lambda _: b""), None, "revoked"),
    "revoked, with a list rolled back": (
        revoked_before(lambda mint: mint.revoked(seq=4)),
        None,
        "revoked",
    ),
    "control characters": (text("A-0137\x1b[2J"), None, "control_characters"),
    "control characters in a pass": (
        lambda s: s.mint.token()[:80] + "\x00" + s.mint.token()[81:],
        None,
        "control_characters",
    ),
    "an address": (text("https://evil.example/VP1:"), None, "web_address"),
    "ten kilobytes": (text("VP1:" + "A" * 10_000), None, "too_long"),
    "whole, without the scanner's Enter": (lambda s: s.mint.token(), None, "ok_in"),
    "broken off, without the scanner's Enter": (
        lambda s: s.mint.token()[:90],
        None,
        "incomplete",
    ),
    "two in one, the Enter between them lost": (
        lambda s: s.mint.token() + s.mint.token(),
        None,
        "malformed",
    ),
}
"""What is scanned, which way, and the code."""


@pytest.mark.parametrize("what", TABLE)
def test_each_has_its_code_its_words_in_three_languages_and_a_kept_record(scene, guard, what):
    make, direction, code = TABLE[what]
    body = {"id": fresh_key(), "text": make(scene), "direction": direction}
    before = scene.gate.journal.count_unmerged()
    for language in Language:
        # The same scan, asked again: it is kept once.
        guard.cookies.set("lobby_language", language)
        said = guard.post("/api/scans", json=body).raise_for_status().json()
        opens = code == "ok_in"
        assert (said["code"], said["ok"]) == (code, opens)
        assert said["tone"] == ("good" if opens else "bad")
        assert said["words"] == catalogue(language)[f"gate.scan_{code}"]
        assert bool(said["advice"]) is not opens
    [kept, *_] = scene.gate.journal.last(1)
    assert (kept.key, kept.code, kept.ok) == (body["id"], code, opens)
    assert kept.text.isprintable()
    assert len(kept.text) <= 200
    assert scene.gate.journal.count_unmerged() == before + 1
