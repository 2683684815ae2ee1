"""Says what a rollout would do before anybody is offered anything. Pure but for the board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gwf.control.config.check import faults_of
from gwf.control.config.model import Effective, Fault
from gwf.control.rollout.board import Board
from gwf.control.rollout.look import affected
from gwf.control.rollout.ports import AgentNow
from gwf.control.rollout.records import Rollout
from gwf.control.rollout.waves import groups_of, in_order, limit
from gwf.core.turns import pieces

MAX_NAMED = 20  #: agents named as examples
MAX_LISTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveImpact:
    """What one wave would hold."""

    #: agents in all when this wave is done
    agents: int
    #: of those that it adds, the first few
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyAgents:
    """Agents for which the configuration would be wrong, for one reason."""

    fault: Fault
    agents: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a rollout would do, as the fleet is now."""

    #: agents of the layer
    layer_agents: int
    #: of them, those that it changes something for
    affected: int
    #: of these: can be told something now
    reachable: int
    #: … refused exactly this configuration before; they are left out
    refused: int
    #: … had managed settings changed on the host
    local: int
    waves: tuple[WaveImpact, ...]
    #: what is wrong for some agents only, for example a label that they do not have
    faults: tuple[FaultyAgents, ...]
    #: distinct effective configurations that would run
    configurations: int


@dataclass(slots=True)
class Reach:
    """What a rollout would do, added up agent by agent; the rollout need not be stored."""

    board: Board
    rollout: Rollout
    layer_agents: int = 0
    reachable: int = 0
    local: int = 0
    #: groups of the agents that it changes something for, by the agent's id
    affected: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    #: (agent, hash) of those that refused what it brings them
    refusals: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    _hashes: set[str] = field(default_factory=set[str])
    #: distinct pairs of configuration and names of labels, each judged once
    _judged: dict[tuple[str, tuple[str, ...]], tuple[Fault, ...]] = field(
        default_factory=dict[tuple[str, tuple[str, ...]], tuple[Fault, ...]]
    )
    _faulty: dict[Fault, list[str]] = field(default_factory=dict[Fault, list[str]])

    def take(self, agents: Sequence[AgentNow]) -> None:
        """Look at further agents."""
        layer = self.rollout.layer
        self.layer_agents += sum(any(one.id == layer for one in self.board.layers_of(agent)) for agent in agents)
        for agent, new in affected(self.board, self.rollout, agents):
            self.affected[agent.agent] = agent.groups
            self.reachable += agent.reachable
            self.local += agent.local
            self._hashes.add(new.hash)
            if new.hash in self.board.refused.get(agent.agent, ()):
                self.refusals.append((agent.agent, new.hash))
            for fault in self._faults_at(agent, new):
                self._faulty.setdefault(fault, []).append(agent.agent)

    def impact(self) -> Impact:
        """Return what it comes to."""
        faulty = sorted(self._faulty.items(), key=lambda item: -len(item[1]))[:MAX_LISTED]
        return Impact(
            layer_agents=self.layer_agents,
            affected=len(self.affected),
            reachable=self.reachable,
            refused=len(self.refusals),
            local=self.local,
            waves=_waves(self.rollout, self.affected),
            faults=tuple(
                FaultyAgents(fault=fault, agents=len(names), first=tuple(names[:MAX_NAMED])) for fault, names in faulty
            ),
            configurations=len(self._hashes),
        )

    def _faults_at(self, agent: AgentNow, new: Effective) -> tuple[Fault, ...]:
        key = new.hash, tuple(sorted(agent.labels))  # a key template asks which labels there are, not what they say
        if key not in self._judged:
            self._judged[key] = faults_of(new.document, agent.labels)
        return self._judged[key]


async def reach_of(board: Board, rollout: Rollout, agents: Iterable[AgentNow]) -> Reach:
    """Return what `rollout` would do to `agents`; others get the event loop meanwhile."""
    reach = Reach(board, rollout)
    async for some in pieces(agents):
        reach.take(some)
    return reach


def _waves(rollout: Rollout, groups: Mapping[str, tuple[str, ...]]) -> tuple[WaveImpact, ...]:
    left, held = in_order(rollout.version, groups), 0
    found: list[WaveImpact] = []
    for index in range(len(rollout.plan.waves)):
        named = groups_of(rollout.plan.waves, index)
        added = [name for name in left if named.intersection(groups[name])]
        rest = [name for name in left if not named.intersection(groups[name])] if added else left
        room = max(0, limit(rollout.plan.waves, index, len(groups)) - held - len(added))
        added, left = [*added, *rest[:room]], rest[room:]
        held += len(added)
        found.append(WaveImpact(agents=held, first=tuple(added[:MAX_NAMED])))
    return tuple(found)
