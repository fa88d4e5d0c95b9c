"""Who may sign in at the desk, by the command."""

import os
import subprocess
import sys

import pytest

from models import store
from tests.integration.conftest import NOW
from tests.parts import ROOT


@pytest.fixture
def command(core, settings):
    def run(*arguments, password=""):
        environment = os.environ | {"LOBBY_DATA": str(settings.data)}
        return subprocess.run(
            [sys.executable, "-m", "controller.users", *arguments],
            input=f"{password}\n",
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


def test_a_user_is_made_listed_and_removed(command):
    assert command("set", "mei", "王美玲", password="correct horse").returncode == 0
    assert "mei\t王美玲" in command("list").stdout
    assert command("remove", "desk").returncode == 0
    assert [user.name for user in store.users()] == ["mei"]
    assert not store.demo_sign_in_works()


def test_a_changed_password_signs_its_owner_out_everywhere(command):
    store.open_session("hash", store.user("desk").id, NOW.replace(year=2999))
    assert store.session("hash", NOW)
    command("set", "desk", "前台", password="another one")
    assert store.session("hash", NOW) is None
    assert store.user("desk").display == "前台"
    assert not store.demo_sign_in_works()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("set", "mei", "王美玲"), "at least 8 characters"),
        (("remove", "nobody"), "There is no user nobody."),
        (("remove", "desk"), "the only user"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(command, arguments, sentence):
    answer = command(*arguments, password="short")
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert sentence in answer.stderr
    assert store.demo_sign_in_works()
