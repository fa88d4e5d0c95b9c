"""The desk is never empty: stand-ins, handovers that somebody accepts, and gaps that are told."""

import queue
from datetime import UTC, datetime, timedelta

import pytest

from controller import duty, shift, users
from controller.core import Refusal
from controller.notifying import Delivered, Notifier
from controller.web import logbook, rights
from controller.web.view import View
from models import chain, store
from models.terms import Act, DeskRole, Duty, Language
from tests.desk_office import clerk_of, page_of
from tests.integration.conftest import NOW, fresh_key
from tests.mail import channel, mail_server
from tests.parts import PATIENCE, free_ports

MEI, LIN = "王美玲", "林佩芬"

EMPTY_SINCE = NOW - timedelta(minutes=70)
"""When the desk opened, at 08:30."""


@pytest.fixture
def two(core):
    """A second user of the desk; the value signs her in."""
    lin, first = users.add("lin", LIN, DeskRole.CLERK, MEI, NOW)
    store.change_user(lin.id, must_change=False)

    def signing_in():
        client = page_of(core)
        client.post("/api/session", json={"name": "lin", "password": first}).raise_for_status()
        return client

    return signing_in


@pytest.fixture
def do(core, two):
    """do(act, by, minutes after NOW, fields): one step of somebody's shift."""

    def doing(act, by=MEI, minutes=0, key=None, until=None, **said):
        at = NOW + timedelta(minutes=minutes)
        end = None if until is None else NOW + timedelta(minutes=until)
        clerks = rights.who_may("POST /api/shift")
        return shift.do(core, act, said, key or fresh_key(), by, at, until=end, clerks=clerks)

    return doing


@pytest.fixture
def hand_over(do):
    def handing(by=MEI, to=LIN, counted="0", note="", **more):
        return do(Act.HANDED_OVER, by, successor=to, counted=counted, note=note, **more)

    return handing


def test_the_last_one_cannot_leave_while_the_desk_is_open(do):
    do(Act.SIGNED_ON)
    with pytest.raises(Refusal, match="desk_empty"):
        do(Act.SIGNED_OFF)
    do(Act.SIGNED_ON, LIN)
    assert list(do(Act.SIGNED_OFF).posts) == [LIN]


def test_nobody_leaves_the_desk_to_somebody_whose_break_is_over(do):
    do(Act.SIGNED_ON)
    do(Act.SIGNED_ON, LIN)
    do(Act.STOOD_IN, stand_in=LIN, until=15)
    with pytest.raises(Refusal, match="desk_empty"):
        do(Act.SIGNED_OFF, LIN, minutes=20)
    assert list(do(Act.SIGNED_OFF, LIN, minutes=10).posts) == [MEI]


def test_after_hours_the_last_one_goes_home(do):
    do(Act.SIGNED_ON)
    assert do(Act.SIGNED_OFF, minutes=9 * 60).posts == {}


def test_a_step_posted_twice_is_one_entry(do):
    for _ in range(2):
        do(Act.SIGNED_ON, key="a" * 32)
    assert chain.verify(store.sealed_log()).count == 1


def test_a_break_needs_somebody_else_by_name_and_an_end(do):
    with pytest.raises(Refusal, match="not_on"):
        do(Act.STOOD_IN, stand_in=LIN, until=15)
    do(Act.SIGNED_ON)
    with pytest.raises(Refusal, match="stand_in_self"):
        do(Act.STOOD_IN, stand_in=MEI, until=15)
    with pytest.raises(Refusal, match="time_past"):
        do(Act.STOOD_IN, stand_in=LIN, until=-1)
    post = do(Act.STOOD_IN, stand_in=LIN, until=15).posts[MEI]
    assert (post.away.facts, post.away.due) == ({"stand_in": LIN}, NOW + timedelta(minutes=15))
    assert do(Act.BACK, minutes=10).posts[MEI].away is None
    with pytest.raises(Refusal, match="not_away"):
        do(Act.BACK, minutes=11)


