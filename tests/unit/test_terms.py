import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.terms import clean, mask_name


@given(st.text())
def test_cleaned_text_is_one_printable_line_and_stays_as_it_is(text):
    cleaned = clean(text)
    assert cleaned.isprintable()
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("name", ["王小明", "Nguyễn Văn Ánh", "𠮷田", "O'Neill-Smith", "محمد"])
def test_names_of_every_script_are_kept(name):
    assert clean(name) == name


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王○明"),
        ("王明", "王○"),
        ("王", "王"),
        ("歐陽小明", "歐○○明"),
        ("Mary Smith", "M. Smith"),
        ("", ""),
    ],
)
def test_a_name_is_masked_for_others(name, masked):
    assert mask_name(name) == masked


@given(st.text("王小明歐陽李國華", min_size=2, max_size=6))
def test_a_masked_chinese_name_is_never_the_name(name):
    assert mask_name(name) != name
    assert len(mask_name(name)) == len(name)
