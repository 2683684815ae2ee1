"""Nobody of one tenant sees or changes what belongs to another, whatever ids they name."""

from __future__ import annotations

import itertools
import json
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from tests.agent.waiting import until
from tests.api.house import House, open_house, operations, register

EXAMPLES = int(os.environ.get("GWF_FUZZ_EXAMPLES", "3"))
#: stands in everything that the first tenant has
MARK = "zebra"
#: what moves by itself
RESTLESS = re.compile(r"(_at|_ms|since|until|as_of|metrics|state|condition|cause|address|ip|open_alerts|alerts_7d)$")
#: places in a body where an id may stand
NAMES_A_THING = re.compile(r"(^|_)(id|ids|group|groups|agent|agents|subject|version|layer|base|selector)$")
LISTS = (
    "users", "tokens?everybody=true", "enrolment-tokens", "agents", "agent-groups", "config-layers",
    "config-versions", "rollouts", "config-drift", "file-events", "rules", "tasks", "flows",
    "flow-runs", "dlq", "dlq/runs", "alert-rules", "chains", "schedules", "inhibitions", "silences",
    "schedules:on-call", f"alerts?text={MARK}",
)  # fmt: skip
ALERT_DOCUMENTS: Mapping[str, Mapping[str, object]] = {
    "alert-rules": {"name": MARK, "when": {"type": f"{MARK}.seen"}, "title": MARK},
    "chains": {"name": MARK, "levels": [{"receivers": "room"}]},
    "schedules": {
        "name": f"{MARK}-day", "zone": "UTC", "channel": "room", "starts": "2026-11-02", "people": [{"name": MARK}],
    },
    "inhibitions": {"name": MARK, "source": f"host={MARK}", "target": "host=other"},
}  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("tenants")) as opened:
        yield opened


@pytest.fixture(scope="module")
def theirs(house: House) -> Mapping[str, Sequence[str]]:
    """Everything that can be made in the first tenant; return its ids by the beginning of their place."""
    admin, port = house.admin["default"], house.port

    def made(path: str, body: object) -> Any:
        answer = port.post(f"/api/v1/{path}", body, role=admin)
        assert answer.status in {200, 201}, (path, answer.body)
        return answer.json

    user = made("users", {"name": f"{MARK}-user", "role": "viewer"})["id"]
    token = made("tokens", {"name": MARK, "role": "viewer", "machine": True})["token"]["id"]
    entry = made("enrolment-tokens", {"name": MARK})["token"]["id"]
    agent = port.ask("/api/v1/agents", role=admin).json["items"][0]["agent_id"]
    group = made("agent-groups", {"name": f"{MARK}-group", "selector": "tenant=default"})["group_id"]
    layer = made("config-layers", {"kind": "group", "subject": group})["layer_id"]
    document = {"agent": {"retry": {"max_attempts": 7}}}
    version = made(f"config-layers/{layer}/versions", document)["version"]["version_id"]
    rollout = made("rollouts", {"version_id": version, "reason": MARK})["rollout"]["rollout_id"]
    event = {"specversion": "1.0", "id": "1", "source": MARK, "type": f"{MARK}.seen", "data": {"a": 1}}
    port.ask("/api/v1/events", "POST", body=str(event).replace("'", '"').encode(), role=admin,
             Content_Type="application/cloudevents+json")  # fmt: skip
    rows = [item["row_id"] for item in port.ask("/api/v1/events", role=admin).json["items"]]
    assert rows
    rule = made("rules", {"rule": {"name": MARK, "when": {"type": f"{MARK}.seen"}, "then": []}})["rule_id"]
    made(f"rules/{rule}:publish", {})
    wish = {"type": "UPLOAD", "config": {"path": f"/{MARK}.log"}, "agent_id": agent}
    task = made("tasks", wish)["task"]["task_id"]
    flow = made("flows", {"flow": {"name": MARK, "steps": [{"id": "ask", "action": "APPROVAL"}]}})["flow_id"]
    made(f"flows/{flow}:publish", {})
    run, dropped = (made(f"flows/{flow}:run", {})["run"]["run_id"] for _ in range(2))
    for failed in (run, dropped):
        made(f"flow-runs/{failed}/steps/ask:refuse", {"reason": MARK})
    found = port.ask("/api/v1/dlq", role=admin).json["items"]
    letter = {one["flow_run_id"]: one["letter_id"] for one in found}
    drop = made("dlq:drop", {"ids": [letter[dropped]], "reason": MARK})["run"]["run_id"]
    until(lambda: port.ask(f"/api/v1/dlq/runs/{drop}", role=admin).json["ended_at"], within_s=60)
    alerts = {place: made(place, {"document": one, "publish": True})["id"] for place, one in ALERT_DOCUMENTS.items()}
    quiet = {"selector": f"host={MARK}", "ends_at": "2190-01-02T00:00:00Z", "begins_at": "2190-01-01T00:00:00Z"}
    silence = made("silences", {**quiet, "reason": MARK})["silence_id"]
    view = f"{MARK}-view-1"
    saved = {"list_name": "agents", "name": MARK, "shared": True, "query": {}}
    assert port.post(f"/api/v1/views/{view}", saved, method="PUT", role=admin).status == 200
    wanted = f"alerts?text={MARK}&status=firing"

    def alerted() -> Any:  # as soon as the rule is in force
        sent = json.dumps({**event, "id": str(time.monotonic())}).encode()
        port.ask("/api/v1/events", "POST", body=sent, role=admin, Content_Type="application/cloudevents+json")
        return port.ask(f"/api/v1/{wanted}", role=admin).json["items"]

    alert = until(alerted, within_s=30)[0]["alert_id"]
    return {
        "alerts": [alert],
        "views": [view], "users": [user], "tokens": [token], "enrolment-tokens": [entry], "agents": [agent],
        "agent-groups": [group, f"{MARK}-group"], "config-layers": [layer], "config-versions": [version],
        "rollouts": [rollout], "rules": [rule], "tasks": [task], "flows": [flow], "flow-runs": [run],
        "channels": [f"{MARK}-channel"], "messages": ["msg_0123456789abcdef01234567"],
        "silences": [silence], **{place: [found] for place, found in alerts.items()},
        "dlq": [*letter.values(), drop], "events": rows[:3], "file-events": rows[:3],
    }  # fmt: skip


