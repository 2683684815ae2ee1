"""Log alerts in the words of the Go version: decisions, settings, rules."""

from __future__ import annotations

import copy
import os
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from gwf.agent.config.service import ConfigService
from gwf.agent.journal.logs import NumberedDecision
from gwf.agent.legacy.alertwords import go_words
from gwf.agent.legacy.config import block_of
from gwf.agent.legacy.formats import UNSET, LocalTimes
from gwf.agent.logwatch import LogState, LogWatch
from gwf.agent.model import show_path
from gwf.alerts.logs.engine import window_words
from gwf.alerts.logs.model import Escalation, Explain, Kind, Level, LogDecision, Status
from gwf.alerts.logs.reading import document_of, read_ruleset
from gwf.core.errors import InputError
from gwf.core.settings.legacy.logs import known_ruleset
from gwf.core.settings.logs import LogAlertSettings
from gwf.core.settings.model import Settings
from gwf.core.units import format_duration, parse_duration_s
from gwf.rules.faults import FaultyRuleError
from gwf.wire.goalerts import GoAlertChange

Document = dict[str, object]

SHOWN = 200  #: decisions of an answer, as the Go version kept
DAY_MS = 86_400_000
DEFAULT_POLL = "2s"

_WORDS = re.compile(r"[,;，；\s]+")
_RISKS = ((Level.FATAL, "严重"), (Level.SYSTEM, "高"), (Level.BUSINESS, "中"))
_ESCALATION_WORDS = {
    "level": "异常升级级别无效",
    "window": "异常升级窗口无效",
    "suppress_window": "异常升级抑制窗口无效",
}


