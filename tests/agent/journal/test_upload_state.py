from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.journal.upload_state import state_from_json, state_to_json
from gwf.core.errors import CorruptDataError
from gwf.storage.model import MultipartState

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
states = st.builds(
    MultipartState,
    key=text,
    upload_id=text,
    size_bytes=st.integers(0, 2**50),
    part_size_bytes=st.integers(1, 2**40),
)


@given(states)
def test_a_state_is_read_back_as_it_was_written(state: MultipartState) -> None:
    assert state_from_json(state_to_json(state)) == state


@pytest.mark.parametrize("broken", ["", "null", "[]", "{}", '"x"', "{", '{"key": 1}'])
def test_anything_else_is_refused_as_corrupt(broken: str) -> None:
    with pytest.raises(CorruptDataError):
        state_from_json(broken)
