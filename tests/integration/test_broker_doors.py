"""Who gets in at the broker's door, and what a generated broker looks like from outside."""

import queue
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from broker_config import generate
from broker_config.devices import known_devices
from controller import lobby
from controller.lobby import LobbyError
from controller.preflight import Part
from models.link import Down, Up
from models.messages import MAX_PAYLOAD, Encoded, Presence, encode, topic_of
from models.terms import Role
from tests.parts import PATIENCE, ROOT, free_ports, fresh_settings, signed_in


@contextmanager
def knock(
    port: int,
    user: str = "",
    password: str = "",
    *,
    client_id: str = "",
    will: Encoded | None = None,
    ca: Path | None = None,
) -> Iterator[mqtt.Client]:
    """A client that has had its answer from the broker, in `client.answer`."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5)
    answers: queue.SimpleQueue[object] = queue.SimpleQueue()
    client.on_connect = lambda _c, _d, _flags, reason, _p: answers.put(reason)
    if user:
        client.username_pw_set(user, password)
    if will:
        client.will_set(will.topic, will.payload, will.qos, will.retain)
    if ca:
        client.tls_set(ca_certs=str(ca))
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        client.answer = answers.get(timeout=PATIENCE)
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def password_of(settings, role, device):
    return settings.credential(role, device).read_text().strip()


def test_nobody_gets_in_without_a_name(broker, settings):
    with knock(settings.broker.port) as stranger:
        assert stranger.answer == "Not authorized"


@pytest.mark.parametrize("user", ["kiosk-k1", "nobody-x"])
def test_nobody_gets_in_with_a_wrong_password(broker, settings, user):
    with knock(settings.broker.port, user, "guess") as stranger:
        assert stranger.answer == "Not authorized"


def test_a_password_opens_no_other_devices_door(broker, settings):
    board = password_of(settings, Role.BOARD, "b1")
    with knock(settings.broker.port, "controller-main", board) as board_as_controller:
        assert board_as_controller.answer == "Not authorized"


def test_taking_the_controllers_client_id_does_not_throw_it_out(broker, settings):
    with signed_in(settings, Role.CONTROLLER, "main") as controller:
        kiosk = password_of(settings, Role.KIOSK, "k1")
        port = settings.broker.port
        with knock(port, "kiosk-k1", kiosk, client_id="controller-main") as impostor:
            assert impostor.answer == "Success"
        here = Presence(role=Role.CONTROLLER, id="main", state="online", session=1)
        assert controller.publish(here).taken
        assert not [event for event in controller.ear.heard if isinstance(event, Down)]


def test_a_will_on_another_devices_topic_is_never_heard(broker, settings):
    """A kiosk that says the controller has died would make every screen believe it."""

    def die(role: Role, device: str, about: Presence) -> None:
        user, password = f"{role}-{device}", password_of(settings, role, device)
        will = encode(about, settings.site)
        with knock(settings.broker.port, user, password, will=will) as dying:
            assert dying.answer == "Success"
            dying.socket().close()

    def dead(role: Role, device: str) -> Presence:
        return Presence(role=role, id=device, state="offline", session=1)

    with signed_in(settings, Role.DESK, "d1", [topic_of(Presence, settings.site)]) as desk:
        die(Role.KIOSK, "k1", dead(Role.CONTROLLER, "main"))
        die(Role.GATE, "g1", dead(Role.GATE, "g1"))
        desk.until_message(Presence, lambda presence: presence.role is Role.GATE)
        assert {message.role for message in desk.ear.messages} == {Role.DESK, Role.GATE}


def test_the_largest_message_of_ours_passes_and_leaves_the_connection_up(broker, settings):
    with signed_in(settings, Role.CONTROLLER, "main") as controller:
        topic = topic_of(Presence, "test", role="controller", id="main")
        assert controller.publish(Encoded(topic, b" " * MAX_PAYLOAD, retain=False, qos=1)).taken
        assert not [event for event in controller.ear.heard if isinstance(event, Down)]


def test_a_device_that_was_removed_gets_in_no_more_and_an_added_one_does(settings):
    generate.provision(settings)
    generate.add_device(settings, Role.KIOSK, "k2")
    with lobby.opened(settings, [Part.BROKER]), signed_in(settings, Role.KIOSK, "k2"):
        pass
    old = password_of(settings, Role.KIOSK, "k2")
    generate.remove_device(settings, Role.KIOSK, "k2")
    with lobby.opened(settings, [Part.BROKER]):
        with knock(settings.broker.port, "kiosk-k2", old) as removed:
            assert removed.answer == "Not authorized"
        with signed_in(settings, Role.KIOSK, "k1"):
            pass


def test_retained_messages_survive_a_restart_of_the_broker(broker, settings):
    with signed_in(settings, Role.KIOSK, "k1"):
        pass
    broker.stop(Part.BROKER)
    broker.start(Part.BROKER)
    broker.wait_until_ready(Part.BROKER)
    with signed_in(settings, Role.DESK, "d1", [topic_of(Presence, "test")]) as desk:
        assert desk.until_message(Presence).state == "offline"


def test_a_device_comes_back_by_itself_after_the_broker_was_killed(broker, settings):
    with signed_in(settings, Role.KIOSK, "k1") as kiosk:
        broker.kill(Part.BROKER)
        kiosk.ear.until(lambda event: isinstance(event, Down))
        broker.start(Part.BROKER)
        kiosk.ear.until(lambda event: isinstance(event, Up))


def does_not_open(settings):
    with (
        pytest.raises(LobbyError, match=r"^The broker ended while starting: .*\.$") as refusal,
        lobby.opened(settings, [Part.BROKER]),
    ):
        pass
    return "\n" not in str(refusal.value)


def test_a_broker_with_a_damaged_access_list_does_not_open(settings):
    generate.provision(settings)
    (generate.folder(settings) / "acl").write_text("topic everything goes\n")
    assert does_not_open(settings)


@pytest.mark.parametrize("name", ["acl", "passwd"])
def test_a_broker_without_its_access_files_does_not_open(settings, name):
    generate.provision(settings)
    (generate.folder(settings) / name).unlink()
    assert does_not_open(settings)


def test_no_two_doors_are_ever_planned_on_one_port():
    asked_for = [free_ports(1)[0] for _ in range(200)]
    assert len(set(asked_for)) == 200


def test_other_machines_sign_in_over_tls_with_the_authority_made_at_set_up():
    tls_port = free_ports(1)[0]
    with fresh_settings(broker={"tls_port": tls_port, "tls_host": "127.0.0.1"}) as settings:
        generate.provision(settings)
        authority = generate.folder(settings) / "ca.crt"
        far = settings.broker.model_copy(update={"port": tls_port, "ca": authority})
        with lobby.opened(settings, [Part.BROKER]):
            with signed_in(settings.model_copy(update={"broker": far}), Role.KIOSK, "k1"):
                pass
            with knock(tls_port, ca=authority) as stranger:
                assert stranger.answer == "Not authorized"


def test_the_door_by_which_the_broker_is_known_to_be_ready_opens_last():
    with fresh_settings(broker={"tls_port": 1, "tls_host": "127.0.0.1"}) as settings:
        generate.provision(settings)
        said = (generate.folder(settings) / "mosquitto.conf").read_text()
        assert re.findall(r"(?m)^listener (\d+)", said) == ["1", str(settings.broker.port)]


def test_a_broker_with_another_authoritys_certificate_is_not_trusted():
    tls = {"tls_port": free_ports(1)[0], "tls_host": "127.0.0.1"}
    with fresh_settings(broker=tls) as settings, fresh_settings(broker=tls) as others:
        generate.provision(settings)
        generate.provision(others)
        with (
            lobby.opened(settings, [Part.BROKER]),
            pytest.raises(ssl.SSLCertVerificationError),
            knock(tls["tls_port"], ca=generate.folder(others) / "ca.crt"),
        ):
            pass


@pytest.mark.parametrize("name", ["lobby.example.com", "desk.office.example"])
def test_the_broker_proves_itself_by_the_desks_address_and_its_machines_full_name(
    name, monkeypatch
):
    monkeypatch.setattr(socket, "getfqdn", lambda: "Desk.office.example")
    tls = {"tls_port": free_ports(1)[0], "tls_host": "127.0.0.1"}
    with fresh_settings(broker=tls, desk={"address": "https://Lobby.example.com"}) as settings:
        generate.provision(settings)
        trust = ssl.create_default_context(cafile=generate.folder(settings) / "ca.crt")
        with (
            lobby.opened(settings, [Part.BROKER]),
            socket.create_connection(("127.0.0.1", tls["tls_port"])) as line,
            trust.wrap_socket(line, server_hostname=name) as proven,
        ):
            assert proven.getpeercert()


@pytest.mark.parametrize(
    ("table", "change"),
    [("broker", {"tls_host": "127.0.0.9"}), ("desk", {"address": "https://lobby.example.com"})],
)
def test_the_certificate_is_kept_while_it_fits_and_renewed_for_a_new_address(table, change):
    with fresh_settings(broker={"tls_port": 1, "tls_host": "127.0.0.1"}) as settings:
        home = generate.folder(settings)
        generate.provision(settings)
        authority, first = (home / "ca.crt").read_bytes(), (home / "server.crt").read_bytes()
        generate.provision(settings)
        assert (home / "server.crt").read_bytes() == first
        moved = getattr(settings, table).model_copy(update=change)
        generate.provision(settings.model_copy(update={table: moved}))
        assert (home / "server.crt").read_bytes() != first
        assert (home / "ca.crt").read_bytes() == authority


def test_provisioning_again_changes_no_credential(settings):
    new = generate.provision(settings)
    before = {file.name: file.read_text() for file in (settings.data / "credentials").iterdir()}
    assert sorted(before) == sorted(device.user for device in new)
    assert generate.provision(settings) == []
    after = {file.name: file.read_text() for file in (settings.data / "credentials").iterdir()}
    assert after == before


def test_every_password_is_its_own_and_stored_hashed_at_the_broker(settings):
    generate.provision(settings)
    passwords = {password_of(settings, d.role, d.id) for d in known_devices(settings)}
    hashed = (generate.folder(settings) / "passwd").read_text()
    assert len(passwords) == len(known_devices(settings))
    assert not [password for password in passwords if password in hashed]


def test_nothing_generated_can_be_read_by_others(settings):
    generate.provision(settings)
    private = [settings.data / "credentials", settings.data / "keys", generate.folder(settings)]
    files = [file for folder in private if folder.exists() for file in (folder, *folder.rglob("*"))]
    assert len(files) > 8
    assert [file for file in files if file.stat().st_mode & 0o077] == []


def run_tool(settings, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "broker_config", *arguments],
        cwd=ROOT,
        env={"LOBBY_DATA": str(settings.data), "LOBBY_SITE": "test", "PATH": "/usr/bin:/usr/sbin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_line_adds_lists_and_removes_a_device(settings):
    added = run_tool(settings, "add", "board", "b9", "--group", "staff")
    assert added.returncode == 0, added.stderr
    assert settings.credential(Role.BOARD, "b9").exists()
    assert "board-b9 staff" in run_tool(settings, "list").stdout
    assert run_tool(settings, "remove", "board", "b9").returncode == 0
    assert not settings.credential(Role.BOARD, "b9").exists()
    assert "board-b9" not in run_tool(settings, "list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "board", "b9"),
        ("add", "kiosk", "k9", "--group", "staff"),
        ("add", "kiosk", "../k9"),
        ("add", "kiosk", "k9\nuser x"),
        ("remove", "kiosk", "k9"),
    ],
)
def test_the_command_line_refuses_what_makes_no_sense_in_one_sentence(settings, arguments):
    refused = run_tool(settings, *arguments)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert refused.stderr.endswith(".\n")
