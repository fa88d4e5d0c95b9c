"""A pass on paper is asked for once and printed once, whatever the printer and the power do."""

import queue
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from controller import deciding, printing, reception, scanning
from controller.core import Refusal
from controller.printroom import Printed, PrintRoom, Standing
from controller.web.language import COOKIE
from models import store
from models.messages import Directory, PrintPass, PrintTest, Request, decode
from models.settings import DeskPrinter
from models.terms import DeskDecision, Direction, Language, PrintState, Purpose
from models.words import say
from tests.desk_office import arrived, clerk_of
from tests.integration.conftest import NOW, fresh_key
from tests.integration.test_slips import FONTS
from tests.parts import PATIENCE, free_ports
from tests.printer import PAPER_OUT, READY, paper_printer
from tests.qr import codes


@pytest.fixture
def printer(patient):
    with paper_printer() as there:
        yield there


@pytest.fixture
def office(core, printer):
    """A core whose desk has that printer, with a print room that is stepped by hand."""
    office = Office(with_printer(core, **printer.settings))
    yield office
    office.room.stop()


def with_printer(core, **said):
    printer = DeskPrinter.model_validate(said)
    return replace(core, settings=core.settings.model_copy(update={"printer": printer}))


class Office:
    """The worker's part: hands out what is due, and takes note of what became of it."""

    def __init__(self, core, now: datetime = NOW) -> None:
        self.core = core
        self.news: queue.SimpleQueue = queue.SimpleQueue()
        self.room = PrintRoom(self.news.put)
        self.now = now

    def open(self) -> "Office":
        self.room.start(printing.printers_of(self.core.settings), FONTS)
        for _ in printing.printers_of(self.core.settings):
            self.hear(Standing)
        return self

    def advance(self) -> None:
        printing.advance(self.core, self.room, self.now)

    def hear(self, kind=Printed):
        """Wait for the next word of the print room, and note it."""
        told = self.news.get(timeout=PATIENCE)
        assert isinstance(told, kind)
        printing.told(self.core, told, self.now)
        return told

    def print_all(self, jobs: int = 1) -> None:
        for _ in range(jobs):
            self.advance()
            self.hear()

    def a_pass(self, name: str = "王小明", **more):
        visit = arrived(self.core, name, Purpose.BUSINESS, host=3, **more)
        if not store.passes_of_visit(visit.id):
            deciding.decide(self.core, visit.id, DeskDecision.ADMIT, "王美玲", self.now)
        return store.passes_of_visit(visit.id)[0]

    def ask(self, held, key: str | None = None):
        return printing.ask(self.core, held.id, key or fresh_key(), "王美玲", self.now)

    def job(self, job):
        found = store.print_job(job.id)
        assert found is not None
        return found


def test_what_is_printed_is_the_pass_with_both_halves(office, printer):
    held = office.open().a_pass()
    job = office.ask(held)
    office.print_all()
    printer.wait_for(1)
    assert codes(printer.slips[0]) == [held.original, held.duplicate]
    assert (office.job(job).state, office.job(job).tries) == (PrintState.PRINTED, 1)


def test_the_same_request_and_a_second_tap_print_one_slip(office, printer):
    held = office.open().a_pass()
    key = fresh_key()
    first = office.ask(held, key)
    assert office.ask(held, key).id == first.id
    assert office.ask(held).id == first.id
    office.print_all()
    assert office.ask(held, key).state is PrintState.PRINTED
    office.advance()
    printer.wait_for(1)
    assert len(printer.slips) == 1


def test_without_paper_the_job_fails_in_words_and_can_be_printed_again(office, printer):
    held = office.open().a_pass()
    printer.paper = PAPER_OUT
    job = office.ask(held)
    office.print_all()
    assert [(j.state, j.code) for j in store.print_troubles()] == [(PrintState.FAILED, "paper_out")]
    assert [(p.name, p.code) for p in store.printers()] == [("desk", "paper_out")]

    printer.paper = READY
    printing.again(office.core, job.id, "王美玲", office.now)
    office.print_all()
    printer.wait_for(1)
    assert (office.job(job).state, office.job(job).tries) == (PrintState.PRINTED, 2)
    assert store.print_troubles() == []
    assert [p.code for p in store.printers()] == [""]


