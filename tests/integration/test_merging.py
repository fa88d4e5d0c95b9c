"""What gates hand in: kept once, in the order it happened; what does not fit goes to the desk."""

from datetime import timedelta

import pytest

from controller import merging, reception, revoking
from controller.core import Refusal
from models import store, tables
from models.merging import Conflict, Resolution
from models.messages import GateScan, GateScans, KnownPasses, Request, decode
from models.store import DeviceRow
from models.terms import Direction, PassState, Role
from tests.integration.conftest import NOW, fresh_key

IN, OUT = Direction.IN, Direction.OUT


@pytest.fixture
def gates(core):
    for name in ("g1", "g2"):
        store.keep_device(DeviceRow(Role.GATE, name, online=True, session=1, version="", since=NOW))


@pytest.fixture
def card(gates, admitted_pass):
    return admitted_pass("趙先生")


@pytest.fixture
def hand_in(core):
    """hand_in(gate, scans…, minutes): a gate hands in a batch, so long after NOW."""

    def handing(gate, *scans, minutes=240, key=None):
        body = GateScans(scans=scans)
        request = Request(device=gate, key=key or fresh_key(), body=body)
        return reception.answer(core, request, NOW + timedelta(minutes=minutes))

    return handing


def passed(card, direction, minutes, ok=True, **more):
    """A scan of a gate, so many minutes after NOW."""
    token_id = tables.Pass.get_by_id(card.id).token_id
    at = NOW + timedelta(minutes=minutes)
    said = {"key": fresh_key(), "pass_id": bytes(token_id).hex(), "text": card.original}
    said |= {"direction": direction, "ok": ok, "code": f"ok_{direction}", "at": at, "shown": at}
    return GateScan(**(said | more))


def now_of(card):
    return store.pass_by_id(card.id)


def test_what_happened_while_cut_off_is_merged_with_its_own_times(card, hand_in):
    scans = [passed(card, IN, 10), passed(card, OUT, 70)]
    assert hand_in("g1", *scans).ok
    merged = now_of(card)
    assert merged.state is PassState.RETURNED
    assert merged.entered_at == NOW + timedelta(minutes=10)
    assert merged.left_at == NOW + timedelta(minutes=70)
    kept = tables.Scan.get_by_id(scans[0].key)
    assert (kept.at, kept.arrived) == (scans[0].at, NOW + timedelta(minutes=240))
    assert store.open_conflicts() == []


def test_a_batch_that_comes_again_changes_nothing(card, hand_in):
    scans = [passed(card, IN, 10), passed(card, OUT, 70)]
    for _ in range(3):
        assert hand_in("g1", *scans).ok
    assert hand_in("g1", *scans, passed(card, IN, 80, ok=False, code="already_returned")).ok
    assert tables.Scan.select().count() == 3
    assert now_of(card).state is PassState.RETURNED


def test_batches_that_arrive_out_of_order_end_where_they_would_have(card, hand_in):
    assert hand_in("g2", passed(card, OUT, 70)).ok
    assert hand_in("g1", passed(card, IN, 10)).ok
    merged = now_of(card)
    assert (merged.state, merged.inside) == (PassState.RETURNED, False)
    assert store.open_conflicts() == []


def test_one_pass_in_at_two_gates_is_for_the_desk(card, hand_in):
    first, second = passed(card, IN, 10), passed(card, IN, 12)
    hand_in("g2", second)
    hand_in("g1", first)
    [conflict] = store.open_conflicts()
    assert (conflict.kind, conflict.scan) == (Conflict.IN_TWICE, second.key)
    assert (conflict.gate, conflict.number) == ("gate-g2", card.number)
    hand_in("g1", first)
    hand_in("g2", second)
    assert len(store.open_conflicts()) == 1


def test_in_after_handing_back_is_for_the_desk(card, hand_in, scan):
    scan(card.original, minutes=1)
    scan(card.original, minutes=30)
    hand_in("g1", passed(card, IN, 40))
    [conflict] = store.open_conflicts()
    assert conflict.kind is Conflict.IN_AFTER_RETURN
    assert now_of(card).inside


def test_revoked_and_yet_let_in_is_for_the_desk(card, hand_in, core):
    revoking.revoke(core, card.id, "", "王美玲", NOW + timedelta(minutes=5))
    hand_in("g1", passed(card, IN, 4))
    assert store.open_conflicts() == []
    hand_in("g1", passed(card, OUT, 6), passed(card, IN, 7))
    [conflict] = store.open_conflicts()
    assert conflict.kind is Conflict.REVOKED_IN
    merged = now_of(card)
    assert (merged.state, merged.inside) == (PassState.REVOKED, True)


