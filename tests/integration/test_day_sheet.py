"""The day's 值班記錄表 as a PDF: read again by somebody else's reader, and every word is found."""

import subprocess
from datetime import UTC, date, datetime, timedelta

import pytest

from controller import duty, privacy, shift
from controller.sheets import Grid, Said, Sheet, draw
from controller.web.daysheet import day_sheet
from controller.web.view import View
from models import chain, store
from models.checklists import BETWEEN, checklists
from models.terms import Act, DeskRole, Duty, Language
from tests.desk_office import clerk_of
from tests.integration.conftest import NOW, fresh_key

MEI, LIN = "王美玲", "林佩芬"
MINUTE = timedelta(minutes=1)
DAY = "2026-11-23"
CALL = {"message": "空調漏水", "caller": "王女士", "phone": "13800138000", "to": "工程部"}


@pytest.fixture
def record(core):
    """record(kind, fields, minutes after NOW): the number of what it appends."""

    def recording(kind=Duty.COMPLAINT, said=CALL, minutes=0):
        at = NOW + minutes * MINUTE
        return duty.record(core, kind, said, fresh_key(), MEI, at).first.id

    return recording


@pytest.fixture
def advance(core):
    def advancing(root, act, minutes, **said):
        return duty.advance(core, root, act, said, fresh_key(), LIN, NOW + minutes * MINUTE)

    return advancing


