"""Windows of time of rules about lines, in seconds. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.alerts.logs.model import DEFAULT_WINDOW, Level, LogRule, LogRuleset
from gwf.core.units import parse_duration_s


@dataclass(frozen=True, slots=True)
class Settled:
    """A rule with what the defaults say filled in."""

    rule: LogRule
    match_case: bool
    notify: bool
    suppress_window_s: float


def settled(ruleset: LogRuleset) -> tuple[Settled, ...]:
    """Return the rules of a set as they are applied."""
    usual = ruleset.suppress_window or DEFAULT_WINDOW
    return tuple(
        Settled(
            rule=rule,
            match_case=bool(ruleset.match_case if rule.match_case is None else rule.match_case),
            notify=rule.level in (Level.SYSTEM, Level.FATAL) if rule.notify is None else rule.notify,
            suppress_window_s=parse_duration_s(rule.suppress_window or usual),
        )
        for rule in ruleset.rules
    )
