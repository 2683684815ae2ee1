"""The fleet at one look over HTTP: verdict, changes, the data path; each part of it alone."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from gwf.api.bodies import BadBodyError
from gwf.api.v1.span import window
from tests.agent.waiting import until
from tests.api.house import House, open_house, register

NOW = 1_700_000_000_000
_beats = itertools.count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("overview")) as opened:
        admin = opened.admin["default"]
        agent = opened.port.ask("/api/v1/agents", role=admin).json["items"][0]["agent_id"]
        patched = opened.port.post(f"/api/v1/agents/{agent}", {"labels": {"env": "prod"}}, method="PATCH", role=admin)
        assert patched.status == 200
        yield opened


def get(house: House, path: str, tenant: str = "default") -> Any:
    answer = house.port.ask(f"/api/v1/{path}", role=house.admin[tenant])
    assert answer.status == 200, answer.body
    return answer.json


def beat(house: House, **more: object) -> None:
    metrics = dict.fromkeys(("queued", "sending", "waiting", "dead", "done_total", "failed_total"), 0)
    body = {
        "seq": next(_beats), "sent_at": "2026-01-01T00:00:00Z", "started_at": "2026-01-01T00:00:00Z",
        "version": more.pop("version", "0.1.0"), "hostname": "host-default", "labels": {"tenant": "default"},
        "health": {"state": "degraded", "reasons": [
            {"code": "breaker_open", "params": {"store": "oss", "why": "throttled: 503 SlowDown"}}
        ]},
        "metrics": metrics | {"done_bytes_total": 0, "rss_bytes": 1, "cpu_pct": 0} | more,
        "config": {"local": False}, "breakers": {"oss": "open"},
    }  # fmt: skip
    answer = house.port.post("/api/v1/agents/heartbeat", body, role=house.credential)
    assert answer.status == 200, answer.body


def test_an_open_breaker_is_told_first(house: House) -> None:
    beat(house, queued=4, dead=2, oldest_waiting_s=700.0)
    found = get(house, "verdict?env=prod")
    assert [one["code"] for one in found["todo"]] == ["store_unreachable", "queue_wait", "dead_letters"]
    finding = found["finding"]
    assert (finding["params"], finding["agents_count"], finding["share"]) == ({"store": "oss"}, 1, 1.0)
    assert (finding["hostnames"], finding["classes"]) == (["host-default"], {"throttled": 1})
    assert finding["links"][0] == {"page": "file-events", "query": {"status": ["failed", "dead"], "store": ["oss"]}}
    late = found["todo"][1]["links"][0]
    assert late == {"page": "agents", "query": {"finding": ["queue_wait"], "sort": ["-queued"]}}
    assert [get(house, f"agents?finding={code}")["total"] for code in ("queue_wait", "disk_low")] == [1, 0]
    assert found["todo"][2]["links"][0] == {"page": "dead-letters", "query": {"kind": ["upload"]}}
    assert get(house, "verdict?env=dev")["level"] == "ok"


def test_alerts_that_nobody_took_are_told_to_whoever_may_see_them(house: House) -> None:
    admin = house.admin["default"]
    rule = {
        "name": "tills",
        "when": {"type": "shop.till.down"},
        "by": ["labels.env"],
        "title": "till",
        "severity": "error",
    }
    made = house.port.post("/api/v1/alert-rules", {"document": rule, "publish": True}, role=admin).json["id"]
    event = {"specversion": "1.0", "id": "1", "source": "shop", "type": "shop.till.down", "labels": "env=tills"}
    headers = {"Content_Type": "application/cloudevents+json"}
    sent = house.port.ask("/api/v1/events", "POST", body=json.dumps(event).encode(), role=admin, **headers)
    assert sent.status == 200, sent.body
    until(lambda: get(house, "verdict?env=tills")["finding"])
    found = get(house, "verdict?env=tills")
    finding = found["finding"]
    assert (found["level"], finding["code"], finding["value"], finding["unit"]) == (
        "crit",
        "alerts_firing",
        1.0,
        "alerts",
    )
    assert finding["params"] == {"rule": "tills", "title": "till", "severity": "error"}
    assert finding["links"] == [{"page": "alerts", "query": {"rule": [made], "status": ["firing"]}}]
    assert finding["duration_s"] is not None
    wish = {"name": "blind", "role": "viewer", "scopes": ["fleet:read"], "machine": True}
    blind = house.port.post("/api/v1/tokens", wish, role=admin).json["secret"]
    assert house.port.ask("/api/v1/verdict?env=tills", role=blind).json["level"] == "ok"
    taken = house.port.ask("/api/v1/alerts", role=admin).json["items"]
    (alert,) = [one["alert_id"] for one in taken if one["title"] == "till"]
    assert house.port.post(f"/api/v1/alerts/{alert}:acknowledge", {}, role=admin).status < 300
    until(lambda: get(house, "verdict?env=tills")["level"] == "ok")


def test_a_store_gets_nothing_since_its_breaker_opened_whatever_else_is_wrong_with_the_agent(house: House) -> None:
    beat(house)
    until(lambda: get(house, "events?type=gwf.agent.breaker_opened")["items"])
    (opened, *_) = get(house, "events?type=gwf.agent.breaker_opened")["items"]
    until(lambda: get(house, "verdict?env=prod")["finding"]["since"] == opened["time"])


def test_the_data_path_adds_up_what_agents_told_and_says_what_is_absent(house: House) -> None:
    beat(house, queued=4, waiting=1, dead=2, oldest_waiting_s=700.0)
    found = get(house, "overview/fleet")
    assert (found["queue"]["queued"], found["queue"]["waiting"], found["queue"]["state"]) == (4, 1, "warn")
    assert (found["collect"]["agents"], found["collect"]["in_contact"]) == (1, 1)
    assert (found["tasks"], found["notify"]) == ({"state": "absent"}, {"state": "absent"})
    assert found["upload"]["success_ratio"] is None
    assert len(found["points"]) == pytest.approx(72, abs=1)
    assert get(house, "overview/fleet?env=dev")["collect"]["agents"] == 0


def test_changes_are_marked_with_names_and_seen_by_scope(house: House) -> None:
    agent = get(house, "agents")["items"][0]["agent_id"]
    admin = house.admin["default"]
    assert house.port.post(f"/api/v1/agents/{agent}:drain", {"reason": "disk"}, role=admin).status == 200
    beat(house)
    group = house.port.post("/api/v1/agent-groups", {"name": "sh", "selector": "tenant=default"}, role=admin).json
    found = get(house, "changes?from=now-1h")
    kinds = [(item["kind"], item["action"]) for item in found["items"]]
    assert ("maintenance", "agent.drain") in kinds
    drained = next(item for item in found["items"] if item["action"] == "agent.drain")
    assert drained["resource"]["name"] == "host-default"
    assert (drained["actor"]["name"], drained["reason"]) == ("admin", "disk")
    made = next(item for item in found["items"] if item["action"] == "group.create")
    assert (made["resource"]["name"], made["agents_count"]) == ("sh", 1)
    assert get(house, "changes?from=now-1h&env=dev")["items"] == []
    assert len(get(house, f"changes?group={group['group_id']}")["items"]) == len(
        get(house, "changes?group=sh")["items"]
    )
    undrained = house.port.post(f"/api/v1/agents/{agent}:undrain", {}, role=admin)
    assert undrained.status == 200


def test_an_unknown_group_and_an_impossible_time_are_named(house: House) -> None:
    admin = house.admin["default"]
    assert house.port.ask("/api/v1/verdict?group=none", role=admin).json["code"] == "not_found"
    refused = house.port.ask("/api/v1/changes?from=yesterday", role=admin)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/query/from")


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("now-6h", "now", (NOW - 6 * 3_600_000, NOW)),
        ("now-30d", "now-1d", (NOW - 30 * 86_400_000, NOW - 86_400_000)),
        ("2023-11-14T22:00:00+08:00", "2023-11-14T22:00:00Z", (1_699_970_400_000, 1_699_999_200_000)),
    ],
)
def test_a_time_is_absolute_or_relative(begin: str, end: str, expected: tuple[int, int]) -> None:
    found = window(begin, end, now_ms=NOW)
    assert (found.since_ms, found.until_ms) == expected


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("now", "now"),
        ("now", "now-1h"),
        ("2023-11-14T22:00:00", "now"),
        ("now-1y", "now"),
        ("now-401d", "now"),
        ("", "now"),
    ],
)
def test_a_time_that_is_none_is_refused(begin: str, end: str) -> None:
    with pytest.raises(BadBodyError):
        window(begin, end, now_ms=NOW)


def test_agents_of_another_tenant_are_not_counted(house: House) -> None:
    register(house, "acme")
    assert get(house, "verdict", "acme")["scope"]["agents"] == 1
    assert get(house, "verdict")["scope"]["agents"] == 1


def test_a_version_and_its_rollout_are_named_in_the_changes(house: House) -> None:
    admin = house.admin["default"]
    layer = house.port.post("/api/v1/config-layers", {"kind": "base"}, role=admin).json["layer_id"]
    written = house.port.post(f"/api/v1/config-layers/{layer}/versions?reason=why", {"agent": {}}, role=admin)
    version = written.json["version"]["version_id"]
    begun = house.port.post("/api/v1/rollouts", {"version_id": version, "reason": "why"}, role=admin)
    assert begun.status == 201, begun.body
    changes = {item["action"]: item for item in get(house, "changes?from=now-1h")["items"]}
    for action in ("config_version.create", "rollout.create"):
        told = changes[action]
        assert told["resource"]["name"] == "v1"
        assert told["params"].items() >= {"number": "1", "layer_kind": "base", "layer": ""}.items()
    until(lambda: get(house, "events?type=gwf.rollout.*")["items"])
    (event, *_) = get(house, "events?type=gwf.rollout.*")["items"]
    assert (event["subject"], event["about"]["number"]) == (begun.json["rollout"]["rollout_id"], "1")
    assert get(house, "events/facets?type=gwf.rollout.*")["types"][0]["value"] == event["type"]
