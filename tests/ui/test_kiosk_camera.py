"""A code held before the kiosk's camera: read once, from real video, and treated as a scan."""

import queue
import time

import av
import pytest
from PIL import Image

from kiosk.camera import AWAY, Camera, Sight
from kiosk.terms import Screen
from models import invitations
from models.qr import matrix
from tests.parts import PATIENCE

INVITATION = invitations.text_of(bytes(16))
SIZE = (640, 480)


def held(text):
    """A picture of somebody who holds a code, somewhat turned, before the camera."""
    modules = matrix(text, "M")
    code = Image.new("L", (len(modules), len(modules)), 255)
    code.putdata([0 if dark else 255 for row in modules for dark in row])
    code = code.resize((260, 260), Image.Resampling.NEAREST).rotate(7, fillcolor=255, expand=True)
    picture = Image.new("L", SIZE, 230)
    picture.paste(code, (180, 90))
    return picture


@pytest.fixture
def film(tmp_path):
    """film(*pictures) is a video of them, each shown for a second."""

    def filming(*pictures):
        file = tmp_path / "camera.avi"
        draft = tmp_path / "draft.avi"
        with av.open(str(draft), "w") as video:
            stream = video.add_stream("mjpeg", rate=10)
            stream.width, stream.height = SIZE
            stream.pix_fmt = "yuvj420p"
            for picture in pictures:
                frame = av.VideoFrame.from_image(picture.convert("RGB"))
                for _ in range(10):
                    video.mux(stream.encode(frame))
            video.mux(stream.encode())
        return draft.rename(file)

    return filming


@pytest.fixture
def looking(monkeypatch):
    """looking(source) is what a camera finds there. A film is faster than life: each of its
    pictures is looked at, and no code is away for long, however this machine stalls."""
    monkeypatch.setattr("kiosk.camera._LOOKS", 0)
    monkeypatch.setattr("kiosk.camera.AWAY", float("inf"))
    monkeypatch.setattr("kiosk.camera._AGAIN", 0.05)
    cameras = []

    def start(source, found=None):
        heard = queue.SimpleQueue()
        cameras.append(Camera(str(source), found or heard.put))
        cameras[-1].start()
        return heard

    yield start
    for camera in cameras:
        camera.stop()


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_a_code_is_read_once_while_it_is_held(film, looking):
    first, second = INVITATION, invitations.text_of(bytes(15) + b"1")
    heard = looking(film(held(first), Image.new("L", SIZE, 90), held(second)))
    assert [heard.get(timeout=PATIENCE), heard.get(timeout=PATIENCE)] == [first, second]


def test_a_code_is_news_again_once_it_was_away():
    sight = Sight()
    assert sight.news("A", 10)
    assert not sight.news("A", 12)
    assert not sight.news("A", 14), "it was held all the time"
    assert sight.news("B", 14.1)
    assert sight.news("A", 14.2)
    assert sight.news("A", 14.3 + AWAY)


def test_a_camera_that_is_not_there_is_said_once_and_used_when_it_comes(
    tmp_path, film, looking, caplog
):
    heard = looking(tmp_path / "camera.avi")
    until(lambda: "cannot be used" in caplog.text)
    with pytest.raises(queue.Empty):
        heard.get(timeout=0.5)
    film(held(INVITATION))
    assert heard.get(timeout=PATIENCE) == INVITATION
    said = [r.getMessage() for r in caplog.records if "cannot be used" in r.getMessage()]
    assert len(said) == 1


def test_a_damaged_picture_is_passed_over(film, looking):
    file = film(Image.new("L", SIZE, 90), held(INVITATION))
    pictures = file.read_bytes().split(b"00dc")
    pictures[3] = pictures[3][:4] + b"U" * len(pictures[3][4:])
    file.write_bytes(b"00dc".join(pictures))
    assert looking(file).get(timeout=PATIENCE) == INVITATION


def test_a_camera_that_sends_no_film_is_tried_again(tmp_path, film, looking, caplog):
    (tmp_path / "camera.avi").write_bytes(b"this is no film, whatever its name says" * 100)
    with caplog.at_level("WARNING"):
        heard = looking(tmp_path / "camera.avi")
        until(lambda: "cannot be used" in caplog.text)
    film(held(INVITATION))
    assert heard.get(timeout=PATIENCE) == INVITATION


def test_a_camera_looks_only_while_it_sends_pictures(film, monkeypatch):
    monkeypatch.setattr("kiosk.camera._AGAIN", 10_000)
    seen = queue.SimpleQueue()
    camera = Camera(str(film(held(INVITATION))), lambda _text: seen.put(camera.state))
    camera.start()
    try:
        assert seen.get(timeout=PATIENCE) == "looks"
        until(lambda: camera.state == "failed")
    finally:
        camera.stop()


def test_an_invitation_before_the_camera_is_asked_for_as_if_scanned(ui, kiosk, film, looking):
    app = kiosk()
    wire = app._wire
    looking(film(held(INVITATION)), app.hold)
    ui.until(lambda: app.flow.screen is Screen.CODE)
    ui.until(lambda: any(r.body.kind == "find_appointment" for r in wire.requests))
    asked = next(r.body for r in wire.requests if r.body.kind == "find_appointment")
    assert asked.invitation == INVITATION


def test_a_code_of_somebody_elses_is_refused_in_words_and_opened_by_nobody(
    ui, kiosk, film, looking
):
    app = kiosk()
    wire = app._wire
    looking(film(held("https://evil.example/x")), app.hold)
    ui.until(lambda: app.flow.notice == "scan_unknown")
    assert app.flow.screen is Screen.WELCOME
    assert [r.body.kind for r in wire.requests if r.body.kind != "directory"] == []
