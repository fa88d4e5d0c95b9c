"""A gate as a process of its own, and the guard who stands at it."""

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from broker_config import generate
from controller.gate import enrolment
from controller.plans import as_toml
from models.settings import Settings
from models.terms import Direction, Role
from tests.parts import PATIENCE, ROOT, free_ports


class GateProcess:
    """`python -m controller gate`, on the office's data folder, enrolled there."""

    def __init__(self, office: Settings, name: str) -> None:
        own = office.gate.model_copy(update={"id": name, "port": free_ports(1)[0]})
        self.settings = office.model_copy(update={"gate": own})
        self._file = office.data / f"{name}.toml"
        self._file.write_text(as_toml(self.settings), "utf-8")
        list(enrolment.enrol(self.settings, office.keys / "root.pub"))
        self._log = (office.data / f"{name}.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = httpx.Client(base_url=self.address, timeout=PATIENCE)
        self.start()
        self.pin = enrolment.pin(self.settings)
        body = {"pin": self.pin}
        self._guard.post("/api/session", json=body).raise_for_status()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.settings.gate.port}"

    @property
    def log(self) -> Path:
        return Path(self._log.name)

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LOBBY_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "controller", "gate"],
            cwd=ROOT,
            env=environment | {"LOBBY_SETTINGS": str(self._file)},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait_until_it_serves()

    def tried(self, settings: Settings) -> tuple[int, str]:
        """The exit code of a gate that cannot start with these settings, and what it says."""
        file = self.settings.data / "tried.toml"
        file.write_text(as_toml(settings), "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "controller", "gate"],
            cwd=ROOT,
            env=os.environ | {"LOBBY_SETTINGS": str(file)},
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return done.returncode, done.stderr

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE)

    def stop(self) -> None:
        self._guard.close()
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        self._log.close()

    # --- the guard -----------------------------------------------------------------------------

    def scan(
        self, text: str, direction: Direction | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """What the page is answered."""
        body = {"id": key or secrets.token_hex(16), "text": text, "direction": direction}
        answer = self._guard.post("/api/scans", json=body)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def state(self) -> str:
        """The words of how it stands with the gate."""
        return self._guard.get("/fragments/state").raise_for_status().text

    def until_said(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in (said := self.state()):
            assert time.monotonic() < deadline, f"{words!r}? {said} {self.log.read_text()[-3000:]}"
            time.sleep(0.05)

    def _wait_until_it_serves(self) -> None:
        assert self._process
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                line = http.client.HTTPConnection("127.0.0.1", self.settings.gate.port, timeout=1)
                line.request("GET", "/health")
                if json.loads(line.getresponse().read())["status"] == "ok":
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the gate never served: {self.log.read_text()[-2000:]}")


@contextmanager
def gates_at(office: Settings, *names: str) -> Iterator[list[GateProcess]]:
    """Gates of an office whose broker has been told of them; stopped with the block."""
    with ExitStack() as stopping:
        gates = [GateProcess(office, name) for name in names]
        for gate in gates:
            stopping.callback(gate.stop)
        yield gates


def announced(office: Settings, *names: str) -> None:
    """Let gates sign in; before the broker starts."""
    for name in names:
        generate.add_device(office, Role.GATE, name)
