"""Programs that call the API with a token of their own."""

from datetime import UTC, datetime, timedelta

import pytest

from controller import clients, verify_log
from controller.web import auth, rights
from models import store, tables
from models.terms import Scope
from tests.desk_office import arrived, clerk_of, page_of

VISITS = {"client": "訂房系統", "scopes": ["read_visits", "make_appointments"]}


@pytest.fixture
def desk(core):
    return clerk_of(core)


@pytest.fixture
def program(core, desk):
    """program(**wish): a program that an administrator has let in at the desk."""

    def made(**wish):
        answer = desk.post("/api/clients", json=VISITS | wish)
        assert answer.status_code == 201, answer.text
        caller = page_of(core)
        caller.headers["authorization"] = f"Bearer {answer.json()['token']}"
        return caller

    return made


def test_a_token_is_told_once_and_opens_what_its_scopes_say(core, desk, program):
    caller = program()
    arrived(core, "王小明")
    token = caller.headers["authorization"].removeprefix("Bearer ")
    assert token.startswith(clients.PREFIX)
    assert caller.get("/api/today").json()["waiting"][0]["name"] == "王小明"
    assert token not in desk.get("/api/clients").text + desk.get("/integrations").text
    refused = caller.get("/api/log")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_what_a_program_does_stands_in_the_log_under_its_name(program):
    caller = program(client="官網")
    span = {"starts": "2060-01-01 10:00", "ends": "2060-01-01 11:00"}
    made = caller.post("/api/appointments", json={"name": "趙先生", "category": "ordinary"} | span)
    assert made.status_code == 201, made.text
    done = tables.Event.get(tables.Event.what == "appointment_made")
    assert (done.by, done.subject) == ("API 官網", f"appointment-{made.json()['id']}")


def test_a_revoked_token_opens_nothing_from_its_next_call_on(desk, program):
    caller = program()
    (row,) = desk.get("/api/clients").json()
    assert caller.get("/api/today").status_code == 200
    assert desk.delete(f"/api/clients/{row['id']}").status_code == 204
    answer = caller.get("/api/today")
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_token")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert desk.delete(f"/api/clients/{row['id']}").status_code == 404


def test_a_token_is_good_until_its_last_day_is_over(core):
    now = datetime.now(UTC)
    today = core.local(now).date()
    _, token = clients.add(core, "訪客報表", [Scope.READ_VISITS], today, "admin", now)
    assert clients.of_token(core, token, now)
    assert clients.of_token(core, token, now + timedelta(days=1)) is None


def test_a_last_day_that_is_over_and_a_name_that_is_taken_are_refused(desk, program):
    program()
    taken = desk.post("/api/clients", json=VISITS)
    assert (taken.status_code, taken.json()["field"]) == (409, "client")
    over = desk.post("/api/clients", json=VISITS | {"client": "x", "ends_on": "2020-01-01"})
    assert (over.status_code, over.json()["field"]) == (422, "ends_on")
    nothing = desk.post("/api/clients", json=VISITS | {"client": "x", "scopes": []})
    assert (nothing.status_code, nothing.json()["field"]) == (422, "scopes")


def test_its_last_use_is_kept_to_the_minute(core):
    now = datetime.now(UTC).replace(microsecond=0)
    made, token = clients.add(core, "看板", [Scope.READ_BOARD], None, "admin", now)
    assert made.used_at is None
    for seconds, expected in ((0, 0), (59, 0), (60, 60)):
        clients.of_token(core, token, now + timedelta(seconds=seconds))
        assert store.client(made.id).used_at == now + timedelta(seconds=expected)


def test_wrong_tokens_are_slowed_down_and_never_hold_up_a_right_one(core, desk):
    now = datetime.now(UTC)
    _, token = clients.add(core, "看板", [Scope.READ_VISITS], None, "admin", now)
    caller = page_of(core)
    wrong = {"authorization": "Bearer lobby_guessed"}
    codes = [caller.get("/api/today", headers=wrong).status_code for _ in range(31)]
    assert codes == [401] * 30 + [429]
    right = {"authorization": f"bearer {token}"}
    assert caller.get("/api/today", headers=right).status_code == 200


def test_a_token_counts_before_a_session_and_a_wrong_one_is_no_session(desk):
    wrong = {"authorization": "Bearer lobby_guessed"}
    assert desk.get("/api/today", headers=wrong).status_code == 401


def test_only_the_hash_of_a_token_is_stored_and_none_is_logged(core, program, settings, caplog):
    caplog.set_level("DEBUG")
    caller = program()
    caller.get("/api/today")
    token = caller.headers["authorization"].removeprefix("Bearer ")
    store.close_database()
    kept = b"".join(file.read_bytes() for file in settings.data.glob("lobby.sqlite3*"))
    store.open_database(settings.database)
    assert token.encode() not in kept
    assert token not in caplog.text


def test_a_script_that_calls_without_end_is_slowed_down_and_loses_nothing(
    core, desk, program, settings, capsys
):
    script = program(scopes=["write_log"])
    script.app.state.doorman = auth.Doorman(calls=40)
    entry = {"kind": "other", "fields": {"message": "燈"}}
    answers = [script.post("/api/log", json=entry | {"id": f"{n:032x}"}) for n in range(50)]
    assert [answer.status_code for answer in answers] == [201] * 40 + [429] * 10
    assert "已受理的均已保存" in answers[-1].json()["words"]
    assert desk.get("/log").text.count("燈") == tables.DutyEntry.select().count() == 40
    assert verify_log.main(settings, "", datetime.now(UTC)) == 0
    assert "40" in capsys.readouterr().out


def test_every_answer_names_the_version_and_another_one_is_refused(program):
    caller = program()
    assert caller.get("/api/today", headers={"lobby-api": "1"}).headers["lobby-api"] == "1"
    answer = caller.get("/api/today", headers={"lobby-api": "2"})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_version")


def test_the_description_is_a_page_that_needs_nobody_and_nothing_from_elsewhere(core):
    page = page_of(core).get("/docs")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "//" not in page.text.replace("http://127.0.0.1", "")
    for route, scopes in rights.SCOPES.items():
        assert (f"<code>{route}</code>" in page.text) == bool(scopes), route
    for named in ("Today", "ScanIn", "AppointmentIn", "Problem"):
        assert f'id="{named}"' in page.text
    assert "&#34;person&#34; | &#34;delegation&#34; | &#34;recurring&#34;" in page.text