def test_a_job_cut_off_by_a_crash_is_never_printed_again_by_itself(office, printer):
    job = office.open().ask(office.a_pass())
    printer.gate.clear()
    office.advance()
    assert office.job(job).state is PrintState.PRINTING

    after_the_crash = Office(office.core)  # the database is what is left
    printing.recover(office.core, NOW)
    after_the_crash.advance()
    assert (office.job(job).state, office.job(job).code) == (PrintState.UNKNOWN, "restarted")

    # What the dead process would have said is no longer heard over the human's decision.
    printing.dismiss(office.core, job.id, "王美玲", NOW)
    printer.gate.set()
    office.hear()
    assert office.job(job).state is PrintState.DISMISSED


def test_a_queued_job_survives_a_crash(office, printer):
    job = office.ask(office.a_pass())
    printing.recover(office.core, NOW)
    office.open().print_all()
    assert office.job(job).state is PrintState.PRINTED


def test_a_slow_printer_gets_one_slip_at_a_time(office, printer):
    office.open()
    jobs = [office.ask(office.a_pass(name)) for name in ("王小明", "李小龍")]
    printer.gate.clear()
    office.advance()
    office.advance()
    assert [office.job(job).state for job in jobs] == [PrintState.PRINTING, PrintState.QUEUED]
    printer.gate.set()
    office.hear()
    office.print_all()
    printer.wait_for(2)
    assert [office.job(job).state for job in jobs] == [PrintState.PRINTED, PrintState.PRINTED]


def test_what_nobody_waits_for_any_more_is_not_printed(office, printer):
    office.open()
    late, over = office.ask(office.a_pass()), office.a_pass("李小龍")
    gone = office.ask(over)
    for direction in (Direction.IN, Direction.OUT):
        scanning.scan(office.core, fresh_key(), over.number, direction, "王美玲", NOW)
    office.now = NOW + timedelta(minutes=11)
    office.advance()
    assert office.job(late).code == "too_late"
    assert office.job(gone).code == "pass_over"
    assert printer.slips == []
    with pytest.raises(Refusal, match="pass_over"):
        printing.again(office.core, gone.id, "王美玲", NOW)


def test_a_job_is_decided_once(office, printer):
    printer.paper = PAPER_OUT
    job = office.open().ask(office.a_pass())
    office.print_all()
    printing.dismiss(office.core, job.id, "王美玲", NOW)
    for decide in (printing.dismiss, printing.again):
        with pytest.raises(Refusal, match="already_resolved"):
            decide(office.core, job.id, "王美玲", NOW)


def test_every_new_pass_is_printed_by_itself_where_the_office_wants_it(office, printer):
    office.core = with_printer(office.core, **printer.settings, auto=True)
    held = office.open().a_pass()
    row = store.pass_by_id(held.id)
    office.now = row.issued_at
    office.print_all()
    office.advance()
    printer.wait_for(1)
    assert codes(printer.slips[0])[0] == held.original
    assert len(printer.slips) == 1


def test_without_a_printer_nothing_is_queued(core):
    held = Office(core).a_pass()
    with pytest.raises(Refusal, match="no_printer"):
        printing.ask(core, held.id, fresh_key(), "王美玲", NOW)


# --- the kiosk ---------------------------------------------------------------------------------


@pytest.fixture
def at_kiosk(core, printer):
    """The kiosk k1 has the printer, the desk none."""
    office = Office(with_printer(core, kiosks={"k1": printer.settings | {"width": 384}}))
    yield office
    office.room.stop()


def of_kiosk(office, body, key=None, kiosk="k1"):
    request = Request(device=kiosk, key=key or fresh_key(), body=body)
    return reception.answer(office.core, request, office.now)


