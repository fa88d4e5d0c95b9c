"""Devices are enrolled with a code, once; placed, looked at and revoked from the desk."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from broker_config import generate
from controller import devices, lobby
from controller.core import Refusal
from controller.devices import Wish
from controller.limits import RateLimit
from controller.preflight import Part
from kiosk.__main__ import subscriptions
from models import store, tables
from models.link import Down, Up
from models.messages import Calls, Config, Health, Picture, decode
from models.settings import Settings, load
from models.store import DeviceRow
from models.terms import Audience, Language, Role
from tests.desk_office import CREDENTIALS, clerk_of, core_on, page_of, served
from tests.parts import PATIENCE, ROOT, signed_in

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
NORTH = Wish("北座", "北座大堂", "north", Language.ZH_HANS)


@pytest.fixture
def office(core):
    """A core with a group more, whose broker's files are there."""
    generate.provision(core.settings)
    store.save_board_group("north", Audience.PUBLIC)
    return core


def invited(core, role=Role.BOARD, wish=NORTH, now=NOW):
    return devices.invite(core, role, wish, "王美玲", now)


def enrolled(core, role=Role.BOARD, wish=NORTH):
    return devices.enrol(core, role, invited(core, role, wish).code, "10.0.0.9", "localhost", NOW)


def queued(kind, site="test"):
    rows = [decode(o.message.topic, o.message.payload, site) for o in store.unsent(100)]
    return [message for message in rows if isinstance(message, kind)]


def test_a_code_brings_everything_that_a_board_needs(office):
    credentials = enrolled(office)
    assert (credentials.role, credentials.device) == (Role.BOARD, "b2")
    file = office.settings.credential(Role.BOARD, "b2")
    assert file.read_text().strip() == credentials.password
    own = Settings(**{**credentials.settings, "data": office.settings.data})
    assert (own.site, own.broker.port) == ("test", office.settings.broker.port)
    assert (own.board.id, own.board.group, own.board.place) == ("b2", "north", "北座大堂")
    assert own.board.language is Language.ZH_HANS
    [config] = queued(Config)
    assert (config.board, config.group, config.rev) == ("b2", "north", 1)


@pytest.mark.parametrize(("role", "first"), [(Role.KIOSK, "k2"), (Role.GATE, "g2")])
def test_kiosks_and_gates_are_enrolled_in_the_same_way(office, role, first):
    credentials = enrolled(office, role)
    assert credentials.device == first
    assert office.settings.credential(role, first).exists()
    assert not queued(Config)


def test_an_enrolled_kiosk_hears_the_numbers_that_this_lobbys_board_shows(core):
    hall = core.settings.board.model_copy(update={"group": "hall"})
    office = core_on(core.settings.model_copy(update={"board": hall}))
    credentials = enrolled(office, Role.KIOSK)
    own = Settings(**{**credentials.settings, "data": office.settings.data})
    with (
        lobby.opened(office.settings, [Part.BROKER]),
        signed_in(own, Role.KIOSK, "k2", subscriptions(own)) as kiosk,
        signed_in(office.settings, Role.CONTROLLER, "main") as controller,
    ):
        called = Calls(group="hall", epoch=1, rev=1, items=())
        assert controller.publish(called).taken
        assert kiosk.until_message(Calls) == called


def test_a_code_is_good_exactly_once(office):
    code = invited(office).code
    devices.enrol(office, Role.BOARD, code.lower().replace("-", " "), "10.0.0.9", "localhost", NOW)
    with pytest.raises(Refusal, match="unknown_code"):
        devices.enrol(office, Role.BOARD, code, "10.0.0.9", "localhost", NOW)


def test_a_boards_code_enrols_no_kiosk(office):
    code = invited(office).code
    with pytest.raises(Refusal, match="unknown_code"):
        devices.enrol(office, Role.KIOSK, code, "10.0.0.9", "localhost", NOW)
    assert devices.enrol(office, Role.BOARD, code, "10.0.0.9", "localhost", NOW).device == "b2"


def test_a_code_is_over_after_half_an_hour(office):
    code = invited(office).code
    with pytest.raises(Refusal, match="unknown_code"):
        devices.enrol(
            office, Role.BOARD, code, "10.0.0.9", "localhost", NOW + timedelta(minutes=30)
        )


def test_who_guesses_codes_is_stopped_and_others_are_not(office):
    code = invited(office).code
    for _ in range(5):
        with pytest.raises(Refusal, match="unknown_code"):
            devices.enrol(office, Role.BOARD, "AAAA-AAAA", "10.0.0.66", "localhost", NOW)
    with pytest.raises(Refusal, match="too_many_codes"):
        devices.enrol(office, Role.BOARD, code, "10.0.0.66", "localhost", NOW)
    assert devices.enrol(office, Role.BOARD, code, "10.0.0.9", "localhost", NOW).device == "b2"


