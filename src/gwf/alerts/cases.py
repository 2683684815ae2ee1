"""Plays the test cases of a rule of alerts to it: what came instead of what was expected. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gwf.alerts.sight.model import AlertCase, AlertRule, Standing
from gwf.alerts.trial import Trial
from gwf.events.model import Severity
from gwf.rules.sample import DEFAULT_MS

MAX_ALERTS = 1_000  #: of one case that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCase:
    """A case that fails, and what came of it."""

    #: among the cases of the rule, from 0
    place: int
    name: str
    standing: Standing
    #: of the worst alert; None = there was none
    severity: Severity | None


def failed_cases(rule: AlertRule) -> Sequence[FailedCase]:
    """Return the test cases that a rule fails, whether it is switched on or not."""
    rule = replace(rule, enabled=True)
    found: list[FailedCase] = []
    for place, case in enumerate(rule.cases):
        standing, severity = _played(rule, case)
        if standing is not case.standing or case.severity not in {None, severity}:
            found.append(FailedCase(place=place, name=case.name, standing=standing, severity=severity))
    return found


def _played(rule: AlertRule, case: AlertCase) -> tuple[Standing, Severity | None]:
    trial = Trial(rule, None, keep=MAX_ALERTS)
    trial.add([(DEFAULT_MS + after_ms, facts) for after_ms, facts in case.events])
    alerts = trial.end(DEFAULT_MS + case.until_ms)
    if not alerts:
        return Standing.NONE, None
    standing = Standing.FIRING if trial.tally.open else Standing.RESOLVED
    return standing, max(alert.severity for alert in alerts)
