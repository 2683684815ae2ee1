"""Layers, versions, rollouts and attempts over SQL: the transactions that change them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gwf.audit.deed import check_revision
from gwf.audit.model import AuditEntry, Resource
from gwf.control.config.model import ConfigVersion, Layer
from gwf.control.rollout.model import OPEN, REFUSED, AttemptPhase, RolloutId
from gwf.control.rollout.records import Attempt, PhaseChange, Rollout
from gwf.core.clock import Clock
from gwf.core.errors import ConflictError, NotFoundError
from gwf.db.config_reads import CLOCK, ConfigRows
from gwf.db.config_rows import (
    attempt_values,
    fault_values,
    layer_values,
    rollout_of,
    rollout_values,
    version_values,
)
from gwf.db.half import CoreChange, CoreHalf
from gwf.db.secret_store import SecretRowsChange
from gwf.db.tables.configuration import config_layers, config_versions, rollout_attempts, rollouts
from gwf.db.tables.work import counters
from gwf.vault.ports import SecretChange

_MANY = 500


class SqlConfigStore:
    """Where they are kept (gwf.control.rollout.ports.ConfigStore)."""

    def __init__(self, core: CoreHalf, clock: Clock) -> None:
        """Keep them in the core half."""
        self._core = core
        self._clock = clock

    @asynccontextmanager
    async def view(self) -> AsyncGenerator[ConfigRows]:
        """Give reads of one moment."""
        async with self._core.view() as connection:
            yield ConfigRows(connection)

    @asynccontextmanager
    async def change(self) -> AsyncGenerator[ConfigRowsChange]:
        """Run a transaction."""
        async with self._core.change() as change:
            yield ConfigRowsChange(change, self._clock)


class ConfigRowsChange(ConfigRows):
    """Reads and writes of one transaction (gwf.control.rollout.ports.ConfigChange).

    The first write takes the next number of the clock and holds it until the commit: so numbers are committed in their
    order, and whoever saw number n misses nothing up to n.
    """

    def __init__(self, change: CoreChange, clock: Clock) -> None:
        """Write with `change`."""
        super().__init__(change.connection)
        self._change = change
        self._clock = clock
        self._number: int | None = None
        self.sealing: SecretChange = SecretRowsChange(change, clock)

    async def rollout(self, tenant: str, rollout: RolloutId) -> Rollout:
        """Return a rollout that nobody else changes before this transaction ends, or raise NotFoundError."""
        wanted = self._rollout(tenant, rollout).with_for_update()
        return rollout_of(await self._one(wanted, NotFoundError("no such rollout", rollout_id=rollout)))

    async def add_layer(self, layer: Layer) -> None:
        """Store a new layer, or raise ConflictError."""
        table = config_layers
        there = sa.select(table.c.layer_id).where(
            table.c.tenant_id == layer.tenant, table.c.kind == layer.kind.value, table.c.target_id == layer.subject
        )
        await self._next()
        known = await self._connection.scalar(there)
        if known is not None:
            raise ConflictError("there is such a layer", layer_id=known)
        await self._connection.execute(sa.insert(table).values(**layer_values(layer), updated_at_ms=layer.revision))

    async def put_layer(self, layer: Layer) -> None:
        """Store what changed of a layer; its revision grows."""
        await self._next()
        table = config_layers
        revision = max(self._clock.now_ms(), layer.revision + 1)
        values = {"version_id": layer.current, "last_number": layer.last_number, "updated_at_ms": revision}
        await self._connection.execute(
            sa.update(table).where(table.c.tenant_id == layer.tenant, table.c.layer_id == layer.id).values(values)
        )

    async def remove_layer(self, layer: Layer) -> None:
        """Remove a layer; its versions stay."""
        await self._next()
        table = config_layers
        await self._connection.execute(
            sa.delete(table).where(table.c.tenant_id == layer.tenant, table.c.layer_id == layer.id)
        )

    async def add_version(self, version: ConfigVersion) -> None:
        """Store a new version."""
        await self._next()
        await self._connection.execute(sa.insert(config_versions).values(version_values(version)))

    async def add_rollout(self, rollout: Rollout) -> None:
        """Store a new rollout, or raise ConflictError."""
        await self._next()
        await self.layer(rollout.tenant, rollout.layer)  # it may have been removed since it was looked at
        table = rollouts
        active = sa.select(table.c.rollout_id).where(
            table.c.tenant_id == rollout.tenant, table.c.layer_id == rollout.layer, table.c.is_active
        )
        known = await self._connection.scalar(active)
        if known is not None:
            raise ConflictError("the layer has a rollout that has not ended", rollout_id=known)
        await self._connection.execute(
            sa.insert(table).values(**rollout_values(rollout), updated_at_ms=self._clock.now_ms())
        )

    async def put_rollout(self, rollout: Rollout) -> None:
        """Store a new state of a rollout, or raise ConflictError."""
        check_revision(Resource(kind="rollout", id=rollout.id), rollout.revision - 1)
        await self._next()
        table = rollouts
        mine = sa.and_(
            table.c.tenant_id == rollout.tenant,
            table.c.rollout_id == rollout.id,
            table.c.revision == rollout.revision - 1,
        )
        values = {**rollout_values(rollout), "updated_at_ms": self._clock.now_ms()}
        changed = await self._connection.execute(
            sa.update(table).where(mine).values(values).returning(table.c.revision)
        )
        if changed.first() is None:
            raise ConflictError("the rollout was changed meanwhile: look at it again", rollout_id=rollout.id)

    async def add_attempts(self, attempts: Sequence[Attempt]) -> None:
        """Store new attempts; what was still open at these agents is superseded."""
        table = rollout_attempts
        for at in range(0, len(attempts), _MANY):
            some = attempts[at : at + _MANY]
            number = await self._next()
            open_ones = sa.and_(
                table.c.tenant_id == some[0].tenant,
                table.c.agent_id.in_([attempt.agent for attempt in some]),
                table.c.phase.in_(sorted(OPEN)),
            )
            ended = {
                "phase": AttemptPhase.SUPERSEDED.value,
                "changed_at_ms": some[0].offered_at_ms,
                "change_no": number,
            }
            await self._connection.execute(sa.update(table).where(open_ones).values(ended))
            await self._connection.execute(sa.insert(table), [attempt_values(attempt, number) for attempt in some])

    async def put_phases(self, changes: Sequence[PhaseChange]) -> None:
        """Store new phases of attempts."""
        if not changes:
            return
        number = await self._next()
        table = rollout_attempts
        statement = (
            sa.update(table)
            .where(table.c.attempt_id == sa.bindparam("the_id"))
            .values(
                phase=sa.bindparam("the_phase"),
                changed_at_ms=sa.bindparam("the_time"),
                reason=sa.bindparam("the_reason", type_=table.c.reason.type),
                change_no=number,
            )
        )
        rows: list[dict[str, Any]] = [
            {
                "the_id": change.id,
                "the_phase": change.phase.value,
                "the_time": change.at_ms,
                "the_reason": fault_values(change.reason),
            }
            for change in changes
        ]
        await self._connection.execute(statement, rows)

    async def forgive(self, tenant: str, agent: str, config_hash: str) -> int:
        """Mark the refusals of a configuration by an agent as forgiven; return how many there were."""
        table = rollout_attempts
        refused = sa.and_(
            table.c.tenant_id == tenant,
            table.c.agent_id == agent,
            table.c.hash == config_hash,
            table.c.phase.in_(sorted(REFUSED)),
            ~table.c.forgiven,
        )
        values = {"forgiven": True, "change_no": await self._next()}
        changed = sa.update(table).where(refused).values(values).returning(table.c.attempt_id)
        return len((await self._connection.execute(changed)).all())

    def record(self, entry: AuditEntry) -> None:
        """Have an entry written to the audit with this transaction."""
        self._change.record(entry)

    async def _next(self) -> int:
        if self._number is None:
            insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
            step = insert(counters).values(**CLOCK, value=1)
            step = step.on_conflict_do_update(
                index_elements=[counters.c.tenant_id, counters.c.name], set_={"value": counters.c.value + 1}
            )
            self._number = int(await self._connection.scalar(step.returning(counters.c.value)) or 0)
        return self._number
