"""Words and values of rules: what one says, and what it asks for. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from gwf.events.model import JsonValue
from gwf.rules.decision import RuleVersion, Urgency
from gwf.rules.facts import Facts
from gwf.rules.matcher import Matcher
from gwf.rules.template import Filling, Template

MAX_NAME_CHARS = 100
MAX_DESCRIPTION_CHARS = 2_000
MAX_PRIORITY = 10_000
MAX_ACTIONS = 20  #: of one rule
MAX_KEY_PARTS = 10
MAX_TESTS = 100
MAX_CALENDARS = 20
MAX_DOCUMENT_BYTES = 256 * 1024

Document = Mapping[str, JsonValue]
"""A rule as people write it, as JSON values."""


class OnMatch(enum.StrEnum):
    """What a rule that matched means for those after it."""

    #: they are asked as well
    CONTINUE = "continue"
    #: they are not asked any more: rules that all say so are first-match
    STOP = "stop"


class Mode(enum.StrEnum):
    """What comes of a match."""

    #: the actions are taken
    ACT = "act"
    #: it is counted and kept with the decision, and nothing comes of it: no action, and rules after it are asked
    OBSERVE = "observe"


class KeyKind(enum.StrEnum):
    """What makes two actions of one rule the same work."""

    #: the event itself: each event is done once
    EVENT = "event"
    #: the same version of the same file: path, version and size
    FILE = "file"
    #: the same content, wherever it lies: SHA-256
    CONTENT = "content"


#: kinds of actions that are done where the event came from, unless the rule says otherwise
EDGE_KINDS = frozenset({"UPLOAD", "SCRIPT", "ARCHIVE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAction:
    """What a rule asks for when it matches."""

    #: UPLOAD, WEBHOOK, …
    kind: str
    config: Mapping[str, Filling]
    #: templates whose texts together with the rule name the work
    key: tuple[Template, ...]
    urgency: Urgency = Urgency.NORMAL
    #: the agent that told the event is to do it
    on_agent: bool = False
    #: names the action within its rule for ever; its place unless the rule says otherwise
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """An event and what the rule has to say about it; stored with the rule, a rule that fails one is not published."""

    name: str
    facts: Facts = field(compare=False)
    matched: bool
    #: kinds of the actions in their order; None = whatever they are
    actions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One version of a rule, read and checked."""

    ref: RuleVersion
    name: str
    #: the highest is asked first; of two the one with the lower id
    priority: int
    enabled: bool
    on_match: OnMatch
    when: Matcher
    then: tuple[RuleAction, ...]
    tests: tuple[RuleTest, ...] = ()
    mode: Mode = Mode.ACT
    #: what it was read from
    source: Document = field(default_factory=dict[str, JsonValue], compare=False, repr=False)

    def said(self, pointer: str) -> JsonValue:
        """Return what stands at a place of the rule, as it was written; None = nothing does."""
        found: JsonValue = dict(self.source)
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            match found:
                case list():
                    found = found[int(key)] if key.isdecimal() and int(key) < len(found) else None
                case dict():
                    found = found.get(key)
                case _:
                    return None
        return found

    @property
    def observes(self) -> bool:
        """Its matches are only noted."""
        return self.mode is Mode.OBSERVE

    @property
    def stops(self) -> bool:
        """Rules after it are not asked when it matches."""
        return self.on_match is OnMatch.STOP and not self.observes

    @property
    def work(self) -> tuple[RuleAction, ...]:
        """What becomes work at the centre when it matches."""
        return () if self.observes or self.carries else self.then

    @property
    def at_host(self) -> bool:
        """It travels to agents, which decide by it."""
        return self.carries and self.enabled and not self.observes

    @property
    def carries(self) -> bool:
        """It says how files are carried, which the agent decides before it sends them: one UPLOAD without a path."""
        if len(self.then) != 1:
            return False
        (action,) = self.then
        return action.kind == "UPLOAD" and action.on_agent and "path" not in action.config

    @property
    def order(self) -> tuple[int, str]:
        """Return what rules are sorted by."""
        return (-self.priority, self.ref.rule_id)
