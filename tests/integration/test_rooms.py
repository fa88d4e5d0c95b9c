"""Rooms: held by one party at a time, whoever asks at once, and free again when it leaves."""

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from controller import deciding, scanning
from controller.core import Refusal
from models import rules, store, tables
from models.messages import Register
from models.terms import Category, DeskDecision, Direction, Purpose
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW, fresh_key
from tests.integration.test_reception import appointment

HOUR = timedelta(hours=1)
SMALL, FIRST = "三樓第二洽談室", "三樓第一會議室"


def free(now=NOW) -> dict[str, bool]:
    return {room.name: room.free for room in store.rooms_now(now)}


def walk_in(ask, core, party=3, now=NOW):
    """A business guest without appointment whom the desk lets in."""
    key = fresh_key()
    ask(Register(purpose=Purpose.BUSINESS, name="林先生", host=7, party=party), key, now)
    waiting = store.visit_by_key(key)
    return deciding.decide(core, waiting.id, DeskDecision.ADMIT, "王美玲", now)


def test_an_appointment_holds_its_room_and_nobody_else_can_book_it(core):
    appointment(core)
    with pytest.raises(Refusal) as refused:
        appointment(core, name="陳經理", starts=NOW + HOUR / 2, ends=NOW + 2 * HOUR)
    assert (refused.value.code, refused.value.field) == ("room_taken", "room")
    assert [row.name for row in store.appointments(NOW, NOW + HOUR)] == ["劉主任"]


def test_one_meeting_may_begin_when_the_one_before_ends(core):
    appointment(core)
    appointment(core, name="陳經理", starts=NOW + HOUR, ends=NOW + 2 * HOUR)
    assert len(store.appointments(NOW, NOW + 2 * HOUR)) == 2


def test_of_two_desks_that_book_the_same_room_at_once_exactly_one_wins(core):
    results, together = [], threading.Barrier(2)

    def desk(name):
        together.wait()
        try:
            results.append(appointment(core, name=name).name)
        except Refusal as refused:
            results.append(refused.code)
        store.close_database()

    for _ in range(5):
        results.clear()
        tables.Booking.delete().execute()
        desks = [threading.Thread(target=desk, args=(name,)) for name in ("劉主任", "陳經理")]
        for thread in desks:
            thread.start()
        for thread in desks:
            thread.join()
        assert "room_taken" in results
        assert len({"劉主任", "陳經理"} & set(results)) == 1


def test_a_walk_in_occupies_the_smallest_room_that_fits_until_they_leave(ask, core):
    visit = walk_in(ask, core)
    assert visit.destination == SMALL
    assert free()[SMALL] is False
    for direction, at in ((Direction.IN, NOW), (Direction.OUT, NOW + HOUR / 4)):
        for issued in store.passes_of_visit(visit.id):
            assert free(at)[SMALL] is False
            scanning.scan(core, fresh_key(), issued.number, direction, "王美玲", at)
    assert free(NOW + HOUR / 4)[SMALL] is True


def test_a_room_is_free_again_when_the_pass_of_its_walk_in_has_ended(ask, core):
    walk_in(ask, core)
    assert free(NOW + timedelta(hours=core.settings.passes.hours))[SMALL] is True


def test_a_walk_in_has_the_room_only_until_it_is_booked(ask, core):
    appointment(core, room_id=3, starts=NOW + 2 * HOUR, ends=NOW + 3 * HOUR)
    assert walk_in(ask, core).destination == SMALL
    [held] = tables.Booking.select().where(tables.Booking.visit.is_null(False))
    assert held.ends == NOW + 2 * HOUR


def test_two_who_were_shown_the_same_free_room_are_led_to_two(ask, core):
    keys = [fresh_key(), fresh_key()]
    for key in keys:
        ask(Register(purpose=Purpose.BUSINESS, name="林先生", host=7, party=3), key)
    visits = [store.visit_by_key(key) for key in keys]
    assert {visit.destination for visit in visits} == {SMALL}
    led = [
        deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW).destination
        for visit in visits
    ]
    assert led == [SMALL, "二樓第一洽談室"]


def test_an_expected_guest_who_is_re_classed_keeps_the_booked_room(ask, core):
    row = appointment(core, category=Category.APPLICANT)
    key = fresh_key()
    ask(Register(code=row.code), key)
    visit = store.visit_by_key(key)
    led = deciding.decide(core, visit.id, DeskDecision.ADMIT, "王美玲", NOW, Category.ORDINARY)
    assert led.destination == FIRST


def test_who_comes_long_before_their_time_is_not_led_into_another_meeting(ask, core):
    row = appointment(core, starts=NOW + 3 * HOUR, ends=NOW + 4 * HOUR)
    appointment(core, name="陳經理")
    assert ask(Register(code=row.code)).body.destination == SMALL


