"""Every field of every form, fed with what nobody should type: a clear error or a cleaned value, a
line in the log, no crash, and no effect on anything else."""

import secrets
import unicodedata

import pytest

from controller import publishing
from controller.web.bodies import CONTENTS
from models import store
from models.terms import PANELS, Section
from tests.desk_office import CREDENTIALS, arrived, clerk_of

JUNK = {
    "too long": "長" * 500,
    "empty": "",
    "blank": "  \t\u3000 ",
    "control characters": "a\x00b\x07c\x1b[31m\r\nd",
    "markup": "<script>alert(1)</script><b>&amp;{{7*7}}{% x %}",
    "emoji": "😀👨‍👩‍👧🇭🇰❤️",
    "right to left": "\u202eםולש\u2066\u200f",
    "quotes": "';DROP TABLE visit;--\"`$(x)",
    "invisible": "\u200b\ufeff\u2060",
    "combining": "Z" + "\u0335" * 400,
    "a line of the log": "x\n2026-01-01 INFO root: all is well",
    "percent": "%s%n{0}{name}%",
    "a huge number": 10**400,
    "a negative number": -1,
    "a fraction": 1.5,
    "nothing": None,
    "a truth": True,
    "a list": ["x"],
    "an object": {"x": {"y": []}},
}
GOOD = {
    Section.VEHICLES: {
        "plate": "粵B·12345",
        "driver": "劉師傅",
        "departs": "09:30",
        "to": "市政府",
        "state": "out",
    },
    Section.WHEREABOUTS: {
        "department": "工程部",
        "name": "李志強",
        "state": "out",
        "place": "B座",
        "back": "11:30",
    },
    Section.VISITS: {
        "starts": "10:30",
        "delegation": "市住建局",
        "headcount": 8,
        "room": "三樓",
        "open": True,
    },
    Section.REMINDERS: {"text": "請關燈"},
}
APPOINTMENT = {
    "name": "劉主任",
    "organisation": "市住建局",
    "category": "vip",
    "host": 1,
    "room": 1,
    "starts": "2998-01-01 09:00",
    "ends": "2998-01-01 10:00",
    "party": 8,
    "phone_last4": "5678",
}


@pytest.fixture
def clerk(core):
    return clerk_of(core)


def forms():
    """(method, path, body) with the place of every field in the body."""
    for section, content in GOOD.items():
        assert content.keys() == CONTENTS[section].model_fields.keys()
        path = f"/api/board/{section}"
        for field in content:
            yield pytest.param(
                "POST", path, {"content": content}, ("content", field), id=f"{section}-{field}"
            )
        yield pytest.param("POST", path, {"content": content}, ("content",), id=f"{section}")
        for field in ("show_from", "show_until"):
            yield pytest.param(
                "POST", path, {"content": content}, (field,), id=f"{section}-{field}"
            )
    for field in APPOINTMENT:
        yield pytest.param(
            "POST", "/api/appointments", APPOINTMENT, (field,), id=f"appointment-{field}"
        )
    for field in CREDENTIALS:
        yield pytest.param("POST", "/api/session", CREDENTIALS, (field,), id=f"session-{field}")
    scanned = {"id": secrets.token_hex(16), "text": "A-0001", "direction": "in"}
    for field in scanned:
        yield pytest.param("POST", "/api/scans", scanned, (field,), id=f"scan-{field}")
    decision = {"decision": "ask_to_wait", "category": "vip"}
    for field in decision:
        yield pytest.param(
            "POST", "/api/visits/1/decision", decision, (field,), id=f"decision-{field}"
        )


def spoilt(body, place, value):
    head, *rest = place
    return body | {head: spoilt(body[head], rest, value) if rest else value}


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


@pytest.mark.parametrize(("method", "path", "body", "place"), list(forms()))
def test_junk_in_a_field_is_cleaned_or_refused_in_words(
    clerk, core, caplog, method, path, body, place
):
    bystander = clerk.post("/api/board/reminders", json={"content": {"text": "別動我"}}).json()
    visit = arrived(core, "王小明")
    for name, junk in JUNK.items():
        caplog.clear()
        answer = clerk.request(method, path, json=spoilt(body, place, junk))
        told = f"{name}: {answer.status_code} {answer.text[:200]}"
        assert answer.status_code in (200, 201, 401, 409, 422, 429), told
        if answer.status_code >= 400:
            problem = answer.json()
            assert problem["code"], told
            assert problem["words"], told
            assert problem["words"] != problem["code"], told
            assert caplog.records, f"{name}: nothing in the log"
        for text in strings(answer.json()):
            assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in text), told
        for record in caplog.records:
            assert "\n" not in record.getMessage(), f"{name}: a second line in the log"
            assert "Traceback" not in record.getMessage()
    clerk.post("/api/session", json=CREDENTIALS)
    assert store.visit(visit.id).name == "王小明"
    assert store.notice(bystander["id"]).content == {"text": "別動我"}


