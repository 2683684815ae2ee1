from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.filelog.folding import LAST_CASED, fold, variants


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Error", "eRROR", True),
        ("ОШИБКА", "ошибка", True),
        ("ΛΌΓΟΣ", "λόγος", True),
        ("ẞ", "ß", True),
        ("ß", "ss", False),
        ("\u212a", "k", False),
        ("ſ", "s", False),
        ("İ", "i", False),
        ("错误", "错误", True),
    ],
)
def test_what_is_equal_without_regard_to_case(one: str, other: str, same: bool) -> None:
    assert (fold(one) == fold(other)) is same


@given(st.text())
def test_folding_keeps_the_number_of_characters_and_is_done_once(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@given(st.characters(min_codepoint=128))
def test_the_variants_of_a_character_hold_all_that_fold_to_it(char: str) -> None:
    assert char in variants(fold(char)) or fold(char) == char
    assert {fold(variant) for variant in variants(fold(char))} == {fold(char)}


def test_no_character_past_the_last_cased_one_has_another_case() -> None:
    rest = range(LAST_CASED + 1, sys.maxunicode + 1)
    assert [code for code in rest if chr(code).casefold() != chr(code)] == []
