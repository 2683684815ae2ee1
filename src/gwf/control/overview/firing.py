"""Alerts that fire and that nobody has taken, as a verdict looks at them: rule by rule. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from gwf.control.overview.scope import Scope
from gwf.events.model import Severity

MAX_RULES = 10  #: that a verdict tells, the worst first


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFact:
    """An alert that fires, that nobody has taken and nothing holds back."""

    rule_id: str
    rule_name: str
    title: str
    severity: Severity
    started_at_ms: int
    #: that it is about; "" = none
    agent_id: str = ""
    #: value of its label `env`
    env: str = ""
    #: rollout that it is about; "" = none
    rollout: str = ""
    #: code of the finding that says the same of the same agent or rollout; "" = none does
    twin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """The alerts of a tenant."""

    #: the worst first; of very many only the first
    alerts: Sequence[AlertFact] = ()
    #: how many there are, by rule
    counts: Mapping[str, int] = field(default_factory=dict[str, int])

    def within(self, scope: Scope, agents: Collection[str]) -> Firing:
        """Return those of a part of the fleet; what is about none of its agents belongs to it by its label `env`."""
        if scope.is_all:
            return self
        mine = [one for one in self.alerts if one.agent_id in agents or _is_of(one, scope)]
        return Firing(alerts=mine)


NOTHING = Firing()


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringRule:
    """What one rule found."""

    #: its alert that began first among the worst
    worst: AlertFact
    count: int
    since_ms: int
    #: that its alerts are about
    agents: frozenset[str]


def by_rule(firing: Firing, told: Collection[tuple[str, str]]) -> list[FiringRule]:
    """Return what rules found, the worst first, without what the findings tell: pairs of code, and agent or rollout."""
    rules: dict[str, list[AlertFact]] = {}
    known: dict[str, int] = {}
    for one in firing.alerts:
        if is_told(one, told):
            known[one.rule_id] = known.get(one.rule_id, 0) + 1
        else:
            rules.setdefault(one.rule_id, []).append(one)
    found = [
        FiringRule(
            worst=min(some, key=lambda one: (-one.severity, one.started_at_ms)),
            count=max(len(some), firing.counts.get(rule_id, 0) - known.get(rule_id, 0)),
            since_ms=min(one.started_at_ms for one in some),
            agents=frozenset(one.agent_id for one in some if one.agent_id),
        )
        for rule_id, some in rules.items()
    ]
    found.sort(key=lambda one: (-one.worst.severity, one.since_ms, one.worst.rule_id))
    return found[:MAX_RULES]


def is_told(alert: AlertFact, told: Collection[tuple[str, str]]) -> bool:
    """Tell whether a finding says the same as an alert."""
    return bool(alert.twin) and (alert.twin, alert.agent_id or alert.rollout) in told


def _is_of(alert: AlertFact, scope: Scope) -> bool:
    return not alert.agent_id and not scope.group and alert.env == scope.env
