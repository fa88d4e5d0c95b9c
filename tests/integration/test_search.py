"""Search: what is found, by whom, and that nothing of the index is a truth of its own."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from controller import (
    appointments,
    deciding,
    duty,
    goods,
    privacy,
    scanning,
    searching,
    visits,
)
from controller.searching import GROUPS, MOST
from models import store, tables
from models.messages import GoodsLine
from models.store import search as index
from models.terms import Act, Category, DeskDecision, DeskRole, Direction, Duty, Purpose
from tests.desk_office import a_full_day, arrived, clerk_of, served
from tests.integration.conftest import NOW, fresh_key
from tests.integration.test_privacy import everything_kept
from tests.remains import in_files

BY = "王美玲"
REMAINS = ("名 无 阳 欧", "名無陽歐", "gnimuw", "34567777931", "5K789·Z粵", "5k789")
"""Of a person who is to be forgotten, in the rows and in the index; spelt backwards. The plate
has a letter, for five digits alone are in the random keys of one office in three hundred."""


def found(core, question, group="visits", before=0):
    now = datetime.now(UTC)
    return searching.search(core, question, [group], now, before).pages[group]


def names(core, question, group="visits"):
    return [row.name for row in found(core, question, group).rows]


def expected(core, name, **more):
    now = datetime.now(UTC)
    said = {"organisation": "", "category": Category.ORDINARY, "party": 1, "host_id": 1}
    times = {"starts": now, "ends": now + timedelta(hours=1), "phone_last4": ""}
    fields = {"room_id": None, "by": BY, "now": now, "name": name, **said, **times, **more}
    return appointments.make(core, **fields)


def recorded(core, kind=Duty.COMPLAINT, **said):
    fields = {"message": "漏水", "to": "工程部"} | said
    return duty.record(core, kind, fields, fresh_key(), BY, datetime.now(UTC))


def slip(core, name, plate):
    now = datetime.now(UTC)
    lines = (GoodsLine(item="雙門冰箱", pieces=1, remark=""),)
    wish = goods.Wish(lines, name, now, now + timedelta(hours=2), unit="3 座 12A", plate=plate)
    return goods.draft(core, wish, fresh_key(), BY, now)


def admitted(core, name, **more):
    visit = arrived(core, name, Purpose.BUSINESS, host=1, **more)
    return deciding.decide(core, visit.id, DeskDecision.ADMIT, BY, datetime.now(UTC))


# --- what is found ----------------------------------------------------------------------------


def test_a_visitor_is_found_however_the_name_is_written_said_or_begun(core):
    arrived(core, "王小明")
    arrived(core, "陳大文")
    arrived(core, "單國強")
    for question in ("王", "小明", "王小明", "wangxiaoming", "wang xiaoming", "WXM", "xiaom", "xm"):
        assert names(core, question) == ["王小明"], question
    for question in ("陈", "陳大", "chen", "chendawen", "cdw"):
        assert names(core, question) == ["陳大文"], question
    for question in ("单", "shan", "dan guoqiang", "chan", "sgq"):
        assert names(core, question) == ["單國強"], question
    for question in ("王大", "明小", "wangdaming", "李", "小強"):
        assert names(core, question) == [], question


def test_a_visit_is_found_by_company_host_party_phone_and_number(core):
    visit = arrived(
        core,
        "林先生",
        Purpose.BUSINESS,
        organisation="恒信物業管理",
        host=3,
        party=2,
        others=("趙小蘭",),
        phone="13977776543",
    )
    host = visit.host.split()[-1]
    for question in ("恒信", "物业", "hengxin", "hxwy", host, "趙小", "zhaoxl", "林 恒信"):
        assert names(core, question) == ["林先生"], question
    for question in ("6543", "776543", "139 7777 6543", visit.number, visit.number.lower(), "v1"):
        assert names(core, question) == ["林先生"], question
    assert names(core, "林 廣達") == names(core, "6544") == names(core, "V-0099") == []


def test_a_plate_is_found_with_and_without_what_separates_it(core):
    slip(core, "李太太", "粵B·12345")
    slip(core, "王先生", "京 A 98765")
    for question in ("粵B·12345", "粤b12345", "B12345", "b-12345", "12345", "234", "粤B 123"):
        assert names(core, question, "goods") == ["李太太"], question
    assert names(core, "京a98765", "goods") == names(core, "a 9876", "goods") == ["王先生"]
    assert names(core, "g-0002", "goods") == ["王先生"]


def test_a_pass_is_found_by_its_holder_its_number_and_the_number_of_its_visit(core):
    visit = admitted(core, "王小明", party=3, others=("李小蘭",))
    first, second, third = store.passes_of_visit(visit.id)
    assert names(core, "lixl", "passes") == ["李小蘭"]
    visits.name_holder(core, third.id, "周新來", BY, NOW)
    assert names(core, "周新", "passes") == ["周新來"]
    visits.name_holder(core, third.id, "", BY, NOW)
    assert names(core, "周新", "passes") == []
    for question in (second.number, second.number.replace("-", "").lower(), str(second.id)):
        assert [row.id for row in found(core, question, "passes").rows] == [second.id]
    assert [row.id for row in found(core, second.number).rows] == [visit.id]
    every = [row.id for row in found(core, visit.number, "passes").rows]
    assert every == [first.id, second.id, third.id]
    assert found(core, f"C-{first.id:04d}", "passes").rows == ()


def test_a_scanned_code_finds_its_pass_and_visit_and_signs_nobody_in(core):
    visit = admitted(core, "王小明")
    [held] = store.passes_of_visit(visit.id)
    for code in (held.original, held.duplicate, f" {held.original}"):
        assert [row.id for row in found(core, code).rows] == [visit.id]
        assert [row.id for row in found(core, code, "passes").rows] == [held.id]
    assert not store.passes_of_visit(visit.id)[0].inside
    assert found(core, held.original[:-1] + "X").rows == ()
    row = expected(core, "趙先生")
    assert names(core, row.invitation, "appointments") == ["趙先生"]


def test_an_appointment_is_found_by_name_company_code_and_phone(core):
    row = expected(core, "趙子龍", organisation="順豐速運", phone_last4="6543")
    for question in ("赵子", "zhao", "zzl", "顺丰", "6543", row.code):
        assert names(core, question, "appointments") == ["趙子龍"], question


def test_a_thread_of_the_log_is_found_once_by_the_words_of_all_its_entries(core):
    thread = recorded(core, message="七樓走廊漏水，漏水三天", caller="王小明", phone="13977776543")
    now = datetime.now(UTC)
    passed_on = {"receiver": "何工"}
    duty.advance(core, thread.first.id, Act.PASSED_ON, passed_on, fresh_key(), BY, now)
    duty.correct(
        core, thread.first.id, {"message": "八樓漏水", "to": "工程部"}, "錯字", fresh_key(), BY, now
    )
    recorded(core, message="燈不亮")
    for question in (
        "漏水",
        "七楼",
        "八樓",
        "wxm",
        "何工",
        "漏水 何工",
        "6543",
        "錯字",
        "1",
        "工程 王小",
    ):
        rows = found(core, question, "log").rows
        assert [row.first.id for row in rows] == [thread.first.id], question
    assert found(core, "漏水 燈", "log").rows == ()


def test_a_queue_number_of_the_last_weeks_is_found(core):
    a_full_day(core)
    assert [row.number for row in found(core, "R-002", "queue").rows] == ["R-002"]
    assert [row.number for row in found(core, "r2", "queue").rows] == ["R-002"]
    assert found(core, "R-200", "queue").rows == ()


def test_the_newest_come_first_and_more_by_page_and_none_twice(core):
    made = [arrived(core, "王小明", Purpose.BUSINESS, host=1).id for _ in range(2 * MOST + 3)]
    seen, before = [], 0
    while True:
        page = found(core, "王小", before=before)
        assert len(page.rows) <= MOST
        seen += [row.id for row in page.rows]
        if not (before := page.more):
            break
    assert seen == sorted(made, reverse=True)
    first, *others = [row.id for row in found(core, f"V-{made[0]:04d} ").rows]
    assert (first, others) == (made[0], [])


def test_what_has_the_number_comes_before_what_only_contains_it(core):
    first = arrived(core, "王小明")
    arrived(core, f"單位{first.id:02d}")
    rows = found(core, f"{first.id:02d}").rows
    assert [row.id for row in rows] == [first.id, first.id + 1]


# --- the index is none of its own ---------------------------------------------------------------


def rows_of(kind):
    """What the index of a kind has, and what it should have."""
    has = tables.database.execute_sql(f"SELECT rowid, keys FROM search_{kind}").fetchall()
    should = tables.database.execute_sql(index.kept_keys(kind)).fetchall()
    return (
        {row: sorted(keys.split()) for row, keys in has},
        {row: sorted(keys.split()) for row, keys in should},
    )


def agrees():
    """Is the index what its rows say, and whole by SQLite's own check?"""
    for kind in index.KINDS:
        has, should = rows_of(kind)
        assert has == should, kind
        table = f"search_{kind}"
        tables.database.execute_sql(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")


def an_eventful_day(core):
    a_full_day(core)
    visit = admitted(core, "歐陽無名", organisation="無名事務所", phone="13977776543")
    [held] = store.passes_of_visit(visit.id)
    for minutes, way in ((1, Direction.IN), (2, Direction.OUT)):
        at = datetime.now(UTC) + timedelta(minutes=minutes)
        scanning.scan(core, fresh_key(), held.number, way, BY, at)
    refused = arrived(core, "歐陽無名", phone="13977776543")
    deciding.decide(core, refused.id, DeskDecision.REFUSE, BY, datetime.now(UTC))
    expected(core, "歐陽無名", phone_last4="6543")
    slip(core, "歐陽無名", "粵Z·987K5")
    thread = recorded(core, Duty.PHONE, message="歐陽無名來電", caller="歐陽無名", phone="6543")
    passed_on = {"note": "歐陽無名稍後再打"}
    now = datetime.now(UTC)
    duty.advance(core, thread.first.id, Act.PASSED_ON, passed_on, fresh_key(), BY, now)
    return thread


def test_the_index_always_agrees_with_the_rows(core):
    an_eventful_day(core)
    agrees()
    assert all(rows_of(kind)[0] for kind in index.KINDS)
    privacy.purge(core, datetime.now(UTC) + timedelta(days=400))
    agrees()


def test_what_was_rolled_back_is_not_found(core):
    with store.transaction() as rolled:
        arrived(core, "王小明")
        rolled.rollback()
    assert names(core, "王小明") == []
    agrees()


def test_a_database_of_an_earlier_version_can_be_searched_once_it_is_opened(core, settings):
    an_eventful_day(core)
    with store.transaction():
        index.unfollow_rows()
    for kind in index.KINDS:
        tables.database.execute_sql(f"DROP TABLE search_{kind}")
    tables.Meta.delete().where(tables.Meta.name == "search").execute()
    store.open_database(settings.database)
    assert set(names(core, "ouyang")) == {"歐陽無名"}
    agrees()
    arrived(core, "王新來")
    assert names(core, "王新來") == ["王新來"]


def test_an_index_that_was_made_by_other_rules_is_made_anew(core, settings):
    an_eventful_day(core)
    tables.database.execute_sql("DELETE FROM search_visit")
    tables.Meta.update(value="0").where(tables.Meta.name == "search").execute()
    store.open_database(settings.database)
    agrees()


def test_opening_again_keeps_the_index_as_it_is(core, settings):
    tables.database.execute_sql("INSERT INTO search_visit (rowid, keys) VALUES (99, 'kept')")
    store.open_database(settings.database)
    assert 99 in rows_of("visit")[0]


def test_nothing_of_a_forgotten_person_is_found_or_left_in_the_file(core, settings):
    thread = an_eventful_day(core)
    store.close_database()
    assert in_files(settings.data, REMAINS) == {settings.database.name}
    privacy.purge(core, datetime.now(UTC) + timedelta(days=settings.privacy.keep_days + 40))
    for question in ("歐陽", "无名", "ouyang", "oywm", "6543", "987K5", "無名事務所"):
        for group in GROUPS:
            assert found(core, question, group).rows == (), (question, group)
    assert store.log_thread(thread.first.id).first.personal is None
    store.close_database()
    assert in_files(settings.data, REMAINS) == set()


# --- who may find what, and what may be asked ---------------------------------------------------


def asked(client, question, **more):
    return client.get(f"/api/search?{urlencode({'q': question} | more)}")


@pytest.mark.parametrize(
    ("role", "readable"),
    [
        (DeskRole.CLERK, set(GROUPS)),
        (DeskRole.SUPERVISOR, set(GROUPS)),
        (DeskRole.ADMINISTRATOR, set(GROUPS)),
        (DeskRole.GUARD, {"visits", "passes"}),
        (DeskRole.HOST, {"appointments"}),
    ],
)
def test_each_role_finds_only_what_it_may_read_elsewhere(core, role, readable):
    an_eventful_day(core)
    client = clerk_of(core)
    store.change_user(store.user(store.DEMO_USER).id, role=role)
    answer = asked(client, "歐陽無名").json()
    assert {group for group in GROUPS if answer[group] is not None} == readable
    page = client.get("/search?q=歐陽無名").text
    shown = {group for group in GROUPS if f'id="found-{group}"' in page}
    assert shown == readable - {"queue"}
    assert ("來電" in page) == ("log" in readable)
    for path in ("/search?q=歐陽&group=log", "/desk/fragments/search?q=歐陽&group=log"):
        assert ("來電" in client.get(path).text) == ("log" in readable)
    if "log" not in readable:
        assert asked(client, "歐陽", group="log").json()["log"] is None


def test_a_result_leads_to_its_place(core):
    clerk = clerk_of(core)
    waiting = arrived(core, "王小明")
    inside = admitted(core, "王小蘭")
    thread = recorded(core, caller="王小蘭")
    expected(core, "王小美")
    page = clerk.get("/search?q=王小").text
    [held] = store.passes_of_visit(inside.id)
    last = thread.entries[-1].id + 1
    places = (f"/#visit-{waiting.id}", f"/passes#show-{held.id}", f"&amp;before={last}", "/visits")
    for place in places:
        assert f'{place}"' in page
    assert f'id="visit-{waiting.id}"' in clerk.get("/").text
    assert f'id="show-{held.id}"' in clerk.get("/passes").text
    assert "<mark>王小</mark>明" in page


def test_no_result_shows_a_telephone_number_of_a_visitor(core):
    arrived(core, "王小明", phone="13977776543")
    clerk = clerk_of(core)
    page = clerk.get("/search?q=7776543").text
    assert "王小明" in page
    assert "電話號碼相符" in page
    assert "7776543" not in re.sub(r'value="7776543"', "", page)
    assert "7776543" not in asked(clerk, "7776543").text


def test_the_api_tells_pages_and_how_it_went(core):
    for _ in range(MOST + 1):
        arrived(core, "王小明", Purpose.BUSINESS, host=1)
    clerk = clerk_of(core)
    first = asked(clerk, "wxm").json()
    assert len(first["visits"]["rows"]) == MOST
    rest = asked(clerk, "wxm", group="visits", before=first["visits"]["more"]).json()
    assert (len(rest["visits"]["rows"]), rest["visits"]["more"], rest["passes"]) == (1, 0, None)
    assert "沒有找到" in asked(clerk, "無此人").json()["words"]
    assert "再多輸入" in asked(clerk, "?").json()["words"]


STRANGE = ('"', "*", "NEAR(", "a AND b", "-", "王 -小", "keys:王", "^王", "(", "王*", "'; --", "\\")


def test_signs_of_the_index_are_no_orders(core):
    arrived(core, "王小明")
    clerk = clerk_of(core)
    for question in (*STRANGE, "😀", "  ", "\x00王", "\u202e王", "王" * 6_000, "a" * 10_000, "%"):
        answer = asked(clerk, question)
        assert answer.status_code == 200, question[:20]
        assert answer.json()["words"]
        page = clerk.get(f"/search?{urlencode({'q': question})}")
        assert page.status_code == 200, question[:20]
    assert len(asked(clerk, '"王" NEAR').json()["visits"]["rows"]) == 0
    assert len(asked(clerk, "「王」*").json()["visits"]["rows"]) == 1


def test_ten_thousand_characters_are_answered_over_the_wire_too(core):
    cookie = "; ".join(f"{name}={value}" for name, value in clerk_of(core).cookies.items())
    with served(core) as address:
        for question in ("王" * 10_000, "wang " * 2_000, "😀" * 10_000):
            wire = HTTPConnection(urlsplit(address).netloc)
            wire.request(
                "GET", f"/api/search?{urlencode({'q': question})}", headers={"cookie": cookie}
            )
            answer = wire.getresponse()
            assert (answer.status, bool(json.load(answer)["words"])) == (200, True)
            wire.close()


@effort(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=120) | st.text('"*-()^:+ NEARANDOT王小w1', max_size=40))
def test_whatever_is_asked_is_answered(core, question):
    for group in GROUPS:
        found(core, question, group)


def test_an_address_that_makes_no_sense_is_searched_all_the_same(core):
    arrived(core, "王小明")
    clerk = clerk_of(core)
    for rest in (
        "group=x",
        "group=visits&before=x",
        "before=-1",
        "group=visits&before=" + "9" * 99,
    ):
        assert "<mark>王</mark>小明" in clerk.get(f"/search?q=wang&{rest}").text, rest


def test_a_question_stands_in_no_log_and_nowhere_in_the_database(core, caplog):
    clerk = clerk_of(core)
    with caplog.at_level(logging.DEBUG, logger="controller"):
        asked(clerk, "某某某不可外傳")
        clerk.get("/search?q=某某某不可外傳")
        asked(clerk, "某某某不可外傳", before="x")
    assert "某某某" not in caplog.text
    assert "某某某" not in everything_kept()
