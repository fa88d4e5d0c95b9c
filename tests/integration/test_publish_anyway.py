"""What asks for a second look on the desk's page is said there, and can be published anyway."""

from playwright.sync_api import expect

from tests.desk_office import CREDENTIALS, served
from tests.e2e.browser import chromium


def test_a_person_in_two_places_is_said_and_published_only_knowingly(core):
    with served(core) as address, chromium() as browser:
        context = browser.new_context(base_url=address)
        assert context.request.post("/api/session", data=CREDENTIALS).ok
        content = {"department": "工程部", "name": "李志強", "state": "in"}
        context.request.post("/api/board/whereabouts", data={"content": content})
        page = context.new_page()
        page.goto("/board")
        page.fill("#publish fieldset[data-section=whereabouts] [name=name]", "李志強")
        page.click("#publish button.primary")
        said = page.locator("#publish .said.bad")
        expect(said).to_contain_text("同一時間不能在兩處")
        rows = page.locator("tr[data-notice]", has_text="李志強")
        expect(rows).to_have_count(1)
        said.get_by_role("button", name="仍要發布").click()
        expect(rows).to_have_count(2)
        context.close()


def test_taking_the_screens_over_takes_two_taps_and_so_does_giving_them_back(core):
    with served(core) as address, chromium() as browser:
        context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
        assert context.request.post("/api/session", data=CREDENTIALS).ok
        page = context.new_page()
        page.goto("/board")
        take, now = page.locator("#take-over"), page.locator("[data-emergency]")
        take.click()
        expect(take).to_have_text("確定？立即取代全部畫面")
        expect(now).to_have_count(0)
        take.click()
        expect(now).to_contain_text("火警")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        now.get_by_role("button").click()
        now.get_by_role("button").click()
        expect(now).to_have_count(0)
        context.close()
