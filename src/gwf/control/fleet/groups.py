"""Decides which groups an agent belongs to, and which thresholds hold for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import NewType

from gwf.control.fleet.state import Thresholds
from gwf.control.selectors import Selector
from gwf.core.errors import NotFoundError

GroupId = NewType("GroupId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentGroup:
    """Agents that are treated alike."""

    group_id: GroupId
    tenant: str
    #: unique in the tenant
    name: str
    description: str = ""
    #: agents with these labels belong to it; None = only those that were put in by name
    selector: Selector | None = None
    #: of two groups of an agent the one with the higher number decides
    priority: int = 0
    #: None = the usual ones
    thresholds: Thresholds | None = None
    created_at_ms: int = 0
    updated_at_ms: int = 0
    #: grows with each change; a change names the one it was made from
    revision: int = 1

    def facts(self) -> dict[str, object]:
        """Return what an audit entry compares."""
        return {
            "name": self.name,
            "description": self.description,
            "selector": None if self.selector is None else str(self.selector),
            "priority": self.priority,
            "thresholds": None if self.thresholds is None else asdict(self.thresholds),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What an agent's groups come to."""

    #: the one that decides most first
    groups: tuple[AgentGroup, ...] = ()
    thresholds: Thresholds = field(default_factory=Thresholds)


def membership(
    labels: Mapping[str, str], groups: Iterable[AgentGroup], *, pinned: GroupId | None, usual: Thresholds
) -> Membership:
    """Return the groups of an agent with these labels; `pinned` is the one it was put in by name, which decides first.

    After it, a higher priority decides first, then the name in the order of letters.
    """
    mine = [group for group in groups if group.group_id == pinned or _selects(group, labels)]
    mine.sort(key=lambda group: (group.group_id != pinned, -group.priority, group.name))
    return Membership(groups=tuple(mine), thresholds=_thresholds(mine, usual))


def named(groups: Iterable[AgentGroup], name: str) -> AgentGroup:
    """Return the group of this id or name.

    Raises:
        NotFoundError: There is none.
    """
    for group in groups:
        if name in {group.group_id, group.name}:
            return group
    raise NotFoundError("no such group", group=name)


def has_text(group: AgentGroup, text: str) -> bool:
    """Tell whether a text stands in a group's id, name, description or selector, without regard to case."""
    parts = (group.group_id, group.name, group.description, "" if group.selector is None else str(group.selector))
    return any(text.strip().casefold() in part.casefold() for part in parts)


def _selects(group: AgentGroup, labels: Mapping[str, str]) -> bool:
    return group.selector is not None and group.selector.matches(labels)


def _thresholds(groups: Sequence[AgentGroup], usual: Thresholds) -> Thresholds:
    return next((group.thresholds for group in groups if group.thresholds is not None), usual)
