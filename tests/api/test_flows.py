"""/api/v1/flows and /flow-runs: written, published, begun, approved, steered, kept apart by tenant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Answer
from tests.api.house import House, open_house

ASK = {"id": "ask", "action": "APPROVAL", "title": "May it go?"}
FLOW: dict[str, Any] = {"name": "two words", "steps": [ASK, {"id": "again", "action": "APPROVAL", "needs": ["ask"]}]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("flows")) as opened:
        yield opened


def send(
    house: House, path: str, body: object, *, tenant: str = "default", method: str = "POST", **headers: str
) -> Answer:
    return house.port.ask(
        f"/api/v1{path}", method, body=json.dumps(body).encode(), role=house.admin[tenant],
        Content_Type="application/json", **headers,
    )  # fmt: skip


def get(house: House, path: str, *, tenant: str = "default") -> Any:
    return house.port.ask(f"/api/v1{path}", role=house.admin[tenant]).json


def publish(house: House, name: str, **more: object) -> str:
    answer = send(house, "/flows", {"flow": {**FLOW, "name": name, **more}})
    assert answer.status == 201, answer.body
    flow = str(answer.json["flow_id"])
    assert send(house, f"/flows/{flow}:publish", {}).json["published_version"] == 1
    return flow


def begin(house: House, flow: str, **more: object) -> Any:
    answer = send(house, f"/flows/{flow}:run", more)
    assert answer.status == 201, answer.body
    return answer.json["run"]


def states(run: Any) -> dict[str, str]:
    return {step["id"]: step["state"] for step in run["steps"]}


def told(house: House, run: Any) -> list[str]:
    return [line["what"] for line in get(house, f"/flow-runs/{run['run_id']}/timeline")["items"]]


def order(house: House, run: Any, verb: str, **body: object) -> Any:
    return send(house, f"/flow-runs/{run['run_id']}{verb}", body).json


def test_a_flow_goes_from_draft_to_published_to_the_next_version_and_back(house: House) -> None:
    flow = publish(house, "lives")
    changed = {**FLOW, "name": "lives on", "steps": [ASK]}
    view = send(house, f"/flows/{flow}", {"flow": changed, "reason": "shorter"}, method="PUT").json
    assert (view["draft_version"], view["published_version"], view["name"]) == (2, 1, "lives on")
    assert len(view["steps"]) == 1
    assert view["changes"][0]["pointer"] == "/name"
    assert send(house, f"/flows/{flow}:publish", {}).json["published_version"] == 2
    assert send(house, f"/flows/{flow}:rollback", {"version": 1}).json["published_version"] == 3
    versions = get(house, f"/flows/{flow}/versions")["items"]
    assert [(one["version"], one["state"]) for one in versions] == [(3, "published"), (2, "retired"), (1, "retired")]
    assert send(house, f"/flows/{flow}:retire", {}).json["state"] == "retired"
    refused = send(house, f"/flows/{flow}:run", {})
    assert (refused.status, refused.json["code"]) == (409, "flow_not_published")
    actions = [item["action"] for item in get(house, f"/audit?resource={flow}")["items"]][::-1]
    assert actions == ["flow.create", "flow.publish", "flow.update", "flow.publish", "flow.rollback", "flow.retire"]


@pytest.mark.parametrize(
    ("steps", "pointer", "code"),
    [
        ([{"id": "a", "action": "DANCE"}], "/flow/steps/0/action", "unknown_kind"),
        ([{"id": "a", "action": "WEBHOOK", "config": {}}], "/flow/steps/0/config/url", "missing"),
        ([{"id": "a", "action": "WEBHOOK", "config": {"url": "${path}", "x": 1}}], "/flow/steps/0/config/x",
         "extra_forbidden"),
        ([{"id": "a", "action": "APPROVAL", "needs": ["b"]}], "/flow/steps/0/needs/0", "unknown_step"),
        ([{**ASK, "needs": ["again"]}, {"id": "again", "action": "APPROVAL", "needs": ["ask"]}], "/flow/steps/0/needs",
         "circle"),
        ([ASK, {"id": "b", "action": "WEBHOOK", "config": {"url": "${steps.ask.result.x}"}}],
         "/flow/steps/1/config/url", "not_before"),
        ([ASK, {"id": "b", "action": "APPROVAL", "when": {"field": "input.x", "eq": 1}}], "/flow/steps/1/when/field",
         "unknown_input"),
        ([ASK, ASK], "/flow/steps/1/id", "not_unique"),
        ([{**ASK, "deadline_s": "soon"}], "/flow/steps/0/deadline_s", "wrong_type"),
        ([{**ASK, "retry": {}}], "/flow/steps/0/retry", "unknown_key"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_where_it_is_wrong(house: House, steps: object, pointer: str, code: str) -> None:
    answer = send(house, "/flows", {"flow": {"name": "wrong", "steps": steps}})
    assert answer.status == 400, answer.body
    assert (pointer, code) in [
        (field["pointer"].removeprefix("/body"), field["code"]) for field in answer.json["errors"]
    ]
    checked = send(house, "/flows:check", {"flow": {"name": "wrong", "steps": steps}}).json
    assert pointer.removeprefix("/flow") in [fault["pointer"] for fault in checked["faults"]]


def test_a_run_goes_on_with_each_approval_and_tells_its_life(house: House) -> None:
    run = begin(house, publish(house, "approved"), event={"path": "/var/log/a.log"}, reason="by hand")
    assert (run["state"], run["target"], run["approvals"]) == ("running", "/var/log/a.log", ["ask"])
    assert states(run) == {"ask": "running", "again": "pending"}
    task = get(house, f"/tasks/{run['steps'][0]['task_id']}")
    assert (task["executor"], task["flow_run_id"], task["flow_step"]) == ("person", run["run_id"], "ask")
    once = order(house, run, "/steps/ask:approve", reason="fine")
    assert states(once) == {"ask": "succeeded", "again": "running"}
    assert order(house, run, "/steps/ask:approve")["code"] == "flow_approval"
    done = order(house, run, "/steps/again:approve")
    assert (done["state"], done["orders"]) == ("succeeded", ["compensate", "replay"])
    assert told(house, run) == [
        "begun", "step_waits", "approved", "step_succeeded", "step_waits", "approved", "step_succeeded", "succeeded",
    ]  # fmt: skip
    actions = [item["action"] for item in get(house, f"/audit?resource={run['run_id']}")["items"]][::-1]
    assert actions == ["flow_run.start", "flow_run.approve", "flow_run.approve"]


def test_a_refused_step_fails_the_run_and_is_asked_for_again(house: House) -> None:
    run = begin(house, publish(house, "refused"))
    failed = order(house, run, "/steps/ask:refuse", reason="not today")
    assert (failed["state"], failed["reason"]) == ("failed", "ask: refused by admin: not today")
    again = order(house, run, ":resume")
    assert (again["state"], states(again)) == ("running", {"ask": "running", "again": "pending"})
    assert again["steps"][0]["task_id"] == failed["steps"][0]["task_id"]
    assert order(house, run, "/steps/ask:approve")["steps"][0]["state"] == "succeeded"


def test_a_paused_run_begins_nothing_and_a_cancelled_one_ends(house: House) -> None:
    run = begin(house, publish(house, "paused"))
    assert order(house, run, ":pause")["state"] == "paused"
    assert order(house, run, ":pause")["code"] == "flow_run_state"
    assert states(order(house, run, "/steps/ask:approve")) == {"ask": "succeeded", "again": "pending"}
    assert states(order(house, run, ":resume")) == {"ask": "succeeded", "again": "running"}
    over = order(house, run, ":cancel", reason="enough")
    assert (over["state"], states(over)) == ("cancelled", {"ask": "succeeded", "again": "cancelled"})
    assert get(house, f"/tasks/{over['steps'][1]['task_id']}")["state"] == "cancelled"
    replay = order(house, run, ":replay", from_step="again")
    assert (replay["replay_of"], states(replay)) == (run["run_id"], {"ask": "succeeded", "again": "running"})
    assert [step["reused"] for step in replay["steps"]] == [True, False]


def test_a_replay_is_begun_with_other_values_which_are_checked_and_on_record(house: House) -> None:
    given = {"store": {"required": True}, "tries": {"default": 3}}
    flow = publish(house, "given", input=given)
    run = begin(house, flow, input={"store": "cold", "tries": 5})
    assert [one["name"] for one in run["inputs"]] == ["store", "tries"]
    assert order(house, run, ":replay")["input"] == {"store": "cold", "tries": 5}
    other = order(house, run, ":replay", input={"store": "warm"}, reason="moved")
    assert (other["input"], other["replay_of"]) == ({"store": "warm", "tries": 3}, run["run_id"])
    (entry,) = get(house, f"/audit?resource={other['run_id']}")["items"]
    changed = {one["path"]: (one["before"], one["after"]) for one in entry["changes"] if "before" in one}
    assert changed == {"/input/store": ("cold", "warm"), "/input/tries": (5, 3)}
    assert (entry["detail"]["replay_of"], entry["reason"]) == (run["run_id"], "moved")
    refused = order(house, run, ":replay", input={"stores": "warm"})
    assert (refused["code"], refused["params"]["field"]) == ("invalid_input", "input/stores")
    send(
        house,
        f"/flows/{flow}",
        {"flow": {**FLOW, "name": "given", "input": {"size": {"required": True}}}},
        method="PUT",
    )
    send(house, f"/flows/{flow}:publish", {})
    assert order(house, run, ":replay", version="published")["params"]["field"] == "input/size"
    assert order(house, run, ":replay", version="published", input={"size": 1})["input"] == {"size": 1}


def test_the_same_cause_begins_the_same_run_and_a_rehearsal_begins_none(house: House) -> None:
    flow = publish(house, "once")
    effect = send(house, f"/flows/{flow}:run?dry_run=true", {}).json
    assert [change["action"] for change in effect["changes"]] == ["flow_run.start"]
    first, second = (send(house, f"/flows/{flow}:run", {"key": "k"}).json for _ in range(2))
    assert (first["created"], second["created"]) == (True, False)
    assert first["run"]["run_id"] == second["run"]["run_id"]
    page = get(house, f"/flow-runs?flow={flow}")
    assert (page["total"], page["states"], page["flows"]) == (1, {"running": 1}, {flow: 1})


def test_a_text_is_judged_line_by_line_while_it_is_typed(house: House) -> None:
    text = "name: typed\nsteps:\n  - id: ask\n    action: APPROVAL\n    needs: [nobody]\n"
    checked = send(house, "/flows:check", {"text": text}).json
    assert [(fault["pointer"], fault["line"]) for fault in checked["faults"]] == [("/steps/0/needs/0", 5)]
    good = send(house, "/flows:check", {"text": text.replace("nobody", "")}).json
    assert (good["faults"], good["text"], good["flow"]["name"]) == ([], text.replace("nobody", ""), "typed")
    assert [step["id"] for step in good["steps"]] == ["ask"]
    assert (
        send(
            house,
            "/flows:check",
            {
                "text": "a: [",
            },
        ).json["faults"][0]["line"]
        is not None
    )
    assert send(house, "/flows:check", {"text": text, "flow": {}}).status == 400


def test_input_is_checked_and_named_by_steps(house: House) -> None:
    inputs = {"who": {"required": True}, "days": {"default": 3}}
    steps = [{**ASK, "config": {"text": "for ${input.who}, ${input.days} days"}}]
    flow = publish(house, "asks", input=inputs, steps=steps)
    refused = send(house, f"/flows/{flow}:run", {"input": {}})
    assert [field["pointer"] for field in refused.json["errors"]] == ["/body/input/who"]
    assert send(house, f"/flows/{flow}:run", {"input": {"who": "a", "x": 1}}).status == 400
    run = begin(house, flow, input={"who": "ops"})
    assert get(house, f"/tasks/{run['steps'][0]['task_id']}")["config"] == {"text": "for ops, 3 days"}


def test_no_tenant_sees_or_moves_flows_of_another(house: House) -> None:
    flow = publish(house, "mine")
    run = begin(house, flow)
    assert get(house, f"/flows/{flow}", tenant="acme")["status"] == 404
    assert get(house, f"/flow-runs/{run['run_id']}", tenant="acme")["code"] == "flow_run_not_found"
    assert get(house, "/flow-runs", tenant="acme")["total"] == 0
    for path in (f"/flows/{flow}:publish", f"/flows/{flow}:run", f"/flow-runs/{run['run_id']}:cancel"):
        assert send(house, path, {}, tenant="acme").status == 404


def test_runs_that_wait_for_somebody_are_shown_counted_and_found(house: House) -> None:
    flow = publish(house, "waits")
    asking, done = begin(house, flow), begin(house, flow)
    for step in ("ask", "again"):
        order(house, done, f"/steps/{step}:approve")
    page = get(house, f"/flow-runs?flow={flow}")
    assert [(item["run_id"], item["approvals"]) for item in page["items"]] == [
        (done["run_id"], []), (asking["run_id"], ["ask"]),
    ]  # fmt: skip
    assert (page["total"], page["waiting"]) == (2, 1)
    only = get(house, f"/flow-runs?flow={flow}&waits=true")
    assert ([item["run_id"] for item in only["items"]], only["total"]) == ([asking["run_id"]], 1)
    assert get(house, f"/flow-runs?flow={flow}&waits=true", tenant="acme")["items"] == []


def test_tasks_are_found_by_their_run_and_steps_tell_how_long_they_take(house: House) -> None:
    flow = publish(house, "timed")
    runs = [begin(house, flow) for _ in range(3)]
    order(house, runs[0], "/steps/ask:approve")
    order(house, runs[1], "/steps/ask:refuse")
    tasks = get(house, f"/tasks?run={runs[0]['run_id']}")["items"]
    assert sorted(task["state"] for task in tasks) == ["pending", "succeeded"]
    first, second = get(house, f"/flows/{flow}/step-times")["items"]
    assert (first["step"], first["good"], first["bad"]) == ("ask", 1, 1)
    assert 0 <= first["p50_ms"] <= first["p95_ms"]
    assert (second["good"], second["p95_ms"]) == (0, None)


def test_kinds_say_where_they_may_stand(house: House) -> None:
    kinds = {kind["type"]: kind for kind in get(house, "/tasks/kinds")["items"]}
    assert (kinds["FLOW"]["serves"], kinds["FLOW"]["executor"]) == (["rule"], None)
    assert kinds["FLOW"]["config_schema"]["required"] == ["flow"]
    assert (kinds["APPROVAL"]["serves"], kinds["WEBHOOK"]["serves"]) == (["step"], ["task", "step", "rule"])
