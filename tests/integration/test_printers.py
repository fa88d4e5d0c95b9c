"""What a printer does with a slip, and what the office is told when it does not."""

import os
import re
import socket

import pytest
from PIL import Image

from controller import printers, slips
from controller.printers import PrinterProblem
from models.settings import Printer
from tests.integration.test_slips import FONTS, slip
from tests.parts import free_ports
from tests.printer import COVER_OPEN, OFFLINE, PAPER_OUT, developed, paper_printer
from tests.qr import codes


@pytest.fixture
def there(patient):
    with paper_printer() as printer:
        yield printer


def put(picture: Image.Image, **said: object) -> None:
    printers.put(Printer.model_validate(said), picture, "A-0137")


def refused(picture: Image.Image, **said: object) -> PrinterProblem:
    with pytest.raises(PrinterProblem) as problem:
        put(picture, **said)
    return problem.value


@pytest.mark.parametrize("width", [576, 384])
def test_what_a_network_printer_gets_is_the_slip_dot_by_dot(there, width):
    printed = slip()
    picture = slips.draw(printed, width, FONTS)
    put(picture, **there.settings)
    there.wait_for(1)
    assert there.slips[0].tobytes() == picture.tobytes()
    assert codes(there.slips[0]) == [printed.original, printed.duplicate]
    assert there.jobs[0].rstrip(b"\n").endswith(b"\x1dV\x00")  # and is cut


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"paper": PAPER_OUT}, "paper_out"),
        ({"cause": COVER_OPEN}, "cover_open"),
        ({"online": OFFLINE}, "offline"),
    ],
)
def test_a_printer_that_says_what_is_wrong_gets_nothing(there, picture, state, code):
    for name, value in state.items():
        setattr(there, name, value)
    problem = refused(picture, **there.settings)
    assert (problem.code, problem.sent) == (code, False)
    assert printers.standing(Printer.model_validate(there.settings)) == code
    assert there.slips == []


def test_a_printer_that_is_unplugged_is_unreachable(picture):
    problem = refused(picture, kind="network", host="127.0.0.1", port=free_ports(1)[0])
    assert (problem.code, problem.sent) == ("unreachable", False)


def test_a_printer_that_cannot_be_asked_is_trusted(there, picture):
    there.mute = True
    put(picture, **there.settings | {"patience": 0.3})
    there.wait_for(1)
    assert printers.standing(Printer.model_validate(there.settings | {"patience": 0.3})) == ""


def test_a_connection_that_breaks_in_the_middle_may_have_printed(there, picture):
    there.stops_after = 1
    problem = refused(picture, **there.settings)
    assert problem.sent
    assert problem.code in {"cut_off", "unreachable", "no_word"}


def test_paper_that_ends_in_the_middle_may_have_printed(there, picture):
    there.ends_in_the_middle = True
    problem = refused(picture, **there.settings | {"patience": 3})
    assert (problem.code, problem.sent) == ("paper_out", True)


def test_a_printer_that_takes_nothing_is_not_waited_for_for_ever(picture):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        tall = Image.new("1", (576, 200_000), 1)
        problem = refused(
            tall, kind="network", host="127.0.0.1", port=silent.getsockname()[1], patience=0.4
        )
    assert (problem.code, problem.sent) == ("slow", True)


def test_a_device_file_gets_the_same_bytes(tmp_path, picture):
    device = tmp_path / "lp0"
    put(picture, kind="file", device=str(device))
    came_out = developed(device.read_bytes())
    assert came_out is not None
    assert came_out.tobytes() == picture.tobytes()


def test_a_device_file_that_takes_nothing_is_not_waited_for_for_ever(tmp_path, picture):
    device = tmp_path / "lp0"
    os.mkfifo(device)
    reader = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    problem = refused(picture, kind="file", device=str(device), patience=0.3)
    os.close(reader)
    assert (problem.code, problem.sent) == ("slow", True)


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "file", "device": "/nowhere/lp0"},
        {"kind": "serial", "device": "/dev/nowhere"},
        {"kind": "usb", "device": "ffff:ffff"},
    ],
)
def test_a_cable_that_is_not_there_is_told_in_words(picture, said):
    code = refused(picture, **said).code
    # Debian has libusb only where something needs it.
    assert code in ({"unreachable", "no_libusb"} if said["kind"] == "usb" else {"unreachable"})
    assert printers.standing(Printer.model_validate(said)) == code


# --- CUPS --------------------------------------------------------------------------------------


@pytest.fixture
def lp(tmp_path, monkeypatch):
    """lp(script): the machine's `lp` from now on, in a folder where it leaves what it got."""

    def installed(script: str) -> object:
        program = tmp_path / "lp"
        program.write_text(f'#!/bin/sh\ncd "{tmp_path}"\n{script}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return tmp_path

    return installed


def test_cups_gets_a_page_of_the_slips_own_size(lp, picture):
    folder = lp('echo "$@" > said; cat > page.pdf')
    put(picture, kind="cups", queue="slips")
    said = (folder / "said").read_text()
    assert said.startswith("-d slips -t A-0137 ")
    page = (folder / "page.pdf").read_bytes()
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", page)
    assert box is not None
    wide, tall = (float(edge) * 203 / 72 for edge in box.groups())
    assert (round(wide), round(tall)) == picture.size
    assert page.count(b"/Subtype /Image") == 1


def test_a_queue_that_refuses_is_told_in_words(lp, picture):
    lp('echo "lp: Error - The printer or class does not exist." >&2; exit 1')
    problem = refused(picture, kind="cups", queue="slips")
    assert (problem.code, problem.sent) == ("queue_refused", False)


def test_a_queue_that_never_answers_may_have_taken_it(lp, picture):
    lp("exec sleep 30")
    problem = refused(picture, kind="cups", queue="slips", patience=0.3)
    assert (problem.code, problem.sent) == ("slow", True)


def test_a_machine_without_cups_says_so(picture, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(picture, kind="cups", queue="slips").code == "no_cups"


@pytest.fixture(scope="module")
def picture():
    return slips.draw(slip(), 576, FONTS)
