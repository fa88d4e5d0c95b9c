"""Whatever is killed, and whenever: what was said once is there once."""

import threading

import pytest

from controller.lobby import Lobby
from controller.preflight import Part
from tests.e2e.clerk import Clerk
from tests.e2e.visitor import Visitor
from tests.e2e.windows import Window

TRIP = {"plate": "粵B·12345", "departs": "09:30", "state": "out"}


def again(running: Lobby, *parts: Part) -> None:
    running.start(*parts)
    running.wait_until_ready(*parts)


def test_the_broker_dies_during_a_registration(running, kiosk, clerk):
    visitor = Visitor(kiosk, "broker gone")
    visitor.fill_in()
    running.kill(Part.BROKER)
    visitor.submit()
    kiosk.wait_for_text("前台")  # it is kept, and the screen says so
    again(running, Part.BROKER)
    visit = clerk.waiting("broker gone")
    clerk.decide(visit, "admit")
    assert kiosk.qr_text().startswith("VP1:")
    visitor.finish()


def test_the_broker_dies_between_registration_and_decision(running, kiosk, clerk):
    visitor = Visitor(kiosk, "broker later")
    visitor.register()
    visit = clerk.waiting("broker later")
    running.kill(Part.BROKER)
    clerk.decide(visit, "admit")
    again(running, Part.BROKER)
    assert kiosk.qr_text().startswith("VP1:")
    visitor.finish()


def test_the_kiosk_dies_right_after_submit(running, kiosk, clerk):
    visitor = Visitor(kiosk, "kiosk gone")
    visitor.fill_in()
    visitor.submit()
    running.kill(Part.KIOSK)
    again(running, Part.KIOSK)
    clerk.decide(clerk.waiting("kiosk gone"), "admit")
    assert kiosk.qr_text().startswith("VP1:")
    visitor.finish()


def test_the_kiosk_dies_before_the_broker_has_the_registration(running, kiosk, clerk):
    visitor = Visitor(kiosk, "both gone")
    visitor.fill_in()
    running.kill(Part.BROKER)
    visitor.submit()
    kiosk.wait_for_text("前台")
    running.kill(Part.KIOSK)
    again(running, Part.BROKER)
    again(running, Part.KIOSK)
    clerk.decide(clerk.waiting("both gone"), "refuse")
    kiosk.wait_for("answer_text")
    visitor.finish()


def test_the_controller_dies_while_a_visitor_waits(running, kiosk, clerk):
    visitor = Visitor(kiosk, "desk gone")
    visitor.register()
    running.kill(Part.CONTROLLER)
    again(running, Part.CONTROLLER)
    clerk.decide(clerk.waiting("desk gone"), "admit")
    assert kiosk.qr_text().startswith("VP1:")
    visitor.finish()


def test_the_controller_dies_between_commit_and_publish(running, board, clerk):
    notice = clerk.publish("vehicles", to="一號站", **TRIP)
    board.wait_for_text("一號站")
    running.kill(Part.BROKER)
    clerk.edit(notice, to="二號站", **TRIP)  # committed, and nobody there to take it
    running.kill(Part.CONTROLLER)
    again(running, Part.BROKER)
    again(running, Part.CONTROLLER)
    board.wait_for_text("二號站")
    assert "一號站" not in board.text()
    clerk.take_down(notice)


@pytest.mark.parametrize("milliseconds", [0, 5, 15, 40, 100])
def test_the_board_dies_at_any_moment(running, board, clerk, milliseconds):
    notices = [clerk.publish("vehicles", to=f"第 {n} 站", **TRIP) for n in range(3)]
    killed = threading.Event()
    clerk.edit(notices[1], to=f"改到 {milliseconds}", **TRIP)
    killed.wait(milliseconds / 1000)  # the moment is the test: nothing is awaited here
    running.kill(Part.BOARD)
    clerk.take_down(notices[0])
    again(running, Part.BOARD)
    board.wait(
        lambda widgets: trips(widgets) == [f"改到 {milliseconds}", "第 2 站"],
        "exactly what was published",
    )
    for notice in notices[1:]:
        clerk.take_down(notice)


def trips(widgets: dict) -> list[str]:
    rows = {name: w["text"] for name, w in widgets.items() if name.startswith("row_vehicles_")}
    return [rows[name] for name in sorted(rows) if name.endswith("_to")]


def test_a_board_without_a_broker_shows_what_it_had_and_says_since_when(running, board, clerk):
    notice = clerk.publish("reminders", text="下班前請關閉電源")
    board.wait_for_text("下班前請關閉電源")
    running.kill(Part.BOARD)
    running.kill(Part.BROKER)
    again(running, Part.BOARD)
    board.wait_for_text("下班前請關閉電源")
    board.wait_for("banner")
    again(running, Part.BROKER)
    board.wait(lambda widgets: "banner" not in widgets, "no banner")
    clerk.take_down(notice)


def test_everything_dies_at_once(running, kiosk, board, clerk: Clerk):
    notice = clerk.publish("reminders", text="停電演習")
    visitor = Visitor(kiosk, "power cut")
    visitor.register()
    clerk.waiting("power cut")
    for part in (Part.BROKER, Part.CONTROLLER, Part.KIOSK, Part.BOARD):
        running.kill(part)
    again(running, Part.BROKER)
    again(running, Part.CONTROLLER)
    again(running, Part.KIOSK, Part.BOARD)
    board.wait_for_text("停電演習")
    clerk.decide(clerk.waiting("power cut"), "admit")
    assert kiosk.qr_text().startswith("VP1:")
    visitor.finish()
    clerk.take_down(notice)


def test_the_desk_sees_that_the_glass_shows_it(running, board: Window, clerk):
    notice = clerk.publish("reminders", text="請看這裡")
    board.wait_for_text("請看這裡")
    board.wait(lambda _: clerk.screens()["behind"] == [], "the newest revision, says the desk")
    clerk.take_down(notice)
