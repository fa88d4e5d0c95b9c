"""The database itself: what it keeps, and how it grows."""

import sqlite3
from contextlib import closing
from datetime import timedelta

from models import store, tables
from models.messages import Encoded
from models.store.prepared import insert, prepared, update
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


def test_a_ledger_from_before_it_kept_its_balance_still_balances(
    core, settings, admitted_pass, scan
):
    scan(admitted_pass("趙先生").original)
    scan(admitted_pass("何先生").original)
    before = store.ledger()
    tables.database.execute_sql("ALTER TABLE drawerentry DROP COLUMN balance")
    store.open_database(settings.database)
    assert store.ledger() == before
    assert before.drawer == 2


def test_an_index_that_is_declared_no_longer_is_dropped(core, settings):
    def indexes():
        return {index.name for index in tables.database.get_indexes("visit")}

    declared = indexes()
    tables.database.execute_sql('CREATE INDEX "visit_state" ON visit (state)')
    store.open_database(settings.database)
    assert indexes() == declared


def test_a_statement_that_is_kept_stores_and_finds_as_peewee_does(core):
    def tea(hours):
        due = NOW + timedelta(hours=hours)
        return insert(tables.TeaOrder, room="會議室", count=2, due=due, by="desk")

    @prepared
    def due_after(moment):
        return tables.TeaOrder.select().where(tables.TeaOrder.due > moment)

    soon, later = tea(1), tea(2)
    update(tables.TeaOrder, later, served_at=NOW)
    stored = tables.TeaOrder.get_by_id(later)
    assert (stored.due, stored.served_at, stored.served_by) == (NOW + timedelta(hours=2), NOW, "")
    assert [row.id for row in due_after(NOW)] == [soon, later]
    assert due_after(NOW + timedelta(hours=1)) == [stored]


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
