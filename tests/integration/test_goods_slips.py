"""物品放行: a slip is drafted, approved, and lets its goods out once, wherever it is scanned."""

from datetime import timedelta

import pytest

from controller import (
    goods,
    keyring,
    merging,
    permits,
    printing,
    privacy,
    reception,
    revoking,
    scanning,
)
from controller.core import Refusal
from controller.goods import Wish
from models import revocations, store, tables
from models.goods import LONGEST_LIFE
from models.merging import Conflict, Resolution
from models.messages import (
    MAX_PAYLOAD,
    MOST_GOODS,
    GateScan,
    GateScans,
    GoodsLine,
    KnownGoods,
    Leave,
    Request,
    RevokedPasses,
    decode,
)
from models.permits import Days
from models.store import DeviceRow
from models.terms import Direction, GoodsState, PermitState, PrintState, Role
from tests.integration.conftest import NOW, fresh_key
from tests.integration.test_printing import Office, with_printer
from tests.printer import paper_printer
from tests.qr import codes

CLERK, CHIEF = "王美玲", "陳主任"
GOODS = (GoodsLine(item="冰箱", pieces=1, remark="雙門"), GoodsLine(item="紙箱", pieces=12))


def wish(**more):
    said = {"goods": GOODS, "name": "王小明", "unit": "3 座 12A", "plate": "粵B·12345"}
    return Wish(**(said | {"starts": NOW, "ends": NOW + timedelta(hours=8)} | more))


@pytest.fixture
def draft(core):
    def drafting(key=None, **more):
        return goods.draft(core, wish(**more), key or fresh_key(), CLERK, NOW)

    return drafting


@pytest.fixture
def approved(core, draft):
    """approved(): a slip that can be used."""

    def approving(**more):
        return goods.approve(core, draft(**more).id, CHIEF, NOW)

    return approving


@pytest.fixture
def scan(core):
    """scan(text, minutes after NOW): at the desk."""

    def scanning(text, minutes=10, key=None, **more):
        at = NOW + timedelta(minutes=minutes)
        return goods.scan(core, key or fresh_key(), text, CLERK, at, **more)

    return scanning


def told(kind):
    """The newest retained message of a kind."""
    rows = [decode(r.message.topic, r.message.payload, "test") for r in store.unsent(1000)]
    return next((message for message in reversed(rows) if isinstance(message, kind)), None)


def refusal(act, *arguments):
    with pytest.raises(Refusal) as refused:
        act(*arguments)
    return refused.value.code


# --- its life ------------------------------------------------------------------------------------


def test_a_draft_lets_nothing_out(core, draft, scan):
    slip = draft()
    assert (slip.number, slip.state, slip.token) == ("G-0001", GoodsState.DRAFT, "")
    assert scan(slip.number, seen=True).code == "not_approved"
    assert told(KnownGoods) is None


def test_an_approved_slip_lets_its_goods_out_once(approved, scan):
    slip = approved()
    first = scan(slip.token)
    assert (first.ok, first.code) == (True, "goods_out")
    assert first.slip.state is GoodsState.RELEASED
    assert (first.slip.released_by, first.slip.released_at) == (CLERK, NOW + timedelta(minutes=10))
    assert scan(slip.token, minutes=11).code == "already_released"
    assert scan(slip.number, minutes=12, seen=True).code == "already_released"


def test_a_retry_gets_the_first_answer(approved, scan):
    slip, key = approved(), fresh_key()
    assert [scan(slip.token, key=key).code for _ in range(2)] == ["goods_out"] * 2
    assert tables.Scan.select().count() == 1


def test_a_number_only_shows_the_list_until_somebody_has_compared(approved, scan):
    slip = approved()
    asked = scan(slip.number.lower())
    assert (asked.ok, asked.code, asked.slip.goods) == (False, "number_only", GOODS)
    assert scan(slip.number, seen=True).code == "goods_out"


def test_the_same_request_drafts_one_slip(core, draft):
    key = fresh_key()
    assert draft(key).id == draft(key).id
    assert tables.GoodsSlip.select().count() == 1


def test_approving_twice_signs_once(core, draft):
    slip = draft()
    first, second = (goods.approve(core, slip.id, who, NOW) for who in (CHIEF, CLERK))
    assert (second.token, second.approved_by) == (first.token, CHIEF)


def test_a_revoked_slip_is_on_the_list_that_gates_read(core, approved, scan):
    slip = approved()
    assert refusal(goods.revoke, core, slip.id, "", CLERK, NOW) == "note_missing"
    goods.revoke(core, slip.id, "清單有誤", CHIEF, NOW)
    assert scan(slip.token).code == "revoked"
    document = told(RevokedPasses).document
    assert revocations.read(document, core.ring.keys.keys, "test").ids == {slip.token_id}
    assert [one.state for one in told(KnownGoods).slips] == [GoodsState.REVOKED]


def test_a_draft_is_discarded_without_a_word(core, draft):
    slip = goods.revoke(core, draft().id, "", CLERK, NOW)
    assert slip.state is GoodsState.REVOKED
    assert refusal(goods.approve, core, slip.id, CHIEF, NOW) == "goods_over"


