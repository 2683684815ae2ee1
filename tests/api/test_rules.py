"""Rules over the API of a whole centre: written, tried, put into force, asked about each event, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gwf.core.metrics import reference_table
from gwf.rules.metrics import SPECS
from tests.agent.waiting import until
from tests.api.conftest import Answer
from tests.api.house import House, open_house

METRICS = Path(__file__).parents[2] / "docs/reference/metrics.md"
EXPECTED = {"matched": True, "actions": ["WEBHOOK"]}
WEBHOOK = {"action": "WEBHOOK", "config": {"url": "https://hook.example/${data.order}"}}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("rules")) as opened:
        yield opened


class Desk:
    """Asks as the administrator of a tenant."""

    def __init__(self, house: House, tenant: str = "default") -> None:
        self._house = house
        self._tenant = tenant

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = None if body is None else json.dumps(body).encode()
        return self._house.port.ask(
            f"/api/v1/{path}", method, body=sent, role=self._house.admin[self._tenant],
            Content_Type="application/json", **headers,
        )  # fmt: skip

    def made(self, name: str, kind: str, **other: Any) -> dict[str, Any]:
        rule = {"name": name, "when": {"type": kind}, "then": [WEBHOOK], **other}
        answer = self.ask("POST", "rules", {"rule": rule})
        assert answer.status == 201, answer.body
        found: dict[str, Any] = answer.json
        return found

    def published(self, name: str, kind: str, **other: Any) -> dict[str, Any]:
        made = self.made(name, kind, **other)
        answer = self.ask("POST", f"rules/{made['rule_id']}:publish", {})
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json
        return found

    def happened(self, kind: str, **data: Any) -> str:
        """Send an event; return its row id."""
        event = {"specversion": "1.0", "id": kind, "source": "shop", "type": kind, "data": data}
        sent = json.dumps(event).encode()
        self._house.port.ask(
            "/api/v1/events", "POST", body=sent, role=self._house.admin[self._tenant],
            Content_Type="application/cloudevents+json",
        )  # fmt: skip
        (item,) = self.ask("GET", f"events?type={kind}").json["items"]
        return str(item["row_id"])

    def decision(self, row_id: str) -> dict[str, Any]:
        def decided() -> dict[str, Any] | None:
            answer = self.ask("GET", f"events/{row_id}/decision")
            assert answer.status == 200, answer.body
            return answer.json if answer.json["state"] == "decided" else None

        found = until(decided)
        assert found is not None
        return found


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_rule_that_is_wrong_is_refused_with_every_place(desk: Desk) -> None:
    rule = {"name": "bad", "when": {"all": [{"pth": "/a"}, {"suffix": ""}]}, "then": []}
    answer = desk.ask("POST", "rules", {"rule": rule})
    assert (answer.status, answer.json["code"]) == (400, "invalid_rule")
    assert [fault["pointer"] for fault in answer.json["errors"]] == [
        "/body/rule/when/all/0",
        "/body/rule/when/all/1/suffix",
    ]


def test_an_event_is_decided_by_what_was_in_force_and_says_why(desk: Desk) -> None:
    rule = desk.published("paid", "shop.paid")
    row_id = desk.happened("shop.paid", order="o-1")
    desk.ask("POST", f"rules/{rule['rule_id']}:retire", {"reason": "enough"})
    found = desk.decision(row_id)
    assert found["matched"] == [{"rule_id": rule["rule_id"], "version": 1}]
    assert found["drafts"][0]["config"] == {"url": "https://hook.example/o-1"}
    assert found["same"] is True
    (item,) = [one for one in desk.ask("GET", "rules").json["items"] if one["rule_id"] == rule["rule_id"]]
    assert (item["state"], item["hits_7d"]) == ("retired", 1)


def test_an_event_that_nothing_matched_says_what_kept_each_rule(desk: Desk) -> None:
    rule = desk.published("large", "shop.large", when={"all": [{"type": "shop.large"}, {"field": "data.n", "ge": 10}]})
    found = desk.decision(desk.happened("shop.large", n=9))
    assert found["matched"] == []
    (story,) = [one for one in found["rules"] if one["rule_id"] == rule["rule_id"]]
    assert [(leaf["pointer"], leaf["seen"]) for leaf in story["failed"]] == [("/when/all/1", 9)]


def test_a_draft_decides_nothing_and_is_tried_beside_what_is_in_force(desk: Desk) -> None:
    rule = desk.published("tried", "shop.tried")
    changed = {"name": "tried", "when": {"type": "shop.other"}, "then": [WEBHOOK]}
    written = desk.ask("PUT", f"rules/{rule['rule_id']}", {"rule": changed}, If_Match=str(rule["revision"])).json
    assert (written["state"], written["draft_version"]) == ("published", 2)
    assert [change["pointer"] for change in written["changes"]] == ["/when/type"]
    event = {"type": "shop.tried", "data": {"order": "o-2"}}
    tried = desk.ask("POST", f"rules/{rule['rule_id']}:dry-run", {"event": event}).json
    assert [one["rule_id"] for one in tried["before"]["matched"]] == [rule["rule_id"]]
    assert tried["after"]["matched"] == []
    assert desk.decision(desk.happened("shop.tried", order="o-2"))["matched"][0]["version"] == 1


def test_a_difference_is_shown_but_for_what_is_secret(desk: Desk) -> None:
    def then(token: str) -> list[dict[str, Any]]:
        config = {"url": "https://hook.example/", "headers": {"x-token": token}}
        return [{"action": "WEBHOOK", "config": config}]

    made = desk.published("shown", "shop.shown", then=then("old-word"))
    draft = {"name": "shown", "when": {"type": "shop.seen"}, "then": then("new-word")}
    written = desk.ask("PUT", f"rules/{made['rule_id']}", {"rule": draft}, If_Match=f'"{made["revision"]}"')
    assert written.status == 200, written.body
    places = {change["pointer"]: (change["old"], change["new"]) for change in written.json["changes"]}
    assert places == {
        "/when/type": ("shop.shown", "shop.seen"),
        "/then/0/config/headers/x-token": ("******", "******"),
    }


def test_a_rule_that_fails_its_own_test_case_is_not_put_into_force(desk: Desk) -> None:
    tests = [{"name": "small", "event": {"type": "shop.gate"}, "expect": {"matched": False}}]
    rule = desk.made("gated", "shop.gate", tests=tests)
    answer = desk.ask("POST", f"rules/{rule['rule_id']}:publish", {})
    assert (answer.status, answer.json["code"], answer.json["params"]["first"]) == (409, "rule_tests_failed", "small")
    assert desk.ask("GET", f"rules/{rule['rule_id']}").json["published_version"] is None


def test_an_old_version_comes_back_as_a_new_one(desk: Desk) -> None:
    rule = desk.published("back", "shop.back")
    other = {"name": "back", "when": {"type": "shop.forth"}, "then": []}
    desk.ask("PUT", f"rules/{rule['rule_id']}", {"rule": other})
    desk.ask("POST", f"rules/{rule['rule_id']}:publish", {})
    again = desk.ask("POST", f"rules/{rule['rule_id']}:rollback", {"version": 1, "reason": "wrong"}).json
    assert (again["published_version"], again["published"]["when"]) == (3, {"type": "shop.back"})
    states = [one["state"] for one in desk.ask("GET", f"rules/{rule['rule_id']}/versions").json["items"]]
    assert states == ["published", "retired", "retired"]
    audit = desk.ask("GET", f"audit?resource_id={rule['rule_id']}").json["items"]
    assert next(entry["action"] for entry in audit) == "rule.rollback"


def test_a_rule_is_changed_from_the_revision_that_was_seen(desk: Desk) -> None:
    rule = desk.made("seen", "shop.seen")
    body = {"rule": {"name": "seen", "when": {"all": []}, "then": []}}
    assert desk.ask("PUT", f"rules/{rule['rule_id']}", body, If_Match="1").status == 200
    refused = desk.ask("PUT", f"rules/{rule['rule_id']}", body, If_Match="1")
    assert (refused.status, refused.json["code"]) == (409, "revision_changed")
    rehearsed = desk.ask("POST", f"rules/{rule['rule_id']}:publish?dry_run=true", {})
    assert rehearsed.json["changes"][0]["action"] == "rule.publish"
    assert desk.ask("GET", f"rules/{rule['rule_id']}").json["published_version"] is None


def test_a_rule_that_can_never_match_names_the_one_before_it(desk: Desk) -> None:
    first = desk.published("wide", "shop.wide.*", priority=9, on_match="stop")
    hidden = desk.published("narrow", "shop.wide.a")
    assert hidden["shadowed_by"] == {"rule_id": first["rule_id"], "version": 1}


def test_a_rule_is_checked_without_being_kept(desk: Desk) -> None:
    rule = {"name": "checked", "when": {"suffix": ".a"}, "then": [], "tests": []}
    good = desk.ask("POST", "rules:check", {"rule": rule}).json
    assert (good["faults"], good["failed_tests"]) == ([], [])
    bad = desk.ask("POST", "rules:check", {"rule": rule | {"on_match": "halt"}}).json
    assert [fault["pointer"] for fault in bad["faults"]] == ["/on_match"]


def test_another_tenant_sees_nothing_of_it(desk: Desk, house: House) -> None:
    rule = desk.published("ours", "shop.ours")
    theirs = Desk(house, "acme")
    assert theirs.ask("GET", f"rules/{rule['rule_id']}").status == 404
    assert theirs.ask("GET", "rules").json["items"] == []
    assert theirs.ask("POST", f"rules/{rule['rule_id']}:retire", {}).status == 404
    row_id = theirs.happened("shop.ours", order="x")
    assert theirs.decision(row_id)["matched"] == []


def test_a_back_test_tells_what_a_draft_would_have_changed_and_why(desk: Desk) -> None:
    rule = desk.published("tested", "shop.tested")
    row_id = desk.happened("shop.tested", order="o-9", n=3)
    draft = {
        "name": "tested",
        "when": {"all": [{"type": "shop.tested"}, {"field": "data.n", "gt": 5}]},
        "then": [WEBHOOK],
    }
    answer = desk.ask("POST", f"rules/{rule['rule_id']}:backtest", {"days": 1, "rule": draft})
    lines = [json.loads(line) for line in answer.body.splitlines()]
    (difference,) = [line for line in lines if line["kind"] == "difference"]
    assert (difference["row_id"], difference["change"], difference["after"]) == (row_id, "lost", [])
    assert [(leaf["condition"], leaf["seen"]) for leaf in difference["why"][0]["failed"]] == [
        ({"field": "data.n", "gt": 5}, 3)
    ]
    summary = lines[-1]
    assert (summary["lost"], summary["gained"], summary["actions_after"].get("WEBHOOK", 0)) == (
        1, 0, summary["actions_before"]["WEBHOOK"] - 1,
    )  # fmt: skip
    assert (summary["tried_before"], summary["kept"], sum(one["lost"] for one in summary["moments"])) == (1, 0, 1)
    assert summary["events"] == lines[-2]["done"] == lines[0]["total"]


def test_a_rule_is_judged_as_yaml_line_by_line(desk: Desk) -> None:
    text = """# mine
