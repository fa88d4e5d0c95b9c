"""Every screen of the kiosk as it is drawn: pictures for the eye, and what can be computed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from kiosk.terms import (
    Aids,
    Answered,
    Awaited,
    Button,
    Called,
    Edit,
    Knocked,
    Looked,
    Party,
    PickDepartment,
    PickHost,
    PickProcedure,
    PickPurpose,
    PinChecked,
    Reached,
    Scanned,
    Screen,
    Tap,
    Tick,
    Touched,
    Typed,
    Updated,
)
from models.messages import (
    Answer,
    AppointmentView,
    CalledNumber,
    Calls,
    Department,
    DirectoryView,
    Expected,
    ExpectedVisit,
    Host,
    PassCard,
    TicketView,
)
from models.procedures import leaves
from models.terms import (
    Language,
    PersonState,
    PrintState,
    Procedure,
    Purpose,
    TicketState,
    VisitState,
)
from models.words import catalogue
from tests.kiosk_story import CARD, LI, PROCEDURES, TOKEN, view
from tests.qr import codes

B = Button
SIZES = [(1080, 1920), (1366, 768)]
OTHER_SIZES = [(506, 900), (1920, 1080)]
LATER = datetime.now(UTC) + timedelta(days=1)
LONG = "歐陽" * 30
LONG_LATIN = "Maximiliane Wilhelmine Donaudampfschifffahrtsgesellschaft Ho"
CROWD = tuple(
    Department(
        name=f"{LONG[:50]}{n}",
        hosts=tuple(Host(id=100 * n + h + 1, name=LONG_LATIN) for h in range(30)),
    )
    for n in range(40)
)


# --- ways to each screen -----------------------------------------------------------------------


def form(app, name="王小明", organisation="恒信會計師事務所"):
    app.apply(Tap(B.REGISTER))
    app.apply(PickPurpose(Purpose.BUSINESS))
    app.apply(Typed(name))
    app.apply(Tap(B.NEXT))
    app.apply(Typed(organisation))


def department(app, **words):
    form(app, **words)
    app.apply(Tap(B.NEXT))


def host(app, **words):
    department(app, **words)
    app.apply(PickDepartment(app.flow.departments[0].name))


def party(app, **words):
    host(app, **words)
    app.apply(PickHost(app.flow.departments[0].hosts[0]))


def check(app, **words):
    party(app, **words)
    app.apply(Tap(B.NEXT))


def waiting(app, words=None, **told):
    check(app, **(words or {}))
    app.apply(Tap(B.SUBMIT))
    app.apply(Updated(view(app.flow.visit_key, **told)))


def outcome(app, code, state=VisitState.REFUSED):
    waiting(app)
    app.apply(Updated(view(app.flow.visit_key, 2, state=state, code=code)))


def admitted(app, card=CARD, **told):
    waiting(app)
    fields = {"state": VisitState.ADMITTED, "passes": (card,)} | told
    app.apply(Updated(view(app.flow.visit_key, 2, **fields)))


def printable(app, **told):
    """A pass on a kiosk that has a printer."""
    directory = DirectoryView(departments=app.flow.departments, prints=True)
    app._wire.says["directory"] = lambda _r: {"body": directory}
    app.apply(Answered(Answer(device="k1", key="f" * 32, ok=True, body=directory)))
    admitted(app, **told)


def print_refused(app):
    printable(app)
    app.apply(Reached(up=False))
    app.apply(Tap(B.PRINT))


def name(app):
    form(app)
    app.apply(Tap(B.BACK))


def wrong_name(app):
    name(app)
    app.apply(Typed("7" * 61))
    app.apply(Tap(B.NEXT))


def phone(app):
    check(app)
    app.apply(Edit(Screen.PHONE))
    app.apply(Typed("+86138"))


def code(app, digits="013"):
    app.apply(Tap(B.APPOINTMENT))
    app.apply(Typed(digits))


def unknown_code(app):
    code(app, "0137")
    app.apply(Tap(B.NEXT))
    key = app.flow.keys["find_appointment"]
    app.apply(Answered(Answer(device="k1", key=key, ok=False, code="unknown_code")))


def appointment(app, starts=CARD.valid_until):
    code(app, "0137")
    app.apply(Tap(B.NEXT))
    found = AppointmentView(name="王○明", starts=starts, host="工程部 李志強", party=3)
    key = app.flow.keys["find_appointment"]
    app.apply(Answered(Answer(device="k1", key=key, ok=True, body=found)))


def leave(app):
    app.apply(Tap(B.LEAVE))
    app.apply(Typed("A-0137"))


def saved(app):
    app.apply(Reached(up=False))
    check(app)
    app.apply(Tap(B.SUBMIT))


def cancelling(app):
    waiting(app)
    app.apply(Tap(B.CANCEL))


def idle(app):
    name(app)
    app.apply(Tick(app.flow.now + 46))


def calling(app):
    waiting(app)
    app.apply(Tap(B.CALL_DESK))


def procedure(app):
    app.apply(Tap(B.REGISTER))
    app.apply(PickPurpose(Purpose.PROCEDURE))


def paper(chosen, page):
    def way(app):
        procedure(app)
        app.apply(PickProcedure(chosen))
        for _ in range(page):
            app.apply(Tap(B.NEXT))

    return way


def number(app, ahead=2):
    paper(Procedure.FEES, 1)(app)
    key = app.flow.keys["take_number"]
    ticket = TicketView(
        ticket=key,
        number="R-012",
        procedure=Procedure.FEES,
        state=TicketState.WAITING,
        ahead=ahead,
    )
    app.apply(Answered(Answer(device="k1", key=key, ok=True, body=ticket)))


def called(app, counter="二號櫃檯"):
    item = {"counter": counter, "at": CARD.valid_until, "until": LATER}
    items = (CalledNumber(number="R-012", **item), CalledNumber(number="R-011", **item))
    rev = app.flow.calls.rev + 1 if app.flow.calls else 1
    app.apply(Called(Calls(group="main", epoch=1, rev=rev, items=items)))


def awaited(app, count=5, body="市政協參觀團", **changes):
    """Visits that are expected today: one of a body, the others of people."""
    now = datetime.now(app.state._zone)
    visits = tuple(
        ExpectedVisit(
            starts=now.replace(hour=9 + n, minute=30),
            until=now.replace(hour=23, minute=59, second=59),
            body=body if n == 0 else "",
            headcount=12 if n == 0 else 1,
        )
        for n in range(count)
    )
    rev = app.flow.expected.rev + 1 if app.flow.expected else 1
    told = {"day": now.date(), "published_at": now.replace(hour=9, minute=0), "items": visits}
    app.apply(Awaited(Expected(group="main", epoch=1, rev=rev, **(told | changes))))


def number_called(app, counter="二號櫃檯"):
    number(app)
    called(app, counter)


def permit(app, code="48"):
    app.apply(Tap(B.REGISTER))
    app.apply(PickPurpose(Purpose.WORKS))
    app.apply(Typed(code))


def worker(app, digits="123X"):
    permit(app, "4821")
    app.apply(Tap(B.NEXT))
    app.apply(Typed(digits))


def wrong_permit(app):
    worker(app)
    app.apply(Tap(B.NEXT))
    key = app.flow.keys["register"]
    app.apply(Answered(Answer(device="k1", key=key, ok=False, code="unknown_permit")))


def worker_told(app, **told):
    worker(app)
    app.apply(Tap(B.NEXT))
    fields = {"host": "", "name": "陳大文", "destination": "3 座 12A"} | told
    app.apply(Updated(view(app.flow.visit_key, **fields)))


PAPERS = {
    f"papers-{chosen}-{page + 1}": paper(chosen, page)
    for chosen in Procedure
    for page in range(len(leaves(PROCEDURES, chosen)))
}


def pin(app):
    app.apply(Knocked())
    app.apply(Typed("48213"))


def operator(app, **known):
    pin(app)
    app.apply(PinChecked(good=True))
    app.apply(Looked(broker=True, controller=False, answered=12.3, camera="failed"))
    app.apply(Scanned("VI1:abc"))
    app.flow = replace(app.flow, operator=replace(app.flow.operator, **known))
    app.apply(Touched())


def wrong_pins(app):
    pin(app)
    for _ in range(3):
        app.apply(PinChecked(good=False))


def names(app):
    party(app)
    app.apply(Party(5))
    app.apply(Tap(B.NEXT))
    app.apply(Typed("何小姐"))


def admitted_party(app, **told):
    cards = tuple(
        PassCard(
            number=f"A-{137 + index:04d}",
            place=index + 1,
            holder=told.get("name", "何○姐") if index == 1 else "",
            token=TOKEN,
            valid_until=CARD.valid_until,
        )
        for index in range(6)
    )
    admitted(app, passes=cards, party=6, **told)
    app.apply(Tap(B.NEXT))


WAYS: dict[str, Callable] = {
    "welcome": lambda _app: None,
    "welcome-called": called,
    "welcome-expected": awaited,
    "welcome-expected-called": lambda app: (awaited(app), called(app)),
    "welcome-expected-none": lambda app: awaited(app, 0),
    "welcome-expected-offline": lambda app: (awaited(app), app.apply(Reached(up=False))),
    "procedure": procedure,
    **PAPERS,
    "permit": permit,
    "permit-wrong": wrong_permit,
    "worker": worker,
    "worker-wrong": lambda app: (worker(app, "X123"), app.apply(Tap(B.NEXT))),
    "worker-pass": lambda app: worker_told(app, state=VisitState.ADMITTED, passes=(CARD,)),
    "worker-to-desk": lambda app: worker_told(app, code="to_desk", wait_at="前台"),
    "worker-expired": lambda app: worker_told(app, code="permit_expired", wait_at="前台"),
    "pin": pin,
    "pin-shut": wrong_pins,
    "operator": operator,
    "operator-no-paper": lambda app: operator(app, problem="paper_out"),
    "operator-no-answer": lambda app: operator(app, problem="no_answer"),
    "touch": lambda app: (operator(app), app.apply(Tap(B.TOUCH))),
    "number": number,
    "number-called": number_called,
    "offline": lambda app: app.apply(Reached(up=False)),
    "purpose": lambda app: app.apply(Tap(B.REGISTER)),
    "name": name,
    "name-wrong": wrong_name,
    "organisation": form,
    "department": department,
    "host": host,
    "party": party,
    "names": names,
    "check": check,
    "phone": phone,
    "code": code,
    "code-unknown": unknown_code,
    "appointment": appointment,
    "waiting": waiting,
    "waiting-numbered": lambda app: waiting(app, number="V-0012"),
    "waiting-asked": lambda app: waiting(app, asked_to_wait=True),
    "waiting-desk": lambda app: waiting(app, code="to_desk", host="", wait_at=""),
    "waiting-saved": saved,
    "cancelling": cancelling,
    "calling": calling,
    "pass": admitted,
    "pass-print": printable,
    "pass-printing": lambda app: printable(app, print_state=PrintState.PRINTING),
    "pass-printed": lambda app: printable(app, print_state=PrintState.PRINTED),
    "pass-print-unknown": lambda app: printable(app, print_state=PrintState.UNKNOWN),
    "pass-no-paper": lambda app: printable(
        app, print_state=PrintState.FAILED, print_code="paper_out"
    ),
    "pass-print-failed": lambda app: printable(
        app, print_state=PrintState.FAILED, print_code="unreachable"
    ),
    "pass-print-refused": print_refused,
    "pass-party": admitted_party,
    "answer": lambda app: outcome(app, "leave_material"),
    "answer-unknown": lambda app: outcome(app, "a_code_of_tomorrow"),
    "answer-withdrawn": lambda app: outcome(app, "", VisitState.WITHDRAWN),
    "leave": leave,
    "idle": idle,
    "aids": lambda app: (name(app), app.apply(Tap(B.AIDS))),
    "aids-spoken": lambda app: (setattr(app.state, "speaks", True), app.apply(Tap(B.AIDS))),
}
ANSWERS = [
    *("no_confirmation", "desk_refused", "no_entry", "too_many_waiting", "waited_long"),
    *("already_returned", "revoked", "wrong_half", "leave_saved", "unknown_visit"),
]


# --- what is looked at -------------------------------------------------------------------------


def walk(widget):
    """What can be seen, and what it stands in."""
    for child in widget.children:
        if child.opacity:
            yield child
            yield from walk(child)


def box(widget):
    x, y = widget.to_window(widget.x, widget.y)
    return x, y, x + widget.width, y + widget.height


def inside(inner, outer, slack=1.0):
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


def overlap(one, other, slack=1.0):
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > slack
        and min(one[3], other[3]) - max(one[1], other[1]) > slack
    )


def drawn(text):
    """The box of the glyphs of a Text, wherever in its widget they stand."""
    x, y, right, top = box(text)
    width, height = text.texture_size
    left = x + {"center": 0.5, "right": 1}.get(text.halign, 0) * (right - x - width)
    return left, (y + top - height) / 2, left + width, (y + top + height) / 2


def problems(app, size):
    """What is wrong with the drawing of the current screen, in words."""
    from kiosk.widgets import Page, Pressable, Text

    page = next(child for child in app.root.children if isinstance(child, Page))
    texts = [w for w in walk(app.root) if isinstance(w, Text) and w.text and w.height]
    buttons = [w for w in walk(page) if isinstance(w, Pressable) and not w.gone]
    if app.flow.dialog:
        sheet = [w for w in walk(app.root._sheet) if isinstance(w, Pressable) and not w.gone]
        yield from bad_buttons(sheet, window_of(size), 88 * app.root._ui.u - 1.5)
    window = window_of(size)
    yield from cut_texts(texts, window)
    yield from bad_buttons(buttons, window, 88 * app.root._ui.u - 1.5)
    in_buttons = {part for button in buttons for part in button.walk(restrict=True)}
    loose = [text for text in texts if text in page.walk(restrict=True) and text not in in_buttons]
    yield from collisions(loose, buttons)


def window_of(size):
    return 0, 0, *size


def holder(text):
    """The button or field that a text stands in; the text itself where it stands free."""
    from kiosk.widgets import Pressable

    parent = text.parent
    while parent is not parent.parent:
        if isinstance(parent, Pressable) or getattr(parent, "test_id", "").endswith("_input"):
            return parent
        parent = parent.parent
    return text


def cut_texts(texts, window):
    for text in texts:
        if not inside(drawn(text), box(text)) or not inside(drawn(text), window):
            yield f"{text.text!r} is cut off"
        if not inside(drawn(text), box(holder(text))):
            yield f"{text.text!r} hangs out of its {holder(text).test_id}"


def bad_buttons(buttons, window, least):
    for button in buttons:
        if button.height < least:
            yield f"{button.test_id} is only {button.height} high"
        if not inside(box(button), window):
            yield f"{button.test_id} leaves the window"
    for one, other in combinations(buttons, 2):
        if overlap(box(one), box(other)):
            yield f"{one.test_id} and {other.test_id} overlap"


def collisions(loose, buttons):
    for text in loose:
        for button in buttons:
            if overlap(drawn(text), box(button)):
                yield f"{text.text!r} lies on {button.test_id}"
    for one, other in combinations(loose, 2):
        if overlap(drawn(one), drawn(other)):
            yield f"{one.text!r} lies on {other.text!r}"


# --- the tests ---------------------------------------------------------------------------------


def look(ui, app, way, size):
    """What is wrong with the screen that a way leads to, from the welcome."""
    app.flow = app.at_welcome
    app.apply(Touched())
    way(app)
    ui.frames(3)
    return list(problems(app, size))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", Language)
def test_every_screen_is_drawn_whole(ui, kiosk, language, size):
    app = kiosk(size, language)
    wrong = {}
    for screen, way in WAYS.items():
        wrong[screen] = look(ui, app, way, size)
        ui.keep(f"kiosk-{screen}-{language}-{size[0]}x{size[1]}")
    assert {screen: found for screen, found in wrong.items() if found} == {}


SAID_ELSEWHERE = {
    *(name for name in PAPERS if name not in {"papers-renovation-1", "papers-renovation-6"}),
    *("pass-print-unknown", "pass-print-failed", "worker-expired", "operator-no-paper"),
    *("answer-withdrawn", "waiting-numbered", "welcome-expected"),
}
"""Ways to screens that others show with as much on them."""


def look_at_larger_type(ui, kiosk, language, size, larger):
    app = kiosk(size, language)
    app.at_welcome = replace(app.flow, aids=Aids(size=larger))
    wrong = {}
    for screen in [screen for screen in WAYS if screen not in SAID_ELSEWHERE]:
        wrong[screen] = [*look(ui, app, WAYS[screen], size), *shortened(app)]
        ui.keep(f"kiosk-{screen}-{language}-{size[0]}x{size[1]}-{larger}")
    return {screen: found for screen, found in wrong.items() if found}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", Language)
def test_every_screen_is_drawn_whole_in_the_largest_type(ui, kiosk, language, size):
    assert look_at_larger_type(ui, kiosk, language, size, 2) == {}


@pytest.mark.parametrize(
    ("language", "size"), [(Language.EN, SIZES[0]), (Language.ZH_HANS, SIZES[1])], ids=str
)
def test_every_screen_is_drawn_whole_in_larger_type(ui, kiosk, language, size):
    assert look_at_larger_type(ui, kiosk, language, size, 1) == {}


def shortened(app):
    """Words of ours that end in an ellipsis."""
    from kiosk.widgets import Text

    said = set(catalogue(app.flow.language).values())
    for text in walk(app.root):
        if isinstance(text, Text) and text.text in said and text.height:
            drawn = text._label.text
            if drawn.endswith("…") and not text.text.endswith("…"):
                yield f"{text.text!r} is shortened to {drawn!r}"


@pytest.mark.parametrize("size", OTHER_SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_screen_scales_to_other_windows(ui, kiosk, size):
    app = kiosk(size, Language.EN)
    wrong = {screen: look(ui, app, way, size) for screen, way in WAYS.items()}
    assert {screen: found for screen, found in wrong.items() if found} == {}


LONG_WAYS: dict[str, Callable] = {
    "welcome-called": lambda app: called(app, LONG_LATIN),
    "welcome-expected": lambda app: (awaited(app, body=LONG), called(app, LONG_LATIN)),
    "number-called": lambda app: number_called(app, LONG[:20]),
    "name": lambda app: name_of(app, LONG_LATIN),
    "department": department,
    "host": host,
    "check": lambda app: check(app, name=LONG, organisation=LONG_LATIN),
    "waiting": lambda app: waiting(app, name=LONG, host=LONG, wait_at=LONG, destination=LONG),
    "waiting-latin": lambda app: waiting(
        app, **dict.fromkeys(["name", "host", "wait_at", "destination"], LONG_LATIN)
    ),
    "pass": lambda app: admitted(app, name=LONG, host=LONG, destination=LONG),
    "pass-print": lambda app: printable(app, name=LONG, host=LONG, destination=LONG),
    "pass-party": lambda app: admitted_party(app, name=LONG, host=LONG, destination=LONG),
    "pass-party-latin": lambda app: admitted_party(
        app, **dict.fromkeys(["name", "host", "destination"], LONG_LATIN)
    ),
    "pass-latin": lambda app: admitted(
        app, **dict.fromkeys(["name", "host", "destination"], LONG_LATIN)
    ),
}


def name_of(app, text):
    app.apply(Tap(B.REGISTER))
    app.apply(PickPurpose(Purpose.BUSINESS))
    app.apply(Typed(text))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", [Language.ZH_HANT, Language.EN])
def test_sixty_characters_everywhere_wrap_or_end_in_an_ellipsis(ui, kiosk, language, size):
    app = kiosk(size, language, CROWD)
    wrong = {}
    for screen, way in LONG_WAYS.items():
        wrong[screen] = look(ui, app, way, size)
        ui.keep(f"kiosk-long-{screen}-{language}-{size[0]}x{size[1]}")
    assert {screen: found for screen, found in wrong.items() if found} == {}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", Language)
def test_every_answer_fits(ui, kiosk, language, size):
    app = kiosk(size, language)
    waiting(app)
    for seq, answer in enumerate(ANSWERS, 2):
        told = view(app.flow.visit_key, seq, state=VisitState.REFUSED, code=answer)
        app.apply(Updated(told))
        ui.frames(3)
        assert list(problems(app, size)) == []


@pytest.mark.parametrize("size", [*SIZES, *OTHER_SIZES], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_pass_can_be_read_from_the_screen(ui, kiosk, size):
    app = kiosk(size)
    admitted(app)
    ui.until(lambda: codes(ui.picture()) == [TOKEN])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_person_of_a_party_is_shown_their_own_pass(ui, kiosk, size):
    app = kiosk(size)
    admitted_party(app)
    ui.frames(2)
    assert [ui.widget(name).text for name in ("pass_place", "pass_holder", "pass_number")] == [
        "2 / 6",
        "何○姐",
        "A-0138",
    ]
    ui.tap("pass_next")
    assert ui.widget("pass_place").text == "3 / 6"
    assert ui.widget("pass_holder").text == "姓名待補"
    ui.tap("pass_previous")
    ui.tap("pass_previous")
    ui.tap("pass_previous")  # there is nobody before the first
    assert ui.widget("pass_place").text == "1 / 6"


def test_a_module_of_the_pass_is_at_least_eight_whole_pixels(ui, kiosk):
    for size in SIZES:
        admitted(kiosk(size))
        ui.frames(2)
        code = ui.widget("pass_qr")
        side = code.box[2]
        assert side % 41 == 0
        assert side // 41 >= 8
        assert code.frame == side // 41 * 49


def test_the_way_to_paper_goes_once_it_was_taken(ui, kiosk):
    app = kiosk()
    printable(app)
    ui.frames(3)
    beside = ui.widget("done").width
    ui.tap("print")
    assert app.state.print_text
    ui.until(lambda: ui.widget("done").width > beside * 1.5)
    assert "print" not in ui.widgets()


def test_a_pass_shows_its_facts(ui, kiosk):
    admitted(kiosk(), card=PassCard(number="B-7", token=TOKEN, valid_until=CARD.valid_until))
    ui.frames(2)
    said = ui.texts()
    for fact in ("王小明", "B-7", "三樓第二洽談室", "工程部 李志強", "5 月 6 日 12:00"):
        assert fact in said


def test_a_moment_that_no_calendar_here_has_is_a_dash_on_every_screen(ui, kiosk):
    far = datetime.max.replace(tzinfo=UTC)
    away = Host(id=1, name="陳建國", away=PersonState.LEAVE, back=far)
    app = kiosk(departments=(Department(name="工程部", hosts=(away,)),))
    assert "—" in app.state.away(away)
    appointment(app, starts=far)
    assert "—" in ui.widget("appointment_time").text
    app.apply(Tap(B.YES))
    told = {"passes": (PassCard(number="B-7", token=TOKEN, valid_until=far),)}
    app.apply(Updated(view(app.flow.visit_key, 2, state=VisitState.ADMITTED, **told)))
    assert "—" in ui.widget("pass_until").text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_seven_sizes_of_type_are_enough(ui, kiosk, size):
    from kiosk.widgets import Text

    app = kiosk(size)
    sizes = set()
    for way in WAYS.values():
        look(ui, app, way, size)
        sizes |= {w.font_size for w in app.root.walk(restrict=True) if isinstance(w, Text)}
    assert len(sizes) <= 8


def test_typed_markup_is_shown_as_it_was_typed(ui, kiosk):
    check(kiosk(), name="[b]王[/b]&amp;", organisation="[color=ff0000]紅[/color]")
    ui.frames(2)
    assert "[b]王[/b]&amp;" in ui.texts()
    assert not any(getattr(widget, "markup", False) for widget in ui.root.walk(restrict=True))


def test_the_directory_pages_through_all_departments(ui, kiosk):
    app = kiosk(departments=CROWD)
    department(app)
    seen = set()
    while True:
        seen |= {w for w in ui.widgets() if w.startswith("department_")}
        if ui.widget("page_next").disabled:
            break
        ui.tap("page_next")
    assert len(seen) == 40
    ui.tap("page_back")
    assert "department_39" not in ui.widgets()


def test_the_face_follows_the_language(ui, kiosk):
    from kiosk.widgets import Text

    kiosk()
    for language, face in (("zh_hans", "SC"), ("en", "TC"), ("zh_hant", "TC")):
        ui.tap(f"lang_{language}")
        faces = {w.font_name for w in ui.root.walk(restrict=True) if isinstance(w, Text)}
        assert faces == {face}


def test_everything_on_the_welcome_changes_language_at_once(ui, kiosk):
    kiosk()
    chinese = ui.widgets()
    ui.tap("lang_en")
    english = ui.widgets()
    said = {name for name in chinese if chinese[name]["text"]}
    same = {name for name in said if chinese[name]["text"] == english[name]["text"]}
    assert same == {"lang_zh_hant", "lang_zh_hans", "lang_en"}


def test_who_is_chosen_is_marked_on_the_way_back(ui, kiosk):
    app = kiosk()
    party(app)
    app.apply(Tap(B.BACK))
    ui.frames(2)
    assert ui.widget(f"host_{LI.id}").picked
    assert not ui.widget("host_12").picked


@pytest.mark.parametrize(
    ("height", "radius", "corner"), [(50.2, 14, 14), (50.2, 999, 25), (1, 14, 0)]
)
def test_a_box_stands_on_whole_pixels_and_has_round_corners_that_fit(kiosk, height, radius, corner):
    kiosk()
    from kiosk.boxes import Box

    box = Box()
    box.fit(10.4, 20.6, 99.8, height, radius)
    assert (box.pos, box.size[0]) == ((10, 21), 100)
    assert list(box.border) == [corner] * 4
