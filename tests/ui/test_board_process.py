"""The board as it runs: `python -m board` in a window nobody sees, on a real broker."""

import signal
from datetime import datetime, timedelta

import pytest

from board.cache import Cache
from controller.preflight import Part
from models.messages import (
    MAX_PAYLOAD,
    Canary,
    Encoded,
    Manifest,
    Presence,
    Resync,
    Snapshot,
    encode,
    topic_of,
)
from models.terms import Section
from tests import board_days as days
from tests.board_process import Process, rows


def test_what_is_published_is_on_the_glass_and_a_receipt_says_so(start, desk):
    board = start()
    board.until_log("connected")
    snapshot = desk.put(Section.VEHICLES, *days.CARS)
    receipt = desk.receipt(snapshot)
    assert (receipt.board, receipt.epoch, receipt.rev) == ("b1", 7, 1)
    assert receipt.ms > 0
    assert board.texts()["row_vehicles_1_plate"] == "粵B·12345"
    marks = [label for label, _ in board.ask("marks")]
    assert marks == ["first_frame", "shown:vehicles:7:1"]


def test_a_board_that_joins_late_ends_in_what_is_published(start, desk):
    desk.put_all()
    desk.put(Section.VEHICLES, *days.CARS, days.NEW_CAR)
    board = start()
    last = {"vehicles_3_plate", "whereabouts_2_name", "visits_2_room", "reminders_3_text"}
    texts = board.until(lambda texts: {f"row_{name}" for name in last} <= texts.keys())
    assert texts["row_vehicles_3_plate"] == "粵B·24680"


def test_a_killed_board_shows_what_was_published_when_it_is_back(start, desk):
    desk.put_all()
    board = start()
    before = rows(board.until(lambda texts: "row_reminders_3_text" in texts))
    for number in range(3):
        desk.put(Section.VISITS, *days.VISITS[: number % 2 + 1])
        board.end(signal.SIGKILL)
        board = start()
        count = number % 2 + 1
        board.until(
            lambda texts, n=count: (
                ("row_visits_2_time" in texts) == (n == 2) and "row_visits_1_time" in texts
            )
        )
    desk.put(Section.VISITS, *days.VISITS)
    assert rows(board.until(lambda texts: "row_visits_2_time" in texts)) == before


def test_without_a_broker_the_last_content_is_shown_with_its_age(start, desk, broker):
    desk.put_all()
    board = start()
    before = rows(board.until(lambda texts: "row_reminders_3_text" in texts))
    assert board.end() == 0
    broker.kill(Part.BROKER)

    alone = start()
    texts = alone.texts()
    assert rows(texts) == before
    assert texts["banner"].startswith("離線 · 顯示的是 ")
    alone.until_log("cannot be reached")
    assert rows(alone.texts()) == before


def test_both_generations_damaged_is_an_empty_board_that_says_so(start, desk, broker):
    desk.put_all()
    board = start()
    board.until(lambda texts: "row_reminders_3_text" in texts)
    board.end()
    broker.kill(Part.BROKER)
    kept = list((broker.settings.data / "board-b1").iterdir())
    assert kept
    for file in kept:
        file.write_bytes(file.read_bytes()[:-7] + b"garbage")

    texts = start().texts()
    assert texts["banner"] == "離線 · 尚無內容可顯示"
    assert {text for name, text in texts.items() if name.startswith("empty_")} == {"尚無內容"}
    assert not rows(texts)


def test_silence_is_said_and_ends_by_itself(start, desk):
    board = start(LOBBY_BOARD__STALE_SECONDS="0.5")
    board.until_log("connected")
    desk.receipt(desk.put(Section.VEHICLES, *days.CARS))
    desk.beat()
    board.until(lambda texts: texts.get("banner", "").startswith("更新中斷 · "))
    before = rows(board.texts())
    # It sings until somebody has looked: half a second is short on a busy machine.
    texts = board.until(lambda texts: desk.beat() or "footer" in texts)
    assert rows(texts) == before


def test_what_the_manifest_lists_and_never_came_is_asked_for(start, desk):
    board = start()
    board.until_log("connected")
    desk.revisions = {Section.VISITS: 4}
    desk.tell_manifest()
    assert desk.signed.until_message(Resync).board == "b1"


