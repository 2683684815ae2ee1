"""/api/v1/tasks: made, found, counted, steered, rehearsed, kept apart by tenant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Answer
from tests.api.house import House, open_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("tasks")) as opened:
        yield opened


def send(house: House, path: str, body: object, *, tenant: str = "default", **headers: str) -> Answer:
    return house.port.ask(
        f"/api/v1/tasks{path}", "POST", body=json.dumps(body).encode(), role=house.admin[tenant],
        Content_Type="application/json", **headers,
    )  # fmt: skip


def get(house: House, path: str, *, tenant: str = "default") -> Any:
    return house.port.ask(f"/api/v1/tasks{path}", role=house.admin[tenant]).json


def wish(house: House, **more: object) -> dict[str, object]:
    agents = house.port.ask("/api/v1/agents", role=house.admin["default"]).json["items"]
    return {"type": "UPLOAD", "config": {"path": "/var/log/a.log"}, "agent_id": agents[0]["agent_id"], **more}


def make(house: House, **more: object) -> Any:
    answer = send(house, "", wish(house, **more))
    assert answer.status == 201, answer.body
    return answer.json["task"]


def audited(house: House, task_id: str) -> list[str]:
    page = house.port.ask(f"/api/v1/audit?resource={task_id}", role=house.admin["default"]).json
    return [item["action"] for item in page["items"]][::-1]


def test_a_task_is_made_shown_and_on_record(house: House) -> None:
    task = make(house, priority="high", delay_s=60, retry={"max_attempts": 2}, reason="because")
    shown = get(house, f"/{task['task_id']}")
    assert shown == task
    assert (task["state"], task["executor"], task["priority"], task["max_attempts"]) == ("waiting", "agent", "high", 2)
    assert task["next_run_at"] > task["created_at"]
    assert task["target"] == "send /var/log/a.log now"
    assert audited(house, task["task_id"]) == ["task.create"]


def test_the_same_cause_makes_the_same_task(house: House) -> None:
    first = send(house, "", wish(house, key="one cause")).json
    again = send(house, "", wish(house, key="one cause", priority="high")).json
    assert (first["created"], again["created"]) == (True, False)
    assert again["task"] == first["task"]


def test_a_repeated_request_is_answered_again(house: House) -> None:
    answers = [send(house, "", wish(house), Idempotency_Key="tasks-made-once") for _ in range(2)]
    assert answers[0].json == answers[1].json


def test_a_rehearsal_shows_the_task_and_makes_none(house: House) -> None:
    before = get(house, "")["total"]
    shown = send(house, "?dry_run=true", wish(house)).json
    assert (shown["dry_run"], shown["task"]["state"]) == (True, "pending")
    task = make(house)
    effect = send(house, f"/{task['task_id']}:cancel?dry_run=true", {}).json
    assert [change["action"] for change in effect["changes"]] == ["task.cancel"]
    assert get(house, f"/{task['task_id']}")["state"] == "pending"
    assert get(house, "")["total"] == before + 1


@pytest.mark.parametrize(
    ("more", "status", "pointer"),
    [
        ({"type": "DANCE"}, 400, "/body/type"),
        ({"config": {"path": "relative"}}, 400, "/body/config/path"),
        ({"config": {"path": "/a", "extra": 1}}, 400, "/body/config/extra"),
        ({"agent_id": "agt_nobody"}, 400, "/body/agent_id"),
        ({"agent_id": ""}, 400, "/body/agent_id"),
        ({"retry": {"max_attempts": 0}}, 422, "/body/retry/max_attempts"),
        ({"config": {"path": "/" + "x" * 5000}}, 400, "/body/config/path"),
    ],
)
def test_what_cannot_work_is_refused_where_it_is_wrong(
    house: House, more: dict[str, object], status: int, pointer: str
) -> None:
    before = get(house, "")["total"]
    answer = send(house, "", wish(house, **more))
    assert (answer.status, [field["pointer"] for field in answer.json["errors"]]) == (status, [pointer])
    assert get(house, "")["total"] == before


def test_lists_are_narrowed_counted_and_walked(house: House) -> None:
    names = [make(house, target=f"walk {number}", priority="low")["task_id"] for number in range(5)]
    send(house, f"/{names[0]}:cancel", {})
    page = get(house, "?text=walk&limit=2&facets=true")
    assert (page["total"], page["facets"]["state"]) == (5, {"pending": 4, "cancelled": 1})
    assert page["facets"]["priority"] == {"low": 5}
    seen = [item["task_id"] for item in page["items"]]
    while page["next_cursor"]:
        page = get(house, f"?text=walk&limit=2&cursor={page['next_cursor']}")
        seen += [item["task_id"] for item in page["items"]]
    assert seen == names[::-1]
    assert [item["task_id"] for item in get(house, "?text=walk&state=cancelled")["items"]] == names[:1]
    assert get(house, "?text=walk&priority=high")["total"] == 0


def test_a_cancelled_task_is_done_again_and_its_life_is_told(house: House) -> None:
    task_id = make(house)["task_id"]
    assert send(house, f"/{task_id}:cancel", {"reason": "no"}).json["state"] == "cancelled"
    assert send(house, f"/{task_id}:cancel", {}).json["code"] == "task_state"
    again = send(house, f"/{task_id}:retry", {"reason": "yes"}).json
    assert (again["state"], again["run_no"]) == ("pending", 2)
    told = [line["what"] for line in get(house, f"/{task_id}/timeline")["items"]]
    assert told == ["created", "canceled", "retried"]
    assert audited(house, task_id) == ["task.create", "task.cancel", "task.retry"]
    assert send(house, f"/{task_id}:compensate", {}).json["code"] == "task_state"
    assert get(house, f"/{task_id}/attempts")["items"] == []


def test_kinds_tell_what_their_configuration_looks_like(house: House) -> None:
    kinds = {kind["type"]: kind for kind in get(house, "/kinds")["items"]}
    assert kinds["UPLOAD"]["config_schema"]["required"] == ["path"]
    assert set(kinds["WEBHOOK"]["config_schema"]["properties"]) >= {"url", "method", "undo"}


def test_many_are_cancelled_and_done_again_as_the_rehearsal_said(house: House) -> None:
    names = [make(house, target=f"bulk {number}")["task_id"] for number in range(3)]
    send(house, f"/{names[0]}:cancel", {})
    ahead = send(house, ":cancel?text=bulk&dry_run=true", {}).json
    assert (ahead["matched"], ahead["changed"], ahead["dry_run"]) == (2, 2, True)
    assert get(house, "?text=bulk&state=pending")["total"] == 2
    done = send(house, ":cancel?text=bulk", {"reason": "no disk"}).json
    assert (done["changed"], done["next_cursor"], {one["state"] for one in done["samples"]}) == (2, None, {"cancelled"})
    assert audited(house, names[2]) == ["task.create", "task.cancel"]
    assert send(house, ":retry?text=bulk", {}).json["matched"] == 0  # what people cancelled is not done by the way
    again = send(house, ":retry", {"task_ids": [*names, "tsk-nothing"]}).json
    assert (again["changed"], again["missing"]) == (3, 1)
    once_more = send(house, ":retry", {"task_ids": names}).json
    assert (once_more["changed"], once_more["refused"]) == (0, {"task_state": 3})


def test_an_order_to_everything_is_refused(house: House) -> None:
    assert send(house, ":cancel", {}).json["errors"][0]["pointer"] == "/body/task_ids"


def test_no_tenant_sees_or_moves_tasks_of_another(house: House) -> None:
    task_id = make(house)["task_id"]
    assert get(house, f"/{task_id}", tenant="acme")["code"] == "task_not_found"
    assert get(house, "", tenant="acme")["total"] == 0
    for order in ("cancel", "retry", "compensate"):
        assert send(house, f"/{task_id}:{order}", {}, tenant="acme").json["code"] == "task_not_found"
    assert send(house, ":cancel", {"task_ids": [task_id]}, tenant="acme").json["missing"] == 1
    assert send(house, "", wish(house), tenant="acme").json["errors"][0]["pointer"] == "/body/agent_id"