name: judged
when: {type: shop.judged}
then:
  - action: WEBHOOK
    config: {url: "${data.url}", method: "${data.how}", redirects: 9}
  - action: WEBHOOK
    config: {url: "ftp://${data.host}/x", headers: {x-kind: "${type}"}}
  - action: NOSUCH
"""
    judged = desk.ask("POST", "rules:check", {"text": text}).json
    assert (judged["faults"], judged["text"], judged["rule"]["name"]) == ([], text, "judged")
    # what comes from the event may be anything; the rest is wrong whatever it is
    found = [(fault["pointer"], fault["line"]) for fault in judged["action_faults"]]
    assert found == [("/then/0/config/redirects", 6), ("/then/1/config/url", 8), ("/then/2/action", 9)]
    wrong = desk.ask("POST", "rules:check", {"text": text.replace("type: shop", "typ: shop")}).json
    assert [(fault["pointer"], fault["line"]) for fault in wrong["faults"]] == [("/when", 3)]
    broken = desk.ask("POST", "rules:check", {"text": "name: [x"}).json
    assert (broken["rule"], broken["faults"][0]["code"]) == (None, "invalid_yaml")
    assert desk.ask("POST", "rules:check", {}).json["code"] == "bad_body"


def test_a_rule_whose_action_cannot_work_is_not_put_into_force(desk: Desk) -> None:
    then = [{"action": "WEBHOOK", "config": {"url": "https://hook.example/${data.order}", "redirects": 9}}]
    rule = desk.made("cannot work", "shop.cannot", then=then)
    answer = desk.ask("POST", f"rules/{rule['rule_id']}:publish", {})
    assert (answer.status, answer.json["code"]) == (400, "invalid_rule")
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/body/then/0/config/redirects"]
    assert desk.ask("GET", f"rules/{rule['rule_id']}").json["state"] == "draft"


def test_a_rule_is_switched_off_and_on_beside_its_draft(desk: Desk) -> None:
    tests = [{"name": "one", "event": {"type": "shop.switch", "data": {"order": "o"}}, "expect": EXPECTED}]
    rule = desk.published("switched", "shop.switch", tests=tests)
    path = f"rules/{rule['rule_id']}"
    draft = {"name": "switched", "when": {"type": "shop.later"}, "then": []}
    desk.ask("PUT", path, {"rule": draft})
    off = desk.ask("POST", f"{path}:disable", {"reason": "noisy"}).json
    assert (off["published_version"], off["published"]["enabled"], off["draft_version"]) == (3, False, 2)
    assert desk.decision(desk.happened("shop.switch", order="o-3"))["matched"] == []
    assert desk.ask("POST", f"{path}:disable", {}).status == 409
    assert desk.ask("POST", f"{path}:enable", {}).json["published"]["enabled"] is True
    assert desk.ask("GET", path).json["rule"]["when"] == draft["when"]


def test_a_rule_tells_what_it_matched_page_by_page(desk: Desk) -> None:
    rule = desk.published("told", "shop.told.*")
    rows = [desk.happened(f"shop.told.{number}", order="o") for number in range(3)]
    for row in rows:
        desk.decision(row)
    path = f"rules/{rule['rule_id']}/matches"
    first = desk.ask("GET", f"{path}?limit=2").json
    assert [(one["row_id"], one["type"], one["drafts"]) for one in first["items"]] == [
        (rows[2], "shop.told.2", 1), (rows[1], "shop.told.1", 1),
    ]  # fmt: skip
    rest = desk.ask("GET", f"{path}?limit=2&cursor={first['next_cursor']}").json
    assert ([one["row_id"] for one in rest["items"]], rest["next_cursor"]) == ([rows[0]], None)
    listed = desk.ask("GET", f"rules/{rule['rule_id']}").json
    assert (listed["hits_7d"], listed["hits_days"]) == (3, [0, 0, 0, 0, 0, 0, 3])
    assert listed["last_hit_at"] == first["items"][0]["decided_at"]


def test_a_rule_is_found_named_and_marked(desk: Desk, house: House) -> None:
    rule = desk.published("Nightly archive", "shop.night")
    hits = desk.ask("GET", "search?q=nightly").json["items"]
    assert [(hit["kind"], hit["id"], hit["params"]) for hit in hits] == [
        ("rule", rule["rule_id"], {"state": "published"})
    ]
    (entry, *_) = desk.ask("GET", f"audit?resource_id={rule['rule_id']}").json["items"]
    assert entry["resource"]["name"] == "Nightly archive"
    markers = desk.ask("GET", "changes").json["items"]
    mine = next(one for one in markers if one["resource"]["id"] == rule["rule_id"])
    assert (mine["kind"], mine["action"], mine["params"]) == ("rule", "rule.publish", {"version": "1"})
    page = house.port.ask("/metrics", role=house.admin["default"]).body
    assert b"gwf_rules_stuck_batches 0\n" in page
    assert reference_table(SPECS) in METRICS.read_text(encoding="utf-8")


def test_a_rule_about_carrying_travels_with_the_configuration(desk: Desk) -> None:
    then = [{"action": "UPLOAD", "config": {"store": "cold", "key": "core/{hostname}/{name}"}}]
    made = desk.made("dumps", "x", when={"path": "/data/**/core.*"}, then=then)
    path = f"rules/{made['rule_id']}"
    assert desk.ask("POST", f"{path}:publish", {}).status == 200

    def newest() -> dict[str, Any] | None:
        for layer in desk.ask("GET", "config-layers").json["items"]:
            if layer["kind"] == "base" and layer["newest_number"]:
                found: dict[str, Any] = desk.ask(
                    "GET", f"config-layers/{layer['layer_id']}/versions/{layer['newest_number']}"
                ).json
                return found
        return None

    version = until(newest)
    assert version is not None
    (carried,) = version["document"]["agent"]["rules"]["rules"]
    assert (carried["id"], carried["version"], json.loads(carried["rule"])["then"]) == (made["rule_id"], 1, then)
    assert "rules about carrying files" in version["reason"]
    number = version["number"]
    desk.ask("POST", f"{path}:retire", {})
    until(lambda: (now := newest()) is not None and now["number"] == number + 1 and "rules" not in str(now["document"]))
