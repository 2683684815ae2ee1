"""Says what is wrong with rules about lines of logs, for who writes them away from the host that will judge by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import re2 as untyped

from gwf.core.settings.draft import Loc
from gwf.core.settings.logs import LogAlertSettings, LogEscalationSettings, LogRuleSettings
from gwf.core.units import DURATION_HINT, parse_duration_s

re2: Any = untyped  # the package brings no types
LEVELS = ("ignore", "business", "system", "fatal")
_AT: Loc = ("agent", "logs")
_MAX_MEMORY = 1 << 20


def log_rule_problems(logs: LogAlertSettings) -> Iterator[tuple[Loc, str]]:
    """Yield what an agent would refuse; it reads the rules by itself again before it works by them."""
    for at, join in enumerate(logs.join):
        yield from _expression((*_AT, "join", at, "start"), join.start)
    ruleset: Loc = (*_AT, "ruleset")
    yield from _window((*ruleset, "defaults", "suppress_window"), logs.ruleset.defaults.suppress_window)
    yield from _escalation((*ruleset, "escalation"), logs.ruleset.escalation)
    for at, rule in enumerate(logs.ruleset.rules):
        yield from _rule((*ruleset, "rules", at), rule)


def _rule(loc: Loc, rule: LogRuleSettings) -> Iterator[tuple[Loc, str]]:
    yield from _level((*loc, "level"), rule.level)
    yield from _window((*loc, "suppress_window"), rule.suppress_window)
    if not any(word.strip() for word in (*rule.keywords, *rule.patterns)):
        yield (*loc, "keywords"), "name at least one keyword or pattern"
    for at, pattern in enumerate(rule.patterns):
        if pattern.strip():
            yield from _expression((*loc, "patterns", at), pattern, matches_all="matches every line, also an empty one")


def _escalation(loc: Loc, escalation: LogEscalationSettings) -> Iterator[tuple[Loc, str]]:
    if escalation.level:
        yield from _level((*loc, "level"), escalation.level)
    for key in ("window", "suppress_window"):
        yield from _window((*loc, key), getattr(escalation, key))
    is_on = escalation.threshold > 0 if escalation.enabled is None else escalation.enabled
    if is_on and escalation.threshold < 1:
        yield (*loc, "threshold"), "say how many lines it takes, at least 1"
    if is_on and not escalation.window:
        yield (*loc, "window"), "say within how long, such as 5m"


def _level(loc: Loc, level: str) -> Iterator[tuple[Loc, str]]:
    if level.strip().lower() not in LEVELS:
        yield loc, f"{level!r} is no level: one of {', '.join(LEVELS)}"


def _window(loc: Loc, text: str) -> Iterator[tuple[Loc, str]]:
    if not text:
        return
    try:
        is_some = parse_duration_s(text) > 0
    except ValueError:
        is_some = False
    if not is_some:
        yield loc, f"{text!r} is no time longer than nothing: {DURATION_HINT}"


def _expression(loc: Loc, text: str, *, matches_all: str = "") -> Iterator[tuple[Loc, str]]:
    options: Any = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.log_errors = False
    try:
        compiled: Any = re2.compile(text, options)
    except re2.error as exc:
        why = exc.args[0].decode("utf-8", "replace") if isinstance(exc.args[0], bytes) else str(exc)
        yield loc, f"is no regular expression (RE2): {why}"
        return
    if matches_all and compiled.search(b"") is not None:
        yield loc, matches_all
