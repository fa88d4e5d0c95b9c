"""The duty log at the desk's page: every kind by its form, seen through to its end, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from controller import duty, goods, ledger
from controller.web import logbook
from models import store
from models.checklists import BETWEEN, checklists, rounds
from models.duty import FORMS
from models.messages import GoodsLine
from models.terms import Act, Duty
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW, fresh_key

CALL = {"message": "空調漏水", "caller": "王女士", "to": "工程部"}


@pytest.fixture
def clerk(core):
    return clerk_of(core)


@pytest.fixture
def record(clerk):
    """record(kind, fields, …): the answer to what was posted."""

    def recording(kind="complaint", fields=CALL, key=None, **more):
        body = {"id": key or fresh_key(), "kind": kind, "fields": fields} | more
        return clerk.post("/api/log", json=body)

    return recording


@pytest.fixture
def advance(clerk):
    def advancing(root, act, key=None, **fields):
        body = {"id": key or fresh_key(), "act": act, "fields": fields}
        return clerk.post(f"/api/log/{root}/stages", json=body)

    return advancing


def filled(asks):
    return {asked.name: "12" if asked.longest == 4 else "某某" for asked in asks}


def test_of_very_many_follow_ups_the_first_are_shown_and_how_many_more_there_are(clerk, record):
    for _ in range(62):
        record()
    page = clerk.get("/desk/fragments/followups").text
    assert page.count("data-row") == 60
    assert "還有 2 項" in page


@pytest.mark.parametrize("kind", [kind for kind in Duty if FORMS[kind].letter])
def test_every_kind_is_recorded_by_its_form_and_seen_through_to_its_end(
    clerk, record, advance, kind
):
    deadline = {"deadline": "2999-01-01 10:00"} if kind is Duty.OTHER else {}
    made = record(kind, filled(FORMS[kind].asks), **deadline)
    assert made.status_code == 201
    thread = made.json()
    page = clerk.get(f"/log?new={kind}").text
    assert all(f'name="{asked.name}"' in page for asked in FORMS[kind].asks)
    for stage in FORMS[kind].stages:
        assert (thread["next"], thread["owner"]) == (stage.act, "王美玲")
        assert f'data-act="{stage.act}"' in clerk.get("/desk/fragments/followups").text
        thread = advance(thread["id"], stage.act, **filled(stage.asks)).json()
    assert (thread["next"], thread["deadline"]) == (None, None)
    assert clerk.get("/api/log/open").json() == []
    assert "某某" in clerk.get(f"/desk/fragments/log?kind={kind}").text


def test_a_form_posted_twice_is_one_entry_and_both_hear_the_same(clerk, record):
    first, again = record(key="a" * 32), record(key="a" * 32)
    assert first.json() == again.json()
    assert len(clerk.get("/api/log").json()) == 1


@pytest.mark.parametrize(
    ("kind", "fields", "field", "words"),
    [
        ("complaint", {"to": "工程部"}, "message", "請填寫「內容」。"),
        ("complaint", CALL | {"message": "🎉"}, "message", "「內容」裡沒有可以顯示的文字。"),
        ("complaint", CALL | {"caller": "王" * 61}, "caller", "「來電人」最多 60 個字。"),
        ("key", {"key": "機房"}, "holder", "請填寫「領用人」。"),
    ],
)
def test_a_field_that_is_wrong_is_named_in_words(clerk, record, kind, fields, field, words):
    answer = record(kind, fields)
    assert answer.status_code == 422
    assert (answer.json()["words"], answer.json()["field"]) == (words, field)
    assert clerk.get("/api/log").json() == []


def test_a_field_that_no_form_has_and_a_deadline_in_the_past_are_refused(record):
    assert record(fields=CALL | {"salary": "1"}).status_code == 422
    late = record(deadline="2020-01-01 09:00").json()
    assert (late["code"], late["field"]) == ("time_past", "deadline")


def test_stages_are_taken_in_their_order_and_once(record, advance):
    root = record().json()["id"]
    assert advance(root, "done").json()["code"] == "stage_not_next"
    key = fresh_key()
    taken = advance(root, "passed_on", key, receiver="李志強")
    assert advance(root, "passed_on", key, receiver="李志強").json() == taken.json()
    again = advance(root, "passed_on", receiver="何工")
    assert (again.status_code, again.json()["code"]) == (409, "stage_taken")
    assert advance(root, "handed").json()["code"] == "stage_not_next"
    assert advance(99, "done").status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        lambda thread: {"seen": thread["entries"][-1]["id"]},
        lambda _: {"anyway": True},
        lambda _: {"seen": None},
    ],
    ids=["after a look", "anyway", "by a program that does not say"],
)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("correction", {"fields": CALL | {"message": "空調不冷"}, "reason": "聽錯"}),
        ("void", {"reason": "記重了"}),
        ("deferral", {"deadline": "2999-01-01 10:00", "reason": "等料"}),
        ("stages", {"act": "passed_on", "fields": {"receiver": "李志強"}}),
    ],
)
def test_what_follows_an_entry_that_has_changed_since_it_was_seen_is_asked_about_first(
    clerk, record, path, body, more
):
    root = record().json()["id"]
    better = {"fields": CALL | {"message": "空調滴水"}, "reason": "說錯", "id": fresh_key()}
    first = clerk.post(f"/api/log/{root}/correction", json=better | {"seen": root})
    assert first.status_code == 201
    again = clerk.post(f"/api/log/{root}/correction", json=better | {"seen": root})
    assert again.json() == first.json(), "its answer was lost, and it is no change of somebody's"
    late = body | {"id": fresh_key(), "seen": root}
    refused = clerk.post(f"/api/log/{root}/{path}", json=late)
    assert (refused.status_code, refused.json()["code"]) == (409, "look_first")
    [warning] = refused.json()["warnings"]
    assert warning["code"] == "log_changed"
    for told in ("王美玲", "更正", "空調滴水"):
        assert told in warning["words"]
    [thread] = clerk.get("/api/log").json()
    assert len(thread["entries"]) == 2
    taken = clerk.post(f"/api/log/{root}/{path}", json=late | more(thread))
    assert taken.status_code == 201


def test_a_follow_up_is_put_off_and_handed_on_with_a_reason(clerk, record):
    root = record(owner="林佩芬").json()["id"]
    body = {"id": fresh_key(), "deadline": "2999-01-01 10:00"}
    bare = clerk.post(f"/api/log/{root}/deferral", json=body).json()
    assert (bare["code"], bare["field"]) == ("reason_missing", "reason")
    put_off = body | {"owner": "陳主任", "reason": "等零件"}
    thread = clerk.post(f"/api/log/{root}/deferral", json=put_off).json()
    assert (thread["owner"], thread["deadline"][:4]) == ("陳主任", "2999")
    assert "等零件" in clerk.get("/desk/fragments/followups").text


def test_a_correction_stands_beside_the_original_on_the_page(clerk, record):
    root = record().json()["id"]
    assert 'value="王女士"' in clerk.get(f"/log?correct={root}").text
    body = {"id": fresh_key(), "fields": CALL | {"caller": "黃女士"}, "reason": "聽錯姓氏"}
    thread = clerk.post(f"/api/log/{root}/correction", json=body).json()
    assert thread["said"]["caller"] == "黃女士"
    assert thread["entries"][0]["said"] == CALL
    page = clerk.get("/desk/fragments/log").text
    assert all(text in page for text in ("王女士", "黃女士", "聽錯姓氏"))


def test_a_void_entry_is_struck_through_and_no_longer_followed_up(clerk, record):
    root = record().json()["id"]
    body = {"id": fresh_key(), "reason": "記重了"}
    assert clerk.post(f"/api/log/{root}/void", json=body).json()["void"]
    assert clerk.get("/api/log/open").json() == []
    assert "<s>內容：空調漏水" in clerk.get("/desk/fragments/log").text


def test_the_log_shows_other_days_one_kind_and_turns_the_page(clerk, core, record):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    duty.record(core, Duty.OTHER, {"message": "昨天的事"}, fresh_key(), "王美玲", yesterday)
    record()
    record("key", {"key": "機房", "holder": "李志強"})
    today = clerk.get("/desk/fragments/log").text
    assert "昨天的事" not in today
    assert "空調漏水" in today
    assert "空調漏水" not in clerk.get("/desk/fragments/log?kind=key").text
    day = core.local(yesterday).date()
    assert "昨天的事" in clerk.get(f"/desk/fragments/log?day={day}").text
    assert [one["kind"] for one in clerk.get(f"/api/log?day={day}").json()] == ["other"]
    for nonsense in ("day=tomorrow", "kind=x", "before=-1", "day=9999-12-31"):
        assert clerk.get(f"/log?{nonsense}").status_code == 200
    for number in range(logbook._MOST):
        duty.record(core, Duty.OTHER, {"message": f"第{number}件"}, fresh_key(), "王", yesterday)
    first = logbook.day(core, datetime.now(UTC), str(day))
    second = logbook.day(core, datetime.now(UTC), str(day), before=str(first["more"]))
    assert len(first["threads"]) == logbook._MOST
    assert [one.first.said["message"] for one in second["threads"]] == ["昨天的事"]
    assert second["more"] == 0


def test_a_name_with_markup_is_shown_as_it_was_typed(clerk, record):
    record(fields=CALL | {"caller": "<b onclick=x>王"})
    for part in ("log", "followups"):
        page = clerk.get(f"/desk/fragments/{part}").text
        assert "&lt;b onclick=x&gt;王" in page
        assert "<b onclick" not in page


def test_what_falls_due_is_told_once_to_every_open_desk(core):
    told = []
    core.changes.publish = told.append
    duty.record(core, Duty.COMPLAINT, CALL, fresh_key(), "王美玲", NOW)
    told.clear()
    duty.remind(core, NOW + timedelta(minutes=14))
    assert told == []
    for minutes in (15, 16):
        duty.remind(core, NOW + timedelta(minutes=minutes))
    assert told == ["log"]
    due = logbook.reminders(core, NOW + timedelta(minutes=16))["late"]
    assert [one.first.kind for one in due] == [Duty.COMPLAINT]


# --- checklists and rounds ----------------------------------------------------------------------


@pytest.fixture
def go_over(core):
    """go_over(list, slot, wrong points): today's round of a list."""

    def going(name, slot, wrong=(), points=None, at=NOW):
        listed = next(one for one in checklists() if one.name == name)
        fine = [point for point in points or listed.points if point not in wrong]
        said = {"list": name, "slot": slot, "fine": BETWEEN.join(fine)}
        said |= {"wrong": BETWEEN.join(wrong)} if wrong else {}
        return duty.record(core, Duty.CHECK, said, fresh_key(), "王美玲", at)

    return going


