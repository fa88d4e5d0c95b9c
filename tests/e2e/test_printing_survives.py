"""The controller is killed while a slip is being printed: nothing is printed twice by itself."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from controller import lobby
from controller.preflight import Part
from models.messages import Answer, PrintPass, Register, Request, VisitUpdate, topic_of
from models.settings import Settings
from models.terms import PrintState, Role
from tests.accounts import CREDENTIALS, prepared
from tests.parts import PATIENCE, Signed, fresh_settings, signed_in
from tests.printer import paper_printer
from tests.qr import codes

PARTS = [Part.BROKER, Part.CONTROLLER]


def ask(kiosk: Signed, body: Register | PrintPass) -> Answer:
    key = secrets.token_hex(16)
    kiosk.publish(Request(device="k1", key=key, body=body))
    return kiosk.until_message(Answer, lambda answer: answer.key == key)


def told(kiosk: Signed, state: PrintState) -> VisitUpdate:
    return kiosk.until_message(VisitUpdate, lambda update: update.visit.print_state is state)


@contextmanager
def at_the_desk(settings: Settings) -> Iterator[httpx.Client]:
    address = f"http://127.0.0.1:{settings.desk.port}"
    with httpx.Client(base_url=address, timeout=PATIENCE) as client:
        client.post("/api/session", json=CREDENTIALS).raise_for_status()
        yield client


def test_a_kill_in_the_middle_of_a_slip_is_the_desks_to_decide():
    with (
        paper_printer() as printer,
        fresh_settings(printer={"kiosks": {"k1": printer.settings}}) as settings,
    ):
        prepared(settings)
        news = [topic_of(kind, settings.site, device="k1") for kind in (Answer, VisitUpdate)]
        with (
            lobby.opened(settings, PARTS) as running,
            signed_in(settings, Role.KIOSK, "k1", news) as kiosk,
            at_the_desk(settings) as desk,
        ):
            registered = ask(kiosk, Register(name="王小明", host=3)).body
            [visit] = desk.get("/api/today").json()["waiting"]
            admit = {"decision": "admit"}
            desk.post(f"/api/visits/{visit['id']}/decision", json=admit).raise_for_status()

            printer.called.clear()  # it was asked how it is when the controller started
            printer.gate.clear()
            assert ask(kiosk, PrintPass(visit=registered.visit)).ok
            told(kiosk, PrintState.PRINTING)
            assert printer.called.wait(PATIENCE)
            running.kill(Part.CONTROLLER)
            printer.gate.set()
            running.start(Part.CONTROLLER)
            running.wait_until_ready(Part.CONTROLLER)

            assert told(kiosk, PrintState.UNKNOWN).visit.print_code == "restarted"
            assert printer.slips == []
            [job] = desk.get("/api/print-jobs").json()
            assert (job["state"], job["code"]) == ("unknown", "restarted")
            desk.post(f"/api/print-jobs/{job['id']}/again", json={}).raise_for_status()
            update = told(kiosk, PrintState.PRINTED)
            printer.wait_for(1)
            assert codes(printer.slips[0])[0] == update.visit.passes[0].token
            assert len(printer.slips) == 1
            assert desk.get("/api/print-jobs").json() == []
