"""Personal data: agreed to, hidden where it is not needed, and forgotten after a set time."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from controller import (
    appointments,
    deciding,
    guard,
    material,
    privacy,
    publishing,
    scanning,
    sections,
)
from models import store, tables
from models.messages import FindAppointment, Register, Status
from models.terms import (
    Category,
    DeskDecision,
    Direction,
    MaterialStep,
    PassState,
    Purpose,
    Role,
    Section,
    VisitState,
)
from tests.desk_office import arrived, clerk_of
from tests.integration.conftest import NOW, fresh_key

BY = "王美玲"
PHONE = "13977776543"
SECRETS = ("歐陽無名", "無名事務所", PHONE, r"\b6543\b")
"""What is looked for; the four digits by themselves, for some random key has them in its middle."""


def said_in(text: str) -> list[str]:
    """The secrets that stand in a text."""
    return [secret for secret in SECRETS if re.search(secret, text, re.ASCII)]


def everything_kept() -> str:
    """Every text and blob in every table of the database."""
    found = []
    for table in tables.database.get_tables():
        for row in tables.database.execute_sql(f'SELECT * FROM "{table}"').fetchall():
            found += [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row]
    return "\n".join(found)


def registered(ask, purpose, **more):
    key = fresh_key()
    name, organisation, phone, *_ = SECRETS
    fields = {"name": name, "organisation": organisation, "phone": phone} | more
    ask(Register(purpose=purpose, **fields), key)
    return store.visit_by_key(key)


def inside(core, visit):
    if visit.state is VisitState.WAITING:
        deciding.decide(core, visit.id, DeskDecision.ADMIT, BY, NOW)
    number = store.passes_of_visit(visit.id)[0].number
    scanning.scan(core, fresh_key(), number, Direction.IN, BY, NOW)
    return number


def a_day_of_everything(ask, core):
    refused = registered(ask, Purpose.SERVICE)
    deciding.decide(core, refused.id, DeskDecision.REFUSE, BY, NOW)
    ban = guard.ban(core, refused.id, "歐陽無名在大堂推銷", NOW.date() + timedelta(9), BY, NOW)
    guard.lift(core, ban.id, BY, NOW)
    number = inside(core, registered(ask, Purpose.BUSINESS, host=1))
    scanning.scan(core, fresh_key(), number, Direction.OUT, BY, NOW + timedelta(minutes=1))
    scanning.scan(core, fresh_key(), "歐陽無名 6543", None, BY, NOW)
    registered(ask, Purpose.INTERVIEW)
    [item] = store.open_material()
    material.describe(core, item.id, "歐陽無名的簡歷", "", BY, NOW)
    for step in (MaterialStep.RECEIVED, MaterialStep.HANDED):
        material.step(core, item.id, step, BY, NOW)
    row = appointments.make(
        core,
        name="歐陽無名",
        organisation="無名事務所",
        category=Category.ORDINARY,
        party=1,
        host_id=1,
        room_id=1,
        starts=NOW,
        ends=NOW + timedelta(hours=1),
        phone_last4="6543",
        by=BY,
        now=NOW,
    )
    ask(FindAppointment(code="6543"))
    ask(Register(code=row.code))
    delegation = {"delegation": "無名事務所", "starts": NOW, "headcount": 3, "room": ""}
    publishing.publish(core, Section.VISITS, delegation, BY, NOW)


def later(core, days=0):
    """After the time is up, when the board has long moved on."""
    now = NOW + timedelta(days=core.settings.privacy.keep_days + 1 + days)
    sections.refresh(core, now)
    return now


def test_pictures_of_boards_go_too(core):
    store.set_device(Role.BOARD, "b1", NOW)
    store.set_device(Role.BOARD, "b2", NOW)
    store.keep_picture("b1", b"names", NOW)
    store.keep_picture("b2", b"names", later(core))
    privacy.purge(core, later(core))
    assert (store.picture("b1"), store.device(Role.BOARD, "b1").picture_at) == (None, None)
    assert store.picture("b2") is not None


def test_nothing_personal_remains_in_any_table_but_the_figures_do(ask, core):
    a_day_of_everything(ask, core)
    assert said_in(everything_kept()) == list(SECRETS)
    visits, events = tables.Visit.select().count(), tables.Event.select().count()
    assert privacy.purge(core, later(core)) == visits
    assert said_in(everything_kept()) == []
    assert tables.Visit.select().count() == visits
    assert tables.Event.select().count() == events + 1


def test_the_log_never_holds_a_visitors_data(ask, core):
    a_day_of_everything(ask, core)
    log = "\n".join(f"{e.subject} {e.detail}" for e in tables.Event.select())
    assert said_in(log) == []


def test_who_waits_or_is_inside_or_left_material_is_not_touched(ask, core):
    waiting = registered(ask, Purpose.SERVICE)
    still_in = registered(ask, Purpose.BUSINESS, host=1)
    inside(core, still_in)
    applicant = registered(ask, Purpose.INTERVIEW)
    assert privacy.purge(core, later(core)) == 0
    kept = [store.visit(v.id) for v in (waiting, still_in, applicant)]
    assert [(v.name, v.phone_last4) for v in kept] == [("歐陽無名", "6543")] * 3
    assert store.passes_of_visit(still_in.id)[0].state is PassState.INSIDE


def test_nothing_is_forgotten_before_its_time_and_a_second_purge_finds_nothing(ask, core):
    visit = registered(ask, Purpose.SERVICE)
    deciding.decide(core, visit.id, DeskDecision.REFUSE, BY, NOW)
    days = timedelta(days=core.settings.privacy.keep_days)
    assert privacy.purge(core, NOW + days - timedelta(minutes=1)) == 0
    assert privacy.purge(core, NOW + days + timedelta(minutes=1)) == 1
    assert privacy.purge(core, NOW + days + timedelta(minutes=2)) == 0


def test_a_forgotten_visit_can_still_be_asked_for(ask, core):
    visit = registered(ask, Purpose.SERVICE)
    deciding.decide(core, visit.id, DeskDecision.REFUSE, BY, NOW)
    privacy.purge(core, later(core))
    assert ask(Status(visit=visit.key)).body.name == store.FORGOTTEN


def test_a_ban_in_force_is_kept_and_one_that_nobody_reviews_is_not(ask, core):
    refused = registered(ask, Purpose.SERVICE)
    deciding.decide(core, refused.id, DeskDecision.REFUSE, BY, NOW)
    guard.ban(core, refused.id, "吵鬧", NOW.date() + timedelta(days=90), BY, NOW)
    privacy.purge(core, later(core))
    assert [b.name for b in store.bans()] == ["歐陽無名"]
    privacy.purge(core, later(core, days=91))
    assert store.bans() == []
    assert "歐陽無名" not in everything_kept()


def test_consent_is_kept_with_the_visit(ask):
    visit = registered(ask, Purpose.SERVICE)
    assert tables.Visit.get_by_id(visit.id).consent_at == NOW


@pytest.mark.parametrize("path", ["/", "/visits", "/passes", "/api/today", "/api/appointments"])
def test_no_list_shows_a_phone(core, path):
    arrived(core, "歐陽無名", phone=PHONE)
    now = datetime.now(UTC)
    store.add_appointment(
        code="1889",
        phone_last4="6543",
        name="歐陽無名",
        category=Category.ORDINARY,
        starts=now,
        ends=now + timedelta(hours=1),
        by=BY,
    )
    assert "6543" not in clerk_of(core).get(path).text
