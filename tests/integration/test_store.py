"""The database itself: what it keeps, and how it grows."""

import sqlite3
from contextlib import closing

from models import store, tables
from models.messages import Encoded
from tests.integration.conftest import NOW


def test_a_database_of_an_earlier_version_is_brought_up_to_date(core, settings):
    store.record(NOW, "desk", "something")
    tables.database.execute_sql("ALTER TABLE event DROP COLUMN subject")
    tables.database.execute_sql("DROP TABLE car")
    store.open_database(settings.database)
    assert tables.Event.get(tables.Event.what == "something").subject == ""
    assert store.cars() == []


def test_a_reference_that_an_earlier_version_did_not_know_is_added_and_kept(core, settings):
    earlier = settings.data / "earlier.sqlite3"
    with closing(sqlite3.connect(earlier)) as database, database:
        database.execute(
            "CREATE TABLE person (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL, "
            "department VARCHAR(255) NOT NULL, title VARCHAR(255) NOT NULL, "
            "receives INTEGER NOT NULL)"
        )
        database.execute("INSERT INTO person VALUES (1, '李', '', '', 1), (2, '何', '', '', 1)")
    store.open_database(earlier)
    store.change_person(1, deputy_id=2, channels=("json://localhost",))
    store.open_database(earlier)
    person = store.person(1)
    assert (person.name, person.deputy_id, person.channels) == ("李", 2, ("json://localhost",))


def test_opening_again_changes_nothing(core, settings):
    before = store.epoch(), store.people()
    store.open_database(settings.database)
    assert (store.epoch(), store.people()) == before


def test_what_was_committed_is_synced_to_the_disk(core):
    pragmas = ("journal_mode", "synchronous", "foreign_keys")
    assert [tables.database.pragma(name) for name in pragmas] == ["wal", 2, 1]


def test_an_acknowledgement_of_what_was_replaced_is_not_taken_for_the_new(core):
    for payload in (b"old", b"new"):
        with store.transaction():
            store.queue([Encoded("lobby/v1/test/x", payload, retain=True, qos=1)])
        if payload == b"old":
            [on_its_way] = [row for row in store.unsent(99) if row.message.payload == b"old"]
    with store.transaction():
        store.sent([on_its_way.id])
    assert b"new" in [row.message.payload for row in store.unsent(99)]