def test_an_appointment_whose_guests_have_left_gives_its_room_back(ask, core):
    row = appointment(core)
    for held in ask(Register(code=row.code)).body.passes:
        scanning.scan(core, fresh_key(), held.number, Direction.IN, "王美玲", NOW)
        scanning.scan(core, fresh_key(), held.number, Direction.OUT, "王美玲", NOW + HOUR / 4)
    assert free(NOW + HOUR / 4)[FIRST] is True


def test_a_room_cannot_be_booked_outside_a_transaction(core):
    with pytest.raises(RuntimeError):
        store.book(1, NOW, NOW + HOUR)


def test_the_appointments_of_an_earlier_version_hold_their_rooms(core, settings):
    appointment(core)
    tables.database.execute_sql("DROP TABLE booking")
    store.open_database(settings.database)
    assert free()[FIRST] is False


spans = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 20), st.integers(1, 8)), max_size=12)


@examples(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(spans=spans)
def test_however_rooms_are_booked_no_two_bookings_of_one_overlap(core, spans):
    tables.Booking.delete().execute()
    for room, start, length in spans:
        starts = NOW + start * HOUR
        with store.transaction():
            try:
                store.book(room, starts, starts + length * HOUR)
            except store.RoomTaken:
                states = store.rooms_between(starts, starts + length * HOUR)
                assert states[room - 1].free is False
    held = list(tables.Booking.select())
    for one in held:
        for other in held:
            apart = one.ends <= other.starts or other.ends <= one.starts
            assert one.id == other.id or one.room_id != other.room_id or apart


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), max_size=8), st.integers(1, 40))
def test_the_room_proposed_is_the_smallest_free_one_that_holds_the_party(kinds, party):
    rooms = tuple(
        rules.Room(f"{number}", "meeting", capacity, inside=True, free=is_free)
        for number, (capacity, is_free) in enumerate(kinds)
    )
    fitting = [room for room in rooms if room.free and room.capacity >= party]
    proposed = rules.fitting_room(rooms, party)
    assert bool(proposed) == bool(fitting)
    assert all(rooms[int(proposed)].capacity <= room.capacity for room in fitting)


# --- on the desk's page ---------------------------------------------------------------------------

MEETING = {"name": "劉主任", "starts": "2998-01-01 09:00", "room": 1, "party": 3}


def test_the_page_refuses_a_taken_room_in_words_that_name_nobody(core):
    clerk = clerk_of(core)
    assert clerk.post("/api/appointments", json=MEETING).status_code == 201
    answer = clerk.post("/api/appointments", json=MEETING | {"name": "陳經理"})
    assert (answer.status_code, answer.json()["code"]) == (409, "room_taken")
    assert "劉主任" not in answer.text
    assert answer.json()["field"] == "room"


def test_the_page_says_which_rooms_are_free_and_proposes_the_smallest_that_fits(core):
    clerk = clerk_of(core)
    clerk.post("/api/appointments", json=MEETING | {"room": 3})
    query = {"starts": "2998-01-01 09:30", "party": "3"}
    answer = clerk.get("/api/rooms", params=query).json()
    assert {room["name"]: room["free"] for room in answer["rooms"]}[SMALL] is False
    assert answer["proposed"] == "二樓第一洽談室"


@pytest.mark.parametrize("party", ["0", "-1", "10000", "x"])
def test_a_party_that_cannot_be_is_refused_in_words(core, party):
    query = {"starts": "2998-01-01 09:30", "party": party}
    answer = clerk_of(core).get("/api/rooms", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, "party")
    assert "人數" in answer.json()["words"]


def test_a_room_is_not_booked_for_more_than_it_holds_unless_the_desk_says_so(core):
    with pytest.raises(Refusal, match="room_too_small") as refused:
        appointment(core, party=13)
    assert refused.value.field == "room"
    assert appointment(core, party=13, crowded=True).room == "三樓第一會議室"


def test_a_party_with_more_names_than_its_number_counts_by_its_names(core):
    names = tuple(f"客{n}" for n in range(13))
    with pytest.raises(Refusal, match="room_too_small"):
        appointment(core, party=1, names=names)


def test_the_desk_is_told_of_a_room_that_is_too_small_and_may_book_it_anyway(core):
    clerk = clerk_of(core)
    body = {"name": "參觀團", "party": 13, "room": 1, "starts": "2998-01-01 09:00"}
    answer = clerk.post("/api/appointments", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "room_too_small")
    rooms = clerk.get("/api/rooms", params={"starts": "2998-01-01 09:00", "party": 13}).json()
    assert rooms["proposed"] == "二樓多功能廳"
    assert clerk.post("/api/appointments", json=body | {"crowded": True}).status_code == 201
