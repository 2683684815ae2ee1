from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.core.settings.plain import plain_yaml
from gwf.core.settings.yamlfile import parse_yaml

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORDS = st.sampled_from(["true", "No", "null", "~", "1", "0o7", "1e3", "10s", ".inf", ".log", "a: b", "- x", "#", "<<"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS | WORDS
KEYS = (TEXTS | WORDS).filter(bool)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_what_is_written_is_read_back_as_it_was(document: dict[str, object]) -> None:
    content = parse_yaml(plain_yaml(document), source="x")
    assert content.problems == []
    assert content.value == document
    assert repr(content.value) == repr(document)


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({}, "{}\n"),
        ({"agent": {"watch": [{"path": "/in", "suffixes": [".log"]}]}},
         "agent:\n  watch:\n    - path: /in\n      suffixes:\n        - .log\n"),
        ({"a": "10s", "b": None, "c": [], "d": "北京"}, 'a: "10s"\nb: null\nc: []\nd: "北京"\n'),
    ],
)  # fmt: skip
def test_one_value_stands_on_one_line(document: dict[str, object], text: str) -> None:
    assert plain_yaml(document) == text
