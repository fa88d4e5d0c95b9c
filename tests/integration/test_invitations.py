"""An invitation: made at the desk, read from its pixels, used once at the kiosk."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from controller import appointments
from controller.core import Refusal
from models import invitations, store, tables
from models.messages import FindAppointment, Register
from models.qr import matrix
from models.terms import VisitState
from tests.desk_office import CREDENTIALS, clerk_of, page_of, served
from tests.e2e.browser import chromium
from tests.integration.conftest import NOW, fresh_key
from tests.integration.test_appointments import series
from tests.integration.test_reception import appointment
from tests.parts import ROOT
from tests.qr import codes

DAY = timedelta(days=1)
UNKNOWN = invitations.text_of(bytes(16))


def scans(core, text):
    body = {"id": fresh_key(), "text": text}
    return clerk_of(core).post("/api/scans", json=body).json()


def today(core, **changes):
    now = datetime.now(UTC)
    midnight, _ = core.day_of(now)
    # Long enough to last over the end of the day that it may be just now.
    span = {"starts": midnight, "ends": now + DAY, "now": now}
    return appointment(core, **(span | changes))


def test_an_invitation_finds_the_appointment_and_registers_as_its_code_does(ask, core):
    row = appointment(core)
    assert ask(FindAppointment(invitation=row.invitation)).body.name == "劉○任"
    view = ask(Register(invitation=row.invitation)).body
    assert (view.state, view.name, view.destination) == (
        VisitState.ADMITTED,
        "劉主任",
        "三樓第一會議室",
    )


def test_an_invitation_says_nothing_about_anybody_and_no_two_are_alike(core):
    rows = [appointment(core), appointment(core, room_id=2, phone_last4="7777")]
    assert len({row.invitation for row in rows}) == 2
    for row in rows:
        assert invitations.is_one(row.invitation)
        for secret in (row.name, row.code, row.phone_last4):
            assert secret not in row.invitation.removeprefix(invitations.PREFIX)


def test_a_series_shares_one_invitation_and_each_of_its_days_is_used_once(ask, core):
    rows = series(core)
    [shared] = {row.invitation for row in rows}
    assert ask(Register(invitation=shared)).body.name == "鄭師傅"
    assert ask(Register(invitation=shared)).code == "invitation_used"
    assert ask(FindAppointment(invitation=shared), now=NOW + DAY).code == "invitation_early"
    assert ask(Register(invitation=shared), now=NOW + 2 * DAY).ok
    assert ask(Register(invitation=shared), now=NOW + 99 * DAY).code == "invitation_expired"


def test_a_repeat_of_the_registration_is_answered_the_same(ask, core):
    key, body = fresh_key(), Register(invitation=appointment(core).invitation)
    assert ask(body, key) == ask(body, key)
    assert tables.Visit.select().count() == 1


def test_guessing_invitations_is_stopped_like_guessing_codes(ask, caplog):
    codes = [ask(FindAppointment(invitation=UNKNOWN)).code for _ in range(6)]
    assert codes == ["unknown_code"] * 5 + ["too_many_tries"]
    assert "kiosk k1 asked for a code that nobody has today" in caplog.text


def test_an_appointment_from_before_there_were_invitations_gets_one_when_it_is_asked_for(core):
    row = appointment(core)
    tables.Appointment.update(invitation="").execute()
    made = appointments.invitation_of(row.id)
    assert invitations.is_one(made.invitation)
    assert appointments.invitation_of(row.id) == made
    with pytest.raises(Refusal, match="unknown_code"):
        appointments.invited(core, row.invitation, NOW)


def test_a_forgotten_guest_leaves_no_invitation_behind(core):
    appointment(core)
    with store.transaction():
        store.forget(NOW + 40 * DAY)
    assert [row.invitation for row in tables.Appointment.select()] == [""]


def test_the_pictures_to_download_hold_the_invitation(core):
    row = appointment(core)
    clerk = clerk_of(core)
    png = clerk.get(f"/api/appointments/{row.id}/invitation.png")
    assert png.headers["content-type"] == "image/png"
    assert codes(Image.open(io.BytesIO(png.content))) == [row.invitation]
    svg = clerk.get(f"/api/appointments/{row.id}/invitation.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.text.count("h1v1h-1z") == sum(map(sum, matrix(row.invitation, "M")))


def test_strangers_get_no_invitation_and_unknown_ones_are_not_found(core):
    row = appointment(core)
    path = f"/api/appointments/{row.id}/invitation.png"
    assert page_of(core).get(path).status_code == 401
    page = page_of(core).get(f"/appointments/{row.id}/invitation", follow_redirects=False)
    assert page.headers["location"] == "/signin"
    assert clerk_of(core).get("/api/appointments/77/invitation.png").status_code == 404


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh-Hant", "誠邀您到訪"), ("zh-Hans", "诚邀您到访"), ("en", "you are invited")],
)
def test_the_page_tells_the_guest_everything_in_the_guests_language(core, language, said):
    row = appointment(core)
    page = clerk_of(core).get(f"/appointments/{row.id}/invitation?to={language}").text
    for fact in (said, "2026-11-23", "09:40–10:40", row.code, "劉主任", "總經理辦公室"):
        assert fact in page


def test_a_long_series_names_its_first_days_and_counts_the_rest(core, morning):
    now = datetime.now(UTC)
    rows = series(
        core,
        weekdays=range(7),
        until=core.local(now).date() + 9 * DAY,
        starts=now + timedelta(minutes=1),
        ends=now + timedelta(hours=2),
    )
    page = clerk_of(core).get(f"/appointments/{rows[0].id}/invitation?to=en").text
    assert "… 10 times in all" in page


def test_the_desks_scanner_shows_whose_invitation_it_is(core):
    row = today(core)
    shown = scans(core, row.invitation)
    assert (shown["tone"], shown["name"], shown["number"]) == ("good", "劉主任", row.code)
    assert "總經理辦公室" in shown["words"]
    assert tables.Scan.select().count() == 0


def test_the_desks_scanner_says_what_is_wrong_with_an_invitation(core):
    old = appointment(core, starts=NOW - DAY, ends=NOW - DAY / 2, now=NOW - 2 * DAY)
    tables.Appointment.update(starts=NOW - 99 * DAY, ends=NOW - 98 * DAY).execute()
    assert scans(core, old.invitation)["code"] == "invitation_expired"
    assert scans(core, UNKNOWN)["words"] == "沒有這份邀請。"
    # Not an invitation at all: judged as a pass, as ever.
    assert scans(core, UNKNOWN + "A")["code"] == "not_a_pass"


def test_a_clerk_sends_an_invitation_from_the_form_and_its_code_is_read_off_the_screen(core):
    with served(core) as address, chromium() as browser:
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 1000})
        assert context.request.post("/api/session", data=CREDENTIALS).ok
        page = context.new_page()
        page.goto("/visits")
        page.locator("form[data-form=appointment] [name=name]").fill("同行參觀團代表歐陽先生")
        page.locator("form[data-form=appointment] [name=starts]").fill("2098-01-01 09:00")
        page.locator("form[data-form=appointment] button.primary").click()
        page.locator(".said a").click()
        expect(page.get_by_role("heading")).to_contain_text("訪客邀請")
        page.get_by_role("button", name="複製文字").click()
        expect(page.get_by_role("button", name="已複製")).to_be_visible()
        picture = page.screenshot(path=ROOT / "out" / "ui" / "desk-invitation.png", full_page=True)
        assert codes(Image.open(io.BytesIO(picture))) == [store.appointment(1).invitation]
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=ROOT / "out" / "ui" / "desk-invitation-phone.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.emulate_media(media="print")
        assert not page.get_by_role("button").first.is_visible()
        expect(page.locator("article img")).to_be_visible()
