"""An edge and a real centre, each in a process of its own, through the whole life of an agent."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from gwf.core.errors import UnavailableError
from gwf.drills.centre import ScratchCentre
from tests.agent.waiting import until
from tests.chaos.program import Program


class Pair:
    """A centre and an edge that reports to it."""

    def __init__(self, home: Path) -> None:
        self.tree = home / "in"
        self.objects = home / "objects"
        self.tree.mkdir()
        self.centre = ScratchCentre(home / "centre", started=lambda _: None)
        self.centre.start()
        centre = {**self.centre.agent_settings(), "allow_paths": [str(home)], "confirm_for": 0.5}
        settings = {
            "data_dir": str(home / "data"),
            "listen": "127.0.0.1:0",
            "log": {"format": "json"},
            "stores": {"drill": {"url": f"file://{self.objects}"}},
            "agent": {
                "hostname": "edge",
                "labels": {"env": "test"},
                "watch": [{"path": str(self.tree), "store": "drill", "key": "{relpath}", "settle": 0.05}],
                "centre": centre,
            },
        }
        (home / "edge").mkdir()
        self.edge = Program(home / "edge", settings)
        self.edge.start()

    def close(self) -> None:
        self.edge.close()
        self.centre.kill()

    def agent(self) -> dict[str, Any]:
        items: Any = self.centre.ask("/api/v1/agents")["items"]
        return dict(items[0]) if items else {}

    def link(self) -> dict[str, Any]:
        return dict(self.edge.get("/api/v1/centre"))

    def write(self, *names: str) -> None:
        for name in names:
            (self.tree / name).write_text(name)

    def are_told(self, count: int) -> bool:
        account = self.centre.account(str(self.tree), count, within_s=0.0)
        assert not account.doubled
        return account.told == count

    def configure(self, document: dict[str, Any]) -> str:
        path = f"/api/v1/agents/{self.agent()['agent_id']}/config?reason=test"
        rollout: Any = self.centre.ask(path, document)["rollout"]
        return str(rollout["rollout_id"])

    def attempts(self) -> list[dict[str, Any]]:
        items: Any = self.centre.ask(f"/api/v1/agents/{self.agent()['agent_id']}/config-attempts")["items"]
        return list(items)


@pytest.fixture
def pair(tmp_path: Path) -> Generator[Pair]:
    pair = Pair(tmp_path)
    yield pair
    pair.close()


@pytest.mark.slow
def test_the_life_of_an_agent(pair: Pair) -> None:
    until(lambda: pair.agent().get("state") == "online", within_s=60)
    assert pair.agent()["labels"] == {"env": "test"}

    pair.write("a.log", "b.log")
    until(lambda: pair.are_told(2), within_s=60, every_s=0.2)

    rollout = pair.configure({"agent": {"retry": {"base": 7.5, "cap": 600}}})
    until(lambda: [one["phase"] for one in pair.attempts()] == ["applied"], within_s=60, every_s=0.2)
    until(lambda: pair.agent()["config"]["hash"] == pair.link()["config_hash"], within_s=60, every_s=0.2)
    pair.centre.ask(f"/api/v1/rollouts/{rollout}:promote", {"reason": "test"})

    pair.configure({"agent": {"watch": [{"path": str(pair.tree.parent / "nowhere"), "store": "drill"}]}})
    until(lambda: pair.attempts()[0]["phase"] == "reverted", within_s=60, every_s=0.2)
    assert pair.attempts()[0]["reason"][0]["code"] == "health.watch_missing"
    assert pair.edge.get("/api/v1/config")["config"]["agent"]["watch"][0]["path"] == str(pair.tree)

    pair.centre.kill()
    pair.write("c.log")
    until(lambda: pair.link()["state"] == "away", within_s=60)
    pair.edge.kill()
    pair.write("d.log")
    pair.edge.start()
    until((pair.objects / "d.log").exists, within_s=60)
    pair.centre.start()
    until(lambda: pair.are_told(4), within_s=90, every_s=0.2)

    pair.centre.ask(f"/api/v1/agents/{pair.agent()['agent_id']}:revoke", {"reason": "test"})
    until(lambda: pair.link()["trouble_code"] == "credential_revoked", within_s=60)
    pair.write("e.log")
    until((pair.objects / "e.log").exists, within_s=60)


@pytest.mark.slow
def test_a_token_that_the_centre_does_not_know_is_told(pair: Pair) -> None:
    until(lambda: pair.agent().get("state") == "online", within_s=60)
    status, problem = pair.edge.post("/api/v1/centre/enrol", {"token": "gwfe_wrong"})
    assert (status, problem["code"]) == (403, "denied")
    with pytest.raises(UnavailableError, match="refuses"):
        pair.centre.ask("/api/v1/agents/nobody")
