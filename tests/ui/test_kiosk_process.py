"""`python -m kiosk`, as it is started: it says when it is there, obeys, and refuses in words."""

import os
import signal
import subprocess
import sys
from importlib.metadata import version

import pytest

from broker_config.generate import provision
from models import pins
from models.messages import Presence, topic_of
from models.terms import Role
from tests.parts import PATIENCE, ROOT, signed_in


@pytest.fixture
def environment(settings):
    return os.environ | {
        "SDL_VIDEODRIVER": "offscreen",
        "LOBBY_SITE": settings.site,
        "LOBBY_DATA": str(settings.data),
        "LOBBY_BROKER__PORT": str(settings.broker.port),
        "LOBBY_KIOSK__WINDOW": "506x900+0+0!",
    }


def started(environment):
    return subprocess.Popen(
        [sys.executable, "-m", "kiosk"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_says_when_it_is_there_without_a_broker_and_ends_when_asked(settings, environment):
    provision(settings)
    with started(environment) as process:
        assert process.stdout.readline() == "first frame\n"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err


def test_its_presence_says_which_version_it_is(broker, environment):
    site = broker.settings.site
    presence = [topic_of(Presence, site, role="kiosk")]
    with (
        signed_in(broker.settings, Role.CONTROLLER, "main", presence) as controller,
        started(environment) as process,
    ):
        born = controller.until_message(Presence, lambda told: told.state == "online")
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert (born.role, born.version) == (Role.KIOSK, version("lobby"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"LOBBY_KIOSK__WINDOW": "big"}, "kiosk.window"),
        ({"LOBBY_KIOSK__COLOUR": "red"}, "colour"),
        ({"LOBBY_SETTINGS": "/nowhere/lobby.toml"}, "/nowhere/lobby.toml"),
        ({}, "credential"),
    ],
)
def test_what_keeps_it_from_starting_is_one_sentence(environment, change, words):
    with started(environment | change) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert words in err


def test_a_new_pin_is_drawn_and_said_by_the_command(settings, environment):
    provision(settings)
    command = [sys.executable, "-m", "kiosk", "--pin"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    pin = done.stdout.strip().rpartition(" ")[2]
    assert pins.is_right(pins.file_of(settings), pin)
