from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gwf.rules.backtest import Change, Comparison
from gwf.rules.facts import Facts
from gwf.rules.model import Rule
from gwf.rules.ruleset import RuleOutcome, RuleSet
from tests.rules.samples import event, events, rule, rules


@given(rules, rules, st.lists(events, max_size=4))
@settings(max_examples=80, deadline=None)
def test_both_sets_say_what_each_says_alone(one: list[Rule], other: list[Rule], found: list[Facts]) -> None:
    before, after = RuleSet(one), RuleSet([*other, *one[len(other) :]])
    comparison = Comparison(before, after, since_ms=0, until_ms=2_000_000_000_000)
    comparison.add(found)
    tally = comparison.tally
    assert tally.events == len(found)
    assert tally.before == sum(bool(before.matching(facts)) for facts in found)
    assert tally.after == sum(bool(after.matching(facts)) for facts in found)
    stories = [story for facts in found for story in after.explain(facts).stories]
    for ref, mine in tally.rules.items():
        outcomes = [story.outcome for story in stories if story.rule.ref == ref]
        assert (mine.matched, mine.shadowed) == (
            outcomes.count(RuleOutcome.MATCHED) + outcomes.count(RuleOutcome.OBSERVED),
            outcomes.count(RuleOutcome.SHADOWED),
        )


def test_the_moments_of_action_are_told_for_both() -> None:
    before, after = RuleSet([rule({"suffix": ".log"})]), RuleSet([rule({"size": {"min": "1MB"}})])
    comparison = Comparison(before, after, since_ms=event().at_ms, until_ms=event().at_ms + 120_000)
    comparison.add([event(), event(time="2026-01-01T00:01:00Z", path="/a.bin", size_bytes=2_000_000)])
    assert [(one.at_ms - event().at_ms, one.before, one.after) for one in comparison.moments()] == [
        (0, 1, 0),
        (60_000, 0, 1),
    ]
    assert comparison.tally.changes == {Change.LOST: 1, Change.GAINED: 1}


def test_what_a_changed_rule_adds_loses_and_keeps_is_told_apart_from_what_other_rules_match() -> None:
    other = rule({"path": "/**"}, number=2)
    old, new = rule({"suffix": ".log"}), rule({"any": [{"suffix": ".gz"}, {"path": "/b/**"}]})
    comparison = Comparison(RuleSet([old, other]), RuleSet([new, other]), since_ms=0, until_ms=1, about="rul_0001")
    comparison.add([event(path=path) for path in ("/a/1.log", "/b/2.log", "/a/3.gz", "/a/4.txt")])
    told = [
        (one.facts.path, one.change.value, [rule.ref.rule_id for rule, _ in one.why]) for one in comparison.differences
    ]
    assert told == [("/a/1.log", "lost", ["rul_0001"]), ("/b/2.log", "kept", []), ("/a/3.gz", "gained", ["rul_0001"])]
    assert comparison.tally.tried_before == 2
    (lost, _, gained) = (one.why for one in comparison.differences)
    ((rule_then, failed),) = lost
    assert [rule_then.said(leaf.pointer) for leaf in failed] == [{"suffix": ".gz"}, {"path": "/b/**"}]
    ((rule_then, failed),) = gained
    assert [rule_then.said(leaf.pointer) for leaf in failed] == [{"suffix": ".log"}]