def test_a_handover_carries_what_is_open_the_keys_and_the_drawer(
    core, do, hand_over, admitted_pass, scan
):
    do(Act.SIGNED_ON)
    key = {"key": "B 座機房", "holder": "李志強"}
    lent = duty.record(core, Duty.KEY, key, fresh_key(), MEI, NOW).first.id
    call = {"message": "回電", "to": "陳國華"}
    other = duty.record(core, Duty.PHONE, call, fresh_key(), "張偉", NOW, owner="張偉").first.id
    scan(admitted_pass("趙先生").original)
    with pytest.raises(Refusal, match="count_differs"):
        hand_over()
    hand_over(counted="1", note="影印機待修")
    offer = shift.now_on(core.settings, NOW).offered(LIN)
    assert offer.said == {
        "successor": LIN, "counted": "1", "should_be": "1", "keys": "B 座機房",
        "open": f"{other} {lent}", "note": "影印機待修",
    }  # fmt: skip
    assert store.last_count().counted == 1
    assert list(do(Act.TAKEN_OVER, LIN).posts) == [LIN]
    owners = {thread.first.id: thread.owner for thread in store.open_log()}
    assert owners == {lent: LIN, other: "張偉"}
    assert chain.verify(store.sealed_log()).broken is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"to": MEI}, "unknown_clerk"),
        ({"to": "路人"}, "unknown_clerk"),
        ({"counted": "兩張"}, "bad_content"),
        ({"counted": "3"}, "count_differs"),
    ],
)
def test_a_handover_that_cannot_be_is_refused_and_leaves_nothing(do, hand_over, said, code):
    do(Act.SIGNED_ON)
    with pytest.raises(Refusal, match=code):
        hand_over(**said)
    assert store.last_count() is None
    assert chain.verify(store.sealed_log()).count == 1


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": DeskRole.HOST}])
def test_nothing_is_handed_over_to_an_account_that_cannot_accept_it(core, do, hand_over, change):
    clerk = clerk_of(core)
    do(Act.SIGNED_ON)
    assert LIN in clerk.get("/log?shift=handed_over").text.partition("log-users")[2]
    store.change_user(store.user("lin").id, **change)
    with pytest.raises(Refusal, match="unknown_clerk"):
        hand_over()
    assert LIN not in clerk.get("/log?shift=handed_over").text.partition("log-users")[2]


def test_only_who_was_named_takes_over_and_once(do, hand_over):
    do(Act.SIGNED_ON)
    hand_over()
    with pytest.raises(Refusal, match="not_offered"):
        do(Act.TAKEN_OVER, "張偉")
    do(Act.TAKEN_OVER, LIN)
    with pytest.raises(Refusal, match="not_offered"):
        do(Act.TAKEN_OVER, LIN)


def test_who_was_at_the_desk_is_not_corrected(core, do):
    do(Act.SIGNED_ON)
    with pytest.raises(Refusal, match="not_found"):
        duty.correct(core, 1, None, "看錯", fresh_key(), MEI, NOW)


# --- a gap --------------------------------------------------------------------------------------


@pytest.fixture
def watch(core):
    """watch(minutes after NOW): the clock's look; what was told by then is in its queue."""
    told: queue.SimpleQueue[Delivered] = queue.SimpleQueue()
    notifier = Notifier(told.put)
    notifier.start()

    def watching(minutes=0):
        shift.watch(core, notifier, NOW + timedelta(minutes=minutes))
        return told

    yield watching
    notifier.stop()


@pytest.fixture
def reached_by():
    """reached_by(*channels): how the supervisors are reached from now on."""

    def reaching(*channels):
        store.change_person(6, deputy_id=None, channels=channels)

    return reaching


def test_a_gap_is_one_entry_and_one_message_to_the_supervisors(core, watch, reached_by):
    with mail_server() as postbox:
        reached_by(postbox.address("hsu"))
        told = watch()
        watch(1)
        [(_, subject, text)] = postbox.until(1)
        shift.told(core, told.get(timeout=PATIENCE))
        watch(30)
    assert "前台無人在崗" in subject
    assert "08:30" in text
    [entry] = store.entries_of(Duty.SHIFT, EMPTY_SINCE, 9)
    assert (entry.act, entry.by) == (Act.LEFT_EMPTY, "clock")
    assert len(postbox.mails) == 1


def test_a_gap_that_was_told_is_not_told_again_after_a_restart(core, watch, reached_by):
    with mail_server() as postbox:
        reached_by(postbox.address("hsu"))
        shift.told(core, watch().get(timeout=PATIENCE))
    fresh: queue.SimpleQueue[Delivered] = queue.SimpleQueue()
    again = Notifier(fresh.put)
    shift.watch(core, again, NOW + timedelta(minutes=30))
    assert not again.has(1, "gap")


def test_a_gap_of_which_nobody_could_be_told_is_tried_again_and_the_page_says_so(
    core, watch, reached_by
):
    def unheard(minutes=0):
        return logbook.reminders(core, NOW + timedelta(minutes=minutes))["unheard"]

    reached_by(channel("hsu", free_ports(1)[0]))
    told = watch()
    assert unheard() == ""
    shift.told(core, told.get(timeout=PATIENCE))
    assert unheard() == "not_delivered"
    with mail_server() as postbox:
        reached_by(postbox.address("hsu"))
        watch(2)
        watch(3)
        shift.told(core, told.get(timeout=PATIENCE))
        assert len(postbox.mails) == 1
    assert unheard(3) == ""


def test_where_no_supervisor_has_a_channel_the_page_says_so_and_nothing_is_sent(
    core, watch, reached_by
):
    told = watch()
    assert logbook.reminders(core, NOW)["unheard"] == "no_channel"
    with mail_server() as postbox:
        reached_by(postbox.address("hsu"))
        watch()
        assert told.get(timeout=PATIENCE).reason == ""
    assert told.empty()


