"""Rules as they are kept: heads, versions and the sets that were in force. Pure values."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gwf.events.model import JsonValue
from gwf.rules.decision import RuleVersion
from gwf.rules.model import Document, Mode, Rule
from gwf.rules.parse import read_rule


class RuleState(enum.StrEnum):
    """Where a version stands."""

    #: may still be written; decides nothing
    DRAFT = "draft"
    #: in force
    PUBLISHED = "published"
    #: was in force
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHead:
    """A rule over all its versions."""

    rule_id: str
    tenant: str
    #: of its newest version
    name: str
    #: version that somebody works on; None = nobody
    draft: int | None
    #: version in force; None = none
    published: int | None
    last_version: int
    created_at_ms: int
    updated_at_ms: int
    #: grows with each change; a change names the one it was made from
    revision: int = 1

    @property
    def state(self) -> RuleState:
        """In force, perhaps with a draft beside it; else a draft, else not in force any more."""
        if self.published is not None:
            return RuleState.PUBLISHED
        return RuleState.DRAFT if self.draft is not None else RuleState.RETIRED

    @property
    def shown(self) -> RuleVersion:
        """Return the version that lists show: the draft, else the one in force, else the last one."""
        return RuleVersion(self.rule_id, self.draft or self.published or self.last_version)

    def facts(self) -> dict[str, object]:
        """Return what an audit entry compares."""
        return {"name": self.name, "draft": self.draft, "published": self.published}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRule:
    """One version of a rule. Once published its document never changes."""

    ref: RuleVersion
    tenant: str
    state: RuleState
    document: Document
    author: str
    reason: str
    created_at_ms: int
    updated_at_ms: int
    published_at_ms: int | None = None
    retired_at_ms: int | None = None

    @property
    def name(self) -> str:
        """The name that this version gives the rule."""
        return str(self.document.get("name", ""))

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
