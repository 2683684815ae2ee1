"""The Go version's control plane on a whole centre: what the recordings do not show."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gwf.app.centre import Centre, open_centre
from gwf.control.fleet.model import Agent, AgentId, Credentials
from gwf.core.settings.model import Settings
from gwf.core.settings.server import DatabaseSettings, ServerSettings
from tests.api.centre_port import CentrePort, open_late
from tests.api.fake_accounts import FakeAccounts

AGENTS, TASKS, PULL = "/api/control/agents", "/api/control/tasks", "/api/control/dispatch/pull"
STRONG = Agent(
    agent_id=AgentId("agt_0123456789abcdef"), tenant="default", instance_id="00000000-0000-4000-8000-000000000001",
    hostname="strong", version="0.2.0", registered_at_ms=1, updated_at_ms=1,
)  # fmt: skip


@pytest.fixture
def port(tmp_path: Path) -> Iterator[CentrePort]:
    settings = Settings(data_dir=tmp_path, server=ServerSettings(database=DatabaseSettings(url="memory")))

    @asynccontextmanager
    async def opened() -> AsyncIterator[Centre]:
        async with open_centre(settings) as centre:
            async with centre.fleet.store.change() as change:
                await change.put_agent(STRONG, Credentials(current=b"x" * 32))
            centre.identity.accounts = FakeAccounts()  # type: ignore[assignment]  # the tokens are names of roles
            yield centre

    with open_late(opened) as found:
        yield found


def post(port: CentrePort, path: str, value: object = None, *, role: str = "admin") -> tuple[int, dict[str, Any]]:
    body = b"" if value is None else value if isinstance(value, bytes) else json.dumps(value).encode()
    answer = port.ask(path, "POST", body=body, role=role)
    return answer.status, json.loads(answer.body)


def get(port: CentrePort, path: str, *, role: str = "admin") -> tuple[int, dict[str, Any]]:
    answer = port.ask(path, role=role)
    return answer.status, json.loads(answer.body)


def register(port: CentrePort, key: str = "k1") -> str:
    status, answer = post(port, AGENTS, {"agentKey": key})
    assert status == 200, answer
    return str(answer["agent"]["id"])


def create(port: CentrePort, **more: object) -> str:
    status, answer = post(port, TASKS, {"type": "scan", "target": "x"} | more)
    assert status == 200, answer
    return str(answer["task"]["id"])


def test_agents_of_both_interfaces_are_in_both_lists(port: CentrePort) -> None:
    agent_id = register(port)
    assert {item["id"] for item in get(port, AGENTS)[1]["items"]} == {agent_id, STRONG.agent_id}
    assert port.ask(f"/api/v1/agents/{agent_id}").status == 200


def test_draining_is_undone_by_the_new_interface(port: CentrePort) -> None:
    agent_id = register(port)
    create(port)
    assert post(port, f"{AGENTS}/{agent_id}/drain")[1]["agent"]["status"] == "draining"
    assert post(port, PULL, {"agentId": agent_id}) == (409, {"error": "agent is draining"})
    assert port.post(f"/api/v1/agents/{agent_id}:undrain", {"reason": "well again"}).status == 200
    assert [task["id"] for task in post(port, PULL, {"agentId": agent_id})[1]["items"]] == ["tsk-000001"]


def test_nobody_speaks_for_an_agent_with_a_credential(port: CentrePort) -> None:
    refused = (409, {"error": "agent has a credential: it speaks /api/v1"})
    assert post(port, f"{AGENTS}/{STRONG.agent_id}/heartbeat") == refused
    assert post(port, PULL, {"agentId": STRONG.agent_id}) == refused
    assert post(port, AGENTS, {"agentKey": STRONG.instance_id}) == refused


def test_roles_decide_here_too(port: CentrePort) -> None:
    agent_id = register(port)
    for role, status in (("viewer", 403), ("operator", 200)):
        assert post(port, AGENTS, {"agentKey": "k2"}, role=role)[0] == status
        assert post(port, TASKS, {"type": "a", "target": "b"}, role=role)[0] == status
        assert post(port, PULL, {"agentId": agent_id}, role=role)[0] == status
        assert post(port, f"{AGENTS}/{agent_id}/heartbeat", role=role)[0] == status
    assert get(port, AGENTS, role="viewer")[0] == get(port, TASKS, role="viewer")[0] == 200
    assert [get(port, "/api/control/audit", role=role)[0] for role in ("operator", "approver")] == [403, 200]
    assert post(port, f"{AGENTS}/{agent_id}/heartbeat", role="stranger")[0] == 401


def test_tenants_are_apart(port: CentrePort) -> None:
    agent_id, task_id = register(port), create(port)
    for path in (f"{AGENTS}/{agent_id}", f"{TASKS}/{task_id}"):
        assert get(port, path, role="admin@acme")[0] == 404
    assert get(port, TASKS, role="admin@acme")[1]["total"] == 0
    assert post(port, PULL, {"agentId": agent_id}, role="admin@acme")[0] == 404
    assert post(port, f"{TASKS}/{task_id}/cancel", role="admin@acme")[0] == 404


def test_whoever_logged_in_is_on_record_and_not_who_they_say(port: CentrePort) -> None:
    create(port, createdBy="alice")
    entry = port.ask("/api/v1/audit?action=task.create").json["items"][0]
    assert (entry["actor"]["kind"], entry["actor"]["id"], entry["reason"]) == ("user", "u-admin", "as alice")
    assert get(port, "/api/control/audit")[1]["items"][0]["operator"] == "u-admin"


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        (AGENTS, b"", 400, "invalid payload"), (AGENTS, b"[]", 400, "invalid payload"),
        (AGENTS, b"null", 400, "agentKey is required"), (AGENTS, {"agentKey": 3}, 400, "invalid payload"),
        (AGENTS, {"agentKey": "  "}, 400, "agentKey is required"),
        (TASKS, {"type": "a", "target": "b", "payload": []}, 400, "invalid payload"),
        (TASKS, {"type": "a", "target": "b", "maxRetries": 1.5}, 400, "invalid payload"),
        (TASKS, {"type": "a", "target": "b", "maxRetries": "3"}, 400, "invalid payload"),
        (TASKS, {"type": "x" * 201, "target": "b"}, 400, "the text is too long"),
        (PULL, {"agentId": "agt-000001", "acceptTypes": "a"}, 400, "invalid payload"),
        (PULL, {"agentId": "agt-000001", "acceptTypes": [1]}, 400, "invalid payload"),
        (PULL, {"agentId": "agt-\x00"}, 404, "agent not found"),
        (f"{TASKS}/failure-reasons", {}, 404, "route not found"),
        (f"{TASKS}/tsk-000001/zzz", {}, 404, "route not found"),
        (f"{TASKS}/tsk-000001/complete", {"agentId": "a", "status": ""}, 400, "status must be success or failed"),
        (f"{TASKS}/tsk-%00/cancel", None, 404, "task not found"),
    ],
)  # fmt: skip
def test_refusals_that_the_contract_names(port: CentrePort, path: str, body: object, status: int, error: str) -> None:
    assert post(port, path, body) == (status, {"error": error})


@pytest.mark.parametrize(
    ("query", "status", "answer"),
    [
        ("", 200, ["failed", "timeout"]), ("?status=", 200, ["failed", "timeout"]),
        ("?status=canceled,failed", 200, ["canceled", "failed"]),
        ("?status=TIMEOUT%3Bfailed", 200, ["failed", "timeout"]),
        ("?status=failed;timeout", 200, ["failed", "timeout"]), ("?status=failed&limit=3", 200, ["failed"]),
        ("?status=%2C%20", 400, "status filter is empty"), ("?status=failed,zzz", 400, "invalid status filter: zzz"),
    ],
)  # fmt: skip
def test_the_filter_of_failure_reasons(port: CentrePort, query: str, status: int, answer: object) -> None:
    found, body = get(port, f"{TASKS}/failure-reasons{query}")
    assert (found, body["filters"]["status"] if found == 200 else body["error"]) == (status, answer)


def test_a_slash_at_the_end_is_tolerated_below_the_lists_only(port: CentrePort) -> None:
    agent_id, task_id = register(port), create(port)
    assert get(port, f"{AGENTS}/{agent_id}/")[0] == get(port, f"{TASKS}/{task_id}/")[0] == 200
    assert get(port, f"{AGENTS}/") == get(port, f"{TASKS}/") == (404, {"error": "route not found"})
    assert port.ask("/api/control/audit/").body == b"404 page not found\n"
    assert port.ask(f"{PULL}/", "POST").status == 404


def test_filters_and_limits_of_lists(port: CentrePort) -> None:
    register(port)
    for number in range(3):
        create(port, type=f"t{number % 2}")
    assert get(port, f"{AGENTS}?status=OFFLINE")[1]["total"] + get(port, f"{AGENTS}?status=online")[1]["total"] == 2
    assert get(port, f"{AGENTS}?group=nope")[1] == {"items": [], "ok": True, "total": 0}
    listed = get(port, f"{TASKS}?limit=1&type=t0&status=PENDING")[1]
    assert (len(listed["items"]), listed["total"]) == (1, 2)
    assert get(port, f"{TASKS}?status=zzz")[1]["total"] == 0
    assert len(get(port, f"{TASKS}?limit=-1")[1]["items"]) == 3


def test_payloads_come_back_as_go_would_write_them(port: CentrePort) -> None:
    sent = b'{"type":"a","target":"b","payload":{"z":1.0,"a":1e3,"m":2.5,"n":null,"b":{"y":1,"x":[true]},"t":"<&>"}}'
    answer = port.ask(TASKS, "POST", body=sent)
    payload = answer.body[answer.body.index(b'"payload":') :].partition(b',"priority"')[0]
    assert payload == (
        b'"payload":{"a":1000,"b":{"x":[true],"y":1},"m":2.5,"n":null,"t":"\\u003c\\u0026\\u003e","z":1}'
    )


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("from=2020-01-01", "invalid from: expected RFC3339 or 2006-01-02T15:04"),
        ("to=2020-01-01T00:00:00", "invalid to: expected RFC3339 or 2006-01-02T15:04"),
        ("from=2020-13-01T00:00", "invalid from: expected RFC3339 or 2006-01-02T15:04"),
        ("from=2020-01-02T00:00&to=2020-01-01T00:00", "invalid range: from must be <= to"),
    ],
)
def test_times_of_the_audit_are_checked(port: CentrePort, query: str, error: str) -> None:
    assert get(port, f"/api/control/audit?{query}") == (400, {"error": error})


def test_the_audit_is_filtered_by_the_old_names(port: CentrePort) -> None:
    agent_id, task_id = register(port), create(port)
    post(port, PULL, {"agentId": agent_id})
    post(port, f"{TASKS}/{task_id}/ack", {"agentId": agent_id})
    for query, count in (
        ("action=task_ack", 1), ("action=task_assigned", 1), ("resourceType=agent", 1),
        (f"resourceId={task_id}", 3), ("operator=u-admin", 4), ("action=zzz", 0), ("limit=2", 2),
        ("from=2020-01-01T00:00&to=2099-01-01T00:00:00Z", 4),
    ):  # fmt: skip
        answer = get(port, f"/api/control/audit?{query}")[1]
        assert (len(answer["items"]), answer["total"]) == (count, count), query
