"""Statements of many rows have few sizes, so that all of them stay prepared."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gwf.agent.journal.statements import PORTIONS, portions
from tests.agent.journal.rig import Rig

_KINDS = ("INSERT INTO files", "INSERT INTO outbox", "UPDATE files SET")


@given(st.lists(st.integers(), max_size=900))
def test_portions_leave_nothing_out_and_have_known_sizes(items: list[int]) -> None:
    found = list(portions(items))
    assert [item for some in found for item in some] == items
    assert {len(some) for some in found} <= set(PORTIONS)


def test_batches_of_every_size_are_written_by_few_statements(rig: Rig) -> None:
    statements: Counter[str] = Counter()
    rig.journal._connection.set_trace_callback(lambda text: statements.update([re.sub(r"'[^']*'|[0-9]+", "", text)]))
    for size in range(1, 60):
        rig.put(*(f"{size}-{number}" for number in range(size)))
        for work in list(rig.hands.held):
            rig.report(work)
        rig.step()
    shapes = Counter(kind for text in statements for kind in _KINDS if text.lstrip().startswith(kind))
    assert all(0 < shapes[kind] <= len(PORTIONS) + 5 for kind in _KINDS), shapes
