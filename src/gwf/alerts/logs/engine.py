"""Decides about lines that rules mean: told, held back, or kept only; and about lines that become many. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gwf.alerts.logs.model import (
    ESCALATION_ID,
    ESCALATION_TITLE,
    MAX_MESSAGE_CHARS,
    Escalation,
    Explain,
    Kind,
    Level,
    LogDecision,
    LogRuleset,
    Status,
    Suppressor,
)
from gwf.alerts.logs.windows import Settled, settled
from gwf.core.units import parse_duration_s


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantLine:
    """A line that a rule means."""

    #: place of the rule in its set
    rule: int
    text: str
    path: str
    at_ms: int


@dataclass(slots=True, kw_only=True)
class Memory:
    """What has to be remembered from one line to the next, also over restarts; `saved` and `restored` are JSON."""

    #: when something was told last, by rule, ms UTC
    told_at_ms: dict[str, int] = field(default_factory=dict[str, int])
    #: moments of lines of level system, oldest first, as many as the threshold needs
    system_at_ms: list[int] = field(default_factory=list[int])
    #: the threshold was passed and has not been fallen below since
    escalated: bool = False
    escalation_told_at_ms: int | None = None

    def saved(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {
            "told_at_ms": dict(self.told_at_ms), "system_at_ms": list(self.system_at_ms),
            "escalated": self.escalated, "escalation_told_at_ms": self.escalation_told_at_ms,
        }  # fmt: skip

    @staticmethod
    def restored(saved: Mapping[str, object]) -> Memory:
        """Return what `saved` returned."""
        told, moments = saved["told_at_ms"], saved["system_at_ms"]
        last = saved["escalation_told_at_ms"]
        if not isinstance(told, dict) or not isinstance(moments, list) or not isinstance(last, int | None):
            raise ValueError("this is no memory of an engine")  # a bad value of a kept document
        by_rule: dict[str, int] = told  # pyright: ignore[reportUnknownVariableType]
        ordered: list[int] = moments  # pyright: ignore[reportUnknownVariableType]
        return Memory(
            told_at_ms=dict(by_rule), system_at_ms=list(ordered), escalated=bool(saved["escalated"]),
            escalation_told_at_ms=last,
        )  # fmt: skip


class LogEngine:
    """Decides line by line; all it knows of the past is its memory."""

    def __init__(self, ruleset: LogRuleset, *, suppress: bool = True, memory: Memory | None = None) -> None:
        """Apply a set of rules; without `suppress` windows are not heeded."""
        self._rules = settled(ruleset)
        self._suppress = suppress
        self._escalation = _Escalating.of(ruleset.escalation)
        self.memory = memory or Memory()

    @property
    def rules(self) -> Sequence[Settled]:
        """The rules in their order."""
        return self._rules

    def decide(self, line: MeantLine) -> list[LogDecision]:
        """Return what is decided: nothing about noise, one decision else, two when lines have become many."""
        rule = self._rules[line.rule]
        if rule.rule.level is Level.IGNORE:
            return []
        found = [self._about(rule, line)]
        if self._escalation is not None:
            more = self._counted(self._escalation, rule.rule.level, line.at_ms)
            found += [] if more is None else [more]
        return found

    def _about(self, rule: Settled, line: MeantLine) -> LogDecision:
        last_ms = self.memory.told_at_ms.get(rule.rule.id)
        quiet = self._is_quiet(last_ms, rule.suppress_window_s, line.at_ms)
        status = Status.RECORDED if not rule.notify else Status.SUPPRESSED if quiet else Status.SENT
        if status is Status.SENT:
            self.memory.told_at_ms[rule.rule.id] = last_ms = line.at_ms
        return LogDecision(
            at_ms=line.at_ms,
            level=rule.rule.level,
            rule_id=rule.rule.id,
            rule_title=rule.rule.title,
            message=_cut(line.text),
            path=line.path,
            status=status,
            explain=Explain(
                kind=Kind.RULE_MATCH,
                notify=rule.notify,
                suppression=self._suppress,
                suppress_window_s=rule.suppress_window_s,
                suppressed_by=Suppressor.RULE_WINDOW if status is Status.SUPPRESSED else None,
                quiet_until_ms=self._quiet_until_ms(last_ms, rule.suppress_window_s),
            ),
        )

    def _counted(self, escalation: _Escalating, level: Level, at_ms: int) -> LogDecision | None:
        memory = self.memory
        if level is Level.SYSTEM:
            memory.system_at_ms.append(at_ms)
        begin_ms = at_ms - round(escalation.window_s * 1000)
        memory.system_at_ms = [moment for moment in memory.system_at_ms if moment > begin_ms]
        count = len(memory.system_at_ms)
        # more than the threshold says nothing new: what is kept stays as small as the rule
        del memory.system_at_ms[: max(0, count - escalation.threshold)]
        if count < escalation.threshold:
            memory.escalated = False
            return None
        if memory.escalated:
            return None
        memory.escalated = True
        last_ms = memory.escalation_told_at_ms
        quiet = self._is_quiet(last_ms, escalation.suppress_window_s, at_ms)
        if not quiet:
            memory.escalation_told_at_ms = last_ms = at_ms
        return LogDecision(
            at_ms=at_ms,
            level=escalation.level,
            rule_id=escalation.rule_id,
            rule_title=escalation.title,
            message=_cut(escalation.message),
            path=None,
            status=Status.SUPPRESSED if quiet else Status.SENT,
            explain=Explain(
                kind=Kind.ESCALATION,
                notify=True,
                suppression=self._suppress,
                suppress_window_s=escalation.suppress_window_s,
                suppressed_by=Suppressor.ESCALATION_WINDOW if quiet else None,
                quiet_until_ms=self._quiet_until_ms(last_ms, escalation.suppress_window_s),
                threshold=escalation.threshold,
                window_s=escalation.window_s,
                count=count,
            ),
        )

    def _is_quiet(self, last_ms: int | None, window_s: float, at_ms: int) -> bool:
        """Tell whether a window holds something back; a clock that was set back holds nothing back."""
        return self._suppress and last_ms is not None and 0 <= at_ms - last_ms < round(window_s * 1000)

    def _quiet_until_ms(self, last_ms: int | None, window_s: float) -> int | None:
        return last_ms + round(window_s * 1000) if self._suppress and last_ms is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Escalating:
    level: Level
    threshold: int
    window_s: float
    suppress_window_s: float
    rule_id: str
    title: str
    message: str

    @staticmethod
    def of(written: Escalation) -> _Escalating | None:
        if not written.is_on:
            return None
        window_s = parse_duration_s(written.window)
        return _Escalating(
            level=Level(written.level or Level.FATAL),
            threshold=written.threshold,
            window_s=window_s,
            suppress_window_s=parse_duration_s(written.suppress_window) if written.suppress_window else window_s,
            rule_id=written.rule_id or ESCALATION_ID,
            title=written.title or ESCALATION_TITLE,
            message=written.message or f"系统异常在{window_words(window_s)}内达到{written.threshold}次",
        )


def window_words(seconds: float) -> str:
    """Return a window as the Go version says it: whole hours, else whole minutes, else seconds, at least one."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}小时"
    return f"{whole // 60}分钟" if whole >= 60 else f"{max(1, whole)}秒"


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MAX_MESSAGE_CHARS else text[: MAX_MESSAGE_CHARS - 3] + "..."
