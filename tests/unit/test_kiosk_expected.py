"""Today's expected visits on the welcome: coarse words, the truth about their age, few frames."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from kiosk import expected
from kiosk.terms import Awaited, Button, Reached
from models.messages import Expected, ExpectedVisit, Snapshot, VisitRow
from models.notices import expected as as_expected
from models.terms import Language, Section
from models.words import say
from tests.kiosk_story import Story

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, 40, tzinfo=ZONE)
GROUP = {"starts": NOW.replace(hour=10), "headcount": 12, "body": "市政協參觀團"}
PERSON = {"starts": NOW.replace(hour=14), "headcount": 1}


def news(*visits, rev=1, epoch=1, **changes):
    told = {"day": NOW.date(), "published_at": NOW.astimezone(UTC)} | changes
    items = tuple(ExpectedVisit(**visit) for visit in visits)
    return Awaited(Expected(group="main", epoch=epoch, rev=rev, items=items, **told))


def said(story, now=NOW, language=Language.ZH_HANT):
    tr = lambda key, **places: say(language, f"kiosk.{key}", **places)  # noqa: E731
    return expected.shown(story.state, tr, now)


@pytest.fixture
def story():
    return Story()


def test_a_body_is_named_and_a_person_is_not(story):
    rows = (
        VisitRow(id=1, at=NOW, starts=PERSON["starts"], delegation="王小明", headcount=1, room="A"),
        VisitRow(
            id=2,
            at=NOW,
            by="林",
            starts=GROUP["starts"],
            delegation="市政協",
            headcount=12,
            open=True,
        ),
    )
    head = {"group": "main", "section": Section.VISITS, "epoch": 7, "rev": 3}
    told = as_expected(Snapshot[VisitRow](**head, day=NOW.date(), published_at=NOW, items=rows))
    assert (told.epoch, told.rev) == (7, 3)
    assert [visit.body for visit in told.items] == ["市政協", ""]
    assert "王" not in told.model_dump_json()
    story.tell(Awaited(told))
    assert said(story)["expected"] == [
        ("10:40", "市政協", "12 位"),
        ("14:40", "來訪客人", "1 位"),
    ]


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({}, "今日暫無參觀安排"),
        ({"day": NOW.date() - timedelta(days=1)}, ""),
    ],
)
def test_an_empty_day_is_told_from_a_day_that_was_not_published(story, change, title):
    story.tell(news(**change))
    assert said(story) == {"expected_title": title, "expected": []}


def test_before_the_first_news_nothing_is_claimed(story):
    assert said(story) == {"expected_title": "", "expected": []}


def test_yesterday_s_visits_end_with_the_site_s_day(story):
    story.tell(news(GROUP))
    midnight = NOW.replace(hour=0, minute=0) + timedelta(days=1)
    assert said(story, midnight - timedelta(seconds=1))["expected"]
    assert not said(story, midnight)["expected"]


def test_a_visit_past_its_time_is_gone(story):
    story.tell(news(GROUP | {"until": NOW}, PERSON | {"until": NOW + timedelta(hours=6)}))
    assert [line[0] for line in said(story)["expected"]] == ["14:40"]


def test_without_a_connection_the_list_says_how_old_it_is_and_an_empty_one_nothing(story):
    story.tell(news(GROUP), Reached(up=False))
    assert "09:40" in said(story)["expected_title"]
    assert said(story)["expected"]
    story.tell(news(rev=2))
    assert said(story)["expected_title"] == ""


@pytest.mark.parametrize(
    "far",
    [
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_a_moment_that_no_calendar_here_has_is_a_dash(story, far):
    story.tell(news(GROUP | {"starts": far}, published_at=far), Reached(up=False))
    assert "—" in said(story)["expected_title"]
    assert said(story)["expected"] == [("—", "市政協參觀團", "12 位")]


def test_older_news_changes_nothing_and_a_new_epoch_does(story):
    story.tell(news(GROUP, rev=5), news(rev=4))
    assert said(story)["expected"]
    story.tell(news(rev=1, epoch=2))
    assert not said(story)["expected"]


def test_more_than_fit_turn_every_twelve_seconds_and_no_sooner(story):
    story.tell(news(*[PERSON] * 5)).at(now=12_000.0)
    turns = set()
    for quarter in range(48):
        story.at(now=12_000.0 + quarter / 4)
        turns.add((said(story)["expected_title"], len(said(story)["expected"])))
    assert turns == {("今日來訪　1 / 2", 3)}
    story.at(now=12_012.0)
    assert said(story)["expected_title"] == "今日來訪　2 / 2"
    assert len(said(story)["expected"]) == 2


def test_the_next_visitor_finds_them_too(story):
    story.tell(news(GROUP)).tap(Button.REGISTER, Button.BACK)
    assert said(story)["expected"]
