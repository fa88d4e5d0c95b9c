"""The clerk lets in, asks to wait and refuses; answers calls; scans passes; expects guests."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image, ImageDraw

from controller import reception
from models import store
from models.messages import Register
from models.qr import matrix
from models.terms import Category, PassState, Purpose, VisitState
from tests.desk_office import CREDENTIALS, arrived, clerk_of, request_of
from tests.qr import codes


@pytest.fixture
def clerk(core):
    return clerk_of(core)


def decide(clerk, visit, decision, **more):
    return clerk.post(f"/api/visits/{visit.id}/decision", json={"decision": decision} | more)


def scan(clerk, text, **more):
    body = {"id": secrets.token_hex(16), "text": text} | more
    return clerk.post("/api/scans", json=body).json()


@pytest.fixture
def admitted(clerk, core):
    """The pass of somebody who was just let in."""
    visit = arrived(core, "王小明")
    return decide(clerk, visit, "admit").json()["passes"][0]


def test_who_waits_is_on_the_first_page_with_all_the_clerk_needs(clerk, core):
    visit = arrived(core, "王小明", organisation="復印機維修", host=3)
    [waiting] = clerk.get("/api/today").json()["waiting"]
    assert waiting["id"] == visit.id
    assert waiting["number"] == "V-0001"
    assert waiting["host"] == "工程部 李志強"
    assert waiting["wait_at"] == "電梯前廳沙發"
    assert waiting["admission"] == "confirm"
    assert waiting["reasons"] == ["service_unexpected"]


def test_admitting_issues_a_pass(clerk, core):
    visit = arrived(core, "王小明")
    body = decide(clerk, visit, "admit").json()
    assert body["visit"]["name"] == "王小明"
    assert body["passes"][0]["state"] == "issued"
    assert store.visit(visit.id).state is VisitState.ADMITTED
    assert store.visit(visit.id).decided_by == "王美玲"


def test_asking_to_wait_leaves_the_visitor_waiting_without_a_pass(clerk, core):
    visit = arrived(core, "王小明")
    body = decide(clerk, visit, "ask_to_wait").json()
    assert body["passes"] == []
    assert body["visit"]["asked_to_wait"] is True
    assert len(clerk.get("/api/today").json()["waiting"]) == 1


def test_refusing_ends_the_visit(clerk, core):
    visit = arrived(core, "王小明")
    assert decide(clerk, visit, "refuse").json()["passes"] == []
    assert store.visit(visit.id).state is VisitState.REFUSED


def test_a_second_decision_changes_nothing_and_says_so(clerk, core):
    visit = arrived(core, "王小明")
    decide(clerk, visit, "refuse")
    answer = decide(clerk, visit, "admit")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")
    assert answer.json()["words"].startswith("王美玲 已在 ")
    assert store.visit(visit.id).state is VisitState.REFUSED


def test_a_visitor_is_received_as_what_the_clerk_says(clerk, core):
    visit = arrived(core, "趙局長", Purpose.BUSINESS)
    body = decide(clerk, visit, "admit", category="vip").json()
    assert body["visit"]["category"] == "vip"
    assert store.visit(visit.id).category is Category.VIP


def test_who_is_to_be_turned_away_cannot_be_let_in(clerk, core):
    visit = arrived(core, "推銷員", Purpose.BUSINESS)
    answer = decide(clerk, visit, "admit", category="turned_away")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_entry")
    assert store.visit(visit.id).category is Category.ORDINARY


def test_a_visit_that_does_not_exist_is_not_found(clerk):
    answer = clerk.post("/api/visits/77/decision", json={"decision": "admit"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_registration_that_came_too_late_is_shown_with_the_reason(clerk, core):
    late = {"age": 900, "gone": True}
    reception.answer(core, request_of(Register(code="0137"), **late), datetime.now(UTC))
    page = clerk.get("/").text
    assert "自助機 k1 遲到的登記未能受理" in page
    assert "0137" in page
    assert "當日沒有這個預約碼" in page
    [call] = clerk.get("/api/today").json()["help"]
    assert (call["code"], call["visit_name"]) == ("unknown_code", "0137")


def test_a_call_for_help_is_answered_once(clerk, core):
    reception.call_desk(core, "k1", secrets.token_hex(16), None, datetime.now(UTC))
    [call] = clerk.get("/api/today").json()["help"]
    path = f"/api/help/{call['id']}/answer"
    assert clerk.post(path).status_code == 204
    assert clerk.post(path).json()["words"] == "王美玲 已前往這部自助機。"
    assert clerk.post("/api/help/99/answer").json()["code"] == "not_found"
    assert clerk.get("/api/today").json()["help"] == []


def test_who_decides_of_a_visitor_that_has_left_is_told_so(clerk, core):
    visit = arrived(core, "王小明")
    reception.withdraw(core, "k1", visit.key, datetime.now(UTC))
    assert decide(clerk, visit, "admit").json()["code"] == "visit_over"


def test_a_pass_is_scanned_in_and_out_by_its_code(clerk, admitted):
    token = store.pass_by_id(admitted["id"]).original
    entered = scan(clerk, token, direction="in")
    assert (entered["ok"], entered["code"], entered["tone"]) == (True, "ok_in", "good")
    assert (entered["number"], entered["name"]) == (admitted["number"], "王小明")
    assert entered["words"] == "放行，已入內"
    assert clerk.get("/api/today").json()["passes"][0]["state"] == "inside"
    left = scan(clerk, token, direction="out")
    assert (left["ok"], left["code"]) == (True, "ok_out")
    assert clerk.get("/api/today").json()["passes"] == []


def test_a_pass_is_revoked_with_a_reason_and_a_second_press_says_by_whom(clerk, core, admitted):
    path = f"/api/passes/{admitted['id']}/revoke"
    assert clerk.post(path, json={"reason": " "}).status_code == 422
    first = clerk.post(path, json={"reason": "證件遺失"}).json()
    assert (first["state"], first["number"]) == ("revoked", admitted["number"])
    store.change_user(1, display="陳大文")
    clerk.post("/api/session", json=CREDENTIALS).raise_for_status()
    assert clerk.post(path, json={"reason": "別的"}).json() == first
    assert scan(clerk, admitted["number"])["words"] == "不可放行：此證已作廢"


def test_whoever_is_inside_with_a_revoked_pass_is_marked_and_can_be_checked_out(clerk, admitted):
    scan(clerk, admitted["number"], direction="in", seen=True)
    clerk.post(f"/api/passes/{admitted['id']}/revoke", json={"reason": "行為不當"})
    region = clerk.get("/desk/fragments/inside").text
    assert "已作廢" in region
    assert "行為不當" in region
    assert 'data-do="sign-visitor-out"' in region
    assert 'data-do="revoke-pass"' not in region
    left = scan(clerk, admitted["number"], direction="out")
    assert (left["code"], left["tone"]) == ("revoked", "odd")
    answer = clerk.post(f"/api/passes/{admitted['id']}/revoke", json={"reason": "再來"})
    assert answer.json()["state"] == "returned"


def test_a_pass_that_was_handed_back_or_never_was_cannot_be_revoked(clerk, admitted):
    for direction in ("in", "out"):
        scan(clerk, admitted["number"], direction=direction, seen=True)
    answer = clerk.post(f"/api/passes/{admitted['id']}/revoke", json={"reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_returned")
    assert clerk.post("/api/passes/777/revoke", json={"reason": "x"}).status_code == 404


def test_a_typed_number_shows_whose_it_is_and_lets_in_once_somebody_has_compared(clerk, admitted):
    """Numbers are counted up: whoever says one need not hold the pass."""
    number = admitted["number"].lower()
    for direction in (None, "in"):
        asked = scan(clerk, number, direction=direction)
        assert (asked["ok"], asked["code"], asked["tone"]) == (False, "number_only", "odd")
        assert (asked["asks"], asked["name"]) == (True, "王小明")
        assert any("有效至" in line for line in asked["lines"])
        assert store.pass_by_id(admitted["id"]).state is PassState.ISSUED
    entered = scan(clerk, number, direction="in", seen=True)
    assert (entered["code"], entered["asks"], entered["lines"]) == ("ok_in", False, [])
    assert scan(clerk, number, direction="out")["code"] == "ok_out"


def test_a_typed_number_that_opens_nothing_asks_nothing(clerk, admitted):
    assert not scan(clerk, "A-9999")["asks"]
    clerk.post(f"/api/passes/{admitted['id']}/revoke", json={"reason": "遺失"})
    refused = scan(clerk, admitted["number"])
    assert (refused["code"], refused["asks"], refused["lines"]) == ("revoked", False, [])


def test_a_retried_scan_is_not_done_twice(clerk, admitted):
    token = store.pass_by_id(admitted["id"]).original
    body = {"id": secrets.token_hex(16), "text": token, "direction": None}
    first, second = (clerk.post("/api/scans", json=body).json() for _ in range(2))
    assert first == second
    assert store.pass_by_id(admitted["id"]).state is PassState.INSIDE


def test_every_token_scans_whatever_its_random_characters_are(clerk, core):
    """Base45 has a space: a token may hold several in a row, or end in one."""
    for number in range(60):
        body = decide(clerk, arrived(core, f"訪客{number}"), "admit").json()
        token = store.pass_by_id(body["passes"][0]["id"]).original
        assert scan(clerk, token)["code"] == "ok_in", token


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A-9999", "unknown_pass"),
        ("VP1:" + "A" * 150, "malformed"),
        ("https://evil.example/?q=1", "web_address"),
        ("' OR 1=1 --", "not_a_pass"),
        ("\u202eA-0001", "unknown_pass"),
        ("😀\x00\x1b[2J", "control_characters"),
        ("x" * 9_999, "too_long"),
    ],
)
def test_a_scan_that_is_no_pass_is_refused_in_words(clerk, text, code):
    result = scan(clerk, text)
    assert (result["ok"], result["tone"], result["code"]) == (False, "bad", code)
    assert result["words"]
    assert result["number"] == ""


def test_a_pass_inside_does_not_open_again(clerk, admitted):
    scan(clerk, admitted["number"], direction="in", seen=True)
    result = scan(clerk, admitted["number"], direction="in", seen=True)
    assert (result["tone"], result["code"]) == ("bad", "already_inside")
    assert result["name"] == "王小明"


def test_leaving_without_having_entered_is_allowed_and_marked_as_odd(clerk, admitted):
    result = scan(clerk, admitted["number"], direction="out")
    assert (result["ok"], result["tone"], result["code"]) == (True, "odd", "never_entered")


def test_a_stay_past_its_time_is_marked_on_the_page(clerk, admitted):
    scan(clerk, admitted["number"], direction="in", seen=True)
    store.change_pass(admitted["id"], valid_until=datetime.now(UTC) - timedelta(minutes=1))
    assert "超時" in clerk.get("/desk/fragments/inside").text


def test_the_pass_is_drawn_as_a_code_that_a_reader_reads(clerk, admitted):
    answer = clerk.get(f"/api/passes/{admitted['id']}/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    picture = answer.text
    token = store.pass_by_id(admitted["id"]).original
    dark = sum(map(sum, matrix(token, "M")))
    assert picture.count("h1v1h-1z") == dark
    assert codes(_drawn(picture)) == [token]


def _drawn(svg: str) -> Image.Image:
    """The picture, eight pixels a module, painted from its own path."""
    size = int(svg.split('viewBox="0 0 ')[1].split(maxsplit=1)[0])
    image = Image.new("L", (size * 8, size * 8), 255)
    draw = ImageDraw.Draw(image)
    for module in svg.split('d="')[1].split('"', maxsplit=1)[0].split("M")[1:]:
        x, y = (int(part) * 8 for part in module.split("h")[0].split())
        draw.rectangle((x, y, x + 7, y + 7), fill=0)
    return image


def test_there_is_no_code_of_a_pass_that_does_not_exist(clerk):
    assert clerk.get("/api/passes/77/qr.svg").json()["code"] == "not_found"


def test_an_expected_guest_gets_a_code_and_is_on_the_list(clerk, core):
    starts = datetime.now(UTC) + timedelta(minutes=1)
    body = {
        "name": "劉主任",
        "organisation": "市住建局",
        "category": "important",
        "host": 1,
        "room": 1,
        "starts": starts.isoformat(),
        "party": 8,
        "phone_last4": "5678",
    }
    answer = clerk.post("/api/appointments", json=body)
    assert answer.status_code == 201
    made = answer.json()
    assert len(made["code"]) == 4
    assert made["room"] == "三樓第一會議室"
    ends = datetime.fromisoformat(made["ends"])
    assert ends == datetime.fromisoformat(made["starts"]) + timedelta(hours=1)
    assert store.appointments(starts, ends)[0].code == made["code"]


def test_the_days_appointments_are_listed(clerk, core):
    now = datetime.now(UTC)
    start, end = core.day_of(now)
    store.add_appointment(
        code="4321", name="劉主任", category="vip", starts=start, ends=end, by="王美玲"
    )
    [listed] = clerk.get("/api/appointments").json()
    assert (listed["code"], listed["arrived"]) == ("4321", False)
    assert "4321" in clerk.get("/visits").text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"host": 999}, "unknown_host"),
        ({"room": 999}, "unknown_room"),
        ({"starts": "2020-01-01 09:00"}, "ends_before_start"),
        ({"ends": "2999-01-01 08:00"}, "ends_before_start"),
    ],
)
def test_an_appointment_that_cannot_be_is_refused_in_words(clerk, change, code):
    body = {"name": "劉主任", "starts": "2999-01-01 09:00"} | change
    answer = clerk.post("/api/appointments", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["words"]


def test_the_directory_names_people_rooms_and_cars(clerk):
    directory = clerk.get("/api/directory").json()
    assert directory["people"][2]["name"] == "李志強"
    assert directory["rooms"][0]["capacity"] == 12
    assert directory["cars"][0]["plate"] == "粵B·12345"
