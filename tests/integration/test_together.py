"""Requests that came together are committed together: one that fails spoils no other, and whoever
was answered is on the disk, whenever the controller dies."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from controller import lobby, setup
from controller.core import Core
from controller.preflight import Part
from controller.worker import Worker
from models import store
from models.link import Link, Received
from models.messages import Answer, Register, Request, topic_of
from models.settings import Settings
from models.tables import Telling, Visit, database
from models.terms import Role
from tests.integration.conftest import fresh_key
from tests.parts import Signed, fresh_settings, signed_in

POISON = "毒先生"


def visitor(name: str) -> Request:
    body = Register(name=name, department="工程部", host=3)
    return Request(device="k1", key=fresh_key(), body=body)


@contextmanager
def kiosk(settings: Settings) -> Iterator[Signed]:
    topics = [topic_of(Answer, settings.site, device="k1")]
    with signed_in(settings, Role.KIOSK, "k1", topics) as k1:
        yield k1


def answers(k1: Signed, requests: list[Request]) -> dict[str, Answer]:
    """Each one's answer, by its key, once all of them have one."""
    keys = {request.key for request in requests}
    found: dict[str, Answer] = {}
    while keys - set(found):
        answer = k1.until_message(Answer)
        found[answer.key] = answer
    return found


@contextmanager
def asked_together(core: Core, requests: list[Request]) -> Iterator[None]:
    """A worker that finds all of these when it begins."""
    with signed_in(core.settings, Role.CONTROLLER, "main") as controller:
        worker = Worker()
        for request in requests:
            worker.tell(Received(request, 0.0))
        worker.start(replace(core, wake=worker.wake), controller.link)
        try:
            yield
        finally:
            worker.stop()


def refuse_to_tell_of(name: str, harm: str) -> None:
    """From now on the database fails late in this visitor's registration. After ABORT it undoes the
    statement, after ROLLBACK everything that is not committed, as it does when the disk fails."""
    database.execute_sql(
        "CREATE TRIGGER harm AFTER INSERT ON telling "
        f"WHEN (SELECT name FROM visit WHERE id = NEW.visit_id) = '{name}' "
        f"BEGIN SELECT RAISE({harm}, 'harm'); END"
    )


@pytest.mark.parametrize("harm", ["ABORT", "ROLLBACK"])
def test_one_that_fails_in_the_middle_spoils_none_of_the_others(broker, core, settings, harm):
    refuse_to_tell_of(POISON, harm)
    requests = [visitor(name) for name in ("陳先生", "李小姐", POISON, "何女士", "周先生")]
    *others, poisoned = sorted(requests, key=lambda request: request.body.name == POISON)
    with kiosk(settings) as k1, asked_together(core, requests):
        answered = answers(k1, requests)
    assert [request.body.name for request in requests if not answered[request.key].ok] == [POISON]
    assert answered[poisoned.key].code == "server_error"
    assert sorted(visit.key for visit in Visit.select()) == sorted(r.key for r in others)
    told = [telling.visit.key for telling in Telling.select()]
    assert sorted(told) == sorted(request.key for request in others)


def test_a_request_that_came_twice_at_once_is_done_once(broker, core, settings):
    request = visitor("陳先生")
    with kiosk(settings) as k1, asked_together(core, [request, request]):
        first, second = k1.until_message(Answer), k1.until_message(Answer)
    assert first == second
    assert [visit.key for visit in Visit.select()] == [request.key]


def test_nobody_learns_of_what_is_not_committed(core):
    told: list[str] = []

    def do(what: str) -> None:
        with store.transaction(), store.transaction():
            store.after_commit(lambda: told.append(what))
            assert what not in told
            if what == "undone":
                raise LookupError

    with pytest.raises(LookupError):
        do("undone")
    do("done")
    assert told == ["done"]


@pytest.mark.parametrize("answered_before", [1, 15, 40])
def test_a_controller_killed_among_them_loses_nothing_and_doubles_nothing(answered_before):
    requests = [visitor(f"第{n}位") for n in range(60)]
    with fresh_settings() as settings:
        list(setup.prepare(settings))
        parts = (Part.BROKER, Part.CONTROLLER)
        with lobby.opened(settings, parts) as running, kiosk(settings) as k1:
            send(k1.link, requests)
            answered = {k1.until_message(Answer).key for _ in range(answered_before)}
            running.kill(Part.CONTROLLER)
            assert answered <= set(stored(settings))
            running.start(Part.CONTROLLER)
            running.wait_until_ready(Part.CONTROLLER)
            send(k1.link, requests)  # as a kiosk does with what nobody has answered
            assert all(answer.ok for answer in answers(k1, requests).values())
            assert sorted(stored(settings)) == sorted(request.key for request in requests)


def send(link: Link, requests: list[Request]) -> None:
    for request in requests:
        link.publish(request)


def stored(settings: Settings) -> list[str]:
    """The keys of the visits that are there, as another process sees them."""
    with closing(sqlite3.connect(settings.database)) as file:
        return [key for (key,) in file.execute("SELECT key FROM visit")]
