"""The reception rules, paragraph by paragraph."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules import (
    BOUNCE,
    Application,
    Policy,
    PolicyError,
    Room,
    decide,
    judge_scan,
    read_policy,
)
from models.terms import Admission, Category, Direction, Half, PassState, Purpose

TEXT = (Path(__file__).parents[2] / "assets" / "policy.toml").read_text("utf-8")
POLICY = read_policy(TEXT)
ROOMS = (
    Room("大會議室", "meeting", 12, inside=True, free=True),
    Room("小洽談室", "negotiation", 4, inside=True, free=True),
    Room("大堂洽談室", "negotiation", 4, inside=False, free=True),
    Room("沙發", "waiting", 6, inside=False, free=True),
    Room("前台", "counter", 10, inside=False, free=True),
)
NOW = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)


def decision(category: Category, *, expected: bool, party: int = 1, rooms=ROOMS, booked=""):
    application = Application(category, expected, party, "工程部", booked)
    return decide(application, POLICY, rooms)


LEADERS = ("leaders", "department")


@pytest.mark.parametrize(
    ("paragraph", "category", "expected", "admission", "destination", "wait_at", "told", "tea"),
    [
        ("4.1", Category.VIP, True, "admit", "大會議室", "", LEADERS, 2),
        ("4.1", Category.VIP, False, "confirm", "小洽談室", "大堂洽談室", LEADERS, 2),
        ("4.2", Category.IMPORTANT, True, "admit", "大會議室", "", LEADERS, 2),
        ("4.2", Category.IMPORTANT, False, "confirm", "小洽談室", "大堂洽談室", LEADERS, 2),
        ("4.3", Category.ORDINARY, True, "admit", "大會議室", "", ("host",), 2),
        ("4.3", Category.ORDINARY, False, "confirm", "小洽談室", "大堂洽談室", LEADERS, 2),
        ("4.4", Category.APPLICANT, True, "confirm", "工程部", "大堂洽談室", ("department",), 0),
        ("4.4", Category.APPLICANT, False, "no_entry", "", "", ("hr",), 0),
        ("4.4", Category.SERVICE, True, "confirm", "工程部", "大堂洽談室", ("department",), 0),
        ("4.4", Category.SERVICE, False, "confirm", "工程部", "沙發", ("department",), 0),
        ("4.5", Category.STAFF, True, "confirm", "工程部", "沙發", ("department",), 0),
        ("4.5", Category.STAFF, False, "confirm", "工程部", "沙發", ("department",), 0),
        ("4.7", Category.TURNED_AWAY, True, "no_entry", "", "", ("guard",), 0),
        ("4.7", Category.TURNED_AWAY, False, "no_entry", "", "", ("guard",), 0),
        ("VI", Category.CONTRACTOR, True, "desk", "工程部", "前台", ("engineering",), 0),
        ("VI", Category.CONTRACTOR, False, "desk", "", "前台", ("engineering",), 0),
        ("IV, VI", Category.RESIDENT, True, "desk", "", "前台", ("clerk",), 0),
        ("IV, VI", Category.RESIDENT, False, "desk", "", "前台", ("clerk",), 0),
    ],
)
def test_each_paragraph_decides_as_it_is_written(
    paragraph, category, expected, admission, destination, wait_at, told, tea
):
    booked = "大會議室" if expected else ""
    made = decision(category, expected=expected, party=2, booked=booked)
    assert POLICY.rule_for(category, expected=expected).paragraph == paragraph
    assert (made.admission, made.destination, made.wait_at) == (admission, destination, wait_at)
    assert (made.told, made.tea, made.policy) == (told, tea, POLICY.version)


def test_a_worker_with_a_permit_is_let_in_once_the_desk_has_seen_the_identity_card():
    worker = Application(Category.CONTRACTOR, True, 1, "3 座 12A", identified=True)
    made = decide(worker, POLICY, ROOMS)
    assert (made.admission, made.destination) == (Admission.ADMIT, "3 座 12A")


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("expected", [False, True])
def test_who_has_left_the_kiosk_is_the_desks_unless_they_may_not_come_in(category, expected):
    there = Application(category, expected, 2, "工程部", identified=True)
    before, made = (decide(one, POLICY, ROOMS) for one in (there, replace(there, absent=True)))
    if before.admission is Admission.NO_ENTRY:
        assert made == before
    else:
        assert (made.admission, made.code) == (Admission.DESK, "to_desk")


def test_only_those_of_4_1_and_4_2_are_escorted():
    escorted = {rule.category for rule in POLICY.rule if rule.escort}
    assert escorted == {Category.VIP, Category.IMPORTANT}


def test_the_smallest_free_room_that_fits_is_chosen():
    rooms = (*ROOMS, Room("中洽談室", "negotiation", 6, inside=True, free=True))
    made = decision(Category.ORDINARY, expected=False, party=5, rooms=rooms)
    assert made.destination == "中洽談室"
    assert "room_fits" in made.reasons


def test_no_room_that_fits_sends_to_the_host_side_and_says_so():
    made = decision(Category.ORDINARY, expected=False, party=50)
    assert (made.destination, made.reasons[-1]) == ("工程部", "no_room_fits")


def test_a_full_negotiation_room_leaves_the_sofa_to_wait_at():
    rooms = tuple(r._replace(free=False) if r.name == "大堂洽談室" else r for r in ROOMS)
    assert decision(Category.ORDINARY, expected=False, rooms=rooms).wait_at == "沙發"


rooms_of_any_kind = st.lists(
    st.builds(
        Room,
        st.text(min_size=1, max_size=5),
        st.sampled_from(["meeting", "negotiation", "waiting", "counter"]),
        st.integers(0, 50),
        inside=st.booleans(),
        free=st.booleans(),
    ),
    max_size=6,
).map(tuple)


@given(st.integers(-5, 10_000), st.text(max_size=9), rooms_of_any_kind, st.booleans())
def test_nothing_lets_an_uninvited_applicant_or_a_turned_away_person_in(
    party, department, rooms, expected
):
    applicant = decide(Application(Category.APPLICANT, False, party, department), POLICY, rooms)
    turned_away = decide(
        Application(Category.TURNED_AWAY, expected, party, department), POLICY, rooms
    )
    service = decide(Application(Category.SERVICE, expected, party, department), POLICY, rooms)
    assert applicant.admission is turned_away.admission is Admission.NO_ENTRY
    assert applicant.destination == turned_away.destination == ""
    assert service.admission is Admission.CONFIRM


def test_every_purpose_has_a_category():
    assert set(POLICY.purposes) == set(Purpose)


@pytest.mark.parametrize(
    ("changed", "into", "reason"),
    [
        ("version = 1", "version = ", "not valid TOML"),
        (
            'admission = "no_entry"',
            'admission = "admit"',
            "line 89, for category applicant, not expected, must be no_entry",
        ),
        ('category = "staff"', 'category = "vip"', "second rule for category vip, expected"),
        ('business = "ordinary"', "", "no category for the purposes"),
        ('paragraph = "4.1"', 'paragraph = "4.1"\nsurprise = 1', "line 19, surprise"),
        ('code = "no_entry"', 'destination = "site"', "sends somebody inside"),
        ('category = "vip"', 'category = "royal"', "line 19, category"),
    ],
)
def test_an_impossible_policy_is_refused_with_the_reason(changed, into, reason):
    with pytest.raises(PolicyError, match=reason):
        read_policy(TEXT.replace(changed, into, 1))


def test_a_service_person_cannot_be_admitted_by_policy():
    admitting = [
        rule.model_copy(update={"admission": Admission.ADMIT})
        if rule.category is Category.SERVICE
        else rule
        for rule in POLICY.rule
    ]
    text = Policy(version=1, purposes=POLICY.purposes, rule=tuple(admitting))
    with pytest.raises(PolicyError, match="needs a confirmation"):
        read_policy(_as_toml(text))


def _as_toml(policy: Policy) -> str:
    purposes = "\n".join(f'{p} = "{c}"' for p, c in policy.purposes.items())
    rules = "\n".join(
        f'[[rule]]\ncategory = "{r.category}"\nexpected = {str(r.expected).lower()}\n'
        f'paragraph = "{r.paragraph}"\nadmission = "{r.admission}"'
        for r in policy.rule
    )
    return f"version = {policy.version}\n[purposes]\n{purposes}\n{rules}"


# --- scans ---------------------------------------------------------------------------------------


def scanned(state, direction=None, half=Half.ORIGINAL, problem="", entered=None):
    judged = judge_scan(state, half, direction, problem, entered, NOW)
    return judged.ok, judged.code, judged.direction, judged.state


IN, OUT = Direction.IN, Direction.OUT


@pytest.mark.parametrize(
    ("what", "result"),
    [
        ((PassState.ISSUED,), (True, "ok_in", IN, PassState.INSIDE)),
        (
            (PassState.INSIDE, None, Half.ORIGINAL, "", NOW - BOUNCE),
            (True, "ok_out", OUT, "returned"),
        ),
        ((PassState.INSIDE, IN), (False, "already_inside", IN, PassState.INSIDE)),
        ((PassState.RETURNED, IN), (False, "already_returned", IN, PassState.RETURNED)),
        ((PassState.RETURNED, OUT), (False, "already_returned", OUT, PassState.RETURNED)),
        ((PassState.REVOKED, IN), (False, "revoked", IN, PassState.REVOKED)),
        ((PassState.ISSUED, IN, Half.ORIGINAL, "expired"), (False, "expired", IN, "issued")),
        ((PassState.ISSUED, IN, Half.ORIGINAL, "not_yet"), (False, "not_yet", IN, "issued")),
        ((PassState.ISSUED, IN, Half.DUPLICATE), (False, "wrong_half", IN, "issued")),
    ],
)
def test_a_scan_is_judged_by_the_passs_state(what, result):
    assert scanned(*what) == result


@pytest.mark.parametrize(
    ("state", "problem", "oddity"),
    [
        (PassState.ISSUED, "", "never_entered"),
        (PassState.REVOKED, "", "revoked"),
        (PassState.INSIDE, "expired", "overdue"),
    ],
)
def test_exit_is_always_allowed_and_its_oddity_kept(state, problem, oddity):
    assert scanned(state, OUT, problem=problem) == (True, oddity, OUT, PassState.RETURNED)


def test_a_scanner_that_reads_twice_does_not_turn_an_entry_into_an_exit():
    just_now = NOW - timedelta(seconds=1)
    assert scanned(PassState.INSIDE, entered=just_now)[:2] == (False, "already_inside")
