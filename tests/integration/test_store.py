"""The database itself: what it keeps, and how it grows."""

from models import store, tables
from tests.integration.conftest import NOW


def test_a_database_of_an_earlier_version_is_brought_up_to_date(core, settings):
    store.record(NOW, "desk", "something")
    tables.database.execute_sql("ALTER TABLE event DROP COLUMN subject")
    tables.database.execute_sql("DROP TABLE car")
    store.open_database(settings.database)
    assert tables.Event.get(tables.Event.what == "something").subject == ""
    assert store.cars() == []


def test_opening_again_changes_nothing(core, settings):
    before = store.epoch(), store.people()
    store.open_database(settings.database)
    assert (store.epoch(), store.people()) == before


def test_what_was_committed_is_synced_to_the_disk(core):
    pragmas = ("journal_mode", "synchronous", "foreign_keys")
    assert [tables.database.pragma(name) for name in pragmas] == ["wal", 2, 1]
