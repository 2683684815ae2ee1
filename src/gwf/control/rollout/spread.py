"""Says which versions of a layer run at how many agents, now and over time. Pure but for the board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gwf.control.config.model import LayerId, VersionId
from gwf.control.rollout.board import Board
from gwf.control.rollout.ports import AgentNow, Take

Versions = tuple[VersionId, ...]


@dataclass(slots=True, kw_only=True)
class Spread:
    """How the versions of one layer are spread over its agents, or over those of one group."""

    agents: int = 0
    versions: Counter[VersionId] = field(default_factory=Counter[VersionId])
    #: run no version of this layer
    none: int = 0
    #: nothing was heard of them, or they run what the centre never offered
    unknown: int = 0

    def take(self, version: VersionId | None, *, known: bool) -> None:
        """Count one agent."""
        self.agents += 1
        if version is not None:
            self.versions[version] += 1
        elif known:
            self.none += 1
        else:
            self.unknown += 1


@dataclass(slots=True, kw_only=True)
class LayerSpread:
    """How the versions of a layer are spread, over all its agents and group by group."""

    whole: Spread = field(default_factory=Spread)
    #: by id of the group
    groups: dict[str, Spread] = field(default_factory=dict[str, Spread])

    def take(self, agent: AgentNow, version: VersionId | None, *, known: bool) -> None:
        """Count one agent."""
        self.whole.take(version, known=known)
        for group in agent.groups:
            self.groups.setdefault(group, Spread()).take(version, known=known)


def foreign_hashes(board: Board, agents: Iterable[AgentNow]) -> set[str]:
    """Return what agents run of which the board alone does not know what it is made of."""
    found = ((agent, board.running(agent)) for agent in agents)
    return {running for agent, running in found if running is not None and _on_board(board, agent, running) is None}


def spread_of(
    board: Board,
    layer: LayerId,
    agents: Iterable[AgentNow],
    *,
    mine: Collection[VersionId],
    made: Mapping[str, Versions],
) -> Iterator[tuple[AgentNow, VersionId | None, bool]]:
    """Yield the agents of a layer, each with the one of its versions `mine` that it runs, and whether that is known.

    `made` says what `foreign_hashes` are made of.
    """
    for agent in agents:
        if all(known.id != layer for known in board.layers_of(agent)):
            continue
        running = board.running(agent)
        runs = () if running is None else _on_board(board, agent, running) or made.get(running)
        known = runs is not None and bool(agent.heard_at_ms)
        version = next((one for one in runs or () if one in mine), None)
        yield agent, version, known


def _on_board(board: Board, agent: AgentNow, running: str) -> Versions | None:
    target = board.target(agent)
    if target.hash == running:
        return target.versions
    newest = board.newest.get(agent.agent)
    return newest.versions if newest is not None and newest.hash == running else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How many agents ran each version, at some moments."""

    times_ms: tuple[int, ...]
    #: by version, one number a moment
    agents: Mapping[VersionId, tuple[int, ...]]


def course_of(takes: Sequence[Take], mine: Collection[VersionId], times_ms: Sequence[int]) -> Course:
    """Return the course of the versions `mine` of a layer; `takes` are in the order of their times."""
    runs: dict[str, VersionId] = {}
    now: Counter[VersionId] = Counter()
    seen: dict[VersionId, list[int]] = {}
    at = 0
    for place, moment in enumerate(times_ms):
        while at < len(takes) and takes[at].at_ms <= moment:
            _step(runs, now, takes[at], mine=mine)
            at += 1
        for version, count in now.items():
            if count:
                seen.setdefault(version, [0] * len(times_ms))[place] = count
    return Course(times_ms=tuple(times_ms), agents={version: tuple(counts) for version, counts in seen.items()})


def _step(runs: dict[str, VersionId], now: Counter[VersionId], take: Take, *, mine: Collection[VersionId]) -> None:
    before = runs.pop(take.agent, None)
    if before is not None:
        now[before] -= 1
    after = next((version for version in take.versions if version in mine), None)
    if after is not None:
        runs[take.agent] = after
        now[after] += 1
