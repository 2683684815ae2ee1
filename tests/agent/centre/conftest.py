from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from gwf.testing.fake_centre import FakeCentre, fake_centre
from tests.agent.centre.host import Host


@pytest.fixture
def centre() -> Generator[FakeCentre]:
    with fake_centre() as centre:
        yield centre


@pytest.fixture
def host(tmp_path: Path, centre: FakeCentre) -> Host:
    return Host(tmp_path, centre)
