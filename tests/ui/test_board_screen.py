"""The board as it is drawn: pictures for the eye, and what can be computed about them."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from models.display.layout import COLUMNS
from models.display.state import receive
from models.display.view import Line, Look, view
from models.terms import Language, Section
from tests import board_days as days

LANDSCAPE, PORTRAIT = (1920, 1080), (1080, 1920)
PLACES = {Language.ZH_HANT: "首層大堂", Language.ZH_HANS: "首层大堂", Language.EN: "Ground floor"}


class Shown:
    """A board on the window of the tests."""

    def __init__(self, ui, size, language):
        from board.screen import Screen

        self.ui, self.size, self.language = ui, size, language
        self.screen = Screen(language, 12, size)
        ui.show(self.screen, size)

    def show(self, state, tick=days.TICK, now=days.NOW):
        look = Look(self.language, PLACES[self.language], 15, now, tick)
        drawn = self.screen.show(view(state, look), tick)
        self.ui.frames(2)
        return drawn

    @property
    def texts(self):
        return {name: widget["text"] for name, widget in self.ui.widgets().items()}

    def labels(self):
        """Every widget that draws a text now."""
        from board.screen import Words

        return [w for w in self.screen.walk() if isinstance(w, Words) and w.text]

    def box(self, test_id):
        found = self.ui.widgets()[test_id]
        return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


@pytest.fixture
def board(ui):
    def build(state=None, size=LANDSCAPE, language=Language.ZH_HANT):
        shown = Shown(ui, size, language)
        if state is not None:
            shown.show(state)
        return shown

    return build


def assert_nothing_is_clipped_or_overlaps(shown):
    boxes = {label.test_id: shown.box(label.test_id) for label in shown.labels()}
    width, height = shown.size
    for name, (left, top, right, bottom) in boxes.items():
        assert 0 <= left < right <= width, name
        assert 0 <= top < bottom <= height, name
    for label in shown.labels():
        assert label.texture_size[0] <= label.width, f"{label.test_id} is clipped"
        # A state's outline is tighter than its line of type; both have the row's height.
        room = label.parent if label.test_id.endswith("_state") else label
        blank = 0.2 * label.font_size  # a line of Noto is 1.45 em high, its letters 1.2 em at most
        assert label.texture_size[1] - blank <= room.height, f"{label.test_id} is clipped"
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{one} touches {other}"
    for name, (left, top, right, bottom) in boxes.items():
        if name.startswith("row_"):
            panel = shown.screen._panels[Section(name.split("_")[1])]
            assert panel.x + panel.pad <= left, name
            assert right <= panel.right - panel.pad, name
            assert height - panel.top <= top, name
            assert bottom <= height - panel.y, name


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("day", days.DAYS)
def test_no_text_is_clipped_or_touches_another(ui, board, day, language, size):
    shown = board(days.DAYS[day](), size, language)
    ui.keep(f"board-{day}-{language}-{size[0]}x{size[1]}")
    assert_nothing_is_clipped_or_overlaps(shown)


@pytest.mark.parametrize("size", [(1280, 720), (3840, 2160), (1360, 768), (1280, 1024)])
@pytest.mark.parametrize("day", ["designed", "long-names", "unconfirmed"])
def test_other_screens_show_the_same_without_clipping(ui, board, day, size):
    shown = board(days.DAYS[day](), size)
    ui.keep(f"board-{day}-zh-Hant-{size[0]}x{size[1]}")
    assert_nothing_is_clipped_or_overlaps(shown)


def test_every_text_of_the_designed_day_can_be_read_back(board):
    texts = board(days.designed()).texts
    assert texts["clock"] == "09:42"
    assert texts["date"] == "2026年11月23日 星期一"
    assert texts["place"] == "首層大堂"
    assert texts["title_vehicles"] == "車輛出行"
    assert texts["page_whereabouts"] == "1 / 2"
    assert texts["row_vehicles_1_to"] == "市政府 → 龍崗項目"
    assert texts["row_vehicles_3_state"] == "待命"
    assert texts["row_whereabouts_1_place"] == "總部會議　12:00 回"
    assert texts["row_visits_2_headcount"] == "22 人"
    assert texts["row_reminders_3_text"] == "下班前請關閉會議室設備電源"
    assert texts["footer"] == "即時更新 · 最後發布 09:41:58"
    assert texts["hint"] == "訪客請於自助機登記 →"
    assert "banner" not in texts


@pytest.mark.parametrize("day", ["designed", "many-rows", "unconfirmed"])
def test_columns_align_over_all_rows_and_pages(board, day):
    shown = board(days.DAYS[day]())
    edges = {}
    for page in range(6):
        shown.show(days.DAYS[day](), tick=days.TICK + 12 * page)
        for name in shown.texts:
            if name.startswith("row_") and not name.endswith("_state"):
                _, section, _, column = name.split("_")
                [known] = [c for c in COLUMNS[Section(section)] if c.name == column]
                edge = shown.box(name)[2 if known.right else 0]
                edges.setdefault((section, column), set()).add(edge)
    assert edges
    assert all(len(found) == 1 for found in edges.values()), edges


def test_states_and_last_columns_end_flush_right(board):
    shown = board(days.designed())
    for section, column in (("vehicles", "state"), ("whereabouts", "state"), ("visits", "room")):
        ends = {shown.box(n)[2] for n in shown.texts if n.startswith(f"row_{section}_")
                and n.endswith(column)}  # fmt: skip
        panel = shown.screen._panels[Section(section)]
        assert ends == {panel.right - panel.pad}


def test_there_are_four_kinds_of_type_and_the_body_is_large(board):
    for size in (LANDSCAPE, PORTRAIT):
        shown = board(days.many_rows(), size)
        fonts = {(label.font_name, label.font_size, label.bold) for label in shown.labels()}
        assert len(fonts) == 4
        rows = [label for label in shown.labels() if label.test_id.startswith("row_")]
        assert min(label.font_size for label in rows) >= 0.035 * min(size)


@pytest.mark.parametrize(
    ("language", "face"), [(Language.ZH_HANT, "TC"), (Language.ZH_HANS, "SC"), (Language.EN, "TC")]
)
def test_glyphs_are_those_of_the_language(board, language, face):
    assert {label.font_name for label in board(days.designed(), language=language).labels()} == {
        face
    }


def test_pages_turn_every_twelve_seconds_and_say_which_one_is_shown(board):
    shown = board()
    state = days.many_rows()
    seen = []
    for elapsed in (0, 11, 12, 24, 36):
        drawn = shown.show(state, tick=days.TICK - 1 + elapsed)
        seen.append((shown.texts["page_vehicles"], shown.texts["row_vehicles_1_plate"]))
        assert drawn.turns_in == 12 - elapsed % 12
    plates = ["粵B·10007", "粵B·10035", "粵B·10063"]
    pages = [0, 0, 1, 2, 0]
    assert seen == [(f"{page + 1} / 3", plates[page]) for page in pages]


def test_no_row_is_lost_between_pages(board):
    shown = board()
    seen = set()
    for page in range(3):
        shown.show(days.many_rows(), tick=days.TICK - 1 + 12 * page)
        texts = shown.texts
        seen |= {t for name, t in texts.items() if name.endswith("plate")}
    assert len(seen) == 12


def test_the_page_with_the_news_is_shown_first(board):
    shown = board()
    many = days.many_rows()
    held = many.sections[Section.VEHICLES].snapshot
    shown.show(many)
    changed = held.items[9].model_copy(update={"to": "機場"})
    items = (*held.items[:9], changed, *held.items[10:])
    after = receive(many, held.model_copy(update={"rev": 2, "items": items}), days.TICK + 5)
    shown.show(after, tick=days.TICK + 5)
    assert shown.texts["page_vehicles"] == "3 / 3"
    assert shown.texts["row_vehicles_2_to"] == "機場"
    shown.show(after, tick=days.TICK + 17)
    assert shown.texts["page_vehicles"] == "1 / 3"


def pixel(ui, x, y):
    return ui.picture().getpixel((x, y))


def test_a_new_row_glows_and_then_does_not(ui, board):
    shown = board(days.designed())
    left, top, *_ = shown.box("row_vehicles_3_time")
    spot = int(left) + 2, int(top) + 8
    assert pixel(ui, *spot) == pytest.approx((0x3E, 0x40, 0x3C), abs=4)
    shown.show(days.designed(), tick=days.TICK + 10)
    assert pixel(ui, *spot) == (0x14, 0x20, 0x33)


def test_the_banner_takes_the_footer_s_place_and_gives_it_back(ui, board):
    shown = board(days.designed())
    assert pixel(ui, 20, 1060) == (0x0D, 0x15, 0x22)
    shown.show(days.stale())
    assert shown.texts["banner"] == "更新中斷 · 09:41 以後的變動未能顯示"
    assert not {"footer", "hint"} & set(shown.texts)
    assert pixel(ui, 20, 1060) == (0xFF, 0xD1, 0x66)
    assert shown.texts["row_vehicles_1_plate"] == "粵B·12345", "what was shown stays"
    shown.show(days.designed())
    assert {"footer", "hint"} <= set(shown.texts)
    assert "banner" not in shown.texts


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("day", ["taken_over", "long_emergency"])
def test_an_emergency_covers_the_whole_screen_and_gives_it_back(ui, board, day, language, size):
    shown = board(getattr(days, day)(), size, language)
    labels = [w for w in shown.labels() if w.test_id.startswith("emergency_")]
    boxes = [shown.box(label.test_id) for label in labels]
    assert len(labels) == 4
    for left, top, right, bottom in boxes:
        assert 36 < left < right < size[0] - 36
        assert 36 < top < bottom < size[1] - 36
    for (*_, above), (_, below, *_) in pairwise(sorted(boxes, key=lambda box: box[1])):
        assert above <= below + 0.3 * labels[0].font_size, "lines are higher than their letters"
    ui.keep(f"board-{day}-{language}-{size[0]}x{size[1]}")
    for x, y in ((2, 2), (size[0] - 3, size[1] - 3), (size[0] - 60, 56)):
        assert pixel(ui, x, y) == (0x8F, 0x13, 0x22)
    shown.show(days.designed())
    assert not any(name.startswith("emergency_") for name in shown.texts)


def test_an_emergency_stands_still(ui, board):
    shown = board(days.taken_over())
    before = ui.glass.frames
    for later in range(1, 9):
        shown.show(days.taken_over(), tick=days.TICK + later)
    assert ui.glass.frames == before


def test_a_screen_that_reads_the_same_draws_no_frame(ui, board):
    shown = board(days.designed())
    before = ui.glass.frames
    for later in range(1, 9):
        shown.show(days.designed(), tick=days.TICK + later)
    assert ui.glass.frames == before


def test_an_update_leaves_the_textures_of_other_rows_alone(board):
    shown = board(days.designed())
    kept = {w.test_id: w.texture for w in shown.labels()}
    other = days.NEW_CAR.model_copy(update={"to": "機場"})
    changed = days.snapshot(Section.VEHICLES, *days.CARS, other, rev=3)
    shown.show(receive(days.designed(), changed, days.TICK))
    redrawn = {w.test_id for w in shown.labels() if w.texture is not kept.get(w.test_id)}
    assert redrawn == {"row_vehicles_3_to"}


def test_a_section_that_cannot_be_drawn_stays_and_the_others_go_on(board):
    shown = board(days.designed())
    look = Look(Language.ZH_HANT, "首層大堂", 15, days.NOW, days.TICK)
    vehicles, *others = view(days.one_row(), look).panels
    broken = replace(vehicles, lines=(Line(1, ("a row without its columns",)),))
    whole = view(days.one_row(), look)
    drawn = shown.screen.show(replace(whole, panels=(broken, *others)), days.TICK)
    shown.ui.frames(2)
    assert drawn.failed == {Section.VEHICLES}
    assert shown.texts["row_vehicles_3_plate"] == "粵B·24680"
    assert "row_whereabouts_2_name" not in shown.texts
    assert shown.show(days.one_row()).failed == frozenset()
    assert "row_vehicles_2_plate" not in shown.texts


def test_a_callback_that_fails_leaves_the_screen_alive(ui, board):
    shown = board(days.designed())
    ui.glass.call(lambda: 1 / 0)
    ui.glass.step()
    assert shown.texts["row_vehicles_1_plate"] == "粵B·12345"
    shown.show(days.one_row())
    assert "row_vehicles_2_plate" not in shown.texts


def test_a_screen_that_is_resized_is_laid_out_anew(ui, board):
    shown = board(days.designed())
    ui.show(shown.screen, (1280, 720))
    rows = [label for label in shown.labels() if label.test_id.startswith("row_")]
    assert {label.font_size for label in rows} == {26}
    assert max(label.right for label in shown.labels()) <= 1280


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
def test_at_night_everything_is_dimmer_in_one_tone_and_by_day_as_before(board, ui, size):
    shown = board(days.designed(), size)
    by_day = ui.picture().convert("L")
    seen = view(days.designed(), Look(Language.ZH_HANT, "", 15, days.NOW, days.TICK))
    shown.screen.show(replace(seen, light=0.7), days.TICK)
    by_night = ui.picture().convert("L")
    assert 0.5 < by_night.getextrema()[1] / by_day.getextrema()[1] < 0.75
    assert len({tuple(label.color) for label in shown.labels()}) == 1
    shown.screen.show(seen, days.TICK)
    assert len({tuple(label.color) for label in shown.labels()}) > 3
