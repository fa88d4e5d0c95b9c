"""Who may sign in at the desk, by the command."""

import os
import subprocess
import sys

import pytest

from controller import users
from models import store
from models.store import SessionRow
from tests.accounts import CREDENTIALS
from tests.integration.conftest import NOW
from tests.parts import PATIENCE, ROOT


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
            timeout=PATIENCE,
            check=False,
        )

    return run


def can_sign_in(name, password):
    user = store.user(name)
    return user is not None and users.matches(user.password_hash, password)


def test_a_user_is_made_listed_and_removed(command):
    made = command("set", "mei", "王小美", "--role", "administrator", password="correct horse")
    assert made.returncode == 0, made.stderr
    assert "mei\t王小美\tadministrator" in command("list").stdout
    assert command("remove", "desk").returncode == 0
    assert [user.name for user in store.users()] == ["mei"]
    assert can_sign_in("mei", "correct horse")


def test_a_changed_password_signs_its_owner_out_everywhere_and_leaves_the_role(command):
    session = SessionRow("hash", NOW, NOW.replace(year=2999), "127.0.0.1")
    store.open_session(session, store.user("desk").id)
    assert store.session("hash", NOW)
    command("set", "desk", "前台", password="another one")
    assert store.session("hash", NOW) is None
    assert (store.user("desk").display, store.user("desk").role) == ("前台", "administrator")
    assert can_sign_in("desk", "another one")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("set", "mei", "王小美"), "at least 8 characters"),
        (("remove", "nobody"), "There is no user nobody."),
        (("remove", "desk"), "the only administrator"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(command, arguments, sentence):
    answer = command(*arguments, password="short")
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert sentence in answer.stderr
    assert can_sign_in("desk", CREDENTIALS["password"])
    assert [user.name for user in store.users()] == ["desk"]
