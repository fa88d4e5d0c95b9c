"""Reports of a week or a month: every figure agrees with the rows, on the page and in the files."""

import csv
import io
import json
import re
import secrets
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from controller import duty, privacy, publishing
from controller.spreadsheets import clock, csv_of
from controller.web import reports
from controller.web.view import View
from models import store, tables
from models.reports import Period
from models.tables import database
from models.terms import Act, Category, Duty, Language, Purpose, Section, Span, VisitState
from tests.accounts import CREDENTIALS
from tests.desk_office import arrived, clerk_of, served
from tests.e2e.browser import chromium
from tests.integration.conftest import NOW, fresh_key

WEEK = Period.around(Span.WEEK, date(2026, 11, 23))
START = datetime(2026, 11, 22, 16, tzinfo=UTC)
"""Midnight in Shanghai, as the week begins."""
END = START + timedelta(days=7)
MINUTE = timedelta(minutes=1)
EVIL = "=cmd|' /C calc'!A0"
STAGES = (Act.PASSED_ON, Act.DONE, Act.CALLED_BACK)

# --- random days, and everything counted again from their rows ------------------------------------

AROUND = st.integers(-2 * 1440, 9 * 1440)
"""Minutes from the week's beginning: two days before it until two days after it."""
VISITS = st.lists(
    st.tuples(
        AROUND,
        st.sampled_from(Category),
        st.integers(1, 9),
        st.sampled_from(VisitState),
        st.sampled_from(["rules", "visitor", "王美玲", ""]),
        st.integers(0, 90),
        st.sampled_from([(), ("host",), ("host", "deputy"), ("department", "desk"), ("desk",)]),
        st.booleans(),
    ),
    max_size=14,
)
THREADS = st.lists(
    st.tuples(
        AROUND,
        st.sampled_from([Duty.COMPLAINT, Duty.REPAIR, Duty.PHONE]),
        st.lists(st.integers(0, 3000), max_size=3),
        st.sampled_from(["", "", "", "first", "last"]),
    ),
    max_size=12,
)
PUBLICATIONS = st.lists(
    st.tuples(
        AROUND,
        st.sampled_from(["published", "edited", "restored", "taken_down", "drafted", "registered"]),
        st.sampled_from(Section),
    ),
    max_size=12,
)


def moment(minutes):
    return START + minutes * MINUTE


def came(minutes, category, party, state, by, waited, steps, answered):
    at = moment(minutes)
    decided = at + waited * MINUTE if by else None
    visit = tables.Visit.create(
        key=secrets.token_hex(16), kiosk="k1", language="zh-Hant", purpose="business",
        category=category, name="王小明", party=party, admission="confirm", decision="{}",
        state=state, registered_at=at, decided_at=decided, decided_by=by,
    )  # fmt: skip
    for place, step in enumerate(steps):
        given_ = answered and step != "desk" and place == 0
        asked_at = at + place * MINUTE
        told = {"answered_at": asked_at + 2 * MINUTE} if given_ else {}
        tables.Confirmation.create(
            visit=visit.id, step=step, asked_at=asked_at, channel="none", **told
        )


def recorded(minutes, kind, gaps, void):
    def append(act, at, **more):
        return store.append_entry(kind, act, {}, {}, key=fresh_key(), at=at, by="王美玲", **more)

    at = moment(minutes)
    root = last = append(Act.RECORDED, at).id
    stages = STAGES if kind is not Duty.PHONE else STAGES[:1]
    for act, gap in zip(stages, gaps, strict=False):
        at += gap * MINUTE
        last = append(act, at, root_id=root).id
    if void:
        append(Act.VOIDED, at, root_id=root, corrects_id=root if void == "first" else last)


def raw(statement):
    return [
        dict(zip([one[0] for one in found.description], row, strict=True))
        for found in [database.execute_sql(statement)]
        for row in found
    ]


def within(milliseconds):
    return milliseconds is not None and START <= at(milliseconds) < END


