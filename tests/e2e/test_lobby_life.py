"""The whole lobby, opened by its command: it says where it is, heals itself, and closes cleanly."""

import http.client
import os
import select
import signal
from contextlib import closing

import pytest

from broker_config import generate
from controller import lobby
from controller.preflight import Part
from models import store
from tests.e2e.launcher import environment, launched, pid_of, processes
from tests.parts import PATIENCE, free_ports, fresh_settings

OPEN = "is open"
WORDS = {
    "broker": "mosquitto.conf",
    "controller": "-m controller",
    "kiosk": "-m kiosk",
    "board": "-m board",
}


def desk_answers(settings):
    connection = http.client.HTTPConnection("127.0.0.1", settings.desk.port, timeout=PATIENCE)
    with closing(connection):
        connection.request("GET", "/health")
        return connection.getresponse().status == 200


def test_the_lobby_opens_says_where_it_is_and_closes_on_ctrl_c(settings):
    with launched(environment(settings), ("make", "run")) as lobby:
        lobby.until_line("Ctrl-C closes it")
        said = "\n".join(lobby.lines)
        assert f"http://127.0.0.1:{settings.desk.port}/" in said
        assert store.DEMO_USER in said
        name, password = settings.first_password.read_text("utf-8").split()
        assert f"{name}, password {password}" in said
        assert "a virtual display (Xvfb :" in said
        assert desk_answers(settings)
        assert [pid_of(settings, words) for words in (*WORDS.values(), "Xvfb")]
        lobby.press_ctrl_c()
        lobby.wait()
        assert "The lobby is closed." in lobby.lines
        assert processes(settings) == {}


def test_a_request_to_end_is_obeyed_with_exit_code_0_and_no_process_left(settings):
    with launched(environment(settings)) as lobby:
        lobby.until_line(OPEN)
        lobby.process.terminate()
        assert lobby.wait() == 0, "\n".join(lobby.lines)
        assert processes(settings) == {}


@pytest.mark.parametrize("line", ["The key that signs", "The PIN of gate", "First sign-in"])
def test_a_request_to_end_during_opening_leaves_no_process_either(settings, line):
    with launched(environment(settings)) as lobby:
        lobby.until_line(line)
        lobby.process.terminate()
        assert lobby.wait() == 0, "\n".join(lobby.lines)
        assert lobby.lines[-1] == "The lobby is closed."
        assert processes(settings) == {}


def test_a_request_to_end_is_obeyed_while_a_part_does_not_come_up(settings):
    generate.provision(settings)
    # Its files say another port than the one that it is waited for at.
    broker = settings.broker.model_copy(update={"port": free_ports(1)[0]})
    here, requests = settings.model_copy(update={"broker": broker}), lobby.CloseRequests()
    with lobby.opened(here, [], requests=requests) as running:
        running.start(Part.BROKER)
        requests.noted = True
        with pytest.raises(lobby.AskedToClose):
            running.wait_until_ready(Part.BROKER)


def test_a_killed_launcher_takes_everything_with_it(settings):
    with launched(environment(settings)) as lobby:
        lobby.until_line(OPEN)
        ends = [os.pidfd_open(pid) for pid in processes(settings)]
        assert len(ends) == 5
        lobby.process.kill()
        for end in ends:
            wait_for_end(end)
        assert processes(settings) == {}


def wait_for_end(pidfd):
    """A pidfd is readable once its process has ended."""
    assert select.select([pidfd], [], [], PATIENCE)[0]
    os.close(pidfd)


@pytest.fixture(scope="module")
def running():
    with fresh_settings() as settings, launched(environment(settings)) as lobby:
        lobby.until_line(OPEN)
        yield settings, lobby


@pytest.mark.parametrize("part", WORDS)
def test_a_part_that_crashes_is_started_again_and_the_operator_told(running, part):
    settings, lobby = running
    start = len(lobby.lines)
    before = pid_of(settings, WORDS[part])
    os.kill(before, signal.SIGKILL)
    told = lobby.until_line(f"The {part} ended with code -9", start)
    assert "starts again" in told
    lobby.until_line(f"The {part} is back", start)
    assert pid_of(settings, WORDS[part]) != before


def test_a_part_that_keeps_crashing_closes_the_lobby_with_a_sentence(settings):
    with launched(environment(settings)) as lobby:
        lobby.until_line(OPEN)
        for _ in range(4):
            start = len(lobby.lines)
            os.kill(pid_of(settings, WORDS["broker"]), signal.SIGKILL)
            lobby.until_line("The broker is back", start)
        os.kill(pid_of(settings, WORDS["broker"]), signal.SIGKILL)
        assert lobby.wait() == 1, lobby.lines
        assert lobby.lines[-1].startswith("The broker ended 5 times within a minute")
        assert processes(settings) == {}
