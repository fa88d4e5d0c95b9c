"""What keeps the lobby from opening is said in one sentence, and nothing stays behind."""

import socket
import subprocess

import pytest

from tests.accounts import prepared
from tests.e2e.launcher import COMMAND, environment, processes
from tests.parts import PATIENCE, ROOT, fresh_settings


def refusal(env):
    """The exit code and the one line on stderr."""
    done = subprocess.run(
        COMMAND, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].endswith(".")
    return done.returncode, lines[0]


@pytest.mark.parametrize("name", ["broker.port", "broker.tls_port", "desk.port"])
def test_a_port_that_is_taken_is_named_with_the_setting_that_changes_it(name):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        table, setting = name.split(".")
        more = {table: {setting: taken}}
        with fresh_settings(**more) as settings:
            code, sentence = refusal(environment(settings))
            assert code == 1
            assert f"Port {taken}" in sentence
            assert name in sentence
            assert f"LOBBY_{table.upper()}__{setting.upper()}" in sentence
            assert processes(settings) == {}


def test_one_port_for_two_things_is_refused(settings):
    env = environment(settings, LOBBY_DESK__PORT=str(settings.broker.port))
    code, sentence = refusal(env)
    assert code == 1
    assert "desk.port" in sentence


def test_an_address_that_this_machine_does_not_have_is_refused(settings):
    code, sentence = refusal(environment(settings, LOBBY_DESK__HOST="192.0.2.77"))
    assert code == 1
    assert "192.0.2.77" in sentence


def test_a_missing_mosquitto_is_said_with_the_line_that_installs_it(settings):
    code, sentence = refusal(environment(settings, LOBBY_BROKER__PROGRAM="mosquitto-not-here"))
    assert code == 1
    assert "sudo apt-get install mosquitto" in sentence
    assert processes(settings) == {}


def test_a_machine_with_no_display_and_no_virtual_one_is_told_so(settings, tmp_path):
    code, sentence = refusal(environment(settings, PATH=str(tmp_path)))
    assert code == 1
    assert "sudo apt-get install xvfb" in sentence


def test_a_display_that_does_not_answer_is_named(settings):
    code, sentence = refusal(environment(settings, DISPLAY=":4711"))
    assert code == 1
    assert ":4711" in sentence


def test_a_settings_file_that_cannot_be_read_is_named(settings):
    env = environment(settings)
    (settings.data / "lobby.toml").write_bytes(b"site = \xff")
    code, sentence = refusal(env)
    assert code == 2
    assert "lobby.toml" in sentence


def test_a_settings_file_that_does_not_exist_is_named(settings):
    code, sentence = refusal(environment(settings, LOBBY_SETTINGS="/nowhere/lobby.toml"))
    assert code == 2
    assert "/nowhere/lobby.toml" in sentence


def test_a_part_that_cannot_start_closes_what_had_started_and_says_why(settings):
    prepared(settings)
    (settings.keys / "1.pem").write_text("no key at all")
    code, sentence = refusal(environment(settings))
    assert code == 1
    assert sentence.startswith("The controller ended while starting: ")
    assert "1.pem is damaged" in sentence
    assert processes(settings) == {}