def test_what_has_left_cannot_be_taken_back(core, approved, scan):
    slip = approved()
    scan(slip.token)
    assert refusal(goods.revoke, core, slip.id, "x", CLERK, NOW) == "already_released"


def test_a_slip_ends_by_itself(core, approved, draft, scan):
    slip, forgotten = approved(), draft()
    assert scan(slip.token, minutes=8 * 60 + 1).code == "goods_out"
    late = approved()
    assert scan(late.token, minutes=8 * 60 + 2).code == "expired"
    for _ in range(2):
        goods.expire(core, NOW + timedelta(hours=9))
    states = [store.goods(one.id).state for one in (slip, forgotten, late)]
    assert states == [GoodsState.RELEASED, GoodsState.EXPIRED, GoodsState.EXPIRED]


def test_a_slip_holds_from_its_own_time(approved, scan):
    starts, ends = NOW + timedelta(days=2), NOW + timedelta(days=2, hours=8)
    slip = approved(starts=starts, ends=ends)
    assert scan(slip.token).code == "not_yet"
    assert scan(slip.token, minutes=2 * 24 * 60 + 5).code == "goods_out"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ends": NOW}, "time_past"),
        ({"starts": NOW + timedelta(hours=9)}, "ends_before_start"),
        ({"ends": NOW + timedelta(seconds=LONGEST_LIFE + 1)}, "goods_too_long"),
        ({"permit_id": 99}, "not_found"),
    ],
)
def test_what_no_slip_may_say(core, more, code):
    assert refusal(goods.draft, core, wish(**more), fresh_key(), CLERK, NOW) == code


def test_a_contractors_goods_leave_under_a_permit_that_holds(core, approved, draft):
    today = core.local(NOW).date()
    days = Days(PermitState.ACTIVE, today, today + timedelta(days=3))
    permit = permits.file(core, "恒信裝修", "5 座 8B", days, [("陳大文", "1234")], CLERK, NOW)
    slip = approved(permit_id=permit.id, unit="")
    assert (slip.company, slip.unit, slip.whose) == (
        "恒信裝修",
        "5 座 8B",
        "5 座 8B　恒信裝修　王小明",
    )
    waiting = draft(permit_id=permit.id)
    permits.put(core, permit.id, PermitState.SUSPENDED, CLERK, NOW)
    assert refusal(goods.approve, core, waiting.id, CHIEF, NOW) == "permit_suspended"


# --- neither a pass nor a kiosk's ----------------------------------------------------------------


def test_a_slip_signs_nobody_in_or_out_and_a_pass_releases_nothing(
    core, approved, admitted_pass, scan, ask
):
    slip, held = approved(), admitted_pass("趙先生")
    assert not goods.is_one(held.original)
    assert not goods.is_one(held.number)
    at_door = scanning.scan(core, fresh_key(), slip.token, Direction.OUT, CLERK, NOW)
    assert (at_door.ok, at_door.code) == (False, "not_a_pass")
    assert ask(Leave(text=slip.token)).code == "malformed"
    assert scan("VG1:" + held.original[4:]).code == "forged"
    assert store.goods(slip.id).state is GoodsState.APPROVED


# --- gates ---------------------------------------------------------------------------------------


@pytest.fixture
def hand_in(core):
    for name in ("g1", "g2"):
        store.keep_device(DeviceRow(Role.GATE, name, online=True, session=1, version="", since=NOW))

    def handing(gate, *scans):
        request = Request(device=gate, key=fresh_key(), body=GateScans(scans=scans))
        answer = reception.answer(core, request, NOW + timedelta(hours=4))
        assert answer.ok

    return handing


def gone(slip, minutes, **more):
    at = NOW + timedelta(minutes=minutes)
    said = {"key": fresh_key(), "pass_id": slip.token_id.hex(), "goods": True, "ok": True}
    said |= {"code": "goods_out", "direction": Direction.OUT, "at": at, "shown": at}
    return GateScan(**(said | more))


def test_what_a_gate_let_out_is_released_with_its_own_time(approved, hand_in):
    slip, other = approved(), approved()
    hand_in("g1", gone(slip, 10), gone(slip, 12, ok=False, code="already_released"))
    row = store.goods(slip.id)
    assert (row.state, row.released_by) == (GoodsState.RELEASED, "gate-g1")
    assert row.released_at == NOW + timedelta(minutes=10)
    assert store.open_conflicts() == []
    states = {one.number: (one.state, one.goods) for one in told(KnownGoods).slips}
    assert states == {
        slip.number: (GoodsState.RELEASED, ()),
        other.number: (GoodsState.APPROVED, GOODS),
    }


