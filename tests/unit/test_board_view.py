"""What the screen says of a state at a moment, in words, without a window."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.display.state import receive, restored
from models.display.theme import Tone
from models.display.view import Chip, Look, view
from models.messages import ROWS, Canary, Snapshot
from models.terms import PANELS, Language, PersonState, Section, VehicleState
from tests import board_days as days

LOOK = Look(Language.ZH_HANT, "首層大堂", 15, days.NOW, days.TICK)


def seen(state, section=None, **changes):
    """The view, or one section of it, with some of the look changed."""
    whole = view(state, replace(LOOK, **changes))
    return whole if section is None else next(p for p in whole.panels if p.section is section)


def cells(panel):
    return [line.cells for line in panel.lines]


def test_the_day_of_the_design_reads_as_in_its_picture():
    screen = seen(days.designed())
    assert (screen.title, screen.place, screen.clock) == ("電子信息欄", "首層大堂", "09:42")
    assert screen.date == "2026年11月23日 星期一"
    assert screen.footer == "即時更新 · 最後發布 09:41:58"
    assert screen.banner == ""
    assert [panel.title for panel in screen.panels] == [
        "車輛出行",
        "人員去向",
        "參觀提示",
        "提示事項",
    ]
    vehicles, people, visits, reminders = screen.panels
    assert cells(vehicles)[0] == ("09:30", "粵B·12345", "市政府 → 龍崗項目", "")
    assert vehicles.lines[0].chip == Chip("已出車", Tone.AMBER)
    assert [line.fresh for line in vehicles.lines] == [False, False, True]
    assert cells(people)[0] == ("總經理", "陳國華", "總部會議　12:00 回")
    assert cells(people)[3] == ("財務部", "周敏", "11月24日 回")
    assert cells(visits)[1] == ("15:00", "同行參觀團 · 恒信物業", "22 人", "二樓多功能廳")
    assert cells(reminders)[2] == ("下班前請關閉會議室設備電源",)


def test_english_reads_as_english():
    screen = seen(days.designed(), language=Language.EN)
    assert screen.date == "Monday 23 Nov 2026"
    assert screen.panels[1].lines[0].cells[2] == "總部會議, back 12:00"
    one = days.visit(1, days.at(10), "Auditor", 1, "Room 3")
    visits = seen(days.of(days.snapshot(Section.VISITS, one)), Section.VISITS, language="en")
    assert visits.lines[0].cells[2] == "1 person"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("state", VehicleState)
def test_every_state_of_a_car_has_a_word(language, state):
    row = days.car(1, days.at(9), "粵B·1", "市政府", state)
    panel = seen(days.of(days.snapshot(Section.VEHICLES, row)), Section.VEHICLES, language=language)
    assert panel.lines[0].chip.text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("state", PersonState)
def test_every_state_of_a_person_has_a_word(language, state):
    row = days.person(1, "工程部", "李志強", state)
    snapshot = days.snapshot(Section.WHEREABOUTS, row)
    panel = seen(days.of(snapshot), Section.WHEREABOUTS, language=language)
    assert panel.lines[0].chip.text
    assert cells(panel) == [("工程部", "李志強", "")]


@pytest.mark.parametrize("section", [Section.VEHICLES, Section.WHEREABOUTS, Section.VISITS])
def test_a_row_past_its_time_says_since_when_it_is_unconfirmed(section):
    panel = seen(days.unconfirmed(), section)
    assert panel.lines[0].chip == Chip("未確認 自 09:40", Tone.MUTED)
    assert panel.lines[1].chip != panel.lines[0].chip
    assert cells(panel) == cells(seen(days.designed(), section))[:2], "it is not blanked"


def test_a_reminder_past_its_end_is_not_shown():
    assert len(seen(days.unconfirmed(), Section.REMINDERS).lines) == 1


def test_yesterday_s_sections_say_that_today_was_not_published():
    *daily, reminders = seen(days.yesterday()).panels
    assert {panel.empty for panel in daily} == {"今日未發布"}
    assert not any(panel.lines for panel in daily)
    assert len(reminders.lines) == 3


def test_midnight_turns_the_day():
    state = days.offline()  # by its own clock, for no other was heard
    midnight = days.at(0, day=24)
    before = seen(state, Section.VISITS, now=midnight - timedelta(seconds=1))
    after = seen(state, Section.VISITS, now=midnight)
    assert before.lines
    assert (after.lines, after.empty) == ((), "今日未發布")


def test_midnight_is_the_office_s_however_long_the_broker_is_gone():
    state, seconds = days.designed(), (days.at(0, day=24) - days.NOW).total_seconds()
    for wrong in (timedelta(0), timedelta(days=1), timedelta(hours=-5)):
        own = {"now": days.NOW + wrong}
        assert seen(state, Section.VISITS, tick=days.TICK + seconds - 1, **own).lines
        late = seen(state, tick=days.TICK + seconds, **own)
        assert late.clock == "00:00"
        assert [panel.empty for panel in late.panels] == ["今日未發布"] * 3 + [""]
        assert late.banner == "更新中斷 · 11月23日 以後的變動未能顯示"


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1), timedelta(days=400)])
def test_a_clock_that_jumps_changes_nothing_on_the_glass(jump):
    assert seen(days.designed(), now=days.NOW + jump) == seen(days.designed())


def test_an_empty_section_and_one_never_published_read_differently():
    vehicles, _, visits, _ = seen(days.empty()).panels
    assert (vehicles.empty, visits.empty) == ("暫無", "今日未發布")


def test_a_board_that_knows_nothing_says_so():
    screen = seen(days.nothing_known())
    assert {panel.empty for panel in screen.panels} == {"尚無內容"}
    assert screen.banner == "離線 · 尚無內容可顯示"


def test_silence_is_said_with_since_when_and_ends_by_itself():
    state = days.alive(days.designed(), days.TICK - 120)
    silent = seen(state)
    assert silent.banner == "更新中斷 · 09:40 以後的變動未能顯示"
    assert seen(state, tick=days.TICK - 106).banner == ""
    assert seen(state, tick=days.TICK - 105).banner
    assert seen(receive(state, Canary(epoch=7, seq=9, at=days.NOW), days.TICK)).banner == ""
    assert silent.panels == seen(days.designed()).panels, "what was shown stays"


def test_silence_since_another_day_names_the_day():
    state = days.alive(days.designed(), days.TICK - 10 * 3600)
    assert "11月22日" in seen(state).banner


def test_what_comes_from_the_disk_says_how_old_it_is():
    assert seen(days.offline()).banner == "離線 · 顯示的是 09:41 的內容"
    old = days.snapshot(Section.REMINDERS, *days.REMINDERS, published_at=days.at(17, 30, day=20))
    state = restored("main", [old], days.TICK)
    assert seen(state).banner == "離線 · 顯示的是 11月20日 17:30 的內容"


def test_a_newly_published_row_is_marked_for_ten_seconds():
    state = days.designed()
    marked = [
        seen(state, Section.VEHICLES, tick=days.TICK + later).lines[2].fresh
        for later in (0, 9.9, 10, 60)
    ]
    assert marked == [True, True, False, False]


@pytest.mark.parametrize(
    ("state", "now", "tick", "lasts"),
    [
        (days.designed(), days.NOW, days.TICK, 10),  # the mark of a new row ends
        (days.designed(), days.NOW, days.TICK + 10.5, 4.5),  # silence would be noticed
        (days.stale(), days.NOW + timedelta(seconds=20), days.TICK + 20, 40),  # the clock's minute
        (
            days.of(
                days.snapshot(
                    Section.REMINDERS,
                    days.reminder(1, "a", until=days.NOW + timedelta(seconds=7)),
                )
            ),
            days.NOW,
            days.TICK,
            7,  # a row ends
        ),
    ],
)
def test_the_view_knows_when_it_will_read_differently(state, now, tick, lasts):
    assert seen(state, now=now, tick=tick).lasts == pytest.approx(lasts)


def test_times_on_other_days_are_dates():
    row = days.car(1, days.at(9, day=25), "粵B·1", "市政府", "standby")
    panel = seen(days.of(days.snapshot(Section.VEHICLES, row)), Section.VEHICLES)
    assert panel.lines[0].cells[0] == "11月25日"


def test_times_are_the_site_s_whatever_zone_they_were_written_in():
    row = days.car(1, datetime(2026, 11, 23, 1, 30, tzinfo=UTC), "粵B·1", "市政府", "out")
    panel = seen(days.of(days.snapshot(Section.VEHICLES, row)), Section.VEHICLES)
    assert panel.lines[0].cells[0] == "09:30"


_OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))
_MOMENTS = st.datetimes(timezones=_OFFSETS)


@given(
    section=st.sampled_from(list(PANELS)),
    language=st.sampled_from(list(Language)),
    moments=st.lists(_MOMENTS, min_size=5, max_size=5),
    now=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is added below
)
def test_whatever_times_a_valid_section_has_it_can_be_said(section, language, moments, now):
    at, until, own, published, canary = moments
    fields = {
        Section.VEHICLES: {"plate": "粵B·1", "to": "市政府", "departs": own, "state": "out"},
        Section.WHEREABOUTS: {"name": "王", "state": "in", "back": own},
        Section.VISITS: {"starts": own, "delegation": "團", "headcount": 1},
        Section.REMINDERS: {"text": "a"},
    }[section]
    row = ROWS[section].model_validate({"id": 1, "at": at, "until": until, **fields}, strict=False)
    now = now.replace(tzinfo=days.ZONE)
    for day in (now.date(), date(1, 1, 1)):
        snapshot = days.snapshot(section, row, day=day, published_at=published)
        state = restored("main", [snapshot], 0)
        alive = receive(state, Canary(epoch=7, seq=1, at=canary), 1)
        for one in (state, alive):
            assert seen(one, now=now, tick=2.0, language=language).lasts >= 0
    assert isinstance(snapshot, Snapshot)
