from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gwf.api.v1.agent_groups import agent_group_routes, group_preview_routes
from gwf.api.v1.agentcalls import AgentCalls
from gwf.api.v1.agents import agent_orders, agent_routes
from gwf.control.fleet.credentials import hash_of
from gwf.control.fleet.enrol import Enrolment
from gwf.control.fleet.groupdesk import GroupDesk
from gwf.control.fleet.heartbeats import Heartbeats
from gwf.control.fleet.keeper import Keeper
from gwf.control.fleet.roster import Roster
from gwf.control.fleet.service import FleetService
from gwf.control.fleet.state import Thresholds
from gwf.core.clock import SystemClock
from gwf.db.address import parse_address
from gwf.db.database import connect, upgrade
from gwf.db.fleet import SqlFleet
from gwf.db.history import CORE_HISTORY
from gwf.db.tables.identity import enrolment_tokens
from gwf.events.raised import MemorySink
from tests.api.centre_port import CentrePort, open_centre
from tests.wire.test_agents import HEARTBEAT, METRICS, REGISTRATION

TOKEN = "gwfe_let-me-in"


@contextmanager
def open_fleet() -> Iterator[CentrePort]:
    """Serve a fleet over a database in memory, with one enrolment token."""
    core, _ = connect(parse_address("memory", data_dir=Path("/nonexistent")))
    store, clock = SqlFleet(core), SystemClock()
    roster = Roster(clock, Thresholds())
    heartbeats = Heartbeats(roster, store)
    keeper = Keeper(heartbeats, roster, store, sink=MemorySink(), clock=clock)

    @asynccontextmanager
    async def running() -> AsyncGenerator[None]:
        await upgrade(core.writer, CORE_HISTORY)
        async with core.change() as change:
            values = {"token_id": "t", "name": "t", "token_hash": hash_of(TOKEN), "created_by": "", "created_at_ms": 1}
            await change.connection.execute(sa.insert(enrolment_tokens), values)
        await keeper.load()
        yield
        await keeper.close()
        await core.close()

    fleet, desk = FleetService(store, roster, clock), GroupDesk(store, roster, clock)
    calls = AgentCalls(Enrolment(store, roster, clock), heartbeats, clock)
    groups = [agent_group_routes(desk, clock), group_preview_routes(desk)]
    routers = [agent_routes(fleet, clock), agent_orders(fleet), *groups]
    with open_centre(v1=routers, hot=calls.routes(), running=running) as port:
        yield port


@pytest.fixture(scope="module")
def port() -> Iterator[CentrePort]:
    with open_fleet() as opened:
        yield opened


def send(port: CentrePort, path: str, body: object, bearer: str = TOKEN) -> Any:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return port.ask(path, "POST", body=sent, role=bearer, Content_Type="application/json")


def register(port: CentrePort, number: int, **more: object) -> dict[str, Any]:
    wish = {**REGISTRATION, "instance_id": f"00000000-0000-4000-8000-{number:012d}", **more}
    answer = send(port, "/api/v1/agents/register", wish)
    assert answer.status == 201
    return dict(answer.json)


def test_an_agent_registers_calls_and_is_shown(port: CentrePort) -> None:
    told = register(port, 1, hostname="shown", labels={"env": "prod"})
    beat = {**HEARTBEAT, "hostname": "shown", "labels": {"env": "prod"}, "errors": [
        {"at": "2026-01-02T03:04:05Z", "code": "timeout", "message": "no answer"}
    ]}  # fmt: skip
    answer = send(port, "/api/v1/agents/heartbeat", beat, told["credential"])
    assert answer.status == 200
    assert {**answer.json, "server_time": ""} == {
        "server_time": "", "heartbeat_s": 30.0, "backoff_s": None, "state": "online", "drain": False, "config": None,
        "tasks": 0, "outbox_acked_seq": 0, "asks": 0,
    }  # fmt: skip
    shown = port.ask(f"/api/v1/agents/{told['agent_id']}", role="viewer").json
    assert (shown["state"], shown["health"], shown["metrics"]["done_total"]) == ("online", "ok", METRICS["done_total"])
    assert shown["errors"][0]["code"] == "timeout"
    assert shown["clock_skew_ms"] < 0


