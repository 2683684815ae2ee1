from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gwf.app import EdgeProcess
from gwf.core.settings.load import load_settings
from tests.cli.conftest import Run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gwf.yaml"
    document = {
        "data_dir": str(tmp_path / "data"),
        "listen": "127.0.0.1:0",
        "api": {"token": "a-token-of-sixteen"},
        "stores": {"main": {"url": f"file://{tmp_path / 'objects'}"}},
        "agent": {"watch": [{"path": str(tmp_path / "in"), "store": "main"}]},
    }
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def process(file: Path) -> Iterator[EdgeProcess]:
    running = EdgeProcess(load_settings(file, environ={}, overrides={}))
    running.start()
    yield running
    running.stop()


@pytest.mark.usefixtures("process")
def test_a_breaker_is_opened_shown_and_closed(run: Run, file: Path) -> None:
    opened = run("breaker", "open", "main", "--reason", "drill", "--config", file)
    assert opened.code == 0, opened.err
    assert "open by hand, opened by operator cli:" in opened.out
    assert "drill" in opened.out
    listed = run("breaker", "ls", "--config", file)
    assert listed.out.splitlines()[1].split("\t")[2] == "open by hand"
    queue = run("queue", "ls", "--config", file)
    assert queue.code == 0
    assert "store main rests: breaker open by hand" in queue.err
    closed = run("breaker", "close", "main", "--json", "--config", file).json()
    assert isinstance(closed, dict)
    assert (closed["breaker"], closed["breaker_manual"]) == ("closed", False)
    assert run("breaker", "reset", "main", "--config", file).code == 0


@pytest.mark.usefixtures("process")
def test_a_store_that_is_not_there_is_told_so(run: Run, file: Path) -> None:
    assert run("breaker", "open", "none", "--config", file).code == 3


def test_without_a_process_it_says_so(run: Run, file: Path) -> None:
    assert run("breaker", "ls", "--config", file).code == 4
