"""A lobby is backed up while it works, goes on, and is put back; its board follows."""

import os
import secrets
import subprocess
import sys

import pytest

from controller import lobby
from controller.preflight import Part
from models.link import Received
from models.messages import Answer, Register, Request, topic_of
from models.terms import Purpose, Role
from tests.accounts import prepared
from tests.e2e.clerk import at_the_desk
from tests.e2e.launcher import environment
from tests.e2e.windows import Window
from tests.parts import PATIENCE, ROOT, fresh_settings, morning_zone, signed_in

MOST = 40
"""Visitors during the backup, however long that takes: only so many may wait in one lobby."""
CALL = {"message": "空調漏水", "caller": "王女士", "phone": "13800138000", "to": "工程部"}


@pytest.fixture
def running():
    for name in ("DISPLAY", "SDL_VIDEODRIVER"):
        os.environ.pop(name, None)
    with fresh_settings(timezone=morning_zone()) as settings:
        prepared(settings)
        parts = [Part.BROKER, Part.CONTROLLER, Part.BOARD]
        with lobby.opened(settings, parts, probes=True) as opened:
            yield opened


@pytest.fixture
def register(running):
    """register(name) at a kiosk, until the controller has acknowledged it; returns the name."""
    answers = topic_of(Answer, running.settings.site, device="k1")
    with signed_in(running.settings, Role.KIOSK, "k1", [answers]) as kiosk:

        def registering(name):
            key = secrets.token_hex(16)
            body = Register(purpose=Purpose.SERVICE, name=name)
            kiosk.link.publish(Request(device="k1", key=key, body=body))
            told = kiosk.ear.until(lambda e: isinstance(e, Received) and e.message.key == key)
            assert told.message.ok
            return name

        yield registering


def begun(running, *words):
    """The command, as an operator begins it."""
    return subprocess.Popen(
        [sys.executable, "-m", "controller", *words],
        cwd=ROOT,
        env=environment(running.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def done(command):
    """Its exit code, and everything it said."""
    said, _ = command.communicate(timeout=PATIENCE)
    return command.returncode, said


def waiting(clerk):
    return {visit["name"] for visit in clerk.today()["waiting"]}


def passes(clerk):
    return [(held["id"], held["number"], held["state"]) for held in clerk.today()["passes"]]


def test_a_lobby_goes_on_during_its_backup_and_is_put_back_as_it_was(running, register, tmp_path):
    file = str(tmp_path / "lobby.zip")
    board = Window(running, Part.BOARD)
    with at_the_desk(running) as clerk:
        before = {register(f"before {n}") for n in range(5)}
        register("admitted")
        clerk.decide(clerk.waiting("admitted"), "admit")
        issued = passes(clerk)
        clerk.record("complaint", **CALL)
        notice = clerk.publish("reminders", text="下班前請關閉電源")
        board.wait_for_text("下班前請關閉電源")

        backup, during, recorded = begun(running, "backup", file), set(), 1
        while backup.poll() is None:
            clerk.record("complaint", **CALL)
            recorded += 1
            if len(during) < MOST:
                during.add(register(f"during {len(during)}"))
        assert done(backup)[0] == 0

        after = {register("after")}
        clerk.decide(clerk.waiting("before 0"), "admit")
        clerk.take_down(notice)
        clerk.publish("reminders", text="飲水機維修中")
        clerk.record("complaint", **CALL)
        board.wait_for_text("飲水機維修中")
        code, said = done(begun(running, "restore", file))
        assert (code, "A controller is running" in said) == (2, True), said
        assert waiting(clerk) == (before | during | after) - {"before 0"}

    running.stop(Part.CONTROLLER)
    code, said = done(begun(running, "restore", file))
    assert code == 0, said
    running.start(Part.CONTROLLER)
    running.wait_until_ready(Part.CONTROLLER)

    board.wait_for_text("下班前請關閉電源")
    assert "飲水機維修中" not in board.text()
    with at_the_desk(running) as clerk:
        there = waiting(clerk)
        # Those of the moment of the backup: no gap among them, and nobody who came later.
        assert there == before | {f"during {n}" for n in range(len(there - before))}
        assert there <= before | during
        assert passes(clerk) == issued != []
        code, said = done(begun(running, "verify-log"))
        assert code == 0, said
        assert 1 <= int(said.partition(" entries hold")[0]) <= recorded
        clerk.publish("reminders", text="新的一天")
        board.wait_for_text("新的一天")
        board.wait(lambda _: clerk.screens()["behind"] == [], "the newest, says the desk")
        assert register("again") in waiting(clerk)