def test_agents_are_listed_filtered_and_paged(port: CentrePort) -> None:
    for number in range(10, 15):
        register(port, number, hostname=f"listed-{number}", labels={"list": "yes"})
    first = port.ask("/api/v1/agents?selector=list=yes&limit=3&facets=true").json
    assert [item["hostname"] for item in first["items"]] == ["listed-10", "listed-11", "listed-12"]
    assert first["facets"]["states"]["online"] == 5
    rest = port.ask(f"/api/v1/agents?selector=list=yes&limit=3&cursor={first['next_cursor']}").json
    assert [item["hostname"] for item in rest["items"]] == ["listed-13", "listed-14"]
    assert (rest["next_cursor"], rest["total"]) == (None, 5)
    assert port.ask(f"/api/v1/agents?sort=version&cursor={first['next_cursor']}").json["code"] == "bad_cursor"
    assert port.ask("/api/v1/agents?state=offline&state=revoked&text=listed").json["items"] == []


def test_an_agent_shows_how_it_was_lately(port: CentrePort) -> None:
    told = register(port, 60, hostname="lately")
    send(port, "/api/v1/agents/heartbeat", {**HEARTBEAT, "hostname": "lately"}, told["credential"])
    worse = {"state": "failing", "reasons": [{"code": "disk_low"}]}
    more = {
        "seq": HEARTBEAT["seq"] + 1,
        "health": worse,
        "metrics": {**METRICS, "failed_total": METRICS["failed_total"] + 3},
    }
    send(port, "/api/v1/agents/heartbeat", {**HEARTBEAT, "hostname": "lately", **more}, told["credential"])
    (item,) = port.ask("/api/v1/agents?condition=failing&problem=disk_low&text=lately").json["items"]
    assert (item["condition"], item["strip"][-1], item["strip"][:20]) == ("failing", "f", "-" * 20)
    assert (item["recent"], item["config_stand"]) == ({"done": 0, "failed": 3}, None)
    heat = port.ask("/api/v1/agents:heat?text=lately").json
    assert (heat["agents"], heat["conditions"]) == (1, {"failing": 1})
    assert heat["groups"][0]["cells"] == [[told["agent_id"], "lately", "f"]]


def test_a_selector_is_tried_before_it_counts(port: CentrePort) -> None:
    register(port, 70, hostname="tried", labels={"try": "yes"})
    preview = port.ask("/api/v1/agent-groups:preview?selector=try=yes", role="viewer").json
    assert (preview["agents"], preview["first_joining"][0]["hostname"]) == (1, "tried")
    assert port.ask("/api/v1/agent-groups:preview?group=none-such").status == 404
    refused = port.ask("/api/v1/agent-groups:preview?selector=try=").json
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("invalid_selector", "/query/selector")


def test_an_agent_is_drained_labelled_and_revoked(port: CentrePort) -> None:
    told = register(port, 20)
    path = f"/api/v1/agents/{told['agent_id']}"
    assert port.post(path + ":drain", {"reason": "maintenance"}, role="operator").json["state"] == "draining"
    assert port.post(path + ":undrain", {}, role="operator").json["drain"] is False
    patched = port.post(path, {"labels": {"env": "x"}, "revision": 3}, method="PATCH", role="operator")
    assert patched.json["set_labels"] == {"env": "x"}
    assert port.post(path, {"labels": {"env": None}, "revision": 3}, method="PATCH").status == 409
    assert port.post(path + ":revoke", {}, role="operator").status == 403
    assert port.post(path + ":revoke", {"reason": "stolen"}).json["state"] == "revoked"
    refused = send(port, "/api/v1/agents/heartbeat", HEARTBEAT, told["credential"])
    assert (refused.status, refused.json["code"]) == (401, "credential_revoked")
    assert port.post(path + ":drain", {}).json["code"] == "conflict"