def test_no_code_is_kept_or_logged(office):
    code = invited(office).code
    kept = str(list(tables.Device.select().dicts())) + str(list(tables.Event.select().dicts()))
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_a_device_elsewhere_needs_the_encrypted_door_and_keeps_its_code_until_then(office):
    code = invited(office).code
    with pytest.raises(Refusal, match="no_tls"):
        devices.enrol(office, Role.BOARD, code, "10.0.0.9", "10.0.0.1", NOW)
    assert devices.enrol(office, Role.BOARD, code, "127.0.0.1", "localhost", NOW).ca == ""


def test_a_device_is_not_sent_to_a_name_that_the_broker_cannot_prove_and_keeps_its_code(core):
    desk = core.settings.desk.model_copy(update={"address": "https://lobby.example.com"})
    broker = core.settings.broker.model_copy(update={"tls_port": 8883})
    office = core_on(core.settings.model_copy(update={"desk": desk, "broker": broker}))
    generate.provision(office.settings)
    code = invited(office, Role.KIOSK).code
    with pytest.raises(Refusal, match="unnamed_host"):
        devices.enrol(office, Role.KIOSK, code, "10.0.0.9", "another.example.com", NOW)
    there = devices.enrol(office, Role.KIOSK, code, "10.0.0.9", "lobby.example.com", NOW)
    assert there.settings["broker"] == {"host": "lobby.example.com", "port": 8883}


def test_a_new_code_brings_a_new_password_and_the_old_one_works_until_then(office):
    first = enrolled(office)
    again = devices.invite_again(office, Role.BOARD, "b2", "王美玲", NOW)
    file = office.settings.credential(Role.BOARD, "b2")
    assert file.read_text().strip() == first.password
    second = devices.enrol(office, Role.BOARD, again.code, "10.0.0.9", "localhost", NOW)
    assert second.password not in {first.password, ""}


def test_a_moved_board_is_told_and_may_read_its_new_group_only(office):
    wish = Wish("一號", "首層", "north", Language.EN, 90, "22:00", "06:30", 0.7)
    store.set_device(Role.BOARD, "b1", NOW)
    devices.change(office, Role.BOARD, "b1", wish, "王美玲", NOW)
    [config] = queued(Config)
    assert (config.group, config.rotation, config.night_from) == ("north", 90, "22:00")
    generate.provision(office.settings)  # as the next start of the lobby does
    block = (generate.folder(office.settings) / "acl").read_text().partition("user board-b1")[2]
    assert "/board/north/" in block.partition("\nuser ")[0]
    assert "/board/main/" not in block.partition("\nuser ")[0]


def test_a_group_that_nobody_made_is_refused(office):
    with pytest.raises(Refusal, match="unknown_group"):
        invited(office, wish=Wish("x", "", "nowhere", Language.EN))


def test_a_revoked_device_is_cut_off_and_cannot_come_back(office):
    settings = office.settings
    enrolled(office, Role.KIOSK)
    with lobby.opened(settings, [Part.BROKER]) as running:
        with (
            signed_in(settings, Role.KIOSK, "k2") as gone,
            signed_in(settings, Role.KIOSK, "k1") as stays,
        ):
            devices.revoke(office, Role.KIOSK, "k2", "王美玲", NOW)
            assert running.renew_broker()
            down = gone.ear.until(lambda event: isinstance(event, Down))
            stays.ear.until(lambda event: isinstance(event, Down))
            stays.ear.until(lambda event: isinstance(event, Up))
            refused = gone.ear.until(
                lambda event: isinstance(event, Down) and "Not authorized" in event.reason
            )
            assert refused is not down
        assert not running.renew_broker()
    assert "k2" not in [row.device for row in store.devices()]
    late = DeviceRow(Role.KIOSK, "k2", True, 10**15, "", NOW)
    assert not store.keep_device(late)
    assert "k2" not in [row.device for row in store.devices()]


def test_what_runs_on_this_machine_cannot_be_revoked(office):
    store.set_device(Role.BOARD, "b1", NOW)
    with pytest.raises(Refusal, match="own_device"):
        devices.revoke(office, Role.BOARD, "b1", "王美玲", NOW)


def test_a_device_whose_clock_was_set_back_is_there_again_and_its_former_will_says_nothing(office):
    def said(session, *, online):
        store.keep_device(DeviceRow(Role.KIOSK, "k1", online, session, "1", NOW))
        return store.device(Role.KIOSK, "k1").online

    assert said(2_000, online=True)
    assert said(1_000, online=True)
    assert said(2_000, online=False)
    assert not said(1_000, online=False)


def test_only_the_newest_picture_is_kept_and_the_desk_sees_it(office, monkeypatch):
    # Both presses come soon after one another, however slow this machine is.
    monkeypatch.setattr(devices, "_pictures", RateLimit(count=1, seconds=3600))
    clerk = clerk_of(office)
    store.keep_device(DeviceRow(Role.BOARD, "b1", True, 1, "1", NOW))
    assert clerk.post("/api/devices/board/b1/picture").status_code == 204
    assert clerk.post("/api/devices/board/b1/picture").json()["code"] == "too_many_pictures"
    assert clerk.get("/api/devices/board/b1/picture").status_code == 404
    for jpeg in (b"first", b"second"):
        devices.reported(office, Picture(board="b1", jpeg=jpeg), NOW)
    answer = clerk.get("/api/devices/board/b1/picture")
    assert (answer.content, answer.headers["content-type"]) == (b"second", "image/jpeg")
    assert tables.DevicePicture.select().count() == 1
    assert "/api/devices/board/b1/picture?at=" in clerk.get("/devices").text