def at(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def as_took(milliseconds):
    """Count, median, and the least that no fewer than 95 in a hundred are within."""
    known = sorted(milliseconds)
    if not known:
        return [0, None, None]
    middle = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2
    most = min(one for one in known if 20 * sum(x <= one for x in known) >= 19 * len(known))
    return [len(known), timedelta(milliseconds=middle), timedelta(milliseconds=most)]


def threads_again():
    """Complaints and repairs: kind, when recorded and closed, stages."""
    found = []
    entries = raw("SELECT * FROM dutyentry ORDER BY id")
    void = {one["corrects"] for one in entries if one["act"] == "voided"}
    for first in entries:
        if first["act"] != "recorded" or first["kind"] == "phone" or first["id"] in void:
            continue
        steps = [
            (one["act"], one["at"])
            for one in entries
            if one["root"] == first["id"] and one["act"] != "voided" and one["id"] not in void
        ]
        closed = steps[-1][1] if {act for act, _ in steps} >= set(STAGES) else None
        found.append((first["kind"], first["at"], closed, steps))
    return found


def tasks_again():
    threads = threads_again()
    rows = []
    for kind in ("complaint", "repair"):
        mine = [one for one in threads if one[0] == kind]
        new = [one for one in mine if within(one[1])]
        closed = [one for one in mine if within(one[2])]
        before = [
            one for one in mine if at(one[1]) < START and (one[2] is None or at(one[2]) >= START)
        ]
        left = [one for one in mine if at(one[1]) < END and (one[2] is None or at(one[2]) >= END)]
        spans = as_took(one[2] - one[1] for one in closed)
        rows.append([len(before), len(new), len(closed), len(left), *spans[1:]])
    return rows


def stages_again():
    rows = []
    for kind in ("complaint", "repair"):
        for act in STAGES:
            spans = []
            for of, began, _, steps in threads_again():
                times = [began, *(when for _, when in steps)]
                spans += [
                    when - times[place]
                    for place, (taken, when) in enumerate(steps)
                    if of == kind and taken == act and within(when)
                ]
            rows.append(as_took(spans))
    return rows


def visits_again():
    return [one for one in raw("SELECT * FROM visit") if within(one["registered_at"])]


def categories_again():
    states = ("admitted", "refused", "withdrawn", "waiting")
    rows = []
    for category in Category:
        mine = [one for one in visits_again() if one["category"] == category]
        counted = Counter(one["state"] for one in mine)
        people = sum(one["party"] for one in mine)
        rows.append([len(mine), people, *(counted[state] for state in states)])
    return rows


def times_again():
    visits = {one["id"]: one for one in visits_again()}
    waited = {
        number: one["decided_at"] - one["registered_at"]
        for number, one in visits.items()
        if one["decided_by"] == "王美玲"
    }
    steps = [one for one in raw("SELECT * FROM confirmation") if one["visit_id"] in visits]
    settled = {one["visit_id"] for one in steps if one["answered_at"]}
    rows = [[len(visits), *as_took(waited.values())]]
    for step in ("host", "deputy", "department", "desk"):
        mine = [one for one in steps if one["step"] == step]
        spans = [one["answered_at"] - one["asked_at"] for one in mine if one["answered_at"]]
        if step == "desk":
            spans += [
                max(visits[one["visit_id"]]["decided_at"] - one["asked_at"], 0)
                for one in mine
                if one["visit_id"] in waited and one["visit_id"] not in settled
            ]
        rows.append([len(mine), *as_took(spans)])
    return rows


def publications_again():
    events = [one for one in raw("SELECT * FROM event") if within(one["at"])]
    return [
        [
            sum(one["subject"] == section and one["what"] in what for one in events)
            for what in (("published", "restored"), ("edited",), ("taken_down",))
        ]
        for section in Section
    ]


def days_again(core):
    def on(day, milliseconds):
        return core.local(at(milliseconds)).date() == day

    events = [
        one
        for one in raw("SELECT * FROM event")
        if one["what"] in ("published", "restored", "edited", "taken_down")
    ]
    rows = []
    for day in (date(2026, 11, 23) + timedelta(days=n) for n in range(7)):
        visits = [one for one in visits_again() if on(day, one["registered_at"])]
        tasks = Counter(kind for kind, when, _, _ in threads_again() if on(day, when))
        rows.append(
            [
                len(visits),
                sum(one["party"] for one in visits),
                tasks["complaint"],
                tasks["repair"],
                sum(on(day, one["at"]) for one in events),
            ]
        )
    return rows


class Undone(Exception):
    """The rows of one example are taken back."""


EDGES = (0, 7 * 1440 - 1, 7 * 1440, -1)
"""Minutes of the first and the last moment of the week, and of those that are not in it."""
AT_THE_EDGES = {
    "visits": [
        (minutes, Category.VIP, 2, VisitState.ADMITTED, "王美玲", 3, ("host", "desk"), answered)
        for minutes in EDGES
        for answered in (True, False)
    ],
    "threads": [
        *((minutes, Duty.COMPLAINT, [], "") for minutes in EDGES),
        (-100, Duty.REPAIR, [50, 50, 0], ""),  # closed as the week begins
        (-101, Duty.REPAIR, [50, 50, 0], ""),
        (6 * 1440, Duty.REPAIR, [10, 2000, 10], ""),  # closed when it is over
        (-100, Duty.COMPLAINT, [50, 11_000, 5], ""),  # nothing happens within it
        (100, Duty.COMPLAINT, [50, 20, 5], "first"),
        (100, Duty.COMPLAINT, [50, 20, 5], "last"),
    ],
    "publications": [(minutes, "restored", Section.EMERGENCY) for minutes in EDGES],
}


@settings(
    max_examples=30,
    # To find a smaller example takes longer than anybody waits.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(**AT_THE_EDGES)
@given(visits=VISITS, threads=THREADS, publications=PUBLICATIONS)
def test_every_figure_is_what_anybody_counts_from_the_rows(core, visits, threads, publications):
    view = View(Language.EN, core.settings.zone, NOW)
    with suppress(Undone), store.transaction():
        tables.Event.delete().execute()
        for one in visits:
            came(*one)
        for one in threads:
            recorded(*one)
        for minutes, what, section in publications:
            store.record(moment(minutes), "王美玲", what, section, notice=1)
        report = reports.Report(core, view, WEEK)
        shown = {name: report.table(name) for name in (*reports.FIGURES, *reports.BEHIND)}
        again = {
            "days": days_again(core),
            "categories": categories_again(),
            "times": times_again(),
            "tasks": tasks_again(),
            "stages": stages_again(),
            "publications": publications_again(),
        }
        named = {"days": 2, "stages": 2}
        for name, rows in again.items():
            assert [list(row[named.get(name, 1) :]) for row in shown[name].rows] == rows, name
        counted_from_the_files(shown)
        raise Undone


def counted_from_the_files(shown):
    """Who has only the files finds the same figures."""
    rows = {name: list(csv.DictReader(io.StringIO(csv_of(table).decode("utf-8-sig"))))
            for name, table in shown.items()}  # fmt: skip
    of_category = Counter(row["Category"] for row in rows["visits"])
    people = Counter()
    for row in rows["visits"]:
        people[row["Category"]] += int(row["People"])
    for row in rows["categories"]:
        assert int(row["Visits"]) == of_category[row["Category"]]
        assert int(row["People"]) == people[row["Category"]]
    put = Counter((row["Section"], row["Done"]) for row in rows["lines"])
    for row in rows["publications"]:
        for what in ("Published", "Changed", "Taken down"):
            assert int(row[what]) == put[row["Section"], what]
    for row in rows["tasks"]:
        mine = [one for one in rows["threads"] if one["Kind"] == row["Kind"]]
        assert len(mine) == int(row["Open before"]) + int(row["Recorded"])
        assert int(row["Open before"]) + int(row["Recorded"]) == int(row["Closed"]) + int(
            row["Left open"]
        )


# --- the page and the files -----------------------------------------------------------------------


@pytest.fixture
def desk(core, morning):
    """The administrator, who sees reports."""
    return clerk_of(core)


@pytest.fixture
def busy(core, morning):
    """Two visitors, of whom one has a name that a spreadsheet would calculate; a complaint that was
    seen through; something on the board."""
    for name in ("王小明", EVIL):
        arrived(core, name, Purpose.SERVICE)
    now = datetime.now(UTC)
    said = {"message": "空調漏水", "caller": EVIL, "to": "工程部"}
    thread = duty.record(core, Duty.COMPLAINT, said, fresh_key(), "王美玲", now - 3 * MINUTE)
    for minutes, (act, field) in enumerate(
        ((Act.PASSED_ON, "receiver"), (Act.DONE, "note"), (Act.CALLED_BACK, "answer"))
    ):
        told = now + (minutes - 2) * MINUTE
        duty.advance(core, thread.first.id, act, {field: "好"}, fresh_key(), "林佩芬", told)
    publishing.publish(core, Section.REMINDERS, {"text": "今日停水"}, "王美玲", now)


def table_on(page, name):
    """The cells of one table of the page, row by row."""
    found = re.search(rf'(?s)id="of-{name}".*?<tbody>(.*?)</tbody>', page)
    return [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        for row in re.findall(r"(?s)<tr.*?</tr>", found[1])
    ]


def rows_in(answer):
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("span", Span)
def test_the_page_the_csv_files_and_the_workbook_hold_the_same_figures(desk, busy, span):
    page = desk.get(f"/reports?span={span}").text
    book = load_workbook(io.BytesIO(desk.get(f"/api/reports.xlsx?span={span}").content))
    assert len(book.sheetnames) == len(reports.FIGURES) + len(reports.BEHIND)
    for number, name in enumerate(reports.FIGURES):
        _, *rows = rows_in(desk.get(f"/api/reports/{name}.csv?span={span}"))
        shown = [["" if cell == "–" else cell for cell in row] for row in table_on(page, name)]
        assert shown[: len(rows)] == rows
        cells = [
            [in_words(cell) for cell in row]
            for row in book.worksheets[number].iter_rows(min_row=2, values_only=True)
        ]
        assert cells == rows


def in_words(cell):
    if isinstance(cell, timedelta):
        return clock(cell)
    return "" if cell is None else f"{cell:%Y-%m-%d}" if isinstance(cell, datetime) else str(cell)


def test_each_plot_is_drawn_of_the_figures_in_the_table_beside_it(desk, busy):
    page = desk.get("/reports").text
    assert page.count('<svg class="plot" role="img"') == len(reports.FIGURES)
    for name in ("categories", "tasks", "publications"):
        drawn = re.search(rf'(?s)id="of-{name}".*?</svg>', page)[0]
        named, shown = reports._PLOTTED[name]
        behind = re.findall(r'class="value"[^>]*>([^<]*)<', drawn)
        rows = [row for row in table_on(page, name) if row[0] != "合計"]
        assert behind == [row[column] for row in rows for column in shown]
        names = re.findall(r'<text x="0"[^>]*>([^<]*)<', drawn)
        assert names == [" · ".join(row[:named]) for row in rows]


def test_no_name_is_a_formula_to_whoever_opens_a_file(desk, busy):
    visits = rows_in(desk.get("/api/reports/visits.csv"))
    assert [row[3] for row in visits[1:]] == ["王小明", f"'{EVIL}"]
    threads = desk.get("/api/reports/threads.csv").content.decode("utf-8-sig")
    assert not re.search(r'(?m)(^|,)"?[=+@-]', threads)
    book = load_workbook(io.BytesIO(desk.get("/api/reports.xlsx").content))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert [cell.quotePrefix for cell in cells if cell.value == EVIL] == [True]


def test_a_name_with_markup_stays_out_of_the_page(core, desk):
    arrived(core, "<b onclick=x>王", Purpose.SERVICE)
    assert "<b onclick" not in desk.get("/reports").text


def test_what_was_forgotten_is_in_no_file(core, desk, busy):
    now = datetime.now(UTC)
    for visit in store.waiting_visits():
        with store.transaction():
            store.change_visit(visit.id, state=VisitState.WITHDRAWN, decided_by="visitor")
    privacy.purge(core, now + timedelta(days=core.settings.privacy.keep_days + 2))
    _, *visits = rows_in(desk.get("/api/reports/visits.csv"))
    assert [row[3] for row in visits] == ["—", "—"]
    [thread] = rows_in(desk.get("/api/reports/threads.csv"))[1:]
    assert thread[4] == "姓名與內容已到期刪除"
    book = load_workbook(io.BytesIO(desk.get("/api/reports.xlsx").content))
    texts = {str(cell.value) for page in book for row in page.iter_rows() for cell in row}
    assert not [text for text in texts if "王小明" in text or "cmd|" in text or "漏水" in text]
    assert table_on(desk.get("/reports").text, "days")[-1][2] == "2"


def test_any_past_week_is_shown_an_empty_one_says_so_and_one_that_goes_on_too(core, desk, busy):
    today = core.local(datetime.now(UTC)).date()
    now = desk.get("/reports").text
    assert "本期尚未結束" in now
    past = desk.get("/reports?span=month&day=2001-02-14").text
    assert "2001 年 02 月月報" in past
    assert "這個月沒有訪客、投訴、報修，也沒有發布。" in past
    assert "本期尚未結束" not in past
    assert "day=2001-01-01" in past
    assert "day=2001-03-01" in past
    week = Period.around(Span.WEEK, today)
    assert f"day={week.after.first}" not in now


@pytest.mark.parametrize("asked", ["day=2999-01-01", "day=tomorrow", "span=year", "day=9999-12-31"])
def test_what_makes_no_sense_or_is_still_to_come_is_taken_for_this_week(core, desk, asked):
    week = Period.around(Span.WEEK, core.local(datetime.now(UTC)).date())
    answer = desk.get(f"/reports?{asked}")
    assert answer.status_code == 200
    assert f"週報 {week.first} 至 {week.last}" in answer.text


def test_a_table_that_there_is_not_is_not_found(desk):
    assert desk.get("/api/reports/salaries.csv").status_code == 404
    assert desk.get("/api/reports/days.csv?span=year").status_code == 422


def test_a_file_says_what_it_is_of(core, desk):
    answer = desk.get("/api/reports/days.csv?span=month&day=2026-10-07")
    assert answer.headers["content-disposition"] == (
        'attachment; filename="report-month-2026-10-01-days.csv"'
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("language", Language)
def test_every_table_has_its_words_and_a_short_name_for_its_sheet(core, busy, language):
    view = View(language, core.settings.zone, datetime.now(UTC))
    report = reports.Report(core, view, reports.asked_period(core, view.now))
    found = [report.table(name) for name in (*reports.FIGURES, *reports.BEHIND)]
    assert len({table.title[:31] for table in found}) == len(found)
    for table in found:
        assert len(table.title) <= 31
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_an_events_notice_is_where_the_report_looks_for_it(core):
    line = publishing.publish(core, Section.REMINDERS, {"text": "停水"}, "王美玲", NOW)
    publishing.take_down(core, line.id, "王美玲", NOW)
    rows = reports.rows_of(core, WEEK).publications
    assert [(one.what, one.notice_id) for one in rows] == [
        ("published", line.id),
        ("taken_down", line.id),
    ]
    assert json.loads(tables.Event.select().order_by(tables.Event.id.desc()).get().detail)


@pytest.mark.parametrize("language", Language)
def test_no_table_is_cut_on_paper(core, busy, language):
    with served(core) as address, chromium() as browser:
        context = browser.new_context(base_url=address, viewport={"width": 688, "height": 1000})
        context.add_cookies([{"name": "lobby_language", "value": language, "url": address}])
        assert context.request.post("/api/session", data=CREDENTIALS).ok
        page = context.new_page()
        page.goto("/reports?span=month")
        # A4 between its margins has 688 pixels.
        page.emulate_media(media="print")
        right = "found => found.map(one => Math.round(one.getBoundingClientRect().right))"
        tables = page.locator(".figures table").evaluate_all(right)
        assert len(tables) == len(reports.FIGURES)
        assert max(tables) <= 688
        assert page.locator(".head, .nav").evaluate_all(
            "all => all.every(e => !e.checkVisibility())"
        )
