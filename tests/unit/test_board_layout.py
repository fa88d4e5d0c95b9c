"""Where texts stand, their sizes and colours: computed, without a window."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.display.layout import COLUMNS, fill, lay_out, share, wrap
from models.display.theme import GLOW, GROUND, PANEL, SECTION_TONES, Metrics, Tone
from models.display.view import Chip, Line, Look, PanelView, view
from models.terms import PANELS, Language, Section
from models.typeset import elide
from tests import board_days as days

SIZES = [(1920, 1080), (1280, 720), (3840, 2160), (1080, 1920), (1366, 768), (1280, 1024)]


def measure(text):
    """A font whose wide characters are 38 wide, and all others half of that."""
    return sum(38 if unicodedata.east_asian_width(c) in "WFA" else 19 for c in text)


def test_a_text_that_fits_stays_on_one_line():
    assert wrap("市政府", 114, measure) == ("市政府",)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("總部會議　12:00 回", 300, ("總部會議", "12:00 回")),
        ("三樓第一會議室", 200, ("三樓第", "一會議室")),
        ("22 people", 152, ("22", "people")),
        ("檢查組（含隨員）一行", 270, ("檢查組", "（含隨員）一行")),
        ("消防演習，全體參加。", 228, ("消防演習，", "全體參加。")),
        ("同行參觀團 · 恒信物業", 300, ("同行參觀團", "恒信物業")),
        ("同行參觀團 · 恒信物業", 190, ("同行參觀團", "恒信物業")),
        ("粵B12345678901234567890", 190, ("粵B1234567", "89012345…")),
        ("一二三四五六七八九十", 152, ("一二三四", "五六七…")),
        ("The Honourable Bartholomew", 190, ("The", "Honourab…")),
        ("A Featherstonehaugh-Cholmondeley", 190, ("A Feathers", "tonehaug…")),
    ],
)
def test_a_long_text_takes_a_second_line_at_a_good_place(text, width, lines):
    assert wrap(text, width, measure) == lines


@pytest.mark.parametrize(
    ("place", "width", "lines"),
    [
        ("總部會議", 400, ("總部會議, back 12:00",)),
        ("總部會議", 190, ("總部會議,", "back 12:00")),
        ("龍崗智慧城市項目第一會議室", 190, ("龍崗智慧…", "back 12:00")),
        ("Headquarters, third floor", 190, ("Headquar…", "back 12:00")),
    ],
)
def test_a_place_gives_way_to_the_time_of_return(place, width, lines):
    assert wrap(f"{place}, back 12:00", width, measure, "back 12:00") == lines


# On the squarest screen this test's wide letters leave less than the words need; real ones fit.
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("size", [size for size in SIZES if size != (1280, 1024)])
def test_a_return_is_always_told_whole_however_long_all_else_is(language, size):
    shown = view(days.long_names(), Look(language, "", 15, days.NOW, days.TICK))
    metrics = Metrics(*size)
    laid = fill(shown.panels[1], metrics, lambda text: measure(text) * metrics.unit)
    back = laid.rows[0].line.kept
    assert "12:00" in back
    assert laid.rows[0].cells[-1].text.endswith(back)


def test_what_exceeds_one_line_ends_in_an_ellipsis():
    assert elide("首層大堂東翼", 152, measure) == "首層大…"
    assert elide("首層大堂", 152, measure) == "首層大堂"
    assert elide("首層大堂", 40, measure) == "…"


@given(st.text(min_size=1, max_size=200), st.integers(100, 900))
def test_no_line_is_ever_wider_than_its_column(text, width):
    lines = wrap(text, width, measure)
    assert len(lines) <= 2
    assert all(measure(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("wishes", "room", "given"),
    [
        ([100, 200], 300, [100, 200]),
        ([100, 200], 900, [100, 200]),
        ([900, 100, 900], 700, [300, 100, 300]),
        ([900, 900], 200, [100, 100]),
    ],
)
def test_modest_columns_get_their_wish_and_greedy_ones_share_the_rest(wishes, room, given):
    assert share(wishes, room) == given


_TIMES = st.sampled_from(["09:30", "11月24日", "—"])
_WORDS = st.text("市政府龍崗項目 ABCdef·12（），", max_size=60)


@st.composite
def _panels(draw):
    section = draw(st.sampled_from(list(PANELS)))
    chips = st.none() | st.builds(Chip, st.sampled_from(["外出", "未確認 自 09:40"]), st.just("x"))
    cells = [_TIMES if column.name == "time" else _WORDS for column in COLUMNS[section]]
    lines = st.builds(
        Line,
        id=st.integers(1, 99),
        cells=st.tuples(*cells),
        chip=chips,
    )
    return PanelView(section, "標題", tuple(draw(st.lists(lines, max_size=12))))


@given(_panels(), st.sampled_from(SIZES))
@settings(max_examples=200)
def test_nothing_overlaps_or_overflows_whatever_the_rows_say(panel, size):
    metrics = Metrics(*size)
    box = metrics.panels()[panel.section]
    width = box.width - 2 * metrics.pad
    room = box.height - metrics.above_rows - metrics.below_rows
    laid = lay_out(panel, metrics, width, room, lambda text: measure(text) * metrics.unit)

    for left, right in pairwise(laid.slots):
        assert left.x + left.width + metrics.column_gap <= right.x
    chips = max((row.chip.width for row in laid.rows if row.chip), default=0)
    beside = chips + 2 * metrics.chip_pad + metrics.column_gap if chips else 0
    assert all(slot.x >= 0 and slot.x + slot.width + beside <= width for slot in laid.slots)
    for row in laid.rows:
        assert all(c.width <= s.width for c, s in zip(row.cells, laid.slots, strict=True))
    assert [index for page in laid.pages for index in page] == list(range(len(panel.lines)))
    assert all(sum(laid.rows[i].height for i in page) <= room for page in laid.pages)


def test_the_page_of_a_row_that_is_not_there_is_the_first():
    panel = PanelView(Section.REMINDERS, "", tuple(Line(n, ("a",)) for n in range(1, 10)))
    laid = lay_out(panel, Metrics(1920, 1080), 800, 310, measure)
    assert (laid.page_of(1), laid.page_of(9), laid.page_of(None), laid.page_of(77)) == (0, 2, 0, 0)


def test_a_driver_is_named_only_where_no_text_would_have_to_wrap_for_it():
    def columns(width):
        row = days.car(1, days.at(9), "粵B·12345", "市政府", "out", driver="黃師傅")
        state = days.of(days.snapshot(Section.VEHICLES, row))
        panel = view(state, Look(Language.ZH_HANT, "", 15, days.NOW, days.TICK)).panels[0]
        laid = lay_out(panel, Metrics(1920, 1080), width, 310, measure)
        return [slot.column.name for slot in laid.slots]

    assert columns(900) == ["time", "plate", "to", "driver"]
    assert columns(700) == ["time", "plate", "to"]


@pytest.mark.parametrize("size", SIZES[:4])
def test_four_rows_stand_on_a_page_of_every_usual_screen(size):
    metrics = Metrics(*size)
    for box in metrics.panels().values():
        room = box.height - metrics.above_rows - metrics.below_rows
        assert room // metrics.row == 4


@pytest.mark.parametrize("size", SIZES)
def test_sections_stand_clear_of_each_other_inside_the_window(size):
    metrics = Metrics(*size)
    boxes = list(metrics.panels().values())
    for box in boxes:
        assert metrics.header < box.y
        assert box.y + box.height < metrics.height - metrics.footer
        assert box.x > 0
        assert box.x + box.width < metrics.width
    for one in boxes:
        for other in boxes:
            apart_x = one.x + one.width < other.x or other.x + other.width < one.x
            apart_y = one.y + one.height < other.y or other.y + other.height < one.y
            assert one is other or apart_x or apart_y


@pytest.mark.parametrize("size", SIZES)
def test_type_is_as_large_as_promised(size):
    metrics = Metrics(*size)
    side = min(size)
    assert metrics.type.body >= 0.035 * side
    assert metrics.type.hero >= 0.06 * side
    assert metrics.type.small >= 0.027 * side
    assert metrics.type.head > metrics.type.body


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """WCAG's ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def over(colour, alpha, ground):
    mixed = (
        round(alpha * int(colour[i : i + 2], 16) + (1 - alpha) * int(ground[i : i + 2], 16))
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in mixed)


@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("ground", [GROUND, PANEL])
def test_every_tone_stands_out_from_every_ground_by_seven_to_one(tone, ground):
    assert contrast(tone, ground) >= 7


def test_the_banner_and_a_row_that_glows_are_as_readable():
    assert contrast(GROUND, Tone.AMBER) >= 7
    assert contrast(Tone.TEXT, over(*GLOW, PANEL)) >= 7


def test_every_section_has_a_colour_of_its_own():
    assert len(set(SECTION_TONES.values())) == len(PANELS)