class GoAlerts:
    """Speaks for the logs of one process."""

    def __init__(self, config: ConfigService, logs: LogWatch) -> None:
        """Change `config`; tell of `logs`."""
        self._config = config
        self._logs = logs
        self._times = LocalTimes()

    def alerts(self) -> Document | None:
        """Return `data` of the answer and whether alerts are on; None where they never were."""
        state, totals = self._logs.state(), self._logs.totals()
        if not state.settings.enabled and state.looked_at_ms is None and not any(totals.values()):
            return None
        decisions = self._logs.decisions(limit=SHOWN)
        data: Document = {
            "overview": self._overview([one.decision for one in decisions]),
            "decisions": [self._decision(one) for one in decisions],
            "stats": {status.value: totals[status] for status in (Status.SENT, Status.SUPPRESSED, Status.RECORDED)},
            "rules": self._rules_summary(state),
            "polling": self._polling(state),
        }
        return {"data": data, "enabled": state.settings.enabled, "ok": True}

    def config(self) -> Document:
        """Return `config` of the answer."""
        return _config_of(self._config.settings())

    def change(self, wish: GoAlertChange, *, author: str) -> Document:
        """Put settings into force; places in logs are kept.

        Raises:
            InputError: A value is wrong; the message is the Go version's text, `reason` says more.
            ConfigError: The whole would not be usable.
            LocalIoError: The new version cannot be written down.
        """
        paths = [os.path.abspath(path) for path in _WORDS.split(wish.log_paths) if path]
        interval = wish.poll_interval.strip() or DEFAULT_POLL
        poll_s = _poll_s(interval)
        if wish.enabled and not paths:
            raise InputError("告警日志路径不能为空")
        if wish.enabled and not self._config.settings().agent.logs.ruleset.rules:
            raise InputError("告警规则不能为空")

        def edit(document: Document) -> Document:
            logs = block_of(block_of(document, "agent"), "logs")
            logs |= {"enabled": wish.enabled, "paths": paths, "poll": poll_s, "start_from_end": wish.start_from_end}
            if wish.suppress is not None:
                logs["suppress"] = wish.suppress
            shown = block_of(block_of(document, "legacy_api"), "shown")
            shown |= {"alert_log_paths": wish.log_paths, "alert_poll_interval": interval}
            return document

        self._config.edit(edit, author=author, reason="legacy /api/alert-config", source="legacy")
        return self.config()

    def rules(self) -> Document:
        """Return the set of rules in force."""
        return document_of(self._logs.state().ruleset)

    def change_rules(self, document: Mapping[str, object], *, author: str) -> Document:
        """Put other rules into force; windows begin anew. Raises as `change`."""
        try:
            ruleset = read_ruleset(known_ruleset(document))
        except FaultyRuleError as exc:
            raise InputError(go_words(exc.faults[0], document)) from exc
        wanted = document_of(ruleset)

        def edit(whole: Document) -> Document:
            block_of(block_of(whole, "agent"), "logs")["ruleset"] = copy.deepcopy(wanted)
            return whole

        self._config.edit(edit, author=author, reason="legacy /api/alert-rules", source="legacy")
        return wanted

    # -- parts of the answer ---------------------------------------------------------------------------

    def _overview(self, decisions: Sequence[LogDecision]) -> Document:
        since_ms = time.time() * 1000 - DAY_MS
        recent = [one for one in decisions if one.at_ms >= since_ms]
        levels, statuses = Counter(one.level for one in recent), Counter(one.status for one in recent)
        return {
            "window": "最近24小时",
            "risk": next((word for level, word in _RISKS if levels[level]), "低"),
            "fatal": levels[Level.FATAL],
            "system": levels[Level.SYSTEM],
            "business": levels[Level.BUSINESS],
            "sent": statuses[Status.SENT],
            "suppressed": statuses[Status.SUPPRESSED],
            "latest": self._time(decisions[0].at_ms if decisions else None),
        }

    def _decision(self, one: NumberedDecision) -> Document:
        decision = one.decision
        row: Document = {
            "id": str(one.id),
            "time": self._time(decision.at_ms),
            "level": decision.level.value,
            "rule": decision.rule_title,
            "message": decision.message,
            "file": decision.path or "-",
            "status": decision.status.value,
        }
        if decision.status is Status.SUPPRESSED:
            what = "已升级" if decision.explain.kind is Kind.ESCALATION else "已告警"
            row["reason"] = f"{window_words(decision.explain.suppress_window_s)}内{what}"
        row["explain"] = _explain(decision.explain)
        return row

    def _rules_summary(self, state: LogState) -> Document:
        levels = Counter(rule.level for rule in state.ruleset.rules)
        return {
            "source": "控制台",
            "lastLoaded": self._time(state.loaded_at_ms),
            "total": len(state.ruleset.rules),
            "defaultSuppress": window_words(parse_duration_s(state.ruleset.suppress_window)),
            "escalation": _escalation(state.ruleset.escalation),
            "levels": {level.value: levels[level] for level in Level},
        }

    def _polling(self, state: LogState) -> Document:
        polling: Document = {
            "interval": window_words(state.settings.poll),
            "logFiles": list(state.logs),
            "lastPoll": self._time(state.looked_at_ms),
            "nextPoll": self._time(state.next_look_at_ms),
        }
        for path, reason in state.facts.faults.items():
            polling["error"] = f"stat {show_path(path)}: {reason[:1].lower()}{reason[1:]}"
            break
        return polling

    def _time(self, at_ms: int | None) -> str:
        return UNSET if at_ms is None else self._times.text(at_ms // 1000)


def _explain(explain: Explain) -> Document:
    row: Document = {
        "decisionKind": explain.kind.value, "notify": explain.notify, "suppressionEnabled": explain.suppression,
        "suppressWindow": window_words(explain.suppress_window_s),
    }  # fmt: skip
    if explain.suppressed_by is not None:
        row["suppressedBy"] = explain.suppressed_by.value
    if explain.kind is Kind.ESCALATION:
        row |= {
            "escalationThreshold": explain.threshold, "escalationWindow": window_words(explain.window_s),
            "escalationCount": explain.count,
        }  # fmt: skip
    return row


def _escalation(escalation: Escalation) -> str:
    if not escalation.is_on:
        return "未启用"
    window = window_words(parse_duration_s(escalation.window))
    return f"阈值{escalation.threshold}次 / {window} -> {escalation.level or Level.FATAL.value}"


def _config_of(settings: Settings) -> Document:
    logs = settings.agent.logs
    return {
        "enabled": logs.enabled,
        "logPaths": _shown_paths(settings, logs),
        "pollInterval": _shown_poll(settings, logs),
        "rulesFile": "",
        "startFromEnd": logs.start_from_end,
        "suppressEnabled": logs.suppress,
    }


def _shown_paths(settings: Settings, logs: LogAlertSettings) -> str:
    text = settings.legacy_api.shown.alert_log_paths
    if text is not None and tuple(os.path.abspath(path) for path in _WORDS.split(text) if path) == logs.paths:
        return text
    return ", ".join(logs.paths)


def _shown_poll(settings: Settings, logs: LogAlertSettings) -> str:
    text = settings.legacy_api.shown.alert_poll_interval
    return text if text is not None and parse_duration_s(text) == logs.poll else format_duration(logs.poll)


def _poll_s(text: str) -> float:
    try:
        seconds = parse_duration_s(text)
    except ValueError as exc:
        raise InputError("告警轮询间隔无效", reason=f"无效时间: {text[:100]}") from exc
    if not 0.1 <= seconds <= 3600:
        raise InputError("告警轮询间隔无效", reason=f"无效时间: {text[:100]}")
    return seconds
