"""A pass is taken back: at the desk, at every gate, and on the kiosk that shows it."""

import secrets
from datetime import timedelta

import pytest

from controller import revoking, visits
from controller.core import Refusal
from controller.keyfiles import public_key
from models import keysets, passes, revocations, store, tables
from models.messages import PassKeys, RevokedPasses, VisitUpdate, decode, topic_of
from models.revocations import LIFE
from models.terms import Direction, PassState, Role, VisitState
from tests.integration.conftest import NOW
from tests.integration.test_wire import working
from tests.parts import signed_in

MINUTE = timedelta(minutes=1)


def queued(kind):
    messages = [decode(r.topic, bytes(r.payload), "test") for r in tables.Outbox.select()]
    return [message for message in messages if isinstance(message, kind)]


def listed(core):
    [message] = queued(RevokedPasses)
    return revocations.read(message.document, core.ring.keys.keys, "test")


def token_id(row):
    return bytes(tables.Pass.get_by_id(row.id).token_id)


@pytest.fixture
def row(admitted_pass):
    return admitted_pass("趙先生")


@pytest.fixture
def revoke(core):
    def revoking_(row, by="王美玲", minutes=1, reason="證件遺失"):
        return revoking.revoke(core, row.id, reason, by, NOW + minutes * MINUTE)

    return revoking_


def test_a_revoked_pass_is_on_the_list_that_gates_read(core, row, revoke):
    revoke(row)
    assert listed(core).ids == {token_id(row)}
    assert listed(core).issued == int((NOW + MINUTE).timestamp())


def test_it_does_not_enter_and_its_holder_leaves_as_odd(row, revoke, scan):
    assert scan(row.original, Direction.IN).ok
    revoke(row)
    assert scan(row.original, Direction.IN, minutes=5).code == "revoked"
    assert scan(row.number, Direction.IN, minutes=5).code == "revoked"
    left = scan(row.original, Direction.OUT, minutes=6)
    assert (left.ok, left.code) == (True, "revoked")
    assert scan(row.original, Direction.OUT, minutes=7).code == "already_returned"


def test_the_desk_scans_a_revoked_holder_who_is_inside_without_saying_which_way(row, revoke, scan):
    scan(row.original)
    revoke(row, minutes=5)
    assert scan(row.original, minutes=10).direction is Direction.OUT


def test_whoever_is_inside_with_a_revoked_pass_is_still_listed_until_they_leave(row, revoke, scan):
    scan(row.original)
    revoke(row)
    [listed_row] = store.passes_about(NOW)
    assert (listed_row.state, listed_row.inside) == (PassState.REVOKED, True)
    assert listed_row.overdue(NOW + timedelta(hours=9))
    scan(row.original, Direction.OUT, minutes=6)
    assert store.passes_about(NOW) == []


def test_a_second_press_changes_nothing_and_says_who_did_it(row, revoke):
    first = revoke(row)
    events = tables.Event.select().count()
    assert revoke(row, by="陳大文", minutes=9, reason="別的") == first
    assert (first.revoked_by, first.revoked_at) == ("王美玲", NOW + MINUTE)
    assert tables.Event.select().count() == events


def test_the_log_says_who_revoked_which_pass_and_not_why(row, revoke):
    revoke(row)
    [event] = tables.Event.select().where(tables.Event.what == "pass_revoked")
    assert (event.by, event.subject) == ("王美玲", row.number)
    assert "遺失" not in event.detail


def test_a_pass_that_was_handed_back_is_not_revoked(row, revoke, scan):
    scan(row.original)
    scan(row.original, minutes=20)
    with pytest.raises(Refusal, match="already_returned"):
        revoke(row, minutes=30)


def test_no_pass_is_not_found(core):
    with pytest.raises(Refusal, match="not_found"):
        revoking.revoke(core, 99, "x", "y", NOW)


