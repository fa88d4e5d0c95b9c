"""A board repairs itself, says that it lives, and does as the desk wishes."""

import io
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from PIL import Image

from board.cache import Cache
from board.starts import ENOUGH
from broker_config import generate
from controller.preflight import Part
from models.glass import STUCK_CODE
from models.messages import (
    MAX_PICTURE,
    Ask,
    Config,
    Health,
    Picture,
    encode,
)
from models.terms import Role, Section
from tests import board_days as days
from tests.board_process import Process, rows, today
from tests.parts import PATIENCE, ROOT, free_ports

WISH = {"board": "b1", "epoch": 7, "rev": 1, "group": "main", "place": "北座大堂"}


# --- as the desk wishes --------------------------------------------------------------------------


def test_a_new_place_is_shown_at_once_and_still_there_after_a_start_without_a_broker(
    start, desk, broker
):
    board = start()
    board.until_log("connected")
    desk.signed.publish(Config(**WISH))
    board.until(lambda texts: texts["place"] == "北座大堂")
    assert board.end() == 0
    broker.kill(Part.BROKER)
    assert start().texts()["place"] == "北座大堂"


def test_an_older_wish_changes_nothing(start, desk):
    board = start()
    board.until_log("connected")
    desk.signed.publish(Config(**WISH | {"rev": 2}))
    board.until(lambda texts: texts["place"] == "北座大堂")
    desk.signed.publish(Config(**WISH | {"place": "南座"}))
    desk.receipt(desk.put(Section.VEHICLES, *days.CARS))
    assert board.texts()["place"] == "北座大堂"


def test_a_board_moved_to_another_group_shows_that_groups_notices(start, desk, broker):
    board = start()
    board.until_log("connected")
    desk.receipt(desk.put(Section.VEHICLES, *days.CARS))
    desk.put(Section.VISITS, *days.VISITS, group="north")
    generate.add_device(broker.settings, Role.BOARD, "b1", "north")
    desk.signed.publish(Config(**WISH | {"group": "north"}))
    board.until_first_frame()  # in the same process
    assert broker.renew_broker()
    texts = board.until(lambda texts: "row_visits_1_time" in texts)
    assert "row_vehicles_1_plate" not in texts


def test_a_turned_panel_is_a_portrait_board(start, desk):
    board = start()
    board.until_log("connected")
    desk.signed.publish(Config(**WISH | {"rotation": 90}))
    board.until_first_frame()
    board.until_log("connected", 2)
    widgets = board.ask("widgets")
    assert max(w["x"] + w["width"] for w in widgets.values()) <= 720
    # Who is not listening yet never hears of an ask.
    desk.receipt(desk.put(Section.VEHICLES, *days.CARS))
    desk.signed.publish(Ask(board="b1", what="picture"))
    picture = Image.open(io.BytesIO(desk.signed.until_message(Picture).jpeg))
    assert picture.size == (720, 1280)
    # Upright: the header's line of type is at the top, the amber banner or dark footer at the end.
    assert _is_amber(picture.getpixel((5, 1275)))
    assert not _is_amber(picture.getpixel((5, 5)))


def _is_amber(pixel):
    red, green, blue = pixel
    return red > 180 and green > 140 and blue < 160


def test_a_picture_is_small_enough_is_what_is_shown_and_not_taken_too_often(start, desk):
    board = start()
    board.until_log("connected")
    desk.put_all()
    board.until(lambda texts: "row_reminders_3_text" in texts)
    began = time.monotonic()
    for _ in range(3):
        desk.signed.publish(Ask(board="b1", what="picture"))
    jpeg = desk.signed.until_message(Picture).jpeg
    assert len(jpeg) <= MAX_PICTURE
    assert Image.open(io.BytesIO(jpeg)).size[0] in {1280, 960}
    desk.signed.publish(Ask(board="b1", what="health"))
    health = desk.signed.until_message(Health, lambda told: told.pages >= 4)
    assert health.frame_ms > 0
    assert health.memory_mb > 50
    pictures = [type(m) for m in desk.signed.ear.messages].count(Picture)
    # One every two seconds: a busy machine may take so long over three questions.
    assert pictures <= 1 + (time.monotonic() - began) // 2


