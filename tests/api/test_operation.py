"""/api/v1/stores and /api/v1/dead-letters over real HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gwf.wire.deadletters import DeadFilter
from tests.api.conftest import Answer, Port


def post(port: Port, path: str, body: object, **headers: str) -> Answer:
    raw = json.dumps(body).encode()
    return port.ask(f"/api/v1/{path}", "POST", body=raw, **{"Content_Type": "application/json", **headers})


def test_stores_are_listed_with_their_breakers(port: Port) -> None:
    stores = {store["name"]: store for store in port.ask("/api/v1/stores").json}
    assert (stores["archive"]["breaker"], stores["archive"]["probe_in_s"]) == ("open", 24.0)


def test_a_breaker_is_moved_with_author_and_reason(port: Port) -> None:
    answer = post(port, "stores/archive/breaker", {"action": "open", "reason": "drill\nx"}, X_Gwf_Author="ann")
    assert answer.status == 200
    name, order, author = port.fakes.stores.orders[-1]
    assert (name, order.action, order.reason, author) == ("archive", "open", "drill x", "ann")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("stores/none/breaker", {"action": "open"}, 404),
        ("stores/archive/breaker", {"action": "blow"}, 422),
        ("stores/archive/breaker", {}, 422),
        ("dead-letters:replay", {"ids": []}, 422),
        ("dead-letters:replay", {"ids": [0]}, 422),
        ("dead-letters:replay", {"ids": [1], "to": "x"}, 422),
        ("dead-letters:drop", {"ids": [1]}, 422),
        ("dead-letters:drop", {"ids": [1], "reason": ""}, 422),
    ],
)
def test_wrong_orders_are_refused(port: Port, path: str, body: dict[str, Any], status: int) -> None:
    assert post(port, path, body).status == status


def test_dead_letters_are_asked_for_by_filter_and_page(port: Port) -> None:
    query = "error_class=auth&cause=5f0c9a4b7e21&store=archive&q=/data&older_than_s=60&limit=7"
    assert port.ask(f"/api/v1/dead-letters?{query}").json["groups"][0]["files"] == 4
    assert port.fakes.letters.asked[-1] == (
        DeadFilter(error_class="auth", cause_id="5f0c9a4b7e21", store="archive", path="/data", older_than_s=60.0),
        None,
        7,
    )
    assert port.ask("/api/v1/dead-letters?cause=x").status == 422
    assert port.ask("/api/v1/dead-letters?cursor=foreign").status == 400


def test_the_history_of_a_file_is_told(port: Port) -> None:
    assert port.ask("/api/v1/dead-letters/17/history").json[0]["kind"] == "file.dead"
    assert port.ask("/api/v1/dead-letters/18/history").status == 404


def test_a_foreign_page_changes_nothing(port: Port) -> None:
    for path, body in (("stores/archive/breaker", {"action": "open"}), ("dead-letters:replay", {"filter": {}})):
        assert post(port, path, body, Sec_Fetch_Site="cross-site").status == 403
