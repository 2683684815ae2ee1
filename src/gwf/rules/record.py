"""Rules as they are kept: heads, versions and the sets that were in force. Pure values."""

from __future__ import annotations

from dataclasses import dataclass

from gwf.events.model import JsonValue
from gwf.rules.decision import RuleVersion
from gwf.rules.model import Mode, Rule
from gwf.rules.parse import read_rule
from gwf.rules.versioned import Head, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHead(Head[RuleVersion]):
    """A rule over all its versions."""

    rule_id: str

    def at(self, version: int) -> RuleVersion:
        """Return the name of one of its versions."""
        return RuleVersion(self.rule_id, version)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRule(Version[RuleVersion]):
    """One version of a rule."""

    @property
    def priority(self) -> int:
        """When it is asked."""
        return _number(self.document.get("priority", 0))

    @property
    def enabled(self) -> bool:
        """Whether it matches at all."""
        return self.document.get("enabled", True) is True

    @property
    def observes(self) -> bool:
        """Whether its matches are only noted."""
        return self.document.get("mode") == Mode.OBSERVE

    def read(self) -> Rule:
        """Return the rule ready for use.

        Raises:
            FaultyRuleError: It was stored by a release that took what this one does not.
        """
        return read_rule(self.document, self.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSet:
    """Which versions were in force together."""

    tenant: str
    #: 1, 2, 3 … within the tenant
    number: int
    #: the order in which they are asked
    members: tuple[RuleVersion, ...]
    created_at_ms: int


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
