"""The order of rules, rules that only observe, and the record of a publishing, over the API of a whole centre."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.waiting import until
from tests.api.house import House, open_house
from tests.api.test_rules import Desk


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def in_force(desk: Desk) -> list[tuple[str, int]]:
    items = desk.ask("GET", "rules").json["items"]
    return [(one["name"], one["published_priority"]) for one in items if one["published_version"]]


def entries(desk: Desk, action: str) -> list[dict[str, Any]]:
    return list(desk.ask("GET", f"audit?action={action}").json["items"])


def test_rules_are_put_into_another_order_at_once(desk: Desk) -> None:
    ids = {name: desk.published(name, "shop.x", priority=at)["rule_id"] for at, name in enumerate("cba")}
    stop = desk.published("stop", "shop.*", priority=-5, on_match="stop")["rule_id"]
    assert in_force(desk) == [("a", 2), ("b", 1), ("c", 0), ("stop", -5)]
    draft = {"name": "c", "when": {"type": "shop.y"}, "then": []}
    desk.ask("PUT", f"rules/{ids['c']}", {"rule": draft})
    desk.happened("shop.x", order="o-1")
    wish = {"rule_ids": [ids["a"], ids["b"], stop, ids["c"]], "reason": "why"}
    set_no = desk.ask("GET", "rules").json["set_no"]
    told = desk.ask("POST", "rules:order?dry_run=true", wish).json
    assert [(one["name"], one["before"], one["after"]) for one in told["moved"]] == [("c", 0, -15)]
    assert [(one["name"], one["by_name"]) for one in told["hidden"]] == [("c", "stop")]
    lines = desk.ask("POST", "rules:backtest", {"rule_ids": wish["rule_ids"]}).body.splitlines()
    (difference,) = [one for one in map(json.loads, lines) if one["kind"] == "difference"]
    assert ids["c"] in {one["rule_id"] for one in difference["before"]}
    assert ids["c"] not in {one["rule_id"] for one in difference["after"]}
    assert in_force(desk)[2] == ("c", 0)  # so far nothing was done
    stale = desk.ask("POST", "rules:order", {**wish, "set_no": set_no - 1})
    assert (stale.status, stale.json["code"]) == (409, "conflict")
    assert desk.ask("POST", "rules:order", {**wish, "set_no": set_no}).status == 200
    assert in_force(desk) == [("a", 2), ("b", 1), ("stop", -5), ("c", -15)]
    assert desk.ask("GET", "rules").json["set_no"] == set_no + 1
    moved = desk.ask("GET", f"rules/{ids['c']}").json
    assert (moved["published_version"], moved["draft_version"], moved["rule"]["priority"]) == (3, 2, -15)
    (entry,) = entries(desk, "rule.order")
    assert (entry["resource"]["id"], entry["reason"]) == (ids["c"], "why")
    assert desk.ask("POST", "rules:order", wish).status == 409
    unknown = desk.ask("POST", "rules:order", {"rule_ids": [ids["a"], "rul_gone"]})
    assert (unknown.status, unknown.json["params"]["unknown"]) == (400, "rul_gone")


def test_a_rule_that_observes_is_counted_and_explained_and_makes_no_task(desk: Desk, house: House) -> None:
    made = desk.made("watching", "shop.paid")
    path = f"rules/{made['rule_id']}"
    published = desk.ask("POST", f"{path}:publish", {"mode": "observe"}).json
    assert (published["stage"], published["published"]["mode"]) == ("observe", "observe")
    found = desk.decision(desk.happened("shop.paid", order="o-1"))
    assert (
        [one["rule_id"] for one in found["observed"]]
        == [made["rule_id"]]
        == [one["rule_id"] for one in found["matched"]]
    )
    (story,) = found["rules"]
    assert (story["outcome"], story["trace"]["ok"], found["drafts"]) == ("observed", True, [])
    until(lambda: desk.ask("GET", path).json["hits_7d"] == 1)
    assert b"gwf_rules_observed_total 1\n" in house.port.ask("/metrics", role=house.admin["default"]).body
    acting = desk.ask("POST", f"{path}:enable", {}).json
    assert (acting["stage"], "mode" in acting["published"]) == ("act", False)
    assert len(desk.decision(desk.happened("shop.paid2", order="o-2"))["matched"]) == 0
    assert desk.ask("POST", f"{path}:enable", {}).status == 409
    assert desk.ask("POST", f"{path}:observe", {}).json["stage"] == "observe"
    assert desk.ask("POST", f"{path}:disable", {}).json["stage"] == "off"
    assert desk.ask("GET", "tasks").json["items"] == []


def test_the_record_says_which_back_test_was_looked_at_before_publishing(desk: Desk) -> None:
    first, second = (desk.made(name, "shop.x") for name in ("one", "two"))
    seen = {"days": 7, "events": 1200, "sample": False, "gained": 3, "lost": 0, "moved": 1}
    desk.ask("POST", f"rules/{first['rule_id']}:publish", {"backtest": seen, "reason": "looked"})
    desk.ask("POST", f"rules/{second['rule_id']}:publish", {"reason": "in a hurry"})
    found = {one["resource"]["id"]: one["detail"]["backtest"] for one in entries(desk, "rule.publish")}
    assert found == {first["rule_id"]: seen, second["rule_id"]: "skipped"}
    wrong = desk.ask("POST", f"rules/{first['rule_id']}:publish", {"backtest": {**seen, "lost": -1}})
    assert (wrong.status, wrong.json["errors"][0]["pointer"]) == (422, "/body/backtest/lost")
