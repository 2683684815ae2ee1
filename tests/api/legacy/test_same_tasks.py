"""Tasks of the Go version's interface and of /api/v1 are the same rows, whoever made or moves them."""

from __future__ import annotations

import json
from typing import Any

from tests.agent.waiting import until
from tests.api.centre_port import CentrePort
from tests.api.legacy.test_control import PULL, TASKS, create, get, port, post, register

__all__ = ["port"]
V1 = "/api/v1/tasks"


def order(port: CentrePort, path: str, value: object) -> tuple[int, Any]:
    """Give an order to /api/v1, which takes JSON only."""
    answer = port.ask(path, "POST", body=json.dumps(value).encode(), Content_Type="application/json")
    return answer.status, json.loads(answer.body)


def webhook(port: CentrePort) -> str:
    wish = {"type": "WEBHOOK", "config": {"url": "https://hooks.example.com/x"}, "delay_s": 3_600}
    status, answer = order(port, V1, wish)
    assert status == 201, answer
    return str(answer["task"]["task_id"])


def word(port: CentrePort, task_id: str) -> tuple[str, str]:
    """Return how both interfaces call the state of a task."""
    return get(port, f"{TASKS}/{task_id}")[1]["task"]["status"], get(port, f"{V1}/{task_id}")[1]["state"]


def failed(port: CentrePort) -> tuple[str, str]:
    """Let an agent fetch a task and fail; return both."""
    agent_id, task_id = register(port), create(port, payload={"depth": 2})
    assert [item["id"] for item in post(port, PULL, {"agentId": agent_id})[1]["items"]] == [task_id]
    assert word(port, task_id) == ("assigned", "leased")
    post(port, f"{TASKS}/{task_id}/ack", {"agentId": agent_id})
    assert word(port, task_id) == ("running", "running")
    told = {"agentId": agent_id, "status": "failed", "error": "disk is full"}
    assert post(port, f"{TASKS}/{task_id}/complete", told)[0] == 200
    assert word(port, task_id) == ("failed", "failed")
    return agent_id, task_id


def test_a_task_of_the_old_interface_has_its_attempts_and_its_dead_letter(port: CentrePort) -> None:
    agent_id, task_id = failed(port)
    shown = get(port, f"{V1}/{task_id}")[1]
    assert (shown["type"], shown["executor"], shown["config"]) == ("scan", "any", {"depth": 2})
    attempts = get(port, f"{V1}/{task_id}/attempts")[1]["items"]
    assert [(one["outcome"], one["error"], one["executor"]) for one in attempts] == [
        ("failed", "disk is full", agent_id)
    ]
    (letter,) = letters(port)
    assert (letter["task_id"], letter["kind"], letter["message"]) == (task_id, "task", "disk is full")
    assert order(port, "/api/v1/dlq:replay", {"ids": [letter["letter_id"]], "reason": "mended"})[0] == 200
    until(lambda: word(port, task_id) == ("pending", "pending"))
    assert get(port, f"{TASKS}/{task_id}")[1]["task"]["retryCount"] == 1
    told = {"agentId": agent_id, "status": "success"}
    post(port, PULL, {"agentId": agent_id})
    assert post(port, f"{TASKS}/{task_id}/complete", told)[0] == 200
    assert (word(port, task_id), letters(port)) == (("success", "succeeded"), [])


def letters(port: CentrePort) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(port, "/api/v1/dlq")[1]["items"]
    return found


def test_a_task_of_the_new_interface_is_shown_and_moved_by_the_old_one(port: CentrePort) -> None:
    agent_id, task_id = register(port), webhook(port)
    assert [item["id"] for item in get(port, TASKS)[1]["items"]] == [task_id]
    assert word(port, task_id) == ("pending", "waiting")
    assert post(port, PULL, {"agentId": agent_id}) == (200, {"ok": True, "items": []})  # workers do it
    assert post(port, f"{TASKS}/{task_id}/ack", {"agentId": agent_id}) == (
        409, {"error": "task is assigned to another agent"},
    )  # fmt: skip
    assert post(port, f"{TASKS}/{task_id}/complete", {"agentId": agent_id, "status": "success"})[0] == 409
    assert post(port, f"{TASKS}/{task_id}/cancel")[0] == 200
    assert word(port, task_id) == ("canceled", "cancelled")
    assert post(port, f"{TASKS}/{task_id}/retry")[0] == 200
    assert word(port, task_id)[0] in {"pending", "assigned", "running"}
    events = [event["eventType"] for event in get(port, f"{TASKS}/{task_id}/events")[1]["items"]]
    assert {"canceled", "retried"} <= set(events)


def test_orders_of_the_new_interface_move_tasks_of_the_old_one(port: CentrePort) -> None:
    _, task_id = failed(port)
    assert order(port, f"{V1}/{task_id}:retry", {"reason": "again"})[0] == 200
    assert word(port, task_id) == ("pending", "pending")
    assert order(port, f"{V1}/{task_id}:cancel", {"reason": "not needed"})[0] == 200
    assert word(port, task_id) == ("canceled", "cancelled")
    record = get(port, f"/api/control/audit?resourceId={task_id}&action=task_cancel")[1]["items"]
    assert [entry["resourceType"] for entry in record] == ["task"]
