"""Reads of layers, versions, rollouts and attempts over SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gwf.control.config.model import ConfigVersion, Layer, LayerId, VersionId
from gwf.control.rollout.model import OPEN, REFUSED, AttemptId, AttemptPhase, RolloutId
from gwf.control.rollout.ports import AttemptFilter, Page, RolloutFilter, Take, VersionFilter
from gwf.control.rollout.records import Attempt, OfferKind, Rollout
from gwf.core.errors import NotFoundError
from gwf.db.config_rows import attempt_of, layer_of, rollout_of, version_of
from gwf.db.secret_store import SecretRows
from gwf.db.tables.configuration import config_layers, config_versions, rollout_attempts, rollouts
from gwf.db.tables.work import counters
from gwf.vault.ports import SecretReads

CLOCK = {"tenant_id": "", "name": "config_changes"}  #: the counter of committed changes, of all tenants
_KINDS = ("base", "group", "agent")
_OPEN, _REFUSED = sorted(OPEN), sorted(REFUSED)
_MANY = 500  #: values in one IN list; PostgreSQL and SQLite take far more, but plans stay small


class ConfigRows:
    """Reads within one transaction or moment (gwf.control.rollout.ports.ConfigReads)."""

    def __init__(self, connection: AsyncConnection) -> None:
        """Read by `connection`."""
        self._connection = connection
        self.sealed: SecretReads = SecretRows(connection)

    async def tenants(self) -> Sequence[str]:
        """Return the tenants that have layers."""
        found = await self._connection.scalars(sa.select(config_layers.c.tenant_id).distinct())
        return sorted(found)

    async def changes(self) -> int:
        """Return the number of the last committed change; 0 = none yet."""
        wanted = sa.select(counters.c.value).filter_by(**CLOCK)
        return await self._connection.scalar(wanted) or 0

    async def layers(self, tenant: str) -> Sequence[Layer]:
        """Return all layers, the base first, then groups, then agents."""
        table = config_layers
        order = sa.case({kind: at for at, kind in enumerate(_KINDS)}, value=table.c.kind)
        wanted = sa.select(table).where(table.c.tenant_id == tenant).order_by(order, table.c.layer_id)
        return [layer_of(row) for row in await self._connection.execute(wanted)]

    async def layer(self, tenant: str, layer: LayerId) -> Layer:
        """Return a layer, or raise NotFoundError."""
        table = config_layers
        wanted = sa.select(table).where(table.c.tenant_id == tenant, table.c.layer_id == layer)
        return layer_of(await self._one(wanted, NotFoundError("no such layer", layer_id=layer)))

    async def version(self, tenant: str, version: VersionId) -> ConfigVersion:
        """Return a version, or raise NotFoundError."""
        table = config_versions
        wanted = sa.select(table).where(table.c.tenant_id == tenant, table.c.version_id == version)
        return version_of(await self._one(wanted, NotFoundError("no such version", version_id=version)))

    async def versions(self, tenant: str, ids: Collection[VersionId]) -> Sequence[ConfigVersion]:
        """Return those of `ids` that there are."""
        table, found, wanted = config_versions, list[ConfigVersion](), sorted(ids)
        for at in range(0, len(wanted), _MANY):
            some = table.c.version_id.in_(wanted[at : at + _MANY])
            rows = await self._connection.execute(sa.select(table).where(table.c.tenant_id == tenant, some))
            found += [version_of(row) for row in rows]
        return found

    async def newest_version(self, tenant: str, layer: LayerId) -> ConfigVersion | None:
        """Return the version of a layer with the highest number; None = it has none."""
        table = config_versions
        wanted = sa.select(table).where(table.c.tenant_id == tenant, table.c.layer_id == layer)
        row = (await self._connection.execute(wanted.order_by(table.c.number.desc()).limit(1))).one_or_none()
        return None if row is None else version_of(row)

    async def list_versions(self, tenant: str, wanted: VersionFilter, page: Page) -> Sequence[ConfigVersion]:
        """Return versions, newest first."""
        table = config_versions
        chosen = sa.select(table).where(*_versions(tenant, wanted))
        rows = await self._connection.execute(_paged(chosen, (table.c.created_at_ms, table.c.version_id), page))
        return [version_of(row) for row in rows]

    async def count_versions(self, tenant: str, wanted: VersionFilter) -> int:
        """Return how many versions fit."""
        counted = sa.select(sa.func.count()).select_from(config_versions).where(*_versions(tenant, wanted))
        return await self._connection.scalar(counted) or 0

    async def version_numbers(self, tenant: str, layer: LayerId) -> Mapping[VersionId, int]:
        """Return the number of each version of a layer."""
        table = config_versions
        wanted = sa.select(table.c.version_id, table.c.number)
        mine = wanted.where(table.c.tenant_id == tenant, table.c.layer_id == layer)
        return {VersionId(version): number for version, number in await self._connection.execute(mine)}

    async def rollout(self, tenant: str, rollout: RolloutId) -> Rollout:
        """Return a rollout, or raise NotFoundError."""
        return rollout_of(
            await self._one(self._rollout(tenant, rollout), NotFoundError("no such rollout", rollout_id=rollout))
        )

    async def rollouts(self, tenant: str, ids: Collection[RolloutId]) -> Sequence[Rollout]:
        """Return those of `ids` that there are."""
        table = rollouts
        wanted = sa.select(table).where(table.c.tenant_id == tenant, table.c.rollout_id.in_(sorted(ids)))
        return [rollout_of(row) for row in await self._connection.execute(wanted)]

    async def active_rollouts(self, tenant: str) -> Sequence[Rollout]:
        """Return all that have not ended."""
        table = rollouts
        wanted = sa.select(table).where(table.c.tenant_id == tenant, table.c.is_active)
        return [rollout_of(row) for row in await self._connection.execute(wanted)]

    async def list_rollouts(self, tenant: str, wanted: RolloutFilter, page: Page) -> Sequence[Rollout]:
        """Return rollouts, newest first."""
        table = rollouts
        chosen = sa.select(table).where(*_rollouts(tenant, wanted))
        rows = await self._connection.execute(_paged(chosen, (table.c.created_at_ms, table.c.rollout_id), page))
        return [rollout_of(row) for row in rows]

    async def count_rollouts(self, tenant: str, wanted: RolloutFilter) -> int:
        """Return how many rollouts fit."""
        counted = sa.select(sa.func.count()).select_from(rollouts).where(*_rollouts(tenant, wanted))
        return await self._connection.scalar(counted) or 0

    async def attempt(self, tenant: str, attempt: AttemptId) -> Attempt:
        """Return an attempt, or raise NotFoundError."""
        table = rollout_attempts
        wanted = sa.select(table).where(table.c.tenant_id == tenant, table.c.attempt_id == attempt)
        return attempt_of(await self._one(wanted, NotFoundError("no such attempt", attempt_id=attempt)))

    async def list_attempts(self, tenant: str, wanted: AttemptFilter, page: Page) -> Sequence[Attempt]:
        """Return attempts, newest first."""
        table = rollout_attempts
        query = sa.select(table).where(table.c.tenant_id == tenant)
        if wanted.rollout is not None:
            query = query.where(table.c.rollout_id == wanted.rollout)
        if wanted.agent is not None:
            query = query.where(table.c.agent_id == wanted.agent)
        if wanted.phases:
            query = query.where(table.c.phase.in_([phase.value for phase in wanted.phases]))
        rows = await self._connection.execute(_paged(query, (table.c.offered_at_ms, table.c.attempt_id), page))
        return [attempt_of(row) for row in rows]

    async def count_attempts(self, tenant: str, rollout: RolloutId) -> Mapping[tuple[OfferKind, AttemptPhase], int]:
        """Return how many attempts of a rollout there are of each kind and phase."""
        table = rollout_attempts
        wanted = sa.select(table.c.kind, table.c.phase, sa.func.count()).group_by(table.c.kind, table.c.phase)
        mine = wanted.where(table.c.tenant_id == tenant, table.c.rollout_id == rollout)
        return {
            (OfferKind(kind), AttemptPhase(phase)): count for kind, phase, count in await self._connection.execute(mine)
        }

    async def count_attempts_of(
        self, tenant: str, wanted: Collection[RolloutId]
    ) -> Mapping[RolloutId, Mapping[AttemptPhase, int]]:
        """Return how many offers of their waves there are of each phase."""
        table, found = rollout_attempts, defaultdict[RolloutId, dict[AttemptPhase, int]](dict)
        query = sa.select(table.c.rollout_id, table.c.phase, sa.func.count())
        mine = query.where(
            table.c.tenant_id == tenant,
            table.c.kind == OfferKind.WAVE.value,
            table.c.rollout_id.in_(sorted(wanted)),
        )
        for rollout, phase, count in await self._connection.execute(mine.group_by(table.c.rollout_id, table.c.phase)):
            found[RolloutId(rollout)][AttemptPhase(phase)] = count
        return found

    async def newest_rollouts(self, tenant: str, versions: Collection[VersionId]) -> Mapping[VersionId, Rollout]:
        """Return the newest rollout of each version that had one."""
        table = rollouts
        wanted = sa.select(table).where(table.c.tenant_id == tenant, table.c.version_id.in_(sorted(versions)))
        rows = await self._connection.execute(wanted.order_by(table.c.created_at_ms, table.c.rollout_id))
        return {found.version: found for found in map(rollout_of, rows)}

    async def versions_by_hash(self, tenant: str, hashes: Collection[str]) -> Mapping[str, tuple[VersionId, ...]]:
        """Return what configurations were made of when they were offered last."""
        table, found, wanted = rollout_attempts, dict[str, tuple[VersionId, ...]](), sorted(hashes)
        for at in range(0, len(wanted), _MANY):
            mine = sa.and_(table.c.tenant_id == tenant, table.c.hash.in_(wanted[at : at + _MANY]))
            last = sa.select(sa.func.max(table.c.attempt_id)).where(mine).group_by(table.c.hash)
            query = sa.select(table.c.hash, table.c.versions).where(table.c.attempt_id.in_(last))
            found |= {row.hash: tuple(map(VersionId, row.versions)) for row in await self._connection.execute(query)}
        return found

    async def takes(self, tenant: str, *, since_ms: int, until_ms: int, limit: int) -> Sequence[Take]:
        """Return when agents took which versions, oldest first; the newest `limit` of them."""
        table = rollout_attempts
        mine = sa.and_(table.c.tenant_id == tenant, table.c.phase == AttemptPhase.APPLIED.value)
        before = sa.select(table.c.agent_id, sa.func.max(table.c.changed_at_ms).label("at_ms"))
        last = before.where(mine, table.c.changed_at_ms < since_ms).group_by(table.c.agent_id).subquery()
        query = (
            sa.select(table.c.agent_id, table.c.versions, table.c.changed_at_ms)
            .outerjoin(last, sa.and_(last.c.agent_id == table.c.agent_id, last.c.at_ms == table.c.changed_at_ms))
            .where(mine, table.c.changed_at_ms < until_ms)
            .where(sa.or_(table.c.changed_at_ms >= since_ms, last.c.agent_id.is_not(None)))
            .order_by(table.c.changed_at_ms.desc())
            .limit(limit)
        )
        rows = (await self._connection.execute(query)).all()
        return [Take(row.agent_id, tuple(map(VersionId, row.versions)), row.changed_at_ms) for row in reversed(rows)]

    async def attempts_that_count(self, tenant: str) -> Sequence[Attempt]:
        """Return what a centre must know to go on: open ones, those of active rollouts, refused and not forgiven."""
        table = rollout_attempts
        active = sa.select(rollouts.c.rollout_id).where(rollouts.c.tenant_id == tenant, rollouts.c.is_active)
        counts = sa.or_(
            table.c.phase.in_(_OPEN),
            sa.and_(table.c.phase.in_(_REFUSED), ~table.c.forgiven),
            table.c.rollout_id.in_(active),
        )
        wanted = sa.select(table).where(table.c.tenant_id == tenant, counts)
        rows = await self._connection.execute(wanted.order_by(table.c.offered_at_ms, table.c.attempt_id))
        return [attempt_of(row) for row in rows]

    async def attempts_since(self, tenant: str, change: int) -> Sequence[Attempt]:
        """Return attempts that were written after the change of this number."""
        table = rollout_attempts
        wanted = sa.select(table).where(table.c.tenant_id == tenant, table.c.change_no > change)
        rows = await self._connection.execute(wanted.order_by(table.c.offered_at_ms, table.c.attempt_id))
        return [attempt_of(row) for row in rows]

    def _rollout(self, tenant: str, rollout: RolloutId) -> sa.Select[Any]:
        return sa.select(rollouts).where(rollouts.c.tenant_id == tenant, rollouts.c.rollout_id == rollout)

    async def _one(self, wanted: sa.Select[Any], missing: NotFoundError) -> sa.Row[Any]:
        row: sa.Row[Any] | None = (await self._connection.execute(wanted)).one_or_none()
        if row is None:
            raise missing
        return row


def _paged(wanted: sa.Select[Any], order: tuple[sa.Column[Any], sa.Column[Any]], page: Page) -> sa.Select[Any]:
    at, name = order
    if page.after is not None:
        wanted = wanted.where(sa.tuple_(at, name) < sa.tuple_(*page.after))
    return wanted.order_by(at.desc(), name.desc()).limit(page.limit)


def _versions(tenant: str, wanted: VersionFilter) -> Sequence[sa.ColumnElement[bool]]:
    table = config_versions.c
    found: list[sa.ColumnElement[bool]] = [table.tenant_id == tenant]
    if wanted.layer is not None:
        found.append(table.layer_id == wanted.layer)
    if wanted.text:
        columns = (table.version_id, table.author, table.reason)
        holds = [column.icontains(wanted.text, autoescape=True) for column in columns]
        number = wanted.text.strip().lower().removeprefix("v")
        if number.isascii() and number.isdecimal() and len(number) < 10:
            holds.append(table.number == int(number))
        found.append(sa.or_(*holds))
    return found


def _rollouts(tenant: str, wanted: RolloutFilter) -> Sequence[sa.ColumnElement[bool]]:
    table = rollouts.c
    found: list[sa.ColumnElement[bool]] = [table.tenant_id == tenant]
    if wanted.layer is not None:
        found.append(table.layer_id == wanted.layer)
    if wanted.statuses:
        found.append(table.state.in_([status.value for status in wanted.statuses]))
    if wanted.text:
        columns = (table.rollout_id, table.author, table.reason)
        found.append(sa.or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return found
