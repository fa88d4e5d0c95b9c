"""Times as people at the desk write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from controller.web.moments import NoSuchTime, read, written

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)  # Monday, 09:40 in Hong Kong


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("11:30", "2026-11-23 11:30"),
        ("1130", "2026-11-23 11:30"),
        (" 9:05 ", "2026-11-23 09:05"),
        ("１１：３０", "2026-11-23 11:30"),
        ("11-24 09:00", "2026-11-24 09:00"),
        ("11/24 9:00", "2026-11-24 09:00"),
        ("01-05 09:00", "2027-01-05 09:00"),
        ("2026-12-01 09:00", "2026-12-01 09:00"),
        ("2026-12-01T09:00", "2026-12-01 09:00"),
        ("2026-12-01T01:00:00Z", "2026-12-01 09:00"),
        ("2026-12-01T09:00:00+08:00", "2026-12-01 09:00"),
    ],
)
def test_a_time_is_read_in_the_sites_zone(text, meant):
    local = read(text).at(HONG_KONG, NOW).astimezone(HONG_KONG)
    assert f"{local:%Y-%m-%d %H:%M}" == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "24:00",
        "11:60",
        "2026-12-01",
        "1",
        "٠٩:٣٠",
        "x" * 500,
        "1800-01-01 09:00",
        None,
        9,
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic takes any ValueError as a bad field
        read(text)


@pytest.mark.parametrize("text", ["02-30 09:00", "2026-03-29 02:30"])
def test_a_time_that_never_comes_is_refused(text):
    with pytest.raises(NoSuchTime):
        read(text).at(BERLIN, NOW)


def test_the_hour_that_comes_twice_means_its_first():
    moment = read("2026-10-25 02:30").at(BERLIN, NOW)
    assert moment.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["11:30", "2026-11-24 09:00"])
def test_what_a_form_shows_again_is_read_as_the_same_moment(text):
    moment = read(text).at(HONG_KONG, NOW)
    assert written(moment, HONG_KONG, NOW) == text
