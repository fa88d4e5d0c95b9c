"""The guard's page: called in process, on a real gate and its real journal."""

import io
import os
import pty
import secrets
import threading
import tty

import pytest
from PIL import Image
from starlette.testclient import TestClient

from controller.changes import Changes
from controller.gate import camera as camera_module
from controller.gate import enrolment
from controller.gate.camera import MOST_PIXELS, Eye
from controller.gate.compose import Station
from controller.gate.journal import Elsewhere, Slip
from controller.gate.messenger import Messenger
from controller.gate.serial_scanner import reading
from controller.web.gate import create_app
from models import goods
from models.qr import matrix
from models.settings import SettingsError
from models.terms import GoodsState, Language, PassState
from tests.gates import NOON, Hand, Mint, enrolled, fresh_key
from tests.parts import PATIENCE

PIN = "482913"


@pytest.fixture
def wall():
    return Hand()


@pytest.fixture
def mint():
    return Mint()


@pytest.fixture
def station(settings, mint, wall, tmp_path):
    gate = enrolled(tmp_path / "g1.sqlite3", mint, wall)
    return Station(settings, gate, Messenger(gate, lambda: None), Changes(), PIN, Eye(Hand(9)))


@pytest.fixture
def stranger(station):
    app = create_app(station)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture
def guard(stranger):
    stranger.post("/api/session", json={"pin": PIN}).raise_for_status()
    return stranger


def scan(guard, text, **more):
    answer = guard.post("/api/scans", json={"id": fresh_key(), "text": text} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def picture(text, fmt="PNG"):
    rows = matrix(text, "M")
    image = Image.new("L", (len(rows) + 8, len(rows) + 8), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            image.putpixel((x + 4, y + 4), 0 if dark else 255)
    file = io.BytesIO()
    image.resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST).save(file, fmt)
    return file.getvalue()


# --- the door -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/scans"),
        ("get", "/api/scans/last"),
        ("get", "/fragments/state"),
        ("get", "/api/events"),
        ("post", f"/api/frames?id={'0' * 32}"),
    ],
)
def test_nothing_is_for_somebody_without_the_pin(stranger, method, path):
    body = {} if method == "get" else {"json": {"id": fresh_key(), "text": "x"}}
    answer = getattr(stranger, method)(path, **body)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_first")


def test_the_page_asks_for_the_pin(stranger):
    assert "/signin" in str(stranger.get("/").url)


def test_wrong_pins_are_counted(stranger):
    wrong = [stranger.post("/api/session", json={"pin": "000000"}).json()["code"] for _ in range(6)]
    assert wrong == ["wrong_pin"] * 5 + ["too_many_attempts"]
    assert stranger.post("/api/session", json={"pin": PIN}).status_code == 429


def test_a_sign_in_outlives_a_restart_and_ends_in_time(guard, station, settings, wall):
    again = TestClient(create_app(station), base_url="http://localhost", cookies=guard.cookies)
    assert "/signin" not in str(again.get("/").url)
    wall.now += settings.gate.session_hours * 3600 + 1
    assert "/signin" in str(again.get("/").url)


def test_signing_out_ends_the_session(guard):
    guard.delete("/api/session").raise_for_status()
    assert guard.get("/api/scans/last").status_code == 401


def test_another_page_cannot_scan(guard):
    headers = {"origin": "https://evil.example"}
    body = {"id": fresh_key(), "text": "x"}
    assert guard.post("/api/scans", json=body, headers=headers).json()["code"] == "cross_origin"


# --- scanning -------------------------------------------------------------------------------------


def test_a_pass_is_answered_in_words_and_a_tone(guard, mint):
    token = mint.token()
    first = scan(guard, token)
    assert (first["ok"], first["tone"], first["words"]) == (True, "good", "放行")
    second = scan(guard, token)
    assert (second["ok"], second["tone"], second["words"]) == (False, "bad", "不可放行：此證已在內")
    assert second["advice"] == "請訪客回前台辦理"


def test_a_retry_is_answered_the_same(guard, mint):
    body = {"id": fresh_key(), "text": mint.token()}
    answers = [guard.post("/api/scans", json=body).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert guard.get("/api/scans/last").json() == answers[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://evil.example/", "web_address"),
        ("\x1b\x00VP1:", "control_characters"),
        ("x" * 10_000, "too_long"),
        ("", "not_a_pass"),
        ("A-0137", "number_only"),
    ],
)
@pytest.mark.parametrize("language", Language)
def test_what_is_no_pass_is_refused_in_every_language_and_kept(
    guard, station, text, code, language
):
    guard.cookies.set("lobby_language", language)
    said = scan(guard, text)
    assert (said["ok"], said["code"], said["tone"]) == (False, code, "bad")
    assert said["words"]
    assert said["advice"]
    assert station.gate.journal.last(1)[0].code == code


