"""Works permits: filed at the desk, and a pass for each worker and each day."""

from datetime import date, time, timedelta

import pytest

from controller import deciding, permits, privacy, scanning
from controller.core import Refusal
from models import store
from models.messages import Register, VisitView
from models.permits import Days
from models.terms import (
    Admission,
    DeskDecision,
    Direction,
    Language,
    PassState,
    PermitState,
    Purpose,
    VisitState,
)
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW, fresh_key

TODAY = date(2026, 11, 23)
DAYS = Days(PermitState.ACTIVE, TODAY, TODAY + timedelta(days=4), closes=time(18))
WORKERS = [("陳大文", "1234"), ("李小明", "567X"), ("張三", "9999"), ("張四", "9999")]
NEXT_DAY = NOW + timedelta(days=1)


@pytest.fixture
def permit(core):
    return permits.file(core, "恒信裝修", "3 座 12A", DAYS, WORKERS, "王美玲", NOW)


@pytest.fixture
def come(ask, permit):
    """come("1234") as a worker would at a kiosk; the answer."""

    def coming(digits, now=NOW, code=None, **more):
        body = Register(purpose=Purpose.WORKS, permit=code or permit.code, id_last4=digits)
        return ask(body, now=now, **more)

    return coming


def visit_of(answer):
    assert isinstance(answer.body, VisitView), answer.code
    return store.visit_by_key(answer.body.visit)


def seen(core, come, digits="1234", now=NOW):
    """A worker whose identity card the desk has seen, with the first day's pass."""
    visit = visit_of(come(digits, now))
    deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", now)
    return store.passes_of_visit(visit.id)[0]


def test_the_first_day_the_desk_checks_the_identity_card(core, come):
    answer = come("1234")
    visit = visit_of(answer)
    assert (answer.body.state, answer.body.code) == (VisitState.WAITING, "to_desk")
    assert visit.admission is Admission.DESK
    assert visit.reasons == ("contractor_expected", "identity_unchecked")
    assert (visit.name, visit.organisation) == ("陳大文", "恒信裝修")


def test_the_desks_yes_is_the_tick_and_the_pass_is_of_letter_c_until_the_days_end(core, come):
    held = seen(core, come)
    assert held.number.startswith("C-")
    assert held.valid_until == NOW.replace(hour=10, minute=0)  # 18:00 in the office's zone
    worker = store.worker(store.visit(held.visit_id).worker_id)
    assert worker.checked_by == "王美玲"


def test_from_the_second_day_on_the_kiosk_gives_the_pass(core, come):
    seen(core, come)
    answer = come("1234", NEXT_DAY)
    assert answer.body.state is VisitState.ADMITTED
    assert len(answer.body.passes) == 1
    assert answer.body.passes[0].valid_until.date() == NEXT_DAY.date()
    assert visit_of(answer).destination == "3 座 12A"


def test_a_contractor_works_day_by_day_with_that_days_pass(core, come):
    """The permit lasts for its days; the pass of one day opens nothing on the next."""

    def scanned(held, direction, moment):
        return scanning.scan(core, fresh_key(), held.original, direction, "王美玲", moment).code

    yesterdays = seen(core, come)
    assert scanned(yesterdays, Direction.IN, NOW) == "ok_in"
    assert scanned(yesterdays, Direction.OUT, NOW + timedelta(hours=1)) == "ok_out"
    assert scanned(yesterdays, Direction.IN, NEXT_DAY) not in {"ok", "ok_in"}
    todays = store.passes_of_visit(visit_of(come("1234", NEXT_DAY)).id)[0]
    assert todays.number != yesterdays.number
    assert scanned(todays, Direction.IN, NEXT_DAY) == "ok_in"
    assert scanned(todays, Direction.OUT, NEXT_DAY) == "ok_out"


def test_each_worker_has_a_pass_of_their_own(core, come):
    assert seen(core, come, "1234").number != seen(core, come, "567X").number


def test_who_asks_again_the_same_day_has_one_pass_in_force(core, come):
    first = seen(core, come)
    second = store.passes_of_visit(visit_of(come("1234")).id)[0]
    assert store.pass_by_id(first.id).state is PassState.REVOKED
    assert second.state is PassState.ISSUED


