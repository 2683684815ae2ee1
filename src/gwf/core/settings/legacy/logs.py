"""Takes over the log alerts of the Go version: which logs, how often, the rules about their lines."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from gwf.core.settings.draft import is_block, is_list
from gwf.core.settings.legacy.mapper import Mapper
from gwf.core.settings.logs import (
    LogDefaultSettings,
    LogEscalationSettings,
    LogRulesetSettings,
    LogRuleSettings,
)
from gwf.core.settings.section import Section
from gwf.core.units import parse_duration_s

_AGENT = ("agent", "logs")
_WORDS = re.compile(r"[,;，；\s]+")
_SHORTEST_S, _LONGEST_S = 0.1, 3600.0


def take_logs(mapper: Mapper) -> None:
    """Map every `alert_` key; decisions are kept over restarts, which the Go version did not."""
    values = mapper.values
    paths = [os.path.abspath(values.work_dir / path) for path in _WORDS.split(values.text("alert_log_paths")) if path]
    if paths:
        mapper.set("alert_log_paths", (*_AGENT, "paths"), paths)
    _take_interval(mapper)
    for key, name, usual in (
        ("alert_suppress_enabled", "suppress", True), ("alert_start_from_end", "start_from_end", True),
    ):  # fmt: skip
        if key in values.given:
            mapper.set(key, (*_AGENT, name), values.flag(key, default=usual))
    ruleset = values.block("alert_rules")
    if ruleset is not None:
        mapper.set("alert_rules", (*_AGENT, "ruleset"), known_ruleset(ruleset))
    has_rules = bool(ruleset and ruleset.get("rules"))
    is_on: object = values.flag("alert_enabled", default=False)
    if is_on and paths and has_rules:
        mapper.set("alert_enabled", (*_AGENT, "enabled"), is_on, text="decisions are kept, and told to the centre")
    mapper.leave_out("alert_enabled", "without logs or rules: off" if is_on else "off, as here")
    mapper.leave_out("alert_rules_file", "the Go version did not use it either")


def _take_interval(mapper: Mapper) -> None:
    text = mapper.values.text("alert_poll_interval")
    if not text:
        return
    try:
        seconds = parse_duration_s(text)
    except ValueError:
        mapper.leave_out("alert_poll_interval", "is no duration: ours")
        return
    within = min(max(seconds, _SHORTEST_S), _LONGEST_S)
    mapper.set("alert_poll_interval", (*_AGENT, "poll"), within)


def known_ruleset(ruleset: Mapping[str, object]) -> dict[str, object]:
    """Return the keys of rules that mean something; the Go version passed over all others."""
    found = _only(ruleset, LogRulesetSettings)
    for key, section in (("defaults", LogDefaultSettings), ("escalation", LogEscalationSettings)):
        part = found.get(key)
        if is_block(part):
            found[key] = _only(part, section)
    rules = found.get("rules")
    if is_list(rules):
        found["rules"] = [_only(rule, LogRuleSettings) if is_block(rule) else rule for rule in rules]
    return found


def _only(block: Mapping[str, object], section: type[Section]) -> dict[str, object]:
    return {key: block[key] for key in section.model_fields if block.get(key) is not None}