@pytest.mark.parametrize("first", ["g1", "g2"])
def test_two_gates_that_were_cut_off_are_for_the_desk_to_clear_up(core, approved, hand_in, first):
    slip = approved()
    scans = {"g1": gone(slip, 10), "g2": gone(slip, 15)}
    for gate in (first, *(scans.keys() - {first})):
        hand_in(gate, scans[gate])
    [conflict] = store.open_conflicts()
    assert (conflict.kind, conflict.gate) == (Conflict.RELEASED_TWICE, "gate-g2")
    assert (conflict.number, conflict.name) == (slip.number, "3 座 12A　王小明")
    assert store.goods(slip.id).released_by == "gate-g1"
    merging.resolve(core, conflict.id, Resolution.IGNORED, "g2 扣下了", CLERK, NOW)
    assert store.open_conflicts() == []
    assert store.goods(slip.id).state is GoodsState.RELEASED


def test_a_release_that_the_desk_calls_wrong_no_longer_counts(core, approved, hand_in):
    slip = approved()
    goods.revoke(core, slip.id, "改期", CHIEF, NOW + timedelta(minutes=5))
    hand_in("g1", gone(slip, 9))
    [conflict] = store.open_conflicts()
    assert conflict.kind is Conflict.REVOKED_RELEASED
    assert store.goods(slip.id).state is GoodsState.REVOKED
    assert store.goods(slip.id).released_at == NOW + timedelta(minutes=9)
    merging.resolve(core, conflict.id, Resolution.IGNORED, "", CLERK, NOW)
    assert store.goods(slip.id).released_at is None


def test_goods_that_left_before_the_slip_was_revoked_have_left(core, approved, hand_in):
    slip = approved()
    goods.revoke(core, slip.id, "改期", CHIEF, NOW + timedelta(minutes=20))
    hand_in("g1", gone(slip, 9))
    assert store.goods(slip.id).state is GoodsState.RELEASED
    assert store.open_conflicts() == []


def test_a_slip_that_nobody_knows_is_for_the_desk(hand_in, approved):
    hand_in("g1", gone(approved(), 9, pass_id="00" * 7))
    assert [one.kind for one in store.open_conflicts()] == [Conflict.UNKNOWN_PASS]


def test_gates_are_told_lists_but_nobodys_name_and_never_more_than_fits(core, approved):
    full = tuple(
        GoodsLine(item="箱" * 40, pieces=9999, remark="書" * 40) for _ in range(MOST_GOODS)
    )
    for hours in range(1, 25):
        approved(goods=full, ends=NOW + timedelta(hours=hours))
    [row] = [r for r in store.unsent(1000) if r.message.topic.endswith("passes/goods")]
    assert row.message.retain
    assert len(row.message.payload) <= MAX_PAYLOAD
    assert "王小明" not in row.message.payload.decode()
    assert "12A" not in row.message.payload.decode()
    slips = told(KnownGoods).slips
    assert len(slips) == 24
    with_list = [bool(slip.goods) for slip in slips]
    assert sum(with_list) >= 10
    assert with_list == sorted(with_list, reverse=True)  # the first to end have theirs


def test_a_key_out_of_service_voids_its_slips(core, settings, approved, scan):
    slip = approved()
    kid = core.ring.kid
    keyring.retire(settings.keys, settings.site, kid, int(NOW.timestamp()) + 1)
    revoking.follow_keys(core, NOW)
    assert (store.goods(slip.id).state, store.goods(slip.id).revoked_by) == (
        GoodsState.REVOKED,
        "keys",
    )
    assert scan(slip.token).code == "revoked"
    assert scan(approved().token).code == "goods_out"


# --- on paper, and forgotten ---------------------------------------------------------------------


def test_the_slip_is_printed_once_with_a_code_that_releases(core, approved, scan, patient):
    with paper_printer() as printer:
        office = Office(with_printer(core, **printer.settings))
        office.open()
        slip, key = approved(), fresh_key()
        jobs = {printing.ask_goods(office.core, slip.id, key, CLERK, NOW).id for _ in range(2)}
        office.print_all()
        printer.wait_for(1)
        [job] = jobs
        assert store.print_job(job).state is PrintState.PRINTED
        assert codes(printer.slips[0]) == [slip.token]
        office.advance()
        assert len(printer.slips) == 1
        scan(slip.token)
        assert refusal(printing.again, office.core, job, CLERK, NOW) == "pass_over"
        assert refusal(printing.ask_goods, office.core, slip.id, fresh_key(), CLERK, NOW) == (
            "pass_over"
        )
        office.room.stop()


def test_printing_every_new_pass_by_itself_goes_on_beside_goods_slips(core, approved):
    with paper_printer() as printer:
        office = Office(with_printer(core, **printer.settings, auto=True)).open()
        printing.ask_goods(office.core, approved().id, fresh_key(), CLERK, NOW)
        held = office.a_pass()
        office.now = store.pass_by_id(held.id).issued_at
        office.print_all(2)
        printer.wait_for(2)
        office.room.stop()


def test_whose_goods_they_were_is_forgotten_in_time(core, approved):
    slip = approved(phone_last4="1234")
    later = NOW + timedelta(days=core.settings.privacy.keep_days + 1)
    privacy.purge(core, later)
    row = store.goods(slip.id)
    assert (row.name, row.unit, row.phone_last4, row.plate) == (store.FORGOTTEN, "", "", "")
    assert row.goods == GOODS