def test_the_page_says_how_a_board_does(office):
    store.keep_device(DeviceRow(Role.BOARD, "b1", True, 1, "1", NOW))
    status = Health(board="b1", version="1", frame_ms=12.4, memory_mb=131, uptime=7200, pages=6)
    devices.reported(office, status, NOW)
    text = clerk_of(office).get("/devices").text
    assert "12 ms" in text
    assert "131 MB" in text


def test_a_picture_of_a_device_that_is_offline_is_not_asked_for(office):
    store.keep_device(DeviceRow(Role.BOARD, "b3", False, 1, "1", NOW))
    with pytest.raises(Refusal, match="device_offline"):
        devices.ask(office, "b3", "王美玲", NOW)


def test_the_desk_enrols_over_the_api_and_the_device_without_signing_in(office):
    clerk, device = clerk_of(office), page_of(office)
    body = {"role": "board", "name": "北座", "group": "north", "rotation": 270}
    told = clerk.post("/api/devices", json=body).json()
    assert told["command"] == f"python -m board --enrol http://localhost {told['code']}"
    answer = device.post("/enrol", json={"role": "board", "code": told["code"]})
    assert answer.status_code == 200
    assert answer.json()["password"]
    again = device.post("/enrol", json={"role": "board", "code": told["code"]})
    assert (again.status_code, again.json()["code"]) == (404, "unknown_code")
    assert device.post("/api/devices", json=body).status_code == 401


def test_the_command_leads_to_where_the_clerk_found_the_page_or_as_the_office_says(core):
    def told(**more):
        clerk = clerk_of(core_on(core.settings.model_copy(update=more)))
        found_at = {"host": "10.0.0.1:8080"}
        answer = clerk.post("/api/devices", json={"role": "kiosk"}, headers=found_at)
        return answer.json()["command"]

    assert " --enrol http://10.0.0.1:8080 " in told()
    set_to = core.settings.desk.model_copy(update={"address": "https://lobby.example.com"})
    assert " --enrol https://lobby.example.com " in told(desk=set_to)


@pytest.mark.parametrize(
    "wrong", [{"night_light": 0.2}, {"night_from": "25:00"}, {"rotation": 45}, {"role": "desk"}]
)
def test_what_makes_no_sense_is_refused(office, wrong):
    body = {"role": "board", "group": "north"} | wrong
    assert clerk_of(office).post("/api/devices", json=body).status_code == 422


def run(*arguments, folder):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def run_board(*arguments, folder):
    return run("-m", "board", *arguments, folder=folder)


def test_a_machine_enrols_itself_with_one_command_and_may_then_sign_in(office, tmp_path):
    with served(office) as address:
        code = invited(office, now=datetime.now(UTC)).code
        done = run_board("--enrol", address, code, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        again = run_board("--enrol", address, code, folder=tmp_path)
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1
    credential = tmp_path / "var" / "credentials" / "board-b2"
    assert credential.stat().st_mode & 0o777 == 0o600
    own = load(tmp_path / "lobby.toml").model_copy(update={"data": tmp_path / "var"})
    assert (own.board.id, own.board.group) == ("b2", "north")
    with lobby.opened(office.settings, [Part.BROKER]), signed_in(own, Role.BOARD, "b2"):
        pass


def test_every_kind_of_device_enrols_by_the_command_that_the_page_shows(office, tmp_path):
    with served(office) as address, httpx.Client(base_url=address, timeout=PATIENCE) as clerk:
        clerk.post("/api/session", json=CREDENTIALS)
        for role in devices.ENROLLED:
            told = clerk.post("/api/devices", json={"role": role, "group": "north"}).json()
            done = run(*told["command"].split()[1:], folder=tmp_path)
            assert done.returncode == 0, done.stderr
            assert (tmp_path / "var" / "credentials" / f"{role}-{told['device']}").exists()


def test_a_settings_file_that_is_there_is_left_alone_and_told_what_it_must_say(office, tmp_path):
    file = tmp_path / "lobby.toml"
    file.write_text('site = "old"\n')
    with served(office) as address:
        code = invited(office, now=datetime.now(UTC)).code
        done = run_board("--enrol", address, code, folder=tmp_path)
    assert file.read_text() == 'site = "old"\n'
    assert 'id = "b2"' in done.stdout


@pytest.mark.parametrize("address", ["http://lobby.example.com", "ftp://localhost", "nonsense"])
def test_a_password_is_not_fetched_in_the_clear_nor_from_nonsense(tmp_path, address):
    refused = run_board("--enrol", address, "AAAA-AAAA", folder=tmp_path)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
