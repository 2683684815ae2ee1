"""How people call the things that the audit names by ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Ref = tuple[str, str]
"""Kind and id of a thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """How people call a thing."""

    name: str
    #: what else tells it apart
    facts: Mapping[str, str] = field(default_factory=dict[str, str])


class Names(Protocol):
    """Knows how people call the things that the audit names by ids."""

    async def of(self, tenant: str, refs: Collection[Ref]) -> Mapping[Ref, Named]:
        """Return the names of those of `refs` that are known."""
        ...


class Members(Protocol):
    """Knows which agents belong to groups now."""

    def of_group(self, tenant: str, group: str) -> Collection[str]:
        """Return the ids of a group's agents; `group` is its id or name, and one that is not there has none."""
        ...


def name_of(known: Mapping[Ref, Named], ref: Ref) -> str:
    """Return how people call a thing; "" when nobody knows."""
    return known[ref].name if ref in known else ""
