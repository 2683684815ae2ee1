"""Who asks, what answers, and what people keep for themselves: preferences and saved views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gwf.api.v1.me import preferences_of
from gwf.wire.me import Preferences
from tests.api.conftest import open_port
from tests.api.fake_edge import FakeEdge
from tests.api.house import House, open_house

VIEW = "11111111-aaaa-4000-8000-000000000001"
OFFLINE = {"list_name": "agents", "name": "offline", "query": {"state": ["offline"], "sort": ["-age"]}}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("me")) as opened:
        yield opened


def ask(house: House, path: str, method: str = "GET", value: object = None, tenant: str = "default") -> tuple[int, Any]:
    role = house.admin[tenant]
    answer = (
        house.port.ask(path, method, role=role)
        if value is None
        else house.port.post(path, value, method=method, role=role)
    )
    return answer.status, answer.json if answer.body else {}


def test_me_says_which_parts_the_process_has(house: House) -> None:
    _, me = ask(house, "/api/v1/me")
    assert (me["kind"], me["role"], me["tenant"]) == ("token", "admin", "default")
    process = me["process"]
    assert (process["has_edge"], process["has_centre"], process["demo"]) == (False, True, False)
    assert process["database"] == {"backend": "memory", "durable": False, "problem": None}
    assert "password" in process["login"]


def test_a_stranger_is_told_how_to_log_in(house: House) -> None:
    refused = house.port.ask("/api/v1/me", role=None)
    assert (refused.status, refused.json["params"]) == (401, {"login": "password,link"})


def test_an_edge_alone_shows_anybody_on_its_host_that_they_may_only_look() -> None:
    with open_port(FakeEdge()) as port:
        me = port.ask("/api/v1/me").json
    assert (me["kind"], me["role"], me["preferences_kept"]) == ("anonymous", None, False)
    assert me["process"]["login"] == ["link"]
    assert me["process"]["has_edge"]


def test_preferences_are_kept_for_each_one(house: House) -> None:
    assert ask(house, "/api/v1/me")[1]["preferences"] == Preferences().model_dump()
    chosen = {"theme": "dark", "language": "zh", "keys": False}
    assert ask(house, "/api/v1/me/preferences", "PUT", chosen)[0] == 200
    assert ask(house, "/api/v1/me")[1]["preferences"] == Preferences().model_dump() | chosen
    assert ask(house, "/api/v1/me", tenant="acme")[1]["preferences"] == Preferences().model_dump()


def test_a_wrong_preference_is_named(house: House) -> None:
    status, problem = ask(house, "/api/v1/me/preferences", "PUT", {"theme": "pink"})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/body/theme")


def test_preferences_of_another_release_do_not_hinder() -> None:
    kept = {"theme": "sepia", "density": "comfortable", "font": "large"}
    assert preferences_of(kept) == Preferences(density="comfortable")


def test_a_view_is_made_changed_chosen_and_removed(house: House) -> None:
    status, made = ask(house, f"/api/v1/views/{VIEW}", "PUT", OFFLINE | {"is_default": True})
    assert (status, made["is_default"], made["revision"], made["own"]) == (200, True, 1, True)
    stale = OFFLINE | {"revision": 7}
    assert ask(house, f"/api/v1/views/{VIEW}", "PUT", stale)[0] == 409
    status, changed = ask(house, f"/api/v1/views/{VIEW}", "PUT", OFFLINE | {"name": "gone", "revision": 1})
    assert (status, changed["name"], changed["is_default"]) == (200, "gone", False)
    assert ask(house, f"/api/v1/views/{VIEW}:default", "POST", {"is_default": True})[1]["is_default"]
    assert [item["view_id"] for item in ask(house, "/api/v1/views?list=agents")[1]["items"]] == [VIEW]
    assert ask(house, "/api/v1/views?list=audit")[1]["items"] == []
    assert ask(house, f"/api/v1/views/{VIEW}", tenant="acme")[0] == 404
    assert ask(house, f"/api/v1/views/{VIEW}", "DELETE")[0] == 204
    assert ask(house, f"/api/v1/views/{VIEW}")[0] == 404
    actions = [item["action"] for item in ask(house, "/api/v1/audit?resource_kind=view")[1]["items"]]
    assert actions == ["view.delete", "view.change", "view.create"]
