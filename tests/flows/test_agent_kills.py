"""kill -9 of a real agent within the steps of a flow: the run goes on, each step has its effect once."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gwf.core.faults import ACTION_POINTS, TASK_POINTS
from tests.flows.lab import Lab, at_work, states

LINES = b"one line of a log\n" * 400
#: after how many passes: within the first, the second and the third step that the agent does
PLACES = [
    *(f"{point}:{nth}" for point in TASK_POINTS for nth in (1, 2, 3)),
    *(f"{point}:{nth}" for point in ACTION_POINTS if point not in {"action_begun", "archive_kept"} for nth in (1, 2)),
    "archive_kept:1", "after_store_confirmed:1", "before_ack_commit:1",
]  # fmt: skip


@pytest.fixture
def bucket(rclone_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:  # the server must run
    """The directory that the S3 server serves."""
    return next(tmp_path_factory.getbasetemp().glob("rclone*"))


def die(lab: Lab, tmp_path: Path, point: str) -> None:
    """Let an agent begin in the place of the one that stopped, and die at a point."""
    document = json.loads(lab.host.file.read_text())
    deadly = tmp_path / "deadly.yaml"
    deadly.write_text(json.dumps({**document, "faults": {"kill_at": point}}))
    command = [sys.executable, "-m", "gwf", "agent", "--config", str(deadly)]
    assert subprocess.run(command, capture_output=True, check=False, timeout=180).returncode == -9


@pytest.mark.chaos
@pytest.mark.parametrize("point", PLACES)
def test_an_agent_killed_within_a_step_goes_on_with_it_and_does_none_twice(
    tmp_path: Path, rclone_url: str, bucket: Path, point: str
) -> None:
    with at_work(tmp_path, rclone_url, bucket) as lab:
        flow = lab.publish("log-archive")
        path, archive = lab.write("a.log", LINES), tmp_path / "archive"
        lab.edge.close()
        run = lab.begin(flow, path, archive=str(archive), hook=lab.hooks.url())
        die(lab, tmp_path, point)
        lab.edge.enter_context(lab.host.running())
        done = lab.rested(run)
        assert (done["state"], set(states(done).values())) == ("succeeded", {"succeeded"}), done
        assert not path.exists()
        assert [one for one in archive.rglob("*") if one.is_file()] == []
        key = done["steps"][1]["result"]["key"]
        assert gzip.decompress((lab.bucket / lab.kept / key).read_bytes()) == LINES
        assert len([one for one in (lab.bucket / lab.kept).rglob("*") if one.is_file()]) == 1
        assert lab.told() == [("POST", {"file": str(path), "store": "archive", "key": key})]
        assert [step["tries"] for step in done["steps"]] == [1, 1, 1, 1]
