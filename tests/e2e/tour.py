"""One morning in the lobby, played by itself: `make tour`.

Everything is real: the broker, the controller, both windows on a virtual display, and the desk's
page in a browser. A line is printed for each step, with its time and a picture in `out/tour/`.
Exits with 0, or with 1 naming the step that failed.
"""

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from controller import lobby
from controller.lobby import Lobby
from controller.preflight import Part
from tests.accounts import prepared
from tests.e2e.desk_page import DeskPage, desk_page
from tests.e2e.visitor import Visitor
from tests.e2e.windows import Window
from tests.parts import PATIENCE, fresh_settings, morning_zone

OUT = Path("out/tour")
VISITOR, PINYIN = "王小明", "wangxiaoming"
NOTICES = {
    "vehicles": [
        {"plate": "粵B·12345", "departs": "09:30", "to": "市政府 → 龍崗項目", "state": "out"},
        {"plate": "粵B·67890", "departs": "10:15", "to": "機場 T3 接機", "state": "standby"},
        {"plate": "粵B·24680", "departs": "14:00", "to": "鹽田管理處", "state": "standby"},
    ],
    "whereabouts": [
        {
            "name": "陳國華",
            "department": "總經理",
            "state": "meeting",
            "place": "總部會議",
            "back": "12:00",
        },
        {"name": "李志強", "department": "工程部", "state": "out", "place": "B座 3 樓巡檢"},
        {"name": "王美玲", "department": "客服部", "state": "in", "place": "前台"},
    ],
    "visits": [
        {
            "delegation": "市住建局 檢查組",
            "starts": "10:30",
            "headcount": "8",
            "room": "三樓第一會議室",
        },
        {
            "delegation": "同行參觀團 · 恒信物業",
            "starts": "15:00",
            "headcount": "22",
            "room": "二樓多功能廳",
        },
    ],
    "reminders": [
        {"text": "今日 18:00–20:00 B座電梯保養，請走 A座"},
        {"text": "消防演習　每月首個週三 15:00"},
        {"text": "下班前請關閉會議室設備電源"},
    ],
}


class Story:
    """The steps, told one by one: number, seconds since the lobby opened, what happened."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.doing = "the lobby opens"
        self._number = 0

    def step(self, doing: str, act: Callable[[], object], *pictures: tuple[str, Callable]) -> None:
        self.doing = doing
        act()
        self._number += 1
        for name, take in pictures:
            take(OUT / f"{self._number:02d}-{name}.png")
        print(f"{self._number:2d}  {time.monotonic() - self._began:6.2f} s  {doing}", flush=True)


def play(opened: Lobby, desk: DeskPage, story: Story) -> None:
    """The morning. Raises whatever made a step fail."""
    kiosk, board = Window(opened, Part.KIOSK), Window(opened, Part.BOARD)
    at_kiosk, at_board = ("kiosk", kiosk.picture), ("board", board.picture)
    at_desk = ("desk", desk.picture)
    visitor = Visitor(kiosk, VISITOR, pinyin=PINYIN)
    scanned: dict[str, str] = {}

    story.step("the kiosk welcomes", lambda: kiosk.wait_for("welcome_register"), at_kiosk)
    story.step("the clerk signs in", desk.sign_in, at_desk)
    story.step("the clerk signs on for the shift", desk.sign_on)
    for section, lines in NOTICES.items():

        def publish(section: str = section, lines: list = lines) -> None:
            for line in lines:
                desk.publish(section, **line)
            last = lines[-1]
            told = last.get("to") or last.get("delegation") or next(iter(last.values()))
            board.wait_for_text(told.split()[-1])

        story.step(f"{section} published, and seen on the board", publish)
    story.step("the desk's header counts the glass", lambda: _await_receipt(desk), at_board)
    story.step("the kiosk names today's visits", lambda: kiosk.wait_for("expected_2"), at_kiosk)
    story.step("a visitor fills in the form by touch", visitor.fill_in, at_kiosk)
    story.step("the registration is sent", visitor.submit)
    story.step("the desk sees who waits", lambda: desk.see_waiting(VISITOR), at_kiosk, at_desk)
    story.step("the desk admits", lambda: desk.admit(VISITOR))

    def read_pass() -> None:
        kiosk.wait_for("pass_qr")
        scanned["token"] = kiosk.qr_text()

    story.step("the kiosk shows the pass, read back from its pixels", read_pass, at_kiosk)
    number = kiosk.widgets()["pass_number"]["text"]

    def enter() -> None:
        words = desk.scan(scanned["token"])
        assert number in words, words
        desk.see_inside(number)

    story.step(f"pass {number} is scanned in at the desk", enter, at_desk)
    story.step("the visitor leaves the kiosk to the next", visitor.finish)
    # A pass scanned again within five seconds is a scanner that read twice, not an exit.
    time.sleep(5)

    def leave() -> None:
        desk.scan(scanned["token"])
        desk.see_gone(number)

    story.step(f"pass {number} is scanned out", leave, at_desk)
    again = desk.scan(scanned["token"])
    story.step("a second exit is refused in words", lambda: _expect("已", again), at_desk)


def _await_receipt(desk: DeskPage) -> None:
    deadline = time.monotonic() + PATIENCE
    while "1 / 1" not in (said := desk.status()):
        assert time.monotonic() < deadline, f"the header says {said!r}"
        time.sleep(0.05)


def _expect(part: str, whole: str) -> None:
    assert part in whole, whole


def main() -> int:
    for name in ("DISPLAY", "SDL_VIDEODRIVER"):
        os.environ.pop(name, None)
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with fresh_settings(timezone=morning_zone()) as settings:
        prepared(settings)
        story = Story()
        try:
            with lobby.opened(settings, probes=True) as opened, desk_page(opened) as desk:
                play(opened, desk, story)
        except Exception as problem:  # noqa: BLE001 - whatever it was, the step is named
            sys.stderr.write(f"The tour failed at: {story.doing}.\n{problem}\n")
            for log in sorted((settings.data / "logs").glob("*.log")):
                shutil.copy(log, OUT)
            return 1
    print(f"The morning went well; its pictures are in {OUT}/.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
