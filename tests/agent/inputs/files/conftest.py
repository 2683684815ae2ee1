"""Directories to watch, and a watching input."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.agent.inputs.files.watching import QUICK, Watching, watching
from tests.agent.trees import make_tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "watched"
    path.mkdir()
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir()
    return path


@pytest.fixture
def seen(root: Path, data: Path) -> Generator[Watching]:
    with watching(data, make_tree(root, **QUICK)) as running:
        yield running
