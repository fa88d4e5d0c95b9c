"""Whatever is typed, scanned or answered: words or a cleaned value, never a crash."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from kiosk import flow
from kiosk.form import TEXT_SCREENS, problem, typed
from kiosk.terms import (
    Answered,
    Button,
    Edit,
    Form,
    Listed,
    NotKept,
    Party,
    PickDepartment,
    PickHost,
    PickLanguage,
    PickPurpose,
    Reached,
    Resumed,
    Scanned,
    Screen,
    Sent,
    Tap,
    Tick,
    Touched,
    Typed,
    Updated,
)
from models.messages import Answer, LeaveView
from models.terms import Language, Purpose, VisitState, clean
from models.words import catalogue
from tests.kiosk_story import CARD, DEPARTMENTS, LI, TIMES, TOKEN, Story, view

B, S = Button, Screen
JUNK = {
    "empty": "",
    "blank": " \t\u3000 ",
    "too long": "王" * 5000,
    "control": "\x00\x07\x1b[31m王\x7f\u0085",
    "lines": "王\r\n小\u2028明",
    "markup": "[b][color=ff0000]王[/color][/b]&amp;<script>",
    "emoji": "😀👨‍👩‍👧🇹🇼☎️",
    "emoji and letters": "王😀小明",
    "right to left": "\u202eאבגד\u202c مرحبا",
    "override": "王\u202e明\u2066小\u2069",
    "zero width": "\u200b\ufeff\u200d",
    "combining": "Z\u0351\u036b\u0343a" * 20,
    "surrogate": "\ud800\udfff",
    "private": "\ue000\U0010ffff",
    "places": "{name} {0} %s ${x}",
    "injection": "'; DROP TABLE request; --",
    "digits": "１２３４٥٦",
    "thai": "สวัสดี",
}
FIRST = {S.CODE: B.APPOINTMENT, S.LEAVE: B.LEAVE}


def at(screen):
    story = Story()
    if screen in FIRST:
        return story.tap(FIRST[screen])
    return story.fill_in(Purpose.SERVICE).at(screen=screen, text="", editing=True)


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("screen", sorted(TEXT_SCREENS))
def test_junk_in_a_field_is_cleaned_or_named(screen, junk):
    story = at(screen).tell(Typed(JUNK[junk]))
    text = story.state.text
    assert len(text) <= 60
    assert clean(text) == text.strip()
    story.tap(B.NEXT)
    stayed = story.screen is screen and not story.state.busy
    assert bool(story.state.error) is stayed
    if stayed:
        assert f"kiosk.error_{story.state.error}" in catalogue(Language.EN)
    if story.sent("leave"):
        assert story.sent("leave")[0].text


@pytest.mark.parametrize(
    ("screen", "text", "kept", "wrong"),
    [
        (S.NAME, "  王 小明", "王 小明", ""),
        (S.NAME, "Mary ", "Mary ", ""),
        (S.NAME, "O'Neil-Łukasz", "O'Neil-Łukasz", ""),
        (S.NAME, "王" * 61, "王" * 60, "too_long"),
        (S.PHONE, "+86 138-0013", "+861380013", ""),
        (S.PHONE, "abc", "", ""),
        (S.CODE, "12a345", "1234", ""),
        (S.CODE, "１２３４", "1234", ""),
        (S.LEAVE, "a-0137", "A-0137", ""),
    ],
)
def test_a_field_keeps_what_belongs_there(screen, text, kept, wrong):
    assert typed(screen, text) == (kept, wrong)


@pytest.mark.parametrize(
    ("screen", "text", "wrong"),
    [
        (S.NAME, "王小明", ""),
        (S.NAME, "J. Smith", ""),
        (S.NAME, "김철수", ""),
        (S.NAME, "さくら", ""),
        (S.NAME, "Юрий", ""),
        (S.NAME, "", "name_empty"),
        (S.NAME, "12 -- 3", "name_letters"),
        (S.NAME, "מרים", "script"),
        (S.NAME, "สมชาย", "script"),
        (S.ORGANISATION, "", ""),
        (S.ORGANISATION, "7-11", ""),
        (S.ORGANISATION, "شركة", "script"),
        (S.PHONE, "", ""),
        (S.PHONE, "137", "phone_digits"),
        (S.PHONE, "0137", ""),
        (S.PHONE, "+" + "1" * 15, ""),
        (S.PHONE, "1" * 16, "phone_digits"),
        (S.CODE, "013", "code_digits"),
        (S.CODE, "0137", ""),
    ],
)
def test_a_finished_text_is_judged(screen, text, wrong):
    assert problem(screen, text) == wrong


keys = some.sampled_from(["0" * 32, "1" * 32])
kinds = some.sampled_from(["register", "withdraw", "leave", "call_desk", "find_appointment"])
views = some.builds(
    view,
    keys,
    some.integers(1, 5),
    state=some.sampled_from(VisitState),
    code=some.sampled_from(["", "to_desk", "no_entry", "x"]),
    passes=some.sampled_from([(), (CARD,)]),
)
answers = some.builds(
    Answer,
    device=some.just("k1"),
    key=keys,
    ok=some.booleans(),
    code=some.sampled_from(["ok", "server_error", "unknown_host", "unknown_visit", "x"]),
    body=some.one_of(some.none(), views, some.just(LeaveView(number="A-1"))),
)
events = some.one_of(
    some.builds(Tap, some.sampled_from(Button)),
    some.builds(Tap, some.sampled_from([B.REGISTER, B.NEXT, B.SUBMIT, B.YES])),
    some.builds(PickLanguage, some.sampled_from(Language)),
    some.builds(PickPurpose, some.sampled_from(Purpose)),
    some.builds(PickDepartment, some.sampled_from(["", "工程部", "保安部", "沒有"])),
    some.builds(PickHost, some.sampled_from([None, LI])),
    some.builds(Party, some.integers(-200, 200)),
    some.builds(Edit, some.sampled_from(Screen)),
    some.builds(Typed, some.one_of(some.text(), some.sampled_from(["王小明", "0137", "A-1"]))),
    some.builds(Scanned, some.one_of(some.text(), some.just(TOKEN)), some.text()),
    some.builds(Reached, some.booleans()),
    some.builds(Sent, kinds, keys),
    some.builds(NotKept, kinds),
    some.builds(Answered, answers),
    some.builds(Updated, views),
    some.builds(Listed, some.sampled_from([(), DEPARTMENTS])),
    some.builds(Resumed, keys, some.floats(0, 600), some.none()),
    some.just(Touched()),
)
happenings = some.lists(some.tuples(events, some.floats(0, 70)), max_size=60)


@settings(max_examples=400, deadline=None)
@given(happenings)
def test_no_order_of_events_breaks_the_flow_or_leaves_anything_on_the_welcome(happened):
    state = flow.begin(TIMES, Language.ZH_HANT, 0.0)
    for event, seconds in happened:
        state, _ = flow.next(state, event)
        state, _ = flow.next(state, Tick(state.now + seconds))
        assert len(state.text) <= 60
        assert 1 <= state.form.party <= 99
        if state.screen is S.WELCOME:
            assert (state.form, state.text, state.code) == (Form(), "", "")
            assert (state.visit, state.visit_key, state.busy) == (None, "", "")


@settings(max_examples=200, deadline=None)
@given(happenings)
def test_from_wherever_it_is_left_the_kiosk_finds_home(happened):
    state = flow.begin(TIMES, Language.ZH_HANT, 0.0)
    for event, _ in happened:
        state, _ = flow.next(state, event)
    for _ in range(100):
        state, _ = flow.next(state, Tick(state.now + 20))
    assert (state.screen, state.language) == (S.WELCOME, Language.ZH_HANT)
