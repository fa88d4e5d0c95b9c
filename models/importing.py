"""Lists of expected visitors: CSV here, calendars in `models.calendars`. Pure.

Reading finds the lines and their times; what a line names (a host, a room) is judged later, against
the office. A line that cannot be read has its problem as a code, and loses no other line.
"""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from models.terms import clean, names_in

MOST_LINES = 500
"""Appointments in one file. More is another kind of file, or a year that nobody has checked."""

ReadTime = Callable[[str], datetime]
"""Reads a time as people write it. Raises ValueError."""


class Unreadable(Exception):
    """Nothing of this file can be read: `code`, and what there is to say about it."""

    def __init__(self, code: str, **places: object) -> None:
        super().__init__(code)
        self.code = code
        self.places = places


@dataclass(frozen=True)
class Entry:
    """One expected visit as it was written. `line` counts from 1; `key` is the same whenever the
    same visit is imported again; `problem` is a code, empty where the line could be read."""

    line: int
    key: str = ""
    name: str = ""
    organisation: str = ""
    party: str = ""
    names: str = ""
    host: str = ""
    department: str = ""
    room: str = ""
    category: str = ""
    phone: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    problem: str = ""


_HEADERS = {
    "name": "姓名 名字 訪客 访客 name visitor",
    "organisation": "單位 单位 公司 organisation organization company",
    "party": "人數 人数 party people",
    "names": "名單 名单 同行人 names",
    "host": "接待人 受訪人 受访人 host",
    "department": "部門 部门 department",
    "starts": "開始 开始 開始時間 开始时间 starts start",
    "ends": "結束 结束 結束時間 结束时间 ends end",
    "phone": "手機後四位 手机后四位 電話末四位 电话末四位 手機 手机 電話 电话 phone",
    "room": "會議室 会议室 room",
    "category": "類別 类别 category",
}
_FIELD_OF = {word: field for field, words in _HEADERS.items() for word in words.split()}
_TIMES = ("starts", "ends")


def field_of(header: str) -> str:
    """The field that a column's heading names, in Chinese or English; empty if none."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return _FIELD_OF.get(re.sub(r"[\s_*:]", "", plain), "")


# --- bytes to text -------------------------------------------------------------------------------

_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
# The blocks in which Big5 and GB 2312 keep the characters of everyday texts: by their first byte.
_EVERYDAY = {"cp950": ("big5", 0xA4, 0xC6), "gb18030": ("gb2312", 0xB0, 0xD7)}
_PLAUSIBLE = 0.7


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, Big5 or GB 18030. Raises Unreadable: encoding, with its name.

    The two Chinese encodings read each other's bytes as rare characters, so the one in which most
    characters are everyday ones is right, and if neither is it is something else.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            raise Unreadable("encoding", encoding=name)
    if b"\x00" in content:
        raise Unreadable("encoding", encoding="binary")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    best, text = max(_readings(content), default=(0.0, ""))
    if best < _PLAUSIBLE:
        raise Unreadable("encoding", encoding="?")
    return text


def _readings(content: bytes) -> Iterator[tuple[float, str]]:
    for codec, (strict, first, last) in _EVERYDAY.items():
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        foreign = [c for c in text if not c.isascii() and unicodedata.category(c) == "Lo"]
        leads = [c.encode(strict, "replace")[0] for c in foreign]
        known = any(field_of(cell) for cell in re.split(r"[,;\t\r\n]", text[:400]))
        everyday = sum(first <= lead <= last for lead in leads) / len(leads) if leads else 0.0
        yield everyday + known, text


# --- CSV -----------------------------------------------------------------------------------------


def read_csv(text: str, read_time: ReadTime) -> list[Entry]:
    """The lines of a CSV text, whose first line names the columns. Raises Unreadable:
    missing_columns, too_many_lines, not_csv."""
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    entries: list[Entry] = []
    fields: list[str] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if fields:
                    entries.append(_entry(line, fields, cells, read_time))
                else:
                    fields = _columns(cells)
            if len(entries) > MOST_LINES:
                raise Unreadable("too_many_lines", most=MOST_LINES)
            line = reader.line_num + 1
    except csv.Error:
        raise Unreadable("not_csv", line=line) from None
    if not fields:
        raise Unreadable("missing_columns")
    return entries


def _columns(cells: list[str]) -> list[str]:
    fields = [field_of(cell) for cell in cells]
    if not {"name", "starts"} <= set(fields):
        raise Unreadable("missing_columns")
    return fields


def _entry(line: int, fields: list[str], cells: list[str], read_time: ReadTime) -> Entry:
    if any(cell.strip() for cell in cells[len(fields) :]):
        return Entry(line, problem="too_many_cells")
    said: dict[str, Any] = {f: _said(f, c) for f, c in zip(fields, cells, strict=False) if f}
    written = {name: said.pop(name, "") for name in _TIMES}
    entry = Entry(line, **said)
    moments: dict[str, Any] = {}
    for name, text in written.items():
        try:
            moments[name] = read_time(text) if text else None
        except ValueError:
            return replace(entry, problem=f"bad_{name}")
    entry = replace(entry, **moments)
    return replace(entry, key=_key(entry))


def _said(field: str, cell: str) -> str:
    return "、".join(names_in(cell)) if field == "names" else clean(cell)


def _key(entry: Entry) -> str:
    """Who comes to whom when: a list that comes again with a corrected room is no other visit."""
    when = entry.starts.astimezone(UTC).isoformat() if entry.starts else ""
    who = (entry.name, entry.organisation, entry.phone, entry.department, entry.host, when)
    return "csv-" + hashlib.sha256("\x1f".join(who).encode()).hexdigest()