def test_a_group_is_made_changed_and_removed(port: CentrePort) -> None:
    register(port, 30, labels={"team": "red"})
    wish = {"name": "red", "selector": "team=red", "thresholds": {"heartbeat_s": 60}}
    made = port.post("/api/v1/agent-groups", wish, role="operator")
    assert (made.status, made.json["agents"], made.json["thresholds"]["offline_after_s"]) == (201, 1, 180.0)
    assert [item["name"] for item in port.ask("/api/v1/agents?group=red").json["items"][0]["groups"]] == ["red"]
    changed = port.post("/api/v1/agent-groups/red", {"thresholds": None, "selector": ""}, method="PATCH")
    assert (changed.json["agents"], changed.json["thresholds"], changed.json["selector"]) == (0, None, None)
    assert port.post("/api/v1/agent-groups", {"name": "red"}).status == 409
    assert port.ask("/api/v1/agent-groups").json["items"][0]["name"] == "red"
    assert port.ask("/api/v1/agent-groups/red?reason=over", "DELETE").status == 204
    assert port.ask("/api/v1/agent-groups/red").json["code"] == "not_found"


def test_agents_of_another_tenant_are_not_there(port: CentrePort) -> None:
    path = f"/api/v1/agents/{register(port, 40)['agent_id']}"
    assert port.ask(path, role="admin@other").status == 404
    for verb in ("drain", "undrain", "revoke"):
        assert port.post(f"{path}:{verb}", {}, role="admin@other").status == 404
    assert port.post(path, {"labels": {}}, method="PATCH", role="admin@other").status == 404
    assert port.ask("/api/v1/agents", role="viewer@other").json["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "pointer"),
    [
        ("register", {**REGISTRATION, "protocol": 2}, 400, "bad_body", "/body/protocol"),
        ("register", b"{", 400, "bad_body", "/body"),
        ("register", b"x" * 70_000, 413, "too_large", None),
        ("heartbeat", HEARTBEAT, 401, "credential_unknown", None),
    ],
)
def test_a_bad_call_of_an_agent_is_refused_with_its_place(
    port: CentrePort, path: str, body: object, status: int, code: str, pointer: str | None
) -> None:
    answer = send(port, f"/api/v1/agents/{path}", body)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert [field["pointer"] for field in answer.json["errors"]] == ([] if pointer is None else [pointer])


def test_agents_of_a_newer_release_are_taken_and_people_are_still_told_of_unknown_fields(port: CentrePort) -> None:
    told = register(port, 51, later=1)
    beat = {**HEARTBEAT, "metrics": {**METRICS, "threads": 4}, "later": {"deep": [1]}}
    assert send(port, "/api/v1/agents/heartbeat", beat, told["credential"]).status == 200
    refused = port.post(f"/api/v1/agents/{told['agent_id']}", {"later": 1}, method="PATCH", role="admin")
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "extra_forbidden")


def test_a_bad_heartbeat_is_refused_with_its_place(port: CentrePort) -> None:
    credential = register(port, 50)["credential"]
    bad = {**HEARTBEAT, "metrics": {**METRICS, "queued": "many"}}
    answer = send(port, "/api/v1/agents/heartbeat", bad, credential)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/body/metrics/queued")


def test_nobody_registers_without_a_good_token(port: CentrePort) -> None:
    assert send(port, "/api/v1/agents/register", REGISTRATION, "gwfe_other").json["code"] == "enrolment_refused"
    assert port.ask("/api/v1/agents/register", "POST", body=b"{}", role=None).status == 401


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ("selector=env=", "invalid_selector", "/query/selector"),
        ("cursor=abc", "bad_cursor", None),
        ("state=happy", "invalid_request", "/query/state/0"),
        ("limit=0", "invalid_request", "/query/limit"),
    ],
)
def test_a_bad_filter_is_refused_with_its_place(port: CentrePort, query: str, code: str, pointer: str | None) -> None:
    answer = port.ask(f"/api/v1/agents?{query}")
    assert answer.json["code"] == code
    assert pointer is None or answer.json["errors"][0]["pointer"] == pointer


def test_thresholds_that_would_lie_are_refused_by_name(port: CentrePort) -> None:
    wish = {"name": "liar", "thresholds": {"heartbeat_s": 60, "offline_after_s": 61}}
    answer = port.post("/api/v1/agent-groups", wish)
    assert (answer.status, answer.json["params"]["field"]) == (400, "offline_after_s")