def test_who_is_inside_gets_no_second_pass(core, come):
    held = seen(core, come)
    scanning.scan(core, fresh_key(), held.original, Direction.IN, "王美玲", NOW)
    assert come("1234").code == "already_inside"
    scanning.scan(core, fresh_key(), held.original, Direction.OUT, "王美玲", NOW)
    assert come("1234").ok


def test_a_repeated_request_is_one_visit(come):
    key = fresh_key()
    assert come("1234", key=key) == come("1234", key=key)
    assert come("1234", key=key, kiosk="k2").code == "malformed"


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ({"state": PermitState.SUSPENDED}, "permit_suspended"),
        ({"state": PermitState.ENDED}, "permit_ended"),
        ({"starts": TODAY + timedelta(days=1)}, "permit_not_yet"),
        (
            {"starts": TODAY - timedelta(days=9), "ends": TODAY - timedelta(days=1)},
            "permit_expired",
        ),
        ({"weekdays": "12345"}, "permit_other_day"),
        ({"closes": time(9, 30)}, "permit_closed"),
    ],
)
def test_a_permit_that_does_not_hold_sends_the_worker_to_the_desk(core, permit, come, days, why):
    held = vars(DAYS) | days
    store.change_permit(permit.id, Days(**held))
    answer = come("1234")
    visit = visit_of(answer)
    assert (answer.body.state, answer.body.code) == (VisitState.WAITING, why)
    assert visit.admission is Admission.DESK
    assert why in visit.reasons
    with pytest.raises(Refusal, match=why):
        deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW)
    assert "engineering" in {row.role for row in store.tellings_of(visit.id)}


def test_the_desk_admits_once_the_permit_holds_again(core, permit, come):
    permits.put(core, permit.id, PermitState.SUSPENDED, "王美玲", NOW)
    visit = visit_of(come("1234"))
    permits.put(core, permit.id, PermitState.ACTIVE, "王美玲", NOW)
    admitted = deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW)
    assert admitted.state is VisitState.ADMITTED


def test_a_worker_taken_off_the_list_meanwhile_is_not_let_in(core, permit, come):
    visit = visit_of(come("1234"))
    permits.remove_worker(core, visit.worker_id, "王美玲", NOW)
    with pytest.raises(Refusal, match="permit_worker_removed"):
        deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW)
    assert come("1234").code == "unknown_permit"


def test_a_wrong_code_and_wrong_digits_are_told_apart_by_nobody_but_the_desk(core, permit, come):
    other = f"{(int(permit.code) + 1) % 10_000:04d}"
    assert come("1234", code=other).code == come("0000").code == "unknown_permit"
    strangers = store.strangers(permits.NOT_ON_PERMIT, *core.day_of(NOW))
    assert strangers == [(permit.number, NOW)]


def test_guessing_is_stopped(come):
    for _ in range(5):
        come("0000")
    assert come("1234").code == "too_many_tries"
    assert come("1234", NOW + timedelta(seconds=61)).ok


def test_two_workers_with_the_same_digits_go_to_the_desk(come):
    assert come("9999").code == "ambiguous_worker"


def test_the_desk_finds_the_worker_and_gives_the_pass(core, permit):
    key, worker = fresh_key(), permit.workers[2]
    visit = permits.at_desk(core, worker.id, key, "王美玲", NOW)
    assert permits.at_desk(core, worker.id, key, "王美玲", NOW).id == visit.id
    assert visit.state is VisitState.ADMITTED
    assert len(store.passes_of_visit(visit.id)) == 1
    assert store.worker(worker.id).checked_at == NOW


def test_a_walk_in_without_permit_is_still_served_at_the_desk(core, ask):
    answer = ask(Register(purpose=Purpose.WORKS, name="鄭師傅", party=2))
    visit = store.visit_by_key(answer.body.visit)
    assert (visit.admission, visit.code) == (Admission.DESK, "to_desk")
    admitted = deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW)
    assert len(store.passes_of_visit(admitted.id)) == 2