#: what was shown after the last operation: the next one begins with it
SHOWN: dict[str, dict[str, Any]] = {}


def shown(house: House) -> dict[str, Any]:
    return {path: still(house.port.ask(f"/api/v1/{path}", role=house.admin["default"]).json) for path in LISTS}


def still(value: Any) -> Any:
    """Return a value without what moves by itself."""
    if isinstance(value, dict):
        return {name: still(inner) for name, inner in value.items() if not RESTLESS.search(name)}
    return [still(inner) for inner in value] if isinstance(value, list) else value


def with_ids(value: Any, ids: Iterator[str]) -> Any:
    """Return a body in which every place for an id has one of the other tenant."""
    if isinstance(value, list):
        return [with_ids(inner, ids) for inner in value]
    if not isinstance(value, dict):
        return value
    named = {name: inner for name, inner in value.items() if NAMES_A_THING.search(name)}
    rest = {name: with_ids(inner, ids) for name, inner in value.items() if name not in named}
    return rest | {name: next(ids) if isinstance(inner, str) else with_ids(inner, ids) for name, inner in named.items()}


#: entries have the same numbers in each tenant, and a view is made under an id that its owner chose
OWN_IDS = {("GET", "/api/v1/audit/{seq}"), ("GET", "/api/v1/audit/{seq}/aftermath"), ("PUT", "/api/v1/views/{view_id}")}
OPERATIONS = [
    item for item in operations() if "self" not in item.path and (item.method.upper(), item.path) not in OWN_IDS
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=[f"{item.method.upper()} {item.path}" for item in OPERATIONS])
def test_another_tenant_is_not_there(operation: Any, house: House, theirs: Mapping[str, Sequence[str]]) -> None:
    looks_only = operation.method.upper() == "GET"
    before = {} if looks_only else (SHOWN.pop("last") if SHOWN else shown(house))
    ids = itertools.cycle([*itertools.chain(*theirs.values())])
    place = operation.path.split("/")[3].partition(":")[0]

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def attempt(case: Any) -> None:
        for foreign in theirs.get(place, [""]):
            case.path_parameters = dict.fromkeys(case.path_parameters or {}, foreign)
            if place != "events":  # a sender chooses the id of an event: it names nothing of anybody else
                case.body = with_ids(case.body, ids)
            headers = {"Authorization": f"Bearer {house.admin['acme']}"}
            answer = case.call(base_url=house.port.server.url, headers=headers, timeout=30)
            assert answer.status_code < 500, answer.text
            assert MARK not in re.sub(r'"(params|detail|errors)":.*', "", answer.text)
            if case.path_parameters and not answer.text.startswith('{"items":[]'):
                assert answer.status_code in {400, 404, 409, 415, 422}, answer.text

    attempt()
    if not looks_only:
        after = shown(house)
        assert after == before
        SHOWN["last"] = after


def test_agents_of_one_tenant_are_not_those_of_another(house: House, theirs: Mapping[str, Sequence[str]]) -> None:
    SHOWN.clear()
    ours = register(house, "acme")
    assert ours["tenant"] == "acme"
    seen = house.port.ask("/api/v1/agents", role=house.admin["acme"]).json["items"]
    assert [item["agent_id"] for item in seen] == [ours["agent_id"]]
    assert ours["agent_id"] not in theirs["agents"]
