"""Journals that are closed at the end of a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.journal import writer
from tests.agent.journal.rig import Rig, RigMaker


@pytest.fixture
def make_rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RigMaker]:
    monkeypatch.setattr(writer, "RETRY_S", 0.0)
    made: list[Rig] = []

    def make(**options: Any) -> Rig:
        made.append(Rig(tmp_path, **options))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig: RigMaker) -> Rig:
    return make_rig()
