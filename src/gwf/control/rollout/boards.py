"""Keeps the boards of all tenants as new as the store, whoever wrote to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from gwf.control.bells import Bells
from gwf.control.rollout.board import Board
from gwf.control.rollout.model import AttemptPhase
from gwf.control.rollout.ports import ConfigReads, ConfigStore
from gwf.control.rollout.records import Attempt

CONFIG_BELL = "config"  #: the word that tells an agent of a new configuration
NEVER = -1


class Boards:
    """One board for each tenant, read from the store once and then kept up by what changed."""

    def __init__(self, store: ConfigStore, bells: Bells) -> None:
        """Read nothing yet; boards are empty until the first `refresh`."""
        self._store = store
        self._bells = bells
        self._boards: dict[str, Board] = {}
        self._seen = NEVER
        self._turn = asyncio.Lock()

    @property
    def change(self) -> int:
        """The number of the last change of layers, versions, rollouts or attempts that is known here."""
        return self._seen

    def of(self, tenant: str) -> Board:
        """Return the board of a tenant; one that is unknown has an empty one."""
        board = self._boards.get(tenant)
        if board is None:
            board = self._boards[tenant] = Board()
        return board

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have configurations."""
        return [tenant for tenant, board in self._boards.items() if board.layers]

    async def refresh(self) -> bool:
        """Take over what any server committed since the last time; tell whether there was anything.

        Raises:
            UnavailableError: The database did not answer; the boards stay as they were.
        """
        async with self._turn, self._store.view() as reads:
            change = await reads.changes()
            if change == self._seen:
                return False
            fresh: list[Attempt] = []
            for tenant in await reads.tenants():
                fresh += await self._take(reads, tenant)
            self._seen = change
        self._ring(fresh)
        return True

    async def take(self, written: Sequence[Attempt]) -> None:
        """Take over attempts that this server committed just now; the next `refresh` reads them too.

        In its turn: what a refresh read before the commit must not come after them.
        """
        async with self._turn:
            for attempt in written:
                self.of(attempt.tenant).take_attempts([attempt])

    async def _take(self, reads: ConfigReads, tenant: str) -> Sequence[Attempt]:
        layers, rollouts = await reads.layers(tenant), await reads.active_rollouts(tenant)
        board = self.of(tenant)
        wanted = {layer.current for layer in layers}
        wanted |= {part for rollout in rollouts for part in (rollout.before, rollout.version)}
        ids = {version for version in wanted if version is not None}
        known = [version for version in board.versions.values() if version.id in ids]
        missing = ids - board.versions.keys()
        versions = [*known, *(await reads.versions(tenant, missing) if missing else ())]
        board.take_plan(layers, versions, rollouts)
        first = self._seen == NEVER
        attempts = await (reads.attempts_that_count(tenant) if first else reads.attempts_since(tenant, self._seen))
        board.take_attempts(attempts)
        return attempts

    def _ring(self, attempts: Iterable[Attempt]) -> None:
        self._bells.ring((attempt.agent for attempt in attempts if attempt.phase is AttemptPhase.OFFERED), CONFIG_BELL)