def test_the_days_rounds_are_due_in_their_order_and_ticked_when_done(core, go_over):
    before = duty.rounds_today(core, NOW)
    assert [one.slot for one in before if one.of.name == "patrol"] == [
        "09:00", "11:30", "14:30", "17:30",
    ]  # fmt: skip
    assert [one.due for one in before] == sorted(one.due for one in before)
    go_over("patrol", "09:00")
    [done] = [one for one in duty.rounds_today(core, NOW) if one.thread]
    assert (done.of.name, done.slot) == ("patrol", "09:00")
    late = [one.of.name for one in duty.rounds_today(core, NOW) if one.overdue(NOW)]
    assert late == ["cleaning", "equipment"]


def test_what_a_round_found_wrong_is_followed_up(core, go_over):
    thread = go_over("equipment", "09:30", wrong=["copier"])
    assert (thread.next.act, thread.due) == (Act.DONE, NOW + timedelta(hours=4))
    assert go_over("cleaning", "09:00").next is None


@pytest.mark.parametrize(
    ("name", "slot", "points", "code"),
    [
        ("patrol", "03:00", None, "unknown_list"),
        ("patrol", "09:00", ["lobby"], "points_missing"),
        ("patrol", "09:00", ["lobby"] * 5, "points_missing"),
    ],
)
def test_a_round_is_one_of_todays_and_whole(core, go_over, name, slot, points, code):
    with pytest.raises(duty.Refusal, match=code):
        go_over(name, slot, points=points)


