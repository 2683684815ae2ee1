"""What was refused is in the audit; what came after an entry is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.house import House, open_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("audit")) as opened:
        admin, port = opened.admin["default"], opened.port
        viewer = port.post("/api/v1/tokens", {"name": "looker", "role": "viewer", "machine": True}, role=admin).json
        for name in ("north", "south"):
            made = port.post("/api/v1/agent-groups", {"name": name, "selector": "tenant=default"}, role=admin)
            assert made.status == 201
        changed = {"priority": 7, "description": 'says "zürich"'}
        assert port.post("/api/v1/agent-groups/north", changed, method="PATCH", role=admin).status == 200
        for _ in range(3):
            assert port.post("/api/v1/agent-groups", {"name": "x"}, role=viewer["secret"]).status == 403
        yield opened


def get(house: House, path: str) -> Any:
    answer = house.port.ask(f"/api/v1/{path}", role=house.admin["default"])
    assert answer.status == 200, answer.body
    return answer.json


def test_a_refused_change_is_on_record_once_for_each_endpoint(house: House) -> None:
    (item,) = get(house, "audit?action=access.denied")["items"]
    assert (item["actor"]["name"], item["resource"]["id"]) == ("looker", "POST /api/v1/agent-groups")
    assert item["detail"] == {"permission": "groups:write"}


def test_what_came_after_a_change_is_shown(house: House) -> None:
    first = get(house, "audit?action=group.create")["items"][-1]["seq"]
    found = get(house, f"audit/{first}/aftermath")
    assert (found["seq"], found["is_over"], found["agents_count"]) == (first, False, 1)
    assert "group.update" in [item["action"] for item in found["changes"]]
    assert 60 <= found["compared_s"] < 600  # as long before as has passed since, and not the whole half hour
    assert first not in [int(item["id"]) for item in found["changes"]]
    assert found["after"] == {
        "done": 0, "done_bytes": 0, "failed_attempts": 0, "dead": 0, "success_ratio": None
    }  # fmt: skip
    missing = house.port.ask("/api/v1/audit/999999/aftermath", role=house.admin["default"])
    assert missing.json["code"] == "not_found"