def test_a_stale_list_is_said_with_what_to_do(guard, mint, wall):
    wall.now += 3600
    said = scan(guard, mint.token(since=wall.now))
    assert (said["ok"], said["advice"]) == (True, "作廢名單已過期：請先致電前台核對")
    state = guard.get("/fragments/state").text
    assert "作廢名單是 1 小時 0 分前的，已過期" in state
    assert "放行前請致電前台核對" in state


def test_the_age_of_the_list_is_always_said(guard, wall):
    wall.now += 125
    assert "2 分 5 秒前更新" in guard.get("/fragments/state").text


def test_a_clock_that_was_set_back_is_said(guard, station, wall):
    station.gate.clock._steady = Hand(NOON)
    station.gate.clock.at_least(NOON + 1)
    wall.now = NOON - 3600
    assert "時鐘慢了約 60 分鐘" in guard.get("/fragments/state").text


def test_a_list_that_was_rolled_back_is_said(guard, station, mint):
    station.gate.trust.take_list(mint.revoked(seq=5))
    station.gate.trust.take_list(mint.revoked(seq=4))
    assert "比現有的舊" in guard.get("/fragments/state").text


def test_what_was_scanned_stands_in_the_list(guard, mint):
    scan(guard, mint.token())
    page = guard.get("/").text
    assert "放行" in page
    assert 'data-seq="1"' in page


def test_a_hostile_text_is_not_shown_as_markup(guard):
    scan(guard, "<script>alert(1)</script>")
    assert "<script>alert" not in guard.get("/").text


# --- goods, and numbers --------------------------------------------------------------------------

SLIP = b"a slip."


@pytest.fixture
def told(station):
    lines = (("冰箱", 1, "雙門"), ("<b>紙箱</b>", 12, ""))
    slip = Slip(SLIP, "G-0012", GoodsState.APPROVED, "粵B·12345", lines)
    station.gate.journal.hear_goods((1, 1), [slip], NOON)


def slip_of(mint, slip_id=SLIP):
    claims = goods.Claims(slip_id, int(NOON), int(NOON) + 3600, 1)
    return goods.mint(mint.key, mint.site, claims)


def test_goods_are_green_with_their_list_and_red_the_second_time(guard, mint, told):
    first = scan(guard, slip_of(mint))
    assert (first["ok"], first["tone"], first["words"]) == (True, "good", "物品放行")
    assert first["lines"] == ["冰箱 × 1（雙門）", "<b>紙箱</b> × 12", "車牌 粵B·12345"]
    assert first["advice"] == "請逐項核對；不符請扣下物品並致電前台"
    assert guard.get("/api/scans/last").json() == first
    second = scan(guard, slip_of(mint))
    assert (second["tone"], second["code"]) == ("bad", "already_released")
    assert (second["advice"], second["lines"]) == ("請留下物品並致電前台", [])


def test_goods_whose_list_is_not_here_are_no_plain_green(guard, mint):
    said = scan(guard, slip_of(mint, b"unknown"))
    assert (said["ok"], said["tone"], said["lines"]) == (True, "odd", [])
    assert said["advice"] == "這裡沒有清單：請致電前台核對後再讓物品出門"


def test_goods_by_a_list_too_old_are_worth_a_call(guard, mint, told, wall):
    wall.now += 3000
    assert scan(guard, slip_of(mint))["advice"] == "作廢名單已過期：請先致電前台核對"


def test_a_number_of_goods_shows_the_list_and_releases_nothing(guard, mint, told):
    said = scan(guard, "g-0012")
    assert (said["ok"], said["code"], said["tone"]) == (False, "number_only", "bad")
    assert said["lines"][0] == "冰箱 × 1（雙門）"
    assert scan(guard, slip_of(mint))["code"] == "goods_out"


@pytest.mark.parametrize(
    ("state", "stands"),
    [
        (PassState.ISSUED, "前台已發此證，現不在內"),
        (PassState.INSIDE, "此證現在在內"),
        (PassState.RETURNED, "此證已經交還"),
        (None, "這裡查不到這個證號"),
    ],
)
def test_a_pass_number_finds_the_known_pass_and_lets_nobody_in(guard, station, state, stands):
    if state:
        station.gate.journal.hear((1, 1), [Elsewhere(b"a pass.", "A-0137", state, NOON)])
    said = scan(guard, "a-0137", direction="in")
    assert (said["ok"], said["code"], said["lines"]) == (False, "number_only", [stands])


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("state", GoodsState)
def test_goods_are_answered_in_every_language(guard, station, mint, language, state):
    guard.cookies.set("lobby_language", language)
    slip = Slip(SLIP, "G-0012", state, "", (("冰箱", 1, ""),))
    station.gate.journal.hear_goods((1, 1), [slip], NOON)
    said = scan(guard, slip_of(mint))
    assert said["words"]
    assert said["advice"]


