"""Rules about carrying, from the centre to a real agent process: published, rolled out, decided there, taken back."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.agent.edges import Place, hashes_below
from tests.agent.waiting import until
from tests.app.remote import Server, serving
from tests.chaos.program import Program


def rule(name: str, when: dict[str, Any], priority: int = 0, **config: Any) -> dict[str, Any]:
    then = [{"action": "UPLOAD", "config": config, "urgency": "high"}]
    return {"name": name, "when": when, "priority": priority, "then": then}


DUMPS = rule("dumps", {"all": [{"path": "/**/core.*"}, {"labels": "env=prod"}]}, store="cold", key="dumps/{name}")
SCRATCH = rule("scratch", {"field": "name", "regex": r"\.scr$"}, priority=5, ignore=True)


class Site:
    """A centre in this process and an agent in one of its own, with a second store."""

    def __init__(self, server: Server, place: Place) -> None:
        self.server, self.place = server, place
        self.cold = place.base / "cold"
        token = server.ask("/enrolment-tokens", {"name": "test", "max_uses": 1}).json["secret"]
        settings = place.settings(labels={"env": "prod"}).model_dump(mode="json", exclude_none=True)
        settings["stores"]["cold"] = {"url": f"file://{self.cold}"}
        settings["log"]["format"] = "json"
        settings["agent"]["centre"] = {
            "url": f"http://127.0.0.1:{server.api.port}",
            "enrolment_token": token,
            "heartbeat": 0.3,
            "confirm_for": 0.2,
        }
        self.agent = Program(place.base, settings)

    def published(self, document: dict[str, Any]) -> str:
        made = self.server.ask("/rules", {"rule": document})
        assert made.status == 201, made.body
        self.order(made.json["rule_id"], "publish")
        return str(made.json["rule_id"])

    def order(self, rule_id: str, word: str) -> None:
        answer = self.server.ask(f"/rules/{rule_id}:{word}", {"reason": "test"})
        assert answer.status == 200, answer.body

    def version(self, rules: int) -> str:
        """Return the newest version of the base layer once it carries so many rules."""

        def newest() -> str:
            layers = [one for one in self.server.ask("/config-layers").json["items"] if one["newest_number"]]
            for layer in layers:
                where = f"/config-layers/{layer['layer_id']}/versions/{layer['newest_number']}"
                found = self.server.ask(where).json
                carried = found["document"].get("agent", {}).get("rules", {}).get("rules", [])
                if len(carried) == rules:
                    return str(found["version_id"])
            return ""

        return until(newest)

    def roll_out(self, version: str) -> None:
        wish = {"version_id": version, "waves": [100], "gates": {"soak_s": 0}, "reason": "test"}
        begun = self.server.ask("/rollouts", wish)
        assert begun.status == 201, begun.body
        where = f"/rollouts/{begun.json['rollout']['rollout_id']}"
        ended = until(lambda: one if (one := self.server.ask(where).json)["ended_at"] else {}, within_s=60)
        assert ended["status"] == "completed", str(self.server.ask(f"{where}/attempts").json["items"][0]["reason"])

    def objects(self) -> tuple[set[str], set[str]]:
        return set(self.place.stored()), set(hashes_below(self.cold))

    def carried(self, near: set[str], cold: set[str]) -> None:
        until(lambda: self.objects() == (near, cold), within_s=60)

    def told(self, where: str, **query: str) -> list[dict[str, Any]]:
        return list(self.server.ask(where, **query).json["items"])


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site]:
    with serving(tmp_path / "centre", heartbeat=1) as server:
        base = tmp_path / "host"
        base.mkdir()
        made = Site(server, Place(base))
        try:
            made.agent.start()
            until(server.agent, within_s=60)
            yield made
        finally:
            made.agent.close()


@contextmanager
def writing(place: Place) -> Generator[list[str]]:
    """Write plain files without a pause until the block ends; their names are in the list."""
    names, ended = list[str](), threading.Event()

    def write() -> None:
        while not ended.is_set():
            names.append(f"steady-{len(names)}.log")
            place.write(names[-1])
            ended.wait(0.02)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield names
    finally:
        ended.set()
        thread.join()


def test_a_rule_is_decided_by_a_running_host_explained_and_taken_back(site: Site) -> None:
    place, server = site.place, site.server
    place.write("core.0", "a.scr")
    site.carried({"core.0", "a.scr"}, set())
    pid = site.agent.pid
    dumps, scratch = site.published(DUMPS), site.published(SCRATCH)
    with writing(place) as steady:
        site.roll_out(site.version(rules=2))
        place.write("core.1", "b.scr")
        until(lambda: "dumps/core.1" in site.objects()[1])
    near = {"core.0", "a.scr", *steady}
    site.carried(near, {"dumps/core.1"})
    (routed,) = until(lambda: site.told("/events", type="gwf.file.routed"))
    assert (routed["data"]["rule_id"], routed["data"]["version"]) == (dumps, 1)
    decision = server.ask(f"/events/{routed['row_id']}/decision").json["at_host"]
    assert (decision["rule"], decision["same"]) == ({"rule_id": dumps, "version": 1}, True)
    assert [(one["rule_id"], one["outcome"]) for one in decision["rules"]] == [
        (scratch, "not_matched"), (dumps, "matched"),
    ]  # fmt: skip
    assert [leaf["seen"] for leaf in decision["rules"][0]["failed"]] == ["core.1"]
    (skipped,) = until(lambda: site.told("/file-events", status="skipped"))
    assert (skipped["path"], skipped["reason"]) == (str(place.tree / "b.scr"), "ignored_by_rule")
    assert server.ask(f"/file-events/{skipped['row_id']}/decision").json["at_host"]["rule"]["rule_id"] == scratch

    site.order(scratch, "retire")
    site.order(dumps, "retire")
    site.roll_out(site.version(rules=0))
    place.write("core.2")
    site.carried({*near, "core.2", "b.scr"}, {"dumps/core.1"})  # what was ignored is decided about anew
    assert site.agent.pid == pid
    assert site.agent.alive
    done = [one["path"] for one in site.told("/file-events", status="done", limit="500")]
    assert len(done) == len(set(done))


def test_a_host_without_the_store_refuses_the_rule_and_goes_on(site: Site) -> None:
    site.published(rule("nowhere", {"suffix": ".log"}, store="nowhere"))
    wish = {"version_id": site.version(rules=1), "waves": [100], "gates": {"soak_s": 0}, "reason": "test"}
    where = f"/rollouts/{site.server.ask('/rollouts', wish).json['rollout']['rollout_id']}"
    ended = until(lambda: one if (one := site.server.ask(where).json)["ended_at"] else {}, within_s=60)
    assert ended["status"] == "reverted"
    (attempt,) = site.server.ask(f"{where}/attempts", phase="failed").json["items"]
    assert "sends to the store 'nowhere'" in attempt["reason"][0]["message"]
    site.place.write("a.log")
    site.carried({"a.log"}, set())