@pytest.fixture
def printed(core):
    """printed(day, language): the sheet, as a file has it."""
    client = clerk_of(core)

    def printing(day=DAY, language=Language.ZH_HANT):
        client.cookies.set("lobby_language", language)
        answer = client.get(f"/api/log/sheet.pdf?day={day}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        return answer.content

    return printing


def asked(tool, pdf, *arguments):
    """What Poppler says of a PDF."""
    command = [tool, *arguments]
    return subprocess.run(command, input=pdf, check=True, capture_output=True).stdout.decode()


def pages_of(pdf):
    """The words of each page, in the order in which they were written; white space is no matter."""
    pages = asked("pdftotext", pdf, "-raw", "-", "-").split("\f")[:-1]
    return ["".join(page.split()) for page in pages]


def text_of(pdf):
    return "".join(pages_of(pdf))


def test_a_character_that_the_face_has_not_is_marked_and_stands_in_no_log(record, printed, caplog):
    record(said=CALL | {"caller": "王𪚥女士"})
    assert "王〓女士" in text_of(printed())
    assert "𪚥" not in caplog.text


def test_every_entry_of_the_day_is_on_the_sheet_in_its_order(record, advance, printed):
    root = record()
    record(Duty.KEY, {"key": "機房", "holder": "李志強", "note": "巡檢"}, 1)
    advance(root, Act.PASSED_ON, 2, receiver="何家榮")
    record(Duty.OTHER, {"message": "明天的事"}, 24 * 60)
    text = text_of(printed())
    order = [
        "前台值班記錄表",
        "恒泰物業",
        "2026-11-23星期一",
        "內容：空調漏水",
        "13800138000",
        "鑰匙：機房",
    ]
    places = [text.index(one) for one in [*order, "接收人：何家榮", "當日統計", "主管"]]
    assert places == sorted(places)
    assert "09:42投訴已轉達" in text
    assert f"第{root}條的跟進" in text
    assert "待辦結，期限11月24日09:42，王美玲" in text
    assert "明天的事" not in text
    assert "明天的事" in text_of(printed("2026-11-24"))


def test_a_correction_stands_beside_its_original(core, record, printed):
    root = record()
    better = CALL | {"caller": "黃女士"}
    later = NOW + 5 * MINUTE
    duty.correct(core, root, better, "聽錯姓氏", fresh_key(), LIN, later)
    wrong = record(Duty.OTHER, {"message": "大堂海報已更換"}, 6)
    duty.correct(core, wrong, None, "記重了", fresh_key(), LIN, NOW + 7 * MINUTE)
    text = text_of(printed())
    entry = text[text.index("09:40投訴") : text.index("09:45投訴更正")]
    assert entry.index("王女士") < entry.index("黃女士") < entry.index("見第2條更正：聽錯姓氏")
    assert f"更正第{root}條：聽錯姓氏" in text
    assert f"作廢第{wrong}條：記重了" in text
    assert "其他事項1100" in text, "one recorded, of which one is void"


def test_a_correction_of_another_day_is_on_both_sheets(core, record, printed):
    root = record()
    tomorrow = NOW + timedelta(days=1)
    duty.correct(core, root, CALL | {"caller": "黃女士"}, "聽錯", fresh_key(), LIN, tomorrow)
    assert "見第2條更正：聽錯（林佩芬，11月24日09:40）" in text_of(printed())
    assert "更正第1條：聽錯" in text_of(printed("2026-11-24"))


def test_the_shift_says_who_was_on_and_what_was_handed_over(core, record, printed):
    store.add_user("lin", LIN, "none", DeskRole.CLERK)
    record(Duty.KEY, {"key": "機房", "holder": "李志強"})

    def do(act, by, hours, **said):
        at = NOW + timedelta(hours=hours)
        shift.do(core, act, said, fresh_key(), by, at, clerks=[LIN])

    do(Act.SIGNED_ON, MEI, 0)
    note = {"counted": str(shift.along().drawer), "note": "三樓空調待修"}
    do(Act.HANDED_OVER, MEI, 4, successor=LIN, **note)
    do(Act.TAKEN_OVER, LIN, 5)
    do(Act.SIGNED_OFF, LIN, 15)  # after midnight
    text = text_of(printed())
    assert "王美玲09:4014:40由林佩芬接班" in text
    assert "林佩芬14:40未離崗" in text
    assert "未還的鑰匙：機房" in text
    assert "三樓空調待修" in text
    assert "隨交班由林佩芬接手" in text
    assert "林佩芬11月23日14:4000:40離崗" in text_of(printed("2026-11-24"))


@pytest.mark.parametrize("language", Language)
def test_its_type_is_embedded_of_the_readers_characters_and_only_what_is_used(
    record, printed, language
):
    record()
    pdf = printed(language=language)
    assert f"/Lang ({language})".encode() in pdf
    _, _, *lines = asked("pdffonts", pdf, "-").splitlines()
    face = "SC" if language is Language.ZH_HANS else "TC"
    named = {line.split()[0].partition("+")[2]: line for line in lines}
    assert set(named) == {f"NotoSansCJK{face}", f"NotoSansCJK{face}Bold"}
    # Embedded, a subset, and with a way back to characters.
    assert all(line.split()[-5:-2] == ["yes"] * 3 for line in lines)
    assert len(pdf) < 200_000


def test_a_long_day_goes_on_page_after_page_each_with_its_number(record, printed):
    told = [
        "這是一段很長的留言，說的是大堂的燈和電梯。" * 23 + f"完{number}" for number in range(40)
    ]
    for number, message in enumerate(told):
        record(Duty.OTHER, {"message": message}, number)
    pages = pages_of(printed())
    assert len(pages) > 10
    for number, page in enumerate(pages, 1):
        assert f"第{number}頁，共{len(pages)}頁" in page
    text = "".join(pages)
    assert [message for message in told if message not in text] == []


def test_a_row_that_is_longer_than_a_page_is_not_cut(core):
    lines = [Said(f"第{number}行") for number in range(150)]
    sheet = Sheet(
        Language.ZH_HANT, "表", "恒泰物業", [], [Grid("記錄", [("內容", 1)], [[lines]])], ["主管"],
        lambda page, pages: f"{page}/{pages}", NOW,
    )  # fmt: skip
    text = text_of(draw(sheet, core.settings.fonts))
    assert all(f"第{number}行" in text for number in range(150))


def test_the_signed_sheet_proves_the_log_as_it_was_that_evening(core, record, printed):
    record()
    last = store.entry(record(Duty.KEY, {"key": "機房", "holder": "李志強"}, 10))
    record(Duty.OTHER, {"message": "明天的事"}, 24 * 60)
    pages = pages_of(printed())
    assert all(f"第{last.id}條，雜湊{last.hash}" in page for page in pages)
    assert chain.verify(store.sealed_log(), last.hash).known


def test_the_foot_of_a_page_that_ends_in_bold_type_can_be_read(core):
    rows = [[[Said(f"第{number}行", bold=True)]] for number in range(150)]
    sheet = Sheet(
        Language.ZH_HANT, "表", "恒泰物業", [], [Grid("記錄", [("內容", 1)], rows)], ["主管"],
        lambda page, pages: f"第{page}頁，共{pages}頁", NOW,
    )  # fmt: skip
    pages = pages_of(draw(sheet, core.settings.fonts))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"第{number}頁，共{len(pages)}頁" in page


def test_a_round_that_nobody_made_is_on_the_sheet_once_its_time_has_passed(core):
    def rounds(hours):
        view = View(Language.ZH_HANT, core.settings.zone, NOW + timedelta(hours=hours))
        grids = day_sheet(core, view, date.fromisoformat(DAY), MEI).grids
        [grid] = [one for one in grids if one.title == "檢查與巡視"]
        return [["".join(said.text for said in cell) for cell in row] for row in grid.rows]

    patrol = next(one for one in checklists() if one.name == "patrol")
    slots = [f"{due:%H:%M}" for due in patrol.due]
    wrong, *fine = patrol.points
    said = {"list": "patrol", "slot": "09:00", "fine": BETWEEN.join(fine), "wrong": wrong}
    made = duty.record(core, Duty.CHECK, said, fresh_key(), MEI, NOW)

    def results(hours):
        return [result for _, name, result, _ in rounds(hours) if name == "首層公共區域巡視"]

    assert [slot for slot, name, *_ in rounds(0) if name == "首層公共區域巡視"] == slots
    done = "09:40 已做，王美玲1 項有問題"
    assert results(0) == [done, "", "", ""]
    assert results(2) == [done, "未做", "", ""]
    assert results(24) == [done, "未做", "未做", "未做"]
    assert rounds(0)[1][3] == str(made.first.id)


def test_a_day_without_entries_has_a_sheet_to_be_signed_too(printed):
    text = text_of(printed("2020-02-02"))
    assert "值班記錄" in text
    assert "合計0000" in text
    assert "值班人" in text


def test_what_was_forgotten_is_not_printed(core, record, printed):
    duty.correct(core, record(), None, "記重了", fresh_key(), MEI, NOW)
    now = datetime.now(UTC)
    privacy.purge(core, max(now, NOW) + timedelta(days=core.settings.privacy.keep_days + 1))
    text = text_of(printed())
    assert "姓名與內容已到期刪除" in text
    assert "工程部" in text
    assert [word for word in ("空調漏水", "王女士", "13800138000", "記重了") if word in text] == []


@pytest.mark.parametrize("day", ["yesterday", "9999-12-31", "0001-01-01"])
def test_a_day_that_makes_no_sense_has_none(core, day):
    assert clerk_of(core).get(f"/api/log/sheet.pdf?day={day}").status_code == 422
