"""Destinations that are stopped at the end of a test, and work for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.model import Work
from tests.agent.transfer.far_end import FarEnd, work_for
from tests.agent.transfer.side import Side


@pytest.fixture
def make_side() -> Iterator[Callable[..., Side]]:
    made: list[Side] = []

    def make(store: FarEnd | None = None, **options: Any) -> Side:
        made.append(Side(store or FarEnd(), **options))
        return made[-1]

    yield make
    for side in made:
        if not side.stopped:
            side.store.before = lambda _: None
            side.stop()


@pytest.fixture
def works(tmp_path: Path) -> Callable[[int], list[Work]]:
    def make(count: int) -> list[Work]:
        made = []
        for number in range(count):
            path = tmp_path / f"f{number}"
            path.write_bytes(b"%d" % number)
            made.append(work_for(path, file_id=number + 1))
        return made

    return make
