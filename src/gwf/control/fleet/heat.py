"""Lays the agents of a fleet out by group, one cell each, so that thousands are seen at one look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gwf.control.fleet.groups import AgentGroup
from gwf.control.fleet.listing import Sieve
from gwf.control.fleet.roster import Live
from gwf.control.fleet.track import RANK, Condition
from gwf.core.turns import pieces

MAX_CELLS = 5_000  #: of one group


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatGroup:
    """The agents of a group, by hostname."""

    #: None = agents without a group
    group: AgentGroup | None
    agents: int
    conditions: Mapping[Condition, int]
    #: all, or the worst of them if there are too many
    cells: Sequence[Live]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetHeat:
    """All groups, and how many agents there are of each condition; an agent counts once."""

    groups: Sequence[HeatGroup]
    conditions: Mapping[Condition, int]


async def heat(lives: Iterable[Live], sieve: Sieve, *, cells: int, every: bool) -> FleetHeat:
    """Return the groups by name, agents without one last; `lives` are in the order of their places.

    An agent stands in every group it belongs to, or only in the one that decides most about it.
    """
    members: dict[str, list[Live]] = {}
    groups: dict[str, AgentGroup | None] = {}
    conditions: Counter[Condition] = Counter()
    async for some in pieces(lives):
        for live in filter(sieve.shows, some):
            conditions[live.condition()] += 1
            mine = live.membership.groups
            for group in (mine if every else mine[:1]) or (None,):
                name = "" if group is None else group.group_id
                groups[name] = group
                members.setdefault(name, []).append(live)
    shown = [
        HeatGroup(
            group=groups[name],
            agents=len(found),
            conditions=Counter(live.condition() for live in found),
            cells=_worst(found, cells),
        )
        for name, found in members.items()
    ]
    shown.sort(key=lambda one: (one.group is None, "" if one.group is None else one.group.name))
    return FleetHeat(groups=shown, conditions=conditions)


def _worst(lives: Sequence[Live], limit: int) -> Sequence[Live]:
    """Return at most so many, the worst, in the order in which they came."""
    if len(lives) <= limit:
        return lives
    ranked = sorted(range(len(lives)), key=lambda at: (-RANK[lives[at].condition()], at))
    return [lives[at] for at in sorted(ranked[:limit])]