def last_told(visit_key):
    """How the kiosk was told last that a visit stands."""
    updates = [
        decode(row.message.topic, row.message.payload, "test")
        for row in store.unsent(1000)
        if "/visit/" in row.message.topic
    ]
    return next(u.visit for u in reversed(updates) if u.visit.visit == visit_key)


def test_a_kiosk_is_told_whether_it_has_a_printer(at_kiosk):
    assert of_kiosk(at_kiosk, Directory()).body.prints
    assert not of_kiosk(at_kiosk, Directory(), kiosk="k2").body.prints


def test_a_visitor_prints_at_the_kiosk_once_and_sees_how_it_goes(at_kiosk, printer):
    visit = store.visit(at_kiosk.open().a_pass().visit_id)
    body, key = PrintPass(visit=visit.key), fresh_key()
    assert of_kiosk(at_kiosk, body, key).body.print_state is PrintState.QUEUED
    assert of_kiosk(at_kiosk, body, key).ok
    at_kiosk.advance()
    assert last_told(visit.key).print_state is PrintState.PRINTING
    at_kiosk.hear()
    assert last_told(visit.key).print_state is PrintState.PRINTED
    assert of_kiosk(at_kiosk, body).body.print_state is PrintState.PRINTED
    at_kiosk.advance()
    printer.wait_for(1)
    assert [slip.width for slip in printer.slips] == [384]


def test_an_operator_prints_a_test_slip_and_hears_what_became_of_it(at_kiosk, printer):
    at_kiosk.open()
    asked = of_kiosk(at_kiosk, PrintTest()).body
    assert asked.state is PrintState.QUEUED
    at_kiosk.print_all()
    printer.wait_for(1)
    assert all(code.startswith("TEST:") for code in codes(printer.slips[0]))
    assert of_kiosk(at_kiosk, PrintTest(test=asked.test)).body.state is PrintState.PRINTED
    at_kiosk.advance()
    assert len(printer.slips) == 1


def test_a_test_slip_that_was_not_printed_is_said_at_the_kiosk_and_no_work_of_the_desk_s(
    at_kiosk, printer
):
    at_kiosk.open()
    printer.paper = PAPER_OUT
    asked = of_kiosk(at_kiosk, PrintTest()).body
    at_kiosk.print_all()
    told = of_kiosk(at_kiosk, PrintTest(test=asked.test)).body
    assert (told.state, told.code) == (PrintState.DISMISSED, "paper_out")
    assert store.print_troubles() == []


def test_no_test_slip_comes_from_a_kiosk_without_a_printer(at_kiosk):
    assert of_kiosk(at_kiosk, PrintTest(), kiosk="k2").code == "no_printer"


def test_a_visitor_is_told_that_there_is_no_paper_and_may_try_again(at_kiosk, printer):
    visit = store.visit(at_kiosk.open().a_pass().visit_id)
    printer.paper = PAPER_OUT
    body = PrintPass(visit=visit.key)
    of_kiosk(at_kiosk, body)
    at_kiosk.print_all()
    told = last_told(visit.key)
    assert (told.print_state, told.print_code) == (PrintState.FAILED, "paper_out")
    assert told.passes  # still on the screen

    printer.paper = READY
    assert of_kiosk(at_kiosk, body).body.print_state is PrintState.QUEUED
    at_kiosk.print_all()
    assert last_told(visit.key).print_state is PrintState.PRINTED


def test_a_party_gets_a_slip_each(at_kiosk, printer):
    visit = store.visit(at_kiosk.open().a_pass(party=3).visit_id)
    of_kiosk(at_kiosk, PrintPass(visit=visit.key))
    at_kiosk.print_all(3)
    printer.wait_for(3)
    expected = [row.original for row in store.passes_of_visit(visit.id)]
    assert sorted(codes(slip)[0] for slip in printer.slips) == sorted(expected)


