"""The table of papers and prohibitions, and how it is refused."""

from pathlib import Path

import pytest

from models.procedures import MOST_ITEMS, ProceduresError, leaves, read_procedures
from models.terms import Language, Procedure
from tests.unit.test_words import SIMPLIFIED, TRADITIONAL

TEXT = (Path(__file__).parents[2] / "assets" / "procedures.toml").read_text("utf-8")
TABLE = read_procedures(TEXT)


def texts(language: Language) -> str:
    return "".join(
        text[language]
        for needs in TABLE.procedure
        for sheet in needs.sheet
        for text in (sheet.title, *([sheet.lead] if sheet.lead else []), *sheet.items)
    )


def sheet(procedure: Procedure, title: str) -> list[str]:
    needs = next(needs for needs in TABLE.procedure if needs.id is procedure)
    found = next(s for s in needs.sheet if s.title[Language.ZH_HANT] == title)
    return [item[Language.ZH_HANT] for item in found.items]


def test_traditional_and_simplified_are_not_mixed():
    assert set(texts(Language.ZH_HANT)) & (SIMPLIFIED - TRADITIONAL) == set()
    assert set(texts(Language.ZH_HANS)) & (TRADITIONAL - SIMPLIFIED) == set()


def test_moving_in_asks_an_agent_for_three_more_papers():
    assert sheet(Procedure.MOVE_IN, "委託他人辦理的") == [
        "業主的委託書，由業主簽章",
        "業主的身份證或護照，原件及複印件",
        "代理人的身份證或護照，原件及複印件",
    ]


@pytest.mark.parametrize("procedure", Procedure)
def test_pages_hold_every_item_once_and_never_too_many(procedure):
    pages = leaves(TABLE, procedure)
    needs = next(needs for needs in TABLE.procedure if needs.id is procedure)
    assert [i for page in pages for i in page.items] == [i for s in needs.sheet for i in s.items]
    assert all(1 <= len(page.items) <= MOST_ITEMS for page in pages)


def test_only_the_last_page_of_the_prohibitions_ends_the_reading():
    assert [page.ends_reading for page in leaves(TABLE, Procedure.RENOVATION)][-3:] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("version = [", "not valid TOML"),
        (TEXT.replace('id = "fees"', 'id = "fee"'), "procedure.4.id"),
        (TEXT.replace('id = "fees"', 'id = "other"'), "each of"),
        (TEXT.replace('en = "Title deed"', 'en = " "'), "no text in en"),
        (TEXT.replace('  { zh-Hant = "開挖地下室、打井等"', "  # {"), "14 prohibitions, not [13]"),
        (TEXT.replace("must_read = true", "must_read = false"), "14 prohibitions, not []"),
    ],
)
def test_a_broken_table_is_refused_with_the_reason(broken, reason):
    with pytest.raises(ProceduresError) as refused:
        read_procedures(broken)
    assert reason in str(refused.value)