def test_the_kiosk_that_shows_it_is_told_in_newer_words(core, row, revoke):
    before = visits.view(store.visit(row.visit_id))
    revoke(row)
    told = queued(VisitUpdate)[-1].visit
    assert (told.state, told.code, told.passes) == (VisitState.ADMITTED, "revoked", ())
    assert told.seq > before.seq


def test_the_room_of_somebody_who_never_came_is_free_again(core, row, revoke):
    revoke(row)
    now = NOW + MINUTE
    assert tables.Booking.select().where(tables.Booking.ends > now).count() == 0


def test_a_pass_leaves_the_list_once_no_gate_would_take_it_any_more(core, row, revoke):
    revoke(row)
    end = row.valid_until + timedelta(seconds=passes.SKEW)
    revoking.renew_list(core, end - timedelta(seconds=1))
    assert listed(core).ids == {token_id(row)}
    revoking.renew_list(core, end)
    assert listed(core).ids == frozenset()


def test_a_renewed_list_is_newer_and_says_its_true_age(core, row, revoke):
    revoke(row)
    first = listed(core)
    revoking.renew_list(core, NOW + 6 * MINUTE)
    second = listed(core)
    assert (second.seq > first.seq, second.ids) == (True, first.ids)
    assert second.expires - second.issued == LIFE
    assert second.age((NOW + 7 * MINUTE).timestamp()) == 60


def test_lists_within_one_second_and_after_a_clock_was_set_back_still_grow(core):
    numbers = []
    for seconds in (0, 0, 0, -3600):
        revoking.renew_list(core, NOW + timedelta(seconds=seconds))
        numbers.append(listed(core).seq)
    assert numbers == sorted(set(numbers))


def test_more_than_a_list_can_hold_keeps_those_that_end_last_and_says_so(core, row, caplog):
    fields = ("token_id", "number", "visit", "original", "duplicate", "valid_from", "valid_until")
    ends = NOW + timedelta(hours=1)
    rows = [
        (secrets.token_bytes(7), f"X-{n}", row.visit_id, "", "", NOW, ends, "revoked", NOW, NOW)
        for n in range(revocations.MOST_IDS + 5)
    ]
    names = [getattr(tables.Pass, name) for name in (*fields, "state", "issued_at", "revoked_at")]
    with store.transaction():
        for start in range(0, len(rows), 500):
            tables.Pass.insert_many(rows[start : start + 500], fields=names).execute()
        store.revoke_pass(row.id, "", "x", NOW)
    revoking.renew_list(core, NOW)
    assert len(listed(core).ids) == revocations.MOST_IDS
    assert token_id(row) in listed(core).ids
    assert "retire the key" in caplog.text


def test_the_reason_is_forgotten_with_the_visitors_names(core, row, revoke, scan):
    revoke(row)
    with store.transaction():
        store.forget(NOW + timedelta(days=31))
    assert store.pass_by_id(row.id).revoked_reason == ""


def gate(settings):
    topics = [topic_of(kind, "test") for kind in (RevokedPasses, PassKeys)]
    return signed_in(settings, Role.GATE, "g1", topics)


def test_a_gate_hears_of_it_at_once_and_one_that_comes_later_as_well(broker, core, row, settings):
    root = public_key(settings.keys / "root.pub")
    with working(core) as working_core:
        with gate(settings) as there:
            # What the worker signs when it starts has come; nothing more is due for minutes.
            there.until_message(RevokedPasses)
            revoking.revoke(working_core, row.id, "x", "y", NOW)
            told = there.until_message(RevokedPasses)
            assert listed_in(core, told) == {token_id(row)}
        with gate(settings) as later:
            assert later.until_message(RevokedPasses) == told
        with gate(settings) as learning:
            document = learning.until_message(PassKeys).document
    assert keysets.read(document, root, "test") == core.ring.keys


def listed_in(core, message):
    return revocations.read(message.document, core.ring.keys.keys, "test").ids