def test_what_may_have_been_printed_is_the_desks_to_decide(at_kiosk):
    visit = store.visit(at_kiosk.a_pass().visit_id)
    of_kiosk(at_kiosk, PrintPass(visit=visit.key))
    store.move_print_job(1, PrintState.QUEUED, state=PrintState.PRINTING)
    printing.recover(at_kiosk.core, NOW)
    assert last_told(visit.key).print_state is PrintState.UNKNOWN
    assert of_kiosk(at_kiosk, PrintPass(visit=visit.key)).body.print_state is PrintState.UNKNOWN
    printing.again(at_kiosk.core, 1, "王美玲", NOW)
    assert last_told(visit.key).print_state is PrintState.QUEUED


@pytest.mark.parametrize("kiosk", ["k1", "k2"])
def test_nobody_prints_what_is_not_theirs(at_kiosk, kiosk):
    visit = arrived(at_kiosk.core, "王小明", Purpose.BUSINESS, host=3)
    answer = of_kiosk(at_kiosk, PrintPass(visit=visit.key), kiosk=kiosk)
    assert answer.code == ("pass_over" if kiosk == "k1" else "unknown_visit")
    assert store.print_job(1) is None


# --- the desk's page ---------------------------------------------------------------------------


@pytest.fixture
def unplugged(core):
    gone = with_printer(core, kind="network", host="127.0.0.1", port=free_ports(1)[0], patience=1)
    office = Office(gone, datetime.now(UTC))
    yield office
    office.room.stop()


def test_the_desk_prints_a_pass_sees_why_it_failed_and_decides(unplugged):
    held = unplugged.open().a_pass()
    clerk = clerk_of(unplugged.core)
    page = clerk.get("/passes").text
    assert f'id="print-{held.id}"' in page
    assert "連不上打印機" in page  # the printer's own state, before anybody prints

    body = {"id": fresh_key()}
    asked = clerk.post(f"/api/passes/{held.id}/print", json=body)
    assert asked.status_code == 201
    assert clerk.post(f"/api/passes/{held.id}/print", json=body).json()["id"] == asked.json()["id"]
    unplugged.print_all()

    [job] = clerk.get("/api/print-jobs").json()
    assert (job["state"], job["code"], job["number"]) == ("failed", "unreachable", held.number)
    shown = clerk.get("/desk/fragments/printing").text
    assert "未印出" in shown
    assert held.number in shown

    again = clerk.post(f"/api/print-jobs/{job['id']}/again", json={})
    assert again.json()["state"] == "queued"
    assert clerk.post(f"/api/print-jobs/{job['id']}/again", json={}).status_code == 409
    unplugged.print_all()
    assert clerk.post(f"/api/print-jobs/{job['id']}/dismiss", json={}).status_code == 200
    assert clerk.get("/api/print-jobs").json() == []
    assert clerk.post("/api/print-jobs/999/again", json={}).status_code == 404


def test_an_office_without_a_printer_sees_nothing_of_printing(core):
    held = Office(core, datetime.now(UTC)).a_pass()
    page = clerk_of(core).get("/passes").text
    assert f'id="print-{held.id}"' not in page
    assert "列印</h2>" not in page
    refused = clerk_of(core).post(f"/api/passes/{held.id}/print", json={"id": fresh_key()})
    assert refused.status_code == 409
    assert refused.json()["words"] == "這裡沒有設定打印機。"


@pytest.mark.parametrize("language", Language)
def test_every_reason_has_words_at_the_desk(unplugged, language):
    unplugged.open().ask(unplugged.a_pass())
    unplugged.print_all()
    clerk = clerk_of(unplugged.core)
    clerk.cookies.set(COOKIE, language)
    for code in ("paper_out", "restarted", "no_word", "fault", "too_late", "no_cups", "slow"):
        store.move_print_job(1, PrintState.FAILED, code=code)
        unplugged.core.committed("printing")
        assert say(language, f"desk.print_{code}") in clerk.get("/desk/fragments/printing").text