# --- the camera -----------------------------------------------------------------------------------


@pytest.fixture
def eye(station):
    return station.camera


def frame(guard, content):
    headers = {"content-type": "image/jpeg"}
    path = f"/api/frames?id={secrets.token_hex(16)}"
    return guard.post(path, content=content, headers=headers)


@pytest.mark.parametrize("fmt", ["PNG", "JPEG"])
def test_a_picture_of_a_pass_lets_it_in_once(guard, eye, mint, fmt):
    shown = picture(mint.token(), fmt)
    assert frame(guard, shown).json()["code"] == "ok_in"
    eye._steady.now += 1
    assert frame(guard, shown).status_code == 204
    eye._steady.now += 10
    assert frame(guard, shown).json()["code"] == "already_inside"


def test_pictures_that_come_too_fast_are_put_off(guard):
    codes = [frame(guard, b"x").status_code for _ in range(2)]
    assert codes == [204, 429]


@pytest.mark.parametrize(
    "content",
    [b"\xff\xd8\xff", b"GIF89a" + b"\0" * 99, picture("x")[:-40]],
    ids=["the beginning of a JPEG", "a GIF", "half a PNG"],
)
def test_what_is_no_picture_is_no_scan(guard, station, content):
    assert frame(guard, content).status_code == 204
    assert station.gate.journal.last(1) == []


def test_a_picture_too_large_is_not_opened(guard):
    file = io.BytesIO()
    Image.new("1", (MOST_PIXELS, 2)).save(file, "PNG")
    assert camera_module.read(file.getvalue()) is None
    assert frame(guard, b"\0" * 2_000_000).status_code == 413


# --- a scanner that is a serial device ------------------------------------------------------------


class Heard:
    def __init__(self):
        self.texts = []
        self._news = threading.Condition()

    def __call__(self, _key, text, _direction, by):
        assert by == "serial"
        with self._news:
            self.texts.append(text)
            self._news.notify_all()

    def until(self, count):
        with self._news:
            assert self._news.wait_for(lambda: len(self.texts) >= count, PATIENCE), self.texts
        return self.texts


@pytest.fixture
def line():
    """A serial line: the scanner's end, and the name of the gate's."""
    scanner, gate_end = pty.openpty()
    tty.setraw(gate_end)
    yield scanner, os.ttyname(gate_end)
    os.close(scanner)
    os.close(gate_end)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", ""], ids=repr)
def test_a_serial_scanner_ends_its_code_as_it_likes(line, mint, end):
    scanner, device = line
    heard, token = Heard(), mint.token()
    with reading(device, heard) as ready:
        assert ready.wait(PATIENCE)
        os.write(scanner, (token + end).encode())
        assert heard.until(1) == [token]


def test_two_codes_in_one_breath_are_two_scans(line):
    scanner, device = line
    heard = Heard()
    with reading(device, heard) as ready:
        assert ready.wait(PATIENCE)
        os.write(scanner, b"A-0001\rA-0002\r")
        assert heard.until(2) == ["A-0001", "A-0002"]


def test_a_device_that_is_not_there_stops_nobody():
    with reading("/dev/ttyNothing", Heard()):
        pass


# --- enrolment ------------------------------------------------------------------------------------


def test_a_gate_that_was_not_enrolled_says_so(settings):
    with pytest.raises(SettingsError, match="--enrol"):
        enrolment.pinned_root(settings)
    with pytest.raises(SettingsError, match="PIN"):
        enrolment.pin(settings)


def test_enrolling_pins_the_root_and_draws_a_pin_of_its_own(core, settings):
    root = settings.keys / "root.pub"
    assert len(list(enrolment.enrol(settings, root))) == 2
    assert list(enrolment.enrol(settings, root)) == []
    assert enrolment.pinned_root(settings).public_bytes_raw()
    pin = enrolment.pin(settings)
    assert len(pin) == 6
    file = settings.data / "credentials" / "gate-g1.pin"
    assert file.stat().st_mode & 0o077 == 0
    file.write_text("1234")
    with pytest.raises(SettingsError, match="shorter"):
        enrolment.pin(settings)