@pytest.mark.parametrize(
    ("why", "words"), [("no_channel", "還沒有人收到通知"), ("not_delivered", "每隔幾分鐘重試")]
)
def test_the_banner_of_a_gap_says_in_words_that_nobody_knows_of_it(core, why, words):
    view = View(Language.ZH_HANT, core.settings.zone, NOW)
    seen = logbook.reminders(core, NOW) | {"unheard": why}
    assert words in view.render("fragments/reminders.html", page="log", **seen)


def test_nobody_is_alerted_where_the_desk_is_not_watched(core, watch):
    rest = core.settings.shift.model_copy(update={"weekdays": ""})
    calm = core.settings.model_copy(update={"shift": rest})
    object.__setattr__(core, "settings", calm)
    watch()
    assert store.entries_of(Duty.SHIFT, EMPTY_SINCE, 9) == []


def test_somebody_who_signs_on_ends_it_and_the_next_gap_is_another(core, do, watch):
    watch()
    do(Act.SIGNED_ON)
    assert shift.gap(core, NOW + timedelta(hours=1)) is None
    assert shift.gap(core, NOW + timedelta(days=1)) == EMPTY_SINCE + timedelta(days=1)
    watch(24 * 60)
    acts = [one.act for one in store.entries_of(Duty.SHIFT, EMPTY_SINCE, 9)]
    assert acts == [Act.LEFT_EMPTY, Act.SIGNED_ON, Act.LEFT_EMPTY]


# --- at the page --------------------------------------------------------------------------------


def test_the_page_leads_from_signing_on_to_the_accepted_handover(core, two):
    mei, lin = clerk_of(core), two()

    def step(clerk, act, **more):
        body = {"id": fresh_key(), "act": act} | more
        return clerk.post("/api/shift", json=body)

    def seen(clerk):
        return clerk.get("/desk/fragments/shift").text

    assert "到崗" in seen(mei)
    step(mei, "signed_on").raise_for_status()
    assert step(mei, "signed_on").json()["words"] == "您已經在崗。"
    bare = step(mei, "stood_in", fields={"stand_in": LIN}).json()
    assert (bare["code"], bare["field"]) == ("time_past", "deadline")
    assert 'name="successor"' in mei.get("/log?shift=handed_over").text
    missing = step(mei, "handed_over", fields={"successor": LIN}).json()
    assert missing["words"] == "請填寫「抽屜裡的副本，清點張數」。"
    fields = {"successor": LIN, "counted": "0", "note": "影印機待修"}
    waits = step(mei, "handed_over", fields=fields).json()
    assert [offer["said"]["note"] for offer in waits["handovers"]] == ["影印機待修"]
    assert "接 王美玲 的班" in seen(lin)
    assert "接 王美玲 的班" not in seen(mei)
    taken = step(lin, "taken_over").json()
    assert [post["name"] for post in taken["on"]] == [LIN]
    assert lin.get("/api/shift").json() == taken
    assert "影印機待修" in lin.get("/desk/fragments/log?kind=shift").text
    assert step(mei, "recorded").status_code == 422


def test_who_waits_too_long_for_a_successor_can_say_that_they_are_there(core, morning):
    mei, long_ago = clerk_of(core), datetime.now(UTC) - timedelta(minutes=40)
    said = {"successor": LIN, "counted": "0", "note": ""}
    shift.do(core, Act.SIGNED_ON, {}, fresh_key(), MEI, long_ago)
    shift.do(core, Act.HANDED_OVER, said, fresh_key(), MEI, long_ago, clerks=[LIN])
    assert "shift-back" in mei.get("/desk/fragments/shift").text
    body = {"id": fresh_key(), "act": "back"}
    mei.post("/api/shift", json=body).raise_for_status()
    assert "shift-back" not in mei.get("/desk/fragments/shift").text


def test_a_shift_is_not_written_as_any_other_entry(core):
    body = {"id": fresh_key(), "kind": "shift", "fields": {"successor": LIN}}
    assert clerk_of(core).post("/api/log", json=body).status_code == 422


def test_every_page_says_that_nobody_is_at_the_desk(core):
    assert logbook.reminders(core, NOW)["gap"] == EMPTY_SINCE
    shift.do(core, Act.SIGNED_ON, {}, fresh_key(), MEI, NOW)
    assert logbook.reminders(core, NOW)["gap"] is None
    end = NOW + timedelta(minutes=5)
    shift.do(core, Act.STOOD_IN, {"stand_in": LIN}, fresh_key(), MEI, NOW, until=end)
    away = logbook.reminders(core, NOW + timedelta(minutes=6))["away"]
    assert [post.name for post in away] == [MEI]
