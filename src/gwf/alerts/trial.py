"""Plays recorded events to a rule of alerts with a clock of its own: which alerts, when, how many notices. Pure.

Nothing is silent or inhibited, and nobody takes an alert: this is the most that people would have been told.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gwf.alerts.documents.reading import HourlyChain
from gwf.alerts.life.engine import AlertLife
from gwf.alerts.life.ledger import Setting, State
from gwf.alerts.life.model import Alert, Chain, Level, NoticeKind, Sighting, Stage
from gwf.alerts.run.tenant import OWN_TYPES
from gwf.alerts.sight.model import AlertRule, Outcome
from gwf.alerts.sight.sighter import Sighter
from gwf.events.model import Severity
from gwf.rules.facts import Facts

MAX_MOMENTS = 1_000  #: notices whose moments are told
HOUR_MS = 3_600_000
#: stands in where the rule names no chain, or one that tells nobody
SOMEBODY = Chain(name="somebody", levels=(Level(after_s=0, receivers=("",)),))


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedAlert:
    """An alert that the rule would have opened."""

    title: str
    severity: Severity
    labels: Mapping[str, str]
    opened_at_ms: int
    #: None = it would be open now
    ended_at_ms: int | None
    count: int
    #: when people would have been told first; None = it ended before
    told_at_ms: int | None
    #: row id of the event that opened it; "" = none did, something stayed away
    event: str
    #: None = none did
    facts: Facts | None


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of all events."""

    #: that the rule was asked about
    events: int = 0
    #: that it matched
    matched: int = 0
    #: the matched ones by what the rule made of them
    outcomes: Counter[Outcome] = field(default_factory=Counter[Outcome])
    alerts: int = 0
    #: of these would be open now
    open: int = 0
    notices: Counter[NoticeKind] = field(default_factory=Counter[NoticeKind])
    #: moments of the first notices
    notices_at_ms: list[int] = field(default_factory=list[int])
    #: most notices within an hour
    worst_hour: int = 0


class Trial:
    """One rule, asked about events in the order in which they were taken."""

    def __init__(self, rule: AlertRule, chain: HourlyChain | None, *, keep: int) -> None:
        """Begin; `keep` alerts are told one by one, those that began first."""
        self._chain = chain
        #: the rule as it is tells nobody
        self.tells_nobody = chain is None or not (chain.levels or chain.off_hours)
        policy = rule.policy if rule.policy.chain else replace(rule.policy, chain=SOMEBODY.name)
        self._name = policy.chain
        self._sighter = Sighter([replace(rule, policy=policy)])
        self._life = AlertLife(State(), self._setting(0))
        self._keep = keep
        self._kept: list[TriedAlert] = []
        #: events that opened alerts, as many as are told
        self._openers: dict[str, Facts] = {}
        self._recent_ms: list[int] = []
        self.tally = Tally()

    def add(self, portion: Sequence[tuple[int, Facts]]) -> None:
        """Take events, each with the moment at which it was taken."""
        for at_ms, facts in portion:
            self._until(at_ms)
            if facts.type in OWN_TYPES:
                continue
            self.tally.events += 1
            for seen in self._sighter.observe(facts, at_ms):
                self.tally.matched += 1
                self.tally.outcomes[seen.outcome] += 1
                if seen.sighting is not None:
                    self._see(seen.sighting, facts)
        self._gather()

    def end(self, now_ms: int) -> Sequence[TriedAlert]:
        """Let time go on until a moment; return the alerts that began first, in their order."""
        self._until(now_ms)
        self._gather()
        still = [alert for alert in self._life.state.alerts.values() if alert.is_open]
        self.tally.open = len(still)
        self.tally.alerts = self._life.state.opened
        self._tell(list(self._life.state.alerts.values()))
        return self._kept

    # -- parts -------------------------------------------------------------------------------------------

    def _see(self, sighting: Sighting, facts: Facts) -> None:
        before = self._life.state.opened
        self._life.see(sighting)
        if self._life.state.opened > before and len(self._openers) < self._keep:
            self._openers[sighting.event] = facts

    def _until(self, now_ms: int) -> None:
        while True:
            moments = [one for one in (self._sighter.next_at_ms(), self._life.next_at_ms()) if one is not None]
            due_ms = min(moments, default=None)
            if due_ms is None or due_ms > now_ms:
                break
            self._at(due_ms)
            for sighting in self._sighter.miss(due_ms):
                self._life.see(sighting)
            self._life.advance(due_ms)
        self._at(now_ms)

    def _at(self, at_ms: int) -> None:
        """Let the chain be as it is within or outside of its hours."""
        if self._chain is not None and self._chain.hours is not None:
            self._life.set(self._setting(at_ms), at_ms)

    def _setting(self, at_ms: int) -> Setting:
        chain = SOMEBODY if self._chain is None or self.tells_nobody else self._chain.at(at_ms)
        return Setting(chains={self._name: chain})

    def _gather(self) -> None:
        changed = self._life.taken()
        for notice in changed.notices:
            self.tally.notices[notice.kind] += 1
            if len(self.tally.notices_at_ms) < MAX_MOMENTS:
                self.tally.notices_at_ms.append(notice.at_ms)
            self._recent_ms.append(notice.at_ms)
            del self._recent_ms[: bisect.bisect_right(self._recent_ms, notice.at_ms - HOUR_MS)]
            self.tally.worst_hour = max(self.tally.worst_hour, len(self._recent_ms))
        self._tell(changed.ended)
        self._sighter.taken()

    def _tell(self, alerts: Sequence[Alert]) -> None:
        self._kept += [_tried(alert, self._openers) for alert in alerts]
        self._kept.sort(key=lambda one: (one.opened_at_ms, one.title))
        del self._kept[self._keep :]


def _tried(alert: Alert, openers: Mapping[str, Facts]) -> TriedAlert:
    told = (step.at_ms for step in alert.steps if step.stage is Stage.NOTIFY and step.outcome == NoticeKind.FIRING)
    event = next((step.values.get("event") for step in alert.steps if step.stage is Stage.RULE), "")
    return TriedAlert(
        title=alert.title,
        severity=alert.severity,
        labels=alert.labels,
        opened_at_ms=alert.started_at_ms,
        ended_at_ms=alert.ended_at_ms,
        count=alert.count,
        told_at_ms=next(told, None),
        event=str(event or ""),
        facts=openers.get(str(event or "")),
    )