def test_a_pass_that_nobody_knows_is_for_the_desk(card, hand_in):
    hand_in("g1", passed(card, IN, 10, pass_id="00" * 7))
    hand_in("g1", passed(card, OUT, 11, pass_id="", number="A-9999", code="by_number"))
    assert [one.kind for one in store.open_conflicts()] == [Conflict.UNKNOWN_PASS] * 2
    assert now_of(card).state is PassState.ISSUED


def test_a_number_typed_on_the_way_out_finds_its_pass(card, hand_in):
    hand_in("g1", passed(card, IN, 10))
    hand_in("g1", passed(card, OUT, 20, pass_id="", number=card.number, code="by_number"))
    assert now_of(card).state is PassState.RETURNED


def test_refused_scans_are_kept_and_move_nothing(card, hand_in):
    refused = passed(card, IN, 10, ok=False, code="forged")
    assert hand_in("g1", refused).ok
    assert tables.Scan.get_by_id(refused.key).code == "forged"
    assert now_of(card).state is PassState.ISSUED


def test_a_gate_whose_clock_runs_ahead_scans_no_later_than_now(card, hand_in):
    ahead = passed(card, IN, 900)
    hand_in("g1", ahead, minutes=10)
    assert tables.Scan.get_by_id(ahead.key).at == NOW + timedelta(minutes=10)


def test_a_kiosk_cannot_say_that_somebody_left(card, hand_in):
    answer = hand_in("k1", passed(card, OUT, 10))
    assert (answer.ok, answer.code) == (False, "not_a_gate")
    assert tables.Scan.select().count() == 0


# --- what the desk finds out ----------------------------------------------------------------------


@pytest.fixture
def conflict(card, hand_in):
    hand_in("g1", passed(card, IN, 10))
    hand_in("g2", passed(card, IN, 12))
    [found] = store.open_conflicts()
    return found


@pytest.mark.parametrize(
    ("resolution", "state"),
    [
        (Resolution.STILL_INSIDE, PassState.INSIDE),
        (Resolution.HAS_LEFT, PassState.RETURNED),
        (Resolution.IGNORED, PassState.INSIDE),
    ],
)
def test_the_desk_clears_it_up_once(core, card, conflict, resolution, state):
    later = NOW + timedelta(minutes=300)
    merging.resolve(core, conflict.id, resolution, "電話問過門崗", "王美玲", later)
    assert now_of(card).state is state
    assert store.open_conflicts() == []
    with pytest.raises(Refusal, match="already_resolved"):
        merging.resolve(core, conflict.id, resolution, "", "王美玲", later)
    [event] = tables.Event.select().where(tables.Event.what == f"conflict_{resolution}")
    assert (event.by, event.subject) == ("王美玲", card.number)


def test_a_wrong_record_counts_no_more(core, card, hand_in):
    hand_in("g1", passed(card, IN, 10), passed(card, OUT, 20))
    hand_in("g2", passed(card, IN, 30))
    [conflict] = store.open_conflicts()
    merging.resolve(core, conflict.id, Resolution.IGNORED, "", "王美玲", NOW)
    merged = now_of(card)
    assert (merged.state, merged.left_at) == (PassState.RETURNED, NOW + timedelta(minutes=20))


# --- what gates are told --------------------------------------------------------------------------


def told(core):
    rows = [row.message for row in store.unsent(99)]
    decoded = [decode(m.topic, m.payload, core.settings.site) for m in rows]
    return next((m for m in decoded if isinstance(m, KnownPasses)), None)


def test_gates_are_told_where_every_pass_stands(core, card, hand_in):
    hand_in("g1", passed(card, IN, 10))
    [known] = told(core).passes
    assert (known.number, known.state) == (card.number, PassState.INSIDE)
    assert not merging.has_news_for_gates(core, NOW + timedelta(minutes=240))


def test_a_scan_at_the_desk_is_news_for_gates(core, card, scan):
    with store.transaction():
        merging.tell_gates(core, NOW)
    assert not merging.has_news_for_gates(core, NOW)
    scan(card.original)
    assert merging.has_news_for_gates(core, NOW)


def test_without_a_gate_nobody_is_told(core, admitted_pass):
    admitted_pass("趙先生")
    assert not merging.has_news_for_gates(core, NOW)
