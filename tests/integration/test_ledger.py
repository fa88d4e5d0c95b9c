"""正副本: as many duplicates lie in the drawer as holders are inside, whatever happens."""

from datetime import timedelta

import pytest

from controller import ledger, merging, revoking
from controller.core import Refusal
from models import store, tables
from models.messages import Register, RevokedPasses, decode
from models.terms import Direction, Incident, PassState, Purpose
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW

MINUTE = timedelta(minutes=1)


def drawer():
    standing = store.ledger()
    assert standing.balances
    return standing.drawer


def test_a_duplicate_lies_in_the_drawer_while_its_holder_is_inside(admitted_pass, scan):
    row = admitted_pass("趙先生")
    assert drawer() == 0
    scan(row.original)
    assert drawer() == 1
    scan(row.original, minutes=30)
    assert drawer() == 0


def test_handing_back_the_duplicate_is_the_way_out_and_no_way_in(admitted_pass, scan):
    row = admitted_pass("趙先生")
    for direction in (None, Direction.IN, Direction.OUT):
        assert scan(row.duplicate, direction).code == "wrong_half"
    scan(row.original)
    assert scan(row.duplicate, Direction.IN, minutes=5).code == "wrong_half"
    left = scan(row.duplicate, minutes=30)
    assert (left.code, left.state) == ("ok_out", PassState.RETURNED)
    assert drawer() == 0


def test_whoever_lost_the_original_is_let_out_and_it_opens_nowhere(core, admitted_pass, scan):
    row = admitted_pass("趙先生")
    scan(row.original)
    closed = ledger.lose_original(core, row.id, "看過身份證", "王美玲", NOW + MINUTE)
    assert (closed.state, closed.inside, drawer()) == (PassState.LOST, False, 0)
    assert scan(row.original, Direction.IN, minutes=2).code == "lost"
    assert scan(row.original, Direction.OUT, minutes=3).code == "lost"
    [listed] = [
        message
        for sent in tables.Outbox.select()
        if isinstance(message := decode(sent.topic, bytes(sent.payload), "test"), RevokedPasses)
    ]
    assert listed.document
    assert store.revoked_ids(NOW, 9) == [bytes(tables.Pass.get_by_id(row.id).token_id)]


def test_a_missing_duplicate_is_an_incident_and_the_ledger_knows(core, admitted_pass, scan):
    row = admitted_pass("趙先生")
    scan(row.original)
    ledger.miss_duplicate(core, row.id, "抽屜裡沒有", "王美玲", NOW + MINUTE)
    assert (drawer(), store.ledger().missing) == (0, 1)
    with pytest.raises(Refusal, match="not_inside"):
        ledger.miss_duplicate(core, row.id, "又找一次", "王美玲", NOW + MINUTE)
    assert scan(row.original, Direction.OUT, minutes=30).ok
    assert (drawer(), store.ledger().missing) == (0, 0)
    [incident] = store.incidents(*core.day_of(NOW))
    assert (incident.what, incident.number) == (Incident.DUPLICATE_MISSING, row.number)


def test_what_is_lost_needs_a_sentence(core, admitted_pass):
    row = admitted_pass("趙先生")
    for lose in (ledger.lose_original, ledger.miss_duplicate):
        with pytest.raises(Refusal, match="note_missing"):
            lose(core, row.id, "", "王美玲", NOW)
    with pytest.raises(Refusal, match="not_found"):
        ledger.lose_original(core, 999, "誰的", "王美玲", NOW)


def test_a_count_that_differs_needs_words_and_becomes_an_incident(core, admitted_pass, scan):
    scan(admitted_pass("趙先生").original)
    with pytest.raises(Refusal, match="count_differs"):
        ledger.count(core, 0, "", "王美玲", NOW)
    assert store.last_count() is None
    ledger.count(core, 1, "", "王美玲", NOW)
    assert store.incidents(*core.day_of(NOW)) == []
    ledger.count(core, 0, "一張夾在登記簿裡", "王美玲", NOW)
    [incident] = store.incidents(*core.day_of(NOW))
    assert (incident.what, incident.note) == (Incident.COUNT_DIFFERS, "一張夾在登記簿裡")
    assert (store.last_count().counted, store.last_count().should_be) == (0, 1)


