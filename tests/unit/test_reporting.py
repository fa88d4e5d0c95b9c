"""Weeks and months, how long things took, and files whose texts are never formulas."""

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from controller.spreadsheets import Table, clock, csv_of, xlsx_of
from controller.web import plots
from models.reports import Period, Step, Visited, took, with_the_desks_word
from models.terms import Category, ConfirmStep, Span, VisitState

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "　=1",
    '王,"=1"\n',
]
DAYS = st.dates(date(2000, 1, 1), date(2999, 12, 31))


@given(DAYS, st.sampled_from(Span))
def test_every_day_is_in_one_week_and_one_month_and_none_lies_between(day, span):
    period = Period.around(span, day)
    assert day in period.days
    assert period.first.weekday() == 0 if span is Span.WEEK else period.first.day == 1
    assert period.after.first == period.last + timedelta(days=1)
    assert period.after.before == period
    assert len(period.days) == 7 if span is Span.WEEK else 28 <= len(period.days) <= 31


def test_a_period_is_by_the_offices_clock_also_where_it_is_changed():
    october = Period.around(Span.MONTH, date(2026, 10, 5))
    start, end = october.moments(ZoneInfo("Europe/Berlin"))
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(days=31, hours=1)


@given(st.lists(st.integers(0, 100_000), min_size=1))
def test_half_took_no_longer_than_the_median_and_ninety_five_of_a_hundred_no_longer_than_most(
    spans,
):
    found = took(timedelta(seconds=one) for one in spans)
    seconds = found.median.total_seconds()
    assert found.count == len(spans)
    assert 2 * sum(one <= seconds for one in spans) >= len(spans)
    assert 2 * sum(one >= seconds for one in spans) >= len(spans)
    within = [one for one in spans if 20 * sum(other <= one for other in spans) >= 19 * len(spans)]
    assert found.most == timedelta(seconds=min(within))


def test_what_never_happened_took_no_time_at_all():
    assert took([None]) == took([])
    assert (took([]).count, took([]).median) == (0, None)


def visited(by="王美玲", minutes=5):
    decided = AT + minutes * MINUTE if by else None
    return Visited(1, AT, Category.SERVICE, "王", "", "", 1, VisitState.ADMITTED, decided, by)


def test_only_who_was_let_in_or_refused_by_somebody_has_waited():
    assert visited().waited == 5 * MINUTE
    assert [visited(by).waited for by in ("", "rules", "visitor")] == [None] * 3
    assert visited(minutes=-5).waited == timedelta(0), "a clock was put back"


def test_the_desk_answers_by_deciding_unless_somebody_before_it_has():
    host = Step(1, ConfirmStep.HOST, "李志強", AT, None)
    desk = Step(1, ConfirmStep.DESK, "", AT + MINUTE, None)
    settled = Step(1, ConfirmStep.HOST, "李志強", AT, AT + 2 * MINUTE)
    assert [one.took for one in with_the_desks_word([visited()], [host, desk])] == [
        None,
        4 * MINUTE,
    ]
    assert [one.took for one in with_the_desks_word([visited()], [settled, desk])] == [
        2 * MINUTE,
        None,
    ]
    assert with_the_desks_word([visited("visitor")], [desk]) == [desk]


# --- files --------------------------------------------------------------------------------------


def table(*rows):
    return Table("names", "姓名", ("姓名", "用時", "時間", "日期"), rows)


def read(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", FORMULAS)
def test_a_text_in_a_csv_file_begins_with_an_apostrophe_where_it_could_be_a_formula(name):
    content = csv_of(table((name, None, None, None)))
    assert content.startswith(b"\xef\xbb\xbf")
    assert read(content)[1][0] == ("'" + name if name[0] != "王" else name)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_text_in_a_workbook_is_a_text_and_stays_one_when_it_is_edited(name):
    content = xlsx_of([table((name, None, None, None))], "報表")
    cell = load_workbook(io.BytesIO(content)).active["A2"]
    assert cell.data_type == "s"
    assert cell.value.replace("_x000D_", "\r") == name
    assert cell.quotePrefix == (name[0] != "王")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f>" not in b"".join(parts.read(part) for part in parts.namelist())


CELLS = st.one_of(
    st.none(),
    st.integers(0, 10**9),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    st.timedeltas(timedelta(0), timedelta(days=40)).map(
        lambda span: timedelta(seconds=int(span.total_seconds()))
    ),
    st.integers(0, 10**9).map(lambda seconds: AT.astimezone(ZONE) + timedelta(seconds=seconds)),
)


def said(cell):
    if isinstance(cell, timedelta):
        return clock(cell)
    return "" if cell is None else str(cell)[:19] if isinstance(cell, datetime) else str(cell)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_a_csv_file_is_read_again_as_it_was_written(rows):
    content = csv_of(Table("any", "", ("甲", "乙"), rows))
    # RFC 4180: every record ends with CRLF, and a bare CR or LF is only within quotes.
    assert content.endswith(b"\r\n")
    found = [[cell.removeprefix("'") for cell in row] for row in read(content)[1:]]
    assert found == [[said(cell).removeprefix("'") for cell in row] for row in rows]


def test_a_workbook_has_a_sheet_for_each_table_with_real_numbers_and_moments():
    row = (3, timedelta(hours=49, seconds=5), AT.astimezone(ZONE), date(2026, 11, 23))
    content = xlsx_of([table(row), Table("more", "更多", ("甲",), [])], "報表")
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["姓名", "更多"]
    count, lasted, moment, day = (cell.value for cell in book["姓名"][2])
    assert (count, lasted) == (3, timedelta(days=2, seconds=3605))
    assert (str(moment), str(day)) == ("2026-11-23 09:40:00", "2026-11-23 00:00:00")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0:00:00"),
        (timedelta(seconds=59.6), "0:01:00"),
        (timedelta(hours=49, minutes=3, seconds=7), "49:03:07"),
    ],
)
def test_a_span_is_said_as_hours_minutes_and_seconds(span, words):
    assert clock(span) == words


# --- plots --------------------------------------------------------------------------------------


def test_the_longest_bar_is_the_largest_figure_and_each_has_its_figure_in_words():
    drawn = str(plots.bars("類別", [("<b>", [3, 12]), ("乙", [None, timedelta(seconds=6)])]))
    wide = [float(one) for one in re.findall(r'<rect[^>]* width="([\d.]+)"', drawn)]
    assert wide == [72, 288, 1, 144]
    assert re.findall(r'class="value"[^>]*>([^<]*)<', drawn) == ["3", "12", "–", "0:00:06"]
    assert "&lt;b&gt;" in drawn


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=31))
def test_columns_stand_within_their_picture(sizes):
    drawn = str(plots.columns("每日", [(str(n), size) for n, size in enumerate(sizes, 1)]))
    boxes = re.findall(r'x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/>', drawn)
    tall = float(re.search(r'viewBox="0 0 360 (\d+)"', drawn)[1])
    assert len(boxes) == len(sizes)
    for x, y, wide, high in ([float(one) for one in box] for box in boxes):
        assert x >= 0
        assert y >= 0
        assert x + wide <= 360
        assert y + high <= tall
