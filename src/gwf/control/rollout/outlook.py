"""What people look at beside layers and rollouts: what became of versions, where they run, how far a rollout came."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gwf.audit.model import AuditRow
from gwf.audit.ports import AuditFilter, AuditStore
from gwf.control.config.diff import diff
from gwf.control.config.model import ConfigVersion, LayerId, VersionId
from gwf.control.rollout.boards import Boards
from gwf.control.rollout.look import listed, members_in_turns
from gwf.control.rollout.model import AttemptPhase, RolloutId
from gwf.control.rollout.ports import (
    AttemptFilter,
    ConfigReads,
    ConfigStore,
    Fleet,
    Page,
    VersionFilter,
)
from gwf.control.rollout.records import Attempt, OfferKind, Rollout
from gwf.control.rollout.seats import MAX_SEATS, Seat, seats_of
from gwf.control.rollout.spread import Course, LayerSpread, course_of, foreign_hashes, spread_of
from gwf.core.errors import NotFoundError
from gwf.core.turns import pieces

MAX_MOVES = 2_000  #: entries of one rollout; a wave of 10,000 agents makes 20
MAX_TAKES = 200_000  #: offers that a course is made from; beyond, its beginning is cut off
_PIECE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionStory:
    """A version, how much it changed, and what became of it."""

    version: ConfigVersion
    #: values that differ from its parent
    changes: int
    #: its newest rollout; None = it never had one
    rollout: Rollout | None
    #: agents by phase of the offer that this rollout made them
    phases: Mapping[AttemptPhase, int]


class ConfigOutlook:
    """Reads only."""

    def __init__(self, store: ConfigStore, audit: AuditStore, boards: Boards, *, fleet: Fleet) -> None:
        """Look at these."""
        self._store = store
        self._audit = audit
        self._boards = boards
        self._fleet = fleet

    async def count_versions(self, tenant: str, wanted: VersionFilter) -> int:
        """Return how many versions a filter lets through."""
        async with self._store.view() as reads:
            return await reads.count_versions(tenant, wanted)

    async def stories(self, tenant: str, wanted: VersionFilter, page: Page) -> Sequence[VersionStory]:
        """Return versions, newest first, with what became of them."""
        async with self._store.view() as reads:
            versions = await reads.list_versions(tenant, wanted, page)
            parents = await reads.versions(tenant, {version.parent for version in versions if version.parent})
            rollouts = await reads.newest_rollouts(tenant, {version.id for version in versions})
            phases = await reads.count_attempts_of(tenant, {rollout.id for rollout in rollouts.values()})
        before = {parent.id: parent.document for parent in parents}
        return [
            VersionStory(
                version=version,
                changes=len(diff(before.get(version.parent, {}) if version.parent else {}, version.document)),
                rollout=rollouts.get(version.id),
                phases=phases.get(rollouts[version.id].id, {}) if version.id in rollouts else {},
            )
            for version in versions
        ]

    async def version_numbered(self, tenant: str, layer: LayerId, number: int) -> ConfigVersion:
        """Return the version of a layer that has this number.

        Raises:
            NotFoundError: No such layer, or it has no such version.
        """
        async with self._store.view() as reads:
            numbers = await reads.version_numbers(tenant, (await reads.layer(tenant, layer)).id)
            wanted = [version for version, known in numbers.items() if known == number]
            for version in await reads.versions(tenant, wanted):
                return version
        raise NotFoundError("the layer has no version of this number", layer_id=layer, number=number)

    async def spread(self, tenant: str, layer: LayerId) -> tuple[LayerSpread, Mapping[VersionId, int]]:
        """Return where the versions of a layer run now, and their numbers.

        Raises:
            NotFoundError: No such layer.
        """
        board, agents = self._boards.of(tenant), list(self._fleet.all(tenant))
        foreign: set[str] = set()
        async for some in pieces(agents):
            foreign |= foreign_hashes(board, some)
        async with self._store.view() as reads:
            numbers = await reads.version_numbers(tenant, (await reads.layer(tenant, layer)).id)
            made = await reads.versions_by_hash(tenant, foreign)
        spread = LayerSpread()
        async for some in pieces(agents):
            for agent, version, known in spread_of(board, layer, some, mine=numbers.keys(), made=made):
                spread.take(agent, version, known=known)
        return spread, numbers

    async def course(
        self, tenant: str, layer: LayerId, times_ms: Sequence[int]
    ) -> tuple[Course, Mapping[VersionId, int]]:
        """Return how many agents ran each version of a layer at some moments, and the numbers of its versions.

        Raises:
            NotFoundError: No such layer.
        """
        async with self._store.view() as reads:
            numbers = await reads.version_numbers(tenant, (await reads.layer(tenant, layer)).id)
            takes = await reads.takes(tenant, since_ms=times_ms[0], until_ms=times_ms[-1] + 1, limit=MAX_TAKES)
        return await asyncio.to_thread(course_of, takes, numbers.keys(), times_ms), numbers

    async def seats(self, tenant: str, rollout: RolloutId) -> tuple[Rollout, Sequence[Seat], Sequence[int]]:
        """Return a rollout, its agents in the order in which it reaches them, and when its waves began, in ms.

        Raises:
            NotFoundError: No such rollout.
        """
        moves, attempts = await self.moves(tenant, rollout), None
        board = self._boards.of(tenant)
        async with self._store.view() as reads:
            found = await reads.rollout(tenant, rollout)
            if rollout not in board.rollouts:
                attempts = await _offers_of(reads, found)
        ended, began = rollout not in board.rollouts, began_ms(found, moves)
        if ended and attempts is None:  # it ended while we read, and the board let go of what it was made from
            return await self.seats(tenant, rollout)
        attempts = attempts if ended and attempts is not None else dict(board.waves[rollout])
        agents = await listed(self._fleet.all(tenant))
        board = board.snapshot()
        members = {} if ended else await members_in_turns(board, found, agents)
        seats = list(seats_of(board, found, agents, members=members, attempts=attempts, began=began))
        return found, seats[:MAX_SEATS], began

    async def reached(self, tenant: str, rollout: RolloutId) -> tuple[Rollout, frozenset[str]]:
        """Return a rollout and the agents that it was offered to.

        Raises:
            NotFoundError: No such rollout.
        """
        async with self._store.view() as reads:
            found = await reads.rollout(tenant, rollout)
            board = self._boards.of(tenant)
            if rollout in board.rollouts:
                return found, frozenset(board.waves[rollout])
            return found, frozenset(await _offers_of(reads, found))

    async def moves(self, tenant: str, rollout: RolloutId) -> Sequence[AuditRow]:
        """Return what was done to a rollout and what it did, newest first, as the audit has it.

        Raises:
            NotFoundError: No such rollout.
        """
        async with self._store.view() as reads:
            await reads.rollout(tenant, rollout)
        wanted = AuditFilter(resource_kinds=frozenset({"rollout"}), resource_id=rollout)
        async with self._audit.view(tenant) as view:
            return await view.page(wanted, below=None, limit=MAX_MOVES)

    def group_names(self, tenant: str) -> Mapping[str, str]:
        """Return the name of each group by its id."""
        return self._fleet.group_names(tenant)


def began_ms(rollout: Rollout, moves: Sequence[AuditRow]) -> tuple[int, ...]:
    """Return when each wave began that did; `moves` are newest first."""
    later = [row.at_ms for row in reversed(moves) if '"path":"/wave"' in row.changes and '"before"' in row.changes]
    return (rollout.created_at_ms, *later[: rollout.state.wave])


async def _offers_of(reads: ConfigReads, rollout: Rollout) -> dict[str, Attempt]:
    """Return the newest offer of a rollout's waves to each agent."""
    found: dict[str, Attempt] = {}
    page: Page | None = Page(limit=_PIECE)
    while page is not None and len(found) < MAX_SEATS:
        some = await reads.list_attempts(rollout.tenant, AttemptFilter(rollout=rollout.id), page)
        for attempt in some:
            if attempt.kind is OfferKind.WAVE:
                found.setdefault(attempt.agent, attempt)
        page = Page(limit=_PIECE, after=(some[-1].offered_at_ms, some[-1].id)) if len(some) == _PIECE else None
    return found
