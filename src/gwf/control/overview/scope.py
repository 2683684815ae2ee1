"""Which part of the fleet somebody looks at: an environment, a group, or both. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gwf.control.fleet.roster import Live

ENV = "env"  #: the label that names the environment


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the fleet; empty texts = all of it."""

    #: value of the label `env`
    env: str = ""
    #: id or name
    group: str = ""

    @property
    def is_all(self) -> bool:
        """True when nothing is left out."""
        return not (self.env or self.group)

    def holds(self, live: Live) -> bool:
        """Tell whether an agent belongs to it."""
        if self.env and live.agent.all_labels.get(ENV) != self.env:
            return False
        groups = live.membership.groups
        return not self.group or any(self.group in {one.group_id, one.name} for one in groups)

    def of(self, lives: Iterable[Live]) -> Iterator[Live]:
        """Yield the agents that belong to it."""
        return (live for live in lives if self.holds(live))
