"""People's accounts: first passwords, one's own, and those of earlier versions."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from peewee import SqliteDatabase

from controller import clients, shift, users
from controller.core import Refusal
from controller.web import auth
from models import store
from models.terms import Act, DeskRole, Scope
from tests.accounts import CREDENTIALS
from tests.desk_office import clerk_of, page_of
from tests.integration.conftest import NOW

MEI = {"user": "mei", "display": "王小美", "role": "clerk"}
NOBODY = 999_999


@pytest.fixture
def admin(core):
    return clerk_of(core)


@pytest.fixture
def mei(core, admin):
    """Somebody whom the administrator has added: (id, name and first password)."""
    made = admin.post("/api/users", json=MEI).json()
    known = store.user("mei")
    return known.id, made


def signs_in(core, credentials):
    return page_of(core).post("/api/session", json=credentials).status_code


def past_the_first(core, credentials, new="one of my own"):
    """A caller who has chosen their own password."""
    client = page_of(core)
    client.post("/api/session", json=credentials).raise_for_status()
    said = {"old": credentials["password"], "new": new}
    client.put("/api/account/password", json=said).raise_for_status()
    return client


# --- the first administrator ---------------------------------------------------------------------


@pytest.fixture
def fresh(core, settings):
    """An office that was just set up: the name and password that set-up said."""
    store.change_user(1, password_hash="")
    return users.ensure_administrator(settings, NOW)


def test_the_first_administrators_password_does_not_survive_the_first_sign_in(
    core, settings, fresh
):
    name, password = fresh
    assert settings.first_password.read_text("utf-8").split() == [name, password]
    assert settings.first_password.stat().st_mode & 0o777 == 0o600
    client = page_of(core)
    client.post("/api/session", json={"name": name, "password": password}).raise_for_status()
    assert client.get("/", follow_redirects=False).headers["location"] == "/account"
    said = {"old": password, "new": password}
    assert client.put("/api/account/password", json=said).json()["code"] == "password_same"
    short = client.put("/api/account/password", json=said | {"new": "short"})
    assert (short.status_code, short.json()["field"]) == (422, "new")
    assert client.put("/api/account/password", json=said | {"new": "my own one"}).is_success
    assert client.get("/").status_code == 200
    assert not settings.first_password.exists()
    assert signs_in(core, {"name": name, "password": password}) == 401


def test_set_up_again_leaves_the_first_password_as_it_is(settings, fresh):
    assert users.ensure_administrator(settings, NOW) is None
    assert users.first_password(settings) == fresh


def test_a_first_password_that_is_over_is_never_said_again(settings, fresh):
    users.reset(1, "王美玲", NOW)
    assert settings.first_password.exists()
    assert users.first_password(settings) is None


def test_an_office_whose_only_administrator_is_gone_gets_another(core, settings):
    store.change_user(1, disabled=True)
    store.add_user("admin", "admin", "", DeskRole.CLERK)
    name, _ = users.ensure_administrator(settings, NOW)
    assert (name, store.user(name).role) == ("admin1", DeskRole.ADMINISTRATOR)


# --- accounts ------------------------------------------------------------------------------------


def test_somebody_new_signs_in_with_the_password_that_was_told_once(core, admin, mei):
    who, credentials = mei
    assert admin.post("/api/users", json=MEI).json()["code"] == "user_exists"
    assert signs_in(core, credentials) == 200
    [row] = [one for one in admin.get("/api/users").json() if one["id"] == who]
    assert (row["role"], row["must_change"]) == ("clerk", True)
    assert "password" not in str(row)
    assert past_the_first(core, credentials).get("/").status_code == 200


def test_a_reset_password_signs_out_and_the_one_before_is_over(core, admin, mei):
    who, credentials = mei
    client = past_the_first(core, credentials)
    again = admin.post(f"/api/users/{who}/password").json()
    assert client.get("/api/screens").status_code == 401
    assert signs_in(core, credentials | {"password": "one of my own"}) == 401
    assert signs_in(core, again) == 200
    assert store.user("mei").must_change


def test_who_is_disabled_is_signed_out_and_kept_out_until_enabled_again(core, admin, mei):
    who, credentials = mei
    client = past_the_first(core, credentials)
    wish = {"display": "王小美", "role": "clerk"}
    assert admin.put(f"/api/users/{who}", json=wish | {"disabled": True}).json()["disabled"]
    assert client.get("/api/screens").status_code == 401
    own = credentials | {"password": "one of my own"}
    assert signs_in(core, own) == 401
    admin.put(f"/api/users/{who}", json=wish).raise_for_status()
    assert signs_in(core, own) == 200


def test_another_role_holds_at_once_and_another_name_disturbs_nobody(core, admin, mei):
    who, credentials = mei
    client = past_the_first(core, credentials)
    admin.put(f"/api/users/{who}", json={"display": "王美", "role": "clerk"}).raise_for_status()
    assert "王美" in client.get("/").text
    admin.put(f"/api/users/{who}", json={"display": "王美", "role": "host"}).raise_for_status()
    assert client.get("/api/screens").status_code == 401


def test_two_accounts_or_programs_never_have_one_name_on_the_page(core, admin, mei):
    who, _ = mei
    clients.add(core, "看板", [Scope.READ_BOARD], None, "王美玲", NOW)
    for name in ("王美玲", "API 看板"):
        for answer in (
            admin.post("/api/users", json=MEI | {"user": "other", "display": name}),
            admin.put(f"/api/users/{who}", json={"display": name, "role": "clerk"}),
        ):
            said = answer.json()
            assert (said["code"], said["field"]) == ("display_taken", "display")
    assert store.user("other") is None
    users.change(core.settings, who, "API 報表", DeskRole.CLERK, "王美玲", NOW)
    with pytest.raises(Refusal, match="display_taken"):
        clients.add(core, "報表", [Scope.READ_LOG], None, "王美玲", NOW)
    assert [one.name for one in store.clients()] == ["看板"]


def test_who_is_on_shift_keeps_their_name_until_they_have_left(core, mei):
    who, _ = mei

    def call(name):
        at = NOW + timedelta(hours=10)
        return users.change(core.settings, who, name, DeskRole.CLERK, "王美玲", at)

    shift.do(core, Act.SIGNED_ON, {}, "a" * 32, "王小美", NOW)
    with pytest.raises(Refusal, match="on_shift"):
        call("李小美")
    assert call("王小美").role is DeskRole.CLERK
    shift.do(core, Act.SIGNED_OFF, {}, "b" * 32, "王小美", NOW + timedelta(hours=9))
    assert call("李小美").display == "李小美"


def test_who_is_removed_cannot_sign_in_any_more(core, admin, mei):
    who, credentials = mei
    assert admin.delete(f"/api/users/{who}").status_code == 204
    assert signs_in(core, credentials) == 401
    for answer in (
        admin.delete(f"/api/users/{NOBODY}"),
        admin.post(f"/api/users/{NOBODY}/password"),
        admin.put(f"/api/users/{NOBODY}", json={"display": "x", "role": "host"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("change", [{"role": "clerk"}, {"disabled": True}])
def test_the_last_administrator_stays_one(admin, change):
    wish = {"display": "王美玲", "role": "administrator"} | change
    assert admin.put("/api/users/1", json=wish).json()["code"] == "last_administrator"
    assert admin.delete("/api/users/1").json()["code"] == "last_administrator"
    assert admin.get("/people").status_code == 200


@pytest.mark.parametrize("name", ["", "Mei", "mei mei", "美玲", "m", "<b>mei</b>", "m" * 33])
def test_a_name_that_is_hard_to_type_is_refused(admin, name):
    answer = admin.post("/api/users", json=MEI | {"user": name})
    assert (answer.status_code, answer.json()["field"]) == (422, "user")


# --- one's own -----------------------------------------------------------------------------------


def test_a_wrong_old_password_changes_nothing_and_is_throttled(core, admin):
    said = {"old": "a guess", "new": "chosen by a thief"}
    codes = [admin.put("/api/account/password", json=said).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    assert signs_in(core, CREDENTIALS) == 200


def test_a_new_password_signs_out_everywhere_but_here(core):
    here, there = clerk_of(core), clerk_of(core)
    before = here.cookies[auth.COOKIE]
    said = {"old": CREDENTIALS["password"], "new": "another of mine"}
    assert here.put("/api/account/password", json=said).status_code == 204
    assert [client.get("/api/screens").status_code for client in (here, there)] == [200, 401]
    assert here.cookies[auth.COOKIE] != before


def test_signing_out_everywhere_ends_every_session(core):
    here, there = clerk_of(core), clerk_of(core)
    assert here.delete("/api/account/sessions").status_code == 204
    assert [client.get("/api/screens").status_code for client in (here, there)] == [401, 401]


def test_ones_own_sessions_are_listed_and_nobody_elses(core, mei):
    _, credentials = mei
    page_of(core).post("/api/session", json=credentials).raise_for_status()
    client = past_the_first(core, credentials)
    elsewhere = page_of(core)
    own = credentials | {"password": "one of my own"}
    elsewhere.post("/api/session", json=own).raise_for_status()
    listed = client.get("/api/account/sessions").json()
    assert sorted(one["here"] for one in listed) == [False, True]
    assert {one["address"] for one in listed} == {"testclient"}
    assert "hash" not in str(listed)


# --- databases of earlier versions ---------------------------------------------------------------


@contextmanager
def opened_from_an_earlier_version(settings, people):
    settings.database.parent.mkdir(exist_ok=True)
    earlier = SqliteDatabase(settings.database)
    earlier.execute_sql(
        "CREATE TABLE deskuser (id INTEGER PRIMARY KEY, name VARCHAR UNIQUE NOT NULL, "
        "display VARCHAR NOT NULL, password_hash VARCHAR NOT NULL)"
    )
    earlier.execute_sql(
        "CREATE TABLE desksession (token_hash VARCHAR PRIMARY KEY, user_id INTEGER NOT NULL, "
        "expires VARCHAR NOT NULL)"
    )
    for name, password_hash in people:
        earlier.execute_sql(
            "INSERT INTO deskuser (name, display, password_hash) VALUES (?, ?, ?)",
            (name, name, password_hash),
        )
    earlier.close()
    store.open_database(settings.database)
    try:
        yield
    finally:
        store.close_database()


def test_users_of_an_earlier_version_get_roles_and_the_known_password_is_over(settings):
    people = [("desk", users._hash("lobby-demo")), ("mei", "mei's"), ("chen", "chen's")]
    with opened_from_an_earlier_version(settings, people):
        ranked = {user.name: (user.role, user.password_hash) for user in store.users()}
        assert ranked == {
            "desk": (DeskRole.ADMINISTRATOR, ""),
            "mei": (DeskRole.CLERK, "mei's"),
            "chen": (DeskRole.CLERK, "chen's"),
        }
        name, _ = users.ensure_administrator(settings, NOW)
        assert name == "desk"


def test_a_password_of_ones_own_survives_the_migration(settings):
    hashed = users._hash("their own all along")
    with opened_from_an_earlier_version(settings, [("desk", hashed)]):
        assert store.user("desk").password_hash == hashed
        assert not store.user("desk").must_change
        assert users.ensure_administrator(settings, NOW) is None
