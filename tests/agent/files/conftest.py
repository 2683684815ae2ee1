from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gwf.agent.engine import Edge
from gwf.agent.files.content import Patience
from gwf.agent.files.service import FileDesk
from gwf.wire.agentfiles import ContentQuery, FileContent, FileLevel, LevelQuery
from tests.agent.edges import Place, running_edge

PATIENCE = Patience(seconds=20.0, stopped=lambda: False)


@dataclass
class Shop:
    """A running edge and the desk for its files."""

    place: Place
    edge: Edge
    desk: FileDesk

    def level(self, path: str | None = None, **query: Any) -> FileLevel:
        asked = {"path": str(self.place.tree) if path is None else path, **query}
        return self.desk.level(LevelQuery.model_validate(asked), PATIENCE)

    def names(self, **query: Any) -> list[str]:
        return [node.name for node in self.level(**query).items]

    def content(self, path: str | Path, **query: Any) -> FileContent:
        return self.desk.content(ContentQuery.model_validate({"path": str(path), **query}), PATIENCE)


@pytest.fixture
def shop(tmp_path: Path) -> Generator[Shop]:
    place = Place(tmp_path)
    with running_edge(place.settings()) as edge:
        desk = FileDesk(edge, edge.clock)
        yield Shop(place=place, edge=edge, desk=desk)
        desk.close()
