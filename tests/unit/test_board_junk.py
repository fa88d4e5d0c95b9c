"""Whatever arrives under a board's topics: a reason for the log, no exception, no effect."""

import json
from copy import deepcopy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.display.state import receive
from models.display.view import Look, view
from models.messages import BadMessage, Canary, Manifest, Presence, decode, encode
from models.terms import PANELS, Language, Role, Section
from tests import board_days as days

SITE = "hq"
STATE = days.designed()
MESSAGES = [
    *(held.snapshot for held in STATE.sections.values()),
    Manifest(group="main", epoch=7, sections={Section.VEHICLES: 2}),
    Canary(epoch=7, seq=2, at=days.NOW),
    Presence(role=Role.CONTROLLER, id="main", state="online", session=1),
]
GOOD = [encode(message, SITE) for message in MESSAGES]
TOPICS = sorted({encoded.topic for encoded in GOOD})

NEVER_VALID = {
    "nothing": b"",
    "not JSON": b"{rev: 1}",
    "cut short": GOOD[0].payload[:-1],
    "not UTF-8": b"\xff\xfe" + GOOD[0].payload,
    "a list": b"[]",
    "a number": b"1e999",
    "no version": b"{}",
    "wrong version": GOOD[0].payload.replace(b'"v":1', b'"v":2'),
    "a version in words": GOOD[0].payload.replace(b'"v":1', b'"v":"1"'),
    "not a number": b'{"v":1,"epoch":NaN,"rev":1,"seq":1}',
    "deep lists": b"[" * 50_000 + b"]" * 50_000,
    "deep objects": b'{"v":' * 20_000 + b"1" + b"}" * 20_000,
    "one megabyte": b'{"v":1,"x":"' + b"x" * 1_000_000 + b'"}',
    "a megabyte of lists": b"[" * 1_000_000,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
}
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def drawn(state):
    """What the screen says, which must never raise."""
    return view(state, Look(Language.ZH_HANT, "首層大堂", 15, days.NOW, days.TICK))


def arriving(topic, payload):
    """The state after something arrived, as the link and the board handle it."""
    try:
        message = decode(topic, payload, SITE)
    except BadMessage:
        return STATE
    return receive(STATE, message, days.TICK)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("junk", NEVER_VALID.values(), ids=NEVER_VALID)
def test_junk_has_no_effect(topic, junk):
    assert arriving(topic, junk) is STATE


@pytest.mark.parametrize("encoded", GOOD[: len(PANELS)], ids=lambda encoded: encoded.topic)
def test_what_is_known_already_has_no_effect(encoded):
    assert arriving(encoded.topic, encoded.payload) is STATE


@pytest.mark.parametrize("encoded", GOOD[: len(PANELS)], ids=lambda encoded: encoded.topic)
def test_unknown_fields_are_dropped(encoded):
    body = json.loads(encoded.payload) | {"colour": "#FF0000", "rev": 50}
    for row in body["items"]:
        row["blink"] = {"deep": [1, 2, 3]}
    after = arriving(encoded.topic, json.dumps(body).encode())
    before = next(panel for panel in drawn(STATE).panels if panel.section in encoded.topic)
    seen = next(panel for panel in drawn(after).panels if panel.section in encoded.topic)
    assert [line.cells for line in seen.lines] == [line.cells for line in before.lines]


@given(st.sampled_from(TOPICS), st.binary(max_size=300))
def test_bytes_at_random_have_no_effect(topic, junk):
    assert arriving(topic, junk) is STATE


def _places(value, path=()):
    """The path of every value inside some JSON."""
    yield path
    inner = {dict: dict.items, list: enumerate}.get(type(value), lambda _: ())
    for key, child in inner(value):
        yield from _places(child, (*path, key))


@st.composite
def _damaged(draw):
    """A good message with one of its values replaced by something else."""
    encoded = draw(st.sampled_from(GOOD))
    body = deepcopy(json.loads(encoded.payload)) | {"rev": 50}
    path = draw(st.sampled_from([path for path in _places(body) if path]))
    target = body
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = draw(_JSON)
    return encoded.topic, json.dumps(body).encode()


@given(_damaged())
@settings(max_examples=400)
@example((TOPICS[0], b'{"v":1,"epoch":7,"seq":1,"at":"0001-01-01T00:00:00+14:00"}'))
def test_a_damaged_message_is_refused_or_can_be_shown(arrived):
    assert len(drawn(arriving(*arrived)).panels) == len(PANELS)


@pytest.mark.parametrize("topic", ["lobby/v1/hq/board/main/nonsense", "$SYS/broker/version", ""])
def test_what_is_good_but_under_a_foreign_topic_has_no_effect(topic):
    assert arriving(topic, GOOD[0].payload) is STATE


@pytest.mark.parametrize("rows", [501, 5_000])
def test_a_section_of_more_rows_than_a_section_has_has_no_effect(rows):
    body = json.loads(GOOD[0].payload) | {"rev": 50}
    body["items"] = [body["items"][0] | {"id": number} for number in range(1, rows + 1)]
    assert arriving(GOOD[0].topic, json.dumps(body).encode()) is STATE
