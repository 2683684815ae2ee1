"""Changes rehearsed, made from a revision, and done once however often they come: the same for every endpoint."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Answer
from tests.api.house import House, open_house

_numbers = itertools.count()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("acts")) as opened:
        yield opened


def send(house: House, path: str, body: object = None, *, method: str = "POST", **headers: str) -> Answer:
    return house.port.ask(
        f"/api/v1/{path}", method, body=json.dumps({} if body is None else body).encode(),
        role=house.admin["default"], Content_Type="application/json", **headers,
    )  # fmt: skip


def get(house: House, path: str) -> Any:
    return house.port.ask(f"/api/v1/{path}", role=house.admin["default"]).json


def the_agent(house: House) -> dict[str, Any]:
    found: dict[str, Any] = get(house, "agents")["items"][0]
    return found


def a_group(house: House, **more: object) -> dict[str, Any]:
    made: dict[str, Any] = send(house, "agent-groups", {"name": f"group {next(_numbers)}", **more}).json
    return made


# -- rehearsal -----------------------------------------------------------------------------------------


def test_a_rehearsal_says_what_would_change_and_changes_nothing(house: House) -> None:
    agent = the_agent(house)
    head = get(house, "audit:head")
    effect = send(house, f"agents/{agent['agent_id']}:drain?dry_run=true").json
    assert effect["dry_run"] is True
    (change,) = effect["changes"]
    assert (change["action"], change["id"]) == ("agent.drain", agent["agent_id"])
    assert change["changes"] == [{"path": "/drain", "before": False, "after": True}]
    assert [item["part"] for item in effect["agents"]] == ["changed"]
    assert effect["undo"] == {"how": "opposite", "request": f"POST /api/v1/agents/{agent['agent_id']}:undrain"}
    assert effect["policy"]["permission"] == "fleet:operate"
    assert effect["revision"] == agent["revision"]
    assert the_agent(house)["drain"] is False
    assert get(house, "audit:head") == head


def test_the_rehearsal_of_a_group_says_who_comes_and_goes(house: House) -> None:
    made = send(house, "agent-groups?dry_run=true", {"name": "to be", "selector": "tenant=default"}).json
    assert [item["part"] for item in made["agents"]] == ["joins"]
    assert [group["name"] for group in get(house, "agent-groups")["items"] if group["name"] == "to be"] == []
    group = a_group(house, selector="tenant=default")
    path = f"agent-groups/{group['group_id']}"
    changed = send(house, f"{path}?dry_run=true", {"selector": "tenant=acme"}, method="PATCH").json
    assert [item["part"] for item in changed["agents"]] == ["leaves"]
    removed = send(house, f"{path}?dry_run=true", method="DELETE").json
    assert [item["part"] for item in removed["agents"]] == ["leaves"]
    assert removed["undo"] == {"how": "make_anew", "request": None}
    assert send(house, path, method="DELETE").status == 204


def test_what_is_refused_is_refused_in_a_rehearsal_too(house: House) -> None:
    assert send(house, "agents/agt_none:drain?dry_run=true").json["code"] == "not_found"
    wrong = send(house, "agent-groups?dry_run=true", {"name": "a", "selector": "env=="})
    assert wrong.json["code"] == "invalid_selector"
    assert send(house, "agents/agt_none:drain?dry_run=perhaps").status == 422


def test_a_rehearsal_of_nothing_says_so(house: House) -> None:
    effect = send(house, f"agents/{the_agent(house)['agent_id']}:undrain?dry_run=true").json
    assert (effect["changes"], effect["agents_count"], effect["risk"]["level"]) == ([], 0, "low")


def test_people_and_tokens_are_rehearsed_without_their_secrets(house: House) -> None:
    order = {"name": "li", "role": "admin", "password": "correct horse battery"}
    answer = send(house, "users?dry_run=true", order)
    assert answer.json["risk"] == {"level": "medium", "reasons": ["gives_access"]}
    assert b"correct horse" not in answer.body
    assert "li" not in [item["name"] for item in get(house, "users")["items"]]
    token = send(house, "tokens?dry_run=true", {"name": "ci", "role": "viewer"})
    assert "secret" not in token.json


# -- the revision --------------------------------------------------------------------------------------


def test_a_change_from_an_old_revision_is_refused_and_told_what_was_done(house: House) -> None:
    group = a_group(house)
    path = f"agent-groups/{group['group_id']}"
    assert send(house, path, {"priority": 5}, method="PATCH", If_Match='"1"').status == 200
    refused = send(house, path, {"priority": 9}, method="PATCH", If_Match='"1"')
    assert (refused.status, refused.json["code"]) == (409, "revision_changed")
    assert refused.json["params"] == {
        "kind": "group", "id": group["group_id"], "expected": "1", "revision": "2"
    }  # fmt: skip
    (done,) = refused.json["meanwhile"]
    assert done["action"] == "group.update"
    assert done["changes"] == [{"path": "/priority", "before": 0, "after": 5}]
    assert send(house, path, method="DELETE", If_Match="1").status == 409
    assert send(house, path, method="DELETE", If_Match="2").status == 204


def test_an_act_upon_an_agent_or_a_person_may_name_the_revision(house: House) -> None:
    agent = the_agent(house)
    path = f"agents/{agent['agent_id']}"
    assert send(house, f"{path}:drain", If_Match=str(agent["revision"] + 7)).status == 409
    assert send(house, f"{path}:drain", If_Match=str(agent["revision"])).status == 200
    assert send(house, f"{path}:undrain", If_Match=str(agent["revision"] + 1)).status == 200
    user = send(house, "users", {"name": "wang", "role": "viewer"}).json
    assert send(house, f"users/{user['id']}", {"role": "operator"}, If_Match="4").status == 409
    assert send(house, f"users/{user['id']}", {"role": "operator"}, If_Match="1").json["revision"] == 2


def test_what_is_done_in_a_layer_may_name_its_revision_and_is_told_what_was_done_there(house: House) -> None:
    layer = send(house, "config-layers", {"kind": "base", "subject": ""}).json
    path = f"config-layers/{layer['layer_id']}/versions?reason=faster"
    document = {"agent": {"transfer": {"workers": 8}}}
    first = send(house, path, document, If_Match=str(layer["revision"]))
    assert first.status == 201
    refused = send(house, path, {}, If_Match=str(layer["revision"]))
    assert (refused.status, refused.json["code"]) == (409, "revision_changed")
    done = refused.json["meanwhile"][0]
    assert done["action"] == "config_version.create"
    assert done["changes"] == [{"path": "/document/agent/transfer/workers", "after": 8}]
    wish = {"version_id": first.json["version"]["version_id"], "waves": [100]}
    assert send(house, "rollouts", wish, If_Match=str(layer["revision"])).status == 409
    now = get(house, f"config-layers/{layer['layer_id']}")["revision"]
    rollout = send(house, "rollouts", wish, If_Match=str(now), Idempotency_Key="roll it out once")
    again = send(house, "rollouts", wish, If_Match=str(now), Idempotency_Key="roll it out once")
    assert (rollout.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json["rollout"] == rollout.json["rollout"]
    aborted = f"rollouts/{rollout.json['rollout']['rollout_id']}:abort"
    assert send(house, aborted, If_Match="9999").status == 409
    effect = send(house, f"{aborted}?dry_run=true").json
    assert (effect["undo"]["how"], "not_reversible" in effect["risk"]["reasons"]) == ("make_anew", False)
    assert send(house, aborted, {"reason": "enough"}).status == 200


def test_a_revision_that_cannot_be_one_is_named(house: House) -> None:
    refused = send(house, f"agents/{the_agent(house)['agent_id']}:drain", If_Match="yesterday")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/body/If-Match")
    token = send(house, "tokens", {"name": "ci", "role": "viewer"}).json["token"]["id"]
    assert send(house, f"tokens/{token}:revoke", If_Match="1").json["code"] == "no_revision"
    assert send(house, f"tokens/{token}:revoke").json["revoked_at"] is not None


# -- once ----------------------------------------------------------------------------------------------


def test_a_request_that_comes_twice_is_done_once(house: House) -> None:
    wish = {"name": "only one"}
    first = send(house, "agent-groups", wish, Idempotency_Key="key-0001")
    second = send(house, "agent-groups", wish, Idempotency_Key="key-0001")
    assert (second.status, second.json) == (first.status, first.json) == (201, first.json)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Idempotency-Replayed"] is None
    other = send(house, "agent-groups", {"name": "another"}, Idempotency_Key="key-0001")
    assert (other.status, other.json["code"]) == (400, "idempotency_key_reused")
    done = [item for item in get(house, "audit?action=group.create")["items"] if "only one" in str(item["changes"])]
    assert len(done) == 1


def test_what_failed_may_come_again_under_its_key(house: House) -> None:
    a_group(house)
    taken = get(house, "agent-groups")["items"][0]
    refused = send(house, "agent-groups", {"name": taken["name"]}, Idempotency_Key="key-0002")
    assert refused.status == 409
    assert send(house, f"agent-groups/{taken['group_id']}", method="DELETE", Idempotency_Key="key-0003").status == 204
    again = send(house, f"agent-groups/{taken['group_id']}", method="DELETE", Idempotency_Key="key-0003")
    assert (again.status, again.body) == (204, b"")
    assert send(house, "agent-groups", {"name": taken["name"]}, Idempotency_Key="key-0002").status == 201


def test_a_key_is_that_of_one_person(house: House) -> None:
    mine = send(house, "agent-groups", {"name": "mine"}, Idempotency_Key="key-0004").json
    theirs = house.port.ask(
        "/api/v1/agent-groups", "POST", body=b'{"name": "mine"}', role=house.admin["acme"],
        Content_Type="application/json", Idempotency_Key="key-0004",
    ).json  # fmt: skip
    assert mine["group_id"] != theirs["group_id"]


def test_an_answer_with_a_secret_is_told_once(house: House) -> None:
    order = {"name": "ci", "role": "viewer"}
    assert send(house, "tokens", order, Idempotency_Key="key-0005").json["secret"].startswith("gwft_")
    again = send(house, "tokens", order, Idempotency_Key="key-0005")
    assert (again.status, again.json["code"]) == (409, "already_done")


def test_of_many_at_once_one_is_done(house: House) -> None:
    answers: list[Answer] = []

    def ask() -> None:
        answers.append(send(house, "users", {"name": "once", "role": "viewer"}, Idempotency_Key="key-0006"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} <= {201, 409}
    assert send(house, "users", {"name": "once", "role": "viewer"}, Idempotency_Key="key-0006").status == 201
    assert len([item for item in get(house, "users")["items"] if item["name"] == "once"]) == 1


def test_a_key_that_is_too_short_is_named(house: House) -> None:
    refused = send(house, "agent-groups", {"name": "short"}, Idempotency_Key="1")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/header/idempotency-key")
