"""Says what a rollout would do before anybody is offered anything. Pure but for the board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gwf.control.config.check import faults_of
from gwf.control.config.model import Effective, Fault
from gwf.control.rollout.board import Board
from gwf.control.rollout.look import affected, members_of
from gwf.control.rollout.ports import AgentNow
from gwf.control.rollout.records import Rollout
from gwf.control.rollout.waves import groups_of, in_order, limit

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


def impact_of(board: Board, rollout: Rollout, agents: Sequence[AgentNow]) -> Impact:
    """Return what `rollout` would do to `agents`; it need not be stored."""
    changed = list(affected(board, rollout, agents))
    members = members_of(board, rollout, [agent for agent, _ in changed])
    return Impact(
        layer_agents=sum(any(layer.id == rollout.layer for layer in board.layers_of(agent)) for agent in agents),
        affected=len(changed),
        reachable=sum(member.reachable for member in members.values()),
        refused=len(refusals_of(board, rollout, [agent for agent, _ in changed])),
        local=sum(agent.local for agent, _ in changed),
        waves=_waves(rollout, [agent for agent, _ in changed]),
        faults=_faults(changed),
        configurations=len({new.hash for _, new in changed}),
    )


def refusals_of(board: Board, rollout: Rollout, agents: Sequence[AgentNow]) -> tuple[tuple[str, str], ...]:
    """Return (agent, hash) of those that refused what a rollout brings them."""
    return tuple(
        (agent.agent, new.hash)
        for agent, new in affected(board, rollout, agents)
        if new.hash in board.refused.get(agent.agent, ())
    )


def _waves(rollout: Rollout, agents: Sequence[AgentNow]) -> tuple[WaveImpact, ...]:
    by_name = {agent.agent: agent for agent in agents}
    order, held = in_order(rollout.version, by_name), set[str]()
    found: list[WaveImpact] = []
    for index in range(len(rollout.plan.waves)):
        named = groups_of(rollout.plan.waves, index)
        room = limit(rollout.plan.waves, index, len(order)) - len(held)
        added = [name for name in order if name not in held and named.intersection(by_name[name].groups)]
        rest = [name for name in order if name not in held and name not in set(added)]
        added += rest[: max(0, room - len(added))]
        held.update(added)
        found.append(WaveImpact(agents=len(held), first=tuple(added[:MAX_NAMED])))
    return tuple(found)


def _faults(changed: Sequence[tuple[AgentNow, Effective]]) -> tuple[FaultyAgents, ...]:
    """Judge each distinct pair of configuration and labels once."""
    judged: dict[tuple[str, tuple[str, ...]], tuple[Fault, ...]] = {}
    names: dict[Fault, list[str]] = {}
    counts: Counter[Fault] = Counter()
    for agent, new in changed:
        key = new.hash, tuple(sorted(agent.labels))  # a key template asks which labels there are, not what they say
        if key not in judged:
            judged[key] = faults_of(new.document, agent.labels)
        for fault in judged[key]:
            counts[fault] += 1
            names.setdefault(fault, []).append(agent.agent)
    return tuple(
        FaultyAgents(fault=fault, agents=count, first=tuple(names[fault][:MAX_NAMED]))
        for fault, count in counts.most_common(MAX_LISTED)
    )