def test_a_pass_that_nobody_used_expires_and_stays_so(core, admitted_pass, scan):
    row = admitted_pass("趙先生")
    ledger.expire(core, row.valid_until + timedelta(seconds=119))
    assert store.pass_by_id(row.id).state is PassState.ISSUED
    for _ in range(2):
        ledger.expire(core, row.valid_until + timedelta(seconds=121))
    assert store.pass_by_id(row.id).state is PassState.EXPIRED
    assert scan(row.original, Direction.IN).code == "expired"  # the clock was set back
    assert tables.Event.select().where(tables.Event.what == "pass_expired").count() == 1


def test_a_scan_that_came_too_late_is_remembered_across_a_clock_that_is_set_back(
    admitted_pass, scan
):
    row = admitted_pass("趙先生")
    assert scan(row.original, minutes=190).code == "expired"
    assert scan(row.original, minutes=1).code == "expired"


def test_a_room_is_free_again_when_nobody_came_in_time(core, ask):
    body = Register(purpose=Purpose.BUSINESS, name="林先生", department="工程部")
    visit = store.visit_by_key(ask(body).body.visit)
    assert store.passes_of_visit(visit.id) == []
    ledger.expire(core, NOW + timedelta(days=1))


def test_a_revoked_holder_who_is_inside_still_has_a_duplicate_in_the_drawer(
    core, admitted_pass, scan
):
    row = admitted_pass("趙先生")
    scan(row.original)
    revoking.revoke(core, row.id, "", "王美玲", NOW)
    assert drawer() == 1
    scan(row.original, Direction.OUT, minutes=5)
    assert drawer() == 0


def test_a_database_from_before_the_ledger_starts_with_what_is_in_the_drawer(
    core, admitted_pass, scan
):
    scan(admitted_pass("趙先生").original)
    tables.database.drop_tables([tables.DrawerEntry])
    store.open_database(core.settings.database)
    assert drawer() == 1


def test_what_was_said_of_an_incident_is_forgotten_in_time(core, admitted_pass):
    row = admitted_pass("趙先生")
    ledger.lose_original(core, row.id, "身份證 440…", "王美玲", NOW)
    store.forget(NOW + timedelta(days=1))
    assert [i.note for i in store.incidents(*core.day_of(NOW))] == [""]


def test_the_desk_sees_the_ledger_counts_it_and_reports_what_is_lost(core, admitted_pass, scan):
    row = admitted_pass("趙先生")
    scan(row.original)
    clerk = clerk_of(core)
    standing = clerk.get("/api/ledger").json()
    assert (standing["drawer"], standing["inside"], standing["balances"]) == (1, 1, True)
    refused = clerk.post("/api/ledger/counts", json={"counted": 0})
    assert (refused.status_code, refused.json()["field"]) == (422, "note")
    lost = clerk.post(f"/api/passes/{row.id}/original-lost", json={"note": "已核對身份證"})
    assert lost.json()["state"] == "lost"
    assert clerk.post("/api/ledger/counts", json={"counted": 0}).status_code == 201
    fragment = clerk.get("/desk/fragments/ledger").text
    for word in ("帳平", "正本遺失", row.number, "已核對身份證"):
        assert word in fragment


def test_what_a_gate_hands_in_later_does_not_undo_a_loss(core, admitted_pass, scan):
    row = admitted_pass("趙先生")
    scan(row.original, Direction.IN, minutes=1)
    ledger.lose_original(core, row.id, "看過身份證", "王美玲", NOW + 9 * MINUTE)
    merging._follow(store.pass_by_id(row.id), NOW + 10 * MINUTE)
    assert store.pass_by_id(row.id).state is PassState.LOST
    assert drawer() == 0
