"""A set of rules made ready: decides about events quickly, and explains the same decision at length. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gwf.rules.decision import ActionDraft, ActionFault, Decision, RuleVersion
from gwf.rules.facts import Facts
from gwf.rules.index import RuleIndex
from gwf.rules.matcher import Trace
from gwf.rules.model import Mode, Rule, RuleAction
from gwf.rules.template import Unfilled, filled_object

MAX_PART_CHARS = 1_000


class RuleOutcome(enum.StrEnum):
    """What became of one rule when an event was decided."""

    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    #: it matched, which is only noted
    OBSERVED = "observed"
    #: it would have matched, but one before it said stop
    SHADOWED = "shadowed"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStory:
    """What became of one rule, and why."""

    rule: Rule
    outcome: RuleOutcome
    #: what became of its conditions; of a disabled one what would have become of them
    trace: Trace
    #: the rule that said stop; None unless it is shadowed
    shadowed_by: RuleVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision and the story of every rule, in the order in which they are asked."""

    decision: Decision
    stories: tuple[RuleStory, ...]


class RuleSet:
    """Rules of one tenant as they hold at one time. Equal sets give equal decisions."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Make the rules ready."""
        self.rules: Sequence[Rule] = sorted(rules, key=lambda rule: rule.order)
        live = [rule for rule in self.rules if rule.enabled]
        self._live = tuple((rule.when.test(), rule, rule.stops) for rule in live)
        self._index = RuleIndex([rule.when.needs() for rule in live])

    @property
    def members(self) -> tuple[RuleVersion, ...]:
        """Return which versions it is made of, in the order in which they are asked."""
        return tuple(rule.ref for rule in self.rules)

    def matching(self, facts: Facts) -> Sequence[Rule]:
        """Return the rules that an event matches, in the order in which they are asked."""
        found: list[Rule] = []
        live = self._live
        for number in self._index.candidates(facts):
            test, rule, stops = live[number]
            if test(facts):
                found.append(rule)
                if stops:
                    break
        return found

    def decide(self, facts: Facts) -> Decision:
        """Return what is to be done about an event."""
        matched = self.matching(facts)
        if not matched:
            return Decision(event=facts.ref)
        return decided(facts, matched)

    def explain(self, facts: Facts) -> Explanation:
        """Return the decision, found by asking every rule, and why each one matched or did not."""
        matched: list[Rule] = []
        stories: list[RuleStory] = []
        stopped: RuleVersion | None = None
        for rule in self.rules:
            trace = rule.when.trace(facts)
            outcome = RuleOutcome.MATCHED if trace.ok else RuleOutcome.NOT_MATCHED
            if not rule.enabled:
                outcome = RuleOutcome.DISABLED
            elif trace.ok and stopped is not None:
                outcome = RuleOutcome.SHADOWED
            elif trace.ok and rule.observes:
                outcome = RuleOutcome.OBSERVED
            shadowed = stopped if outcome is RuleOutcome.SHADOWED else None
            stories.append(RuleStory(rule=rule, outcome=outcome, trace=trace, shadowed_by=shadowed))
            if outcome in {RuleOutcome.MATCHED, RuleOutcome.OBSERVED}:
                matched.append(rule)
                if rule.stops:
                    stopped = rule.ref
        return Explanation(decision=decided(facts, matched), stories=tuple(stories))


def decided(facts: Facts, matched: Sequence[Rule]) -> Decision:
    """Return the decision that comes of the rules that an event matches."""
    drafts: list[ActionDraft] = []
    faults: list[ActionFault] = []
    for rule in matched:
        for position, action in enumerate(rule.work):
            try:
                drafts.append(_draft(facts, rule, action, position=position))
            except Unfilled as exc:
                faults.append(
                    ActionFault(rule=rule.ref, position=position, kind=action.kind, pointer=exc.at, field=exc.field)
                )
    return Decision(
        event=facts.ref,
        matched=tuple(rule.ref for rule in matched),
        observed=tuple(rule.ref for rule in matched if rule.observes),
        drafts=tuple(drafts),
        faults=tuple(faults),
    )


def _draft(facts: Facts, rule: Rule, action: RuleAction, *, position: int) -> ActionDraft:
    if action.on_agent and facts.agent_id is None:
        raise Unfilled(f"/then/{position}/run_on", "agent_id")
    parts = [template.text(facts)[:MAX_PART_CHARS] for template in action.key]
    return ActionDraft(
        kind=action.kind,
        config=filled_object(action.config, facts),
        key_parts=(rule.ref.rule_id, action.name, *parts),
        urgency=action.urgency,
        agent_id=facts.agent_id if action.on_agent else None,
        rule=rule.ref,
        position=position,
        event=facts.ref,
        about=facts.subject or f"{facts.type} {facts.id}".rstrip(),
    )


def failed_tests(rule: Rule) -> Sequence[tuple[int, str]]:
    """Return the test cases of a rule that fail, by their place, each with what came instead of what was expected."""
    found: list[tuple[int, str]] = []
    for number, test in enumerate(rule.tests):
        matched = rule.when.test()(test.facts)
        acting = replace(rule, mode=Mode.ACT)  # what it would do is what is tested
        kinds = tuple(draft.kind for draft in decided(test.facts, [acting] if matched else []).drafts)
        if rule.carries and matched:  # decided on the host, so that there is no draft
            kinds = tuple(action.kind for action in rule.then)
        if matched is not test.matched:
            found.append((number, "it matched" if matched else "it did not match"))
        elif test.actions is not None and test.actions != kinds:
            found.append((number, f"the actions were {', '.join(kinds) or 'none'}"))
    return found
