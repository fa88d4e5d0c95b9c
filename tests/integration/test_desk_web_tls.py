"""The page over HTTPS: by itself, or behind a proxy on this machine."""

import re
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager

import httpx
import pytest

from broker_config import certificates
from controller import __main__ as controller
from controller import plans, setup, web
from controller.web.server import Server
from models import enrolment
from models.terms import Role
from tests.desk_office import CREDENTIALS, served
from tests.parts import PATIENCE, ROOT


@contextmanager
def served_over_tls(core):
    """The page with the broker's certificate; the value is its address and who to trust."""
    home = core.settings.data / "broker"
    home.mkdir(parents=True, exist_ok=True)
    certificates.certify(core.settings, home)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(web.create_app(core), home / "server.crt", home / "server.key")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield (
            f"https://127.0.0.1:{listener.getsockname()[1]}",
            ssl.create_default_context(cafile=home / "ca.crt"),
        )
    finally:
        server.should_exit = True
        thread.join()


def test_over_https_the_cookie_never_travels_in_the_clear(core):
    with (
        served_over_tls(core) as (address, trust),
        httpx.Client(base_url=address, verify=trust, timeout=PATIENCE) as client,
    ):
        answer = client.post("/api/session", json=CREDENTIALS)
        assert "secure" in answer.headers["set-cookie"].lower()
        assert client.get("/api/account/sessions").json()[0]["here"]


@pytest.mark.parametrize("spelled", [str, lambda shown: ":".join(re.findall("..", shown.upper()))])
def test_a_device_enrols_by_the_fingerprint_that_the_page_shows_and_by_no_other(
    spelled, core, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    with (
        served_over_tls(core) as (address, trust),
        httpx.Client(base_url=address, verify=trust, timeout=PATIENCE) as client,
    ):
        client.post("/api/session", json=CREDENTIALS)
        command = client.post("/api/devices", json={"role": "kiosk"}).json()["command"]
        *start, fingerprint = command.removeprefix("python -m kiosk ").split()
        # Both before the code is sent: it is still good afterwards.
        assert enrolment.main(Role.KIOSK, start[:-1]) == 1
        assert "CERTIFICATE_VERIFY_FAILED" in capsys.readouterr().err
        assert enrolment.main(Role.KIOSK, [*start, "0" * 64]) == 1
        [sentence] = capsys.readouterr().err.splitlines()
        assert f"another certificate, whose fingerprint is {fingerprint}" in sentence
        assert enrolment.main(Role.KIOSK, [*start, spelled(fingerprint)]) == 0
    assert (tmp_path / "var" / "credentials" / "kiosk-k2").exists()


def test_behind_a_proxy_on_this_machine_the_cookie_is_secure_and_addresses_are_the_clients(core):
    forwarded = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}
    with (
        served(core) as address,
        httpx.Client(base_url=address, headers=forwarded, timeout=PATIENCE) as client,
    ):
        answer = client.post("/api/session", json=CREDENTIALS)
        cookie = answer.headers["set-cookie"]
        assert "secure" in cookie.lower()
        token = {"cookie": cookie.partition(";")[0]}
        [session] = client.get("/api/account/sessions", headers=token).json()
        assert session["address"] == "192.0.2.7"


def test_a_certificate_without_its_key_is_said_in_one_sentence(settings, monkeypatch, capsys):
    monkeypatch.setenv("LOBBY_DATA", str(settings.data))
    monkeypatch.setenv("LOBBY_DESK__CERTIFICATE", str(settings.data / "server.crt"))
    assert controller.main([]) == 2
    assert "desk.certificate needs desk.certificate_key" in capsys.readouterr().err


def test_a_certificate_that_is_none_is_said_in_one_sentence(settings):
    nonsense = settings.data / "nonsense"
    nonsense.write_text("nonsense")
    said = {"certificate": nonsense, "certificate_key": nonsense}
    settings = settings.model_copy(update={"desk": settings.desk.model_copy(update=said)})
    list(setup.prepare(settings))
    (settings.data / "lobby.toml").write_text(plans.as_toml(settings), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "controller"],
        cwd=ROOT,
        env={"LOBBY_SETTINGS": str(settings.data / "lobby.toml")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith("The desk's certificate cannot be used: ")


def test_links_lead_to_where_the_page_is(settings):
    desk = settings.desk.model_copy(update={"certificate": settings.data / "server.crt"})
    assert desk.link_base == f"https://127.0.0.1:{settings.desk.port}"
