"""Turned away with dignity: a neutral screen, a silent word to the guard, bans under review."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from controller import deciding, guard
from controller.core import Refusal
from models import store, tables
from models.bans import Ban, alerts
from models.messages import Register, Status, VisitUpdate, Withdraw, decode
from models.terms import Category, DeskDecision, Purpose, Reason, VisitState
from tests.desk_office import arrived, clerk_of
from tests.integration.conftest import fresh_key

NOW = datetime.now(UTC)
TODAY = NOW.date()
LATER = TODAY + timedelta(days=90)
BAN = Ban(1, "Wang 小明", "恆信 物業", "8888", "推銷不止", LATER, "王美玲")


def refuse(core, visit, reason=None, category=None):
    decision = DeskDecision.REFUSE
    return deciding.decide(core, visit.id, decision, "王美玲", NOW, category, reason)


def banned(core, name="甲先生", **more):
    visit = refuse(core, arrived(core, name, **more), Reason.NUISANCE)
    return guard.ban(core, visit.id, "在大堂吵鬧", LATER, "王美玲", NOW)


@pytest.mark.parametrize("reason", [*Reason, None])
def test_whatever_the_reason_the_visitors_screen_is_the_same(core, reason):
    visit = refuse(core, arrived(core, "王小明"), reason)
    [update] = [
        m
        for row in store.unsent(99)
        if isinstance(
            m := decode(row.message.topic, row.message.payload, "test"),
            VisitUpdate,
        )
    ]
    assert (update.visit.code, update.visit.state) == ("desk_refused", VisitState.REFUSED)
    assert str(reason) not in update.visit.model_dump_json()
    assert visit.refusal == (reason or "")


def test_the_guard_is_told_in_silence(core):
    visit = refuse(core, arrived(core, "王小明"), Reason.SALES)
    day = core.day_of(NOW)
    assert [(v.id, v.refusal) for v in store.refused_visits(*day)] == [(visit.id, "sales")]
    event = tables.Event.get(tables.Event.what == "guard_told")
    assert (event.subject, "sales" in event.detail) == (visit.number, True)


@pytest.mark.parametrize(
    ("name", "organisation", "phone", "found"),
    [
        ("wang小明", "", "8888", [False]),
        ("ＷＡＮＧ 小明", "恆信物業", "", [False]),
        ("Wang 小明", "別處", "1234", [True]),
        ("Wang 小明", "", "", [True]),
        ("王大明", "恆信物業", "8888", []),
        ("", "恆信物業", "8888", []),
    ],
)
def test_a_name_with_phone_or_organisation_is_certain_and_alone_only_possible(
    name, organisation, phone, found
):
    assert [a.possible for a in alerts(name, organisation, phone, [BAN], TODAY)] == found


def test_a_ban_past_its_review_does_not_alert():
    assert alerts("Wang 小明", "", "8888", [BAN], LATER)
    assert alerts("Wang 小明", "", "8888", [BAN], LATER + timedelta(days=1)) == []


def test_a_ban_alerts_the_desks_card_and_changes_nothing_at_the_kiosk(ask, core):
    plain = ask(Register(purpose=Purpose.SERVICE, name="甲先生", phone="13800008888")).body
    ask(Withdraw(visit=plain.visit))
    banned(core, phone="13800008888")
    again = ask(Register(purpose=Purpose.SERVICE, name="甲先生", phone="13900008888")).body
    same = {"visit", "seq", "number"}
    assert again.model_dump(exclude=same) == plain.model_dump(exclude=same)
    [waiting] = store.waiting_visits()
    [alert] = guard.alerts_for(core, [waiting], NOW)[waiting.id]
    assert not alert.possible
    page = clerk_of(core).get("/").text
    assert f"請留意：在大堂吵鬧，複核日 {LATER}" in page
    assert "8888" not in page


def test_an_expected_guest_who_matches_is_on_the_guards_list(ask, core):
    banned(core)
    now = datetime.now(UTC)
    store.add_appointment(
        code="1889",
        name="甲先生",
        category=Category.ORDINARY,
        starts=now,
        ends=now + timedelta(hours=1),
        by="王美玲",
    )
    assert ask(Register(code="1889"), now=now).body.state is VisitState.ADMITTED
    assert [w.visit.name for w in guard.watched(core, now)] == ["甲先生"]


def test_a_ban_is_renewed_or_lifted_and_each_is_logged(core):
    made = banned(core)
    much_later = LATER + timedelta(days=90)
    assert guard.renew(core, made.id, much_later, "林佩芬", NOW).review == much_later
    guard.lift(core, made.id, "林佩芬", NOW)
    assert store.bans() == []
    with pytest.raises(Refusal, match="not_found"):
        guard.lift(core, made.id, "林佩芬", NOW)
    with pytest.raises(Refusal, match="not_found"):
        guard.renew(core, made.id, much_later, "林佩芬", NOW)
    log = [e.what for e in tables.Event.select() if e.what.startswith("ban_")]
    assert log == ["ban_made", "ban_renewed", "ban_lifted"]


def test_only_who_was_turned_away_can_be_banned_and_only_until_a_day_to_come(core):
    visit = arrived(core, "王小明")
    with pytest.raises(Refusal, match="not_refused"):
        guard.ban(core, visit.id, "吵鬧", LATER, "王美玲", NOW)
    with pytest.raises(Refusal, match="review_past"):
        guard.ban(core, visit.id, "吵鬧", TODAY, "王美玲", NOW)


def test_the_clerk_refuses_with_a_reason_and_works_with_the_list(core):
    clerk = clerk_of(core)
    visit = arrived(core, "甲<b>", phone="13800008888")
    body = {"decision": "refuse", "reason": "sales"}
    clerk.post(f"/api/visits/{visit.id}/decision", json=body).raise_for_status()
    path = f"/api/visits/{visit.id}/ban"
    today = guard.today_of(core, datetime.now(UTC))
    said = clerk.post(path, json={"reason": "推銷", "review": str(today)})
    assert (said.status_code, said.json()["field"]) == (422, "review")
    assert clerk.post(path, json={"reason": "推銷", "review": "soon"}).status_code == 422
    until = str(today + timedelta(days=1))
    assert clerk.post(path, json={"reason": "推銷", "review": until}).status_code == 201
    page = clerk.get("/passes").text
    assert "留意名單" in page
    assert "甲&lt;b&gt;" in page
    assert "8888" not in page
    later = str(today + timedelta(days=9))
    renewed = clerk.post("/api/bans/1/renew", json={"review": later})
    assert renewed.json()["review"] == later
    assert clerk.post("/api/bans/1/lift", json={"review": ""}).status_code == 204
    assert clerk.get("/api/bans").json() == []


moves = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(DeskDecision), st.sampled_from([None, Category.TURNED_AWAY])),
        st.sampled_from(["status", "withdraw", "again", "leave"]),
    ),
    max_size=6,
)


@examples(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(purpose=st.sampled_from(Purpose), party=st.integers(1, 500), then=moves)
def test_no_input_lets_a_turned_away_person_past_the_lobby(ask, core, purpose, party, then):
    key = fresh_key()
    body = Register(purpose=purpose, name="甲先生", party=party, phone="13800008888")
    ask(body, key)
    visit = store.visit_by_key(key)
    for move in [(DeskDecision.ASK_TO_WAIT, Category.TURNED_AWAY), *then]:
        if move == "again":
            ask(body, key)
        elif isinstance(move, str):
            ask(Status(visit=key) if move == "status" else Withdraw(visit=key))
        else:
            decision, category = move
            try:
                deciding.decide(core, visit.id, decision, "王美玲", NOW, category)
            except Refusal:
                continue
        assert store.visit(visit.id).state is not VisitState.ADMITTED
        assert store.passes_of_visit(visit.id) == []


@pytest.mark.parametrize(
    ("banned", "came"),
    [
        ("陳國華", "陈国华"),
        ("葉衛東", "叶卫东"),
        ("ＷＡＮＧ Wei", "wang  wei"),
        ("王 小明", "王小明"),
        ("Ｏ’Brien", "O'BRIEN"),
    ],
)
def test_a_ban_is_found_however_the_name_is_written(banned, came):
    ban = Ban(1, banned, "恆達裝修", "", "", LATER, "")
    [alert] = alerts(came, "恒达 装修", "", [ban], TODAY)
    assert not alert.possible
    assert alerts("別人", "恒达装修", "", [ban], TODAY) == []
