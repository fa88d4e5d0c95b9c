"""Inside, out or unknown: the day's closing, and who outstays a pass."""

from datetime import date, timedelta

import pytest

from controller import merging, presence, telling
from controller.core import Refusal
from controller.notifying import Delivered
from models import store, tables
from models.messages import GateScan, GateScans
from models.store import DeviceRow
from models.terms import About, Account, Channel, Direction, PassState, Presence, Role
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW, fresh_key

MINUTE = timedelta(minutes=1)
CLOSING = NOW + timedelta(hours=8, minutes=50)
"""18:30 in the office's zone."""
TODAY = date(2026, 11, 23)


@pytest.fixture
def inside(admitted_pass, scan):
    """inside(name, minutes): somebody who has come in so long after NOW."""

    def entering(name="趙先生", minutes=1):
        row = admitted_pass(name)
        assert scan(row.number, Direction.IN, minutes).ok
        return store.pass_by_id(row.id)

    return entering


def now_of(row):
    return store.pass_by_id(row.id)


def events(what):
    return tables.Event.select().where(tables.Event.what == what).count()


def gate_hands_in(core, row, direction, at, arrived):
    gate = DeviceRow(Role.GATE, "g1", online=True, session=1, version="", since=NOW)
    store.keep_device(gate)
    token_id = bytes(tables.Pass.get_by_id(row.id).token_id).hex()
    said = {"key": fresh_key(), "pass_id": token_id, "direction": direction, "ok": True}
    handed = GateScan(**said, code=f"ok_{direction}", at=at, shown=at)
    merging.merge(core, "g1", GateScans(scans=(handed,)), arrived)


# --- the closing ----------------------------------------------------------------------------------


def test_who_was_not_scanned_out_by_closing_time_is_unknown_and_nobody_else(core, inside, scan):
    stays, leaves = inside("趙先生"), inside("錢小姐")
    scan(leaves.number, Direction.OUT, minutes=60)
    presence.close(core, CLOSING - MINUTE)
    assert now_of(stays).presence is Presence.INSIDE
    presence.close(core, CLOSING)
    assert now_of(stays).presence is Presence.UNKNOWN
    assert now_of(leaves).presence is Presence.OUT
    [line] = presence.open_lines()
    assert (line.of.number, line.since, line.seen_by) == (stays.number, stays.entered_at, "王美玲")
    assert now_of(stays).left_at is None


def test_a_day_is_closed_once_however_often_it_is_looked_at(core, inside):
    inside()
    for minutes in (0, 1, 60):
        presence.close(core, CLOSING + minutes * MINUTE)
    last = store.last_closing()
    assert (last.day, last.at, last.done_at) == (TODAY, CLOSING, CLOSING)
    assert (events("day_closed"), events("presence_unknown")) == (1, 1)
    assert len(store.unaccounted(last.id)) == 1


def test_days_on_which_the_controller_was_down_are_closed_when_it_is_back(core, inside, scan):
    row = inside()
    presence.close(core, NOW)
    back = CLOSING + timedelta(days=2, hours=14)
    early = inside("錢小姐")
    store.change_pass(early.id, entered_at=back - 30 * MINUTE)
    presence.close(core, back)
    days = [closing.day for closing in store.closings(9)]
    assert days == [TODAY + timedelta(days=n) for n in (2, 1, 0, -1)]
    # Who came in this morning, before the closing was made up for, was not missed by it.
    assert (now_of(row).presence, now_of(early).presence) == (Presence.UNKNOWN, Presence.INSIDE)
    assert [line.of.number for line in presence.open_lines()] == [row.number]


def test_an_office_that_never_closes_has_no_closing(core, inside):
    passes = core.settings.passes.model_copy(update={"closing": ""})
    settings = core.settings.model_copy(update={"passes": passes})
    object.__setattr__(core, "settings", settings)
    inside()
    presence.close(core, CLOSING + timedelta(days=9))
    assert store.last_closing() is None


def test_a_late_exit_of_a_gate_settles_it_with_its_own_time(core, inside):
    row = inside()
    presence.close(core, CLOSING)
    left = CLOSING - 20 * MINUTE
    gate_hands_in(core, row, Direction.OUT, left, CLOSING + timedelta(hours=1))
    assert (now_of(row).presence, now_of(row).left_at) == (Presence.OUT, left)
    assert presence.open_lines() == []
    assert store.ledger().balances


def test_a_late_entry_of_a_gate_does_not_settle_it(core, inside):
    row = inside()
    presence.close(core, CLOSING)
    gate_hands_in(core, row, Direction.IN, NOW + 9 * MINUTE, CLOSING + timedelta(hours=1))
    assert now_of(row).presence is Presence.UNKNOWN


def test_that_somebody_has_left_needs_a_name_and_is_kept_as_a_word_and_not_as_a_scan(core, inside):
    row = inside()
    presence.close(core, CLOSING)
    [line] = presence.open_lines()
    assert store.ledger().drawer == 1  # the duplicate lies there until somebody knows
    with pytest.raises(Refusal, match="confirmer_missing"):
        presence.account_for(core, line.id, Account.LEFT, "", "王美玲", CLOSING)
    told = CLOSING + 5 * MINUTE
    said = presence.account_for(core, line.id, Account.LEFT, "李志強", "王美玲", told)
    assert (said.account, said.note, said.by, said.said_at) == ("left", "李志強", "王美玲", told)
    assert (now_of(row).state, now_of(row).presence) == (PassState.RETURNED, Presence.OUT)
    assert tables.Scan.get_by_id(f"closing-{line.id}").code == "confirmed_left"
    assert (store.ledger().drawer, store.ledger().balances) == (0, True)
    assert events("accounted_left") == 1
    with pytest.raises(Refusal, match="already_accounted"):
        presence.account_for(core, line.id, Account.STILL_INSIDE, "", "王美玲", told)


