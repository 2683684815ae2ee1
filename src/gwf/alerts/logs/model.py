"""Rules about lines of logs, as they are kept, and what is decided about a line."""

from __future__ import annotations

import enum
from dataclasses import dataclass

MAX_RULES = 5_000  #: of one set
MAX_WORDS = 200  #: keywords, patterns or excludes of one rule
MAX_WORD_CHARS = 1_000
MAX_MESSAGE_CHARS = 240  #: of a decision's message; the Go version cut at so many bytes, through characters
ESCALATION_ID = "system_spike"
ESCALATION_TITLE = "系统异常激增"
DEFAULT_WINDOW = "5m"


class Level(enum.StrEnum):
    """How much a line matters; the words are the Go version's."""

    #: the line is noise: nothing is decided, and no later rule is asked
    IGNORE = "ignore"
    BUSINESS = "business"
    SYSTEM = "system"
    FATAL = "fatal"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRule:
    """One rule; None and "" mean what the set's defaults say."""

    id: str
    title: str
    level: Level
    #: a line with one of these in it is meant
    keywords: tuple[str, ...] = ()
    #: RE2 expressions with the same meaning
    patterns: tuple[str, ...] = ()
    #: a line with one of these in it is not meant after all
    excludes: tuple[str, ...] = ()
    #: how long nothing further is sent after something was; as written, such as 5m
    suppress_window: str = ""
    match_case: bool | None = None
    #: None = by level: system and fatal are sent, business is recorded
    notify: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One more decision when lines of level system become many; texts are as written, "" = the default."""

    #: None = if there is a threshold
    enabled: bool | None = None
    #: "" = fatal
    level: str = ""
    window: str = ""
    threshold: int = 0
    #: "" = as long as the window
    suppress_window: str = ""
    rule_id: str = ""
    title: str = ""
    message: str = ""

    @property
    def is_on(self) -> bool:
        """Whether lines are counted."""
        return self.threshold > 0 if self.enabled is None else self.enabled


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRuleset:
    """All rules about lines, asked in their order; the first that means a line decides."""

    #: a number people give; says nothing
    version: int = 1
    suppress_window: str = DEFAULT_WINDOW
    match_case: bool | None = None
    escalation: Escalation = Escalation()
    rules: tuple[LogRule, ...] = ()


class Status(enum.StrEnum):
    """What became of a decision."""

    #: it is told to people
    SENT = "sent"
    #: it is not told, because people were told a moment ago
    SUPPRESSED = "suppressed"
    #: it is kept, and never told
    RECORDED = "recorded"


class Kind(enum.StrEnum):
    """What led to a decision."""

    RULE_MATCH = "rule_match"
    ESCALATION = "escalation"


class Suppressor(enum.StrEnum):
    """Which window kept a decision from being told."""

    RULE_WINDOW = "rule_window"
    ESCALATION_WINDOW = "escalation_window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """Why a decision came out as it did."""

    kind: Kind
    notify: bool
    #: whether windows were heeded at all
    suppression: bool
    suppress_window_s: float
    suppressed_by: Suppressor | None = None
    #: until when nothing further of this rule is told, ms UTC; None = nothing was told yet
    quiet_until_ms: int | None = None
    #: of an escalation: how many lines it takes, within how long, and how many there were
    threshold: int = 0
    window_s: float = 0.0
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDecision:
    """What was decided about a line, or about many."""

    at_ms: int
    level: Level
    rule_id: str
    rule_title: str
    #: the line without blanks around it, cut to MAX_MESSAGE_CHARS
    message: str
    #: absolute path of the log; None = the decision is about several
    path: str | None
    status: Status
    explain: Explain
