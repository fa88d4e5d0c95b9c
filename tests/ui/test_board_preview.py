"""The desk's preview against the glass: the same words, on the same lines, on the same pages."""
# ruff: noqa: F811 - a fixture of another folder is imported by its name

import re
from datetime import timedelta
from html import unescape

import pytest

from controller import emergency, previewing, publishing, sections
from models import store
from models.display import measure
from models.display.state import receive, restored
from models.display.view import Look, view
from models.messages import Canary, Snapshot, decode
from models.terms import Audience, Emergency, Language, Section
from tests import board_days as days
from tests.integration.conftest import NOW, core  # noqa: F401
from tests.parts import fresh_settings

SIZES = [previewing.LANDSCAPE, previewing.PORTRAIT]
MIXED = "AVATAR Ｔｏ fi 房间 客廳 Jean-Luc d'Été jeu W. 3–4 樓"


def texts_of(svg):
    found = {}
    for name, spans in re.findall(r'<text data-name="(\w+)"[^>]*>(.*?)</text>', svg):
        lines = re.findall(r"<tspan[^>]*>(.*?)</tspan>", spans)
        if text := "\n".join(unescape(line) for line in lines):
            found[name] = text
    return found


def received(core, group, before, now):
    """What a board of the group knows once it was sent everything that is in the outbox now."""
    state = receive(before, Canary(epoch=store.epoch(), seq=1, at=now), days.TICK)
    for row in store.unsent(999):
        if f"/board/{group}/" in row.message.topic:
            message = decode(row.message.topic, row.message.payload, "test")
            if isinstance(message, Snapshot):
                state = receive(state, message, days.TICK)
    return state


@pytest.fixture
def settings():
    """In the zone of the design's day: no clock is read here."""
    with fresh_settings() as fresh:
        yield fresh


@pytest.fixture
def glass(ui, core):
    from board.screen import Screen

    def shown(state, size, turns, now):
        board = core.settings.board
        screen = Screen(board.language, board.page_seconds, size)
        ui.show(screen, size)
        look = Look(board.language, board.place, board.stale_seconds, core.local(now), days.TICK)
        screen.show(view(state, look), days.TICK + turns * board.page_seconds)
        ui.frames(2)
        return {name: found["text"] for name, found in ui.widgets().items() if found["text"]}

    return shown


def office(core):
    rows = [held.snapshot for held in days.designed().sections.values()]
    for snapshot in [*rows, *(held.snapshot for held in days.long_names().sections.values())]:
        for row in snapshot.items:
            content = row.model_dump(mode="json", exclude={"id", "by", "at", "until"})
            publishing.publish(core, snapshot.section, content, "王美玲", NOW)


DRAFTS = {
    Section.VEHICLES: {"plate": "粵B·77777", "departs": days.at(11), "to": MIXED, "state": "out"},
    Section.WHEREABOUTS: {"name": "何嘉怡", "department": "人事部", "state": "out", "place": MIXED},
    Section.VISITS: {
        "starts": days.at(16),
        "delegation": (MIXED * 2)[:60],
        "headcount": 3,
        "room": "二樓",
    },
    Section.REMINDERS: {"text": MIXED * 3},
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("section", DRAFTS)
def test_a_preview_is_what_the_board_draws_once_it_is_published(core, glass, section, size):
    office(core)
    group = sections.staff_group(core)
    before = received(core, "main", restored("main", [], days.TICK), NOW)
    line = publishing.drawn_up(core, section, DRAFTS[section], "王美玲", NOW)
    line = previewing.replace(line, id=previewing.NEW)
    previews = [previewing.preview(core, group, size, NOW, line, turns) for turns in range(4)]
    publishing.publish(core, section, DRAFTS[section], "王美玲", NOW)
    after = received(core, "main", before, NOW)
    for turns, svg in enumerate(previews):
        seen = texts_of(svg)
        assert seen == glass(after, size, turns, NOW), turns
    assert any(name.startswith(f"row_{section}_") for name in seen)


def test_a_preview_for_the_public_is_masked_as_its_board_is(core, glass):
    sections.save_group(core, "gate", Audience.PUBLIC, "王美玲", NOW)
    office(core)
    [gate] = [group for group in sections.groups(core) if group.name == "gate"]
    seen = texts_of(previewing.preview(core, gate, previewing.LANDSCAPE, NOW))
    state = received(core, "gate", restored("gate", [], days.TICK), NOW)
    assert seen == glass(state, previewing.LANDSCAPE, 0, NOW)
    assert "總部會議" not in str(seen)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_an_emergency_is_previewed_as_it_takes_over(core, glass, size):
    group = sections.staff_group(core)
    line = publishing.drawn_up(
        core,
        Section.EMERGENCY,
        {"kind": "fire", "text": ""},
        "王美玲",
        NOW,
        ends=NOW + timedelta(minutes=30),
    )
    seen = texts_of(previewing.preview(core, group, size, NOW, line))
    emergency.take_over(core, Emergency.FIRE, "", timedelta(minutes=30), "王美玲", NOW)
    state = received(core, "main", restored("main", [], days.TICK), NOW)
    on_glass = glass(state, size, 0, NOW)
    assert seen == {name: text for name, text in on_glass.items() if name.startswith("emergency_")}


@pytest.mark.parametrize("language", [Language.ZH_HANT, Language.ZH_HANS])
@pytest.mark.parametrize("size", [26, 38, 42, 66, 132])
def test_a_text_is_drawn_no_wider_than_it_is_measured(ui, repo_settings, language, size):
    from kivy.core.text import Label

    from models.glass import font_for

    face = font_for(language)
    label = Label(font_name=face, font_size=size)
    ruler = measure.ruler(repo_settings.fonts / f"{face}-Regular.otf", size)
    for text in (MIXED, days.LONG_LATIN, days.LONG_TEXT[:40], "09:30", "粵B·12345", "jeu", "1 / 2"):
        drawn = label.get_extents(text)[0]
        assert drawn <= ruler(text) <= drawn + 9, text


def test_what_no_font_can_draw_is_known(repo_settings):
    font = repo_settings.fonts / "TC-Regular.otf"
    assert measure.missing(font, "請走 A座 →　龘") == ""
    assert measure.missing(font, "a𓀀b𓀀") == "𓀀"