def test_a_round_is_made_once_unless_it_was_void(core, go_over):
    thread = go_over("patrol", "09:00")
    with pytest.raises(duty.Refusal, match="round_done"):
        go_over("patrol", "09:00")
    duty.correct(core, thread.first.id, None, "走錯樓層", fresh_key(), "王美玲", NOW)
    assert go_over("patrol", "09:00").first.id > thread.first.id


def test_what_yesterdays_round_found_and_is_seen_to_today_makes_no_round_of_todays(core, go_over):
    found = go_over("equipment", "09:30", wrong=["copier"]).first.id
    tomorrow = NOW + timedelta(days=1)
    duty.advance(core, found, Act.DONE, {}, fresh_key(), "王美玲", tomorrow)
    assert [one for one in duty.rounds_today(core, tomorrow) if one.thread] == []
    go_over("equipment", "09:30", at=tomorrow)
    [made] = [one for one in duty.rounds_today(core, tomorrow) if one.thread]
    assert made.thread.first.at == tomorrow


def test_a_round_is_not_made_longer_than_an_hour_before_its_time(core, go_over):
    def at(hour, minute):
        midnight, _ = core.day_of(NOW)
        return midnight + timedelta(hours=hour, minutes=minute)

    for early in (at(0, 5), at(17, 59)):
        with pytest.raises(duty.Refusal, match="round_early") as refused:
            go_over("power_off", "19:00", at=early)
        assert refused.value.places == {"clock": "18:00"}
    assert go_over("power_off", "19:00", at=at(18, 0)).first.id


