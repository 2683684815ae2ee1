"""Asks rules of alerts about events: what is seen, what is counted, what stays away. Pure.

Time is that at which the centre took an event, passed in and never going back: clocks of hosts may be wrong.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from gwf.alerts.life.model import Sighting
from gwf.alerts.sight.model import MAX_WINDOWS, AlertRule, Counted, Outcome, Seen, Threshold
from gwf.alerts.sight.reading import label_of
from gwf.events.model import Severity
from gwf.rules.facts import MISSING, Facts
from gwf.rules.index import RuleIndex
from gwf.rules.needs import Needs, any_of
from gwf.rules.template import Template, Unfilled

MAX_TITLE_CHARS = 300
MAX_LABEL_CHARS = 200
_PART = "\x1f"  #: between the parts of a fingerprint


class Sighter:
    """Rules of one tenant."""

    def __init__(
        self, rules: Sequence[AlertRule], counted: Sequence[Counted] = (), *, touched: Collection[str] = ()
    ) -> None:
        """Go on with what was `counted`; what belongs to rules that are gone is forgotten.

        `touched`: fingerprints that the one before remembered or forgot and that were not taken from it.
        """
        self._rules = {rule.id: rule for rule in rules if rule.enabled}
        self._asks = [
            (rule, rule.when.test(), None if rule.clear is None else rule.clear.test()) for rule in self._rules.values()
        ]
        self._index = RuleIndex([needs_of(rule) for rule in self._rules.values()])
        self.counted: dict[str, Counted] = {one.fingerprint: one for one in counted if one.rule_id in self._rules}
        self._timers: list[tuple[int, str]] = []
        self._touched: set[str] = {*touched, *({one.fingerprint for one in counted} - self.counted.keys())}
        for one in self.counted.values():
            self._expect(one)

    def see(self, facts: Facts, at_ms: int) -> Iterator[Sighting]:
        """Yield what the rules say of an event that came at a moment."""
        return (seen.sighting for seen in self.observe(facts, at_ms) if seen.sighting is not None)

    def observe(self, facts: Facts, at_ms: int) -> Iterator[Seen]:
        """Yield what each rule that matches makes of an event that came at a moment, said or not."""
        for number in self._index.candidates(facts):
            rule, means_trouble, means_end = self._asks[number]
            if means_trouble(facts):
                yield self._trouble(rule, self._sighting(rule, facts, at_ms, firing=True))
            elif means_end is not None and means_end(facts):
                sighting = self._sighting(rule, facts, at_ms, firing=False)
                self._forget(sighting.fingerprint)
                yield _seen(sighting, Outcome.OVER)

    def miss(self, now_ms: int) -> Iterator[Sighting]:
        """Yield what stayed away for too long until a moment."""
        while self._timers and self._timers[0][0] <= now_ms:
            _, fingerprint = heapq.heappop(self._timers)
            one = self.counted.get(fingerprint)
            if one is None or one.missed:
                continue
            due_ms = self._due_ms(one)
            if due_ms is not None and due_ms > now_ms:
                heapq.heappush(self._timers, (due_ms, fingerprint))
            elif due_ms is not None:
                one.missed = True
                self._touched.add(fingerprint)
                yield self._missing(one, now_ms)

    def next_at_ms(self) -> int | None:
        """Return when something may be missed next; None = nothing is expected."""
        return self._timers[0][0] if self._timers else None

    # -- parts -------------------------------------------------------------------------------------------

    def _trouble(self, rule: AlertRule, sighting: Sighting) -> Seen:
        if rule.absent_s is not None:
            return self._came(rule, sighting)
        if rule.threshold is None:
            return _seen(sighting, Outcome.TROUBLE)
        counted = self._count(rule.threshold, sighting)
        if counted >= rule.threshold.count:
            return _seen(sighting, Outcome.TROUBLE, counted)
        return _seen(sighting, Outcome.COUNTED, counted)._replace(sighting=None)

    def _came(self, rule: AlertRule, sighting: Sighting) -> Seen:
        """Note that what is expected came; when it had been missed, that is over."""
        before = self.counted.get(sighting.fingerprint)
        one = Counted(
            rule_id=rule.id, fingerprint=sighting.fingerprint, at_ms=[sighting.at_ms], title=sighting.title,
            labels=dict(sighting.labels), severity=sighting.severity,
        )  # fmt: skip
        self._keep(one)
        if before is None or before.missed:
            self._expect(one)
        if before is not None and before.missed:
            return _seen(replace(sighting, firing=False), Outcome.CAME)
        return _seen(sighting, Outcome.CAME)._replace(sighting=None)

    def _count(self, threshold: Threshold, sighting: Sighting) -> int:
        """Count an event; return how many there are in the window, at most as many as are needed."""
        one = self.counted.get(sighting.fingerprint)
        if one is None:
            one = Counted(rule_id=sighting.rule_id, fingerprint=sighting.fingerprint)
        begin_ms = sighting.at_ms - round(threshold.within_s * 1000)
        recent = [moment for moment in one.at_ms if moment > begin_ms]
        recent += [sighting.at_ms] * min(sighting.count, threshold.count)
        one.at_ms = recent[-threshold.count :]
        self._keep(one)
        return len(one.at_ms)

    def touched(self) -> frozenset[str]:
        """Return what `taken` would speak of."""
        return frozenset(self._touched)

    def taken(self) -> tuple[dict[str, Counted], set[str]]:
        """Return what is remembered anew since the last call, by fingerprint, and what was forgotten."""
        changed = {name: self.counted[name] for name in self._touched if name in self.counted}
        gone = self._touched - changed.keys()
        self._touched = set()
        return changed, gone

    def _keep(self, one: Counted) -> None:
        self.counted.pop(one.fingerprint, None)  # the last seen stands last
        self.counted[one.fingerprint] = one
        self._touched.add(one.fingerprint)
        if len(self.counted) > MAX_WINDOWS:
            self._forget(next(iter(self.counted)))

    def _forget(self, fingerprint: str) -> None:
        if self.counted.pop(fingerprint, None) is not None:
            self._touched.add(fingerprint)

    def _expect(self, one: Counted) -> None:
        due_ms = None if one.missed else self._due_ms(one)
        if due_ms is not None:
            heapq.heappush(self._timers, (due_ms, one.fingerprint))

    def _due_ms(self, one: Counted) -> int | None:
        absent_s = self._rules[one.rule_id].absent_s
        return None if absent_s is None or not one.at_ms else one.at_ms[-1] + round(absent_s * 1000)

    def _missing(self, one: Counted, now_ms: int) -> Sighting:
        rule = self._rules[one.rule_id]
        return Sighting(
            rule_id=rule.id, rule_version=rule.version, fingerprint=one.fingerprint, firing=True,
            severity=one.severity, title=one.title, labels=one.labels, at_ms=now_ms, policy=rule.policy,
        )  # fmt: skip

    def _sighting(self, rule: AlertRule, facts: Facts, at_ms: int, *, firing: bool) -> Sighting:
        values = {label_of(field): _shown(field.of(facts)) for field in rule.by}
        labels = values | {name: text for name, template in rule.labels if (text := _text(template, facts))}
        return Sighting(
            rule_id=rule.id,
            rule_version=rule.version,
            fingerprint=fingerprint_of(rule, values),
            firing=firing,
            severity=Severity(facts.severity) if rule.severity is None else rule.severity,
            title=(_text(rule.title, facts) or rule.name)[:MAX_TITLE_CHARS],
            labels=labels,
            at_ms=at_ms,
            event=str(facts.ref.row_id),
            count=_count(facts),
            policy=rule.policy,
        )


def needs_of(rule: AlertRule) -> Needs:
    """Return what an event must have to matter to a rule."""
    return any_of([one.needs() for one in (rule.when, rule.clear) if one is not None])


def _seen(sighting: Sighting, outcome: Outcome, counted: int = 0) -> Seen:
    return Seen(
        sighting.rule_id, sighting.rule_version, sighting.fingerprint, outcome, counted, sighting, sighting.count
    )


def fingerprint_of(rule: AlertRule, values: Mapping[str, str]) -> str:
    """Return what names one trouble of a rule: its id and the values of `by`. A new version is no new trouble."""
    return _PART.join((rule.id, *(f"{name}={value}" for name, value in values.items())))


def fingerprint_of_event(rule: AlertRule, facts: Facts) -> str:
    """Return the fingerprint that a rule gives the trouble of an event."""
    return fingerprint_of(rule, {label_of(field): _shown(field.of(facts)) for field in rule.by})


def _text(template: Template, facts: Facts) -> str:
    """Return a text with its places filled, "" where the event lacks what it needs."""
    try:
        return template.text(facts).strip()
    except Unfilled:
        return ""


def _shown(value: object) -> str:
    return "" if value is MISSING or value is None else str(value)[:MAX_LABEL_CHARS]


def _count(facts: Facts) -> int:
    """Return how many happenings an event stands for: an agent folds lines of a log."""
    lines = facts.data.get("lines") if isinstance(facts.data, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return lines if isinstance(lines, int) and not isinstance(lines, bool) and lines > 0 else 1
