"""Lays the agents of a fleet out by group, one cell each, so that thousands are seen at one look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwf.control.fleet.groups import AgentGroup
from gwf.control.fleet.listing import Sieve, in_turns
from gwf.control.fleet.roster import Live
from gwf.control.fleet.track import RANK, Condition

MAX_CELLS = 5_000  #: of one group


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatGroup:
    """The agents that a group decides most about, by hostname; each agent stands in one group only."""

    #: None = agents without a group
    group: AgentGroup | None
    agents: int
    conditions: Mapping[Condition, int]
    #: all, or the worst of them if there are too many
    cells: Sequence[Live]


async def heat(lives: Iterable[Live], sieve: Sieve, *, cells: int) -> Sequence[HeatGroup]:
    """Return the groups by name, agents without one last; `lives` are in the order of their places."""
    members: dict[str, list[Live]] = {}
    groups: dict[str, AgentGroup | None] = {}
    async for live in in_turns(lives):
        if sieve.shows(live):
            group = live.membership.groups[0] if live.membership.groups else None
            name = "" if group is None else group.group_id
            groups[name] = group
            members.setdefault(name, []).append(live)
    found = [
        HeatGroup(
            group=groups[name],
            agents=len(mine),
            conditions=Counter(live.condition() for live in mine),
            cells=_worst(mine, cells),
        )
        for name, mine in members.items()
    ]
    return sorted(found, key=lambda one: (one.group is None, "" if one.group is None else one.group.name))


def _worst(lives: Sequence[Live], limit: int) -> Sequence[Live]:
    """Return at most so many, the worst, in the order in which they came."""
    if len(lives) <= limit:
        return lives
    ranked = sorted(range(len(lives)), key=lambda at: (-RANK[lives[at].condition()], at))
    return [lives[at] for at in sorted(ranked[:limit])]
