"""The page 同事: deputies and channels, their secrets kept to themselves."""

import pytest

from models import store, tables
from tests.desk_office import clerk_of, page_of
from tests.mail import channel, mail_server
from tests.parts import free_ports

SECRET = "mailto://li:hush-hush@mail.example.com?to=li@example.com"


@pytest.fixture
def clerk(core):
    return clerk_of(core)


def save(clerk, person=3, **body):
    return clerk.put(f"/api/colleagues/{person}", json=body)


def test_a_deputy_and_channels_are_kept(clerk):
    assert save(clerk, deputy=4, channels=f"{SECRET}\n\n").status_code == 200
    person = store.person(3)
    assert (person.deputy_id, person.channels) == (4, (SECRET,))


def test_a_secret_is_never_shown_again_and_a_masked_line_keeps_it(clerk):
    shown = save(clerk, channels=SECRET).json()["channels"]
    more = "json://127.0.0.1/visits"
    again = save(clerk, channels="\n".join([*shown, more]))
    assert again.status_code == 200
    assert store.person(3).channels == (SECRET, more)
    for text in (again.text, clerk.get("/api/colleagues").text, clerk.get("/colleagues").text):
        assert "hush-hush" not in text
    assert not any("hush-hush" in event.detail for event in tables.Event.select())


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channels": "nonsense"}, "channels"),
        ({"channels": "mailto://"}, "channels"),
        ({"channels": "\n".join(["json://127.0.0.1/x"] * 6)}, "channels"),
        ({"channels": "x" * 4001}, "channels"),
        ({"deputy": 3}, "deputy"),
        ({"deputy": 99}, "deputy"),
        ({"deputy": "somebody"}, "deputy"),
    ],
)
def test_what_cannot_work_is_refused_with_its_field_and_changes_nothing(clerk, body, field):
    save(clerk, deputy=4, channels=SECRET)
    answer = save(clerk, **body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert (store.person(3).deputy_id, store.person(3).channels) == (4, (SECRET,))


def test_nobody_by_that_number_is_said(clerk):
    assert save(clerk, person=99).status_code == 404


def test_a_test_message_arrives(clerk):
    with mail_server() as post:
        save(clerk, channels=post.address("li"))
        assert clerk.post("/api/colleagues/3/test").status_code == 204
        [(to, _, text)] = post.until(1)
    assert to == "li@example.com"
    assert "王美玲" in text


def test_a_test_message_that_does_not_arrive_is_said(clerk):
    assert clerk.post("/api/colleagues/3/test").json()["code"] == "no_channel"
    save(clerk, channels=channel("li", free_ports(1)[0]))
    assert clerk.post("/api/colleagues/3/test").json()["code"] == "message_failed"


def test_one_dead_channel_beside_a_live_one_is_no_failure(clerk):
    with mail_server() as post:
        dead = channel("li", free_ports(1)[0])
        save(clerk, channels=f"{dead}\n{post.address('li')}")
        assert clerk.post("/api/colleagues/3/test").status_code == 204


def test_nobody_sees_or_sets_it_without_signing_in(core):
    stranger = page_of(core)
    assert stranger.get("/api/colleagues").status_code == 401
    assert stranger.put("/api/colleagues/3", json={}).status_code == 401
    assert stranger.post("/api/colleagues/3/test").status_code == 401


def test_the_page_lists_everybody(clerk):
    page = clerk.get("/colleagues").text
    assert all(person.name in page for person in store.people())
