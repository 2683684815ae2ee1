from __future__ import annotations

from hypothesis import given, settings

from gwf.rules.decision import Decision, RuleVersion
from gwf.rules.facts import Facts
from gwf.rules.model import Mode, OnMatch, Rule
from gwf.rules.parse import read_rule
from gwf.rules.ruleset import RuleOutcome, RuleSet, failed_tests
from gwf.rules.shadow import shadowed
from tests.rules.samples import WEBHOOK, event, events, other_event, rule, rules

EXPECTS_A_WEBHOOK = {"event": {"path": "/a.log"}, "expect": {"matched": True, "actions": ["WEBHOOK"]}}
MET = {RuleOutcome.MATCHED, RuleOutcome.OBSERVED}


def naive(found: list[Rule], facts: Facts) -> list[RuleVersion]:
    """Ask every rule in order, by the slow way alone."""
    matched: list[RuleVersion] = []
    for one in sorted(found, key=lambda one: (-one.priority, one.ref.rule_id)):
        if one.enabled and one.when.trace(facts).ok:
            matched.append(one.ref)
            if one.on_match is OnMatch.STOP and one.mode is Mode.ACT:
                break
    return matched


@given(rules, events)
@settings(max_examples=150, deadline=None)
def test_the_index_finds_exactly_what_asking_every_rule_finds(found: list[Rule], facts: Facts) -> None:
    assert list(RuleSet(found).decide(facts).matched) == naive(found, facts)


@given(rules, events)
@settings(max_examples=80, deadline=None)
def test_a_decision_is_the_same_when_it_is_made_again_and_when_it_is_explained(found: list[Rule], facts: Facts) -> None:
    first = RuleSet(found).decide(facts)
    again = RuleSet(reversed(found)).decide(facts)
    explained = RuleSet(found).explain(facts)
    assert first == again == explained.decision
    assert [draft.idempotency_key for draft in first.drafts] == [draft.idempotency_key for draft in again.drafts]
    assert [one.rule.ref for one in explained.stories if one.outcome in MET] == list(first.matched)
    assert [one.rule.ref for one in explained.stories if one.outcome is RuleOutcome.OBSERVED] == list(first.observed)
    assert not {draft.rule for draft in first.drafts} & set(first.observed)


def test_a_rule_that_says_stop_shadows_those_after_it() -> None:
    found = RuleSet(
        [
            rule({"suffix": ".log"}, number=1, priority=5, on_match="stop"),
            rule({"suffix": ".log"}, number=2),
            rule({"suffix": ".gz"}, number=3),
            rule({"all": []}, number=4, enabled=False, priority=9),
        ]
    ).explain(event())
    assert [(one.rule.ref.rule_id, one.outcome.value) for one in found.stories] == [
        ("rul_0004", "disabled"),
        ("rul_0001", "matched"),
        ("rul_0002", "shadowed"),
        ("rul_0003", "not_matched"),
    ]
    assert found.stories[2].shadowed_by == RuleVersion("rul_0001", 1)


def test_a_rule_that_observes_is_noted_and_neither_acts_nor_stops() -> None:
    watching = rule({"suffix": ".log"}, number=1, priority=5, on_match="stop", mode="observe")
    acting = rule({"suffix": ".log"}, number=2)
    found = RuleSet([watching, acting])
    explained = found.explain(event())
    assert [one.outcome.value for one in explained.stories] == ["observed", "matched"]
    decision = found.decide(event())
    assert (decision.matched, decision.observed) == ((watching.ref, acting.ref), (watching.ref,))
    assert [draft.rule for draft in decision.drafts] == [acting.ref]
    assert shadowed(found.rules) == {}
    assert failed_tests(rule({"all": []}, mode="observe", tests=[EXPECTS_A_WEBHOOK])) == []


def test_a_trace_names_the_condition_that_failed_with_the_value_it_saw() -> None:
    when = {"all": [{"suffix": ".log"}, {"any": [{"size": {"min": "1MB"}}, {"labels": "env=prod"}]}]}
    (story,) = RuleSet([rule(when)]).explain(event(labels={"env": "dev"})).stories
    failed = [(leaf.pointer, leaf.field, leaf.seen) for leaf in story.trace.failed_leaves()]
    assert failed == [("/when/all/1/any/0", "size_bytes", 2_048), ("/when/all/1/any/1", "labels", "env=dev")]


def test_actions_are_filled_in_and_keep_the_kind_of_a_value() -> None:
    (draft,) = RuleSet([rule({"all": []})]).decide(event()).drafts
    assert draft.config == {"url": "https://hook.example/error.log", "size": 2_048}


def test_an_action_that_names_what_the_event_lacks_is_told_and_the_others_are_made() -> None:
    lacking = {"action": "NOTIFY", "config": {"text": "${data.code} failed"}}
    decision = RuleSet([rule({"all": []}, then=[lacking, WEBHOOK])]).decide(event())
    assert [(fault.pointer, fault.field) for fault in decision.faults] == [("/then/0/config/text", "data.code")]
    assert [draft.kind for draft in decision.drafts] == ["WEBHOOK"]


def keys(key: object, *, facts: Facts) -> list[str]:
    action = {**WEBHOOK, "key": key}
    return [draft.idempotency_key for draft in RuleSet([rule({"all": []}, then=[action])]).decide(facts).drafts]


def test_keys_by_content_are_equal_for_equal_content_wherever_it_lies() -> None:
    first, copy = event(sha256="ab" * 32, id="1"), event(sha256="ab" * 32, id="2", path="/copy.log")
    assert keys("content", facts=first) == keys("content", facts=copy)
    assert keys("file", facts=first) != keys("file", facts=copy)
    assert keys("content", facts=event()) == []  # no SHA-256: told as a fault, never guessed


def test_test_cases_tell_what_came_instead() -> None:
    document = {
        "name": "paid",
        "when": {"field": "data.amount", "ge": 100},
        "then": [WEBHOOK | {"config": {}}],
        "tests": [
            {"event": {"type": "a.b", "data": {"amount": 100}}, "expect": {"matched": True, "actions": ["WEBHOOK"]}},
            {"event": {"type": "a.b", "data": {"amount": 99}}, "expect": {"matched": True}},
            {"event": {"type": "a.b", "data": {"amount": 500}}, "expect": {"matched": True, "actions": ["NOTIFY"]}},
        ],
    }
    assert failed_tests(read_rule(document)) == [(1, "it did not match"), (2, "the actions were WEBHOOK")]


def test_what_is_done_on_an_agent_needs_one() -> None:
    script = {"action": "SCRIPT", "config": {"name": "clean"}}
    found = RuleSet([rule({"all": []}, then=[script])])
    assert found.decide(event(agent_id="agt_1")).drafts[0].agent_id == "agt_1"
    assert found.decide(other_event()).faults[0].field == "agent_id"


def test_an_empty_set_decides_nothing() -> None:
    assert RuleSet([]).decide(event()) == Decision(event=event().ref)
