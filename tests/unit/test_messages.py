"""The wire: what leaves is what arrives, and junk is refused with a reason."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.messages import (
    MAX_PAYLOAD,
    Answer,
    AppointmentView,
    BadMessage,
    CallDesk,
    Canary,
    Department,
    Directory,
    DirectoryView,
    FindAppointment,
    Host,
    Leave,
    LeaveView,
    Manifest,
    Message,
    PassCard,
    PassKeys,
    Presence,
    PrintPass,
    Register,
    ReminderRow,
    Request,
    Resync,
    RevokedPasses,
    Shown,
    Snapshot,
    Status,
    TooLarge,
    VehicleRow,
    VisitRow,
    VisitStep,
    VisitUpdate,
    VisitView,
    WhereaboutsRow,
    Withdraw,
    decode,
    encode,
    topic_of,
)
from models.terms import (
    ConfirmStep,
    PersonState,
    PrintState,
    Purpose,
    Role,
    Section,
    StepState,
    VehicleState,
    VisitState,
)

NOW = datetime(2026, 11, 23, 1, 41, 58, tzinfo=UTC)
KEY = "0123456789abcdef" * 2


def snapshot(section: Section, *rows) -> Snapshot:
    return Snapshot(
        group="main",
        section=section,
        epoch=7,
        rev=41,
        day=date(2026, 11, 23),
        published_at=NOW,
        items=rows,
    )


STEP = VisitStep(step=ConfirmStep.DEPUTY, who="工程部 何家榮", state=StepState.ASKED, at=NOW)
VIEW = VisitView(
    visit=KEY,
    seq=2,
    state=VisitState.ADMITTED,
    name="王小明",
    host="工程部 李志強",
    destination="三樓第二洽談室",
    passes=(PassCard(number="A-0137", token="VP1:X", valid_until=NOW),),
)
MESSAGES: list[Message] = [
    snapshot(
        Section.VEHICLES,
        VehicleRow(
            id=1, at=NOW, plate="粵B·12345", departs=NOW, to="市政府", state=VehicleState.OUT
        ),
    ),
    snapshot(
        Section.WHEREABOUTS,
        WhereaboutsRow(id=2, at=NOW, name="陳國華", state=PersonState.MEETING, back=NOW),
    ),
    snapshot(
        Section.VISITS, VisitRow(id=3, at=NOW, starts=NOW, delegation="市住建局", headcount=8)
    ),
    snapshot(Section.REMINDERS, ReminderRow(id=4, at=NOW, text="B座電梯保養", until=NOW)),
    Manifest(group="main", epoch=7, sections={Section.VISITS: 3}),
    Canary(epoch=7, seq=1, at=NOW),
    Shown(board="b1", section=Section.VISITS, epoch=7, rev=3, ms=12.5),
    Resync(board="b1"),
    Presence(role=Role.KIOSK, id="k1", state="online", session=9, version="0.1.0"),
    VisitUpdate(device="k1", visit=VIEW),
    VisitUpdate(
        device="k1",
        visit=VIEW.model_copy(update={"print_state": PrintState.FAILED, "print_code": "paper_out"}),
    ),
    Request(device="k1", key=KEY, body=PrintPass(visit=KEY)),
    VisitUpdate(device="k1", visit=VIEW.model_copy(update={"steps": (STEP,)})),
    Answer(device="k1", key=KEY, ok=True, body=VIEW),
    Answer(device="k1", key=KEY, ok=False, code="unknown_code"),
    Answer(device="k1", key=KEY, ok=True, body=LeaveView(number="A-0137")),
    Answer(device="k1", key=KEY, ok=True, body=AppointmentView(name="王○明", starts=NOW)),
    Answer(
        device="k1",
        key=KEY,
        ok=True,
        body=DirectoryView(
            departments=(Department(name="工程部", hosts=(Host(id=3, name="李"),)),)
        ),
    ),
    *(
        Request(device="k1", key=KEY, body=body)
        for body in (
            Register(purpose=Purpose.SERVICE, name="王小明", host=3),
            FindAppointment(code="0042"),
            Status(visit=KEY),
            Withdraw(visit=KEY),
            Leave(text="A-0137"),
            CallDesk(),
            Directory(),
        )
    ),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_a_message_arrives_as_it_left(message):
    topic, payload, _, _ = encode(message, "hq")
    assert decode(topic, payload, "hq") == message


@pytest.mark.parametrize("kind", [RevokedPasses, PassKeys])
@pytest.mark.parametrize("document", [b"\xd2\x84\x00 not JSON", b""])
def test_a_signed_document_travels_as_its_own_bytes_and_is_retained(kind, document):
    topic, payload, retain, qos = encode(kind(document=document), "hq")
    assert (payload, retain, qos) == (document, True, 1)
    assert decode(topic, payload, "hq") == kind(document=document)


@pytest.mark.parametrize("kind", [RevokedPasses, PassKeys])
def test_a_document_too_large_for_the_broker_is_neither_sent_nor_read(kind):
    document = b"x" * (MAX_PAYLOAD + 1)
    with pytest.raises(TooLarge):
        encode(kind(document=document), "hq")
    with pytest.raises(BadMessage):
        decode(topic_of(kind, "hq"), document, "hq")


def test_a_visit_of_a_controller_that_knows_no_steps_is_still_read():
    topic, payload, _, _ = encode(VisitUpdate(device="k1", visit=VIEW), "hq")
    older = payload.replace(b'"steps":[],', b"")
    assert older != payload
    assert decode(topic, older, "hq") == VisitUpdate(device="k1", visit=VIEW)


GOLDEN = {
    "lobby/v1/hq/board/main/reminders": (
        b'{"v":1,"epoch":7,"rev":41,"deleted":false,"day":"2026-11-23",'
        b'"published_at":"2026-11-23T01:41:58Z","items":[{"id":4,"by":"",'
        b'"at":"2026-11-23T01:41:58Z","until":"2026-11-23T01:41:58Z",'
        b'"text":"B\xe5\xba\xa7\xe9\x9b\xbb\xe6\xa2\xaf\xe4\xbf\x9d\xe9\xa4\x8a"}]}'
    ),
    "lobby/v1/hq/board/main/manifest": b'{"v":1,"epoch":7,"sections":{"visits":3}}',
    "lobby/v1/hq/canary": b'{"v":1,"epoch":7,"seq":1,"at":"2026-11-23T01:41:58Z"}',
    "lobby/v1/hq/shown/b1": b'{"v":1,"group":"main","section":"visits","epoch":7,"rev":3,'
    b'"ms":12.5}',
    "lobby/v1/hq/presence/kiosk/k1": b'{"v":1,"state":"online","session":9,"version":"0.1.0"}',
    "lobby/v1/hq/resync/b1": b'{"v":1}',
}


def test_the_bytes_of_version_1_do_not_change():
    sent = {e.topic: e.payload for e in (encode(m, "hq") for m in MESSAGES)}
    assert {topic: sent[topic] for topic in GOLDEN} == GOLDEN


def test_state_is_retained_and_events_are_not():
    retained = {type(m).__name__.split("[")[0] for m in MESSAGES if encode(m, "hq").retain}
    assert retained == {"Snapshot", "Manifest", "Presence"}


@pytest.mark.parametrize(
    ("tail", "payload", "reason"),
    [
        ("canary", b"", "EOF"),
        ("canary", b"\xff\xfe", "expected value"),
        ("canary", b"[]", "not a JSON object"),
        ("canary", b'{"epoch":1,"seq":1,"at":"2026-11-23T01:41:58Z"}', "version is missing"),
        ("canary", b'{"v":2,"epoch":1,"seq":1,"at":"2026-11-23T01:41:58Z"}', "v:"),
        ("canary", b'{"v":1,"epoch":"1","seq":1,"at":"2026-11-23T01:41:58Z"}', "epoch:"),
        ("canary", b'{"v":1,"epoch":-1,"seq":1,"at":"2026-11-23T01:41:58Z"}', "epoch:"),
        ("canary", b'{"v":1,"epoch":1,"seq":1,"at":"2026-11-23T01:41:58"}', "at:"),
        ("canary", b'{"v":1,"epoch":NaN}', "expected value"),
        ("canary", b"[" * 100_000, "recursion"),
        ("canary", b'{"v":1,"a":' * 5_000, "recursion"),
        ("canary", b" " * 1_000_000, "1000000 bytes"),
        ("board/main/nonsense", b'{"v":1}', "nonsense"),
        ("board/main/visits/x", b'{"v":1}', "no message"),
        ("presence/janitor/j1", b'{"v":1,"state":"online","session":1}', "role"),
        ("req/K1", b'{"v":1}', "no message"),
        ("elsewhere", b'{"v":1}', "no message"),
    ],
)
def test_junk_is_refused_with_a_reason(tail, payload, reason):
    with pytest.raises(BadMessage, match=reason):
        decode(f"lobby/v1/hq/{tail}", payload, "hq")


def test_another_site_is_not_ours():
    with pytest.raises(BadMessage, match="not a topic of site"):
        decode("lobby/v1/elsewhere/canary", b'{"v":1}', "hq")


def test_an_unreadable_request_keeps_its_key_so_that_it_can_be_answered():
    payload = b'{"v":1,"key":"%s","body":{"kind":"register","purpose":"sightseeing"}}'
    with pytest.raises(BadMessage) as refused:
        decode("lobby/v1/hq/req/k1", payload % KEY.encode(), "hq")
    assert (refused.value.device, refused.value.key) == ("k1", KEY)


def test_unknown_fields_are_dropped():
    payload = b'{"v":1,"epoch":7,"seq":1,"at":"2026-11-23T01:41:58Z","colour":"blue"}'
    assert decode("lobby/v1/hq/canary", payload, "hq") == Canary(epoch=7, seq=1, at=NOW)


def test_the_topic_has_the_last_word():
    payload = b'{"v":1,"board":"b2","section":"visits","epoch":7,"rev":3,"ms":1}'
    shown = decode("lobby/v1/hq/shown/b1", payload, "hq")
    assert isinstance(shown, Shown)
    assert shown.board == "b1"


def test_one_bad_row_refuses_the_whole_section():
    bad = encode(snapshot(Section.REMINDERS), "hq").payload.replace(
        b'"items":[]', b'"items":[{"id":0}]'
    )
    with pytest.raises(BadMessage, match=r"items\.0"):
        decode("lobby/v1/hq/board/main/reminders", bad, "hq")


def test_a_message_too_large_for_the_broker_is_never_sent():
    rows = [ReminderRow(id=n + 1, at=NOW, text="字" * 200) for n in range(400)]
    with pytest.raises(TooLarge, match=str(MAX_PAYLOAD)):
        encode(snapshot(Section.REMINDERS, *rows), "hq")


def test_a_registration_needs_a_name_or_a_code():
    with pytest.raises(ValueError, match="needs a name"):
        Register(name=" \u202e ")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  王\n小明 ", "王 小明"),
        ("[b]王[/b]", "[b]王[/b]"),
        ("<script>", "<script>"),
        ("王\u202e明\u200b", "王明"),
        ("王😀明❤️", "王明"),
        ("a\x00b\x1b", "ab"),
    ],
)
def test_what_was_typed_becomes_one_printable_line(typed, kept):
    assert Register(name=typed).name == kept


@given(st.text(), st.binary(max_size=300))
def test_no_bytes_under_any_topic_raise_anything_but_bad_message(tail, payload):
    topics = [f"lobby/v1/hq/{tail}", topic_of(Canary, "hq"), "lobby/v1/hq/board/main/vehicles"]
    for topic in topics:
        with pytest.raises(BadMessage):
            decode(topic, payload, "hq")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.sampled_from(MESSAGES), st.data())
def test_a_message_with_one_field_exchanged_is_read_or_refused(message, data):
    from pydantic_core import from_json, to_json

    encoded = encode(message, "hq")
    body = from_json(encoded.payload)
    body[data.draw(st.sampled_from(sorted(body)))] = data.draw(JSON)
    try:
        again = decode(encoded.topic, to_json(body), "hq")
    except BadMessage:
        return
    assert isinstance(again, Message)