def test_lists_rest_on_their_free_days(core):
    sunday = core.local(NOW).date() + timedelta(days=6)
    names = {one.of.name for one in rounds(checklists(), sunday, core.settings.zone, [])}
    assert names == {"patrol"}


def test_the_page_asks_for_every_point_and_says_what_is_missing(morning, clerk):
    listed = checklists()[0]
    slot = f"{listed.due[0]:%H:%M}"
    page = clerk.get(f"/log?round={listed.name}&slot={slot}").text
    assert all(f'name="at {point}"' in page for point in listed.points)
    body = {"id": fresh_key(), "kind": "check", "fields": {"list": listed.name, "slot": slot}}
    answer = clerk.post("/api/log", json=body)
    assert (answer.status_code, answer.json()["words"]) == (422, "請逐項選擇正常或有問題。")


def test_every_point_and_list_of_the_table_has_words(clerk):
    page = clerk.get("/desk/fragments/rounds").text
    for listed in checklists():
        assert "、" not in "".join(listed.points)
    assert "首層公共區域巡視" in page


def test_what_a_script_posts_again_and_again_is_kept_once_each(core):
    keys = [fresh_key() for _ in range(200)]
    with store.transaction():
        for key in keys * 2:
            duty.record(core, Duty.OTHER, {"message": "腳本"}, key, "王美玲", NOW)
    found = store.log_of(*core.day_of(NOW), 1000)
    assert [len(thread.entries) for thread in found] == [1] * len(keys)


# --- what comes by itself -----------------------------------------------------------------------


def test_goods_that_leave_and_halves_that_are_lost_are_in_the_log_by_themselves(
    core, clerk, admitted_pass, scan
):
    held = admitted_pass("趙先生")
    scan(held.original)
    ledger.miss_duplicate(core, held.id, "抽屜裡沒有", "林佩芬", NOW)
    with pytest.raises(duty.Refusal, match="not_inside"):
        ledger.miss_duplicate(core, held.id, "抽屜裡沒有", "林佩芬", NOW)
    [lost] = store.open_log()
    assert (lost.first.kind, lost.next.act) == (Duty.INCIDENT, Act.REPORTED)
    assert lost.first.said["message"] == f"副本遺失 {held.number} 抽屜裡沒有"
    wish = goods.Wish(
        (GoodsLine(item="冰箱", pieces=1),), "王小明", NOW, NOW + timedelta(hours=8), "3 座"
    )
    slip = goods.draft(core, wish, fresh_key(), "王美玲", NOW)
    goods.approve(core, slip.id, "陳主任", NOW)
    for _ in range(2):
        goods.scan(core, fresh_key(), slip.number, "王美玲", NOW, seen=True)
    [released] = store.log_of(*core.day_of(NOW), 10, Duty.GOODS)
    assert (released.first.said, released.next) == ({"slip": slip.number}, None)
