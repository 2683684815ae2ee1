from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.app.server import CentreProcess
from gwf.core.settings.load import load_settings
from tests.agent.waiting import until
from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A centre; yields its configuration."""
    home = tmp_path_factory.mktemp("centre")
    path = home / "gwf.yaml"
    document = {
        "data_dir": str(home / "data"),
        "listen": "127.0.0.1:0",
        "api": {"token": "a-token-of-sixteen"},
        "server": {"enabled": True, "agents": {"heartbeat": 1}},
    }
    path.write_text(json.dumps(document))
    process = CentreProcess(load_settings(path, environ={}, overrides={}))
    process.start()
    yield path
    process.stop()


@pytest.fixture
def gwf(run: Run, file: Path) -> Any:
    return lambda *arguments: run(*arguments, "--config", file)


@pytest.fixture
def part(tmp_path: Path) -> Path:
    path = tmp_path / "part.yaml"
    path.write_text("agent:\n  transfer:\n    workers: 8\n")
    return path


def test_a_version_is_written_looked_at_and_rolled_out(gwf: Any, part: Path) -> None:
    assert "nothing was written" in gwf("fleet", "config", "write", "base", part, "--dry-run").out
    written = json.loads(gwf("fleet", "config", "write", "base", part, "--reason", "more", "--json").out)
    version = written["version"]["version_id"]
    assert written["changes"] == [{"pointer": "/agent/transfer/workers", "kind": "added", "old": None, "new": 8}]
    assert "nothing was begun" in gwf("rollout", "start", version, "--dry-run").out
    begun = json.loads(gwf("rollout", "start", version, "--waves", "50,100", "--json").out)
    rollout = begun["rollout"]["rollout_id"]
    until(lambda: json.loads(gwf("rollout", "show", rollout, "--json").out)["status"] == "completed")
    assert "completed" in gwf("rollout", "ls").out
    assert gwf("rollout", "show", rollout).out.splitlines()[0] == "field\tvalue"
    assert gwf("rollout", "attempts", rollout).code == 0
    assert "base" in gwf("fleet", "config", "layers").out
    assert f"{version}\tbase\t1\t" in gwf("fleet", "config", "versions", "--layer", "base").out
    assert '"workers": 8' in gwf("fleet", "config", "version", version).out
    assert "/agent/transfer/workers" in gwf("fleet", "config", "diff", version).out
    back = json.loads(gwf("fleet", "config", "rollback", version, "--json").out)
    assert back["version"]["number"] == 2


def test_wrong_documents_and_names_are_told(gwf: Any, part: Path) -> None:
    part.write_text("listen: 0.0.0.0:1\nagent:\n  transfer:\n    workers: many\n")
    refused = gwf("fleet", "config", "write", "base", part)
    assert refused.code == 2
    assert "listen" in refused.err
    assert "agent.transfer.workers" in refused.err
    assert gwf("fleet", "config", "write", "elsewhere", part).code == 3
    assert gwf("rollout", "show", "nothing").code == 3
    assert gwf("rollout", "pause", "nothing").code == 3
    assert gwf("rollout", "start", "x", "--waves", "a,b").code == 2
    assert gwf("fleet", "config", "show", "nobody").code == 3
    assert gwf("fleet", "config", "drift").out.strip().endswith("no agents")
