"""Asks two sets of rules about recorded events and tells where they differ, and when actions would be taken. Pure."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gwf.rules.decision import RuleVersion
from gwf.rules.facts import Facts
from gwf.rules.index import RuleIndex
from gwf.rules.matcher import Trace
from gwf.rules.model import Rule
from gwf.rules.ruleset import RuleSet

MAX_TOLD = 1_000  #: events of one change that are told one by one
MAX_KEPT = 50  #: of those that nothing changes about, as examples
BUCKETS = 120  #: of the time that is looked at

Matched = tuple[RuleVersion, ...]


class Change(enum.StrEnum):
    """What becomes of an event: by the rule that is tried; where an order of all rules is, by any of them."""

    #: not matched before, and matched now
    GAINED = "gained"
    #: matched before, and not any more
    LOST = "lost"
    #: that stays as it was, and other rules match than before
    MOVED = "moved"
    #: matched before and now, by the same rules
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An event, and what both sets say about it."""

    facts: Facts
    change: Change
    before: Matched
    after: Matched
    #: of each rule that only one of the sets matched, the conditions that kept the other version of it from matching
    why: tuple[tuple[Rule, tuple[Trace, ...]], ...]


@dataclass(slots=True, kw_only=True)
class RuleTally:
    """What became of one rule of the later set over all events."""

    matched: int = 0
    #: it would have matched, but one before it said stop
    shadowed: int = 0


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of all events."""

    events: int = 0
    #: that any rule matched
    before: int = 0
    after: int = 0
    #: events by what became of them; those that the rule that is tried has nothing to do with are not among them
    changes: Counter[Change] = field(default_factory=Counter[Change])
    #: that the rule that is tried matched as it is in force
    tried_before: int = 0
    actions_before: Counter[str] = field(default_factory=Counter[str])
    actions_after: Counter[str] = field(default_factory=Counter[str])
    rules: dict[RuleVersion, RuleTally] = field(default_factory=dict[RuleVersion, RuleTally])


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What came of the events within a stretch of the time that is looked at."""

    at_ms: int
    #: actions
    before: int
    after: int
    #: events by what became of them
    changes: Counter[Change]


class Comparison:
    """Compares two sets over any number of events; rules that both have are asked once."""

    def __init__(
        self, before: RuleSet, after: RuleSet, *, since_ms: int, until_ms: int, about: str | None = None
    ) -> None:
        """Begin.

        Args:
            before: The rules in force.
            after: Those that are tried.
            since_ms: With `until_ms` the time that is looked at: where actions are drawn.
            until_ms: See `since_ms`.
            about: The rule in which both differ, by its id; None = they differ in their order.
        """
        self.after = after
        self.about = about
        both = {id(rule): rule for rule in (*before.rules, *after.rules) if rule.enabled}
        self._rules: Sequence[Rule] = sorted(both.values(), key=lambda rule: (*rule.order, rule.ref.version))
        mine, others = {id(rule) for rule in before.rules}, {id(rule) for rule in after.rules}
        self._tests = tuple((rule.when.test(), rule, id(rule) in mine, id(rule) in others) for rule in self._rules)
        self._work = {id(rule): tuple(action.kind for action in rule.work) for rule in self._rules}
        self._index = RuleIndex([rule.when.needs() for rule in self._rules])
        self._since_ms, self._step_ms = since_ms, max(1, -(-(until_ms - since_ms) // BUCKETS))
        self._moments: Counter[tuple[int, bool]] = Counter()
        self._changes: dict[int, Counter[Change]] = {}
        self._other_before = {rule.ref.rule_id: rule for rule in before.rules if id(rule) not in others}
        self._other_after = {rule.ref.rule_id: rule for rule in after.rules if id(rule) not in mine}
        self.tally = Tally(rules={rule.ref: RuleTally() for rule in after.rules})
        self.differences: list[Difference] = []

    def add(self, portion: Sequence[Facts]) -> None:
        """Ask both sets about some events."""
        for facts in portion:
            self._add(facts)

    def moments(self) -> Sequence[Moment]:
        """Return when actions would have been taken, in equal stretches, those without any left out."""
        places = sorted({place for place, _ in self._moments} | self._changes.keys())
        return [
            Moment(
                at_ms=self._since_ms + place * self._step_ms,
                before=self._moments[place, False],
                after=self._moments[place, True],
                changes=self._changes.get(place, Counter()),
            )
            for place in places
        ]

    def _add(self, facts: Facts) -> None:
        tally = self.tally
        tally.events += 1
        numbers = self._index.candidates(facts)
        if not numbers:
            return
        before: list[Rule] = []
        after: list[Rule] = []
        stopped_before = stopped_after = False
        for number in numbers:
            test, rule, was, will = self._tests[number]
            if not test(facts):
                continue
            stops = rule.stops
            if was and not stopped_before:
                before.append(rule)
                stopped_before = stops
            if will:
                self._note(rule, shadowed=stopped_after)
                if not stopped_after:
                    after.append(rule)
                    stopped_after = stops
        if before or after:
            self._sum(facts, before, after)

    def _note(self, rule: Rule, *, shadowed: bool) -> None:
        mine = self.tally.rules[rule.ref]
        if shadowed:
            mine.shadowed += 1
        else:
            mine.matched += 1

    def _sum(self, facts: Facts, before: Sequence[Rule], after: Sequence[Rule]) -> None:
        tally = self.tally
        tally.before += bool(before)
        tally.after += bool(after)
        place = (facts.at_ms - self._since_ms) // self._step_ms
        for rules, actions, is_after in ((before, tally.actions_before, False), (after, tally.actions_after, True)):
            for rule in rules:
                work = self._work[id(rule)]
                actions.update(work)
                if work:
                    self._moments[place, is_after] += len(work)
        change = self._change(before, after)
        if change is None:
            return
        tally.changes[change] += 1
        self._changes.setdefault(place, Counter())[change] += 1
        if tally.changes[change] <= (MAX_KEPT if change is Change.KEPT else MAX_TOLD):
            self.differences.append(self._difference(facts, before, after, change=change))

    def _change(self, before: Sequence[Rule], after: Sequence[Rule]) -> Change | None:
        """Return what becomes of an event; None = nothing, and the rule that is tried never matched it."""
        had, has = self._concerns(before), self._concerns(after)
        if self.about is not None:
            self.tally.tried_before += had
        if had is not has:
            return Change.GAINED if has else Change.LOST
        same = len(before) == len(after) and all(one is other for one, other in zip(before, after, strict=True))
        if same or {rule.ref.rule_id for rule in before} == {rule.ref.rule_id for rule in after}:
            return Change.KEPT if had else None
        return Change.MOVED

    def _concerns(self, matched: Sequence[Rule]) -> bool:
        if self.about is None:
            return bool(matched)
        return any(rule.ref.rule_id == self.about for rule in matched)

    def _difference(self, facts: Facts, before: Sequence[Rule], after: Sequence[Rule], *, change: Change) -> Difference:
        was, will = {rule.ref.rule_id for rule in before}, {rule.ref.rule_id for rule in after}
        why: list[tuple[Rule, tuple[Trace, ...]]] = []
        for missing, others in ((was - will, self._other_after), (will - was, self._other_before)):
            for rule_id in sorted(missing):
                other = others.get(rule_id)
                if other is not None:
                    why.append((other, other.when.trace(facts).failed_leaves()))
        return Difference(
            facts=facts,
            change=change,
            before=tuple(rule.ref for rule in before),
            after=tuple(rule.ref for rule in after),
            why=tuple(why),
        )