def test_a_board_that_is_told_something_older_answers_what_it_shows(start, desk):
    board = start()
    board.until_log("connected")
    for _ in range(3):
        shown = desk.put(Section.VEHICLES, *days.CARS)
    desk.receipt(shown)
    before = rows(board.texts())
    desk.revisions = {}  # as a database restored from yesterday would say
    desk.put(Section.VEHICLES, days.CARS[1])
    assert desk.receipt(shown).rev == 3
    assert rows(board.texts()) == before


def test_junk_under_every_topic_leaves_a_line_in_the_log_and_nothing_else(start, desk, broker):
    board = start()
    board.until_log("connected")
    desk.put_all()
    before = rows(board.until(lambda texts: "row_reminders_3_text" in texts))
    site = broker.settings.site
    good = encode(desk.put(Section.VEHICLES, *days.CARS), site)
    junk = [
        b"",
        b"not JSON",
        good.payload.replace(b'"v":1', b'"v":2'),
        good.payload.replace(b'"rev":2', b'"rev":"3"'),
        b"[" * 50_000,
        b'{"v":1,"x":"' + b"x" * (MAX_PAYLOAD - 20) + b'"}',
    ]
    topics = [
        *(topic_of(Snapshot, site, group="main", section=section) for section in Section),
        topic_of(Manifest, site, group="main"),
        topic_of(Canary, site),
    ]
    for topic in topics:
        for payload in junk:
            desk.signed.publish(Encoded(topic, payload, retain=False, qos=1))
    board.until_log("ignored what arrived", len(topics) * len(junk))
    assert rows(board.texts()) == before

    last = desk.put(Section.VEHICLES, days.NEW_CAR)
    desk.receipt(last)
    assert board.texts()["row_vehicles_1_plate"] == "粵B·24680"
    assert "Traceback" not in "".join(board.log)


def test_a_polite_end_says_goodbye_and_leaves_nothing_unwritten(start, desk, broker):
    board = start()
    board.until_log("connected")
    snapshot = desk.put(Section.REMINDERS, days.REMINDERS[0])
    desk.receipt(snapshot)
    assert board.end() == 0
    assert desk.signed.until_message(Presence, lambda p: p.state == "offline").id == "b1"
    kept = encode(snapshot, broker.settings.site)
    assert Cache(broker.settings.data / "board-b1").load() == {kept.topic: kept.payload}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"LOBBY_BOARD__WINDOW": "large"}, "The setting board.window"),
        ({"LOBBY_BOARD__ID": "b9"}, "The broker credential"),
    ],
)
def test_settings_that_cannot_be_used_end_in_one_sentence(broker, wrong, sentence):
    board = Process(broker.settings, **wrong)
    assert board.end(0) == 2
    [line] = [line for line in board.log if " INFO " not in line]
    assert line.startswith(sentence)


def raised(now, seconds):
    until = now + timedelta(seconds=seconds)
    return days.emergency(1, "fire", at=now - timedelta(minutes=1), until=until)


def put_emergency(desk, *rows):
    rev = desk.revisions[Section.EMERGENCY] = desk.revisions.get(Section.EMERGENCY, 0) + 1
    snapshot = days.snapshot(
        Section.EMERGENCY, *rows, rev=rev, published_at=datetime.now(days.ZONE)
    )
    desk.signed.publish(snapshot)
    desk.tell_manifest()
    return snapshot


def test_an_emergency_takes_the_glass_and_clears_though_the_broker_is_dead(start, desk, broker):
    board = start()
    board.until_log("connected")
    desk.receipt(put_emergency(desk, raised(datetime.now(days.ZONE), 3600)))
    assert board.texts()["emergency_title"] == "火警"
    desk.receipt(put_emergency(desk, raised(datetime.now(days.ZONE), 4)))
    broker.kill(Part.BROKER)
    board.until(lambda texts: "emergency_title" not in texts)


def test_an_emergency_is_cleared_by_the_desk_and_outlives_a_restart(start, desk):
    board = start()
    board.until_log("connected")
    desk.receipt(put_emergency(desk, raised(datetime.now(days.ZONE), 3600)))
    board.end()
    board = start()
    assert board.texts()["emergency_title"] == "火警"
    desk.receipt(put_emergency(desk))
    assert "emergency_title" not in board.texts()