def test_names_and_digits_go_once_the_permit_is_over_for_long(core, permit, come):
    seen(core, come)
    privacy.purge(core, NOW + timedelta(days=20))
    assert store.permit(permit.id).workers[0].id_last4 == "1234"
    privacy.purge(core, NOW + timedelta(days=60))
    assert {(w.name, w.id_last4) for w in store.permit(permit.id).workers} == {("—", "")}


# --- the desk's page -----------------------------------------------------------------------------


def form(**changes):
    from controller.web.times import now

    today = now().date()
    said = {
        "company": "恒信裝修",
        "site": "3 座 12A",
        "starts": str(today - timedelta(days=1)),
        "ends": str(today + timedelta(days=2)),
        "workers": "陳大文 1234\n李小明 567X",
    }
    return said | changes


def test_the_clerk_files_a_permit_and_the_digits_are_never_shown_again(core):
    clerk = clerk_of(core)
    made = clerk.post("/api/permits", json=form(workers="陳大文 8093\n李小明 567X")).json()
    assert [worker["name"] for worker in made["workers"]] == ["陳大文", "李小明"]
    assert len(made["code"]) == 4
    shown = clerk.get("/api/permits").text + clerk.get("/desk/fragments/permits").text
    assert "陳大文" in shown
    assert "567X" not in shown
    assert "8093" not in shown.replace(made["code"], "")


def test_the_clerk_issues_suspends_and_ends(core):
    clerk = clerk_of(core)
    made = clerk.post("/api/permits", json=form()).json()
    path, worker = f"/api/permits/{made['id']}", made["workers"][0]["id"]
    issued = clerk.post(f"/api/workers/{worker}/pass", json={"id": fresh_key()}).json()
    assert issued["passes"][0]["number"].startswith("C-")
    assert "陳大文" in clerk.get("/desk/fragments/works").text
    assert clerk.post(f"{path}/suspend").json()["state"] == "suspended"
    refused = clerk.post(f"/api/workers/{worker}/pass", json={"id": fresh_key()})
    assert (refused.status_code, refused.json()["code"]) == (409, "permit_suspended")
    assert clerk.post(f"{path}/resume").json()["state"] == "active"
    assert len(clerk.post(f"{path}/workers", json={"workers": "王五 0001"}).json()["workers"]) == 3
    again = clerk.post(f"{path}/workers", json={"workers": "王五 0001"})
    assert again.json()["code"] == "workers_repeated"
    assert clerk.post(f"/api/workers/{worker}/remove").status_code == 204
    assert clerk.post(f"{path}/end").json()["state"] == "ended"
    assert clerk.post(f"{path}/resume").status_code == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"company": " "}, "bad_field"),
        ({"starts": "yesterday"}, "bad_field"),
        ({"starts": "2026-02-30"}, "bad_field"),
        ({"starts": "2000-01-01", "ends": "2000-01-02"}, "permit_past"),
        ({"ends": "2000-01-01"}, "ends_before_start"),
        ({"ends": "2999-01-01"}, "permit_too_long"),
        ({"weekdays": []}, "no_weekday"),
        ({"weekdays": [7]}, "bad_field"),
        ({"opens": "18:00", "closes": "08:00"}, "hours_wrong"),
        ({"opens": "25:00"}, "bad_field"),
        ({"opens": "noon"}, "bad_field"),
        ({"workers": ""}, "workers_none"),
        ({"workers": "陳大文 12"}, "workers_line"),
        ({"workers": "陳大文 1234\n陳大文 1234"}, "workers_repeated"),
        (
            {"workers": "\n".join(f"陳{chr(0x4E00 + n)} {n:04d}" for n in range(500))},
            "workers_too_many",
        ),
    ],
)
@pytest.mark.parametrize("language", Language)
def test_a_form_that_is_wrong_is_refused_in_words(core, changes, code, language):
    clerk = clerk_of(core)
    clerk.cookies.set("lobby_language", language)
    refused = clerk.post("/api/permits", json=form(**changes))
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["words"]
    assert clerk.get("/api/permits").json() == []
