"""Who might be whose appointment: however it is written or said, and nobody by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.matching import Party, plain, sounds, suggest

LIU = Party(1, "劉主任", "市住建局", host=1)


@pytest.mark.parametrize(
    "typed",
    ["劉主任", "刘主任", " 劉 主任 ", "劉主任。", "Liu Zhuren", "ＬＩＵ　ＺＨＵＲＥＮ", "留住人"],
)
def test_a_name_is_recognised_however_it_is_written_or_said(typed):
    assert suggest(Party(9, typed), [LIU]) == [1]


@pytest.mark.parametrize("typed", ["", "陳國華", "劉", "主任", "劉國強", "Mary", "😀", "1"])
def test_another_name_alone_suggests_nobody(typed):
    assert suggest(Party(9, typed), [LIU]) == []


def test_a_full_name_is_the_titled_one_where_organisation_or_host_agree():
    assert suggest(Party(9, "刘国强", "市住建局"), [LIU]) == [1]
    assert suggest(Party(9, "刘国强", host=1), [LIU]) == [1]
    assert suggest(Party(9, "王国强", host=1), [LIU]) == []


def test_a_surname_of_two_characters_is_one_surname():
    ouyang = Party(2, "歐陽經理", host=3)
    assert suggest(Party(9, "欧阳明", host=3), [ouyang]) == [2]
    assert suggest(Party(9, "欧明", host=3), [ouyang]) == []


def test_a_colleague_of_the_same_organisation_is_suggested_last():
    others = [Party(3, "孫科長", "市住建局检查组"), LIU]
    assert suggest(Party(9, "刘主任", "市住建局"), others) == [1, 3]


def test_a_character_with_two_readings_is_known_by_both():
    assert {"zengguo", "cengguo"} <= sounds(plain("曾國"))


names = st.text(alphabet="劉刘陳陈王国國華华明曾Ａab １", max_size=6)


@given(names, names)
def test_to_be_like_somebody_is_mutual(one, other):
    assert bool(suggest(Party(1, one), [Party(2, other)])) == bool(
        suggest(Party(2, other), [Party(1, one)])
    )


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_whatever_is_typed_it_is_compared(name, others):
    expected = [Party(number, other) for number, other in enumerate(others)]
    assert set(suggest(Party(9, name), expected)) <= {party.id for party in expected}


@given(names)
def test_a_plain_text_stays_as_it_is(text):
    assert plain(plain(text)) == plain(text)