# --- it lives ------------------------------------------------------------------------------------


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_hears_of_the_start_of_life_and_of_the_end(start, tmp_path, abstract):
    name = f"\0lobby-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(PATIENCE)
        shown = name.replace("\0", "@")
        board = start(NOTIFY_SOCKET=shown, WATCHDOG_USEC="300000")
        assert manager.recv(99) == b"READY=1"
        frames = board.ask("frames")
        # What was claimed of those frames is passed over.
        manager.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                manager.recv(99)
        manager.settimeout(PATIENCE)
        assert [manager.recv(99) for _ in range(5)] == [b"WATCHDOG=1"] * 5
        assert board.ask("frames") > frames, "life was claimed without a frame"
        board.process.terminate()
        while manager.recv(99) != b"STOPPING=1":
            pass


def test_a_board_that_starts_again_by_itself_does_not_say_that_it_ends(start, desk, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        board = start(NOTIFY_SOCKET=str(tmp_path / "notify"))
        board.until_log("connected")
        desk.signed.publish(Config(**WISH | {"rotation": 90}))
        assert [manager.recv(99) for _ in range(2)] == [b"READY=1"] * 2


def test_a_service_manager_that_does_not_read_holds_up_no_frame_and_no_end(start, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        board = start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1")
        frames = board.ask("frames")
        deadline = time.monotonic() + PATIENCE
        while board.ask("frames") < frames + 20:  # more than its queue holds
            assert time.monotonic() < deadline
            board.texts()
        assert board.end() == 0


def test_a_loop_that_hangs_ends_the_process_to_be_started_again():
    program = """
import time
from models.settings import load
from models import glass
glass.prepare(load(), "320x240+0+0!", "stuck")
from kivy.uix.widget import Widget
window = glass.Glass(stuck=0.6)
window.start(Widget())
window.call(time.sleep, 3600)
window.run()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"SDL_VIDEODRIVER": "offscreen"},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == STUCK_CODE, done.stderr.decode()


def test_two_windows_may_be_opened_at_once_on_a_machine_that_never_had_one(tmp_path):
    program = """
import os, sys

def other_window(event, arguments):
    if event == "os.mkdir" and str(arguments[0]).endswith("mods") and not made:
        made.append(arguments[0])
        os.mkdir(arguments[0])

made = []
sys.addaudithook(other_window)
from models import glass
from models.settings import load
glass.prepare(load(), "320x240+0+0!", "one of two")
assert made
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"SDL_VIDEODRIVER": "offscreen", "LOBBY_DATA": str(tmp_path / "new")},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def test_who_asks_for_the_end_of_a_round_finds_all_laid_out_that_changed_in_it(ui):
    from kivy.uix.label import Label

    label, seen = Label(text="一", size_hint=(None, None)), []
    label.bind(texture_size=label.setter("size"))
    ui.show(label)
    narrow = label.width
    ui.glass.after_round(lambda: seen.append(label.width))
    ui.glass.call(setattr, label, "text", "一二三四五")
    ui.glass.step()
    assert seen[0] > narrow


# --- it repairs itself ---------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["message", "state", "drawing", "timer", "flip", "picture"])
def test_an_exception_in_a_callback_leaves_a_board_that_shows_what_comes_next(
    broker, desk, fault, monkeypatch
):
    monkeypatch.setattr(Process, "COMMAND", [sys.executable, "-m", "tests.faulty_board"])
    board = Process(broker.settings, FAULT=fault, LOBBY_BOARD__STALE_SECONDS="0.5")
    try:
        board.until_first_frame()
        board.until_log("broken")
        board.until_log("connected")
        desk.put(Section.VEHICLES, *days.CARS)
        if fault == "picture":  # who is not listening yet never hears of an ask
            board.until(lambda texts: "row_vehicles_1_plate" in texts)
            desk.signed.publish(Ask(board="b1", what="picture"))
        desk.beat()
        if fault != "timer":  # that one came when the broker accepted us
            board.until_log("injected into")
        desk.put(Section.VEHICLES, days.NEW_CAR)
        texts = board.until(lambda texts: texts.get("row_vehicles_1_plate") == "粵B·24680")
        assert "Traceback" not in str(texts)
        desk.receipt(desk.put(Section.VEHICLES, *days.CARS))
        # Its timers go on, too: silence is noticed.
        board.until(lambda texts: "banner" in texts)
    finally:
        board.end(signal.SIGKILL)


def test_a_full_disk_loses_no_notice_on_the_glass(start, desk):
    board = start()
    board.until_log("connected")
    resource.prlimit(board.process.pid, resource.RLIMIT_FSIZE, (0, -1))
    desk.receipt(desk.put(Section.VEHICLES, *days.CARS))
    board.until_log("could not be kept on disk")
    assert board.texts()["row_vehicles_1_plate"] == "粵B·12345"
    resource.prlimit(board.process.pid, resource.RLIMIT_FSIZE, (2**40, -1))
    desk.receipt(desk.put(Section.VEHICLES, days.NEW_CAR))
    assert board.end() == 0


def test_after_several_starts_in_vain_the_content_before_the_newest_is_shown_with_its_age(
    start, desk, broker
):
    folder = broker.settings.data / "board-b1"
    for row in (*days.CARS[:1], days.NEW_CAR):
        cache = Cache(folder)
        cache.load()
        cache.start()
        snapshot = desk.put(Section.VEHICLES, today(row, row.departs))
        cache.save({encode(snapshot, "test").topic: encode(snapshot, "test").payload})
        cache.close()
    (folder / "starts").write_text(str(ENOUGH))
    before = {file.name: file.read_bytes() for file in folder.glob("content-*")}
    board = start()
    board.until_log("several starts have failed")
    texts = board.texts()
    assert texts["row_vehicles_1_plate"] == days.CARS[0].plate
    assert texts["banner"].startswith("離線 · 顯示的是 ")
    assert board.end() == 0, "a polite end"
    assert {file.name: file.read_bytes() for file in folder.glob("content-*")} == before
    # It was asked to end, so the next start is as usual.
    board = start()
    board.until(lambda texts: texts.get("row_vehicles_1_plate") == days.NEW_CAR.plate)


def test_starts_in_vain_are_counted_and_one_that_lives_forgives_them(start, broker):
    file = broker.settings.data / "board-b1" / "starts"
    for count in (1, 2):
        start().end(signal.SIGKILL)
        assert file.read_text() == str(count)
    assert start().end() == 0
    assert file.read_text() == "0"


def test_a_start_that_showed_all_that_is_published_was_not_in_vain(start, desk, broker):
    file = broker.settings.data / "board-b1" / "starts"
    board = start()
    desk.put(Section.VEHICLES, *days.CARS)
    desk.tell_manifest()
    board.until(lambda _: file.read_text() == "0")
    assert board.end(signal.SIGKILL) != 0
    assert file.read_text() == "0"


def test_without_its_display_the_board_ends_and_says_so_by_its_code(broker):
    # Far from the first free number, which others take: they would take this one once it is dead.
    number = str(free_ports(1)[0])
    display = subprocess.Popen(
        f"Xvfb :{number} -displayfd 1 -nolisten tcp -screen 0 1280x720x24".split(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert display.stdout.readline().decode().strip() == number
    there = {"DISPLAY": f":{number}", "SDL_VIDEODRIVER": ""}
    boards = [Process(broker.settings, **there)]
    try:
        boards[0].until_first_frame()
        display.terminate()
        display.wait()
        boards.append(Process(broker.settings, **there))
        assert 0 not in [board.process.wait(PATIENCE) for board in boards]
        assert boards[1].process.stdout.read() == ""
    finally:
        for board in boards:
            board.end(signal.SIGKILL)
        display.kill()
        display.wait()
        display.stdout.close()


def test_a_broker_that_was_away_is_noticed_and_its_return_too(start, desk, broker):
    board = start(LOBBY_BOARD__STALE_SECONDS="0.5")
    board.until_log("connected")
    desk.receipt(desk.put(Section.VEHICLES, *days.CARS))
    before = rows(board.texts())
    broker.kill(Part.BROKER)
    texts = board.until(lambda texts: "banner" in texts)
    assert rows(texts) == before
    broker.start(Part.BROKER)
    broker.wait_until_ready(Part.BROKER)
    board.until(lambda texts: desk.beat() or "footer" in texts)
