"""One text among all kinds of things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.house import House, open_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("search")) as opened:
        admin, port = opened.admin["default"], opened.port
        for name in ("shore", "off-shore", "shore-2"):
            assert port.post("/api/v1/agent-groups", {"name": name}, role=admin).status == 201
        layer = port.post("/api/v1/config-layers", {"kind": "base"}, role=admin).json["layer_id"]
        document = {"agent": {"retry": {"max_attempts": 7}}}
        version = port.post(f"/api/v1/config-layers/{layer}/versions?reason=shore", document, role=admin)
        assert version.status == 201
        assert port.post("/api/v1/users", {"name": "shoreman", "role": "viewer"}, role=admin).status == 201
        yield opened


def find(house: House, query: str, role: str | None = None) -> Any:
    answer = house.port.ask(f"/api/v1/search?{query}", role=role or house.admin["default"])
    assert answer.status == 200, answer.body
    return answer.json


def test_all_kinds_are_found_and_the_best_come_first(house: House) -> None:
    found = find(house, "q=shore")
    kinds = {item["kind"] for item in found["items"]}
    assert kinds >= {"group", "config_version", "user"}
    groups = [item["title"] for item in found["items"] if item["kind"] == "group"]
    assert groups == ["shore", "shore-2", "off-shore"]
    assert (found["more"], found["left_out"], found["too_slow"]) == ([], [], [])


def test_agents_are_found_by_host_and_by_id(house: House) -> None:
    (agent,) = [item for item in find(house, "q=HOST-DEF")["items"] if item["kind"] == "agent"]
    assert find(house, f"q={agent['id']}")["items"][0]["title"] == "host-default"


def test_there_is_more_than_the_limit_shows(house: House) -> None:
    found = find(house, "q=shore&limit=1")
    assert "group" in found["more"]
    assert len([item for item in found["items"] if item["kind"] == "group"]) == 1


def test_events_are_found_by_their_type_and_what_they_are_about(house: House) -> None:
    event = {"specversion": "1.0", "id": "e1", "source": "/probe", "type": "com.example.disk", "subject": "sda-17"}
    admin = house.admin["default"]
    sent = json.dumps(event).encode()
    told = house.port.ask("/api/v1/events", "POST", body=sent, role=admin, Content_Type="application/cloudevents+json")
    assert told.status == 200
    (hit,) = [item for item in find(house, "q=SDA-17")["items"] if item["kind"] == "event"]
    assert (hit["title"], hit["params"]["subject"]) == ("com.example.disk", "sda-17")
    assert house.port.ask(f"/api/v1/events/{hit['id']}", role=admin).json["id"] == "e1"


def test_an_entry_of_the_audit_is_found_by_its_number(house: House) -> None:
    assert [item["kind"] for item in find(house, "q=%231")["items"]] == ["audit"]


def test_rollouts_are_listed_by_state_and_text_and_counted(house: House) -> None:
    admin, port = house.admin["default"], house.port
    version = next(item["id"] for item in find(house, "q=shore")["items"] if item["kind"] == "config_version")
    wish = {"version_id": version, "reason": "to the shore"}
    assert port.post("/api/v1/rollouts", wish, role=admin).status == 201

    def listed(query: str) -> tuple[int, int]:
        page = port.ask(f"/api/v1/rollouts?{query}", role=admin).json
        return len(page["items"]), page["total"]

    assert listed("text=TO%20THE") == (1, 1)
    assert listed("text=100%25") == (0, 0)
    assert listed("status=reverted&status=paused") == (0, 0)
    assert sum(listed(f"status={status}")[1] for status in ("running", "completed")) == 1


def test_what_one_may_not_see_is_named_and_other_tenants_are_not_there(house: House) -> None:
    order = {"name": "v", "role": "viewer", "machine": True}
    viewer = house.port.post("/api/v1/tokens", order, role=house.admin["default"]).json["secret"]
    found = find(house, "q=shore", viewer)
    assert set(found["left_out"]) == {"user", "audit"}
    assert find(house, "q=shore", house.admin["acme"])["items"] == []
