"""Rules about carrying files: which are, what is wrong with them, and that the first that matches decides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gwf.core.errors import TooLargeError
from gwf.events.files import FileEvent, FileEventStatus
from gwf.rules.actioncheck import action_faults, no_check
from gwf.rules.decision import RuleVersion
from gwf.rules.edge import MAX_CARRIED, EdgeRules, carried
from gwf.rules.facts import Facts, file_facts
from gwf.rules.faults import FaultyRuleError
from gwf.rules.parse import read_rule
from gwf.rules.ruleset import RuleSet, failed_tests


def carrying(when: dict[str, Any], config: dict[str, Any] | None = None, **other: Any) -> dict[str, Any]:
    action = {"action": "UPLOAD", "config": config or {}, **other.pop("action", {})}
    return {"name": "carry", "when": when, "then": [action], **other}


def a_file(path: str, size_bytes: int = 10, **labels: str) -> Facts:
    event = FileEvent("", "", "", 0, 0, FileEventStatus.DONE, 0, 0, 1, path, size_bytes=size_bytes)
    return file_facts(0, event, labels)


@pytest.mark.parametrize(
    ("when", "config", "pointer", "code"),
    [
        ({"all": [{"path": "/a/**"}, {"type": "gwf.file.done"}]}, {}, "/when/all/1/type", "not_at_edge"),
        ({"not": {"severity": "error"}}, {}, "/when/not/severity", "not_at_edge"),
        ({"field": "sha256", "exists": True}, {}, "/when/field", "not_at_edge"),
        ({"suffix": ".a"}, {"store": "${labels.site}"}, "/then/0/config/store", "wrong_type"),
        ({"suffix": ".a"}, {"key": "{host}/{path}"}, "/then/0/config/key", "bad_template"),
        ({"suffix": ".a"}, {"ignore": True, "store": "cold"}, "/then/0/config/ignore", "wrong_type"),
        ({"suffix": ".a"}, {"ignore": False}, "/then/0/config/ignore", "wrong_type"),
        ({"suffix": ".a"}, {"bucket": "b"}, "/then/0/config/bucket", "unknown_key"),
    ],
)
def test_what_a_host_cannot_decide_is_told_with_its_place(
    when: dict[str, Any], config: dict[str, Any], pointer: str, code: str
) -> None:
    rule = read_rule(carrying(when, config))
    assert [(fault.pointer, fault.code) for fault in action_faults(rule, no_check)] == [(pointer, code)]


def test_the_first_rule_that_matches_decides_by_what_the_host_knows() -> None:
    wide = carrying({"all": [{"path": "/srv/**"}, {"labels": "env=prod"}]}, {"store": "near"})
    large = carrying(
        {"size": {"min": "1MB"}}, {"store": "cold", "key": "big/{path}"}, priority=5, action={"urgency": "low"}
    )
    rules = EdgeRules(3, [(RuleVersion("wide", 1), json.dumps(wide)), (RuleVersion("large", 2), json.dumps(large))])
    found = rules.first(a_file("/srv/x", 2_000_000, env="prod"))
    assert found is not None
    assert (found.rule, found.store, found.key, found.priority) == (RuleVersion("large", 2), "cold", "big/{path}", 9)
    near = rules.first(a_file("/srv/x", env="prod"))
    assert near is not None
    assert (near.store, near.key, near.priority) == ("near", None, None)
    assert rules.first(a_file("/srv/x", env="dev")) is None


def test_the_centre_makes_no_work_of_what_hosts_decide() -> None:
    expected = {"matched": True, "actions": ["UPLOAD"]}
    tests = [{"event": {"path": "/a/x.log"}, "expect": expected}]
    rule = read_rule(carrying({"suffix": ".log"}, tests=tests), RuleVersion("r", 1))
    decision = RuleSet([rule]).decide(a_file("/a/x.log"))
    assert (decision.matched, decision.drafts) == ((RuleVersion("r", 1),), ())
    assert failed_tests(rule) == []
    again = read_rule(carrying({"suffix": ".log"}, {"path": "${path}"}))
    assert not again.carries


def test_a_rule_travels_without_what_a_configuration_would_take_for_a_variable() -> None:
    when = {"field": "name", "eq": "${HOME}"}
    document = carrying(when, {"ignore": True}, description="about ${path}", owner="x")
    ref = RuleVersion("r", 1)
    (sent,) = carried([read_rule(document, ref)], {ref: document})
    text = str(sent["rule"])
    assert "$" not in text
    assert json.loads(text) == {"name": "carry", "when": when, "then": document["then"]}
    found = EdgeRules(1, [(ref, text)]).first(a_file("/srv/${HOME}"))
    assert found is not None
    assert found.ignore


def test_more_rules_than_may_travel_are_told_and_not_left_out_in_silence() -> None:
    rules = [read_rule(carrying({"suffix": ".a"}), RuleVersion(f"r{at}", 1)) for at in range(MAX_CARRIED + 1)]
    with pytest.raises(TooLargeError):
        carried(rules, {})


def test_what_is_no_rule_about_carrying_is_refused_by_the_host() -> None:
    other = {"name": "hook", "when": {"suffix": ".a"}, "then": [{"action": "WEBHOOK"}]}
    with pytest.raises(FaultyRuleError) as refused:
        EdgeRules(1, [(RuleVersion("r", 1), json.dumps(other))])
    assert refused.value.faults[0].pointer == "/0/rule"
    with pytest.raises(FaultyRuleError):
        EdgeRules(1, [(RuleVersion("r", 1), "{")])
