"""Shows the agents of the roster as configurations and rollouts see them."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from functools import lru_cache

from gwf.control.fleet.groups import Membership
from gwf.control.fleet.model import Agent, AgentId, Beat
from gwf.control.fleet.roster import Live, Roster
from gwf.control.fleet.state import AgentHealth, AgentState, Verdict
from gwf.control.rollout.model import HealthLevel
from gwf.control.rollout.ports import AgentNow
from gwf.core.settings.compare import Place
from gwf.core.settings.draft import dotted
from gwf.core.settings.part import LATER

_LEVELS = {
    AgentHealth.OK: HealthLevel.OK,
    AgentHealth.DEGRADED: HealthLevel.DEGRADED,
    AgentHealth.FAILING: HealthLevel.FAILING,
}
_Key = tuple[Agent, Beat | None, int | None, Verdict, Membership]
_IN_CONTACT = frozenset({AgentState.ONLINE, AgentState.DEGRADED})


class RosterFleet:
    """The fleet of the roster (gwf.control.rollout.ports.Fleet). Used in one event loop."""

    def __init__(self, roster: Roster) -> None:
        """Look at `roster`."""
        self._roster = roster
        self._seen: dict[AgentId, tuple[_Key, AgentNow]] = {}

    def find(self, tenant: str, agent: str) -> AgentNow | None:
        """Return an agent, or None for one that is unknown, another tenant's or revoked."""
        live = self._roster.find(AgentId(agent))
        if live is None or live.agent.tenant != tenant or live.agent.revoked_at_ms is not None:
            return None
        return self._now(live)

    def knows(self, tenant: str, agent: str) -> bool:
        """Tell whether a tenant has, or had, an agent: one that is revoked counts too."""
        live = self._roster.find(AgentId(agent))
        return live is not None and live.agent.tenant == tenant

    def all(self, tenant: str) -> Iterator[AgentNow]:
        """Yield every agent of a tenant that is not revoked."""
        lives: Iterable[Live] = self._roster.of_tenant(tenant)
        return (self._now(live) for live in lives if live.agent.revoked_at_ms is None)

    def group_names(self, tenant: str) -> dict[str, str]:
        """Return the name of each group by its id."""
        return {group.group_id: group.name for group in self._roster.groups_of(tenant)}

    def _now(self, live: Live) -> AgentNow:
        """Return how an agent is; made anew only when something of it changed, because whole fleets are looked at."""
        key = (live.agent, live.beat, live.contact_ms, live.verdict, live.membership)
        seen = self._seen.get(live.agent.agent_id)
        if seen is not None and all(map(operator.is_, seen[0], key)):
            return seen[1]
        now = self._made(live)
        self._seen[live.agent.agent_id] = key, now
        return now

    def _made(self, live: Live) -> AgentNow:
        agent, beat, contact_ms = live.agent, live.beat, live.contact_ms
        in_contact = live.verdict.state in _IN_CONTACT and beat is not None
        return AgentNow(
            tenant=agent.tenant,
            agent=agent.agent_id,
            labels=agent.all_labels,
            groups=tuple(group.group_id for group in live.membership.groups),
            reachable=in_contact,
            health=_LEVELS[beat.health] if in_contact and beat is not None else HealthLevel.GONE,
            running=None if beat is None else beat.config_hash,
            local=beat is not None and beat.config_local,
            heard_at_ms=0 if contact_ms is None else self._roster.steady.wall_ms(contact_ms),
            hostname=agent.hostname,
            lacks=() if beat is None else _lacks(frozenset(beat.knows)),
        )


@lru_cache(maxsize=64)
def _lacks(knows: frozenset[str]) -> tuple[Place, ...]:
    return tuple(place for place in LATER if dotted(place) not in knows)
