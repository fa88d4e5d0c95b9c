"""Tables to take away: as CSV (RFC 4180) and as a workbook (XLSX).

A text that somebody typed is never a formula to the program that opens it. In a CSV file nothing
tells the two apart, so such a text begins with an apostrophe there, as OWASP advises (CSV
Injection); in a workbook it is a text by its type, and stays one when it is edited.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import xlsxwriter

Cell = str | int | date | datetime | timedelta | None
"""Moments are aware, in the office's zone already."""
_FORMULAS = tuple("=+-@\t\r\n\0＝＋－＠")
"""What a formula may begin with; the wide ones too, where the program speaks Chinese."""
_WIDEST = 60
"""Characters of a column in a workbook."""
_FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", timedelta: "[h]:mm:ss"}


@dataclass(frozen=True)
class Table:
    """`name` is for addresses and file names, `title` for people."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def clock(span: timedelta) -> str:
    """A span of time as h:mm:ss, which programs read as one."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def is_formula(text: str) -> bool:
    """Might a program take this text for a formula?"""
    return text.lstrip(" \u3000").startswith(_FORMULAS)


def csv_of(table: Table) -> bytes:
    """The table as CSV in UTF-8, with the mark by which office programs know that it is."""
    held = io.StringIO(newline="")
    # Every text is quoted: where a semicolon separates, it must not begin another cell.
    writer = csv.writer(held, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return held.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M:%S}"
        case timedelta():
            return clock(cell)
        case str() if is_formula(cell):
            return f"'{cell}"
        case date():
            return str(cell)
    return cell


def xlsx_of(tables: Sequence[Table], title: str) -> bytes:
    """One workbook with a sheet for each table."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        book.set_properties({"title": title})
        formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
        head = book.add_format({"bold": True, "bottom": 1, "quote_prefix": True})
        text = book.add_format({"quote_prefix": True})
        for table in tables:
            page = book.add_worksheet(table.title[:31])
            page.freeze_panes(1, 0)
            for column, name in enumerate(table.columns):
                page.write_string(0, column, name, head)
                page.set_column(column, column, _width(table, column))
            for number, row in enumerate(table.rows, 1):
                for column, cell in enumerate(row):
                    _write(page, number, column, cell, formats, text)
    return held.getvalue()


def _write(
    page: Any, row: int, column: int, cell: Cell, formats: dict[type, Any], text: Any
) -> None:
    match cell:
        case None:
            page.write_blank(row, column, None)
        case str():
            page.write_string(row, column, cell, text if is_formula(cell) else None)
        case int():
            page.write_number(row, column, cell)
        case datetime():
            # A workbook knows no zones.
            page.write_datetime(row, column, cell.replace(tzinfo=None), formats[datetime])
        case _:
            page.write_datetime(row, column, cell, formats[type(cell)])


def _width(table: Table, column: int) -> int:
    texts = [table.columns[column], *(str(_plain(row[column])) for row in table.rows)]
    # A Chinese character is as wide as two digits.
    widest = max(sum(1 if ord(one) < 0x2E80 else 2 for one in text) for text in texts)
    return min(widest + 2, _WIDEST)