def test_the_gates_own_time_of_leaving_comes_before_what_was_said(core, inside):
    row = inside()
    presence.close(core, CLOSING)
    [line] = presence.open_lines()
    presence.account_for(core, line.id, Account.LEFT, "李志強", "王美玲", CLOSING + MINUTE)
    left = CLOSING - 20 * MINUTE
    gate_hands_in(core, row, Direction.OUT, left, CLOSING + timedelta(hours=1))
    assert (now_of(row).left_at, store.open_conflicts()) == (left, [])


def test_who_is_still_inside_is_asked_after_again_at_the_next_closing(core, inside, scan):
    row = inside()
    presence.close(core, CLOSING)
    [line] = presence.open_lines()
    presence.account_for(core, line.id, Account.STILL_INSIDE, "", "王美玲", CLOSING + MINUTE)
    assert (now_of(row).presence, presence.open_lines()) == (Presence.INSIDE, [])
    presence.close(core, CLOSING + timedelta(days=1))
    assert now_of(row).presence is Presence.UNKNOWN
    assert scan(row.number, Direction.OUT, minutes=3000).ok
    assert now_of(row).presence is Presence.OUT


def test_the_desk_goes_through_the_closing_and_says_how_it_was(core, inside):
    row = inside("趙先生")
    presence.close(core, CLOSING)
    clerk = clerk_of(core)
    fragment = clerk.get("/desk/fragments/closing").text
    for word in (row.number, "趙先生", "前台（王美玲）", "已確認離開", "仍在樓內"):
        assert word in fragment
    [today] = clerk.get("/api/closings").json()
    [missed] = today["missed"]
    assert (missed["number"], missed["presence"]) == (row.number, "unknown")
    path = f"/api/unaccounted/{missed['id']}/account"
    refused = clerk.post(path, json={"account": "left"})
    assert (refused.status_code, refused.json()["field"]) == (422, "note")
    told = clerk.post(path, json={"account": "left", "note": "李志強"}).json()
    assert (told["account"], told["note"], told["by"]) == ("left", "李志強", "王美玲")
    fragment = clerk.get("/desk/fragments/closing").text
    assert "沒有去向不明的人" in fragment
    assert "李志強" in fragment
    assert clerk.post("/api/unaccounted/999/account", json={"account": "left"}).status_code == 404


def test_who_confirmed_it_is_forgotten_in_time(core, inside):
    inside()
    presence.close(core, CLOSING)
    [line] = presence.open_lines()
    presence.account_for(core, line.id, Account.LEFT, "李志強", "王美玲", CLOSING)
    store.forget(CLOSING + timedelta(days=1))
    assert store.unaccounted_line(line.id).note == ""


# --- who outstays a pass --------------------------------------------------------------------------


class Post:
    """Takes letters and delivers them when told to."""

    def __init__(self):
        self.letters = []

    def has(self, row, kind):
        return any((letter.id, letter.kind) == (row, kind) for letter in self.letters)

    def send(self, letter):
        self.letters.append(letter)


def test_host_and_desk_hear_of_an_overdue_pass_once_and_not_after_a_restart(core, inside):
    store.change_person(1, deputy_id=None, channels=("mailto://somebody@example.com",))
    row = inside("趙先生")
    late = row.valid_until + MINUTE
    presence.tell_overdue(core, row.valid_until)
    assert presence.outstayed(late) == []
    for _ in range(2):
        presence.tell_overdue(core, late)
        store.close_database()
        store.open_database(core.settings.database)
    post = Post()
    telling.send(core, post, late)
    telling.send(core, post, late)
    [letter] = [one for one in post.letters if row.number in one.body]
    assert "超時" in letter.title
    telling.delivered(core, Delivered(letter.id, "", "told"), late)
    [one] = presence.outstayed(late)
    assert [told.channel for told in one.told] == [Channel.SENT]
    assert events("pass_overdue") == 1
    telling.done(core, one.heard.id, "王美玲", late)
    presence.tell_overdue(core, late + timedelta(hours=1))
    assert presence.outstayed(late + timedelta(hours=1)) == []


def test_a_host_without_a_channel_is_on_the_list_of_whom_to_tell(core, inside):
    row = inside("趙先生")
    late = row.valid_until + MINUTE
    presence.tell_overdue(core, late)
    [told] = [one for one in telling.by_word(core, late) if one.about is About.OVERDUE]
    assert told.role == telling.HOST
    clerk = clerk_of(core)
    heard = presence.outstayed(late)[0].heard
    assert clerk.post(f"/api/tellings/{heard.id}/done").json()["about"] == "overdue"


def test_who_leaves_before_the_desk_looks_is_not_on_the_list(core, inside, scan):
    row = inside("趙先生")
    presence.tell_overdue(core, row.valid_until + MINUTE)
    assert scan(row.number, Direction.OUT, minutes=200).ok
    assert presence.outstayed(NOW + timedelta(hours=4)) == []
