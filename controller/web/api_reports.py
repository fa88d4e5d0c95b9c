"""What is taken away: a report's tables as CSV and as a workbook, and the day's sheet as a PDF."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from controller import sheets
from controller.spreadsheets import csv_of, xlsx_of
from controller.web import auth
from controller.web.api import Desk, User
from controller.web.daysheet import day_sheet
from controller.web.language import language_of
from controller.web.moments import Day
from controller.web.problems import RESPONSES, Refused
from controller.web.reports import BEHIND, FIGURES, Report, asked_period
from controller.web.view import View
from models.terms import Span

router = APIRouter(
    prefix="/api",
    tags=["reports"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
    default_response_class=Response,
)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OF_SPAN = Annotated[Span, Query(description="a week from Monday on, or a month")]
_DAY = Annotated[Day | None, Query(description="a day in it; without one, today")]


def _gives(kind: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {kind: {}}}}


def _report(core: Desk, request: Request, span: _OF_SPAN = Span.WEEK, day: _DAY = None) -> Report:
    now = datetime.now(UTC)
    view = View(language_of(request, core.settings), core.settings.zone, now)
    return Report(core, view, asked_period(core, now, span, str(day or "")))


_Asked = Annotated[Report, Depends(_report)]


@router.get(
    "/reports/{table}.csv",
    summary="One table of a report, or the rows behind it: UTF-8, no text in it is a formula",
    responses=_gives("text/csv"),
)
def table(report: _Asked, table: str) -> Response:
    if table not in (*FIGURES, *BEHIND):
        raise Refused(404, "not_found")
    name = f"{_name(report)}-{table}.csv"
    return _file(csv_of(report.table(table)), "text/csv; charset=utf-8", name)


@router.get(
    "/reports.xlsx",
    summary="A report with the rows behind it as a workbook, no text in it is a formula",
    responses=_gives(_XLSX),
)
def workbook(report: _Asked) -> Response:
    tables = [report.table(name) for name in (*FIGURES, *BEHIND)]
    return _file(xlsx_of(tables, report.title), _XLSX, f"{_name(report)}.xlsx")


@router.get(
    "/log/sheet.pdf",
    summary="A day's sheet (值班記錄表) to print and sign",
    responses=_gives("application/pdf"),
)
def sheet(core: Desk, request: Request, user: User, day: _DAY = None) -> Response:
    now = datetime.now(UTC)
    view = View(language_of(request, core.settings), core.settings.zone, now)
    on = day or core.local(now).date()
    drawn = sheets.draw(day_sheet(core, view, on, user.display), core.settings.fonts)
    return _file(drawn, "application/pdf", f"duty-{on}.pdf")


def _name(report: Report) -> str:
    return f"report-{report.period.span}-{report.period.first}"


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
