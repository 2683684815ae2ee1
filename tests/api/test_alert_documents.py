"""What people decide about alerts over the API of a whole centre: documents, who is on call, silences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Answer
from tests.api.house import House, open_house

DAY: dict[str, Any] = {
    "name": "day", "zone": "Asia/Shanghai", "channel": "room", "starts": "2026-11-02",
    "people": [{"name": "Ann", "mobile": "13800000000"}, {"name": "Bob"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("alert-documents")) as opened:
        yield opened


def ask(house: House, method: str, path: str, body: Any = None, *, tenant: str = "default", **headers: str) -> Answer:
    sent = None if body is None else json.dumps(body).encode()
    return house.port.ask(
        f"/api/v1/{path}", method, body=sent, role=house.admin[tenant], Content_Type="application/json", **headers
    )


def begun(house: House, path: str, document: dict[str, Any], **more: object) -> Any:
    answer = ask(house, "POST", path, {"document": document, "publish": True, **more})
    assert answer.status == 201, answer.body
    return answer.json


def test_a_rule_is_written_published_changed_and_taken_back(house: House) -> None:
    chain = begun(house, "chains", {"name": "life", "levels": [{"receivers": ["room"]}]})
    document = {"name": "life", "when": {"type": "shop.down"}, "title": "down", "chain": "life"}
    made = ask(house, "POST", "alert-rules", {"document": document, "reason": "first"}).json
    place = f"alert-rules/{made['id']}"
    assert (made["state"], made["enabled"], made["open_alerts"], made["built_in"]) == ("draft", None, 0, False)
    assert ask(house, "POST", f"{place}:publish", {}).json["published_version"] == 1
    changed = {**document, "title": "still down"}
    view = ask(house, "PUT", place, {"document": changed}).json
    assert (view["draft_version"], view["changes"][0]["pointer"], view["published"]) == (2, "/title", document)
    refused = ask(house, "POST", f"{place}:publish", {}, If_Match="1")
    assert (refused.status, refused.json["code"]) == (409, "revision_changed")
    assert ask(house, "POST", f"{place}:publish?dry_run=true", {}, If_Match="3").json["dry_run"]
    assert ask(house, "POST", f"{place}:publish", {}, If_Match="3").json["published_version"] == 2
    assert ask(house, "POST", f"{place}:rollback", {"version": 1}).json["published"] == document
    assert ask(house, "POST", f"{place}:disable", {}).json["enabled"] is False
    versions = ask(house, "GET", f"{place}/versions").json["items"]
    assert [(one["version"], one["state"]) for one in versions][:2] == [(4, "published"), (3, "retired")]
    in_use = ask(house, "POST", f"chains/{chain['id']}:retire", {})
    assert (in_use.status, in_use.json["code"]) == (409, "alert_document_in_use")
    assert ask(house, "POST", f"{place}:retire", {}).json["state"] == "retired"
    assert ask(house, "POST", f"chains/{chain['id']}:retire", {}).status == 200
    assert ask(house, "GET", place, tenant="acme").status == 404


def test_what_is_wrong_is_told_with_its_place_in_the_body(house: House) -> None:
    document = {"name": "bad", "levels": [{"receivers": ["nowhere"]}]}
    answer = ask(house, "POST", "chains", {"document": document, "publish": True})
    assert (answer.status, answer.json["code"]) == (400, "invalid_alert_document")
    (fault,) = answer.json["errors"]
    assert (fault["pointer"], "room" in fault["message"]) == ("/body/document/levels/0/receivers/0", True)
    text = "name: bad\nlevels:\n  - receivers: nowhere\n"
    checked = ask(house, "POST", "chains:check", {"text": text}).json
    assert [(fault["code"], fault["line"]) for fault in checked["faults"]] == [("unknown_name", 3)]
    assert ask(house, "POST", "chains:check", {"text": text, "document": document}).status == 400


def test_somebody_takes_over_and_gives_back_and_a_chain_tells_them(house: House) -> None:
    schedule = begun(house, "schedules", DAY)["id"]
    chain = begun(house, "chains", {"name": "tell", "levels": [{"receivers": ["day", "room"]}]})["id"]
    at = "2026-11-03T04:00:00Z"
    told = ask(house, "GET", f"chains/{chain}/receivers?at={at}").json
    assert [one["person"] for one in told["levels"][0]["recipients"]] == ["Ann", None]
    swap = {"person": "Bob", "begins_at": "2100-01-04T02:00:00Z", "ends_at": "2100-01-04T03:00:00Z"}
    assert ask(house, "POST", f"schedules/{schedule}:override", swap).status == 200
    nobody = ask(house, "POST", f"schedules/{schedule}:override", {**swap, "person": "Eve"})
    assert nobody.json["errors"][0]["pointer"] == "/body/person"
    shown = ask(house, "GET", f"schedules/{schedule}/shifts?since=2100-01-04T00:00:00Z&days=1").json
    assert [(one["person"], one["turn"]) for one in shown["shifts"]] == [("Ann", "Ann"), ("Bob", "Ann"), ("Ann", "Ann")]
    assert shown["shifts"][1]["by_override"]
    ended = ask(house, "POST", f"schedules/{schedule}:end-override", {"place": 0, "person": "Bob"}).json
    assert (ended["document"]["overrides"], ended["published_version"]) == ([], 3)
    (now,) = [one for one in ask(house, "GET", "schedules:on-call").json["items"] if one["schedule_id"] == schedule]
    assert now["now"]["name"] in {"Ann", "Bob"}
    assert now["shift"]["person"] == now["now"]["name"]
    drafted = ask(house, "POST", "schedules:preview", {"document": DAY, "days": 8}).json
    assert len(drafted["shifts"]) == 2


def test_a_silence_is_planned_changed_and_ended_early(house: House) -> None:
    wish = {"selector": "agent_id = a1", "begins_at": "2198-01-01T00:00:00Z", "ends_at": "2198-01-02T00:00:00Z"}
    assert ask(house, "POST", "silences", wish).status == 422
    made = ask(house, "POST", "silences", {**wish, "reason": "works"}).json
    assert (made["state"], made["selector"], made["holds"]) == ("planned", "agent_id=a1", 0)
    place = f"silences/{made['silence_id']}"
    now = ask(house, "PUT", place, {**wish, "begins_at": "2000-01-01T00:00:00Z", "reason": "now"})
    assert (now.status, now.json["code"]) == (400, "invalid_input")  # too long
    later = {"selector": "severity!=critical", "ends_at": "2198-01-03T00:00:00Z", "reason": "longer"}
    changed = ask(house, "PUT", place, later, If_Match="1").json
    assert (changed["selector"], changed["begins_at"], changed["revision"]) == (
        "severity!=critical", "2198-01-01T00:00:00.000Z", 2,
    )  # fmt: skip
    assert ask(house, "GET", "silences?state=planned").json["total"] == 1
    assert ask(house, "POST", f"{place}:expire", {}).json["state"] == "over"
    assert ask(house, "POST", f"{place}:expire", {}).status == 409
    assert ask(house, "GET", place, tenant="acme").status == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"selector": " "}, "invalid_input"),
        ({"selector": "a in ("}, "invalid_selector"),
        ({"ends_at": "2001-01-01T00:00:00Z"}, "invalid_input"),
        ({"reason": " "}, "invalid_input"),
    ],
)
def test_a_silence_that_cannot_be_is_refused(house: House, changes: dict[str, str], code: str) -> None:
    wish = {"selector": "a=b", "ends_at": "2098-01-02T00:00:00Z", "begins_at": "2098-01-01T00:00:00Z", "reason": "why"}
    answer = ask(house, "POST", "silences", {**wish, **changes})
    assert (answer.status, answer.json["code"]) == (400, code)


def test_a_rule_is_tried_on_what_was_recorded(house: House) -> None:
    for number, kind in enumerate(("shop.tried", "shop.tried", "shop.tried.ended")):
        event = {"specversion": "1.0", "id": str(number), "source": "shop", "type": kind, "subject": "till 1"}
        sent = house.port.ask(
            "/api/v1/events", "POST", body=json.dumps(event).encode(), role=house.admin["default"],
            Content_Type="application/cloudevents+json",
        )  # fmt: skip
        assert sent.status == 200, sent.body
    document = {
        "name": "tried", "when": {"type": "shop.tried"}, "clear": {"type": "shop.tried.ended"}, "by": ["subject"],
        "title": "${subject} is down", "severity": "error", "enabled": False,
    }  # fmt: skip
    found = ask(house, "POST", "alert-rules:dry-run", {"document": document, "days": 1}).json
    assert (found["matched"], found["alerts"], found["open"], found["tells_nobody"]) == (3, 1, 0, True)
    (alert,) = found["items"]
    assert (alert["title"], alert["count"], alert["severity"]) == ("till 1 is down", 2, "error")
    assert (alert["sample"]["type"], alert["sample"]["subject"]) == ("shop.tried", "till 1")
    kept = {"events": [alert["sample"]], "expect": {"alert": "firing", "severity": "error"}}
    again = ask(house, "POST", "alert-rules:check", {"document": {**document, "tests": [kept]}}).json
    assert (again["faults"], again["failed_tests"]) == ([], [])
    assert found["notices"] == sum(found["by_kind"].values()) == len(found["notices_at"])
    made = ask(house, "POST", "alert-rules", {"document": document}).json
    again = ask(house, "POST", f"alert-rules/{made['id']}:dry-run", {"days": 1}).json
    assert (again["alerts"], again["matched"]) == (1, 3)
    wrong = ask(house, "POST", "alert-rules:dry-run", {"document": {**document, "by": ["nothing"]}})
    assert wrong.json["errors"][0]["pointer"] == "/body/document/by/0"
    assert (
        ask(house, "POST", "alert-rules:dry-run", {"document": document, "days": 1}, tenant="acme").json["events"] == 0
    )


def test_a_rule_that_fails_a_test_case_is_not_put_into_force(house: House) -> None:
    case = {
        "name": "a till that is down", "events": [{"type": "shop.cased", "subject": "till"}],
        "expect": {"alert": "firing", "severity": "critical"},
    }  # fmt: skip
    document = {"name": "cased", "when": {"type": "shop.cased"}, "title": "down", "severity": "error", "tests": [case]}
    refused = ask(house, "POST", "alert-rules", {"document": document, "publish": True})
    assert (refused.status, refused.json["code"]) == (409, "rule_tests_failed")
    told = refused.json["params"]
    assert (told["first"], told["alert"], told["severity"]) == ("a till that is down", "firing", "error")
    assert not [one for one in ask(house, "GET", "alert-rules").json["items"] if one["name"] == "cased"]
    checked = ask(house, "POST", "alert-rules:check", {"document": document}).json
    failed = {"place": 0, "name": "a till that is down", "alert": "firing", "severity": "error"}
    assert (checked["faults"], checked["failed_tests"]) == ([], [failed])
    run = ask(house, "POST", "alert-rules:dry-run", {"document": document, "days": 1}).json
    assert (run["tests"], run["failed_tests"]) == (1, [failed])
    made = ask(house, "POST", "alert-rules", {"document": document}).json  # a draft may still fail
    assert ask(house, "POST", f"alert-rules/{made['id']}:publish", {}).status == 409
    good = {**document, "severity": "critical"}
    assert ask(house, "PUT", f"alert-rules/{made['id']}", {"document": good, "publish": True}).status == 200
    assert ask(house, "PUT", f"alert-rules/{made['id']}", {"document": document, "publish": True}).status == 409
    assert ask(house, "GET", f"alert-rules/{made['id']}").json["published_version"] == 1
    wrong = {**document, "tests": [{**case, "expect": {}}]}
    fault = ask(house, "POST", "alert-rules", {"document": wrong}).json["errors"][0]
    assert fault["pointer"] == "/body/document/tests/0/expect"


def test_rules_that_come_with_gwf_are_in_force_and_can_be_switched_off(house: House) -> None:
    found = {one["id"]: one for one in ask(house, "GET", "alert-rules").json["items"] if one["built_in"]}
    assert len(found) > 10
    assert {(one["state"], one["document"]["chain"]) for one in found.values()} == {("published", "default")}
    off = ask(house, "POST", "alert-rules/alr_builtin-disk-low:disable", {}).json
    assert (off["enabled"], off["built_in"], off["published_version"]) == (False, True, 2)