@pytest.mark.parametrize("section", list(PANELS))
def test_a_line_that_was_refused_leaves_no_line_and_no_revision(clerk, core, section):
    for field, value in GOOD[section].items():
        body = {"content": GOOD[section] | {field: ["no"]}}
        answer = clerk.post(f"/api/board/{section}", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert value is not None
    assert store.sections(core.settings.board.group) == {}
    assert store.notices(section) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("delegation", "", "請填寫「參觀單位」。"),
        ("delegation", "😀", "「參觀單位」裡沒有可以顯示的文字。"),
        ("delegation", "長" * 61, "「參觀單位」最多 60 個字。"),
        ("headcount", 0, "「人數」不能小於 1。"),
        ("headcount", 1000, "「人數」不能大於 999。"),
        ("headcount", "many", "「人數」要填整數。"),
        ("starts", "soon", "「開始時間」請填時間，例如 11:30 或 11-24 09:00。"),
        ("starts", "25:00", "「開始時間」請填時間，例如 11:30 或 11-24 09:00。"),
        ("starts", "02-30 09:00", "「開始時間」請填時間，例如 11:30 或 11-24 09:00。"),
        (
            "starts",
            "0001-01-01T00:00:00+14:00",
            "「開始時間」請填時間，例如 11:30 或 11-24 09:00。",
        ),
    ],
)
def test_an_error_names_the_field_and_says_what_is_wrong(clerk, field, value, words):
    body = {"content": GOOD[Section.VISITS] | {field: value}}
    answer = clerk.post("/api/board/visits", json=body)
    assert answer.status_code == 422
    assert answer.json() == {"code": "bad_field", "words": words, "field": field}


def test_a_missing_field_is_asked_for(clerk):
    answer = clerk.post("/api/board/vehicles", json={"content": {}})
    assert answer.json()["words"] == "請填寫「車牌」。"


def test_an_invented_field_is_refused_without_repeating_it(clerk):
    answer = clerk.post("/api/board/reminders", json={"content": {"text": "x", "<b>": 1}})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
    assert "<b>" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 30_000])
def test_a_body_that_is_no_json_object_is_refused_in_words(clerk, body):
    answer = clerk.post(
        "/api/board/reminders", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == "bad_request"


DAYS_OF_NOBODY = ["1999-12-31", "3000-01-01", "9999-12-31", "0001-01-01"]


@pytest.mark.parametrize("day", DAYS_OF_NOBODY)
@pytest.mark.parametrize("path", ["/api/log", "/api/log/sheet.pdf", "/api/reports.xlsx"])
def test_a_day_at_the_calendars_ends_is_refused_where_it_is_asked_for(clerk, path, day):
    answer = clerk.get(path, params={"day": day})
    assert (answer.status_code, answer.json()["field"]) == (422, "day")


@pytest.mark.parametrize("day", DAYS_OF_NOBODY)
@pytest.mark.parametrize("name", ["day", "until_day"])
@pytest.mark.parametrize("section", ["visits", "reminders"])
def test_a_line_of_a_day_at_the_calendars_ends_is_refused(clerk, section, name, day):
    body = {"content": GOOD[section], name: day}
    answer = clerk.post(f"/api/board/{section}", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, name)
    assert clerk.get(f"/api/board/{section}").json() == []


def test_too_many_days_are_refused_with_how_many_there_may_be(clerk):
    body = {"content": GOOD[Section.REMINDERS], "until_day": "2999-01-01"}
    answer = clerk.post("/api/board/reminders", json=body).json()
    assert (answer["code"], "366" in answer["words"]) == ("too_many_days", True)
    guest = {"name": "送水工", "kind": "recurring", "starts": "2900-01-01 09:00"}
    guest |= {"until": "2999-01-01", "weekdays": [0]}
    answer = clerk.post("/api/appointments", json=guest).json()
    assert (answer["code"], "100" in answer["words"]) == ("too_many_days", True)


def test_half_a_character_is_dropped(clerk):
    answer = clerk.post(
        "/api/board/reminders",
        content=b'{"content": {"text": "a\\ud83db"}}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 201
    assert answer.json()["content"]["text"] == "ab"


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 40, "1.5", "%00"])
def test_a_number_in_an_address_that_is_none_is_refused(clerk, number):
    for method, path in (
        ("POST", f"/api/visits/{number}/decision"),
        ("PUT", f"/api/notices/{number}"),
        ("DELETE", f"/api/notices/{number}"),
        ("POST", f"/api/help/{number}/answer"),
        ("GET", f"/api/passes/{number}/qr.svg"),
    ):
        answer = clerk.request(method, path, json={"decision": "admit", "content": {}})
        assert answer.status_code == 422, path
        assert answer.json()["code"] == "bad_request"


def test_markup_is_published_as_text(clerk, core):
    name = JUNK["markup"][:60]
    clerk.post("/api/board/whereabouts", json={"content": {"name": name, "state": "in"}})
    arrived(core, name)
    for path in ("/", "/board", "/desk/fragments/preview", "/desk/fragments/waiting"):
        page = clerk.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    assert publishing.MOST_ROWS
