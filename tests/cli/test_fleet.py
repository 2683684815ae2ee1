from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.app.server import CentreProcess
from gwf.core.settings.load import load_settings
from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("centre")
    path = home / "gwf.yaml"
    document = {
        "data_dir": str(home / "data"),
        "listen": "127.0.0.1:0",
        "api": {"token": "a-token-of-sixteen"},
        "server": {"enabled": True, "agents": {"heartbeat": 1, "offline_after": 600}},
    }  # the agents call for three seconds: nothing that is asked of them later may depend on how fast the machine is
    path.write_text(json.dumps(document))
    return path


@pytest.fixture(scope="module")
def fleet(file: Path) -> Iterator[Path]:
    """A centre that five simulated agents have called; yields its configuration."""
    process = CentreProcess(load_settings(file, environ={}, overrides={}))
    process.start()
    yield file
    process.stop()


@pytest.fixture
def gwf(run: Run, fleet: Path) -> Any:
    def ask(*arguments: str) -> Any:
        return run(*arguments, "--config", fleet)

    simulated = ask("sim", "fleet", "--agents", "5", "--events", "50", "--for", "3s", "--json")
    assert simulated.code == 0, simulated.err
    ask.outcome = json.loads(simulated.out)  # type: ignore[attr-defined]  # handed on with the way to ask
    return ask


def test_simulated_agents_call_and_are_shown(gwf: Any) -> None:
    outcome = gwf.outcome
    assert (outcome["registered"], outcome["failures"]) == (5, {})
    assert outcome["heartbeats"] >= 10
    assert outcome["events_acked"] == outcome["events_sent"] > 0
    listed = json.loads(gwf("fleet", "ls", "-l", "simulated=true", "--json").out)["items"]
    assert [agent["hostname"] for agent in listed] == [f"sim-0000{number}" for number in range(1, 6)]
    shown = gwf("fleet", "show", "sim-00001").out
    assert "simulated=true" in shown
    assert "history" in shown


def test_an_agent_is_labelled_grouped_drained_and_revoked(gwf: Any) -> None:
    made = gwf("fleet", "groups", "create", "slow", "-l", "speed=slow", "--heartbeat", "2m", "--reason", "test")
    assert "0 agents; speed=slow" in made.out
    assert "groups slow" in gwf("fleet", "label", "sim-00002", "speed=slow").out
    assert "slow" in gwf("fleet", "groups", "ls").out
    assert "groups none" in gwf("fleet", "label", "sim-00002", "speed-").out
    assert "draining" in gwf("fleet", "drain", "sim-00002", "--reason", "disk").out
    back = gwf("fleet", "undrain", "sim-00002").out  # late, as it calls no more
    assert "online" in back or "degraded" in back
    assert "revoked" in gwf("fleet", "revoke", "sim-00002").out
    assert gwf("fleet", "groups", "set", "slow", "--usual-times", "--name", "fast").out.startswith("fast (grp_")
    assert gwf("fleet", "groups", "rm", "fast").out == "fast: removed\n"


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("show", "nobody"), 3, "no agent has this id or hostname"),
        (("show", "agt_0000"), 3, "no such agent"),
        (("ls", "-l", "env="), 2, "expected the value of a label"),
        (("label", "sim-00001"), 2, "name a label"),
        (("label", "sim-00001", "a b=c"), 2, "this cannot be a label"),
        (("groups", "show", "none"), 3, "no such group"),
    ],
)
def test_a_wrong_word_is_refused_with_what_is_wrong(
    run: Run, fleet: Path, arguments: tuple[str, ...], code: int, text: str
) -> None:
    answer = run("fleet", *arguments, "--config", fleet)
    assert (answer.code, text in answer.err) == (code, True), answer.err
