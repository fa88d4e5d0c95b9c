"""Works permits, as tables: on which days they hold, and how a list of workers is read."""

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from models.permits import MOST_WORKERS, BadWorkers, Days, flaw, read_workers, working_hours
from models.terms import PermitState

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 9, 40, tzinfo=ZONE)
DAYS = Days(PermitState.ACTIVE, date(2026, 11, 23), date(2026, 11, 27))
HOURS = replace(DAYS, opens=time(8), closes=time(18))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"weekdays": "0"}, ""),
        ({"state": PermitState.SUSPENDED}, "permit_suspended"),
        ({"state": PermitState.ENDED}, "permit_ended"),
        ({"starts": date(2026, 11, 24)}, "permit_not_yet"),
        ({"starts": date(2026, 11, 1), "ends": date(2026, 11, 22)}, "permit_expired"),
        ({"ends": date(2026, 11, 23)}, ""),
        ({"weekdays": "123456"}, "permit_other_day"),
        ({"closes": time(9, 40)}, "permit_closed"),
        ({"closes": time(9, 41)}, ""),
        ({"opens": time(12)}, ""),
    ],
)
def test_a_permit_holds_on_its_days_alone(changes, why):
    assert flaw(replace(DAYS, **changes), MONDAY) == why


@pytest.mark.parametrize(
    ("at", "begins", "ends"),
    [((9, 40), (9, 40), (18, 0)), ((6, 30), (8, 0), (18, 0))],
)
def test_a_pass_holds_for_the_hours_of_the_day(at, begins, ends):
    starts, closes = working_hours(HOURS, MONDAY.replace(hour=at[0], minute=at[1]), ZONE)
    assert (starts.hour, starts.minute) == begins
    assert (closes.hour, closes.minute) == ends


def test_a_pass_never_holds_beyond_midnight():
    late = MONDAY.replace(hour=23, minute=59)
    starts, closes = working_hours(DAYS, late, ZONE)
    assert (closes - starts).total_seconds() == 60


@pytest.mark.parametrize(
    ("line", "worker"),
    [
        ("陳大文 1234", ("陳大文", "1234")),
        ("陳大文，123x", ("陳大文", "123X")),
        ("陳大文\t１２３４", ("陳大文", "1234")),
        ("Chan Tai Man, 1234", ("Chan Tai Man", "1234")),
        ("  陳大文　1234  ", ("陳大文", "1234")),
    ],
)
def test_a_line_is_read_as_people_write_it(line, worker):
    assert read_workers(f"\n{line}\n\n") == [worker]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "workers_none", 0),
        (" \n\n", "workers_none", 0),
        ("陳大文", "workers_line", 1),
        ("陳大文 1234\n李小明 12", "workers_line", 2),
        ("陳大文 12345", "workers_line", 1),
        ("陳大文 440301199001011234", "workers_line", 1),
        ("1234", "workers_line", 1),
        ("陳大文 X234", "workers_line", 1),
        ("陳" * 61 + " 1234", "workers_line", 1),
        ("陳大文 1234\n李小明 5678\n陳大文 1234", "workers_repeated", 3),
        ("\n".join(f"工人{'甲' * n} 1234" for n in range(1, 56)) * 1, "", 0),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_whole_with_its_line(text, code, line):
    if not code:
        assert len(read_workers(text)) == 55
        return
    with pytest.raises(BadWorkers) as bad:
        read_workers(text)
    assert (bad.value.code, bad.value.line) == (code, line)


def test_five_hundred_workers_are_too_many_for_one_permit():
    text = "\n".join(f"陳{chr(0x4E00 + n)} {n:04d}" for n in range(500))
    with pytest.raises(BadWorkers) as bad:
        read_workers(text)
    assert (bad.value.code, bad.value.line) == ("workers_too_many", MOST_WORKERS + 1)
