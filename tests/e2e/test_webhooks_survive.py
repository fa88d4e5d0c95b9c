"""The controller is killed between committing what happened and telling another program of it."""

import secrets

from controller import lobby
from controller.preflight import Part
from models.messages import Answer, Register, Request, topic_of
from models.terms import Role
from tests.accounts import prepared
from tests.e2e.test_printing_survives import at_the_desk
from tests.parts import fresh_settings, signed_in
from tests.receiver import HANGS, receiver

PARTS = [Part.BROKER, Part.CONTROLLER]


def register(kiosk, name):
    key = secrets.token_hex(16)
    kiosk.publish(Request(device="k1", key=key, body=Register(name=name, host=3)))
    return kiosk.until_message(Answer, lambda answer: answer.key == key).body.number


def test_a_kill_loses_nothing_and_what_comes_twice_has_one_id():
    with receiver(HANGS, 204) as there, fresh_settings(webhooks={"local": True}) as settings:
        prepared(settings)
        answers = [topic_of(Answer, settings.site, device="k1")]
        with (
            lobby.opened(settings, PARTS) as running,
            signed_in(settings, Role.KIOSK, "k1", answers) as kiosk,
            at_the_desk(settings) as desk,
        ):
            hook = {"address": there.address, "events": ["visit.registered"]}
            desk.post("/api/webhooks", json=hook).raise_for_status()
            first = register(kiosk, "王小明")
            there.until(1)
            # The first is on its way without an answer, the others wait behind it.
            others = [register(kiosk, name) for name in ("林先生", "方女士")]
            running.kill(Part.CONTROLLER)
            running.start(Part.CONTROLLER)
            running.wait_until_ready(Part.CONTROLLER)
            told = there.until(4)
            ids = {}
            for one in told:
                ids.setdefault(one.said["data"]["visit"], []).append(one.key)
            assert set(ids) == {first, *others}
            assert len(ids[first]) == 2
            assert all(len(set(keys)) == 1 for keys in ids.values())
